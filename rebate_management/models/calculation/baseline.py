"""What growth is compared with: earlier purchases of the same distributor, or a fixed value."""

from datetime import date, timedelta
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from ...engine.growth import average
from ...engine.periods import years_before
from ...engine.prorate import prorate
from ..measure.purchases import NOTHING, PurchaseKey, Window
from .case import QUANTITY_UNIT, Baseline, Days, Years


def baseline_windows(rule, window: Window) -> list[Window]:
    """Ask for the purchases that a window of a rule's program is compared with.

    :return: windows from which the baseline is computed; none for a fixed one
    """
    first, last = window.date_from, window.date_to
    if rule.baseline == "previous_year":
        spans = [years_before(first, last, 1)]
    elif rule.baseline == "average":
        spans = [years_before(first, last, years + 1) for years in range(rule.baseline_years)]
    elif rule.baseline == "previous_period":
        spans = _previous_periods(rule, window)
    else:
        spans = []
    return [
        Window(
            (window.key, rule.id, place),
            window.agreement_id,
            *span,
            is_baseline=True,
            period_from=window.date_from,
        )
        for place, span in enumerate(spans)
    ]


def growth_windows(windows, programs) -> list[Window]:
    """Ask for the earlier periods that growth in some windows is compared with.

    :param programs: those of the windows
    """
    growing = {
        program.id: rules
        for program in programs
        if (rules := program.rule_ids.filtered(lambda rule: rule._is_growth()))
    }
    if not growing:
        return []
    agreements = programs.env["rebate.agreement"].browse(window.agreement_id for window in windows)
    return [
        baseline
        for window, agreement in zip(windows, agreements, strict=True)
        for rule in growing.get(agreement.program_id.id, ())
        for baseline in baseline_windows(rule, window)
    ]


def compare_with(rule, window: Window, agreement, purchases, terms) -> Baseline:
    """Compute what a window is compared with, in what the program counts.

    The value that the agreement fixes stands in where there were no earlier purchases.

    :param purchases: what was measured, the baseline windows included
    :param terms: the rule's, which lower a fixed value where they are pro rata
    """
    measure = rule.program_id.measure
    past = [
        purchases.get(PurchaseKey(asked.key, terms.qualifier_key), NOTHING)
        for asked in baseline_windows(rule, window)
    ]
    years = len(past) if rule.baseline == "average" else 0
    if years and rule.baseline_skip_empty:
        past = [bought for bought in past if bought.invoice_count]
    value = average([getattr(bought, measure) for bought in past])
    if value <= 0:
        fixed = Decimal(str(agreement.baseline_amount))
        return Baseline(terms.prorated(fixed, terms.counted))
    days = _compared_days(rule, window)
    if days and days.count < days.of:
        unit = terms.coin if measure == "amount" else QUANTITY_UNIT
        return Baseline(prorate(value, *days, unit), days=days, whole=value)
    return Baseline(value, years=Years(len(past), years) if len(past) < years else None)


def _previous_periods(rule, window) -> list[tuple[date, date]]:
    """The whole period before that of a window, whoever took part in it; none for a program that
    counts over its whole run.

    :return: a list of at most one ``(first day, last day)``
    """
    whole = _calendar_period(rule, window)
    if not whole:
        return []
    first, last = whole
    after = last + timedelta(1)
    months = max(12 * (after.year - first.year) + after.month - first.month, 1)
    return [(first - relativedelta(months=months), first - timedelta(1))]


def _calendar_period(rule, window):
    """The whole period of the calendar that a window lies in: of a period that was paid before the
    calendar of the program changed, the one it was cut from."""
    agreement = rule.env["rebate.agreement"].browse(window.agreement_id)
    kept = agreement._kept_whole(window) if agreement.is_recut else None
    return kept or rule.program_id._calendar_period(window.date_from)


def _compared_days(rule, window) -> Days | None:
    """Tell on how many days of the period before a window is compared with it. A period that starts
    late or ends early is compared by days: with the purchases of as many.

    :return: None where whole periods are compared, or no such ones
    """
    if rule.baseline != "previous_period":
        return None
    span = window.date_from, window.date_to
    for first, last in _previous_periods(rule, window):
        if span != _calendar_period(rule, window):
            of = (last - first).days + 1
            return Days(min((span[1] - span[0]).days + 1, of), of)
    return None
