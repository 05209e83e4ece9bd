"""The watch list: written every night, assigned and planned by people, and by nobody typed."""

from odoo.fields import Domain
from odoo.tests import tagged

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestWatch(RebateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.distributor.write({"user_id": cls.seller.id, "email": "d@example.com"})
        cls.agreement = cls._enrol(cls._program((1000, 2), (5000, 3)))
        cls._invoice(4600, "2026-02-01")

    def _rows(self, kind="near_miss"):
        self.env["rebate.watch"]._refresh(Domain.TRUE)
        self.env.invalidate_all()
        return self.env["rebate.watch"].search(
            [("agreement_id", "=", self.agreement.id), ("kind", "=", kind)]
        )

    def test_it_tells_who_is_worth_a_call_to_the_salesperson(self):
        row = self._rows()
        self.assertRecordValues(
            row,
            [
                {
                    "partner_id": self.distributor.id,
                    "user_id": self.seller.id,
                    "distance": 8,
                    "worth": 58,
                    "effort_return": 14.5,
                    "days_left": 275,
                }
            ],
        )
        self.assertEqual(self._plain(row.sentence), "$ 400.00 more by 12/31/2026 earn $ 58.00")

    def test_it_is_looked_through_every_night(self):
        with self.enter_registry_test_mode():
            self.env.ref("rebate_management.ir_cron_refresh_watch").method_direct_trigger()
        self.assertEqual(
            self.env["rebate.watch"].search([("agreement_id", "=", self.agreement.id)]).kind,
            "near_miss",
        )

    def test_looking_again_changes_the_figures_and_keeps_the_row(self):
        row = self._rows()
        row.with_user(self.seller).user_id = self.manager
        self._invoice(100, "2026-02-02")
        self.assertEqual(self._rows(), row)
        self.assertEqual((row.distance, row.user_id), (6, self.manager))

    def test_a_reason_that_is_over_goes(self):
        self._rows()
        self._invoice(1000, "2026-02-02")
        self.assertFalse(self._rows())

    def test_a_planned_call_keeps_the_row_until_it_is_done(self):
        row = self._rows()
        action = row.with_user(self.seller).action_schedule_call()
        wizard = (
            self.env[action["res_model"]]
            .with_user(self.seller)
            .with_context(**action["context"])
            .create({})
        )
        wizard.action_schedule_activities()
        self.assertEqual(row.activity_ids.user_id, self.seller)
        self.assertEqual(row.activity_ids.summary, row.sentence)
        self._invoice(1000, "2026-02-02")
        self.assertEqual(self._rows(), row)
        self.assertTrue(row.is_over)
        row.with_user(self.seller).activity_ids.action_done()
        self.assertFalse(self._rows())

    def test_an_agreement_that_ends_leaves_the_list(self):
        self._rows()
        self.agreement.action_end()
        self.assertFalse(self._rows())

    def test_a_mail_to_the_distributor_says_what_is_worth_saying(self):
        action = self._rows().with_user(self.seller).action_send_mail()
        composer = (
            self.env["mail.compose.message"]
            .with_user(self.seller)
            .with_context(**action["context"])
            .create({})
        )
        self.assertEqual(composer.partner_ids, self.distributor)
        self.assertIn("400.00", self._plain(composer.body))
        composer._action_send_mail()
        message = self._rows().message_ids.filtered(lambda one: one.partner_ids)
        self.assertEqual(message.partner_ids, self.distributor)

    def test_without_an_address_it_says_what_to_do(self):
        row = self._rows()
        self.distributor.email = False
        with self.assertRefused("Distributor has no email address"):
            row.action_send_mail()

    def test_nobody_types_what_is_worth_a_call(self):
        row = self._rows()
        for user in (self.seller, self.manager, self.accountant):
            with self.assertRefused("cannot be typed"):
                row.with_user(user).worth = 1000
            with self.assertNoAccess():
                row.with_user(user).unlink()
        with self.assertNoAccess():
            row.with_user(self.nobody).read(["worth"])

    def test_only_managers_have_it_looked_through(self):
        self.env["rebate.watch"].with_user(self.manager).action_refresh()
        with self.assertNoAccess():
            self.env["rebate.watch"].with_user(self.seller).action_refresh()

    def test_agreements_are_found_by_it(self):
        self._rows()
        near = [("watch_ids", "any", [("kind", "=", "near_miss"), ("is_over", "=", False)])]
        agreements = self.env["rebate.agreement"].with_user(self.seller)
        self.assertEqual(agreements.search(near), self.agreement)
        self.assertEqual(
            agreements.search([("partner_id.user_id", "=", self.seller.id)]), self.agreement
        )
        self.assertEqual(self.agreement.salesperson_id, self.seller)
