"""What was paid too much is made up by whatever its payee is owed."""

from odoo.tests import tagged

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestOverpaid(RebateCommon):
    today = "2026-12-31"

    def _sum(self):
        lines = self.env["rebate.settlement.line"].search([("state", "in", ("posted", "paid"))])
        return sum(lines.mapped("amount"))

    def _quarterly(self, *tiers, **vals):
        return self._program(*tiers, **{"settlement_period": "quarter", **vals})

    def _best(self):
        group = self.env["rebate.stacking.group"].create({"name": "Best", "method": "best"})
        few, many = (
            self._quarterly(tier, name=name, stacking_group_id=group.id)
            for name, tier in (("From the first", (0, 5)), ("From many", (10000, 7)))
        )
        self._enrol(few)
        self._enrol(many)
        return few, many

    def _check_details(self, settlements):
        for line in settlements.line_ids:
            for detail in line.detail_ids:
                self.assertAlmostEqual(
                    detail.earned_amount - detail.settled_amount, detail.rebate_amount
                )
            self.assertAlmostEqual(sum(line.detail_ids.mapped("rebate_amount")), line.amount)

    def test_the_best_program_makes_up_for_the_one_it_beats(self):
        few, many = self._best()
        self._invoice(6000, "2026-02-15")
        first = self._settle("2026-03-31")
        self.assertEqual(first.amount_total, 300)
        self._invoice(6000, "2026-05-15")
        second = self._settle("2026-06-30")
        self.assertEqual(second.amount_total, 540)
        self.assertEqual(self._sum(), 840)
        back = second.line_ids.filtered(lambda line: line.program_id == few)
        self.assertEqual(back.amount, -300)
        self.assertIn(f"Paid too much by settlement {first.name}", back.cause)
        self.assertIn(many.name, back.cause)
        self._check_details(second)
        self.assertFalse(self._settle("2026-06-30"))

    def test_a_run_of_one_program_finds_what_another_overpaid(self):
        many = self._best()[1]
        self._invoice(6000, "2026-02-15")
        self._settle("2026-03-31")
        self._invoice(6000, "2026-05-15")
        self.assertEqual(self._settle("2026-06-30", program_ids=many.ids).amount_total, 540)
        self.assertFalse(self._settle("2026-06-30"))

    def test_a_closed_and_archived_program_is_found_too(self):
        old = self._quarterly((0, 10), name="Old", date_end="2025-12-31")
        self._enrol(old)
        self._invoice(1000, "2025-02-15")
        self._settle("2025-03-31")
        self._invoice(400, "2025-03-20", refund=True)
        old.action_close()
        old.active = False
        new = self._quarterly((0, 5), name="New", date_start="2026-01-01")
        self._enrol(new)
        self._invoice(2000, "2026-02-15")
        self._drain()
        self.assertEqual(self._settle("2026-03-31", program_ids=new.ids).amount_total, 60)
        self.assertFalse(self._settle("2026-03-31"))

    def test_an_agreement_that_ended_is_made_up_by_the_new_one(self):
        program = self._quarterly((0, 10))
        old = self._enrol(program, date_start="2025-01-01")
        self._invoice(1000, "2025-02-15")
        self._settle("2025-03-31")
        self._invoice(300, "2025-02-20", refund=True)
        old.date_end = "2025-03-31"
        old.action_end()
        self._enrol(program, date_start="2025-04-01")
        self._invoice(1000, "2025-05-15")
        settlement = self._settle("2025-06-30")
        self.assertEqual(settlement.amount_total, 70)
        self.assertEqual(sorted(settlement.line_ids.mapped("amount")), [-30, 100])

    def test_what_moves_from_one_agreement_to_another_is_paid_over_zero(self):
        group = self.env["rebate.stacking.group"].create({"name": "First", "method": "priority"})
        one, other = (
            self._quarterly((0, 10), name=name, sequence=place, stacking_group_id=group.id)
            for place, name in enumerate(("One", "Other"))
        )
        self._enrol(other)
        self._invoice(1000, "2025-02-15")
        self.assertEqual(self._settle("2025-03-31").amount_total, 100)
        self._enrol(one, date_start="2025-01-01")
        settlement = self._settle("2025-03-31")
        self.assertRecordValues(settlement, [{"amount_total": 0, "state": "paid"}])
        self.assertEqual(sorted(settlement.line_ids.mapped("amount")), [-100, 100])
        self.assertEqual(settlement.move_ids.amount_total, 0)
        self.assertEqual(set(self.env["rebate.accrual"].search([]).mapped("open_amount")), {0.0})
        self.assertFalse(self._settle("2025-03-31"))
        settlement.action_cancel()
        self.assertEqual(self._settle("2025-03-31").amount_total, 0)

    def _two_payers(self, overpaid, **vals):
        """An agreement that was overpaid by so much, and one of a bill's program that is owed."""
        old = self._quarterly((0, 10), name="Old")
        self._enrol(old, date_end="2025-03-31")
        self._invoice(2000, "2025-02-15")
        self._settle("2025-03-31")
        self._invoice(overpaid * 10, "2025-03-20", refund=True)
        return old

    def test_what_is_not_made_up_is_carried_over_and_stays_explained(self):
        old = self._two_payers(150)
        new = self._quarterly((0, 10), name="New", date_start="2025-04-01")
        self._enrol(new)
        self._invoice(1000, "2025-05-15")
        first = self._settle("2025-06-30")
        self.assertEqual(first.amount_total, 0)
        self.assertEqual(sorted(first.line_ids.mapped("amount")), [-100, 100])
        self._check_details(first)
        back = first.line_ids.filtered(lambda line: line.amount < 0)
        self.assertIn("Of $ 150.00 paid too much", self._plain(back.explanation))
        self.assertRecordValues(
            first.batch_id.carryover_ids, [{"amount": -50, "reason": "negative"}]
        )
        self.assertEqual(old.agreement_ids.accrual_ids.open_amount, -50)
        self._invoice(700, "2025-08-15")
        second = self._settle("2025-09-30")
        self.assertEqual(second.amount_total, 20)
        self._check_details(second)
        self.assertEqual(old.agreement_ids.accrual_ids.open_amount, 0)

    def test_it_is_split_over_the_documents_of_a_payee(self):
        self._two_payers(150)
        for name, rate in (("Bill", 8), ("Note", 10)):
            program = self._quarterly(
                (0, rate),
                name=name,
                date_start="2025-04-01",
                payout_method="vendor_bill" if name == "Bill" else "credit_note",
            )
            self._enrol(program)
        self._invoice(1000, "2025-05-15")
        settlements = self._settle("2025-06-30")
        self.assertEqual(sorted(settlements.mapped("amount_total")), [0, 30])
        self.assertEqual(sorted(settlements.line_ids.mapped("amount")), [-100, -50, 80, 100])
        self._check_details(settlements)
        self.assertEqual(
            sorted(settlements.move_ids.mapped("move_type")), ["in_invoice", "out_refund"]
        )
        self.assertFalse(self._settle("2025-06-30"))

    def test_invoiced_is_what_nothing_makes_up_for(self):
        old = self._quarterly((0, 10), name="Old", clawback_policy="invoice")
        self._enrol(old)
        self._invoice(2000, "2025-02-15")
        self._settle("2025-03-31")
        self._invoice(1500, "2025-03-20", refund=True)
        old.agreement_ids.date_end = "2025-03-31"
        for name in ("New", "Other"):
            self._enrol(self._quarterly((0, 10), name=name, date_start="2025-04-01"))
        self._invoice(400, "2025-05-15")
        settlements = self._settle("2025-12-31")
        self.assertEqual(sum(settlements.mapped("amount_total")), 80 - 150)
        self.assertEqual(
            sorted(settlements.move_ids.mapped("move_type")), ["out_invoice", "out_refund"]
        )
        self._check_details(settlements)
        self.assertFalse(self._settle("2025-12-31"))

    def test_less_than_the_smallest_payout_is_not_left(self):
        self._two_payers(60)
        small = self._quarterly((0, 10), name="Small", date_start="2025-04-01", min_payout=50)
        self._enrol(small)
        self._invoice(1000, "2025-05-15")
        self.assertFalse(self._settle("2025-06-30"))
        self._invoice(1000, "2025-08-15")
        self.assertEqual(self._settle("2025-09-30").amount_total, 140)

    def test_others_are_not_made_up_for(self):
        self._two_payers(60)
        stranger = self._company("Stranger")
        self._enrol(self._quarterly((0, 10), name="Next", date_start="2025-04-01"), stranger)
        self._invoice(1000, "2025-05-15", stranger)
        self.assertEqual(self._settle("2025-06-30").amount_total, 100)

    def test_who_is_paid_for_others_makes_up_for_them(self):
        bank = self._company("Association")
        old = self._two_payers(60)
        old.agreement_ids.payout_partner_id = bank
        other = self._company("Other")
        self._enrol(
            self._quarterly((0, 10), name="Next", date_start="2025-04-01"),
            other,
            payout_partner_id=bank.id,
        )
        self._invoice(1000, "2025-05-15", other)
        self.assertRecordValues(
            self._settle("2025-06-30", partner_ids=other.ids),
            [{"partner_id": bank.id, "amount_total": 40}],
        )
