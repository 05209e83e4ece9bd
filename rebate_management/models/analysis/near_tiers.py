"""Distributors close to a tier, and those about to miss the one they reached the period before. Who
they are is told by stored accruals; what is shown of the few that are left is measured live."""

from odoo import fields
from odoo.fields import Domain
from odoo.tools import SQL, format_amount, format_date

from .opening import opening

# So many are shown; of so many more it is measured whether they still are that near.
SHOWN = 5
MEASURED = 12
# Near is what lacks no more than this part of the threshold.
MARGIN = 0.25


def near_misses(env, domain, today) -> list[dict]:
    """The agreements that lack least of their next tier, the nearest first.

    :param domain: of accruals
    """
    accruals = env["rebate.accrual"]
    accruals.flush_model()
    query = accruals._search(
        domain
        & Domain("date_from", "<=", today)
        & Domain("date_to", ">=", today)
        & Domain("next_tier_id", "!=", False)
        & Domain("to_next_tier", ">", 0)
        & Domain("problem", "=", False)
    )
    rows = env.execute_query(
        SQL(
            """
            SELECT agreement_id
              FROM (SELECT accrual.agreement_id, accrual.to_next_tier,
                           CASE WHEN program.measure = 'quantity' THEN accrual.measured_quantity
                                ELSE accrual.measured_amount END AS bought
                      FROM (%s) picked
                      JOIN rebate_accrual accrual ON accrual.id = picked.id
                      JOIN rebate_program program ON program.id = accrual.program_id
                     WHERE program.state = 'active') accrual
             WHERE to_next_tier <= %s * (to_next_tier + bought)
          ORDER BY to_next_tier / (to_next_tier + bought), agreement_id
             LIMIT %s
            """,
            query.select(),
            MARGIN,
            MEASURED,
        )
    )
    agreements = env["rebate.agreement"].browse(agreement_id for (agreement_id,) in rows)
    near = agreements.filtered(
        lambda one: one.state == "active" and one.current_next_tier_id and one.current_to_next_tier
    )
    near = near.sorted(lambda one: (-one.current_progress, one.id))[:SHOWN]
    return [
        {
            **_described(one, today),
            "missing": one.current_missing,
            "progress": round(one.current_progress, 1),
            "worth": one.current_next_gain,
            "text": env._(
                "%(missing)s more by %(day)s earn %(worth)s",
                missing=one.current_missing,
                day=format_date(env, one.current_date_to),
                worth=format_amount(env, one.current_next_gain, one.currency_id),
            )
            if one.current_next_gain > 0
            else env._(
                "%(missing)s more by %(day)s",
                missing=one.current_missing,
                day=format_date(env, one.current_date_to),
            ),
        }
        for one in near
    ]


def near_losses(env, domain, today) -> list[dict]:
    """The agreements of which the forecast stays below the tier that they reached the period
    before, the dearest first.

    :param domain: of accruals
    """
    query = env["rebate.accrual"]._search(
        domain
        & Domain("date_from", "<=", today)
        & Domain("date_to", ">=", today)
        & Domain("problem", "=", False)
    )
    rows = env.execute_query(
        SQL(
            """
            SELECT running.id, past.id
              FROM (%s) picked
              JOIN rebate_accrual running ON running.id = picked.id
              JOIN rebate_accrual past
                ON past.agreement_id = running.agreement_id
               AND past.date_to = running.date_from - 1
             WHERE running.expected_amount < past.earned_amount
          ORDER BY past.earned_amount - running.expected_amount DESC, running.id
             LIMIT %s
            """,
            query.select(),
            MEASURED,
        )
    )
    accruals = env["rebate.accrual"].browse(accrual_id for pair in rows for accrual_id in pair)
    accruals.fetch(["facts", "earned_amount", "expected_amount", "program_id", "date_to"])
    found = []
    for running_id, past_id in rows:
        running = env["rebate.accrual"].browse(running_id).with_prefetch(accruals.ids)
        past = env["rebate.accrual"].browse(past_id).with_prefetch(accruals.ids)
        tier = past.line_ids.tier_id.sorted("threshold")[-1:]
        if not tier or not _is_comparable(running, tier):
            continue
        value = _foreseen(running)
        if value >= tier.threshold:
            continue
        found.append((running, past, tier, value))
    return [_loss(env, today, *one) for one in found[:SHOWN]]


def _foreseen(accrual):
    """What the program will have counted at the end of a period; of the last day, and of nothing,
    nothing is foreseen."""
    if forecast := (accrual.facts or {}).get("forecast"):
        return float(forecast["value"])
    by_units = accrual.program_id.measure == "quantity"
    return accrual.measured_quantity if by_units else accrual.measured_amount


def _is_comparable(accrual, tier):
    """Tell whether a forecast of purchases can be held against a threshold: not of growth, nor of
    other products, and only where a single rule counts."""
    program, rule = accrual.program_id, tier.rule_id
    return (
        len(program.rule_ids) == 1
        and rule.qualifier == "rule"
        and rule._threshold_measure() == program.measure
    )


def _loss(env, today, running, past, tier, value):
    agreement = running.agreement_id
    rule = tier.rule_id
    missing = tier.threshold - value
    return {
        **_described(agreement, today, running.date_to),
        "missing": rule._format_purchases(missing),
        "progress": round(100 * max(0, value) / tier.threshold, 1) if tier.threshold else 0,
        "worth": past.earned_amount - running.expected_amount,
        "text": env._(
            "Foreseen %(value)s, below the tier from %(threshold)s of %(period)s",
            value=rule._format_purchases(value),
            threshold=rule._format_purchases(tier.threshold),
            period=past.period,
        ),
    }


def _described(agreement, today, last=None):
    last = fields.Date.to_date(last or agreement.current_date_to)
    name = agreement.display_name
    return {
        "agreement_id": agreement.id,
        "partner": agreement.partner_id.display_name,
        "program": agreement.program_id.display_name,
        "currency_id": agreement.currency_id.id,
        "days": (last - today).days,
        "days_label": _days_left(agreement.env, (last - today).days),
        "action": opening(name, agreement._name, [], agreement.id),
    }


def _days_left(env, days):
    if not days:
        return env._("last day")
    return env._("1 day left") if days == 1 else env._("%s days left", days)
