"""Distributors close to a tier, and those about to miss one. Whom to look at is told by what is
stored; what is said of these few is measured live."""

from decimal import Decimal

from odoo.fields import Domain
from odoo.tools import SQL

from .nearness import near
from .opening import opening

# So many are shown; of so many more it is measured whether they still are that near.
SHOWN = 5
MEASURED = 12
# What lacks more than this part of the threshold is near by nobody's terms.
MARGIN = 0.5
# What is told of the watch list.
WATCH_FIELDS = (
    *("agreement_id", "partner_id", "program_id", "rule_id"),
    *("kind", "facts", "worth", "date_to"),
)


def watched(env, domain) -> dict:
    """List those of the watch list, as it was written last night, without measuring anything.

    :param domain: of the watch list
    """
    nearest, dearest = _watches(env, domain)
    # Of a partner Odoo would read some sixty columns.
    (nearest | dearest).partner_id.fetch(["complete_name"])
    return {
        name: [_described(one, one.agreement_id, one.rule_id, one) for one in some[:SHOWN]]
        for name, some in (("misses", nearest), ("losses", dearest))
    }


def list_near(env, domain, today) -> dict:
    """List the agreements that lack least of their next tier, the nearest first, and those that
    will miss a tier, the dearest first, as it is by now.

    :param domain: of accruals, and of the watch list
    """
    found = near(_candidates(env, domain, today))
    misses = sorted(
        (one for one in found if one.kind == "near_miss"),
        key=lambda one: (one.distance, one.agreement.id),
    )
    losses = [one for one in found if one.kind == "near_loss"]
    return {
        "misses": [
            _described(one, one.agreement, one.rule, one.agreement) for one in misses[:SHOWN]
        ],
        "losses": [
            _described(one, one.agreement, one.rule, one.agreement) for one in losses[:SHOWN]
        ],
    }


def _watches(env, domain):
    return [
        env["rebate.watch"].search_fetch(
            domain & Domain("kind", "=", kind) & Domain("is_over", "=", False),
            WATCH_FIELDS,
            order=order,
            limit=MEASURED,
        )
        for kind, order in (("near_miss", "distance, id"), ("near_loss", "worth desc, id"))
    ]


def _candidates(env, domain, today):
    """The agreements to be measured: those that the watch list of last night has, or where it was
    never written those whose accruals look like it."""
    nearest, dearest = _watches(env, domain)
    # Whether it was ever written is known to whoever sees nothing on it, too.
    if nearest or dearest or env["rebate.watch"].sudo().search_count([], limit=1):
        return (nearest | dearest).agreement_id
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
    return env["rebate.agreement"].browse(
        dict.fromkeys([*_lacking_least(accruals, running), *_falling_most(accruals, running)])
    )


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


def _described(one, agreement, rule, enrolled):
    """Values of a row.

    :param one: of the watch list, or measured by now
    :param enrolled: what tells who takes part in which program
    """
    partner = enrolled.partner_id.complete_name
    program = enrolled.program_id.display_name
    goal, missing = (Decimal(one.facts[name]) for name in ("goal", "missing"))
    return {
        "agreement_id": agreement.id,
        "partner": partner,
        "program": program,
        "days_label": _days_left(agreement.env, one.days_left),
        "text": one.sentence,
        "worth": float(one.worth),
        # of the tier that it is about, and of no other
        "steps": {
            "value": float(goal - missing),
            "scale": float(goal),
            "value_label": rule._format_purchases(goal - missing),
            "tiers": [
                {
                    "threshold": float(goal),
                    "label": rule._format_purchases(goal),
                    "rate": "",
                    "reached": False,
                }
            ],
            "text": one.sentence,
        },
        "action": opening(f"{program} – {partner}", agreement._name, [], agreement.id),
    }


def _days_left(env, days):
    if not days:
        return env._("last day")
    return env._("1 day left") if days == 1 else env._("%s days left", days)
