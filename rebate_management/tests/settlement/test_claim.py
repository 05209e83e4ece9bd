"""Programs whose rebates must be claimed: paid once claimed, reminded of, expired, revived."""

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ...tools.trust import trusted
from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestClaim(RebateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.distributor.email = "distributor@example.com"
        cls.program = cls._program((0, 10), claim_required=True, claim_deadline_days=120)
        cls.agreement = cls._enrol(cls.program)
        cls._invoice(1000)
        cls.agreement.action_refresh()
        # of 2025, to be claimed until 30 April 2026
        cls.accrual = cls._accrual(cls.agreement)

    def _day(self, day):
        with freeze_time(day), self.enter_registry_test_mode():
            self.env.ref("rebate_management.ir_cron_claims").method_direct_trigger()
        self.accrual.invalidate_recordset()

    def _mails(self):
        return self.env["mail.mail"].search(
            [("model", "=", "rebate.accrual"), ("res_id", "=", self.accrual.id)]
        )

    def _told(self):
        return " ".join(self.agreement.message_ids.mapped("body"))

    # ------------------------------------------------------------------
    # Claimed
    # ------------------------------------------------------------------

    def test_only_what_was_claimed_is_paid(self):
        self.assertEqual(str(self.accrual.claim_until), "2026-04-30")
        self.assertFalse(self._settle())
        self.accrual.action_claim()
        self.assertEqual(str(self.accrual.claimed_date), self.today)
        self.assertEqual(self._settle().amount_total, 100)
        self.assertIn("Claimed", self._told())

    def _record(self, user, *names, **vals):
        """Record the claim as in the form, with documents of some names."""
        wizard = (
            self.env["rebate.claim.record"]
            .with_user(user)
            .with_context(active_ids=self.accrual.ids)
            .create({"reference": "C-17", **vals})
        )
        wizard.attachment_ids = (
            self.env["ir.attachment"]
            .with_user(user)
            .create(
                [
                    {"name": name, "raw": name.encode(), "res_model": wizard._name, "res_id": 0}
                    for name in names
                ]
            )
        )
        received = wizard.attachment_ids
        wizard.action_record()
        return received

    def test_a_claim_keeps_who_recorded_it_and_what_was_sent(self):
        self.distributor.user_id = self.seller
        received = self._record(self.seller, "letter.pdf", "list.csv")
        self.assertRecordValues(
            self.accrual,
            [{"claimed_by_id": self.seller.id, "claim_reference": "C-17"}],
        )
        kept = self.accrual.claim_attachment_ids.sorted("id")
        self.assertEqual(kept.mapped("name"), ["letter.pdf", "list.csv"])
        self.assertEqual(kept[0].raw, b"letter.pdf")
        self.assertEqual(kept.mapped("res_model"), ["rebate.accrual"] * 2)
        self.assertFalse(received.exists())
        # It can be read by whoever reads the period, and deleted by none of them.
        self.assertEqual(kept[0].with_user(self.reader).raw, b"letter.pdf")
        for user in (self.seller, self.reader):
            with self.assertRaises(AccessError):
                kept[0].with_user(user).unlink()
        self.accrual.action_withdraw_claim()
        self.assertRecordValues(
            self.accrual,
            [{"claimed_date": False, "claimed_by_id": False, "claim_reference": False}],
        )
        self.assertEqual(self.accrual.claim_attachment_ids.sorted("id"), kept)

    def test_a_claim_shows_nobody_what_they_may_not_read(self):
        secret = self.env["ir.attachment"].create(
            {"name": "secret", "raw": b"x", "res_model": "res.company", "res_id": 0}
        )
        own = secret.with_user(self.manager)
        with self.assertRaises(AccessError):
            self.accrual.with_user(self.manager)._record_claim(attachments=own)

    def test_who_may_not_claim_records_nothing(self):
        with self.assertRefused("salesperson or a rebate manager"):
            self._record(self.seller, "letter.pdf")
        self.assertFalse(self.accrual.claimed_date)
        self.assertFalse(self.accrual.claim_attachment_ids)

    def test_a_program_without_claims_pays_at_once(self):
        self._enrol(self._program((0, 5)))
        settlement = self._settle()
        self.assertEqual(settlement.amount_total, 50)
        self.assertFalse(settlement.line_ids.accrual_id.claim_until)
        with self.assertRefused("need not be claimed"):
            settlement.line_ids.accrual_id.action_claim()

    def test_a_claim_is_recorded_once_and_in_time(self):
        self.accrual.action_claim()
        with self.assertRefused("03/31/2026", "already"):
            self.accrual.action_claim()
        self.accrual.action_withdraw_claim()
        with freeze_time("2026-05-01"), self.assertRefused("04/30/2026", "Extend"):
            self.accrual.action_claim()
        with freeze_time("2026-04-30"):
            self.accrual.action_claim()
        self.assertTrue(self.accrual.claimed_date)

    def test_a_claim_that_is_being_paid_is_not_withdrawn(self):
        self.accrual.action_claim()
        settlement = self._settle()
        with self.assertRefused("Cancel its settlement"):
            self.accrual.action_withdraw_claim()
        settlement.action_cancel()
        self.accrual.action_withdraw_claim()
        self.assertFalse(self._settle())

    def test_only_a_claim_that_was_recorded_is_withdrawn(self):
        free = self._enrol(self._program((0, 5), name="Free"))
        free.action_refresh()
        logged = len((self.accrual | free.accrual_ids).agreement_id.message_ids)
        for accruals in (self.accrual, self._accrual(free)):
            with self.assertRefused("was not claimed", "no claim to withdraw"):
                accruals.action_withdraw_claim()
        self.accrual.action_claim()
        with self.assertRefused("no claim to withdraw"):
            (self.accrual | self._accrual(free)).action_withdraw_claim()
        self.assertTrue(self.accrual.claimed_date)
        self.accrual.action_withdraw_claim()
        with self.assertRefused("no claim to withdraw"):
            self.accrual.action_withdraw_claim()
        messages = (self.accrual | free.accrual_ids).agreement_id.message_ids
        self.assertEqual(len(messages), logged + 2)

    def test_an_approved_settlement_is_not_posted_without_its_claim(self):
        self.accrual.action_claim()
        settlement = self._settle(post=False)
        settlement.action_submit()
        self._approve(settlement)
        trusted(self.accrual.sudo()).claimed_date = False
        with self.assertRefused(settlement.name, "not claimed"):
            settlement.action_post()

    def test_the_salesperson_or_a_manager_records_claims(self):
        self.distributor.user_id = self.seller
        with self.assertRefused("salesperson"):
            self.accrual.with_user(self.reader).action_claim()
        with self.assertRaises(AccessError):
            self.accrual.with_user(self.nobody).action_claim()
        self.accrual.with_user(self.seller).action_claim()
        self.assertTrue(self.accrual.claimed_date)
        with self.assertRaises(AccessError):
            self.accrual.with_user(self.seller).claimed_date = False

    # ------------------------------------------------------------------
    # Reminded
    # ------------------------------------------------------------------

    def test_the_distributor_is_reminded_thirty_and_seven_days_before_once_each(self):
        self._day("2026-03-30")
        self.assertFalse(self._mails())
        self._day("2026-03-31")
        self._day("2026-04-01")
        self.assertEqual(len(self._mails()), 1)
        mail = self._mails()
        self.assertIn("Bonus", mail.subject)
        self.assertIn("100.00", self._plain(mail.body_html))
        self.assertEqual(mail.recipient_ids, self.distributor)
        self._day("2026-04-22")
        self.assertEqual(len(self._mails()), 1)
        self._day("2026-04-23")
        self._day("2026-04-24")
        self.assertEqual(len(self._mails()), 2)
        self.assertIn("Reminded", self._told())

    def test_the_reminder_speaks_the_partners_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.distributor.lang = "fr_FR"
        template = self.env.ref("rebate_management.mail_template_claim_reminder")
        template.with_context(lang="fr_FR").subject = "Votre remise {{ object.period }}"
        self._day("2026-04-01")
        self.assertEqual(self._mails().subject, "Votre remise 2025")

    def test_who_claimed_or_earned_nothing_is_not_reminded(self):
        other = self._company("Other", email="other@example.com")
        self._enrol(self.program, other)
        self.accrual.action_claim()
        self._day("2026-04-01")
        self.assertFalse(self.env["mail.mail"].search([("model", "=", "rebate.accrual")]))

    def test_who_cannot_be_reminded_is_named_on_the_agreement(self):
        self.distributor.email = False
        self._day("2026-04-01")
        self.assertFalse(self._mails())
        self.assertIn("no e-mail address", self._told())

    def test_a_running_period_is_nobodys_reminder(self):
        self._invoice(1000, "2026-02-01")
        self.agreement.action_refresh()
        self._day("2026-03-31")
        self.assertEqual(
            self.env["mail.mail"].search([("model", "=", "rebate.accrual")]).mapped("res_id"),
            self.accrual.ids,
        )

    # ------------------------------------------------------------------
    # Expired
    # ------------------------------------------------------------------

    def _let_expire(self):
        self._day("2026-04-23")
        self._day("2026-05-01")

    def test_nothing_expires_of_which_nobody_was_reminded(self):
        self._day("2026-05-10")
        self.assertEqual(self.accrual.state, "closed")
        self.assertEqual(str(self.accrual.claim_until), "2026-06-09")
        self.assertEqual(len(self._mails()), 1)
        self._day("2026-06-02")
        self._day("2026-06-10")
        self.assertEqual((self.accrual.state, len(self._mails())), ("expired", 2))

    def test_what_is_not_claimed_expires_the_day_after(self):
        self._day("2026-04-30")
        self.assertEqual(self.accrual.state, "closed")
        self._day("2026-05-01")
        self.assertRecordValues(
            self.accrual,
            [
                {
                    "state": "expired",
                    "earned_amount": 100,
                    "expired_amount": 100,
                    "open_amount": 0,
                    "expired_on": fields.Date.to_date("2026-05-01"),
                }
            ],
        )
        self.assertIn("expired unclaimed", self._told())
        self.assertFalse(self._settle())

    def test_a_later_change_of_what_expired_expires_too(self):
        self._let_expire()
        self._invoice(500, "2025-12-01")
        self.agreement.action_refresh()
        self.assertRecordValues(
            self.accrual, [{"state": "expired", "expired_amount": 150, "open_amount": 0}]
        )
        self._invoice(1500, "2025-12-01", refund=True)
        self.agreement.action_refresh()
        self.assertRecordValues(
            self.accrual, [{"state": "expired", "expired_amount": 0, "open_amount": 0}]
        )

    def test_a_manager_revives_what_expired_with_a_reason(self):
        self._let_expire()
        self.env["rebate.claim.extend"].create(
            {
                "accrual_ids": self.accrual.ids,
                "claim_until": "2026-06-15",
                "reason": "Their system was down",
            }
        ).action_extend()
        self.assertRecordValues(
            self.accrual,
            [{"state": "closed", "expired_amount": 0, "open_amount": 100, "expired_on": False}],
        )
        self.assertEqual(str(self.accrual.claim_until), "2026-06-15")
        self.assertIn("Their system was down", self._told())
        self._day("2026-06-08")
        self.assertEqual(len(self._mails()), 2, "reminded anew")
        self.accrual.action_claim()
        self.assertEqual(self._settle().amount_total, 100)

    def test_a_deadline_is_extended_to_a_day_ahead_by_a_manager(self):
        day = fields.Date.to_date("2026-06-15")
        with self.assertRefused("Manager"):
            self.accrual.with_user(self.reader)._extend_claim(day, "because")
        with self.assertRefused("03/30/2026", "past"):
            self.accrual._extend_claim(fields.Date.to_date("2026-03-30"), "because")
        self.accrual.action_claim()
        with self.assertRefused("claimed already"):
            self.accrual._extend_claim(day, "because")

    def test_a_deadline_needs_a_day(self):
        with self.assertRefused("Bonus", "1 or more"):
            self._program((0, 10), claim_required=True, claim_deadline_days=0)
