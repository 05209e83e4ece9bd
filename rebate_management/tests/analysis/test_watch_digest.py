"""Once a week each salesperson gets one mail, in his language, with the customers who are worth a
call; who has none, or does not want it, gets none."""

from odoo.fields import Domain
from odoo.tests import tagged

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestWatchDigest(RebateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program = cls._program((1000, 2), (5000, 3))
        for name, amount in (("Near", 4600), ("Nearer", 4900), ("Far", 2000)):
            partner = cls._company(name, user_id=cls.seller.id)
            cls._enrol(cls.program, partner)
            cls._invoice(amount, "2026-02-01", partner=partner)
        cls.env["rebate.watch"]._refresh(Domain.TRUE)

    def _send(self):
        mails = self.env["mail.mail"].sudo()
        before = mails.search([])
        self.env["rebate.watch"]._cron_digest()
        return mails.search([]) - before

    def test_one_mail_tells_all(self):
        mail = self._send()
        self.assertEqual(len(mail), 1)
        self.assertEqual(mail.recipient_ids, self.seller.partner_id)
        text = self._plain(mail.body_html)
        self.assertIn("Nearer", text)
        self.assertIn("$ 100.00 more by 12/31/2026 earn $ 52.00", text)
        self.assertLess(text.index("$ 400.00 more"), text.index("Nearer"))
        self.assertNotIn("Far<", text)
        self.assertIn("2 worth a call", mail.subject)

    def test_it_is_in_the_language_of_the_salesperson(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.seller.lang = "de_DE"
        self.assertIn("31.12.2026", self._plain(self._send().body_html))

    def test_who_does_not_want_it_gets_none(self):
        self.seller.with_user(self.seller).rebate_watch_digest = False
        self.assertFalse(self._send())

    def test_who_has_nothing_to_do_gets_none(self):
        self.env["rebate.watch"].search([]).user_id = self.manager
        self.assertEqual(self._send().recipient_ids, self.manager.partner_id)

    def test_who_may_not_see_rebates_gets_none(self):
        self.env["rebate.watch"].search([]).user_id = self.nobody
        self.assertFalse(self._send())

    def test_a_company_may_do_without(self):
        if "rebate_watch_digest" not in self.env["res.company"]._fields:
            self.skipTest("the settings are not there yet")
        self.env.company.rebate_watch_digest = False
        self.assertFalse(self._send())
