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
