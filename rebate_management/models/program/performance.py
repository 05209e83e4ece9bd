"""How a program goes in its running period, or in its last where none runs: who takes part, which
tiers they have reached, what it costs. From what is stored of its periods, of the agreements that
the reader may see; a handful of statements, however many these are."""

from odoo import fields
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.formats import format_period

SUMS = ("measured_amount:sum", "earned_amount:sum", "expected_amount:sum", "__count")


def performance(program):
    """Tell how a program goes.

    :return: a dictionary that JSON can hold; empty where no period has begun. Amounts are in the
        program's currency; what a figure opens stands beside it as ``domain``, of accruals but for
        those who are enrolled, which are agreements
    """
    env = program.env
    day = _day(program)
    if not day:
        return {}
    period = Domain("program_id", "=", program.id) & Domain("date_from", "<=", day)
    period &= Domain("date_to", ">=", day)
    [(purchases, earned, expected, _count)] = env["rebate.accrual"]._read_group(period, [], SUMS)
    is_running = day == fields.Date.context_today(program)
    foreseen = _foreseen_purchases(program, period) if is_running else purchases
    return {
        "currency_id": program.currency_id.id,
        "period": _name(program, day),
        "is_running": is_running,
        "participation": _participation(program, day, period),
        "cost": {
            "purchases": purchases,
            "earned": earned,
            "percent": _percent(earned, purchases),
            "domain": list(period),
        },
        "forecast": {
            "purchases": foreseen,
            "earned": expected,
            "percent": _percent(expected, foreseen),
        },
        "scales": _scales(program, period),
        "periods": _periods(program),
    }


def _day(program):
    """Today, or the last day of the last period that has begun."""
    today = fields.Date.context_today(program)
    [(last,)] = program.env["rebate.accrual"]._read_group(
        Domain("program_id", "=", program.id) & Domain("date_from", "<=", today),
        [],
        ["date_to:max"],
    )
    return last and min(last, today)


def _name(program, day):
    whole = program._calendar_period(day) or (program.date_start, program.date_end or day)
    return format_period(program.env, *whole)


def _percent(part, whole):
    return 100 * part / whole if whole else 0


def _participation(program, day, period):
    """Count who is enrolled, who of them bought, and who earned."""
    accruals = program.env["rebate.accrual"]
    enrolled = (
        Domain("program_id", "=", program.id)
        & Domain("state", "in", ("active", "ended"))
        & Domain("date_start", "<=", day)
        & (Domain("date_end", "=", False) | Domain("date_end", ">=", day))
    )
    buying = period & (Domain("measured_amount", ">", 0) | Domain("measured_quantity", ">", 0))
    earning = period & Domain("earned_amount", ">", 0)
    return {
        "enrolled": {
            "count": program.env["rebate.agreement"].search_count(enrolled),
            "domain": list(enrolled),
        },
        **{
            name: {"count": accruals.search_count(domain), "domain": list(domain)}
            for name, domain in (("buying", buying), ("earning", earning))
        },
    }


def _foreseen_purchases(program, period):
    """Sum up what is foreseen to be bought by the end of the period; nothing of units."""
    if program.measure != "amount":
        return 0
    query = program.env["rebate.accrual"]._search(period)
    value = SQL(
        "COALESCE(SUM(COALESCE((%(table)s.facts->'forecast'->>'value')::numeric,"
        " %(table)s.measured_amount)), 0)",
        table=SQL.identifier(query.table),
    )
    program.env["rebate.accrual"].flush_model(["facts", "measured_amount"])
    [(foreseen,)] = program.env.execute_query(query.select(value))
    return float(foreseen)


def _scales(program, period):
    """Tell of each rule how many distributors have reached which of its tiers."""
    found = {
        (rule, tier): sums
        for rule, tier, *sums in program.env["rebate.accrual.line"]._read_group(
            Domain("rule_id", "in", program.rule_ids.ids) & Domain("accrual_id", "any", period),
            ["rule_id", "tier_id"],
            ["accrual_id:count_distinct", "measured_amount:sum", "earned_amount:sum"],
        )
    }
    return [
        _scale(rule, period, {tier: sums for (owner, tier), sums in found.items() if owner == rule})
        for rule in program.rule_ids
    ]


def _scale(rule, period, found):
    """Tell how many distributors have reached which tier of a rule, and what they bought.

    :param found: by tier, their number, their purchases and what they earned
    """
    env = rule.env
    # Own tiers of a distributor stand on no step of the rule's scale.
    own = [tier for tier in found if tier.agreement_id]
    steps = [
        (env._("No tier yet"), [], [env["rebate.tier"]]),
        *((tier.display_name, _short(tier), [tier]) for tier in rule.tier_ids.sorted("threshold")),
        *([(env._("Tiers of their own"), [], own)] if own else []),
    ]
    return {
        "name": rule.name,
        "steps": [
            {
                "label": label,
                # In two lines, below a bar.
                "short": short or [label],
                "distributors": sum(found.get(tier, (0, 0, 0))[0] for tier in tiers),
                "purchases": sum(found.get(tier, (0, 0, 0))[1] for tier in tiers),
                "earned": sum(found.get(tier, (0, 0, 0))[2] for tier in tiers),
                "domain": list(
                    period
                    & Domain(
                        "line_ids",
                        "any",
                        Domain("rule_id", "=", rule.id)
                        & Domain("tier_id", "in", [tier.id for tier in tiers]),
                    )
                ),
            }
            for label, short, tiers in steps
        ],
    }


def _short(tier):
    threshold = tier._format_threshold(trailing_zeroes=False)
    return [tier._format_rate(), tier.env._("from %s", threshold)]


def _periods(program):
    """Tell what each of the last eight periods cost, the oldest first."""
    rows = program.env["rebate.accrual"]._read_group(
        Domain("program_id", "=", program.id)
        & Domain("date_from", "<=", fields.Date.context_today(program)),
        ["whole_from:day", "whole_to:day"],
        ["date_from:min", "date_to:max", "measured_amount:sum", "earned_amount:sum"],
        order="whole_from:day DESC",
        limit=8,
    )
    return [
        {
            "label": format_period(program.env, first or start, last or end),
            "purchases": purchases,
            "earned": earned,
            "percent": _percent(earned, purchases),
            "domain": list(
                Domain("program_id", "=", program.id)
                & Domain("date_from", ">=", start)
                & Domain("date_to", "<=", end)
            ),
        }
        for first, last, start, end, purchases, earned in reversed(rows)
    ]
