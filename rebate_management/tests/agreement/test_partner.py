"""The customer form shows rebates as of now, without a refresh in between."""

from odoo.tests import tagged

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestPartner(RebateCommon):
    def test_the_smart_button_is_live(self):
        self._enrol(self._program((0, 10)))
        self._invoice(100, "2026-02-01")
        self.env.invalidate_all()
        self.assertIn("10.00", self.distributor.rebate_summary)
        self._invoice(100, "2026-02-01")
        self.env.invalidate_all()
        self.assertIn("20.00", self.distributor.rebate_summary)
        action = self.distributor.action_view_rebates()
        self.assertEqual(
            self.env["rebate.agreement"].search(action["domain"]).current_earned_amount, 20
        )

    def test_contacts_show_their_companys_rebates_and_strangers_none(self):
        self._enrol(self._program((0, 10)))
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.distributor.id}
        )
        self._invoice(100, "2026-02-01", partner=contact)
        self.assertIn("10.00", contact.rebate_summary)
        self.assertFalse(self._company("Stranger").rebate_summary)

    def test_an_agreement_that_has_ended_shows_no_progress(self):
        agreement = self._enrol(self._program((0, 10)))
        self._invoice(100, "2026-02-01")
        agreement.action_end()
        self.assertFalse(agreement.current_date_from)
        self.assertEqual(agreement.current_earned_amount, 0)

    def test_a_quarter_and_two_years_are_not_added_up(self):
        quarter = self._enrol(self._program((0, 10), period_type="quarter", name="Quarter"))
        self._invoice(100, "2026-02-01")
        self.env.invalidate_all()
        self.assertEqual(self.distributor.rebate_summary_label, "Rebates Q1 2026")
        self._enrol(self._program((0, 20), name="Year"))
        self.env.invalidate_all()
        self.assertEqual(self.distributor.rebate_summary, "2 running")
        self.assertEqual(
            self.distributor.rebate_running_ids.mapped("current_period"), ["2026", "Q1 2026"]
        )
        self.assertEqual(quarter.current_earned_amount, 10)

    def test_what_most_can_be_won_by_little_comes_first(self):
        far = self._enrol(self._program((100, 1), (9000, 2), name="Far"))
        near = self._enrol(self._program((100, 1), (1000, 5), name="Near"))
        self._invoice(900, "2026-02-01")
        (near | far).action_refresh()
        self.env.invalidate_all()
        self.assertEqual(self.distributor.rebate_running_ids, near | far)
        self.assertEqual(
            self._plain(near.current_worth_saying), "$ 100.00 more by 12/31/2026 earn $ 41.00"
        )
        self.assertIn("18.00", self.distributor.rebate_open_summary)

    def test_customers_without_agreements_cost_one_query(self):
        # What rules allow is looked up once.
        self._company("Zero").mapped("rebate_summary")
        strangers = self._company("One") | self._company("Two") | self._company("Three")
        self.env.flush_all()
        self.env.invalidate_all()
        strangers.mapped("commercial_partner_id")
        with self.assertQueryCount(1):
            strangers.mapped("rebate_summary")
