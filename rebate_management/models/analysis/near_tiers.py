"""Distributors close to a tier, and those about to miss one. Whom to look at is told by stored
accruals; what the watch list says of these few is measured live."""

from odoo.fields import Domain
from odoo.tools import SQL

from .nearness import near
from .opening import opening

# So many are shown; of so many more it is measured whether they still are that near.
SHOWN = 5
MEASURED = 12
# What lacks more than this part of the threshold is near by nobody's terms.
MARGIN = 0.5


def list_near(env, domain, today) -> dict:
    """List the agreements that lack least of their next tier, the nearest first, and those that
    will miss a tier, the dearest first.

    :param domain: of accruals
    """
    running = (
        domain
        & Domain("date_from", "<=", today)
        & Domain("date_to", ">=", today)
        & Domain("agreement_id.state", "=", "active")
        & Domain("program_id.state", "=", "active")
        & Domain("problem", "=", False)
    )
    accruals = env["rebate.accrual"]
    accruals.flush_model()
    found = near(
        env["rebate.agreement"].browse(
            dict.fromkeys([*_lacking_least(accruals, running), *_falling_most(accruals, running)])
        )
    )
    misses = sorted(
        (one for one in found if one.kind == "near_miss"),
        key=lambda one: (one.distance, one.agreement.id),
    )
    losses = [one for one in found if one.kind == "near_loss"]
    return {
        "misses": [_described(one) for one in misses[:SHOWN]],
        "losses": [_described(one) for one in losses[:SHOWN]],
    }


def _lacking_least(accruals, running):
    """The ids of the agreements that lack the smallest part of their next threshold."""
    query = accruals._search(
        running & Domain("next_tier_id", "!=", False) & Domain("to_next_tier", ">", 0)
    )
    rows = accruals.env.execute_query(
        SQL(
            """
            SELECT agreement_id
              FROM (SELECT accrual.agreement_id, accrual.to_next_tier,
                           CASE WHEN program.measure = 'quantity' THEN accrual.measured_quantity
                                ELSE accrual.measured_amount END AS bought
                      FROM (%s) picked
                      JOIN rebate_accrual accrual ON accrual.id = picked.id
                      JOIN rebate_program program ON program.id = accrual.program_id) accrual
             WHERE to_next_tier <= %s * (to_next_tier + bought)
          ORDER BY to_next_tier / (to_next_tier + bought), agreement_id
             LIMIT %s
            """,
            query.select(),
            MARGIN,
            MEASURED,
        )
    )
    return [agreement_id for (agreement_id,) in rows]


def _falling_most(accruals, running):
    """The ids of the agreements that are foreseen to earn less than in the period before."""
    query = accruals._search(running)
    rows = accruals.env.execute_query(
        SQL(
            """
            SELECT accrual.agreement_id
              FROM (%s) picked
              JOIN rebate_accrual accrual ON accrual.id = picked.id
              JOIN rebate_accrual past
                ON past.agreement_id = accrual.agreement_id
               AND past.date_to = accrual.date_from - 1
             WHERE accrual.expected_amount < past.earned_amount
          ORDER BY past.earned_amount - accrual.expected_amount DESC, accrual.agreement_id
             LIMIT %s
            """,
            query.select(),
            MEASURED,
        )
    )
    return [agreement_id for (agreement_id,) in rows]


def _described(one):
    agreement = one.agreement
    return {
        "agreement_id": agreement.id,
        "partner": agreement.partner_id.display_name,
        "program": agreement.program_id.display_name,
        "days_label": _days_left(agreement.env, one.days_left),
        "text": one.sentence,
        "worth": float(one.worth),
        "steps": agreement.current_steps or False,
        "action": opening(agreement.display_name, agreement._name, [], agreement.id),
    }


def _days_left(env, days):
    if not days:
        return env._("last day")
    return env._("1 day left") if days == 1 else env._("%s days left", days)
