"""By which documents settlements are paid: kind, grouping, journal, terms, language."""

from odoo.tests import tagged

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestPayoutDocument(RebateCommon):
    def test_a_partner_who_is_paid_by_bill_gets_a_vendor_bill(self):
        term = self.env.ref("account.account_payment_term_30days")
        self.distributor.property_supplier_payment_term_id = term
        self._enrol(self._program((0, 10), payout_method="vendor_bill"))
        self._invoice(1000)
        settlement = self._settle()
        self.assertRecordValues(
            settlement.move_ids,
            [
                {
                    "move_type": "in_invoice",
                    "journal_id": self.company_data["default_journal_purchase"].id,
                    "partner_id": self.distributor.id,
                    "amount_total": 100,
                    "ref": settlement.name,
                    "state": "posted",
                    "invoice_payment_term_id": term.id,
                }
            ],
        )
        self.assertEqual(settlement.move_ids.invoice_line_ids.balance, 100)
        self.assertEqual(
            settlement.move_ids.line_ids.account_id.mapped("account_type").count(
                "liability_payable"
            ),
            1,
        )

    def test_a_credit_note_is_due_at_once_whatever_the_partners_terms(self):
        self.distributor.property_payment_term_id = self.env.ref(
            "account.account_payment_term_30days"
        )
        self._enrol(self._program((0, 10)))
        self._invoice(1000)
        note = self._settle().move_ids
        self.assertEqual(note.invoice_date_due, note.invoice_date)

    def test_bills_and_credit_notes_are_settlements_of_their_own(self):
        self._enrol(self._program((0, 10), name="First"))
        self._enrol(self._program((0, 5), name="Second", payout_method="vendor_bill"))
        self._enrol(self._program((0, 1), name="Third"))
        self._invoice(1000)
        settlements = self._settle()
        self.assertEqual(
            sorted((s.move_ids.move_type, s.amount_total) for s in settlements),
            [("in_invoice", 50), ("out_refund", 110)],
        )

    def test_a_program_may_have_documents_of_its_own(self):
        self._enrol(self._program((0, 10), name="First"))
        self._enrol(self._program((0, 5), name="Second", payout_grouping="program"))
        self._enrol(self._program((0, 1), name="Third"))
        self._invoice(1000)
        self.assertEqual(sorted(self._settle().mapped("amount_total")), [50, 110])

    def test_the_payout_product_stands_on_the_lines(self):
        service = self.env["product.product"].create(
            {"name": "Bonus", "type": "service", "taxes_id": False}
        )
        self._enrol(self._program((0, 10), payout_product_id=service.id))
        self._invoice(1000)
        line = self._settle().move_ids.invoice_line_ids
        self.assertEqual(line.product_id, service)
        self.assertIn("1,000.00", line.name)
        self.assertEqual((line.price_subtotal, line.tax_ids), (100, self.env["account.tax"]))

    # ------------------------------------------------------------------
    # What was overpaid
    # ------------------------------------------------------------------

    def _overpaid(self, **vals):
        agreement = self._enrol(self._program((0, 10), period_type="quarter", **vals))
        self._invoice(1000, "2025-01-15")
        self._settle("2025-03-31")
        self._invoice(300, "2025-03-20", refund=True)
        return agreement

    def test_what_was_overpaid_is_invoiced_and_is_no_purchase(self):
        agreement = self._overpaid(clawback_policy="invoice")
        settlement = self._settle("2025-03-31")
        self.assertEqual(settlement.amount_total, -30)
        self.assertRecordValues(
            settlement.move_ids,
            [{"move_type": "out_invoice", "amount_total": 30, "state": "posted"}],
        )
        self.assertEqual(settlement.move_ids.invoice_line_ids.balance, -30)
        accrual = self._accrual(agreement, "2025-03-20")
        self.assertRecordValues(accrual, [{"settled_amount": 70, "open_amount": 0}])
        agreement.action_refresh()
        self.assertEqual(
            sum(agreement.accrual_ids.mapped("measured_amount")), 700, "no purchase of today"
        )
        self.assertFalse(self._settle("2025-03-31"))

    def test_what_was_overpaid_waits_where_it_is_carried_forward(self):
        self._overpaid()
        self.assertFalse(self._settle("2025-03-31"))

    def test_less_than_the_smallest_payout_is_not_invoiced_either(self):
        self._overpaid(clawback_policy="invoice", min_payout=31)
        self.assertFalse(self._settle("2025-03-31"))

    def test_what_was_overpaid_is_no_part_of_what_another_program_pays(self):
        self._overpaid(clawback_policy="invoice")
        self._enrol(self._program((0, 10), name="Second", date_start="2025-04-01"))
        self._invoice(1000, "2026-01-15")
        self._settle("2025-03-31")
        settlements = self._settle("2026-03-31", "interim")
        self.assertEqual(settlements.mapped("amount_total"), [200])

    def test_bills_are_clawed_back_by_invoice_from_the_sales_journal(self):
        self._overpaid(clawback_policy="invoice", payout_method="vendor_bill")
        move = self._settle("2025-03-31").move_ids
        self.assertEqual(
            (move.move_type, move.journal_id),
            ("out_invoice", self.company_data["default_journal_sale"]),
        )

    # ------------------------------------------------------------------
    # Offset at once
    # ------------------------------------------------------------------

    def test_a_credit_note_is_offset_against_the_oldest_open_invoices(self):
        self._enrol(self._program((0, 10), reconcile_payouts=True))
        newer = self._invoice(500, "2025-06-15")
        older = self._invoice(40, "2025-02-01")
        self._invoice(460, "2025-03-01", partner=self._company("Somebody else"))
        settlement = self._settle()
        self.assertEqual(settlement.amount_total, 54)
        self.assertEqual((older.amount_residual, newer.amount_residual), (0, 486))
        self.assertEqual((settlement.move_ids.amount_residual, settlement.state), (0, "paid"))

    def test_what_is_left_of_a_credit_note_stays_open(self):
        self._enrol(self._program((0, 10), reconcile_payouts=True))
        invoice = self._invoice(1000)
        pay = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        pay.create({"amount": 960}).action_create_payments()
        settlement = self._settle()
        self.assertEqual((invoice.amount_residual, settlement.move_ids.amount_residual), (0, 60))
        self.assertEqual(settlement.state, "posted")

    def test_invoices_in_another_currency_are_left_alone(self):
        self.eur.active = True
        self._enrol(self._program((0, 10), reconcile_payouts=True))
        invoice = self._invoice(1000, currency_id=self.eur.id)
        settlement = self._settle()
        self.assertEqual(invoice.amount_residual, 1000)
        self.assertEqual(settlement.state, "posted")

    def test_credit_notes_posted_together_share_the_open_invoices(self):
        self._enrol(self._program((0, 10), reconcile_payouts=True, payout_grouping="program"))
        self._enrol(self._program((0, 20), reconcile_payouts=True, payout_grouping="program"))
        invoice = self._invoice(1000)
        settlements = self._settle()
        self.assertEqual(len(settlements), 2)
        self.assertEqual(invoice.amount_residual, 700)
        self.assertEqual(set(settlements.mapped("state")), {"paid"})

    def test_an_accountant_needs_no_more_rights_to_post_and_cancel(self):
        tax = self.env["account.tax"].create({"name": "20 %", "amount": 20})
        self._enrol(self._program((0, 10), reconcile_payouts=True, tax_policy="origin"))
        self._enrol(self._program((0, 5), payout_method="vendor_bill"))
        invoice = self._invoice(1000)
        invoice.button_draft()
        invoice.invoice_line_ids.tax_ids = tax
        invoice.action_post()
        settlements = self._settle(post=False)
        settlements.action_submit()
        self._approve(settlements)
        settlements.with_user(self.accountant).action_post()
        self.assertEqual(sorted(settlements.mapped("state")), ["paid", "posted"])
        self.assertEqual(invoice.amount_residual, 1080)
        settlements.with_user(self.accountant).action_cancel()
        self.assertEqual(set(settlements.mapped("state")), {"cancelled"})

    # ------------------------------------------------------------------
    # Terms of the program
    # ------------------------------------------------------------------

    def test_a_vendor_bill_cannot_correct_the_taxes_of_invoices(self):
        with self.assertRefused("Bonus", "vendor bill", "taxes"):
            self._program((0, 10), payout_method="vendor_bill", tax_policy="origin")

    def test_a_journal_of_the_wrong_kind_is_refused(self):
        journal = self.company_data["default_journal_purchase"]
        with self.assertRefused("Bonus", journal.display_name, "Sales"):
            self._program((0, 10), journal_id=journal.id)

    def test_taxes_of_a_product_need_one(self):
        with self.assertRefused("Bonus", "payout product"):
            self._program((0, 10), tax_policy="product")

    def test_a_company_without_journal_for_bills_is_told_so(self):
        self._enrol(self._program((0, 10), payout_method="vendor_bill"))
        self._invoice(1000)
        self.env["account.journal"].search(
            [("type", "=", "purchase"), ("company_id", "=", self.env.company.id)]
        ).active = False
        with self.assertRefused("Purchase", "Bonus", self.env.company.name):
            self._settle()
