"""Measures what distributors bought, from posted invoice lines, in one statement.

This is the only place that reads invoice lines for a rebate. Everything asked for at once, any
number of agreements and periods, is one scan: lines are first summed by invoice, then the
invoices are matched to the agreements asked for.
"""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from odoo import api, models
from odoo.fields import Domain
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
# What stands for a discount: money that is marked as such, or anything at a negative price. The
# index of :class:`AccountMoveLine` has the same condition.
IS_MONEY = SQL("(line.rebate_exclusion = 'quantity' OR line.price_unit < 0)")


class Twin(NamedTuple):
    """An agreement of the same distributor in the same program that runs at the same time and
    comes first."""

    agreement_id: int
    first: date
    last: date
    includes_children: bool


class PaidBuyer(NamedTuple):
    """A buyer whose purchases an agreement was paid for between two days, both included.

    ``below`` are the ids of the companies from just below the agreement's partner down to the
    buyer as they were then, as text, None for the partner itself. ``line_id`` is the settlement
    line that paid first."""

    agreement_id: int
    program_id: int
    partner_id: int
    line_id: int
    buyer_id: int
    below: str | None
    first: date
    last: date


class Owners(NamedTuple):
    """What the usual case has nothing of.

    ``twins`` are, by agreement id, those that come before it; ``kept`` are the buyers of paid days
    in programs where they are not those of today."""

    twins: dict[int, list[Twin]]
    kept: list[PaidBuyer]

    @property
    def is_any(self):
        """Tell whether anything is particular."""
        return bool(self.twins or self.kept)

    def is_particular(self, agreement_id, program_id):
        """Tell whether what an agreement counts is not told by its buyers and days alone."""
        return agreement_id in self.twins or any(
            kept.program_id == program_id for kept in self.kept
        )

    def kept_members(self, agreement_ids):
        """The buyers that some agreements keep, as members of the measuring statement."""
        wanted = set(agreement_ids)
        return [
            (kept.agreement_id, kept.buyer_id, kept.below, kept.first, kept.last, kept.line_id)
            for kept in self.kept
            if kept.agreement_id in wanted
        ]

    def open_spans(self, agreement_id, first, last):
        """The spans between two days for which an agreement does not keep its buyers."""
        paid = sorted({(k.first, k.last) for k in self.kept if k.agreement_id == agreement_id})
        spans, day = [], first
        for begin, end in paid:
            if day < begin:
                spans.append((day, min(begin - timedelta(days=1), last)))
            if end == date.max:
                return spans
            day = max(day, end + timedelta(days=1))
        return [*spans, (day, last)] if day <= last else spans


# Journals in which money comes in, and those whose documents are offset against each other.
PAYING = ("bank", "cash", "credit", "sale")


class LateReturn(NamedTuple):
    """A document that takes back a purchase of an agreement after that has ended, in one program:
    it counts on the day on which the purchase did. ``paid_on`` is the day of the payment that
    counts so, where the program counts what is paid."""

    move_id: int
    program_id: int
    paid_on: date | None
    day: date
    counted_on: date


DAY = timedelta(days=1)


class PaidScope(NamedTuple):
    """A sum of a program, see :class:`Tally`, and the products that it counted at a time: a row of
    ``rebate.scope``, and the greatest id that a product had then."""

    name: int
    scope_id: int
    greatest_id: int


class Paid(NamedTuple):
    """Days of an agreement that are paid for, the first day of their period, the settlement that
    paid them first, and what it counted by, where today it would count by something else."""

    period_from: date
    period_to: date
    first: date
    last: date
    settlement_id: int
    scope: tuple[PaidScope, ...]


class Tally(NamedTuple):
    """One sum to make of a program's purchases: its name in the answer, and the products that
    count (None: every product)."""

    name: object
    program_id: int
    products: SQL | None

    @property
    def is_rule(self) -> bool:
        """Tell whether it sums what a rule counts, and nothing beside."""
        return isinstance(self.name, int) and self.name > 0


class RebateMeasure(models.AbstractModel):
    _name = "rebate.measure"
    _description = "Measurement of Purchases"

    # ------------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------------

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

    # ------------------------------------------------------------------
    # Advances: the goods on a final invoice are paid by the advance that is deducted from it, as
    # far as that is paid, and by what is paid of the rest
    # ------------------------------------------------------------------

    def _has_advances(self, partner_ids) -> bool:
        """Tell whether any document of some customers has an advance, or deducts one."""
        return self._has_lines(SQL("line.is_downpayment"), partner_ids)

    def _advance_tables(self, moves: SQL) -> SQL:
        """Compose ``deducted`` and ``advanced``: which documents deduct how much of which advance,
        and which make it, take it back or refund it; with taxes, in the document's currency,
        positive where an advance is made or deducted from goods that are sold.

        An advance and its deduction are lines of one line of the order. What stands beside goods
        with the opposite sign is a deduction, anything else makes the advance.

        :param moves: a query of the customers' documents
        """
        return SQL(
            """
            downpayment AS MATERIALIZED (
                SELECT line.move_id, link.order_line_id,
                       SUM(CASE WHEN move.move_type = 'out_refund' THEN -line.price_total
                                ELSE line.price_total END) AS amount
                  FROM sale_order_line_invoice_rel link
                  JOIN account_move_line line ON line.id = link.invoice_line_id
                  JOIN account_move move ON move.id = line.move_id
                 WHERE line.is_downpayment
                   AND line.parent_state = 'posted'
                   AND move.move_type IN ('out_invoice', 'out_receipt', 'out_refund')
                   AND link.order_line_id IN (
                           SELECT own.order_line_id
                             FROM sale_order_line_invoice_rel own
                             JOIN account_move_line line ON line.id = own.invoice_line_id
                            WHERE line.is_downpayment AND line.move_id IN (%s)
                       )
              GROUP BY line.move_id, link.order_line_id
            ),
            sold AS MATERIALIZED (
                SELECT line.move_id,
                       SUM(CASE WHEN move.move_type = 'out_refund' THEN -line.price_total
                                ELSE line.price_total END) AS amount
                  FROM account_move_line line
                  JOIN account_move move ON move.id = line.move_id
                 WHERE line.display_type = 'product'
                   AND line.is_downpayment IS NOT TRUE
                   AND line.move_id IN (SELECT move_id FROM downpayment)
              GROUP BY line.move_id
            ),
            deducted AS MATERIALIZED (
                SELECT downpayment.move_id, downpayment.order_line_id,
                       -downpayment.amount AS amount
                  FROM downpayment JOIN sold ON sold.move_id = downpayment.move_id
                 WHERE SIGN(sold.amount) = -SIGN(downpayment.amount)
                   AND sold.amount <> 0
            ),
            advanced AS MATERIALIZED (
                SELECT move_id, order_line_id, amount
                  FROM downpayment
                 WHERE (move_id, order_line_id) NOT IN (SELECT move_id, order_line_id FROM deducted)
            ),
            """,
            moves,
        )

    def _final_tables(self) -> SQL:
        """Compose ``final_receipt``: what was paid of documents that deduct advances.

        An advance is paid by what was paid of it less what was refunded, as a part of what was
        advanced and kept or, if that is more, of what was deducted. It pays goods as soon as they
        are invoiced, not before.
        """
        return SQL(
            """
            scale AS MATERIALIZED (
                SELECT order_line_id,
                       CASE WHEN GREATEST(kept, deducted) > 0 THEN GREATEST(kept, deducted)
                            ELSE made END AS amount
                  FROM (SELECT order_line_id, SUM(amount) AS kept,
                               SUM(amount) FILTER (WHERE amount > 0) AS made
                          FROM advanced GROUP BY order_line_id) advance
             LEFT JOIN (SELECT order_line_id, SUM(amount) AS deducted
                          FROM deducted GROUP BY order_line_id) deduction USING (order_line_id)
            ),
            covered AS MATERIALIZED (
                SELECT order_line_id, with_discount, date, id,
                       LEAST(1, GREATEST(0, so_far / scale)) AS part,
                       LEAST(1, GREATEST(0, (so_far - amount) / scale)) AS part_before
                  FROM (SELECT order_line_id, with_discount, date, id, amount, scale,
                               SUM(amount) OVER (PARTITION BY order_line_id, with_discount
                                                     ORDER BY date, id, move_id
                                                 ROWS UNBOUNDED PRECEDING) AS so_far
                          FROM (SELECT advanced.order_line_id, receipt.with_discount, receipt.date,
                                       receipt.id, receipt.move_id, scale.amount AS scale,
                                       advanced.amount * receipt.paid / receipt.total
                                       - advanced.amount * receipt.paid_before / receipt.total
                                       AS amount
                                  FROM advanced
                                  JOIN scale ON scale.order_line_id = advanced.order_line_id
                                  JOIN receipt ON receipt.move_id = advanced.move_id
                                 WHERE receipt.total <> 0 AND scale.amount > 0) paid) paid
            ),
            final AS MATERIALIZED (
                SELECT deducted.move_id, move.invoice_date, deducted.amount
                       + COALESCE((SELECT SUM(term.amount_currency)
                                     FROM account_move_line term
                                    WHERE term.move_id = deducted.move_id
                                      AND term.display_type = 'payment_term'), 0) AS total
                  FROM (SELECT move_id, SUM(amount) AS amount
                          FROM deducted GROUP BY move_id) deducted
                  JOIN account_move move ON move.id = deducted.move_id
            ),
            final_receipt AS (
                SELECT move_id, with_discount, date, total,
                       SUM(amount) OVER so_far - amount AS paid_before,
                       SUM(amount) OVER so_far AS paid
                  FROM (SELECT final.move_id, receipt.with_discount, receipt.date, receipt.id,
                               0 AS order_line_id, final.total,
                               SIGN(receipt.signed_total) * (receipt.paid - receipt.paid_before)
                               AS amount
                          FROM final JOIN receipt ON receipt.move_id = final.move_id
                     UNION ALL
                        SELECT final.move_id, covered.with_discount,
                               GREATEST(covered.date, final.invoice_date), covered.id,
                               covered.order_line_id, final.total,
                               deducted.amount * covered.part
                               - deducted.amount * covered.part_before
                          FROM final
                          JOIN deducted ON deducted.move_id = final.move_id
                          JOIN covered ON covered.order_line_id = deducted.order_line_id) paid
                WINDOW so_far AS (PARTITION BY move_id, with_discount
                                      ORDER BY date, id, order_line_id ROWS UNBOUNDED PRECEDING)
            ),
            """
        )

    def _final_payments(self) -> SQL:
        """Compose what was paid of documents that deduct advances, as rows of ``payment``: never
        more than all of it, even where more was advanced than sold."""
        within, before = (
            SQL(
                "CASE WHEN total > 0 THEN LEAST(total, GREATEST(0, %(paid)s))"
                " ELSE GREATEST(total, LEAST(0, %(paid)s)) END",
                paid=SQL.identifier(name),
            )
            for name in ("paid", "paid_before")
        )
        return SQL(
            """
            SELECT move_id, with_discount, date, %s, %s, total
              FROM final_receipt WHERE total <> 0
         UNION ALL
            SELECT final.move_id, way.with_discount, final.invoice_date, 0, 1, 1
              FROM final, way WHERE final.total = 0
            """,
            before,
            within,
        )

    # ------------------------------------------------------------------
    # Questions that have one answer are asked once: most distributors are in several programs, and
    # those often count the same purchases
    # ------------------------------------------------------------------

    def _counted_as(self, programs) -> dict[int, int]:
        """Find programs that count the purchases of a product alike, whatever they pay.

        :return: by program id, that of the first program which counts as it does
        """
        first = {}
        return {
            program.id: first.setdefault(
                (
                    program.company_id,
                    program.currency_id,
                    program.basis,
                    program.basis == "paid" and program.early_discount_counts,
                    program.include_refunds,
                    program.count_services,
                    program.uom_id,
                    # What other programs leave to it, they leave to no other.
                    program._preceding_programs() and program,
                ),
                program.id,
            )
            for program in programs
        }

    def _questions(
        self, windows: list[Window], counted_as, owners, late=(), as_programs=None
    ) -> list[list[tuple[Window, int]]]:
        """Group windows that ask for the same purchases of the same buyer: one asks for all.

        :param counted_as: see :meth:`_counted_as`
        :param owners: see :meth:`_owners`
        :param late: see :meth:`_late_returns`; programs that have some count like no other
        :param as_programs: see :meth:`_as_programs`
        :return: in each group, the windows with the id of their program
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT agreement.id, agreement.program_id,
                       -- Which companies below the partner count depends on the program too.
                       CASE WHEN agreement.include_children THEN -agreement.id
                            ELSE agreement.partner_id END,
                       GREATEST(agreement.date_start, program.date_start),
                       LEAST(agreement.date_end, program.date_end)
                  FROM rebate_agreement agreement
                  JOIN rebate_program program ON program.id = agreement.program_id
                 WHERE agreement.id = ANY(%s)
                """,
                list({window.agreement_id for window in windows}),
            )
        )
        agreements = {agreement_id: row for agreement_id, *row in rows}
        questions = {}
        apart = {one.program_id for one in late}
        for window in windows:
            program_id, buyer, first, last = agreements[window.agreement_id]
            if owners.is_particular(window.agreement_id, program_id):
                # What other agreements of its program leave to it, they leave to no other.
                buyer = -window.agreement_id
            if window.scope:
                program_id = as_programs[program_id, window.scope]
            days = window.date_from, window.last_day
            if not window.is_baseline:
                days = max(days[0], first), min(days[1], last or date.max)
            counts_as = -program_id if program_id in apart else counted_as[program_id]
            place = (counts_as, buyer, *days)
            questions.setdefault(place, []).append((window, program_id))
        return list(questions.values())

    def _distinct(self, tallies: list[Tally], counted_as) -> list[list[Tally]]:
        """Group tallies of the same products in programs that count alike: one sums for all.

        :param counted_as: see :meth:`_counted_as`
        """
        sums = {}
        for tally in tallies:
            products = tally.products
            if products is not None:
                products = products.code, repr(products.params)
            # What takes purchases from others is of no program, and found by its name.
            place = counted_as.get(tally.program_id, tally.name), products
            sums.setdefault(place, []).append(tally)
        return list(sums.values())

    def _answers(self, answers: dict[tuple[int, int], Purchases], questions, sums):
        """Give each window its answers.

        :param answers: purchases by the places of question and sum
        :param questions: see :meth:`_questions`
        :param sums: see :meth:`_distinct`
        :return: as :meth:`_purchases`
        """
        names = [
            {
                program_id: [tally.name for tally in alike if tally.program_id == program_id]
                for program_id in {tally.program_id for tally in alike}
            }
            for alike in sums
        ]
        found = {}
        for (question, place), purchases in answers.items():
            for window, program_id in questions[question]:
                for name in names[place].get(program_id, ()):
                    key = window.key, name
                    # of days that are measured by products of their own
                    found[key] = found[key].plus(purchases) if key in found else purchases
        return found

    # ------------------------------------------------------------------
    # The conditions and amounts of the measuring statement: which purchases are whose, and worth
    # what in the program's currency
    # ------------------------------------------------------------------

    def _matched(self, programs, owners, late=()) -> SQL:
        """Compose the joins of ``bought`` (purchases) to the windows that count them.

        No purchase counts twice in a program: of two agreements above a buyer, the nearest that
        runs on the day has it, and of several that are equally near, the first. Nor does it count
        where a program that comes first has taken it.

        :param owners: see :meth:`_owners`
        :param late: see :meth:`_late_returns`; these count on another day than their own
        """
        return SQL(
            """
            JOIN wanted asked
              ON asked.buyer_id = bought.partner_id
             AND asked.is_paid = bought.is_paid
             AND asked.with_discount = bought.with_discount
             AND %(on_its_day)s BETWEEN asked.date_from AND asked.date_to
             AND bought.company_id = ANY(asked.branch_ids)
             AND (asked.include_refunds OR NOT bought.is_return)
             AND (asked.below_ids IS NULL OR NOT EXISTS (
                     SELECT 1
                       FROM rebate_agreement nearer
                      WHERE nearer.program_id = asked.program_id
                        AND nearer.state IN ('active', 'ended')
                        AND nearer.partner_id = ANY(asked.below_ids)
                        AND (nearer.include_children OR nearer.partner_id = bought.partner_id)
                        AND %(on_its_day)s >= nearer.date_start
                        AND (nearer.date_end IS NULL OR %(on_its_day)s <= nearer.date_end)
                 ))
             %(not_owned)s
             %(not_taken)s
            """,
            on_its_day=self._counted_day(late, SQL("asked.program_id")),
            not_owned=self._not_owned(
                owners, self._counted_day(late, SQL("asked.program_id")) if owners.is_any else SQL()
            ),
            not_taken=self._not_taken(late) if programs._preceding_programs() else SQL(),
        )

    def _counted_day(self, late, program_id: SQL) -> SQL:
        """Compose the day on which ``bought`` counts in a program."""
        if not late:
            return SQL("bought.date")
        return SQL(
            """
            CASE WHEN bought.move_id = ANY(%s)
                 THEN COALESCE((SELECT late.day
                                  FROM late
                                 WHERE late.move_id = bought.move_id
                                   AND late.program_id = %s
                                   AND COALESCE(late.paid_on, bought.date) = bought.date
                                 LIMIT 1), bought.date)
                 ELSE bought.date END
            """,
            sorted({one.move_id for one in late}),
            program_id,
        )

    def _quantity(self) -> SQL:
        """Compose a quantity of ``bought`` in the program's unit; nothing where no goods are moved
        or the line has no unit, NULL if it does not convert."""
        return SQL(
            """
            CASE WHEN NOT %(has_units)s OR bought.uom_root_id = 0 THEN 0
                 WHEN bought.uom_root_id = asked.uom_root_id
                 THEN bought.quantity / asked.uom_factor END
            """,
            has_units=self._has_units(),
        )

    def _is_unmeasured(self) -> SQL:
        """Compose whether a quantity of ``bought`` would count, but does not convert."""
        return SQL(
            "%s AND bought.uom_root_id <> 0 AND bought.uom_root_id <> asked.uom_root_id",
            self._has_units(),
        )

    def _is_unitless(self) -> SQL:
        """Compose whether a quantity of ``bought`` would count, but is in no unit."""
        return SQL(
            "%s AND bought.uom_root_id = 0 AND asked.uom_root_id IS NOT NULL", self._has_units()
        )

    def _has_units(self) -> SQL:
        """Compose whether the units of ``bought`` count in a program that asks for any: goods do,
        services only where the program says so."""
        return SQL(
            "(bought.uom_root_id IS NOT NULL AND (asked.count_services OR NOT bought.is_service))"
        )

    def _amount(self) -> SQL:
        """Compose an amount of ``bought`` in the program's currency, NULL without a rate.

        The net amount printed on the invoice where that is in the program's currency; otherwise
        its value in the books, converted at the rate of the invoice's day where the books differ
        too. (Under Odoo's global rounding the balance of a line may differ by a cent from the
        net amount beside it; a distributor can only check what is printed.)
        """
        return SQL(
            """
            CASE WHEN bought.currency_id = asked.currency_id THEN bought.net_amount
                 WHEN asked.company_currency_id = asked.currency_id THEN bought.balance
                 ELSE bought.balance * %s / %s END
            """,
            self._rate(SQL("asked.currency_id")),
            # Odoo's own default: a company currency without a rate is the unit.
            SQL("COALESCE(%s, 1)", self._rate(SQL("asked.company_currency_id"))),
        )

    def _rate(self, currency: SQL) -> SQL:
        """Compose the rate of a currency on the day of ``bought``, as Odoo chooses it: the
        company's own before the common one, the latest before the first to come."""
        return SQL(
            """
            (SELECT rate.rate
               FROM res_currency_rate rate
              WHERE rate.currency_id = %s
                AND (rate.company_id = asked.root_id OR rate.company_id IS NULL)
           ORDER BY rate.name > bought.invoice_date, rate.company_id,
                    ABS(rate.name - bought.invoice_date)
              LIMIT 1)
            """,
            currency,
        )

    # ------------------------------------------------------------------
    # Discounts that stand on a line of their own, shared out over the lines that they discount, so
    # that a rule which counts only some products counts them at the price that was paid
    # ------------------------------------------------------------------

    def _has_discounts(self, partner_ids) -> bool:
        """Tell whether any document of some customers has a line that may be a discount: most have
        none, and are to be counted without a thought of them."""
        return self._has_lines(SQL("line.display_type = 'product' AND %s", IS_MONEY), partner_ids)

    def _has_lines(self, condition: SQL, partner_ids) -> bool:
        """Tell whether any posted document of some customers has a line of a kind of which there
        are few: these are read first, by an index that has the condition.

        :param condition: on ``line``
        """
        return self.env.execute_query(
            SQL(
                """
                WITH kind AS MATERIALIZED (
                    SELECT DISTINCT line.move_id
                      FROM account_move_line line
                     WHERE line.parent_state = 'posted' AND %s
                )
                SELECT EXISTS (
                    SELECT 1
                      FROM kind JOIN account_move move ON move.id = kind.move_id
                     WHERE move.commercial_partner_id = ANY(%s)
                       AND move.move_type IN ('out_invoice', 'out_receipt', 'out_refund')
                )
                """,
                condition,
                list(partner_ids),
            )
        )[0][0]

    def _discount_tables(self, moves: SQL) -> SQL:
        """Compose ``discount``, the lines that discount others, and ``discounted``, their amounts
        shared out over these.

        A discount is money off by a product that is no goods, or by none, which the document does
        not also sell. It lies on the lines of its document that it lowers, those with the same
        taxes before the others (one is made for each set of taxes), in proportion to their
        amounts. Each share is the difference of two running sums, so that they add up exactly.

        :param moves: the condition on ``move`` that tells whose documents are read
        """
        return SQL(
            """
            discount AS MATERIALIZED (
                SELECT line.id, line.move_id, line.price_subtotal, line.balance, %(taxes)s AS taxes
                  FROM account_move move
                  JOIN account_move_line line ON line.move_id = move.id
             LEFT JOIN product_product product ON product.id = line.product_id
             LEFT JOIN product_template template ON template.id = product.product_tmpl_id
                 WHERE %(moves)s
                   AND line.display_type = 'product'
                   AND line.parent_state = 'posted'
                   AND %(is_money)s
                   AND line.is_downpayment IS NOT TRUE
                   AND line.rebate_exclusion IS DISTINCT FROM 'all'
                   AND (product.id IS NULL
                        OR template.type = 'service'
                        OR template.rebate_exclusion = 'quantity'
                        OR EXISTS (SELECT 1 FROM res_company company
                                    WHERE company.sale_discount_product_id = product.id))
                   AND NOT EXISTS (
                           SELECT 1
                             FROM account_move_line sold
                            WHERE sold.move_id = line.move_id
                              AND sold.product_id = line.product_id
                              AND sold.display_type = 'product'
                              AND sold.rebate_exclusion IS NULL
                              AND sold.price_unit > 0
                       )
            ),
            discounted AS MATERIALIZED (
                SELECT discount_id, line_id,
                       share_balance * so_far / total - share_balance * (so_far - own) / total
                       AS balance,
                       share_amount * so_far / total - share_amount * (so_far - own) / total
                       AS price_subtotal
                  FROM (SELECT discount_id, line_id, share_balance, share_amount, own,
                               SUM(own) OVER (PARTITION BY discount_id ORDER BY line_id) AS so_far,
                               SUM(own) OVER (PARTITION BY discount_id) AS total
                          FROM (SELECT discount.id AS discount_id, line.id AS line_id,
                                       discount.balance AS share_balance,
                                       discount.price_subtotal AS share_amount,
                                       line.price_subtotal AS own,
                                       %(taxes)s = discount.taxes AS is_alike,
                                       BOOL_OR(%(taxes)s = discount.taxes)
                                           OVER (PARTITION BY discount.id) AS has_alike
                                  FROM discount
                                  JOIN account_move_line line ON line.move_id = discount.move_id
                                 WHERE line.display_type = 'product'
                                   AND line.is_downpayment IS NOT TRUE
                                   AND line.price_subtotal * discount.price_subtotal < 0
                                   AND line.id NOT IN (SELECT id FROM discount)) lowered
                         WHERE is_alike = has_alike) share
            )
            """,
            moves=moves,
            is_money=IS_MONEY,
            taxes=SQL(
                """
                ARRAY(SELECT tax.account_tax_id
                        FROM account_move_line_account_tax_rel tax
                       WHERE tax.account_move_line_id = line.id
                    ORDER BY tax.account_tax_id)
                """
            ),
        )

    def _not_shared(self) -> SQL:
        """Compose the condition that ``line`` is no discount that others bear."""
        return SQL("AND line.id NOT IN (SELECT discount_id FROM discounted)")

    def _discount_shares(self, is_scoped, by_line, is_split) -> SQL:
        """Compose the shares of discounts as rows of ``summed``. They move no goods."""
        return SQL(
            """
            SELECT move.id, %(class_id)s, %(line_id)s, NULL::int, FALSE, %(is_return)s,
                   move.company_id, move.commercial_partner_id, move.currency_id,
                   move.invoice_date, move.move_type = 'out_refund',
                   -discounted.balance, discounted.price_subtotal, 0, TRUE
              FROM discounted
              JOIN account_move_line line ON line.id = discounted.line_id
              JOIN account_move move ON move.id = line.move_id
              %(join_class)s
             WHERE line.rebate_exclusion IS DISTINCT FROM 'all'
            """,
            class_id=SQL("COALESCE(class.class_id, 0)") if is_scoped else SQL("0"),
            line_id=SQL("line.id") if by_line else SQL("NULL::int"),
            is_return=self._is_return(SQL("line")) if is_split else SQL("FALSE"),
            join_class=SQL("LEFT JOIN class ON class.product_id = line.product_id")
            if is_scoped
            else SQL(),
        )

    def _line_discounts(self, line_ids) -> dict[int, list]:
        """Find the discounts that some invoice lines bear, and the lines of discounts that others
        bear.

        :param line_ids: of posted lines
        :return: by line id what is to be added to its untaxed amount, in the document's currency
            and with the document's sign; for a discount that others bear, its amount taken away
        """
        rows = self.env.execute_query(
            SQL(
                """
                WITH %s
                SELECT line_id, SUM(price_subtotal)::text FROM discounted
                 WHERE line_id = ANY(%s) GROUP BY line_id
             UNION ALL
                SELECT discount_id, (-SUM(price_subtotal))::text FROM discounted
                 WHERE discount_id = ANY(%s) GROUP BY discount_id
                """,
                self._discount_tables(
                    SQL(
                        "move.id IN (SELECT move_id FROM account_move_line WHERE id = ANY(%s))"
                        " AND move.move_type IN ('out_invoice', 'out_receipt', 'out_refund')",
                        line_ids,
                    )
                ),
                line_ids,
                line_ids,
            )
        )
        return dict(rows)

    # ------------------------------------------------------------------
    # The invoice lines behind what rules count, for many periods in one statement
    # ------------------------------------------------------------------

    @api.model
    def _lines_by_rule(
        self, windows: Iterable[Window], rule_ids: Collection[int] | None = None
    ) -> dict[tuple[object, int], list[LinePurchase]]:
        """Name the invoice lines that each rule counts, by the conditions of :meth:`_purchases`.

        One statement, whatever the number of windows and rules; it needs the index of
        :class:`AccountMove` on customer and invoice date.

        :param windows: agreements and dates; keys must be unique
        :param rule_ids: only what these rules count; default, every rule
        :return: by ``(key, rule id)`` the lines and what each of them adds, the latest invoice
            first; rules that count no line in a window are absent
        """
        windows = list(windows)
        if not windows:
            return {}
        agreements = self._agreements(windows)
        programs = agreements.program_id
        owners = self._owners(self._agreements(windows))
        windows = self._parts(windows)
        as_programs = self._as_programs(windows)
        late = self._late_returns(agreements)
        tallies = self._tallies(programs, as_programs)
        rows = self.env.execute_query(
            SQL(
                """
                WITH %(tables)s,
                bought AS (
                    SELECT asked.key, asked.counted_as AS program_id, bought.class_id,
                           bought.line_id, bought.date, %(amount)s AS amount,
                           %(quantity)s AS quantity
                      FROM purchase bought %(matched)s
                )
                SELECT bought.key, tally.place, bought.line_id,
                       COALESCE(SUM(bought.amount), 0)::text,
                       COALESCE(SUM(bought.quantity), 0)::text
                  FROM bought
                  JOIN tally ON tally.place = ANY(%(places)s) AND %(in_tally)s
              GROUP BY bought.key, tally.place, bought.line_id
              ORDER BY MAX(bought.date) DESC, bought.line_id DESC
                """,
                tables=self._tables(
                    windows, tallies, owners, by_line=True, late=late, as_programs=as_programs
                ),
                amount=self._amount(),
                quantity=self._quantity(),
                matched=self._matched(programs, owners, late),
                places=[
                    place
                    for place, tally in enumerate(tallies)
                    if tally.is_rule and (rule_ids is None or tally.name in rule_ids)
                ],
                in_tally=self._in_tally(),
            )
        )
        lines = {}
        for place, tally, line_id, amount, quantity in rows:
            of_rule = lines.setdefault((windows[place].key, tallies[tally].name), {})
            line = LinePurchase(line_id, Decimal(amount), Decimal(quantity))
            if other := of_rule.get(line_id):
                # paid for on days that are measured by products of their own
                line = line._replace(
                    amount=line.amount + other.amount, quantity=line.quantity + other.quantity
                )
            of_rule[line_id] = line
        return {key: list(of_rule.values()) for key, of_rule in lines.items()}

    @api.model
    def _line_ids(
        self, windows: Iterable[Window], rule_ids: Collection[int] | None = None
    ) -> list[int]:
        """Name the invoice lines that any rule counts, see :meth:`_lines_by_rule`."""
        lines = self._lines_by_rule(windows, rule_ids).values()
        return list({line.line_id for of_rule in lines for line in of_rule})

    # ------------------------------------------------------------------
    # Whose purchases are whose within a program, where more than one agreement may claim them:
    # those of distributors that were merged, and those of companies that moved after they were paid
    # for
    # ------------------------------------------------------------------

    def _owners(self, agreements) -> Owners:
        """Find what others of their programs have of that which agreements could claim."""
        self.env["rebate.agreement"].flush_model()
        return Owners(self._twins(agreements), self._kept(agreements.program_id))

    def _twins(self, agreements) -> dict[int, list[Twin]]:
        """Find agreements of one distributor in one program that run at the same time, as a merge
        of two distributors leaves them: the first has what both claim.

        :return: by id of the agreements, those that come before it
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT agreement.id, twin.id, twin.date_start, COALESCE(twin.date_end, %s),
                       twin.include_children
                  FROM rebate_agreement agreement
                  JOIN rebate_agreement twin
                    ON twin.program_id = agreement.program_id
                   AND twin.partner_id = agreement.partner_id
                   AND twin.id < agreement.id
                   AND twin.state IN ('active', 'ended')
                   AND twin.date_start <= COALESCE(agreement.date_end, %s)
                   AND agreement.date_start <= COALESCE(twin.date_end, %s)
                 WHERE agreement.id = ANY(%s)
              ORDER BY twin.id
                """,
                *[date.max] * 3,
                agreements.ids,
            )
        )
        twins = {}
        for agreement_id, *twin in rows:
            twins.setdefault(agreement_id, []).append(Twin(*twin))
        return twins

    def _kept(self, programs) -> list[PaidBuyer]:
        """Find the buyers that were counted when days were paid for, where others would be now.

        :return: those of the programs in which any agreement has others now, and in no order
        """
        kept = self._paid_buyers(programs)
        if not kept:
            return []
        agreements = self.env["rebate.agreement"].browse({row.agreement_id for row in kept})
        today = {}
        for agreement_id, buyer_id, below, *_always in self._members(agreements)[0]:
            today.setdefault(agreement_id, set()).add((buyer_id, below))
        then = {}
        for row in kept:
            span = row.agreement_id, row.line_id
            then.setdefault(span, set()).add((row.buyer_id, row.below))
        changed = {
            agreement_id
            for (agreement_id, _line_id), buyers in then.items()
            if buyers != today[agreement_id]
        }
        programs = {row.program_id for row in kept if row.agreement_id in changed}
        return [row for row in kept if row.program_id in programs]

    def _paid_buyers(self, programs) -> list[PaidBuyer]:
        """Read whose purchases were counted for days that are paid, or proposed to be. Of two
        payouts for the same days, the buyers of the first stay."""
        self.env["rebate.settlement.line"].flush_model(["accrual_id", "date_until", "state"])
        self.env["rebate.accrual"].flush_model(["agreement_id", "date_from", "date_to"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT paid.agreement_id, paid.program_id, paid.partner_id, paid.id,
                       buyer.partner_id, buyer.path, paid.first, paid.last
                  FROM (SELECT line.id, agreement.id AS agreement_id, agreement.program_id,
                               agreement.partner_id,
                               GREATEST(accrual.date_from, agreement.date_start,
                                        MAX(COALESCE(line.date_until, accrual.date_to))
                                            OVER earlier + 1) AS first,
                               LEAST(COALESCE(line.date_until, accrual.date_to),
                                     agreement.date_end, program.date_end) AS last
                          FROM rebate_settlement_line line
                          JOIN rebate_accrual accrual ON accrual.id = line.accrual_id
                          JOIN rebate_agreement agreement ON agreement.id = accrual.agreement_id
                          JOIN rebate_program program ON program.id = agreement.program_id
                         WHERE line.id IN (SELECT settlement_line_id FROM rebate_settlement_buyer)
                           AND line.state NOT IN ('rejected', 'cancelled')
                           AND program.id = ANY(%s)
                        WINDOW earlier AS (PARTITION BY line.accrual_id ORDER BY line.id
                                           ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
                       ) paid
                  JOIN rebate_settlement_buyer buyer ON buyer.settlement_line_id = paid.id
                 WHERE paid.first <= paid.last
                """,
                programs.ids,
            )
        )
        return [PaidBuyer(*row) for row in rows]

    def _not_owned(self, owners, day: SQL) -> SQL:
        """Compose the conditions that no other agreement of the program has ``bought``: none of the
        same distributor that comes first, and none that was paid for it.

        A nearer agreement has a purchase before one that was paid for it from further above; who
        was paid first has it before who was paid later.

        :param day: on which ``bought`` counts
        """
        conditions = []
        if owners.twins:
            rows = [(a, *twin) for a, twins in owners.twins.items() for twin in twins]
            conditions.append(
                SQL(
                    """
                    AND (asked.is_baseline OR NOT EXISTS (
                            SELECT 1
                              FROM unnest(%s::int[], %s::int[], %s::date[], %s::date[], %s::bool[])
                                   AS twin(agreement_id, id, first, last, includes_children)
                             WHERE twin.agreement_id = asked.agreement_id
                               AND %s BETWEEN twin.first AND twin.last
                               AND (twin.includes_children OR bought.partner_id = asked.partner_id)
                        ))
                    """,
                    *map(list, zip(*rows, strict=True)),
                    day,
                )
            )
        if owners.kept:
            conditions.append(
                SQL(
                    """
                    AND NOT EXISTS (
                            SELECT 1
                              FROM unnest(%s::int[], %s::int[], %s::int[], %s::int[], %s::int[],
                                          %s::text[], %s::date[], %s::date[])
                                   AS kept(agreement_id, program_id, partner_id, line_id, buyer_id,
                                           below, first, last)
                             WHERE kept.program_id = asked.program_id
                               AND %s BETWEEN kept.first AND kept.last
                               AND CASE WHEN kept.agreement_id = asked.agreement_id
                                        THEN asked.kept_line IS NULL
                                        ELSE kept.buyer_id = bought.partner_id
                                         AND kept.partner_id <> asked.partner_id
                                         AND COALESCE(asked.partner_id <> ALL(
                                                 string_to_array(kept.below, ',')::int[]), TRUE)
                                         AND (asked.kept_line IS NULL
                                              OR kept.line_id < asked.kept_line) END
                        )
                    """,
                    *map(list, zip(*owners.kept, strict=True)),
                    day,
                )
            )
        return SQL(" ").join(conditions)

    # ------------------------------------------------------------------
    # What was paid of invoices, and when: what was received, not what was written off
    # ------------------------------------------------------------------

    def _payment_tables(self, programs, partner_ids, first_day, last_day) -> SQL:
        """Compose ``payment``: what was paid of each invoice, when, and before that, once for
        programs in which the discount for early payment counts and once for the others.

        Whatever is reconciled with the invoice and lies in a bank, cash or sales journal pays it:
        payments, and the returns and payouts it was offset against. An entry elsewhere, such as a
        bad debt written off, pays nothing, but what exchange rates made of a payment is part of it.
        An invoice over nothing is paid when it is made, unless advances are deducted from it.
        """
        advances = self._has_advances(partner_ids)
        paid = programs.filtered(lambda program: program.basis == "paid")
        moves = SQL(
            """
            SELECT move.id
              FROM account_move move
             WHERE move.commercial_partner_id = ANY(%s)
               AND move.state = 'posted'
               AND move.move_type IN ('out_invoice', 'out_receipt', 'out_refund')
            """,
            partner_ids,
        )
        plain = SQL(
            """
            SELECT move_id, with_discount, date, paid_before, paid, total FROM receipt
             WHERE %(is_plain)s
         UNION ALL
            SELECT move.id, way.with_discount, move.invoice_date, 0, 1, 1
              FROM account_move move, way
             WHERE move.id IN (%(moves)s)
               AND move.amount_total = 0
               AND %(is_plain_move)s
            """,
            moves=moves,
            is_plain=SQL("move_id NOT IN (SELECT move_id FROM deducted)")
            if advances
            else SQL("TRUE"),
            is_plain_move=SQL("move.id NOT IN (SELECT move_id FROM deducted)")
            if advances
            else SQL("TRUE"),
        )
        return SQL(
            """
            way AS (SELECT unnest(%(ways)s::bool[]) AS with_discount),
            %(advance_tables)s
            %(receipts)s,
            %(covered)s
            payment AS (
                SELECT * FROM (%(payments)s) payment
                 WHERE date BETWEEN %(first_day)s AND %(last_day)s
            ),
            """,
            ways=sorted({bool(program.early_discount_counts) for program in paid}),
            advance_tables=self._advance_tables(moves) if advances else SQL(),
            receipts=self._receipt_tables(
                SQL("%s UNION SELECT move_id FROM downpayment", moves) if advances else moves
            ),
            covered=self._final_tables() if advances else SQL(),
            payments=SQL("%s UNION ALL %s", plain, self._final_payments()) if advances else plain,
            first_day=first_day,
            last_day=last_day,
        )

    def _receipt_tables(self, moves: SQL) -> SQL:
        """Compose ``receipt``: by document what was received with each reconciliation, and before.

        An entry that pays has on one side what it settles and on the other what came for it: money,
        tax that was withheld, receivables that were offset, and else what was written off or
        granted for early payment. What it settles is paid by the part that came; one written off
        part lies on all that the entry settles, in proportion.

        :param moves: a query of the documents
        """
        return SQL(
            """
            settled AS MATERIALIZED (
                SELECT term.move_id, partial.id, partial.max_date AS date,
                       CASE WHEN partial.debit_move_id = term.id
                            THEN partial.debit_amount_currency
                            ELSE partial.credit_amount_currency END AS amount,
                       -- none of a document that is offset, nor of an exchange difference
                       CASE WHEN counterpart.display_type IS DISTINCT FROM 'payment_term'
                             AND journal.type = ANY(%(paying)s)
                            THEN counterpart.move_id END AS entry_id,
                       SIGN(counterpart.balance) AS side, counterpart.currency_id
                  FROM account_move_line term
                  JOIN account_partial_reconcile partial
                    ON partial.debit_move_id = term.id OR partial.credit_move_id = term.id
                  JOIN account_move_line counterpart
                    ON counterpart.parent_state = 'posted'
                   AND counterpart.id = CASE WHEN partial.debit_move_id = term.id
                                             THEN partial.credit_move_id
                                             ELSE partial.debit_move_id END
                  JOIN account_journal journal ON journal.id = counterpart.journal_id
                 WHERE term.move_id IN (%(moves)s)
                   AND term.display_type = 'payment_term'
                   AND (journal.type = ANY(%(paying)s)
                        OR EXISTS (SELECT 1 FROM account_partial_reconcile exchange
                                    WHERE exchange.exchange_move_id = counterpart.move_id))
            ),
            money AS MATERIALIZED (
                SELECT id
                  FROM (SELECT id FROM account_account
                         WHERE account_type IN ('asset_cash', 'liability_credit_card',
                                                'asset_receivable', 'liability_payable')
                            -- outstanding payments
                            OR reconcile
                               AND account_type IN ('asset_current', 'liability_current')
                     UNION SELECT UNNEST(ARRAY[default_account_id, suspense_account_id])
                             FROM account_journal WHERE type IN ('bank', 'cash', 'credit')
                     UNION SELECT payment_account_id FROM account_payment_method_line
                     UNION SELECT UNNEST(ARRAY[transfer_account_id,
                                               income_currency_exchange_account_id,
                                               expense_currency_exchange_account_id])
                             FROM res_company) account
                 WHERE id IS NOT NULL
            ),
            -- Most entries are money alone, and not looked at any closer.
            mixed AS MATERIALIZED (
                SELECT DISTINCT settled.entry_id
                  FROM settled JOIN account_move_line line ON line.move_id = settled.entry_id
                 WHERE SIGN(line.balance) = -settled.side
                   AND line.account_id NOT IN (SELECT id FROM money)
            ),
            came AS MATERIALIZED (
                SELECT settled.move_id, settled.id,
                       CASE WHEN BOOL_AND(line.currency_id = settled.currency_id)
                            THEN ARRAY[SUM(ABS(line.amount_currency)),
                                       SUM(ABS(line.amount_currency)) FILTER (WHERE line.is_lost),
                                       SUM(ABS(line.amount_currency)) FILTER (WHERE line.is_early)]
                            ELSE ARRAY[SUM(ABS(line.balance)),
                                       SUM(ABS(line.balance)) FILTER (WHERE line.is_lost),
                                       SUM(ABS(line.balance)) FILTER (WHERE line.is_early)]
                       END AS parts
                  FROM settled
                  JOIN (
                        -- What is booked to and fro on one account, as the base of a tax that is
                        -- withheld, is nothing.
                        SELECT line.move_id, line.currency_id, line.is_other AND NOT line.is_tax
                               OR line.is_own_tax AS is_lost,
                               line.is_discount OR line.is_own_tax AND line.has_discount
                               AS is_early,
                               SUM(line.balance) AS balance,
                               SUM(line.amount_currency) AS amount_currency
                          FROM (SELECT line.id, line.move_id, line.balance, line.amount_currency,
                                       line.currency_id, line.account_id,
                                       line.account_id NOT IN (SELECT id FROM money)
                                       AND NOT EXISTS (
                                               SELECT 1 FROM account_payment payment
                                                WHERE payment.move_id = line.move_id
                                                  AND payment.outstanding_account_id
                                                      = line.account_id
                                           ) AS is_other,
                                       %(is_discount)s
                                       AND line.account_id NOT IN (SELECT id FROM money)
                                       AS is_discount,
                                       BOOL_OR(%(is_discount)s) OVER (PARTITION BY line.move_id)
                                       AS has_discount,
                                       %(is_tax)s AS is_tax,
                                       %(is_tax)s AND EXISTS (
                                               SELECT 1
                                                 FROM settled beside
                                                 JOIN account_move_line own
                                                   ON own.move_id = beside.move_id
                                                WHERE beside.entry_id = line.move_id
                                                  AND own.tax_line_id IS NOT NULL
                                                  AND (own.tax_line_id = line.tax_line_id
                                                       OR line.tax_line_id IS NULL
                                                          AND own.account_id = line.account_id)
                                           )
                                       AND line.account_id NOT IN (SELECT id FROM money)
                                       AS is_own_tax
                                  FROM account_move_line line
                                  JOIN res_company company ON company.id = line.company_id
                                 WHERE line.move_id IN (SELECT entry_id FROM mixed)) line
                      GROUP BY line.move_id, line.currency_id, line.account_id, is_lost, is_early,
                               CASE WHEN line.is_other THEN 0 ELSE line.id END
                     ) line
                    ON line.move_id = settled.entry_id
                   AND SIGN(line.balance) = -settled.side
              GROUP BY settled.move_id, settled.id
            ),
            total AS MATERIALIZED (
                SELECT term.move_id, SUM(ABS(term.amount_currency)) AS total,
                       SUM(term.amount_currency) AS signed_total
                  FROM account_move_line term
                 WHERE term.display_type = 'payment_term'
                   AND term.move_id IN (SELECT move_id FROM settled)
              GROUP BY term.move_id
            ),
            receipt AS MATERIALIZED (
                SELECT received.move_id, received.id, received.with_discount, received.date,
                       SUM(received.amount) OVER so_far - received.amount AS paid_before,
                       SUM(received.amount) OVER so_far AS paid,
                       total.total, total.signed_total
                  FROM (SELECT settled.move_id, settled.id, settled.date, way.with_discount,
                               CASE WHEN came.parts IS NULL THEN settled.amount
                                    ELSE settled.amount
                                         * (came.parts[1] - COALESCE(came.parts[2], 0)
                                            + CASE WHEN way.with_discount
                                                   THEN COALESCE(came.parts[3], 0) ELSE 0 END)
                                         / came.parts[1] END AS amount
                          FROM settled CROSS JOIN way
                     LEFT JOIN came USING (move_id, id)) received
                  JOIN total ON total.move_id = received.move_id
                WINDOW so_far AS (PARTITION BY received.move_id, received.with_discount
                                      ORDER BY received.date, received.id)
            )
            """,
            moves=moves,
            paying=list(PAYING),
            is_discount=SQL(
                """
                COALESCE(line.account_id IN (
                    company.account_journal_early_pay_discount_loss_account_id,
                    company.account_journal_early_pay_discount_gain_account_id), FALSE)
                """
            ),
            is_tax=SQL(
                """
                (line.tax_line_id IS NOT NULL
                 OR EXISTS (SELECT 1
                              FROM account_tax_repartition_line part
                              JOIN account_account account ON account.id = part.account_id
                             WHERE part.account_id = line.account_id
                               AND part.repartition_type = 'tax'
                               AND SPLIT_PART(account.account_type, '_', 1)
                                   IN ('asset', 'liability')))
                """
            ),
        )

    # ------------------------------------------------------------------
    # Which products count for what, as tables of the measuring statement
    # ------------------------------------------------------------------

    def _tallies(self, programs, as_programs=None) -> list[Tally]:
        """List the sums to make of the programs' purchases, see :meth:`_purchases`.

        :param as_programs: programs as they counted before, see :meth:`_as_programs`
        """
        tallies = []
        places = [(program, (), program.id) for program in programs]
        places += [
            (programs.browse(program_id), scope, number)
            for (program_id, scope), number in (as_programs or {}).items()
        ]
        for program, scope, number in places:
            kept = {part.name: part for part in scope}
            rules = {rule.id: self._counted(rule, kept) for rule in program.rule_ids}
            sums = dict(rules)
            if len(rules) > 1:
                sums[None] = self._union(list(rules.values()))
            for rule in program.rule_ids.filtered(lambda rule: rule.qualifier == "domain"):
                products = self._found(rule._qualifier_query())
                if part := kept.get(-rule.id):
                    products = self._kept_products(part, products)
                sums[-rule.id] = products
            tallies += [Tally(name, number, products) for name, products in sums.items()]
            if scope:
                tallies += [
                    self._taken_by(rival, kept, number) for rival in program._preceding_programs()
                ]
        return tallies + [self._taken_by(rival) for rival in programs._preceding_programs()]

    def _taken_by(self, rival, kept=None, number=None) -> Tally:
        """What takes a purchase is not summed, but must be told by its products too.

        :param number: of the program as it counted before, from which it takes them
        """
        return Tally(
            ("taken by", rival.id, number),
            None,
            self._union([self._counted(rule, kept or {}) for rule in rival.rule_ids]),
        )

    def _counted(self, rule, kept):
        """The ids of the products that a rule counts, or counted; None for every product.

        :param kept: what counts otherwise than today, :class:`PaidScope` by name of the sum
        """
        products = self._found(rule._product_query())
        if (part := kept.get(rule.id)) and products is not None:
            return self._kept_products(part, products)
        return products

    def _found(self, products):
        """The ids of the products a query finds; None for no query, and only then every product.

        A query that finds nothing is falsy: ask for None, not for truth.
        """
        if products is None:
            return None
        return products.subselect(SQL.identifier(products.table, "id"))

    def _union(self, queries):
        if any(query is None for query in queries):
            return None
        if not queries:
            return SQL("(SELECT NULL::int WHERE FALSE)")
        return SQL("(%s)", SQL(" UNION ").join(queries))

    def _tally_tables(self, tallies: list[Tally], is_scoped: bool) -> SQL:
        """Compose ``tally``: which classes of products each sum counts. Products that count for the
        same sums are one class, so that lines are summed by few of them; class 0 is of those that
        are counted only where every product is.

        :param is_scoped: tell classes apart; otherwise all tallies count every product
        """
        places = list(range(len(tallies)))
        programs = [tally.program_id for tally in tallies]
        if not is_scoped:
            return SQL(
                """
                tally AS (
                    SELECT place, program_id, 0 AS class_id
                      FROM unnest(%s::int[], %s::int[]) AS tally(place, program_id)
                )
                """,
                places,
                programs,
            )
        return SQL(
            """
            class AS MATERIALIZED (
                SELECT product_id, places, dense_rank() OVER (ORDER BY places)::int AS class_id
                  FROM (SELECT product_id, array_agg(place ORDER BY place) AS places
                          FROM (%(scoped)s) scoped(place, product_id)
                      GROUP BY product_id) counted
            ),
            tally AS (
                SELECT tally.place, tally.program_id, scope.class_id
                  FROM unnest(%(places)s::int[], %(programs)s::int[]) AS tally(place, program_id)
                  JOIN (SELECT class_id, unnest(places) AS place FROM class
                         UNION
                        SELECT each.class_id, every.place
                          FROM (SELECT class_id FROM class UNION SELECT 0) each,
                               unnest(%(every)s::int[]) AS every(place)) scope
                    ON scope.place = tally.place
            )
            """,
            scoped=SQL(" UNION ALL ").join(
                SQL("SELECT %s, product.id FROM (%s) product(id)", place, tally.products)
                for place, tally in enumerate(tallies)
                if tally.products is not None
            ),
            places=places,
            programs=programs,
            every=[place for place, tally in enumerate(tallies) if tally.products is None],
        )

    def _in_tally(self) -> SQL:
        """Compose the condition that ``tally`` counts ``bought``."""
        return SQL("tally.program_id = bought.program_id AND tally.class_id = bought.class_id")

    # ------------------------------------------------------------------
    # The purchases the measuring statement works on: invoice lines summed by invoice, by the date
    # on which they count, whole or by the share that is paid
    # ------------------------------------------------------------------

    def _purchase_tables(
        self, programs, partner_ids, first_day, last_day, is_scoped, by_line, late=()
    ) -> SQL:
        """Compose ``purchase``: sums by invoice and class of products, or single lines.

        Needs the index of :class:`AccountMove` on customer and invoice date.

        :param late: see :meth:`_late_returns`; they are among the purchases, whatever their day
        """
        bases = set(programs.mapped("basis"))
        dates = {
            "invoiced": SQL("move.invoice_date BETWEEN %s AND %s", first_day, last_day),
            "paid": SQL("move.id IN (SELECT move_id FROM payment)"),
        }
        if late:
            move_ids = sorted({one.move_id for one in late})
            dates["invoiced"] = SQL("(%s OR move.id = ANY(%s))", dates["invoiced"], move_ids)
        last_payment = max((one.counted_on for one in late), default=last_day)
        purchases = {"invoiced": self._invoiced(), "paid": self._paid()}
        moves = SQL(
            """
            move.state = 'posted'
            AND move.move_type IN ('out_invoice', 'out_receipt', 'out_refund')
            AND move.commercial_partner_id = ANY(%s)
            AND (%s)
            -- our own payout notes, and their reversals
            AND move.rebate_settlement_id IS NULL
            AND move.rebate_was_payout IS NOT TRUE
            """,
            partner_ids,
            SQL(" OR ").join(dates[basis] for basis in sorted(bases)),
        )
        shares = self._has_discounts(partner_ids)
        return SQL(
            "%s %s %s, purchase AS (%s)",
            self._payment_tables(programs, partner_ids, first_day, max(last_day, last_payment))
            if "paid" in bases
            else SQL(),
            SQL("%s,", self._discount_tables(moves)) if shares else SQL(),
            self._sums(programs, moves, is_scoped, by_line, shares),
            SQL(" UNION ALL ").join(purchases[basis] for basis in sorted(bases)),
        )

    def _sums(self, programs, moves, is_scoped, by_line, shares) -> SQL:
        """Compose ``summed``: the one pass over the invoice lines. What follows works on the sums.

        Buyers are given by number and not by a table of the statement, and only those columns are
        grouped that are asked for, so that PostgreSQL can share the pass among its workers.

        :param moves: the condition on ``move`` that tells whose documents are read
        :param shares: share discounts out over what they discount, see ``rebate_measure_discounts``
        """
        is_counted = bool(programs.uom_id)
        is_split = not all(programs.mapped("include_refunds"))
        class_id = SQL("COALESCE(class.class_id, 0)") if is_scoped else SQL("0")
        # in the root of its unit, to which all units that convert refer; 0 where the line has no
        # unit, none where it moves no goods
        root_id = SQL(
            """
            CASE WHEN line.rebate_exclusion IS NULL AND line.price_unit > 0
                      AND COALESCE(line.discount, 0) < 100
                 THEN COALESCE(split_part(uom.parent_path, '/', 1)::int, 0) END
            """
        )
        is_service = SQL("service.id IS NOT NULL")
        is_return = self._is_return(SQL("line"))
        return SQL(
            """
            summed AS NOT MATERIALIZED (
                SELECT move.id AS move_id, %(class_id)s AS class_id, %(line_id)s AS line_id,
                       %(root_id)s AS uom_root_id, %(is_service)s AS is_service,
                       %(is_return)s AS is_return,
                       -- the same for all lines of an invoice
                       move.company_id, move.commercial_partner_id AS partner_id,
                       move.currency_id, move.invoice_date,
                       move.move_type = 'out_refund' AS is_refund,
                       -SUM(line.balance) AS balance,
                       SUM(line.price_subtotal) AS net_amount,
                       SUM(%(quantity)s) AS quantity, FALSE AS is_share
                  FROM account_move move
                  JOIN account_move_line line ON line.move_id = move.id
                  %(join_class)s
                  %(join_uom)s
                 WHERE %(moves)s
                   AND line.display_type = 'product'
                   -- neither an advance nor its deduction: the goods count when invoiced
                   AND line.is_downpayment IS NOT TRUE
                   AND line.rebate_exclusion IS DISTINCT FROM 'all'
                   %(not_shared)s
              GROUP BY %(keys)s
              %(shares)s
            )
            """,
            class_id=class_id,
            line_id=SQL("line.id") if by_line else SQL("NULL::int"),
            root_id=root_id if is_counted else SQL("0"),
            is_service=is_service if is_counted else SQL("FALSE"),
            is_return=is_return if is_split else SQL("FALSE"),
            quantity=SQL("line.quantity * COALESCE(uom.factor, 1)") if is_counted else SQL("0"),
            join_class=SQL("LEFT JOIN class ON class.product_id = line.product_id")
            if is_scoped
            else SQL(),
            join_uom=SQL(
                """
                LEFT JOIN uom_uom uom ON uom.id = line.product_uom_id
                LEFT JOIN (
                        SELECT product.id
                          FROM product_product product
                          JOIN product_template template ON template.id = product.product_tmpl_id
                         WHERE template.type = 'service'
                    ) service
                    ON service.id = line.product_id
                """
            )
            if is_counted
            else SQL(),
            moves=moves,
            not_shared=self._not_shared() if shares else SQL(),
            shares=SQL("UNION ALL %s", self._discount_shares(is_scoped, by_line, is_split))
            if shares
            else SQL(),
            keys=SQL(", ").join(
                [SQL("move.id")]
                + [SQL("class.class_id")] * is_scoped
                + [SQL("line.id")] * by_line
                + [root_id, is_service] * is_counted
                + [is_return] * is_split
            ),
        )

    def _is_return(self, line: SQL) -> SQL:
        """Compose whether a line of ``move`` takes goods back, on whatever document it stands: a
        negative quantity on an invoice, or a quantity on a credit note. What is money alone is no
        return, whatever its sign."""
        return SQL(
            "(%(line)s.rebate_exclusion IS NULL"
            " AND (%(line)s.quantity < 0) <> (move.move_type = 'out_refund'))",
            line=line,
        )

    def _invoiced(self) -> SQL:
        """Compose what counts in full, on the invoice date."""
        return SQL(
            """
            SELECT move_id, class_id, line_id, uom_root_id, balance,
                   CASE WHEN is_refund THEN -net_amount ELSE net_amount END AS net_amount,
                   CASE WHEN is_refund THEN -quantity ELSE quantity END AS quantity,
                   invoice_date AS date, invoice_date, FALSE AS is_paid, FALSE AS with_discount,
                   company_id, partner_id, currency_id, is_service, is_return,
                   is_share
              FROM summed
            """
        )

    def _paid(self) -> SQL:
        """Compose what counts by the share that is paid, on the date of each payment.

        A payment counts what is paid with it less what was paid before it, each as a share of the
        invoice: so the payments of an invoice add up to it exactly, however its amount divides.
        """
        shares = SQL(", ").join(
            SQL(
                "%(amount)s * payment.paid / payment.total"
                " - %(amount)s * payment.paid_before / payment.total AS %(name)s",
                amount=SQL.identifier("invoiced", name),
                name=SQL.identifier(name),
            )
            for name in ("balance", "net_amount", "quantity")
        )
        return SQL(
            """
            SELECT invoiced.move_id, invoiced.class_id, invoiced.line_id, invoiced.uom_root_id,
                   %s,
                   payment.date, invoiced.invoice_date, TRUE AS is_paid, payment.with_discount,
                   invoiced.company_id, invoiced.partner_id, invoiced.currency_id,
                   invoiced.is_service, invoiced.is_return, invoiced.is_share
              FROM (%s) invoiced
              JOIN payment ON payment.move_id = invoiced.move_id
            """,
            shares,
            self._invoiced(),
        )

    # ------------------------------------------------------------------
    # Returns that come after the end: they come off the purchase that counted, whenever they come
    # ------------------------------------------------------------------

    def _late_returns(self, agreements) -> list[LateReturn]:
        """Find the returns that come after the end of the agreements that had the purchases.

        Only a credit note that was made from its invoice tells which purchase it takes back. What
        is dated while the agreement runs counts on its own day.

        :param agreements: whose purchases are measured; of their programs every agreement counts
        :return: none in most cases, which takes one small statement to find out
        """
        programs = agreements.program_id
        programs |= programs._preceding_programs()
        self.env["rebate.agreement"].flush_model()
        self.env["rebate.program"].flush_model(["date_start", "date_end", "basis"])
        [(first_end,)] = self.env.execute_query(
            SQL(
                """
                SELECT LEAST((SELECT MIN(date_end) FROM rebate_program WHERE id = ANY(%(ids)s)),
                             (SELECT MIN(date_end)
                                FROM rebate_agreement
                               WHERE program_id = ANY(%(ids)s)
                                 AND date_end IS NOT NULL
                                 AND state IN ('active', 'ended')))
                """,
                ids=programs.ids,
            )
        )
        if not first_end:
            return []
        self.env["account.move"].flush_model()
        is_paid = "paid" in programs.mapped("basis")
        [(is_any,)] = self.env.execute_query(
            SQL(
                "SELECT EXISTS (SELECT 1 FROM account_move move WHERE %s)",
                self._is_late(is_paid, first_end),
            )
        )
        if not is_any:
            return []
        rows = self.env.execute_query(self._late_query(agreements, programs, first_end, is_paid))
        return [LateReturn(*row) for row in rows]

    def _is_late(self, is_paid, first_end) -> SQL:
        """Compose the condition that ``move`` takes another back, and may be late."""
        return SQL(
            """
            move.state = 'posted'
            AND move.move_type IN ('out_invoice', 'out_receipt', 'out_refund')
            AND move.reversed_entry_id IS NOT NULL
            AND move.rebate_settlement_id IS NULL
            AND move.rebate_was_payout IS NOT TRUE
            -- a payment comes later still
            AND (%s OR move.invoice_date > %s)
            """,
            is_paid,
            first_end,
        )

    def _late_query(self, agreements, programs, first_end, is_paid) -> SQL:
        """Compose the statement of :meth:`_late_returns`: documents that take others back, led back
        to the purchase, and whose purchase that was.

        It needs Odoo's index on ``reversed_entry_id``, or that of :class:`AccountMove` on customer
        and invoice date.
        """
        return SQL(
            """
            WITH RECURSIVE buyer(id, goes_down) AS (
                SELECT partner_id, include_children FROM rebate_agreement WHERE id = ANY(%(ids)s)
                 UNION
                SELECT child.id, TRUE
                  FROM buyer JOIN res_partner child ON child.parent_id = buyer.id
                 WHERE buyer.goes_down
            ),
            taken_back(id, partner_id, date, origin_id) AS (
                SELECT move.id, move.commercial_partner_id, move.invoice_date,
                       move.reversed_entry_id
                  FROM account_move move
                 WHERE move.commercial_partner_id IN (SELECT id FROM buyer)
                   AND %(is_late)s
                 UNION
                -- what takes a return back takes the purchase up again
                SELECT taken_back.id, taken_back.partner_id, taken_back.date,
                       origin.reversed_entry_id
                  FROM taken_back JOIN account_move origin ON origin.id = taken_back.origin_id
                 WHERE origin.reversed_entry_id IS NOT NULL
            ),
            linked AS (
                SELECT taken_back.*, origin.invoice_date AS day
                  FROM taken_back JOIN account_move origin ON origin.id = taken_back.origin_id
                 WHERE origin.reversed_entry_id IS NULL
                   AND origin.state = 'posted'
                   AND origin.commercial_partner_id = taken_back.partner_id
            ),
            counted AS (
                SELECT id, partner_id, NULL::date AS paid_on, date AS counted_on, day,
                       FALSE AS is_paid
                  FROM linked
                %(payments)s
            ),
            above(buyer_id, partner_id, parent_id, depth) AS (
                SELECT partner.id, partner.id, partner.parent_id, 0
                  FROM res_partner partner
                 WHERE partner.id IN (SELECT partner_id FROM counted)
                 UNION ALL
                SELECT above.buyer_id, parent.id, parent.parent_id, above.depth + 1
                  FROM above JOIN res_partner parent ON parent.id = above.parent_id
            ),
            -- of two agreements above a buyer, the nearest had the purchase, then the first
            owned AS (
                SELECT DISTINCT ON (counted.id, program.id, counted.counted_on)
                       counted.id, program.id AS program_id, counted.paid_on, counted.day,
                       counted.counted_on, LEAST(agreement.date_end, program.date_end) AS ended_on
                  FROM counted
                  JOIN above ON above.buyer_id = counted.partner_id
                  JOIN rebate_agreement agreement
                    ON agreement.partner_id = above.partner_id
                   AND (above.depth = 0 OR agreement.include_children)
                   AND agreement.state IN ('active', 'ended')
                  JOIN rebate_program program
                    ON program.id = agreement.program_id
                   AND program.id = ANY(%(programs)s)
                   AND (program.basis = 'paid') = counted.is_paid
                 WHERE counted.day
                       BETWEEN GREATEST(agreement.date_start, program.date_start)
                           AND COALESCE(LEAST(agreement.date_end, program.date_end), 'infinity')
              ORDER BY counted.id, program.id, counted.counted_on, above.depth, agreement.id
            )
            SELECT id, program_id, paid_on, day, counted_on
              FROM owned
             WHERE counted_on > ended_on
            """,
            ids=agreements.ids,
            programs=programs.ids,
            is_late=self._is_late(is_paid, first_end),
            payments=self._late_payments() if is_paid else SQL(),
        )

    def _late_payments(self) -> SQL:
        """Compose the payments of returns, which count on the day of the payment that counted the
        purchase. A return that pays its own invoice takes back what was never paid."""
        return SQL(
            """
            UNION ALL
                SELECT linked.id, linked.partner_id, paid.date, paid.date, origin.date, TRUE
                  FROM linked
                  JOIN LATERAL (%(paid)s) paid ON TRUE
                  JOIN LATERAL (
                          SELECT MAX(before.date) AS date
                            FROM (%(before)s) before
                           WHERE before.date <= paid.date
                       ) origin ON origin.date IS NOT NULL
            """,
            paid=self._reconciled(SQL("linked.id"), SQL("linked.origin_id")),
            before=SQL(
                "%s UNION ALL %s",
                self._reconciled(SQL("linked.origin_id"), SQL("linked.id")),
                self._paid_by_advance(SQL("linked.origin_id"), SQL("linked.day")),
            ),
        )

    def _paid_by_advance(self, move_id: SQL, day: SQL) -> SQL:
        """Compose the days on which the advances that a document deducts were paid, none before its
        own day. See ``rebate_measure_advances``."""
        return SQL(
            """
            SELECT GREATEST(partial.max_date, %(day)s)
              FROM account_move_line deduction
              JOIN sale_order_line_invoice_rel own ON own.invoice_line_id = deduction.id
              JOIN sale_order_line_invoice_rel link ON link.order_line_id = own.order_line_id
              JOIN account_move_line advance
                ON advance.id = link.invoice_line_id
               AND advance.parent_state = 'posted'
              JOIN account_move_line term
                ON term.move_id = advance.move_id AND term.display_type = 'payment_term'
              JOIN account_partial_reconcile partial
                ON partial.debit_move_id = term.id OR partial.credit_move_id = term.id
             WHERE deduction.move_id = %(move_id)s
               AND deduction.is_downpayment
               -- what sells goods beside it deducts the advance itself
               AND NOT EXISTS (SELECT 1
                                 FROM account_move_line sold
                                WHERE sold.move_id = advance.move_id
                                  AND sold.display_type = 'product'
                                  AND sold.is_downpayment IS NOT TRUE)
            """,
            move_id=move_id,
            day=day,
        )

    def _reconciled(self, move_id: SQL, other_id: SQL) -> SQL:
        """Compose the days on which a document was paid, by anything but another document."""
        return SQL(
            """
            SELECT partial.max_date AS date
              FROM account_move_line term
              JOIN account_partial_reconcile partial
                ON partial.debit_move_id = term.id OR partial.credit_move_id = term.id
              JOIN account_move_line counterpart
                ON counterpart.id = CASE WHEN partial.debit_move_id = term.id
                                         THEN partial.credit_move_id
                                         ELSE partial.debit_move_id END
             WHERE term.move_id = %s
               AND term.display_type = 'payment_term'
          GROUP BY partial.max_date
            HAVING NOT bool_or(counterpart.move_id = %s)
            """,
            move_id,
            other_id,
        )

    def _late_table(self, late: list[LateReturn]) -> SQL:
        """Compose ``late``; nothing where no return is."""
        if not late:
            return SQL()
        return SQL(
            """
            late AS (
                SELECT * FROM unnest(%s::int[], %s::int[], %s::date[], %s::date[])
                           AS late(move_id, program_id, paid_on, day)
            ),
            """,
            *([getattr(one, name) for one in late] for name in LateReturn._fields[:4]),
        )

    # ------------------------------------------------------------------
    # Stacking by priority: of the programs of a group, the first that counts a purchase takes it
    # ------------------------------------------------------------------

    def _rival_table(self, programs, tallies, partner_ids, as_programs) -> SQL:
        """Compose ``rival``: which programs take whose purchases on which days before the programs
        asked about. Empty where no program comes before another."""
        rivals = programs._preceding_programs()
        if not rivals:
            return SQL()
        # Whoever may see a program must see the figures that the others leave to it.
        agreements_sudo = self.env["rebate.agreement"].sudo()
        agreements = agreements_sudo.search(
            Domain("program_id", "in", rivals.ids) & Domain("state", "in", ("active", "ended"))
        )
        places = {tally.name: place for place, tally in enumerate(tallies)}
        numbers = {program: [program.id] for program in programs}
        for (program_id, _scope), number in as_programs.items():
            numbers[programs.browse(program_id)].append(number)
        branches, _roots = self._branches(agreements.company_id)
        owners = self._owners(agreements)
        members, _company_of = self._members(agreements)
        days = {}
        for agreement_id, partner_id, _below in members:
            days.setdefault(agreement_id, {}).setdefault(partner_id, []).extend(
                owners.open_spans(agreement_id, date.min, date.max)
            )
        for kept in owners.kept:
            spans = days.setdefault(kept.agreement_id, {}).setdefault(kept.buyer_id, [])
            spans.append((kept.first, kept.last))
        rows = [
            (
                number,
                rival.id,
                buyer_id,
                max(first, agreement.date_start, rival.date_start),
                min(last, agreement.date_end or date.max, rival.date_end or date.max),
                branches[agreement.company_id.id],
                places["taken by", rival.id, number if number < 0 else None],
            )
            for program in programs
            for number in numbers[program]
            for rival in program._preceding_programs()
            for agreement in agreements.filtered(lambda a, rival=rival: a.program_id == rival)
            for buyer_id in days[agreement.id].keys() & set(partner_ids)
            for first, last in sorted(set(days[agreement.id][buyer_id]))
        ]
        return SQL(
            """
            rival AS (
                SELECT rival.program_id, rival.rival_id, rival.buyer_id,
                       rival.date_from, rival.date_to,
                       string_to_array(rival.branch_ids, ',')::int[] AS branch_ids, rival.place
                  FROM unnest(%s::int[], %s::int[], %s::int[], %s::date[], %s::date[], %s::text[],
                              %s::int[])
                       AS rival(program_id, rival_id, buyer_id, date_from, date_to, branch_ids,
                                place)
            ),
            """,
            *([list(column) for column in zip(*rows, strict=True)] or [[]] * 7),
        )

    def _not_taken(self, late=()) -> SQL:
        """Compose the condition that no program which comes first has taken ``bought``.

        What is returned stays with the program that had the purchase, even one that does not
        deduct returns.

        :param late: see :meth:`_late_returns`
        """
        return SQL(
            """
            AND NOT EXISTS (
                    SELECT 1
                      FROM rival JOIN tally ON tally.place = rival.place
                     WHERE rival.program_id = asked.counted_as
                       AND rival.buyer_id = bought.partner_id
                       AND %(day)s BETWEEN rival.date_from AND rival.date_to
                       AND bought.company_id = ANY(rival.branch_ids)
                       AND tally.class_id = bought.class_id
                )
            """,
            day=self._counted_day(late, SQL("ANY(ARRAY[asked.program_id, rival.rival_id])")),
        )

    # ------------------------------------------------------------------
    # What was settled keeps its scope: days that are paid for are measured by the products that
    # counted when they were, whatever became of categories, tags and products since
    # ------------------------------------------------------------------

    def _scopes_now(self, programs) -> dict[int, tuple[str, list[int]]]:
        """Find the products that count now, by category, tag or filter, and those that choose a
        tier; those of the programs that come first too, which take purchases by them.

        :return: by name of the sum, see :class:`Tally`, the definition and the ids in order
        """
        limited = self._changeable(programs | programs._preceding_programs())
        if not limited:
            return {}
        self._flush_products()
        found = dict(
            self.env.execute_query(
                SQL(
                    "SELECT name, array_agg(id ORDER BY id) FROM (%s) found(name, id)"
                    " GROUP BY name",
                    self._named_products(limited),
                )
            )
        )
        return {name: (limited[name][0], found.get(name, [])) for name in limited}

    def _changeable(self, programs) -> dict[int, tuple[str, SQL]]:
        """Find the sums whose products may change without any term changing.

        :return: by name of the sum, its definition and the ids of the products
        """
        limited = {}
        for rule in programs.rule_ids:
            if definition := rule._scope_definition():
                limited[rule.id] = definition, self._found(rule._product_query())
            if rule.qualifier == "domain":
                definition = rule._qualifier_definition()
                limited[-rule.id] = definition, self._found(rule._qualifier_query())
        return limited

    def _named_products(self, limited) -> SQL:
        return SQL(" UNION ALL ").join(
            SQL("SELECT %s, product.id FROM (%s) product(id)", name, products)
            for name, (_definition, products) in limited.items()
        )

    def _flush_products(self):
        for model in ("product.product", "product.template", "product.category", "product.tag"):
            self.env[model].flush_model()

    # ------------------------------------------------------------------
    # Comparing
    # ------------------------------------------------------------------

    def _paid_days(self, windows: Iterable[Window]) -> dict[int, list[Paid]]:
        """Find the days of some windows that are paid for and would be measured otherwise today.

        The usual case costs nothing where no rule is limited by what may change, and one statement
        where nothing of the windows is paid for.

        :return: by agreement id, in the order of the days
        """
        windows = list(windows)
        programs = self._agreements(windows).program_id
        rules = (programs | programs._preceding_programs()).rule_ids
        if not any(rule._scope_definition() or rule.qualifier == "domain" for rule in rules):
            return {}
        spans = self._paid_spans(windows)
        kept = {part for paid in spans.values() for one in paid for part in one.scope}
        changes = self._changes(programs, kept)
        return {
            agreement_id: differing
            for agreement_id, paid in spans.items()
            if (
                differing := [
                    one._replace(scope=scope)
                    for one in paid
                    if (scope := tuple(part for part in one.scope if part in changes))
                ]
            )
        }

    def _paid_spans(self, windows):
        """Find the days that are paid for, with all that they were counted by."""
        self.env["rebate.settlement.line"].flush_model()
        self.env["rebate.accrual"].flush_model(["agreement_id", "date_from", "date_to"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT accrual.agreement_id, accrual.date_from, accrual.date_to,
                       LEAST(line.date_until, accrual.date_to), line.settlement_id, line.scopes
                  FROM rebate_accrual accrual
                  JOIN rebate_settlement_line line ON line.accrual_id = accrual.id
                 WHERE accrual.agreement_id = ANY(%s)
                   AND accrual.date_from <= %s AND accrual.date_to >= %s
                   AND line.scopes IS NOT NULL
                   AND line.state NOT IN ('rejected', 'cancelled')
              ORDER BY line.id
                """,
                list({window.agreement_id for window in windows}),
                max(window.last_day for window in windows),
                min(window.period_from or window.date_from for window in windows),
            )
        )
        spans = {}
        for agreement_id, date_from, date_to, last, settlement_id, scopes in rows:
            paid = spans.setdefault(agreement_id, [])
            first = max(
                (one.last + DAY for one in paid if one.period_from == date_from),
                default=date_from,
            )
            # What corrects days that were paid for was counted as these were.
            if first <= last:
                scope = tuple(
                    PaidScope(int(name), scope_id, scopes["greatest"])
                    for name, scope_id in sorted(scopes["rules"].items())
                )
                paid.append(Paid(date_from, date_to, first, last, settlement_id, scope))
        for paid in spans.values():
            paid.sort(key=lambda one: one.first)
        return spans

    def _changes(self, programs, kept) -> dict[PaidScope, tuple[list[int], list[int]]]:
        """Compare what counted with what counts now, of the products that there were then.

        Where the terms were amended since, these count for all days and nothing is compared.

        :param kept: a set of :class:`PaidScope`
        :return: the products that count no longer and those that did not, of what differs
        """
        if not kept:
            return {}
        limited = self._changeable(programs | programs._preceding_programs())
        definitions = dict(
            self.env.execute_query(
                SQL(
                    "SELECT id, definition FROM rebate_scope WHERE id = ANY(%s)",
                    list({part.scope_id for part in kept}),
                )
            )
        )
        kept = [
            part
            for part in kept
            if part.name in limited and definitions.get(part.scope_id) == limited[part.name][0]
        ]
        if not kept:
            return {}
        self._flush_products()
        names = {part.name for part in kept}
        rows = self.env.execute_query(
            SQL(
                """
                WITH asked AS (
                    SELECT *
                      FROM unnest(%s::int[], %s::int[], %s::int[])
                           WITH ORDINALITY AS asked(name, scope_id, greatest_id, place)
                ),
                today(name, id) AS MATERIALIZED (%s),
                past AS MATERIALIZED (
                    SELECT scope.id AS scope_id, product.id::int AS id
                      FROM rebate_scope scope,
                           jsonb_array_elements_text(scope.products) AS product(id)
                     WHERE scope.id IN (SELECT scope_id FROM asked)
                )
                SELECT asked.place, past.id, TRUE
                  FROM asked JOIN past ON past.scope_id = asked.scope_id
                 WHERE NOT EXISTS (SELECT FROM today
                                    WHERE today.name = asked.name AND today.id = past.id)
                   AND EXISTS (SELECT FROM product_product product WHERE product.id = past.id)
             UNION ALL
                SELECT asked.place, today.id, FALSE
                  FROM asked
                  JOIN today ON today.name = asked.name AND today.id <= asked.greatest_id
                 WHERE NOT EXISTS (SELECT FROM past
                                    WHERE past.scope_id = asked.scope_id AND past.id = today.id)
                """,
                [part.name for part in kept],
                [part.scope_id for part in kept],
                [part.greatest_id for part in kept],
                self._named_products({name: limited[name] for name in names}),
            )
        )
        changes = {}
        for place, product_id, has_left in rows:
            left, joined = changes.setdefault(kept[place - 1], ([], []))
            (left if has_left else joined).append(product_id)
        return changes

    # ------------------------------------------------------------------
    # Measuring
    # ------------------------------------------------------------------

    def _parts(self, windows: list[Window]) -> list[Window]:
        """Cut windows where the days that are paid for end, so that each part is measured by its
        own products; most often there is nothing to cut.

        The earlier purchases with which growth is compared are measured as the period is that they
        are compared with, by the products of its latest payout.
        """
        paid = self._paid_days(windows)
        if not paid:
            return windows
        parts = []
        for window in windows:
            spans = paid.get(window.agreement_id, ())
            if window.is_baseline:
                of_period = [one for one in spans if one.period_from == window.period_from]
                parts.append(window._replace(scope=of_period[-1].scope if of_period else ()))
                continue
            day, last = window.date_from, window.last_day
            for one in spans:
                if one.last < day or one.first > last:
                    continue
                if one.first > day:
                    parts.append(self._part(window, day, one.first - DAY))
                day = max(day, one.first)
                parts.append(self._part(window, day, min(one.last, last), one.scope))
                day = min(one.last, last) + DAY
            if day <= last:
                parts.append(self._part(window, day, last))
        return parts

    def _part(self, window, first, last, scope=()):
        return window._replace(date_from=first, date_to=last, until=None, scope=scope)

    def _as_programs(self, parts) -> dict[tuple[int, tuple], int]:
        """Give numbers to programs as they counted before: each has sums of its own.

        :return: by id of the program and scope, a number that no program has
        """
        program_of = {
            part.agreement_id: self.env["rebate.agreement"].browse(part.agreement_id).program_id.id
            for part in parts
            if part.scope
        }
        places = dict.fromkeys(
            (program_of[part.agreement_id], part.scope) for part in parts if part.scope
        )
        # Nor is it the negative of one, by which programs with late returns are told.
        greatest = max(self._agreements(parts).program_id.ids) if places else 0
        return {place: -greatest - number for number, place in enumerate(places, 1)}

    def _kept_products(self, kept: PaidScope, today: SQL) -> SQL:
        """Compose the ids of the products that counted then, and of those that came since and
        count today."""
        return SQL(
            """
            (SELECT product.id::int
               FROM rebate_scope scope, jsonb_array_elements_text(scope.products) AS product(id)
              WHERE scope.id = %s
              UNION
             SELECT product.id FROM (%s) AS product(id) WHERE product.id > %s)
            """,
            kept.scope_id,
            today,
            kept.greatest_id,
        )

    # ------------------------------------------------------------------
    # What two agreements both count: the purchases on which the rebate of the one lowers that of
    # the other
    # ------------------------------------------------------------------

    @api.model
    def _shared_purchases(
        self, pairs: Iterable[tuple[Window, Window]]
    ) -> dict[tuple[object, object, int, int], Decimal]:
        """Measure what the first window of each pair counts of what the second counts.

        Products alone do not tell: the agreements may differ in whose purchases they count, in
        returns, in the days, and one may count what is invoiced and the other what is paid of it.

        :param pairs: windows whose keys are unique
        :return: by ``(key, other key, rule id, other rule id)``, the amount as the second counts
            it, unrounded, in the currency of its program; pairs without such purchases are absent
        """
        pairs = list(pairs)
        if not pairs:
            return {}
        windows = list({window.key: window for pair in pairs for window in pair}.values())
        place_of = {window.key: place for place, window in enumerate(windows)}
        agreements = self._agreements(windows)
        programs = agreements.program_id
        owners = self._owners(self._agreements(windows))
        parts = self._parts(windows)
        as_programs = self._as_programs(parts)
        late = self._late_returns(agreements)
        tallies = self._tallies(programs, as_programs)
        first = {}
        rules = {
            place: first.setdefault(tally.name, place)
            for place, tally in enumerate(tallies)
            if tally.is_rule
        }
        rows = self.env.execute_query(
            SQL(
                """
                WITH %(tables)s,
                -- Lines of an invoice in one class count alike, returns aside.
                counted AS (
                    SELECT bought.key, rule.place, bought.move_id, bought.class_id,
                           bought.is_return, SUM(bought.amount) AS amount
                      FROM (SELECT asked.key, asked.counted_as AS program_id, bought.move_id,
                                   bought.class_id, bought.is_return, %(amount)s AS amount
                              FROM purchase bought %(matched)s) bought
                      JOIN tally ON %(in_tally)s
                      -- one place a rule, by whatever products it counts on a day
                      JOIN unnest(%(sums)s::int[], %(rules)s::int[]) AS rule(sum, place)
                        ON rule.sum = tally.place
                  GROUP BY bought.key, rule.place, bought.move_id, bought.class_id,
                           bought.is_return
                )
                SELECT pair.place, ours.place, theirs.place, COALESCE(SUM(theirs.amount), 0)::text
                  FROM unnest(%(ours)s::int[], %(theirs)s::int[])
                       WITH ORDINALITY AS pair(ours, theirs, place)
                  JOIN counted theirs ON theirs.key = pair.theirs
                  JOIN counted ours
                    ON ours.key = pair.ours
                   AND ours.move_id = theirs.move_id
                   AND ours.class_id = theirs.class_id
                   AND ours.is_return = theirs.is_return
              GROUP BY pair.place, ours.place, theirs.place
                """,
                tables=self._tables(
                    parts,
                    tallies,
                    owners,
                    late=late,
                    as_programs=as_programs,
                    keys=[place_of[part.key] for part in parts],
                ),
                amount=self._amount(),
                matched=self._matched(programs, owners, late),
                sums=list(rules),
                rules=list(rules.values()),
                in_tally=self._in_tally(),
                ours=[place_of[ours.key] for ours, _theirs in pairs],
                theirs=[place_of[theirs.key] for _ours, theirs in pairs],
            )
        )
        return {
            (
                *(window.key for window in pairs[pair - 1]),
                tallies[ours].name,
                tallies[theirs].name,
            ): Decimal(amount)
            for pair, ours, theirs, amount in rows
        }

    # ------------------------------------------------------------------
    # The tables of the measuring statement that say what is asked: windows, buyers, products
    # ------------------------------------------------------------------

    def _tables(
        self,
        windows: list[Window],
        tallies: list[Tally],
        owners,
        by_line=False,
        counted_as=None,
        late=(),
        as_programs=None,
        keys=None,
    ) -> SQL:
        """Compose the tables the statements share: ``asked`` ``wanted`` ``tally`` ``scope``
        ``rival`` and ``purchase``, the purchases that may count at all.

        :param owners: see :meth:`_owners`
        :param counted_as: see :meth:`_counted_as`; the programs of the tallies are such then
        :param late: see :meth:`_late_returns`
        :param as_programs: programs as they counted before, see :meth:`_as_programs`
        :param keys: numbers by which the windows come back, if not by their places
        """
        agreements = self._agreements(windows)
        self._flush()
        programs = agreements.program_id
        members, company_of = self._members(agreements)
        members += owners.kept_members(agreements._ids)
        partner_ids = sorted({member[1] for member in members})
        companies = [company_of[window.agreement_id] for window in windows]
        branches, roots = self._branches(programs.company_id)
        is_scoped = any(tally.products is not None for tally in tallies)
        return SQL(
            """
            asked AS (
                SELECT w.key,
                       CASE WHEN w.is_baseline THEN w.date_from
                            ELSE GREATEST(w.date_from, agreement.date_start, program.date_start)
                        END AS date_from,
                       CASE WHEN w.is_baseline THEN w.date_to
                            ELSE LEAST(w.date_to, agreement.date_end, program.date_end)
                        END AS date_to,
                       agreement.id AS agreement_id, agreement.partner_id, w.is_baseline,
                       agreement.program_id, program.currency_id,
                       COALESCE(w.counted_as, alike.counted_as, program.id) AS counted_as,
                       -- that of its branches too
                       company.currency_id AS company_currency_id,
                       program.basis = 'paid' AS is_paid, program.include_refunds,
                       program.basis = 'paid' AND COALESCE(program.early_discount_counts, FALSE)
                       AS with_discount,
                       COALESCE(program.count_services, FALSE) AS count_services, w.root_id,
                       string_to_array(w.branch_ids, ',')::int[] AS branch_ids,
                       uom.factor AS uom_factor,
                       split_part(uom.parent_path, '/', 1)::int AS uom_root_id
                  FROM unnest(%(keys)s::int[], %(agreements)s::int[],
                              %(dates_from)s::date[], %(dates_to)s::date[],
                              %(baselines)s::bool[], %(branches)s::text[], %(roots)s::int[],
                              %(numbers)s::int[])
                       AS w(key, agreement_id, date_from, date_to, is_baseline, branch_ids,
                            root_id, counted_as)
                  JOIN rebate_agreement agreement ON agreement.id = w.agreement_id
                  JOIN rebate_program program ON program.id = agreement.program_id
                  JOIN res_company company ON company.id = program.company_id
             LEFT JOIN uom_uom uom ON uom.id = program.uom_id
             LEFT JOIN unnest(%(programs)s::int[], %(counted_as)s::int[])
                       AS alike(program_id, counted_as) ON alike.program_id = program.id
            ),
            -- Who is asked about, once for each buyer. Materialized, so that purchases can only be
            -- joined to it by their buyer: guesses about the tables above are wrong by magnitudes.
            wanted AS MATERIALIZED (
                SELECT %(asked)s, member.partner_id AS buyer_id,
                       string_to_array(member.below_ids, ',')::int[] AS below_ids
                  FROM asked
                  JOIN %(members)s ON member.agreement_id = asked.agreement_id
            ),
            %(tallies)s,
            %(rivals)s
            %(late)s
            %(purchases)s
            """,
            keys=list(range(len(windows))) if keys is None else keys,
            numbers=[
                as_programs[
                    self.env["rebate.agreement"].browse(window.agreement_id).program_id.id,
                    window.scope,
                ]
                if window.scope
                else None
                for window in windows
            ],
            programs=list(counted_as or ()),
            counted_as=list((counted_as or {}).values()),
            baselines=[window.is_baseline for window in windows],
            # A branch's invoices are its company's; exchange rates are kept by the root company.
            branches=[branches[company] for company in companies],
            roots=[roots[company] for company in companies],
            agreements=[window.agreement_id for window in windows],
            dates_from=[window.date_from for window in windows],
            dates_to=[window.last_day for window in windows],
            **self._member_tables(members, bool(owners.kept)),
            tallies=self._tally_tables(tallies, is_scoped),
            rivals=self._rival_table(programs, tallies, partner_ids, as_programs or {}),
            late=self._late_table(late),
            purchases=self._purchase_tables(
                programs,
                partner_ids,
                min(window.date_from for window in windows),
                max(window.last_day for window in windows),
                is_scoped,
                by_line,
                late,
            ),
        )

    def _member_tables(self, members, is_kept):
        """Compose what ``wanted`` takes from ``asked``, and the table of the buyers.

        :param members: see :meth:`_members`
        :param is_kept: whether some of them are buyers of certain days alone, see
            :class:`PaidBuyer`
        """
        # One row a member, without the days where nobody has any.
        width = 6 if is_kept else 3
        columns = [
            list(column)
            for column in zip(*((*m, *[None] * 3)[:width] for m in members), strict=True)
        ] or [[]] * width
        if not is_kept:
            return {
                "asked": SQL("asked.*"),
                "members": SQL(
                    "unnest(%s::int[], %s::int[], %s::text[])"
                    " AS member(agreement_id, partner_id, below_ids)",
                    *columns,
                ),
            }
        names = (
            *("key", "agreement_id", "partner_id", "is_baseline", "program_id", "currency_id"),
            *("counted_as", "company_currency_id", "is_paid", "include_refunds", "root_id"),
            *("branch_ids", "uom_factor", "uom_root_id", "with_discount", "count_services"),
        )
        return {
            "asked": SQL(
                "%s, GREATEST(asked.date_from, member.first) AS date_from,"
                " LEAST(asked.date_to, member.last) AS date_to, member.kept_line",
                SQL(", ").join(SQL.identifier("asked", name) for name in names),
            ),
            "members": SQL(
                "unnest(%s::int[], %s::int[], %s::text[], %s::date[], %s::date[], %s::int[])"
                " AS member(agreement_id, partner_id, below_ids, first, last, kept_line)",
                *columns,
            ),
        }

    def _branches(self, companies):
        """Find whose invoices are a company's, and who keeps its exchange rates.

        :return: by company id, the ids of it and its branches as text; and the id of its root
        """
        # The agreement says whose purchases count, not which companies its reader may open.
        companies_sudo = companies.sudo()
        below = companies_sudo.search([("id", "child_of", companies.ids)])
        branches = {
            company.id: ",".join(
                str(branch.id)
                for branch in below
                if branch.parent_path.startswith(company.parent_path)
            )
            for company in companies_sudo
        }
        return branches, {company.id: company.root_id.id for company in companies_sudo}

    def _members(self, agreements):
        """Find whose invoices count: the partner's own and, where the agreement includes them,
        those of the companies below.

        :return: a list of ``(agreement id, partner id, below)``, where below are the ids of the
            companies from just below the agreement's partner down to this one, as text, None for
            the partner; and the company id by agreement id
        """
        # Plain rows: there may be as many agreements as a program has distributors.
        rows = self.env.execute_query(
            SQL(
                "SELECT id, partner_id, company_id, include_children"
                " FROM rebate_agreement WHERE id = ANY(%s)",
                agreements.ids,
            )
        )
        own = [(agreement_id, partner_id, None) for agreement_id, partner_id, *_rest in rows]
        company_of = {agreement_id: company_id for agreement_id, _p, company_id, _c in rows}
        inclusive = [agreement_id for agreement_id, *_rest, includes in rows if includes]
        if not inclusive:
            return own, company_of
        below = self.env.execute_query(
            SQL(
                """
                WITH RECURSIVE below(agreement_id, partner_id, ids) AS (
                    SELECT agreement.id, child.id, child.id::text
                      FROM rebate_agreement agreement
                      JOIN res_partner child ON child.parent_id = agreement.partner_id
                     WHERE agreement.id = ANY(%s)
                 UNION ALL
                    SELECT below.agreement_id, child.id, below.ids || ',' || child.id
                      FROM below JOIN res_partner child ON child.parent_id = below.partner_id
                )
                SELECT below.agreement_id, below.partner_id, below.ids
                  FROM below
                  JOIN res_partner partner ON partner.id = below.partner_id
                 WHERE partner.commercial_partner_id = partner.id
                    -- a company that became a contact, with its invoices of before
                    OR EXISTS (SELECT FROM account_move move
                                WHERE move.commercial_partner_id = partner.id)
                """,
                inclusive,
            )
        )
        return own + below, company_of

    def _flush(self):
        """Write what the ORM still holds of the tables that the statement reads."""
        for model in (
            "account.move",
            "account.move.line",
            "account.partial.reconcile",
            "account.account",
            "account.journal",
            "account.payment",
            "account.payment.method.line",
            "account.tax.repartition.line",
            "product.product",
            "product.template",
            "rebate.agreement",
            "rebate.program",
            "rebate.rule",
            "res.company",
            "res.currency.rate",
            "res.partner",
            "uom.uom",
        ):
            self.env[model].flush_model()
