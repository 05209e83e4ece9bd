"""What distributors bought, in the slowest and plainest way: line by line over posted invoices,
read through the ORM, in fractions. It shares no code with what it checks."""

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from odoo import fields


def exact(number):
    """A float of the ORM as the number that it is written as."""
    return Fraction(str(number))


class Bought(NamedTuple):
    """An invoice line, or the part of one that a payment paid."""

    line: object
    buyer: object
    product: object
    day: date
    is_return: bool
    is_service: bool
    amount: Fraction
    quantity: Fraction


class NaivePurchases:
    """Purchases as of the moment it is made, optionally only those up to a day."""

    def __init__(self, env, until=date.max):
        # As of which running periods are looked at.
        self.day = min(until, fields.Date.context_today(env.user))
        moves = env["account.move"].search(
            [
                ("state", "=", "posted"),
                ("move_type", "in", ("out_invoice", "out_receipt", "out_refund")),
                ("rebate_settlement_id", "=", False),
                ("rebate_was_payout", "=", False),
            ]
        )
        self.bought = {"invoiced": [], "paid": []}
        for move in moves:
            lines = self._lines(move)
            self.bought["invoiced"] += lines
            self.bought["paid"] += [
                line._replace(day=day, amount=line.amount * part, quantity=line.quantity * part)
                for day, part in self._payments(move)
                for line in lines
            ]
        self.until = until
        self.dated = {}

    def _lines(self, move):
        """What a document sells, each line with its part of the discounts on lines of their own."""
        sold = move.invoice_line_ids.filtered(
            lambda line: line.display_type == "product" and not line.is_downpayment
        )
        amounts = {line: self._amount(move, line) for line in sold}
        for discount in sold.filtered(lambda line: self._is_discount(line, sold)):
            lowered = sold.filtered(
                lambda line, discount=discount: (
                    line.price_subtotal * discount.price_subtotal < 0
                    and not self._is_discount(line, sold)
                )
            )
            lowered = (
                lowered.filtered(lambda line, taxes=discount.tax_ids: line.tax_ids == taxes)
                or lowered
            )
            total = sum(exact(line.price_subtotal) for line in lowered)
            amount = amounts[discount]
            for line in lowered:
                part = amount * exact(line.price_subtotal) / total
                amounts[line] += part
                amounts[discount] -= part
        return [
            self._line(move, line, amount)
            for line, amount in amounts.items()
            if line.rebate_exclusion != "all"
        ]

    def _is_discount(self, line, sold):
        """Whether a line lowers others: money off by what is no goods and is not sold beside."""
        product = line.product_id
        return (
            line.rebate_exclusion != "all"
            and (line.rebate_exclusion == "quantity" or line.price_unit < 0)
            and (
                not product
                or product.type == "service"
                or product.rebate_exclusion == "quantity"
                or product == line.company_id.sale_discount_product_id
            )
            and not (
                product
                and any(
                    other.product_id == product
                    and not other.rebate_exclusion
                    and other.price_unit > 0
                    for other in sold
                )
            )
        )

    def _amount(self, move, line):
        sign = -1 if move.move_type == "out_refund" else 1
        in_dollars = move.currency_id == move.company_id.currency_id
        return exact(line.price_subtotal) * sign if in_dollars else -exact(line.balance)

    def _line(self, move, line, amount):
        sign = -1 if move.move_type == "out_refund" else 1
        moves_goods = (
            not line.rebate_exclusion
            and line.price_unit > 0
            and line.discount < 100
            and line.product_uom_id
        )
        return Bought(
            line,
            move.commercial_partner_id,
            line.product_id,
            move.invoice_date,
            not line.rebate_exclusion and line.quantity * sign < 0,
            line.product_id.type == "service",
            amount,
            exact(line.quantity) * sign * exact(line.product_uom_id.factor)
            if moves_goods
            else Fraction(0),
        )

    def _payments(self, move):
        """When which part of a document was paid: by what was paid on it and by the advances that
        it deducts, as far as these are paid, never more than all of it."""
        deducted = self._deducted(move)
        if not deducted:
            return self._paid_on(move)
        terms = move.line_ids.filtered(lambda line: line.display_type == "payment_term")
        rest = sum(exact(term.amount_currency) for term in terms)
        total = rest + sum(deducted.values())
        if not total:
            return [(move.invoice_date, Fraction(1))]
        events = [(day, rest * part) for day, part in self._paid_on(move)] if rest else []
        for order_line, amount in deducted.items():
            before = Fraction(0)
            for day, after in self._advance_paid(order_line):
                events.append((max(day, move.invoice_date), amount * (after - before)))
                before = after
        parts, so_far = [], Fraction(0)
        for day, amount in sorted(events, key=lambda event: event[0]):
            before, so_far = so_far, so_far + amount
            parts.append((day, self._within(so_far / total) - self._within(before / total)))
        return parts

    def _within(self, part):
        return min(max(part, Fraction(0)), Fraction(1))

    def _deducted(self, move):
        """How much of which advance a document deducts, by line of the order, with taxes."""
        sold = move.invoice_line_ids.filtered(lambda line: line.display_type == "product")
        sign = -1 if move.move_type == "out_refund" else 1
        goods = sum(exact(line.price_total) for line in sold if not line.is_downpayment) * sign
        amounts = {}
        for line in sold.filtered("is_downpayment"):
            for order_line in line.sale_line_ids:
                amount = amounts.get(order_line, Fraction(0))
                amounts[order_line] = amount + exact(line.price_total) * sign
        # what stands beside goods with the opposite sign
        return {order_line: -amount for order_line, amount in amounts.items() if amount * goods < 0}

    def _advance_paid(self, order_line):
        """Which part of an advance was paid by the end of a day, day by day."""
        advanced, deducted = {}, Fraction(0)
        for move in order_line.invoice_lines.move_id.filtered(lambda m: m.state == "posted"):
            if order_line in (taken := self._deducted(move)):
                deducted += taken[order_line]
                continue
            sign = -1 if move.move_type == "out_refund" else 1
            lines = move.invoice_line_ids & order_line.invoice_lines
            advanced[move] = sum(exact(line.price_total) for line in lines) * sign
        scale = max(sum(advanced.values()), deducted)
        if scale <= 0:
            scale = sum(amount for amount in advanced.values() if amount > 0)
        if scale <= 0:
            return []
        days = {}
        for move, amount in advanced.items():
            for day, part in self._paid_on(move) if move.amount_total else ():
                days[day] = days.get(day, Fraction(0)) + amount * part
        covered, so_far = [], Fraction(0)
        for day in sorted(days):
            so_far += days[day]
            covered.append((day, self._within(so_far / scale)))
        return covered

    def _paid_on(self, move):
        """When which part of a document was settled by money or an offset."""
        terms = move.line_ids.filtered(lambda line: line.display_type == "payment_term")
        total = sum(abs(exact(term.amount_currency)) for term in terms)
        if not total:
            return [(move.invoice_date, Fraction(1))]
        return [
            (
                partial.max_date,
                exact(partial.debit_amount_currency) * self._came(partial.credit_move_id) / total,
            )
            for partial in terms.matched_credit_ids
        ] + [
            (
                partial.max_date,
                exact(partial.credit_amount_currency) * self._came(partial.debit_move_id) / total,
            )
            for partial in terms.matched_debit_ids
        ]

    def _came(self, line):
        """Which part of what settles a document was received, or offset: the rest was written off,
        in this world always as an expense."""
        is_paying = line.journal_id.type in ("bank", "cash", "credit", "sale")
        if line.parent_state != "posted" or not is_paying:
            return Fraction(0)
        if line.move_id.is_invoice(include_receipts=True):
            return Fraction(1)
        against = [
            (exact(other.amount_currency), other.account_id.account_type == "expense")
            for other in line.move_id.line_ids
            if other.balance * line.balance < 0
        ]
        lost = sum(amount for amount, is_lost in against if is_lost)
        return 1 - lost / sum(amount for amount, _is_lost in against)

    # ------------------------------------------------------------------
    # Who bought what
    # ------------------------------------------------------------------

    def _ancestors(self, partner):
        while partner:
            yield partner
            partner = partner.parent_id

    def _runs(self, agreement, day):
        return agreement.date_start <= day <= (agreement.date_end or date.max)

    def _enrolled(self, program):
        return program.agreement_ids.filtered(lambda a: a.state in ("active", "ended"))

    def _covers(self, agreement, buyer):
        if agreement.partner_id == buyer:
            return True
        return agreement.include_children and agreement.partner_id in self._ancestors(buyer)

    def _day(self, program, bought):
        """The day on which a purchase counts: its own, or that of what it takes back where that was
        bought in an agreement which is over by now."""
        move = origin = bought.line.move_id
        while origin.reversed_entry_id:
            origin = origin.reversed_entry_id
        if (
            origin == move
            or origin.state != "posted"
            or origin.commercial_partner_id != bought.buyer
        ):
            return bought.day
        days = [origin.invoice_date]
        if program.basis == "paid":
            if bought.day in self._paid_by(move, origin):
                return bought.day
            own = self._paid_by(origin, move)
            if bought.day not in self._days_paid_on(move):
                return bought.day
            days = [day for day in self._days_paid_on(origin) if day not in own]
            days += [
                max(day, origin.invoice_date)
                for order_line in self._deducted(origin)
                for day, _part in self._advance_paid(order_line)
            ]
            days = [day for day in days if day <= bought.day]
        day = max(days, default=None)
        for partner in self._ancestors(bought.buyer) if day else ():
            for agreement in self._enrolled(program):
                if (
                    agreement.partner_id == partner
                    and self._covers(agreement, bought.buyer)
                    and self._runs(agreement, day)
                    and self._runs(program, day)
                ):
                    end = min(agreement.date_end or date.max, program.date_end or date.max)
                    return day if end < bought.day else bought.day
        return bought.day

    def _days_paid_on(self, move):
        """The days on which something was paid on a document itself."""
        return {day for day, _part in self._paid_on(move)} if move.amount_total else set()

    def _paid_by(self, move, other):
        """The days on which a document was offset against another."""
        terms = move.line_ids.filtered(lambda line: line.display_type == "payment_term")
        return {
            partial.max_date
            for partial in terms.matched_credit_ids | terms.matched_debit_ids
            if other in (partial.debit_move_id | partial.credit_move_id).move_id
        }

    def _has(self, agreement, bought):
        """Whether the agreement is the nearest one above the buyer on the day."""
        if not self._covers(agreement, bought.buyer):
            return False
        for partner in self._ancestors(bought.buyer):
            if partner == agreement.partner_id:
                return True
            if any(
                other.partner_id == partner
                and self._runs(other, bought.day)
                and self._covers(other, bought.buyer)
                for other in self._enrolled(agreement.program_id)
            ):
                return False
        return False

    def _is_product(self, rule, bought):
        return not rule.product_ids or bought.product in rule.product_ids

    def _is_taken(self, program, bought):
        """Whether a program that comes first in a group has the purchase."""
        group = program.stacking_group_id
        return group.method == "priority" and any(
            self._runs(agreement, bought.day)
            and self._runs(rival, bought.day)
            and self._covers(agreement, bought.buyer)
            and any(self._is_product(rule, bought) for rule in rival.rule_ids)
            for rival in group.program_ids
            if (rival.sequence, rival.id) < (program.sequence, program.id)
            and rival.state != "draft"
            for agreement in self._enrolled(rival)
        )

    def _dated(self, program):
        """All purchases on the days on which they count in a program."""
        if program not in self.dated:
            dated = [
                bought._replace(day=self._day(program, bought))
                for bought in self.bought[program.basis]
            ]
            self.dated[program] = [bought for bought in dated if bought.day <= self.until]
        return self.dated[program]

    def counted(self, agreement, first, last, rules, is_baseline=False):
        """The purchases of an agreement that count for one of some rules."""
        program = agreement.program_id
        return [
            bought
            for bought in self._dated(program)
            if first <= bought.day <= last
            and (
                is_baseline
                or (self._runs(agreement, bought.day) and self._runs(program, bought.day))
            )
            and (program.include_refunds or not bought.is_return)
            and any(self._is_product(rule, bought) for rule in rules)
            and self._has(agreement, bought)
            and not self._is_taken(program, bought)
        ]

    # ------------------------------------------------------------------
    # Periods
    # ------------------------------------------------------------------

    def periods(self, agreement, until):
        """The calendar's periods that have begun, cut by the dates of program and agreement."""
        program = agreement.program_id
        first = max(agreement.date_start, program.date_start)
        last = min(agreement.date_end or date.max, program.date_end or date.max)
        cut = [
            (max(start, first), min(end, last))
            for start, end in self._calendar(program.period_type)
            if start <= last and end >= first
        ]
        return [(start, end) for start, end in cut if start <= min(end, until)]

    def paid_until(self, agreement, first, last, day):
        """The end of the last part of a period, paid on its own, that is over by a day."""
        ends = [
            min(end, last)
            for start, end in self._calendar(agreement.program_id.settlement_period)
            if start <= last and end >= first
        ]
        return max(end for end in ends if end <= day)

    def _calendar(self, kind):
        length = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}[kind]
        starts = [
            date(year, month, 1) for year in range(2023, 2029) for month in range(1, 13, length)
        ]
        return [(start, following - timedelta(days=1)) for start, following in pairwise(starts)]

    def _shares_days(self, agreement, first, last):
        """Whether the agreement runs on any day of a period."""
        program = agreement.program_id
        start = max(agreement.date_start, program.date_start)
        end = min(agreement.date_end or date.max, program.date_end or date.max)
        return max(first, start) <= min(last, end)

    def _part(self, agreement, first, last):
        """The part of the whole period, where that lowers the terms."""
        program = agreement.program_id
        if not program.prorate:
            return Fraction(1)
        start, end = next(
            (max(start, program.date_start), min(end, program.date_end or date.max))
            for start, end in self._calendar(program.period_type)
            if start <= first <= end
        )
        return Fraction((last - first).days + 1, (end - start).days + 1)
