"""Who may read and do what, role by role, and no company sees another's."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ...tools.trust import trusted
from ..common import RebateCommon
from ..common_kept import ROLE

MODELS = (
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
)
TERMS = {"rebate.program", "rebate.rule", "rebate.tier", "rebate.agreement"}
PAYOUTS = {"rebate.settlement", "rebate.settlement.line"}


@tagged("post_install", "-at_install")
class TestAccess(RebateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agreement = cls._enrol(cls._program((0, 10)))
        cls._invoice(1000)
        cls.settlement = cls._settle(post=False)

    def _assert_rights(self, user, readable, writable):
        for name in MODELS:
            model = self.env[name].with_user(user)
            with self.subTest(user=user.login, model=name):
                self.assertEqual(model.has_access("read"), name in readable)
                for operation in ("create", "write", "unlink"):
                    self.assertEqual(model.has_access(operation), name in writable, operation)

    def test_an_employee_without_a_role_sees_nothing(self):
        self._assert_rights(self.nobody, (), ())
        with self.assertRaises(AccessError):
            self.agreement.with_user(self.nobody).read(["current_earned_amount"])

    def test_a_user_reads_everything_and_writes_nothing(self):
        self._assert_rights(self.seller, MODELS, ())

    def test_a_manager_writes_terms_and_proposals_but_no_accrual(self):
        self._assert_rights(self.manager, MODELS, TERMS | PAYOUTS)

    def test_an_accountant_writes_payouts_only(self):
        self._assert_rights(self.accountant, MODELS, PAYOUTS)

    def test_only_an_administrator_reads_the_queue(self):
        for user in (self.seller, self.manager, self.accountant, self.approver):
            self.assertFalse(self.env["rebate.queue"].with_user(user).has_access("read"))

    def test_a_seller_sees_live_progress_and_its_invoice_lines(self):
        self._invoice(500, "2026-02-01")
        agreement = self.agreement.with_user(self.seller)
        self.assertEqual(agreement.current_earned_amount, 50)
        accrual = self._accrual(agreement)
        accrual.refresh()
        self.assertEqual(accrual.earned_amount, 100)
        self.assertEqual(len(accrual.action_view_invoice_lines()["domain"][0][2]), 1)

    def test_each_step_asks_for_its_right(self):
        settlement = self.settlement
        settlement.with_user(self.manager).action_submit()
        for user in (self.manager, self.accountant):
            with self.assertRaisesRegex(UserError, "Approver"):
                settlement.with_user(user).action_approve()
        settlement.with_user(self.approver).action_approve()
        for user in (self.manager, self.approver):
            with self.assertRaisesRegex(UserError, "Accountant"):
                settlement.with_user(user).action_post()
            with self.assertRaisesRegex(UserError, "Accountant"):
                settlement.with_user(user).action_cancel()
        settlement.with_user(self.accountant).action_post()
        self.assertEqual(settlement.move_ids.state, "posted")
        settlement.with_user(self.accountant).action_cancel()
        self.assertEqual(settlement.state, "cancelled")

    def test_manager_and_accountant_run_settlements_and_users_do_not(self):
        self.settlement.unlink()
        for user, allowed in (
            (self.seller, False),
            (self.approver, False),
            (self.manager, True),
            (self.accountant, True),
        ):
            with self.subTest(user.login):
                runs = self.env["rebate.settlement.run"].with_user(user)
                self.assertEqual(runs.has_access("create"), allowed)
                if allowed:
                    settlement = runs.create({"date_to": "2025-12-31"}).action_run()
                    self.assertEqual(settlement.amount_total, 100)
                    settlement.unlink()

    def test_anyone_who_may_post_sets_off_the_refresh(self):
        poster = self._user("poster", "account.group_account_invoice")
        trusted(self.env["rebate.queue"].sudo().search([])).unlink()
        self._invoice(100, post=False).with_user(poster).action_post()
        self.assertEqual(self.env["rebate.queue"].sudo().search_count([]), 1)

    def test_no_company_sees_anothers_records(self):
        other = self.setup_other_company()["company"]
        foreigner = self._user("foreigner", ROLE + "manager", companies=other)
        for name in MODELS:
            with self.subTest(name):
                self.assertFalse(self.env[name].with_user(foreigner).search_count([]))
                # What is not decided yet is seen by those who decide.
                reader = self.manager if name.startswith("rebate.settlement") else self.seller
                self.assertTrue(self.env[name].with_user(reader).search_count([]))
                self.assertEqual(
                    bool(self.env[name].with_user(self.seller).search_count([])),
                    reader == self.seller,
                )

    def test_a_branch_sees_its_parents_programs(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.env.company.id}
        )
        colleague = self._user("colleague", ROLE + "user", companies=branch)
        self.assertIn(self.agreement, self.env["rebate.agreement"].with_user(colleague).search([]))
