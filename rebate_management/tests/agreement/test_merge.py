"""Distributors that are merged: their purchases count once, what was paid stays on record."""

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import SQL

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestMerge(RebateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls._company("Other")

    def _merge(self, source, target):
        self.env["base.partner.merge.automatic.wizard"]._merge((source | target).ids, target)
        self.env.invalidate_all()

    def _both(self, **vals):
        program = self._program((0, 10), **vals)
        first = self._enrol(program)
        second = self._enrol(program, self.other)
        self._invoice(1000)
        self._invoice(500, partner=self.other)
        return first, second

    def test_purchases_of_merged_distributors_count_for_the_first_agreement_alone(self):
        for target in (self.distributor, self.other):
            with self.subTest(target=target.name), self.env.cr.savepoint() as savepoint:
                first, second = self._both()
                self._merge((self.distributor | self.other) - target, target)
                self.assertEqual((first | second).partner_id, target)
                self._drain()
                self.assertEqual(self._accrual(first).earned_amount, 150)
                self.assertEqual(self._accrual(second).earned_amount, 0)
                self.assertEqual(self._settle(post=False).mapped("amount_total"), [150])
                savepoint.rollback()
                self.env.invalidate_all()

    def test_lines_behind_the_figures_are_named_once(self):
        first, second = self._both()
        self._merge(self.other, self.distributor)
        for agreement in first, second:
            agreement.action_refresh()
        lines = self.env["rebate.measure"]._line_ids(second.accrual_ids._windows())
        self.assertFalse(lines)
        lines = self.env["rebate.measure"]._line_ids(first.accrual_ids._windows())
        self.assertEqual(len(lines), 2)

    def test_guarantees_and_lump_sums_of_the_same_days_are_paid_once(self):
        first, second = self._both(guaranteed_payout=400)
        self._merge(self.other, self.distributor)
        self.assertEqual([self._earned(agreement) for agreement in (first, second)], [400, 0])

    def test_what_both_were_paid_is_offset_and_nothing_is_paid_twice(self):
        first, second = self._both()
        self._settle()
        self._merge(self.other, self.distributor)
        self._drain()
        self.assertEqual(self._accrual(first).settled_amount, 100)
        self.assertEqual(self._accrual(second).settled_amount, 50)
        self.assertEqual(self._accrual(first).open_amount, 50)
        self.assertEqual(self._accrual(second).open_amount, -50)
        self.assertEqual(sum(self._settle().mapped("amount_total")), 0)
        self._invoice(100)
        self.assertEqual(sum(self._settle().mapped("amount_total")), 10)
        self.assertEqual(
            [self._accrual(agreement).settled_amount for agreement in (first, second)], [160, 0]
        )

    def test_agreements_that_follow_each_other_keep_their_days(self):
        program = self._program((0, 10), period_type="quarter")
        first = self._enrol(program, date_end="2025-06-30")
        second = self._enrol(program, self.other, date_start="2025-07-01")
        self._invoice(1000, "2025-05-01")
        self._invoice(500, "2025-08-01", partner=self.other)
        self._invoice(200, "2025-08-01")
        self._merge(self.other, self.distributor)
        self.assertEqual(self._earned(first, "2025-05-01"), 100)
        self.assertEqual(self._earned(second, "2025-08-01"), 70)

    def test_growth_is_still_compared_with_the_time_before_the_agreement(self):
        rule = self._rule(
            (0, 10),
            qualifier_measure="growth_amount",
            baseline="previous_year",
            growth_reward="excess",
        )
        program = self._program(rules=[rule])
        self._enrol(program, date_end="2025-12-31")
        later = self._enrol(program, date_start="2026-01-01")
        self._invoice(1000)
        self._invoice(1500, "2026-02-01")
        self.assertEqual(self._earned(later, "2026-02-01"), 50)

    def test_either_agreement_can_be_ended_and_no_third_is_made_beside_them(self):
        first, second = self._both()
        self._merge(self.other, self.distributor)
        with self.assertRefused("already has an agreement"):
            self._enrol(first.program_id)
        second.action_end()
        first.date_end = "2026-12-31"
        first.action_end()
        self.assertEqual((first | second).mapped("state"), ["ended", "ended"])

    def test_subsidiaries_of_both_count_once(self):
        program = self._program((0, 10))
        first = self._enrol(program)
        second = self._enrol(program, self.other, include_children=True)
        below = self._company("Below", parent_id=self.other.id)
        self._invoice(1000)
        self._invoice(500, partner=below)
        self._merge(self.other, self.distributor)
        self.assertEqual(below.parent_id, self.distributor)
        self.assertEqual([self._earned(agreement) for agreement in (first, second)], [100, 50])

    def test_check_settlements_knows_a_merged_partner_by_what_it_was(self):
        self._both()
        settlements = self._settle()
        fingerprints = settlements.mapped("fingerprint")
        old_id = self.other.id
        self._merge(self.other, self.distributor)
        self.assertEqual(settlements.mapped("fingerprint"), fingerprints)
        check = self.env["rebate.settlement"]._check_fingerprints
        self.assertEqual(check(self.env.company), (2, []))
        third = self._company("Third")
        self._merge(self.distributor, third)
        self.assertEqual(check(self.env.company)[1], [])
        merges = self.env["rebate.partner.merge"].search([])
        self.assertIn((old_id, "Other"), [(m.old_partner_res_id, m.old_name) for m in merges])

    def test_check_settlements_accepts_no_other_partner(self):
        self._both()
        settlement = self._settle()[:1]
        stranger = self._company("Stranger")
        self._merge(self._company("Nobody"), stranger)
        self.env.cr.execute(
            SQL(
                "UPDATE rebate_settlement SET partner_id = %s WHERE id = %s",
                stranger.id,
                settlement.id,
            )
        )
        # The partner is still there, so nothing recorded of it is true.
        self.env.cr.execute(
            SQL(
                "INSERT INTO rebate_partner_merge (old_partner_res_id, new_partner_res_id, user_id,"
                " merged_at) VALUES (%s, %s, %s, now())",
                settlement.partner_id.id,
                stranger.id,
                self.env.uid,
            )
        )
        self.env.invalidate_all()
        findings = self.env["rebate.settlement"]._check_fingerprints(self.env.company)[1]
        self.assertIn("Stranger", findings[0].text)

    def test_merges_are_recorded_by_the_merge_alone(self):
        self._merge(self.other, self.distributor)
        merge = self.env["rebate.partner.merge"].sudo().search([])
        for attempt in (
            merge.copy,
            lambda: merge.write({"old_name": "X"}),
            merge.unlink,
        ):
            with self.assertRaises(UserError):
                attempt()

    def test_a_distributor_is_not_merged_into_a_contact(self):
        self.distributor.is_company = False
        self._enrol(self._program((0, 10)))
        company = self._company("Company")
        contact = self.env["res.partner"].create({"name": "Contact", "parent_id": company.id})
        with self.assertRefused("Distributor", "Company", "Related Company"):
            self._merge(self.distributor, contact)
        self.assertTrue(self.distributor.exists())

    def test_days_paid_to_two_payees_are_not_merged(self):
        _first, second = self._both()
        second.payout_partner_id = self._company("Bank")
        self._settle()
        with self.assertRefused("Other", "Bonus", "Pay To"):
            self._merge(self.other, self.distributor)
        second.payout_partner_id = False
        self._merge(self.other, self.distributor)

    def test_invoices_of_a_person_merged_into_a_contact_count_for_its_company(self):
        agreement = self._enrol(self._program((0, 10)))
        person = self.env["res.partner"].create({"name": "Person"})
        contact = self.env["res.partner"].create(
            {"name": "Contact", "parent_id": self.distributor.id}
        )
        move = self._invoice(1000, partner=person)
        self._merge(person, contact)
        self.assertEqual(move.commercial_partner_id, self.distributor)
        self._drain()
        self.assertEqual(self._accrual(agreement).earned_amount, 100)
