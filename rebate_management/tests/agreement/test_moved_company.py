"""Companies that are put below another one, sold, or made contacts."""

from odoo.tests import tagged

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestMovedCompany(RebateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls._company("Other")
        cls.below = cls._company("Below", parent_id=cls.distributor.id)

    def _groups_of(self, **vals):
        program = self._program((0, 10), period_type="quarter", **vals)
        return [
            self._enrol(program, partner, include_children=True)
            for partner in (self.distributor, self.other)
        ]

    def test_a_distributor_does_not_become_a_contact(self):
        self._enrol(self._program((0, 10)))
        with self.assertRefused("Distributor", "Bonus", "Other"):
            self.distributor.write({"is_company": False, "parent_id": self.other.id})
        self.distributor.parent_id = self.other
        with self.assertRefused("Distributor", "Bonus", "Other"):
            self.distributor.is_company = False

    def test_purchases_of_a_company_that_moves_follow_where_nothing_is_paid(self):
        first, second = self._groups_of()
        self._invoice(1000, "2025-02-01", partner=self.below)
        self.assertEqual(self._earned(first, "2025-02-01"), 100)
        self.below.parent_id = self.other
        self._drain()
        self.assertEqual(self._accrual(first, "2025-02-01").earned_amount, 0)
        self.assertEqual(self._accrual(second, "2025-02-01").earned_amount, 100)

    def test_paid_periods_keep_the_companies_they_counted(self):
        first, second = self._groups_of()
        self._invoice(1000, "2025-02-01", partner=self.below)
        self._settle("2025-03-31")
        self._invoice(300, "2025-05-01", partner=self.below)
        self.below.parent_id = self.other
        self._drain()
        for day, earned in (("2025-02-01", (100, 0)), ("2025-05-01", (0, 30))):
            self.assertEqual(
                tuple(self._accrual(a, day).earned_amount for a in (first, second)), earned, day
            )
        # Also what is bought or returned later, of the time that is paid.
        self._invoice(200, "2025-02-10", partner=self.below, refund=True)
        self._drain()
        self.assertEqual(self._accrual(first, "2025-02-01").earned_amount, 80)
        self.assertEqual(self._accrual(second, "2025-02-01").earned_amount, 0)

    def test_a_company_sold_is_named_on_both_agreements(self):
        first, second = self._groups_of()
        self.below.parent_id = self.other
        for agreement in first, second:
            message = agreement.message_ids[0].body
            for word in ("Below", "Distributor", "Other"):
                self.assertIn(word, message)

    def test_a_period_paid_in_part_keeps_them_up_to_the_day_paid_for(self):
        first, second = self._groups_of()
        self._invoice(1000, "2025-04-10", partner=self.below)
        self._settle("2025-04-30", kind="interim")
        self._invoice(100, "2025-05-10", partner=self.below)
        self.below.parent_id = self.other
        self._drain()
        self.assertEqual(self._accrual(first, "2025-04-10").earned_amount, 100)
        self.assertEqual(self._accrual(second, "2025-04-10").earned_amount, 10)
        # What is paid next is paid by who has it.
        settlements = self._settle("2025-06-30")
        self.assertRecordValues(settlements, [{"partner_id": self.other.id, "amount_total": 10}])

    def test_a_payout_that_is_cancelled_keeps_nothing(self):
        first, second = self._groups_of()
        self._invoice(1000, "2025-02-01", partner=self.below)
        settlement = self._settle("2025-03-31")
        self.below.parent_id = self.other
        settlement.action_cancel()
        self._drain()
        (first | second).action_refresh()
        self.assertEqual(self._accrual(first, "2025-02-01").earned_amount, 0)
        self.assertEqual(self._accrual(second, "2025-02-01").earned_amount, 100)

    def test_a_company_that_joins_adds_nothing_to_paid_periods(self):
        first, second = self._groups_of()
        self._invoice(1000, "2025-02-01")
        self._invoice(70, "2025-02-01", partner=self.other)
        alone = self._company("Alone")
        self._invoice(500, "2025-02-01", partner=alone)
        self._settle("2025-03-31")
        self._invoice(500, "2025-05-01", partner=alone)
        alone.parent_id = self.distributor
        self._drain()
        self.assertEqual(self._accrual(first, "2025-02-01").earned_amount, 100)
        self.assertEqual(self._accrual(first, "2025-05-01").earned_amount, 50)
        self.assertEqual(self._accrual(second, "2025-02-01").earned_amount, 7)

    def test_subsidiaries_left_out_later_stay_in_what_is_paid(self):
        first, _second = self._groups_of()
        self._invoice(1000, "2025-02-01", partner=self.below)
        self._invoice(100, "2025-05-01", partner=self.below)
        self._settle("2025-03-31")
        first.include_children = False
        self._drain()
        self.assertEqual(self._accrual(first, "2025-02-01").earned_amount, 100)
        self.assertEqual(self._accrual(first, "2025-05-01").earned_amount, 0)

    def test_a_subsidiary_enrolled_for_days_paid_to_its_parent_is_refused(self):
        first, _second = self._groups_of()
        self._invoice(1000, "2025-02-01", partner=self.below)
        settlement = self._settle("2025-03-31")
        own = self._enrol(first.program_id, self.below, activate=False)
        with self.assertRefused("Below", "Bonus", settlement.name, "Distributor"):
            own.action_activate()
        own.date_start = "2025-04-01"
        own.action_activate()
        with self.assertRefused("Below", "Bonus", settlement.name, "Distributor"):
            own.date_start = "2025-03-01"

    def test_a_company_with_an_agreement_moved_away_and_back(self):
        first, second = self._groups_of()
        own = self._enrol(first.program_id, self.below)
        self._invoice(1000, "2025-02-01", partner=self.below)
        self._settle("2025-03-31")
        self.below.parent_id = self.other
        for agreement, earned in ((own, 100), (first, 0), (second, 0)):
            self.assertEqual(self._earned(agreement, "2025-02-01"), earned)

    def test_a_company_takes_no_paid_invoices_along_as_a_contact_of_another(self):
        self._groups_of()
        self._invoice(1000, "2025-02-01", partner=self.below)
        settlement = self._settle("2025-03-31")
        with self.assertRefused("Below", settlement.name, "to Distributor", "Other"):
            self.below.write({"is_company": False, "parent_id": self.other.id})

    def test_a_company_takes_unpaid_invoices_along_as_a_contact_of_another(self):
        first, second = self._groups_of()
        move = self._invoice(1000, "2025-02-01", partner=self.below)
        self._drain()
        self.below.write({"is_company": False, "parent_id": self.other.id})
        self.assertEqual(move.commercial_partner_id, self.other)
        self._drain()
        self.assertEqual(self._accrual(first, "2025-02-01").earned_amount, 0)
        self.assertEqual(self._accrual(second, "2025-02-01").earned_amount, 100)

    def test_invoices_of_a_contact_stay_with_the_company_it_leaves(self):
        program = self._program((0, 10))
        first, second = self._enrol(program), self._enrol(program, self.other)
        contact = self.env["res.partner"].create(
            {"name": "Address", "parent_id": self.distributor.id}
        )
        self._invoice(1000, partner=contact)
        contact.parent_id = self.other
        self._invoice(300, partner=contact)
        self._drain()
        self.assertEqual(self._accrual(first).earned_amount, 100)
        self.assertEqual(self._accrual(second).earned_amount, 30)

    def test_a_subsidiary_made_a_contact_takes_nothing_away(self):
        first, _second = self._groups_of()
        self._invoice(1000, "2025-02-01", partner=self.below)
        self.below.is_company = False
        self._invoice(100, "2025-02-02", partner=self.below)
        self.assertEqual(self._earned(first, "2025-02-01"), 110)

    def test_archiving_a_distributor_changes_nothing(self):
        first, _second = self._groups_of()
        self._invoice(1000, "2025-02-01", partner=self.below)
        (self.distributor | self.below).active = False
        self._drain()
        self.assertEqual(self._earned(first, "2025-02-01"), 100)
        settlements = self._settle("2025-03-31", partner_ids=self.distributor.ids)
        self.assertEqual(settlements.amount_total, 100)

    def test_a_run_for_an_archived_distributor_is_for_nobody_else(self):
        self._groups_of()
        self._invoice(1000, "2025-02-01")
        idle = self._company("Idle", active=False)
        self.assertFalse(self._settle("2025-03-31", partner_ids=idle.ids))
