"""When a payout is due, and that it is posted no sooner unless the accountant says so."""

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestPayoutDate(RebateCommon):
    def _approved(self, **vals):
        self._enrol(self._program((0, 10), period_type="quarter", **vals))
        self._invoice(1000, "2026-01-15")
        with freeze_time("2026-04-02"):
            settlement = self._settle("2026-03-31", post=False)
            settlement.action_submit()
            self._approve(settlement)
        return settlement

    def test_a_payout_is_due_some_days_after_the_end_of_what_it_pays_for(self):
        settlement = self._approved(payout_delay_days=30)
        due = fields.Date.to_date("2026-04-30")
        self.assertRecordValues(settlement, [{"date_due": due, "date": due}])
        with freeze_time("2026-04-29"), self.assertRefused(settlement.name, "04/30/2026"):
            settlement.action_post()
        with freeze_time("2026-04-30"):
            settlement.action_post()
        self.assertEqual(settlement.move_ids.invoice_date, due)

    def test_the_accountant_may_pay_early(self):
        settlement = self._approved(payout_delay_days=30)
        with self.assertRaisesRegex(UserError, "Accountant"):
            settlement.with_user(self.manager).pay_early = True
        settlement.with_user(self.accountant).pay_early = True
        with freeze_time("2026-04-10"):
            settlement.with_user(self.accountant).action_post()
        self.assertEqual(str(settlement.move_ids.invoice_date), "2026-04-10")

    def test_without_a_delay_it_is_due_at_once(self):
        settlement = self._approved()
        self.assertEqual(str(settlement.date_due), "2026-03-31")
        self.assertEqual(str(settlement.date), "2026-04-02")
        settlement.action_post()
        self.assertEqual(settlement.state, "posted")

    def test_what_is_due_later_has_a_document_of_its_own(self):
        self._enrol(self._program((0, 10), period_type="quarter", name="Now"))
        self._enrol(self._program((0, 1), period_type="quarter", name="Soon"))
        self._enrol(
            self._program((0, 2), period_type="quarter", name="Later", payout_delay_days=100)
        )
        self._invoice(1000, "2025-11-15")
        settlements = self._settle("2025-12-31", post=False).sorted("amount_total")
        self.assertEqual(settlements.mapped("amount_total"), [20, 110])
        self.assertEqual(
            [str(day) for day in settlements.mapped("date_due")], ["2026-04-10", "2025-12-31"]
        )

    def test_a_negative_delay_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "Bonus.*negative number of days"):
            self._program((0, 1), payout_delay_days=-1)
