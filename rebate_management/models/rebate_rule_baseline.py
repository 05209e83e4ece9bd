"""What growth is compared with: earlier purchases of the same distributor, or a fixed value."""

from datetime import timedelta
from decimal import Decimal

from odoo import fields, models

from ..engine.growth import average
from ..engine.periods import add_months, years_before
from ..engine.prorate import prorate
from .rebate_case import QUANTITY_UNIT, Baseline, Days, Years
from .rebate_measure import NOTHING, Window


class RebateRule(models.Model):
    _inherit = "rebate.rule"

    baseline_skip_empty = fields.Boolean(
        string="Leave Out Empty Years",
        default=True,
        help="Years without any purchase do not count in the average, as those before the"
        " distributor began. Otherwise they count as 0.",
    )

    def _baseline_windows(self, window):
        """Ask for the purchases that a window of the rule's program is compared with.

        :return: windows from which the baseline is computed; none for a fixed one
        """
        self.ensure_one()
        first, last = window.date_from, window.date_to
        if self.baseline == "previous_year":
            spans = [years_before(first, last, 1)]
        elif self.baseline == "average":
            spans = [years_before(first, last, years + 1) for years in range(self.baseline_years)]
        elif self.baseline == "previous_period":
            spans = self._previous_periods(window)
        else:
            spans = []
        return [
            Window(
                (window.key, self.id, place),
                window.agreement_id,
                *span,
                is_baseline=True,
                period_from=window.date_from,
            )
            for place, span in enumerate(spans)
        ]

    def _previous_periods(self, window):
        """The whole period before that of a window, whoever took part in it; none for a program
        that counts over its whole run.

        :return: a list of at most one ``(first day, last day)``
        """
        whole = self._calendar_period(window)
        if not whole:
            return []
        first, last = whole
        after = last + timedelta(1)
        months = max(12 * (after.year - first.year) + after.month - first.month, 1)
        return [(add_months(first, -months), first - timedelta(1))]

    def _calendar_period(self, window):
        """The whole period of the calendar that a window lies in: of a period that was paid before
        the calendar of the program changed, the one it was cut from."""
        agreement = self.env["rebate.agreement"].browse(window.agreement_id)
        kept = agreement._kept_whole(window) if agreement.is_recut else None
        return kept or self.program_id._calendar_period(window.date_from)

    def _compared_days(self, window):
        """Tell on how many days of the period before a window is compared with it. A period that
        starts late or ends early is compared by days: with the purchases of as many.

        :return: :class:`Days`, or None where whole periods are compared, or no such ones
        """
        if self.baseline != "previous_period":
            return None
        span = window.date_from, window.date_to
        for first, last in self._previous_periods(window):
            if span != self._calendar_period(window):
                of = (last - first).days + 1
                return Days(min((span[1] - span[0]).days + 1, of), of)
        return None

    def _baseline(self, window, agreement, purchases, terms) -> Baseline:
        """Compute what a window is compared with, in what the program counts.

        The value that the agreement fixes stands in where there were no earlier purchases.

        :param purchases: what was measured, the baseline windows included
        :param terms: the rule's, which lower a fixed value where they are pro rata
        """
        self.ensure_one()
        measure = self.program_id.measure
        past = [
            purchases.get((asked.key, self._qualifier_key()), NOTHING)
            for asked in self._baseline_windows(window)
        ]
        years = len(past) if self.baseline == "average" else 0
        if years and self.baseline_skip_empty:
            past = [bought for bought in past if bought.invoice_count]
        value = average([getattr(bought, measure) for bought in past])
        if value <= 0:
            fixed = Decimal(str(agreement.baseline_amount))
            return Baseline(terms.prorated(fixed, terms.counted))
        days = self._compared_days(window)
        if days and days.count < days.of:
            unit = terms.unit if measure == "amount" else QUANTITY_UNIT
            return Baseline(prorate(value, *days, unit), days=days, whole=value)
        return Baseline(value, years=Years(len(past), years) if len(past) < years else None)
