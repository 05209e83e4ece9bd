"""The periods over which a program counts."""

from datetime import timedelta

from odoo import models

from ..engine.periods import add_months, subdivide


class RebateProgram(models.Model):
    _inherit = "rebate.program"

    def _periods(self, first, last, until):
        """List the program's periods between two days that have begun by a third, cut at both.

        :return: list of ``(first day, last day)``
        """
        return self._subdivide(self.period_type, first, last, until)

    def _settlement_periods(self, first, last, until):
        """List the spans within a period after each of which the program pays, as
        :meth:`_periods`."""
        return self._subdivide(self.settlement_period, first, last, until)

    def _calendar_period(self, day):
        """Find the whole period a day lies in, whenever the program begins or ends.

        Months are those of the calendar, also where a fiscal year begins within one.

        :return: ``(first day, last day)``, or None for a program that counts over its whole run
        """
        self.ensure_one()
        if self.period_type == "program":
            return None
        if self.period_type == "month":
            first = day.replace(day=1)
            return first, add_months(first, 1) - timedelta(days=1)
        year = self.company_id.compute_fiscalyear_dates(day)
        return next(
            (first, last)
            for first, last in subdivide(year["date_from"], year["date_to"], self.period_type)
            if first <= day <= last
        )

    def _subdivide(self, kind, first, last, until):
        self.ensure_one()
        stop = min(until, last)
        if kind == "program":
            return [(first, last)] if first <= stop else []
        periods = []
        day = first
        while day <= stop:
            year = self.company_id.compute_fiscalyear_dates(day)
            periods += [
                (max(start, first), min(end, last))
                for start, end in subdivide(year["date_from"], year["date_to"], kind)
                if end >= day and start <= stop
            ]
            day = year["date_to"] + timedelta(days=1)
        return periods
