"""What corrects an earlier payout is shown apart, and says what changed since."""

from datetime import datetime, timedelta

from odoo.tests import tagged

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestAdjustment(RebateCommon):
    def setUp(self):
        super().setUp()
        self.program = self._program((0, 10), settlement_period="quarter")
        self.agreement = self._enrol(self.program)

    def _later(self):
        """Let time pass: all of a test is one transaction, which has but one time."""
        self.env.flush_all()
        now = self.env.cr.now()
        self.env.cr._now = now + timedelta(hours=1)
        self.addCleanup(setattr, self.env.cr, "_now", now)
        self.assertIsInstance(now, datetime)

    def _line(self, date_to, **vals):
        return self._settle(date_to, **vals).line_ids

    def test_what_is_new_is_no_adjustment(self):
        self._invoice(1000, "2025-02-15")
        line = self._line("2025-03-31")
        self.assertRecordValues(
            line,
            [
                {
                    "is_adjustment": False,
                    "adjustment_amount": 0,
                    "cause": False,
                    "measured_amount": 1000,
                    "invoice_count": 1,
                }
            ],
        )
        self.assertEqual(str(line.date_until), "2025-03-31")
        self._later()
        self._invoice(500, "2025-05-15")
        self.assertRecordValues(
            self._line("2025-06-30"), [{"amount": 50, "is_adjustment": False, "cause": False}]
        )

    def test_a_return_of_a_settled_quarter_is_shown_apart(self):
        self._invoice(1000, "2025-02-15")
        paid = self._settle("2025-03-31")
        self._later()
        refund = self._invoice(300, "2025-03-20", refund=True)
        self._invoice(1000, "2025-05-15")
        settlement = self._settle("2025-06-30")
        self.assertRecordValues(settlement, [{"amount_total": 70, "amount_adjustment": -30}])
        line = settlement.line_ids
        self.assertRecordValues(line, [{"amount": 70, "adjustment_amount": -30}])
        self.assertEqual(
            self._plain(line.cause),
            f"Since settlement {paid.name} of 03/31/2026: purchases until 03/31/2025 were"
            f" $ 1,000.00 on 1 invoices and credit notes and are now $ 700.00 on 2; new:"
            f" {refund.name}.",
        )

    def test_a_late_invoice_is_named(self):
        self._invoice(1000, "2025-02-15")
        self._settle("2025-03-31")
        self._later()
        late = self._invoice(10, "2025-03-31")
        line = self._line("2025-03-31")
        self.assertRecordValues(line, [{"amount": 1, "adjustment_amount": 1}])
        self.assertIn(f"new: {late.name}", line.cause)

    def test_invoices_taken_back_or_changed_are_named_and_paid_ones_are_not(self):
        gone, changed, paid = (self._invoice(1000, "2025-02-15") for _number in range(3))
        self._settle("2025-03-31")
        self._later()
        gone.button_draft()
        gone.button_cancel()
        changed.button_draft()
        changed.invoice_line_ids.price_unit = 3000
        changed.action_post()
        self._pay(paid, self.today)
        line = self._line("2025-03-31")
        self.assertEqual(line.amount, 100)
        self.assertIn(f"changed: {changed.name}", line.cause)
        self.assertIn(f"no longer counted: {gone.name}", line.cause)
        self.assertNotIn(paid.name, line.cause)

    def test_of_many_invoices_five_are_named(self):
        self._invoice(1000, "2025-02-15")
        self._settle("2025-03-31")
        self._later()
        invoices = [self._invoice(10, "2025-02-15") for _number in range(7)]
        cause = self._line("2025-03-31").cause
        self.assertEqual(sum(invoice.name in cause for invoice in invoices), 5)
        self.assertIn("and 2 more", cause)

    def test_the_purchases_of_subsidiaries_are_named(self):
        child = self._company("Subsidiary", parent_id=self.distributor.id)
        self.agreement.include_children = True
        self._invoice(1000, "2025-02-15")
        self._settle("2025-03-31")
        self._later()
        late = self._invoice(10, "2025-03-31", partner=child)
        stranger = self._invoice(10, "2025-03-31", partner=self._company("Stranger"))
        cause = self._line("2025-03-31").cause
        self.assertIn(late.name, cause)
        self.assertNotIn(stranger.name, cause)

    def test_amended_terms_are_named(self):
        self._invoice(1000, "2025-02-15")
        self._settle("2025-03-31")
        self._later()
        self.program.action_amend()
        amendment = self.program.amendment_ids
        amendment.reason = "A better rate"
        amendment.draft_id.rule_ids.tier_ids.rate = 12
        amendment.action_preview()
        amendment.action_apply()
        line = self._line("2025-03-31")
        self.assertEqual(line.amount, 20)
        self.assertIn("amended terms: Amendment 1 of Bonus", line.cause)
        self.assertNotIn("purchases", line.cause)

    def test_the_cause_speaks_the_partners_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self._invoice(1000, "2025-02-15")
        self._settle("2025-03-31")
        self.distributor.lang = "fr_FR"
        self._later()
        self._invoice(10, "2025-03-31")
        self.assertIn("31/03/2025", self._line("2025-03-31").cause)

    def test_many_causes_take_as_many_statements_as_few(self):
        partners = [self._company(f"Customer {n}") for n in range(12)]
        for partner in partners:
            self._enrol(self.program, partner)
            self._invoice(1000, "2025-02-15", partner)
        self._settle("2025-03-31")
        self._later()
        for partner in partners:
            self._invoice(100, "2025-02-15", partner)

        def statements(some):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            lines = self._line(
                "2025-03-31", post=False, partner_ids=[partner.id for partner in some]
            )
            self.env.flush_all()
            count = self.env.cr.sql_log_count - before
            self.assertEqual(len(lines.filtered("cause")), len(some))
            return count

        statements(partners[:1])
        few, many = statements(partners[1:3]), statements(partners[3:])
        self.assertLessEqual((many - few) / (9 - 2), 6)
