"""What running periods will have earned at their end: the purchases so far are carried on, and the
same rules decide on them."""

from odoo import fields, models

from ..engine.forecast import forecast
from ..engine.periods import add_months, years_before
from .rebate_measure import NOTHING, Window


class RebateCalculation(models.AbstractModel):
    _inherit = "rebate.calculation"

    def _season_windows(self, windows):
        """Ask for last year's purchases in each window that is running, to its end and to the same
        day. Where a window leaves out what came after a day, it is foreseen as of that day.

        :return: by the window that is running, ``(to the same day, to the end)``
        """
        today = fields.Date.context_today(self)
        seasons = {}
        for window in windows:
            day = window.until or today
            if window.date_from <= day < window.date_to:
                first, last = years_before(window.date_from, window.date_to, 1)
                whole = Window(("season", window.key), window.agreement_id, first, last, True)
                same_day = min(add_months(day, -12), last)
                so_far = whole._replace(key=("so far", window.key), date_to=same_day)
                seasons[window] = so_far, whole
        return seasons

    def _forecast(self, seasons, purchases):
        """Carry purchases on to the end of the running periods.

        :return: by window key, the forecast of what the program counts; and the purchases, those
            of running periods as they are expected to be
        """
        today = fields.Date.context_today(self)
        running = {window.key: (window, pair) for window, pair in seasons.items()}
        expected = dict(purchases)
        forecasts = {}
        for (key, name), bought in purchases.items():
            if key not in running:
                continue
            window, pair = running[key]
            before = [purchases.get((past.key, name), NOTHING) for past in pair]
            day = window.until or today
            days = (day - window.date_from).days + 1, (window.date_to - window.date_from).days + 1
            then = {
                measure: forecast(
                    getattr(bought, measure), *days, *(getattr(past, measure) for past in before)
                )
                for measure in ("amount", "quantity")
            }
            expected[key, name] = bought._replace(
                amount=then["amount"].value, quantity=then["quantity"].value
            )
            if name is None:
                program = self.env["rebate.agreement"].browse(window.agreement_id).program_id
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
