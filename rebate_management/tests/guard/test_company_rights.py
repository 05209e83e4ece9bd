"""Reading goes up to the parent company, writing never does: role by role, model by model and
button by button."""

from odoo import Command
from odoo.tests import tagged

from ..common_company import ROLES, CompanyCommon

OF_A = (
    "rebate.program",
    "rebate.rule",
    "rebate.tier",
    "rebate.agreement",
    "rebate.accrual",
    "rebate.accrual.line",
    "rebate.accrual.terms",
    "rebate.settlement",
    "rebate.settlement.line",
    "rebate.settlement.detail",
    "rebate.settlement.batch",
    "rebate.settlement.carryover",
    "rebate.approval",
    "rebate.amendment",
    "rebate.amendment.line",
    "rebate.stacking.group",
)


# What a user of the branch sees only once it is decided.
DECIDED_ONLY = ("rebate.settlement", "rebate.settlement.line", "rebate.settlement.detail")


@tagged("post_install", "-at_install")
class TestCompanyRights(CompanyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["rebate.stacking.group"].create({"name": "Group"})
        other = cls._company("Small")
        cls._enrol(cls._program((0, 10), name="Small", min_payout=1000), other)
        cls._invoice(10, partner=other)
        cls.settlement = cls._settle(post=False)
        cls.settlement.action_submit()
        amending = cls._program((0, 10), name="Amending")
        cls._enrol(amending)
        amending.action_amend()
        cls.amendment = amending.amendment_ids
        cls.amendment.draft_id.rule_ids.tier_ids.rate = 20
        cls.amendment.reason = "More"
        cls.amendment.action_preview()
        cls.amending = amending

    def _everyone(self):
        """Each user of the branch and of the other company, with what they may read of A."""
        for role in ROLES:
            yield self.of_b[role], True
            yield self.of_c[role], False

    # ------------------------------------------------------------------
    # Records
    # ------------------------------------------------------------------

    def test_a_branch_reads_what_is_its_parents_and_writes_none_of_it(self):
        for name in OF_A:
            records = self.env[name].sudo().search([("company_id", "=", self.a.id)])
            self.assertTrue(records, name)
            for user, reads in self._everyone():
                with self.subTest(name, user=user.login):
                    own = records.with_user(user)
                    if name in DECIDED_ONLY and user == self.of_b["user"]:
                        reads = False
                    self.assertEqual(own.has_access("read"), reads)
                    for operation in ("write", "unlink", "create"):
                        self.assertFalse(own.has_access(operation), operation)

    def test_nobody_creates_records_in_a_company_they_do_not_work_in(self):
        for user in (self.of_b["manager"], self.of_c["manager"]):
            for model, vals in (
                ("rebate.program", {"name": "Foreign", "date_start": "2026-01-01"}),
                ("rebate.stacking.group", {"name": "Foreign"}),
                ("rebate.template", {"name": "Foreign", "terms": {"program_type": "volume"}}),
            ):
                with self.subTest(model, user=user.login), self.assertNoAccess():
                    self.env[model].with_user(user).create(vals | {"company_id": self.a.id})
        with self.assertNoAccess():
            self.env["rebate.agreement"].with_user(self.of_b["manager"]).create(
                {"program_id": self.program.id, "partner_id": self._company("New").id}
            )

    def test_who_works_in_both_companies_writes_in_the_chosen_ones_only(self):
        both = self._employee("manager", self.b, self.a)
        program = self.program.with_user(both)
        in_b = program.with_context(allowed_company_ids=self.b.ids)
        with self.assertNoAccess():
            in_b.note = "Ours"
        program.with_context(allowed_company_ids=[self.a.id]).note = "Ours"

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def _actions(self):
        """Every action of ours that changes something, on records of A."""
        accrual = self._accrual(self.agreement)
        batch = self.settlement.batch_id
        amendment = self.amendment
        yield self.program, "action_activate", ()
        yield self.program, "action_close", ()
        yield self.program, "action_reset", ()
        yield self.program, "action_amend", ()
        yield amendment.draft_id, "action_preview_amendment", ()
        yield amendment.draft_id, "action_discard_amendment", ()
        yield amendment, "action_preview", ()
        yield amendment, "action_apply", ()
        yield amendment, "action_discard", ()
        yield self.agreement, "action_activate", ()
        yield self.agreement, "action_end", ()
        yield accrual, "action_claim", ()
        yield accrual, "action_withdraw_claim", ()
        yield accrual, "_extend_claim", (self.env.cr.now().date(), "Because")
        yield accrual, "_record_claim", ("Ref",)
        yield self.settlement, "action_submit", ()
        yield self.settlement, "action_approve", ()
        yield self.settlement, "action_reject", ("No",)
        yield self.settlement, "action_post", ()
        yield self.settlement, "action_cancel", ()
        yield batch, "action_stop", ()
        yield batch, "action_continue", ()

    def test_no_button_of_a_parents_record_works_for_its_branch(self):
        for records, name, args in self._actions():
            for user, _reads in self._everyone():
                with self.subTest(name, user=user.login), self.assertNoAccess():
                    getattr(records.with_user(user), name)(*args)

    def test_one_record_of_another_company_keeps_an_action_from_all(self):
        both = self._employee("accountant", self.b, self.a)
        mine = self.settlement.with_user(both).with_context(allowed_company_ids=self.a.ids)
        mine.action_cancel()
        self.assertEqual(self.settlement.state, "cancelled")
        proposals = self._settle(post=False)
        in_b = proposals.with_user(both).with_context(allowed_company_ids=self.b.ids)
        with self.assertRefused(proposals[0].name, self.a.name, "Choose that company"):
            in_b.action_submit()
        self.assertEqual(set(proposals.mapped("state")), {"draft"})

    def test_every_action_that_changes_something_checks_company_and_set(self):
        """An action added later is decorated, or is one of those that only show or compute."""
        harmless = (
            *("action_view_", "action_open", "action_refresh", "action_download"),
            "action_edit_terms",
        )
        passing = {
            # Opens a new record of one's own company.
            ("rebate.template", "action_create_program"),
            # Checks what the chosen companies have.
            ("rebate.settlement.check", "action_check"),
            ("rebate.agreement", "action_preview"),
        }
        for name, model in self.env.items():
            if not name.startswith("rebate."):
                continue
            for method in dir(type(model)):
                if not method.startswith("action_") or method.startswith(harmless):
                    continue
                function = getattr(type(model), method)
                if "odoo.addons.rebate_" not in function.__module__ or (name, method) in passing:
                    continue
                with self.subTest(name, method=method):
                    self.assertTrue(hasattr(function, "rebate_acting"))

    # ------------------------------------------------------------------
    # Refreshing is for readers, and changes nothing else
    # ------------------------------------------------------------------

    def test_a_reader_of_the_branch_refreshes_the_parents_figures(self):
        self._invoice(500)
        for role in ROLES:
            self.agreement.with_user(self.of_b[role]).action_refresh()
            self.program.with_user(self.of_b[role]).action_refresh()
            self._accrual(self.agreement).with_user(self.of_b[role]).action_refresh()
        self.assertEqual(self._accrual(self.agreement).earned_amount, 150)

    # ------------------------------------------------------------------
    # Documents that one may not see
    # ------------------------------------------------------------------

    def test_who_may_not_see_a_document_does_not_cancel_its_settlement(self):
        """Else the settlement would be cancelled and its credit note stay in force."""
        accountant = self._employee("accountant", self.a)
        self._approve(self.settlement)
        self.settlement.action_post()
        self.env["ir.rule"].sudo().create(
            {
                "name": "Refunds are not for everyone",
                "model_id": self.env["ir.model"]._get_id("account.move"),
                "domain_force": "[('move_type', '!=', 'out_refund')]",
                "groups": [Command.link(self.env.ref("account.group_account_invoice").id)],
            }
        )
        # Odoo's own rules of these groups let everything through.
        for xml_id in (
            *("account_move_see_all", "account_move_rule_group_invoice"),
            "account_move_rule_group_readonly",
        ):
            rule = self.env.ref(f"account.{xml_id}", raise_if_not_found=False)
            if rule:
                rule.sudo().active = False
        own = self.settlement.with_user(accountant)
        self.env.invalidate_all()
        self.assertFalse(own.move_ids)
        with self.assertNoAccess():
            own.action_cancel()
        self.assertRecordValues(self.settlement, [{"state": "posted", "move_count": 1}])
        self.assertEqual(self.settlement.sudo().move_ids.state, "posted")

    def test_an_audit_file_of_the_parents_program_is_not_for_its_branch(self):
        """Of whose books only a part would be in it."""
        exports = self.env["rebate.audit.export"].with_user(self.of_b["accountant"])
        export = exports.create({"program_ids": self.program.ids})
        with self.assertRefused(self.program.name, self.a.name):
            export.action_download()

    # ------------------------------------------------------------------
    # Templates
    # ------------------------------------------------------------------

    def test_what_all_companies_share_is_written_by_who_works_in_all(self):
        template = self.env.ref("rebate_management.rebate_template_volume", False)
        template = template or self.env["rebate.template"].search(
            [("company_id", "=", False)], limit=1
        )
        everywhere = self._employee("manager", *self.env["res.company"].sudo().search([]))
        for user, writes in (
            (self.of_b["manager"], False),
            (self.of_c["manager"], False),
            (everywhere, True),
        ):
            with self.subTest(user.login):
                own = template.with_user(user)
                self.assertTrue(own.has_access("read"))
                self.assertEqual(own.has_access("write"), writes)
                program = own._create_program()
                self.assertIn(program.company_id, user.company_ids)

    def test_a_branch_keeps_its_parents_terms_as_a_template_of_its_own(self):
        save = self.env["rebate.template.save"].with_user(self.of_b["manager"])
        action = save.create({"program_id": self.program.id}).action_save()
        template = self.env["rebate.template"].browse(action["res_id"])
        self.assertEqual(template.company_id, self.b)
        with self.assertRefused(self.env["rebate.template"].search([], limit=1).name, "Replace"):
            save.create(
                {
                    "program_id": self.program.id,
                    "template_id": self.env["rebate.template"].search([], limit=1).id,
                }
            ).action_save()
