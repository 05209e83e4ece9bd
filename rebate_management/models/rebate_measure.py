"""Measures what distributors bought, from posted invoice lines, in one statement.

This is the only place that reads invoice lines for a rebate. Everything asked for at once, any
number of agreements and periods, is one scan: lines are first summed by invoice, then the
invoices are matched to the agreements asked for.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL


class Window(NamedTuple):
    """A question: what did this agreement buy between two dates, both inclusive?

    Days outside the dates of agreement and program count only where ``is_baseline`` says that the
    question is about the past that they are compared with. ``until`` leaves out what came after a
    day within the period. ``key`` is the asker's own name for the question and comes back with the
    answer. ``period_from`` is the first day of the period that is compared with a past one.
    ``scope`` is for the measurement alone, see ``_parts``: products that counted before.
    """

    key: object
    agreement_id: int
    date_from: date
    date_to: date
    is_baseline: bool = False
    until: date | None = None
    period_from: date | None = None
    scope: tuple = ()

    @property
    def last_day(self) -> date:
        """The last day whose purchases count."""
        return min(self.date_to, self.until) if self.until else self.date_to


class Purchases(NamedTuple):
    """An answer: net purchases, unrounded, and the number of invoices behind them.

    ``amount`` is in the program's currency, ``quantity`` in its unit of measure (0 where it has
    none). ``unconverted`` counts purchases left out of the amount because no exchange rate is
    known, ``unmeasured`` those left out of the quantity because their unit does not convert, and
    ``unitless`` those that have no unit, whose quantity says nothing.
    """

    amount: Decimal
    quantity: Decimal
    invoice_count: int
    unconverted: int
    unmeasured: int
    unitless: int = 0

    def plus(self, other: "Purchases") -> "Purchases":
        """Add purchases of other days."""
        return Purchases(*(one + another for one, another in zip(self, other, strict=True)))


class LinePurchase(NamedTuple):
    """What one invoice line adds to an answer, unrounded, as in :class:`Purchases`."""

    line_id: int
    amount: Decimal
    quantity: Decimal


NOTHING = Purchases(Decimal(0), Decimal(0), 0, 0, 0)


class RebateMeasure(models.AbstractModel):
    _name = "rebate.measure"
    _description = "Measurement of Purchases"

    @api.model
    def _purchases(
        self, windows: Iterable[Window], owners=None
    ) -> dict[tuple[object, object], Purchases]:
        """Measure what was bought in each window, by rule and in all.

        :param windows: agreements and dates; keys must be unique
        :param owners: see :meth:`_owners`, where it was asked for already
        :return: by ``(key, rule id)`` what counts for a rule, by ``(key, -rule id)`` what counts
            for the qualifying products that a rule names, and by ``(key, None)`` what counts for
            at least one rule of the program. Windows without purchases are absent.
        """
        windows = list(windows)
        if not windows:
            return {}
        programs = self._agreements(windows).program_id
        owners = owners or self._owners(self._agreements(windows))
        windows = self._parts(windows)
        as_programs = self._as_programs(windows)
        counted_as = self._counted_as(programs)
        counted_as |= {number: number for number in as_programs.values()}
        late = self._late_returns(self._agreements(windows))
        questions = self._questions(windows, counted_as, owners, late, as_programs)
        sums = self._distinct(self._tallies(programs, as_programs), counted_as)
        tallies = [
            alike[0]._replace(program_id=counted_as.get(alike[0].program_id)) for alike in sums
        ]
        is_scoped = any(tally.products is not None for tally in tallies)
        # One row an invoice: then counting rows counts invoices, without sorting them.
        is_plain = (
            not is_scoped
            and not programs.uom_id
            and set(programs.mapped("basis")) == {"invoiced"}
            and all(programs.mapped("include_refunds"))
        )
        rows = self.env.execute_query(
            SQL(
                """
                WITH %(tables)s,
                bought AS (
                    SELECT asked.key, asked.counted_as AS program_id, bought.move_id,
                           bought.class_id, bought.is_share,
                           %(amount)s AS amount, %(quantity)s AS quantity,
                           %(is_unmeasured)s AS is_unmeasured, %(is_unitless)s AS is_unitless
                      FROM purchase bought %(matched)s
                )
                SELECT bought.key, tally.place,
                       -- As text, because Odoo would read a number from the database as a float.
                       COALESCE(SUM(bought.amount), 0)::text,
                       COALESCE(SUM(bought.quantity), 0)::text,
                       %(count)s,
                       COUNT(*) FILTER (WHERE bought.amount IS NULL),
                       COUNT(*) FILTER (WHERE bought.is_unmeasured),
                       COUNT(*) FILTER (WHERE bought.is_unitless)
                  FROM bought JOIN tally ON %(in_tally)s
              GROUP BY bought.key, tally.place
                """,
                tables=self._tables(
                    [alike[0][0] for alike in questions],
                    tallies,
                    owners,
                    counted_as=counted_as,
                    late=late,
                    as_programs=as_programs,
                ),
                amount=self._amount(),
                quantity=self._quantity(),
                is_unmeasured=self._is_unmeasured(),
                is_unitless=self._is_unitless(),
                matched=self._matched(programs, owners, late),
                count=SQL("COUNT(*) FILTER (WHERE NOT bought.is_share)")
                if is_plain
                else SQL("COUNT(DISTINCT bought.move_id)"),
                in_tally=self._in_tally(),
            )
        )
        answers = {
            (question, tally): Purchases(Decimal(amount), Decimal(quantity), *counts)
            for question, tally, amount, quantity, *counts in rows
        }
        purchases = self._answers(answers, questions, sums)
        return self._with_totals(purchases, programs)

    def _agreements(self, windows):
        return self.env["rebate.agreement"].browse({window.agreement_id for window in windows})

    def _with_totals(self, purchases, programs):
        """Add what all rules count together where that is what the only rule counts."""
        only = {program.rule_ids.id: None for program in programs if len(program.rule_ids) == 1}
        totals = {(key, None): bought for (key, name), bought in purchases.items() if name in only}
        return purchases | totals
