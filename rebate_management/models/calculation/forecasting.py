"""What running periods will have earned at their end: the purchases so far are carried on, and the
same rules decide on them."""

from dateutil.relativedelta import relativedelta

from odoo import fields

from ...engine.forecast import forecast
from ...engine.periods import years_before
from ..measure.purchases import NOTHING, PurchaseKey, Window


def season_windows(env, windows) -> dict[Window, tuple[Window, Window]]:
    """Ask for last year's purchases in each window that is running, to its end and to the same
    day. Where a window leaves out what came after a day, it is foreseen as of that day.

    :return: by the window that is running, ``(to the same day, to the end)``
    """
    today = fields.Date.context_today(env["rebate.calculation"])
    seasons = {}
    for window in windows:
        day = window.until or today
        if window.date_from <= day < window.date_to:
            first, last = years_before(window.date_from, window.date_to, 1)
            whole = Window(("season", window.key), window.agreement_id, first, last, True)
            same_day = min(day - relativedelta(years=1), last)
            so_far = whole._replace(key=("so far", window.key), date_to=same_day)
            seasons[window] = so_far, whole
    return seasons


def carry_on(env, seasons, purchases):
    """Carry purchases on to the end of the running periods.

    :param seasons: see :func:`season_windows`
    :return: by window key, the forecast of what the program counts; and the purchases, those
        of running periods as they are expected to be
    """
    today = fields.Date.context_today(env["rebate.calculation"])
    running = {window.key: (window, pair) for window, pair in seasons.items()}
    expected = dict(purchases)
    forecasts = {}
    for (key, name), bought in purchases.items():
        if key not in running:
            continue
        window, pair = running[key]
        before = [purchases.get(PurchaseKey(past.key, name), NOTHING) for past in pair]
        day = window.until or today
        days = (day - window.date_from).days + 1, (window.date_to - window.date_from).days + 1
        then = {
            measure: forecast(
                getattr(bought, measure), *days, *(getattr(past, measure) for past in before)
            )
            for measure in ("amount", "quantity")
        }
        expected[PurchaseKey(key, name)] = bought._replace(
            amount=then["amount"].value, quantity=then["quantity"].value
        )
        if name is None:
            program = env["rebate.agreement"].browse(window.agreement_id).program_id
            forecasts[key] = {
                "method": then[program.measure].method,
                "measure": program.measure,
                "value": str(then[program.measure].value),
                "so_far": str(getattr(bought, program.measure)),
                "elapsed": days[0],
                "days": days[1],
                "before": [str(getattr(past, program.measure)) for past in before],
                "unit": program.uom_id.name or "",
            }
    return forecasts, expected
