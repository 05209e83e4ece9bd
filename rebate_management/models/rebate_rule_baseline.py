"""What growth is compared with: earlier purchases of the same distributor, or a fixed value."""

from datetime import timedelta
from decimal import Decimal

from odoo import models

from ..engine.periods import MONTHS, add_months, years_before
from .rebate_measure import NOTHING, Window


class RebateRule(models.Model):
    _inherit = "rebate.rule"

    def _baseline_windows(self, window):
        """Ask for the purchases that a window of the rule's program is compared with.

        :return: windows whose average is the baseline; none for a fixed one
        """
        self.ensure_one()
        first, last = window.date_from, window.date_to
        months = MONTHS.get(self.program_id.period_type)
        spans = {
            "previous_year": [years_before(first, last, 1)],
            "average": [
                years_before(first, last, years) for years in range(1, self.baseline_years + 1)
            ],
            "previous_period": [(add_months(first, -months), first - timedelta(days=1))]
            if months
            else [],
        }.get(self.baseline, [])
        return [
            Window((window.key, self.id, place), window.agreement_id, *span, is_baseline=True)
            for place, span in enumerate(spans)
        ]

    def _baseline(self, window, agreement, purchases, terms):
        """Compute what a window is compared with, in what the program counts.

        The value that the agreement fixes stands in where there were no earlier purchases.

        :param purchases: what was measured, the baseline windows included
        :param terms: the rule's, which lower a fixed value where they are pro rata
        """
        self.ensure_one()
        values = [
            getattr(
                purchases.get((past.key, self._qualifier_key()), NOTHING), self.program_id.measure
            )
            for past in self._baseline_windows(window)
        ]
        average = sum(values, Decimal(0)) / len(values) if values else Decimal(0)
        if average > 0:
            return average
        return terms.prorated(Decimal(str(agreement.baseline_amount)), terms.counted)
