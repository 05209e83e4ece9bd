"""The course of a period: what was bought month by month, added up, beside the same months a year
before, the tiers on the way, and where it is foreseen to end."""

from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.tools import format_date

from ...engine.periods import years_before
from ...engine.tiers import ZERO
from ...tools.formats import format_period
from ..measure.purchases import NOTHING, PurchaseKey, Window
from .progress import live_figures, prepare_steps


def course(agreement) -> dict | None:
    """Measure the running period of an agreement, or the last one that has begun, by months.

    Two statements: the period as it is decided, and its months.

    :return: ``labels`` of the months; ``now`` up to the current one, ``before`` and ``forecast``,
    each a number or None by month; ``tiers`` as in :func:`prepare_steps`; all in what must be
        bought to reach the tiers. None where no period has begun
    """
    env = agreement.env
    today = fields.Date.context_today(agreement)
    found, problems = live_figures(agreement)
    if problems or agreement.state == "draft":
        return None
    if agreement in found:
        period, result = found[agreement]
    elif period := next(reversed(agreement._periods(today)), None):
        whole = Window(agreement.id, agreement.id, *period)
        result = env["rebate.calculation"]._calculate([whole])[agreement.id]
    else:
        return None
    shown = result.nearest
    if not shown:
        return None
    months = _months(*period)
    windows = []
    for place, month in enumerate(months):
        windows += [
            Window(("now", place), agreement.id, *month),
            Window(("before", place), agreement.id, *years_before(*month, 1), True),
        ]
    purchases = env["rebate.measure"]._purchases(windows)
    begun = sum(first <= today for first, _last in months)

    def added_up(series):
        total, sums = ZERO, []
        for place in range(len(months)):
            key = PurchaseKey((series, place), shown.case.terms.qualifier_key)
            total += getattr(purchases.get(key, NOTHING), shown.case.terms.counted)
            sums.append(float(total))
        return sums

    now, before = added_up("now")[:begun], added_up("before")
    steps = prepare_steps(env, result)
    is_running = period[0] <= today < period[1] and begun < len(months)
    forecast = [None] * len(months)
    if is_running:
        forecast[begun - 1], forecast[-1] = now[-1], steps["forecast"]
    is_money = shown.case.terms.counted == "amount"
    return {
        "period": format_period(env, *period),
        "labels": [format_date(env, first, date_format="MMM yyyy") for first, _last in months],
        "now": now + [None] * (len(months) - begun),
        "before": before if any(before) else [],
        "forecast": forecast if is_running else [],
        "tiers": steps["tiers"],
        "currency_id": agreement.currency_id.id if is_money else False,
        "unit": "" if is_money else shown.case.terms.uom,
        "text": steps["text"],
    }


def _months(first, last):
    """Cut a period by the months of the calendar."""
    months = []
    while first <= last:
        end = first + relativedelta(day=31)
        months.append((first, min(end, last)))
        first = end + relativedelta(days=1)
    return months
