"""The periods over which a program counts."""

from datetime import timedelta
from typing import NamedTuple

from odoo import models

from ..engine.periods import add_months, subdivide


class Cell(NamedTuple):
    """A period between two days, and the whole period of the calendar that it is cut from: False
    where it is the whole run of the program."""

    whole_from: object
    whole_to: object
    first: object
    last: object


class RebateProgram(models.Model):
    _inherit = "rebate.program"

    def _periods(self, first, last, until):
        """List the program's periods between two days that have begun by a third, cut at both.

        :return: list of ``(first day, last day)``
        """
        return [(cell.first, cell.last) for cell in self._cells(first, last, until)]

    def _cells(self, first, last, until):
        """List the program's periods as :meth:`_periods`, with the whole ones they are cut from.

        :return: list of :class:`Cell`
        """
        return self._subdivide(self.period_type, first, last, until)

    def _is_whole(self, first, last):
        """Tell whether a period, not cut by any dates, is one of the program's calendar as it is
        now.

        :param first: its first day, or False for the program's whole run
        """
        self.ensure_one()
        if self.period_type == "program" or not first:
            return self.period_type == "program" and not first
        year = self.company_id.compute_fiscalyear_dates(first)
        return (first, last) in subdivide(year["date_from"], year["date_to"], self.period_type)

    def _settlement_periods(self, first, last, until):
        """List the spans within a period after each of which the program pays, as
        :meth:`_periods`."""
        spans = self._subdivide(self.settlement_period, first, last, until)
        return [(span.first, span.last) for span in spans]

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
            return [Cell(False, False, first, last)] if first <= stop else []
        periods = []
        day = first
        while day <= stop:
            year = self.company_id.compute_fiscalyear_dates(day)
            periods += [
                Cell(start, end, max(start, first), min(end, last))
                for start, end in subdivide(year["date_from"], year["date_to"], kind)
                if end >= day and start <= stop
            ]
            day = year["date_to"] + timedelta(days=1)
        return periods
