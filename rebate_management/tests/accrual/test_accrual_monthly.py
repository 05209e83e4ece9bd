"""The monthly run closes every company's month, whatever one of them lacks."""

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.base.tests.test_ir_cron import CronMixinCase

from .common import AccrualCommon


@tagged("post_install", "-at_install")
class TestAccrualMonthly(AccrualCommon, CronMixinCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.owner = cls._user("owner", "rebate_management.group_rebate_manager")
        cls.program = cls._accruing(user_id=cls.owner.id)
        cls.agreement = cls._enrol(cls.program)
        cls._invoice(1000, "2026-01-15")
        cls._invoice(500, "2026-03-15")

    def _cron(self):
        with self.enter_registry_test_mode():
            self.env.ref("rebate_management.ir_cron_run_accruals").method_direct_trigger()
        self.env.invalidate_all()

    def _todo(self, program=None):
        return self.env["mail.activity"].search(
            [
                ("res_model", "=", "rebate.program"),
                ("res_id", "=", (program or self.program).id),
                (
                    "activity_type_id",
                    "=",
                    self.env.ref("rebate_management.mail_activity_type_accrual").id,
                ),
            ]
        )

    def _other_company(self):
        data = self.setup_other_company()
        company = data["company"]
        self.env.user.company_ids = [Command.link(company.id)]
        account = self._liability(company)
        program = self._accruing(
            name="Elsewhere",
            company_id=company.id,
            liability_account_id=account.id,
            expense_account_id=data["default_account_expense"].id,
        )
        agreement = self._enrol(program, self._company("Far"))
        self._invoice(
            2000,
            "2026-01-15",
            agreement.partner_id,
            company=company,
        )
        return agreement

    def test_it_accrues_up_to_the_end_of_last_month(self):
        self._cron()
        entry = self._accrual(self.agreement, "2026-01-15").move_line_ids.move_id
        self.assertEqual(entry.date, self._day("2026-02-28"))
        self._assert_books_agree(100)
        with freeze_time("2026-04-02"):
            self._cron()
        self._assert_books_agree(150)

    def test_every_company_is_accrued_in_its_own_books(self):
        other = self._other_company()
        self._cron()
        accrual = self._accrual(other, "2026-01-15")
        self.assertEqual(accrual.accrued_amount, 200)
        self.assertEqual(accrual.move_line_ids.company_id, other.company_id)
        self.assertEqual(self._accrual(self.agreement, "2026-01-15").accrued_amount, 100)

    def test_what_one_program_lacks_becomes_its_to_do_and_stops_no_other(self):
        second = self._enrol(
            self._accruing(name="Second", liability_account_id=self._liability(code="219001").id)
        )
        self.liability.active = False
        self._cron()
        self.assertEqual(self._accrual(second, "2026-01-15").accrued_amount, 100)
        self.assertFalse(self._accrual(self.agreement, "2026-01-15").accrued_amount)
        todo = self._todo()
        self.assertEqual(todo.user_id, self.owner)
        self.assertIn("archived", todo.note)
        self.assertFalse(self._todo(second.program_id))
        self._cron()
        self.assertEqual(len(self._todo()), 1)
        self.liability.active = True
        self._cron()
        self.assertFalse(self._todo())
        self.assertEqual(self._accrual(self.agreement, "2026-01-15").accrued_amount, 100)

    @mute_logger("odoo.addons.rebate_management.wizards.monthly_accrual")
    def test_a_company_whose_books_break_stops_no_other(self):
        other = self._other_company()
        self.env.flush_all()
        # What no code foresees: the database itself refuses this company's entries.
        self.env.cr.execute(
            "ALTER TABLE account_move ADD CONSTRAINT rebate_test CHECK"
            f" (company_id <> {self.env.company.id} OR rebate_accrued_until IS NULL)"
        )
        with mute_logger("odoo.sql_db"):
            self._cron()
        self.assertEqual(self._accrual(other, "2026-01-15").accrued_amount, 200)
        self.assertFalse(self._accrual(self.agreement, "2026-01-15").accrued_amount)
        self.assertIn("log", self._todo().note)
        self.assertFalse(self._todo(other.program_id))

    def test_a_program_accrued_to_a_later_day_needs_no_to_do(self):
        self._run("2026-03-31")
        self._cron()
        self._assert_books_agree(150)
        self.assertFalse(self._todo())

    def test_a_program_that_no_longer_accrues_is_cleared(self):
        self._cron()
        self.program.accrual_method = "none"
        self._cron()
        self._assert_books_agree(0)
