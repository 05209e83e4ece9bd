"""Returns that come after an agreement's end: they come off the purchase that counted."""

from odoo.tests import tagged

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestLateReturn(RebateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program = cls._program((0, 10))

    @classmethod
    def _return(cls, invoice, day, offset=False):
        """A credit note made from an invoice, over all of it."""
        returned = invoice._reverse_moves([{"invoice_date": day, "date": day}], cancel=offset)
        returned.filtered(lambda move: move.state == "draft").action_post()
        return returned

    def _held(self, agreement, day="2025-06-15"):
        self._drain()
        accrual = self._accrual(agreement, day)
        held = accrual.earned_amount
        self.assertEqual(self._earned(agreement, day), held, "the queue has brought it up to date")
        return held

    def test_a_return_after_the_end_of_the_agreement_comes_off(self):
        agreement = self._enrol(self.program, date_end="2025-08-31")
        self._invoice(1000)
        invoice = self._invoice(400, "2025-07-01")
        self.assertEqual(self._settle().amount_total, 140)
        returned = self._return(invoice, "2025-11-15")
        self.assertEqual(self._held(agreement), 100)
        self.assertEqual(self._accrual(agreement).open_amount, -40)
        shown = self.env["account.move.line"].search(
            self._accrual(agreement).action_view_invoice_lines()["domain"]
        )
        self.assertIn(returned, shown.move_id)
        returned.button_draft()
        self.assertEqual(self._held(agreement), 140)

    def test_a_return_after_the_end_of_the_program_comes_off(self):
        program = self._program((0, 10), name="Over", date_end="2025-08-31")
        agreement = self._enrol(program)
        invoice = self._invoice(1000)
        self._return(invoice, "2026-01-15")
        self.assertEqual(self._held(agreement), 0)

    def test_it_comes_off_the_period_of_the_purchase(self):
        program = self._program((0, 10), name="Quarters", period_type="quarter")
        agreement = self._enrol(program, date_end="2025-08-31")
        self._return(self._invoice(1000, "2025-02-01"), "2025-10-01")
        self.assertEqual(self._held(agreement, "2025-02-01"), 0)
        self.assertEqual(self._accrual(agreement, "2025-07-01").measured_amount, 0)

    def test_while_the_agreement_runs_a_return_counts_on_its_own_day(self):
        program = self._program((0, 10), name="Quarters", period_type="quarter")
        agreement = self._enrol(program, date_end="2025-08-31")
        self._invoice(1000, "2025-08-01")
        self._return(self._invoice(1000, "2025-02-01"), "2025-08-31")
        self.assertEqual(self._held(agreement, "2025-02-01"), 100)
        self.assertEqual(self._accrual(agreement, "2025-08-01").measured_amount, 0)

    def test_it_does_not_come_off_the_next_agreement_too(self):
        first = self._enrol(self.program, date_end="2025-08-31")
        second = self._enrol(self.program, date_start="2025-09-01")
        invoice = self._invoice(1000)
        self._invoice(3000, "2025-10-01")
        self._return(invoice, "2025-11-15")
        self.assertEqual(self._held(first), 0)
        self.assertEqual(self._held(second, "2025-10-01"), 300)

    def test_what_was_bought_outside_of_every_agreement_comes_off_on_its_own_day(self):
        invoice = self._invoice(1000, "2025-08-31")
        agreement = self._enrol(self.program, date_start="2025-09-01")
        self._invoice(3000, "2025-10-01")
        self._return(invoice, "2025-11-15")
        self.assertEqual(self._held(agreement, "2025-10-01"), 200)

    def test_a_return_that_names_no_invoice_counts_on_its_own_day(self):
        first = self._enrol(self.program, date_end="2025-08-31")
        second = self._enrol(self.program, date_start="2025-09-01")
        self._invoice(1000)
        self._invoice(3000, "2025-10-01")
        self._invoice(500, "2025-11-15", refund=True)
        self.assertEqual(self._held(first), 100)
        self.assertEqual(self._held(second, "2025-10-01"), 250)

    def test_a_return_that_is_taken_back_takes_nothing_off(self):
        agreement = self._enrol(self.program, date_end="2025-08-31")
        returned = self._return(self._invoice(1000), "2025-11-15")
        self.assertEqual(self._held(agreement), 0)
        self._return(returned, "2025-12-01")
        self.assertEqual(self._held(agreement), 100)

    def test_only_programs_that_deduct_returns_deduct_late_ones(self):
        program = self._program((0, 10), name="Gross", include_refunds=False)
        agreement = self._enrol(program, date_end="2025-08-31")
        self._return(self._invoice(1000), "2025-11-15")
        self.assertEqual(self._held(agreement), 100)

    def test_alike_programs_of_which_one_has_ended_are_measured_apart(self):
        over = self._enrol(self.program, date_end="2025-12-31")
        running = self._enrol(self._program((0, 10), name="Running"))
        invoice = self._invoice(1000, "2025-12-01")
        self._return(invoice, "2026-02-01")
        self._drain()
        (over | running).action_refresh()
        self.assertEqual(self._accrual(over, "2025-12-01").earned_amount, 0)
        self.assertEqual(self._accrual(running, "2025-12-01").earned_amount, 100)
        self.assertEqual(self._accrual(running, "2026-02-01").measured_amount, -1000)

    def test_a_subsidiarys_return_comes_off_whoever_had_its_purchase(self):
        child = self._company("Child", parent_id=self.distributor.id)
        above = self._enrol(self.program, include_children=True)
        own = self._enrol(self.program, child, date_end="2025-08-31")
        invoice = self._invoice(1000, partner=child)
        self._invoice(500, "2025-11-01", child)
        self._return(invoice, "2025-11-15")
        self.assertEqual(self._held(own), 0)
        self.assertEqual(self._held(above), 50)

    def test_of_a_group_the_program_that_took_the_purchase_gets_it_back(self):
        group = self.env["rebate.stacking.group"].create({"name": "First", "method": "priority"})
        first = self._program((0, 10), name="First", sequence=1, stacking_group_id=group.id)
        other = self._program((0, 5), name="Other", sequence=2, stacking_group_id=group.id)
        over = self._enrol(first, date_end="2025-08-31")
        running = self._enrol(other)
        invoice = self._invoice(1000)
        self._invoice(2000, "2025-10-01")
        self._return(invoice, "2025-11-15")
        self.assertEqual(self._held(over), 0)
        self.assertEqual(self._held(running), 100)

    def test_what_reduces_another_program_follows(self):
        agreement = self._enrol(self.program, date_end="2025-08-31")
        reduced = self._program(
            (0, 10), name="Reduced", sequence=20, reduced_by_program_ids=self.program.ids
        )
        other = self._enrol(reduced, date_end="2025-08-31")
        invoice = self._invoice(1000)
        self._return(invoice, "2025-11-15")
        self.assertEqual((self._held(agreement), self._held(other)), (0, 0))

    def test_what_is_paid_back_after_the_end_comes_off_where_it_was_paid(self):
        program = self._program((0, 10), name="Paid", basis="paid")
        agreement = self._enrol(program, date_end="2025-08-31")
        invoice = self._invoice(1000)
        self._pay(invoice, "2025-07-01")
        self.assertEqual(self._held(agreement), 100)
        returned = self._return(invoice, "2025-08-15")
        self.assertEqual(self._held(agreement), 100, "not paid back yet")
        self._pay(returned, "2025-11-15")
        self.assertEqual(self._held(agreement), 0)

    def test_a_return_against_its_own_unpaid_invoice_takes_nothing_off(self):
        program = self._program((0, 10), name="Paid", basis="paid")
        agreement = self._enrol(program, date_end="2025-08-31")
        paid = self._invoice(1000)
        self._pay(paid, "2025-07-01")
        invoice = self._invoice(400)
        self._return(invoice, "2025-11-15", offset=True)
        self.assertEqual(self._held(agreement), 100)

    def test_its_settlement_names_what_changed_and_adds_up(self):
        agreement = self._enrol(
            self._program((0, 10), name="Invoiced", clawback_policy="invoice"),
            date_end="2025-08-31",
        )
        self._invoice(1000)
        invoice = self._invoice(400, "2025-07-01")
        self._settle()
        returned = self._return(invoice, "2025-11-15")
        settlement = self._settle()
        self.assertEqual(settlement.amount_total, -40)
        details = settlement.line_ids.detail_ids
        self.assertEqual(sum(details.mapped("rebate_amount")), -40)
        self.assertIn(returned.name, details.mapped("invoice_name"))
        self.assertIn("and are now", settlement.line_ids.cause)
        self.assertFalse(self._settle())
        self.assertEqual(self._accrual(agreement).settled_amount, 100)
