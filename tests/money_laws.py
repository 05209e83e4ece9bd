"""What holds of the money after each step, for the machine of ``test_stateful_money.py``: read from
the database, and summed up in another way than the addon does."""

from collections import defaultdict
from decimal import Decimal

from hypothesis.stateful import invariant

from odoo.tools import SQL

from .money_payouts import LIVE

SETTLED = "posted", "paid"
# Of a frozen detail, but what becomes NULL when an invoice line, a rule or a product is deleted.
FROZEN = (
    "line_number, rule_name, invoice_name, invoice_date, product_name, product_code, quantity,"
    " uom_name, tax_numbers, amount, rate, rate_type, earned_amount, settled_amount, rebate_amount"
)


def exact(amount):
    return Decimal(str(amount)).quantize(Decimal("0.01"))


class Laws:
    """Mixed into a machine of ``trade.py``."""

    def earned(self, accruals, until):
        """What accruals earn up to a day."""
        results = self.env["rebate.calculation"]._calculate(accruals._windows(until=until))
        return {accrual: exact(results[accrual.id].earned) for accrual in accruals}

    def taken(self):
        """What documents of settlements took from the liability, by accrual, reversals off."""
        rows = self.env.execute_query(
            SQL(
                "SELECT line.rebate_accrual_id, SUM(line.amount_currency)"
                "  FROM account_move_line line JOIN account_move move ON move.id = line.move_id"
                " WHERE line.rebate_accrual_id IS NOT NULL AND move.state = 'posted'"
                "   AND move.rebate_settlement_id IS NOT NULL GROUP BY 1"
            )
        )
        return defaultdict(Decimal, {accrual_id: exact(amount) for accrual_id, amount in rows})

    # ------------------------------------------------------------------
    # Right after a step
    # ------------------------------------------------------------------

    def check_proposed(self, settlements):
        """With what was settled or proposed before, just what is earned by the day paid for."""
        for line in settlements.line_ids:
            accrual = line.accrual_id
            until = line.date_until or accrual.date_to
            lines = accrual.settlement_line_ids.filtered(lambda one: one.state in LIVE)
            self.case.assertEqual(
                sum(map(exact, lines.mapped("amount"))),
                self.earned(accrual, until)[accrual],
                f"proposed of {accrual.display_name}",
            )
        for settlement in settlements:
            is_back = settlement.currency_id.compare_amounts(settlement.amount_total, 0) < 0
            policies = settlement.line_ids.program_id.mapped("clawback_policy")
            self.case.assertTrue(settlement.amount_total, settlement.name)
            self.case.assertTrue(not is_back or set(policies) == {"invoice"}, settlement.name)

    def check_posted(self, settlement):
        """What it paid is off the liability, which is not overdrawn by it."""
        accruals = settlement.line_ids.accrual_id
        for line in settlement.line_ids.filtered(lambda line: line.amount > 0):
            accrual = line.accrual_id
            if accrual.program_id._accrues_on() and accrual not in self.by_hand:
                self.case.assertGreaterEqual(
                    exact(accrual.accrued_amount),
                    min(Decimal(0), self.lowest.get(accrual, Decimal(0))),
                    f"after paying {accrual.display_name}",
                )
        self.check_exchange(accruals)

    def check_accrued(self, programs, day):
        """Accrued is earned less settled less expired, or where more was paid than ever accrued
        nothing is taken back that was not accrued."""
        accruals = self.agreements.accrual_ids.filtered(
            lambda accrual: accrual.date_from <= day and accrual.program_id in programs
        )
        self.env.invalidate_all()
        self.by_hand -= accruals
        taken = self.taken()
        counted = accruals.filtered(lambda one: one.program_id.accrual_method == "earned")
        earned = self.earned(counted, day)
        for accrual in accruals:
            name = f"{accrual.display_name} up to {day}"
            method, held = accrual.program_id.accrual_method, exact(accrual.accrued_amount)
            floor = min(Decimal(0), -taken[accrual.id])
            if method == "none":
                self.case.assertEqual(held, max(Decimal(0), floor), name)
            elif method == "earned":
                gone = exact(accrual.settled_amount) + exact(accrual.expired_amount)
                owed = earned[accrual] - gone
                self.case.assertEqual(held, max(owed, floor), name)
                if accrual.program_id not in self.rebooked:
                    self.case.assertEqual(held, owed, name)
            self.lowest[accrual] = held
            self.check_account(accrual)
        self.check_exchange(accruals)

    def check_account(self, accrual):
        """After a run nothing is left on an account that the program has left."""
        account = accrual.program_id._accrues_on()
        left = defaultdict(Decimal)
        for line in accrual.move_line_ids.filtered(lambda line: line.parent_state == "posted"):
            left[line.account_id] += exact(line.amount_currency)
        left.pop(account, None)
        self.case.assertFalse(any(left.values()), accrual.display_name)

    def check_exchange(self, accruals):
        """A liability that is nothing in the program's currency is nothing in the books."""
        self.env.invalidate_all()
        for accrual in accruals:
            items = accrual.move_line_ids.filtered(lambda line: line.parent_state == "posted")
            for lines in items.grouped("account_id").values():
                if not sum(map(exact, lines.mapped("amount_currency"))):
                    value = sum(map(exact, lines.mapped("balance")))
                    self.case.assertFalse(value, f"value of {accrual.display_name}")

    def check_expired(self, accruals, before):
        """What expires leaves the liability, as far as it was there."""
        for accrual in accruals:
            self.counts["expire", "done"] += 1
            was, expired = exact(before[accrual]), exact(accrual.expired_amount)
            self.case.assertGreater(expired, 0, accrual.display_name)
            self.case.assertEqual(
                exact(accrual.accrued_amount), was - max(min(expired, was), 0), accrual.display_name
            )

    # ------------------------------------------------------------------
    # After every step
    # ------------------------------------------------------------------

    @invariant()
    def books_are_what_accruals_say(self):
        """By agreement and account: nothing but accruals is on the liability, accruals say what is
        there, and every entry is balanced."""
        self.env.flush_all()
        case = self.case
        rows = self.env.execute_query(
            SQL(
                "SELECT accrual.agreement_id, accrual.id, SUM(line.amount_currency)"
                "  FROM account_move_line line"
                "  LEFT JOIN rebate_accrual accrual ON accrual.id = line.rebate_accrual_id"
                " WHERE line.account_id IN %s AND line.parent_state = 'posted' GROUP BY 1, 2",
                tuple(case.liabilities.ids),
            )
        )
        on_account = {accrual_id: -exact(amount) for _agreement, accrual_id, amount in rows}
        case.assertFalse(on_account.pop(None, 0), "on the liability, but of no accrual")
        accruals = self.agreements.accrual_ids
        accruals.invalidate_recordset()
        for accrual in accruals:
            held = on_account.pop(accrual.id, Decimal(0))
            case.assertEqual(exact(accrual.accrued_amount), held, accrual.display_name)
        case.assertFalse(any(on_account.values()), "of accruals that are gone")
        case.assertFalse(self.env["rebate.liability"].search([("difference", "!=", 0)]))
        unbalanced = self.env.execute_query(
            SQL("SELECT move_id FROM account_move_line GROUP BY 1 HAVING SUM(balance) <> 0")
        )
        case.assertFalse(unbalanced)

    @invariant()
    def liability_is_negative_only_where_too_much_was_paid(self):
        """Not by hand: below zero only what was paid and is not earned any more."""
        for accrual in self.agreements.accrual_ids:
            held, lowest = exact(accrual.accrued_amount), self.lowest.get(accrual, Decimal(0))
            if held < min(lowest, Decimal(0)) and accrual not in self.by_hand:
                self.case.assertGreater(
                    accrual.settled_amount,
                    self.earned(accrual, accrual.date_to)[accrual],
                    accrual.display_name,
                )
            self.lowest[accrual] = held

    @invariant()
    def nothing_is_paid_twice(self):
        """One live document for each settlement that is posted, none for the others, over what
        its lines say; what accruals have settled is the sum of them."""
        case = self.case
        settlements = self.env["rebate.settlement"].search([])
        settlements.invalidate_recordset()
        paid = defaultdict(Decimal)
        for settlement in settlements:
            documents = settlement.move_ids.filtered(lambda move: move.state == "posted")
            live = documents.filtered(
                lambda move: not move.reversed_entry_id and not move.reversal_move_ids
            )
            case.assertEqual(len(live), settlement.state in SETTLED, settlement.name)
            if settlement.state not in (*SETTLED, "cancelled"):
                case.assertFalse(settlement.move_ids, settlement.name)
            if live:
                self.check_document(settlement, live)
                for line in settlement.line_ids:
                    paid[line.accrual_id] += exact(line.amount)
            else:
                # What was taken back left nothing.
                case.assertFalse(sum(documents.mapped("amount_total_signed")), settlement.name)
        for accrual in self.agreements.accrual_ids:
            case.assertEqual(exact(accrual.settled_amount), paid[accrual], accrual.display_name)

    def check_document(self, settlement, document):
        case, total = self.case, exact(settlement.amount_total)
        kind = {"in_invoice": 1, "out_refund": 1, "out_invoice": -1}[document.move_type]
        case.assertEqual(kind * exact(document.amount_untaxed), total, settlement.name)
        is_paid = document.payment_state in ("paid", "in_payment", "reversed")
        case.assertEqual(settlement.state, "paid" if is_paid else "posted", settlement.name)

    @invariant()
    def what_was_proposed_stays(self):
        """Frozen details are as they were and add up to their line."""
        rows = self.env.execute_query(
            SQL(
                "SELECT settlement_line_id, id, %s FROM rebate_settlement_detail ORDER BY id",
                SQL(FROZEN),
            )
        )
        frozen = defaultdict(list)
        for line_id, *detail in rows:
            frozen[line_id].append(tuple(detail))
        lines = self.env["rebate.settlement.line"].search([])
        for line in lines:
            now = line.amount, line.accrual_id, frozen[line.id]
            self.case.assertEqual(self.frozen.setdefault(line.id, now), now, line.name)
            self.case.assertEqual(
                sum(exact(detail[-1]) for detail in frozen[line.id]), exact(line.amount), line.name
            )
        self.case.assertLessEqual(set(self.frozen), set(lines.ids))
