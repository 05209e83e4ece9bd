"""Nothing is typed that the engine, a run or a button writes: each by the way somebody tried."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ...tools.trust import is_trusted, trusted
from ..accrual.common import AccrualCommon
from ..approval.common import ApprovalCommon


@tagged("post_install", "-at_install")
class TestGuard(AccrualCommon, ApprovalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.settlement = cls._proposed()
        cls.line = cls.settlement.line_ids
        cls.accrual = cls.line.accrual_id
        cls.agreement = cls.accrual.agreement_id
        cls.stranger = cls._company("Stranger")
        cls.root = cls.env.ref("base.user_root")
        cls.env.ref("base.user_admin").company_ids |= cls.env.company

    def _everybody(self, records):
        """The records in the hands of whoever has the right to write them, superuser included."""
        admin = records.with_user(self.env.ref("base.user_admin"))
        holders = [
            records.with_user(self.manager),
            records.with_user(self.accountant),
            admin.with_context(allowed_company_ids=self.env.company.ids),
            records.with_user(self.root),
            records.sudo(),
        ]
        return [own for own in holders if own.has_access("write")]

    def _assert_kept(self, records, *vals_list, words=()):
        """Each of the values is refused to everybody, naming record and remedy."""
        for vals in vals_list:
            before = records.sudo().read(list(vals))
            for own in self._everybody(records):
                with (
                    self.subTest(vals=vals, user=own.env.user.login, su=own.env.su),
                    self.assertRefused("cannot be typed", *words),
                ):
                    own.write(vals)
            self.env.invalidate_all()
            self.assertEqual(records.sudo().read(list(vals)), before)

    # ------------------------------------------------------------------
    # Settlements
    # ------------------------------------------------------------------

    def test_a_line_cancelled_by_hand_does_not_free_its_accrual_for_a_second_payout(self):
        self._assert_kept(
            self.line,
            {"state": "cancelled"},
            {"amount": 5},
            {"name": "Mine"},
            words=[self.settlement.name, "frozen"],
        )
        self.assertFalse(self._settle(post=False))

    def test_an_amount_is_not_lowered_below_an_approval_level(self):
        self._assert_kept(self.settlement, {"amount_total": 1}, {"amount_adjustment": 1})

    def test_a_status_follows_from_the_buttons_alone(self):
        for step in (None, self.settlement.action_submit):
            if step:
                step()
            self._assert_kept(
                self.settlement,
                *({"state": state} for state in ("cancelled", "approved", "posted", "paid")),
                words=[self.settlement.name, "Status", "buttons"],
            )

    def test_a_settlement_of_ones_own_is_not_created(self):
        vals = {
            "partner_id": self.stranger.id,
            "company_id": self.env.company.id,
            "currency_id": self.usd.id,
            "journal_id": self.settlement.journal_id.id,
            "line_ids": [
                Command.create({"accrual_id": self.accrual.id, "name": "Mine", "amount": 50000})
            ],
        }
        for own in self._everybody(self.env["rebate.settlement"]):
            with self.assertRefused("Rebate Settlement", "written by its run"):
                own.create(vals)
            with self.assertRefused("written by its run"):
                self.settlement.with_env(own.env).copy({"partner_id": self.stranger.id})
            result = own.load(["partner_id/.id", "date"], [[str(self.stranger.id), "2026-01-01"]])
            self.assertFalse(result["ids"])
            self.assertIn("written by its run", result["messages"][0]["message"])

    def test_no_line_is_added_to_a_draft_nor_taken_from_it(self):
        new = {"accrual_id": self.accrual.id, "name": "Mine", "amount": 50000}
        for own in self._everybody(self.settlement):
            for command in (
                Command.create(new),
                Command.update(self.line.id, {"amount": 50000}),
                Command.delete(self.line.id),
                Command.unlink(self.line.id),
                Command.clear(),
            ):
                with self.assertRefused("frozen"):
                    own.write({"line_ids": [command]})
                with self.assertRefused("frozen"):
                    own.web_save({"line_ids": [command]}, {"line_ids": {}})
            with self.assertRefused("frozen"):
                own.line_ids.unlink()
        self.assertEqual(self.settlement.amount_total, 100)

    def test_who_is_paid_and_in_what_does_not_change(self):
        self._assert_kept(
            self.settlement,
            {"partner_id": self.stranger.id},
            {"currency_id": self.eur.id},
            {"company_id": self.setup_other_company()["company"].id},
            words=[self.settlement.name],
        )

    def test_date_journal_and_note_are_typed_on_a_draft_and_not_after(self):
        journal = self.company_data["default_journal_sale"].copy()
        vals = {"date": "2026-02-01", "journal_id": journal.id, "note": "<p>As agreed</p>"}
        self.settlement.with_user(self.accountant).write(vals)
        self.settlement.with_user(self.manager).write({"note": "<p>Agreed</p>"})
        self.assertEqual(self.settlement.journal_id, journal)
        with self.assertRefused("cannot be typed"):
            self.settlement.with_user(self.approver).write({"note": "<p>Mine</p>"})
        self.settlement.action_submit()
        changed = {
            "date": "2026-03-01",
            "journal_id": self.company_data["default_journal_sale"].id,
            "note": "<p>Other</p>",
        }
        self._assert_kept(self.settlement, *({name: value} for name, value in changed.items()))

    def test_paying_early_is_the_accountants_until_it_is_posted(self):
        with self.assertRefused("Pay Early", "right", "Accountant"):
            self.settlement.with_user(self.manager).pay_early = True
        self.settlement.action_submit()
        self.settlement.with_user(self.accountant).pay_early = True
        self.settlement.with_user(self.approver).action_approve()
        self.settlement.action_post()
        self._assert_kept(self.settlement, {"pay_early": False})

    def test_what_is_there_already_is_no_change(self):
        self.settlement.action_submit()
        settlement = self.settlement.with_user(self.accountant)
        settlement.write(
            {
                "state": "submitted",
                "partner_id": settlement.partner_id.id,
                "date": settlement.date,
                "amount_total": 100,
                "fingerprint": False,
            }
        )

    def test_nothing_that_was_submitted_is_deleted_whatever_context_is_sent_along(self):
        self.settlement.action_submit()
        self.settlement.with_user(self.approver).action_reject("No")
        other = self._settle(post=False)
        other.action_submit()
        for settlement in (self.settlement, other):
            for own in self._everybody(settlement):
                for context in ({}, {"_force_unlink": not own.env.su}, {"rebate_trust": True}):
                    with self.assertRefused("cannot be deleted"):
                        own.with_context(**context).unlink()

    def test_what_a_run_defaults_to_is_not_sent_along_by_a_client(self):
        self.settlement.unlink()
        forged = {
            "default_fingerprint": "0" * 64,
            "default_fingerprint_number": 7,
            "default_state": "approved",
            "default_submitted_by_id": self.second_approver.id,
            "default_terms_snapshot": {"programs": {}},
            "default_pay_early": True,
            "default_amount": 50000,
            "default_name": "Mine",
            "default_approval_level_id": self.default_level.id,
        }
        runs = self.env["rebate.settlement.run"].with_user(self.accountant).with_context(**forged)
        settlement = runs.create({"date_to": "2025-12-31"}).action_run()
        self.assertRecordValues(
            settlement.sudo(),
            [
                {
                    "fingerprint": False,
                    "fingerprint_number": 0,
                    "state": "draft",
                    "submitted_by_id": False,
                    "approval_level_id": False,
                    "pay_early": False,
                    "amount_total": 100,
                }
            ],
        )
        self.assertNotEqual(settlement.terms_snapshot, {"programs": {}})
        self.assertNotEqual(settlement.name, "Mine")
        settlement.with_context(**forged).action_submit()
        self._approve(settlement)
        settlement.with_context(**forged).action_post()
        self.assertFalse(self.env["rebate.settlement.check"]._check(self.env.company).line_ids)

    def test_defaults_that_users_save_are_none_for_what_is_not_typed(self):
        defaults = self.env["ir.default"].sudo()
        defaults.set("rebate.settlement", "pay_early", True)
        defaults.set("rebate.settlement", "submitted_by_id", self.second_approver.id)
        defaults.set("rebate.program", "proposed_until", "2030-01-01")
        self.settlement.unlink()
        settlement = self._settle(post=False)
        self.assertFalse(settlement.pay_early or settlement.submitted_by_id)
        self.assertFalse(self._program((0, 1)).proposed_until)

    def test_a_run_hands_no_trust_on(self):
        self.settlement.unlink()
        settlement = self._settle()
        for records in (
            settlement,
            settlement.move_ids,
            settlement.batch_id,
            settlement.line_ids.accrual_id,
            self.env["rebate.settlement.check"]._check(self.env.company),
        ):
            self.assertFalse(is_trusted(records.env), records)

    def test_a_token_of_a_client_is_none(self):
        for token in (True, 1, "trust", {}, [], object()):
            with self.subTest(token=token), self.assertRefused("cannot be typed"):
                self.settlement.with_context(rebate_trust=token).write({"state": "paid"})
        self.assertTrue(is_trusted(trusted(self.settlement).env))

    # ------------------------------------------------------------------
    # Terms, agreements, accruals
    # ------------------------------------------------------------------

    def test_euros_are_not_paid_as_dollars(self):
        self._assert_kept(
            self.agreement,
            {"currency_id": self.eur.id},
            {"company_id": self.setup_other_company()["company"].id},
            {"state": "draft"},
            words=["Bonus"],
        )

    def test_a_rule_is_of_its_programs_company(self):
        company = self.setup_other_company()["company"]
        self._assert_kept(self.program.rule_ids, {"company_id": company.id})
        self._assert_kept(self.program.rule_ids.tier_ids, {"company_id": company.id})

    def test_an_agreement_is_active_by_its_button_alone(self):
        vals = {"program_id": self.program.id, "partner_id": self.stranger.id}
        for own in self._everybody(self.env["rebate.agreement"]):
            with self.assertRefused("Status", "buttons"):
                own.create({**vals, "state": "active"})
        agreement = self.env["rebate.agreement"].with_context(default_state="ended").create(vals)
        self.assertEqual(agreement.state, "draft")
        with self.assertRefused("Status", "buttons"):
            self.agreement.copy({"partner_id": self.stranger.id, "state": "active"})

    def test_what_a_program_recorded_is_not_typed(self):
        self._assert_kept(
            self.program,
            {"proposed_until": "2030-01-01"},
            {"problem": "None"},
            {"template_id": self.env["rebate.template"].search([], limit=1).id},
            words=["Bonus"],
        )

    def test_a_rule_is_not_renamed_by_its_translation(self):
        for rule in self._everybody(self.program.rule_ids):
            with self.assertRefused("Bonus", "Amend"):
                rule.update_field_translations("name", {"en_US": "All that is bought twice"})
        self.program.with_user(self.manager).update_field_translations("name", {"en_US": "Bonus 2"})

    def test_an_accrual_is_not_typed_nor_made_by_hand(self):
        self._assert_kept_by_all(
            self.accrual, {"earned_amount": 5}, {"settled_amount": 5}, {"state": "settled"}
        )
        with self.assertRefused("computed"):
            self.accrual.sudo().unlink()
        with self.assertRefused("computed"):
            self.accrual.sudo().create(
                {
                    "agreement_id": self.agreement.id,
                    "date_from": "2024-01-01",
                    "date_to": "2024-12-31",
                }
            )

    def _assert_kept_by_all(self, records, *vals_list):
        """As :meth:`_assert_kept`, where the rights refuse it to users already."""
        for vals in vals_list:
            with self.assertRaises(AccessError):
                records.with_user(self.manager).write(vals)
            for own in (records.sudo(), records.with_user(self.root)):
                with self.assertRefused("cannot be typed"):
                    own.write(vals)

    # ------------------------------------------------------------------
    # Fields on journal entries
    # ------------------------------------------------------------------

    def test_no_journal_entry_is_made_a_payout_or_an_accrual_by_hand(self):
        invoice = self._invoice(500, post=False)
        poster = self._user("poster", "account.group_account_manager")
        before = self.accrual.accrued_amount
        for own in (
            invoice.with_user(poster),
            invoice.with_user(self.accountant),
            invoice.with_user(self.root),
            invoice.sudo(),
        ):
            for vals in (
                {"rebate_settlement_id": self.settlement.id},
                {"rebate_accrued_until": "2030-01-01"},
                {"line_ids": [self._tagging(invoice)]},
                {"invoice_line_ids": [self._tagging(invoice)]},
            ):
                with self.assertRefused("cannot be typed"):
                    own.write(vals)
            with self.assertRefused("Accrual", "cannot be typed"):
                own.line_ids.write({"rebate_accrual_id": self.accrual.id})
            with self.assertRefused("cannot be typed"):
                own.copy({"rebate_settlement_id": self.settlement.id})
            copied = own.with_context(
                default_rebate_settlement_id=self.settlement.id,
                default_rebate_accrued_until="2030-01-01",
                default_rebate_accrual_id=self.accrual.id,
            ).copy()
            self.assertFalse(copied.sudo().rebate_settlement_id or copied.rebate_accrued_until)
            self.assertFalse(copied.sudo().line_ids.rebate_accrual_id)
        self.assertEqual(self.accrual.accrued_amount, before)

    def _tagging(self, invoice):
        return Command.update(invoice.invoice_line_ids.id, {"rebate_accrual_id": self.accrual.id})

    def test_no_document_is_added_to_a_settlement_by_its_list(self):
        invoice = self._invoice(500)
        for own in self._everybody(self.settlement):
            if own.env.user == self.manager:
                continue  # who may not even read journal entries
            with self.assertRefused("Rebate Settlement", "cannot be typed"):
                own.write({"move_ids": [Command.link(invoice.id)]})

    def test_a_reversal_keeps_the_links_and_a_copy_does_not(self):
        self._enrol(self._accruing(name="Accruing"))
        self._invoice(1000)
        entry = self._run()
        self.assertTrue(entry.line_ids.rebate_accrual_id)
        for copied in (entry.copy(), entry.with_context(include_business_fields=True).copy()):
            self.assertFalse(copied.rebate_accrued_until)
            self.assertFalse(copied.line_ids.rebate_accrual_id)
        reversal = entry._reverse_moves()
        self.assertEqual(reversal.line_ids.rebate_accrual_id, entry.line_ids.rebate_accrual_id)
        self.assertFalse(is_trusted(reversal.env))
        settlement = self._settle(partner_ids=self.distributor.ids)
        note = settlement.move_ids
        settlement.with_user(self.accountant).action_cancel()
        self.assertEqual((settlement.move_ids - note).reversed_entry_id, note)
        self.assertFalse(is_trusted(settlement.move_ids.env))
