"""What running periods earned to date and are foreseen to earn, beside those of a year ago."""

from odoo.fields import Domain

from ...tools.formats import format_period
from ..program.periods import PERIODS
from .money import Adder, Amount
from .opening import opening


def running_domain(day, domain=Domain.TRUE) -> Domain:
    """The accruals whose period runs on a day."""
    return domain & Domain("date_from", "<=", day) & Domain("date_to", ">=", day)


def list_earnings(env, adder: Adder, sums, domain, today, ago) -> list[dict]:
    """Tell the earnings of periods of one length each, for quarters and years do not add up to
    anything that has a name.

    Running periods are converted at today's rate, past ones at that of their last day.
    """
    kinds = {one.program.period_type for one in sums}
    rows = []
    for kind in sorted(kinds, key=PERIODS.index):
        own = [one for one in sums if one.program.period_type == kind]
        running = [one for one in own if one.runs_on(today)]
        past = [one for one in own if one.runs_on(ago, is_past=True)]
        if not (running or past):
            continue
        of_kind = domain & Domain("program_id.period_type", "=", kind)
        rows.append(
            {
                "kind": kind,
                "label": _name(env, kind, running),
                "earned": _add(adder, running, "earned", today),
                "foreseen": _add(adder, running, "expected", today),
                "before": _add(adder, past, "earned"),
                "before_label": _name(env, kind, past),
                "action": opening(
                    env._("Running Periods"), "rebate.accrual", running_domain(today, of_kind)
                ),
                "before_action": opening(
                    env._("Periods a Year Ago"), "rebate.accrual", running_domain(ago, of_kind)
                ),
            }
        )
    return rows


def _add(adder, some, name, day=None):
    return adder.total(Amount(getattr(one, name), one.currency, day or one.date_to) for one in some)


def _name(env, kind, some):
    """Name the period that all have in common, or else of which kind they are."""
    wholes = {(one.whole_from, one.whole_to) for one in some}
    if len(wholes) == 1 and all(*wholes):
        return format_period(env, *wholes.pop())
    names = {
        "month": env._("Months"),
        "quarter": env._("Quarters"),
        "half_year": env._("Half-Years"),
        "year": env._("Years"),
        "program": env._("Whole Programs"),
    }
    return names[kind]
