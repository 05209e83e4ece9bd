"""What holds of the money after each step, for the machine of ``test_stateful_money.py``: read from
the database, and summed up in another way than the addon does."""

from collections import defaultdict
from decimal import Decimal

from hypothesis.stateful import invariant

from odoo.tools import SQL

from .money_checks import exact

SETTLED = "posted", "paid"
# Of a frozen detail, but what becomes NULL when an invoice line, a rule or a product is deleted.
FROZEN = (
    "line_number, rule_name, invoice_name, invoice_date, product_name, product_code, quantity,"
    " uom_name, tax_numbers, amount, rate, rate_type, earned_amount, settled_amount, rebate_amount"
)


class Laws:
    """Mixed into a machine of ``trade.py``."""

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

    @invariant()
    def the_check_of_settlements_has_nothing_to_say(self):
        """Whatever is done by the buttons contradicts itself nowhere."""
        companies = self.env["rebate.settlement"].search([]).company_id
        _count, findings = self.env["rebate.settlement"]._check_fingerprints(companies)
        self.case.assertFalse([f"{one.name}: {one.text}" for one in findings])

    def check_document(self, settlement, document):
        case, total = self.case, exact(settlement.amount_total)
        kind = {"in_invoice": 1, "in_refund": -1, "out_refund": 1, "out_invoice": -1}[
            document.move_type
        ]
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
