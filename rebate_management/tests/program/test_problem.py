"""A program that cannot be computed says so, where it is seen by who can mend it, and stops no
other."""

from odoo.tests import tagged

from odoo.addons.base.tests.test_ir_cron import CronMixinCase

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestProblem(RebateCommon, CronMixinCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.swiss = cls.env.ref("base.CHF")
        cls.swiss.active = True
        cls.swiss.rate_ids.unlink()
        cls.owner = cls._user("owner", "rebate_management.group_rebate_manager")
        cls.broken = cls._program((0, 1), name="Swiss bonus", **cls._swiss())
        cls.agreement = cls._enrol(cls.broken)

    @classmethod
    def _swiss(cls):
        return {"currency_id": cls.swiss.id, "user_id": cls.owner.id}

    def _drain(self):
        with self.enter_registry_test_mode():
            self.env.ref("rebate_management.ir_cron_drain_queue").method_direct_trigger()

    def _enter_rate(self):
        self.env["res.currency.rate"].create(
            {"currency_id": self.swiss.id, "name": "2025-01-01", "rate": 2}
        )

    def _todo(self, program=None):
        """The open to-dos of a program."""
        return self.env["mail.activity"].search(
            [("res_model", "=", "rebate.program"), ("res_id", "=", (program or self.broken).id)]
        )

    def test_a_missing_rate_is_told_on_program_and_accrual_and_to_who_is_responsible(self):
        self._invoice(100)
        self._drain()
        problem = self._accrual(self.agreement).problem
        self.assertIn("Swiss bonus", problem)
        self.assertIn("CHF", problem)
        self.assertEqual(self.broken.problem, problem)
        todo = self._todo()
        self.assertRecordValues(
            todo,
            [
                {
                    "user_id": self.owner.id,
                    "activity_type_id": self.env.ref("mail.mail_activity_data_todo").id,
                }
            ],
        )
        self.assertIn("CHF", todo.note)
        self.assertIn(self.broken, self.env["rebate.program"].search([("problem", "!=", False)]))

    def test_a_unit_that_does_not_convert_is_told(self):
        unit, kilogram = self.env.ref("uom.product_uom_unit"), self.env.ref("uom.product_uom_kgm")
        program = self._program((0, 1), name="By the piece", measure="quantity", uom_id=unit.id)
        self._enrol(program)
        powder = self.env["product.product"].create(
            {"name": "Powder", "uom_id": kilogram.id, "taxes_id": False}
        )
        self._invoice([(powder, 100)])
        self._drain()
        self.assertIn("Units", program.problem)
        self.assertEqual(len(self._todo(program)), 1)

    def test_other_programs_are_computed_all_the_same(self):
        sound = self._enrol(self._program((0, 1)))
        self._invoice(100)
        self._drain()
        self.assertTrue(self.broken.problem)
        self.assertEqual(self._accrual(sound).earned_amount, 1)
        self.assertFalse(sound.program_id.problem)
        self.assertFalse(self._todo(sound.program_id))

    def test_once_solved_the_program_is_computed_and_its_to_do_closed(self):
        self._invoice(100)
        self._drain()
        self._enter_rate()
        self.broken.action_refresh()
        self.assertFalse(self.broken.problem)
        self.assertEqual(self._accrual(self.agreement).earned_amount, 2)
        self.assertFalse(self._todo())
        self.assertIn("computed again", self.broken.message_ids[:1].body)

    def test_the_daily_job_finds_it_solved(self):
        self._invoice(100)
        self._drain()
        self._enter_rate()
        with self.enter_registry_test_mode():
            self.env.ref("rebate_management.ir_cron_refresh_accruals").method_direct_trigger()
        self.assertFalse(self.broken.problem)
        self.assertFalse(self._todo())

    def test_the_daily_job_finds_nothing_left_to_complain_of(self):
        self._invoice(100)
        self._drain()
        self.agreement.date_start = "2027-01-01"
        self.assertFalse(self.agreement.accrual_ids)
        with self.enter_registry_test_mode():
            self.env.ref("rebate_management.ir_cron_refresh_accruals").method_direct_trigger()
        self.assertFalse(self.broken.problem)

    def test_there_is_one_to_do_however_many_distributors_and_refreshes(self):
        other = self._enrol(self.broken, self._company("Other"))
        self._invoice(100)
        self._invoice(100, partner=other.partner_id)
        self._drain()
        self.broken.action_refresh()
        self.assertEqual(len(self._todo()), 1)
        self.assertTrue(self._accrual(other).problem)

    def test_the_program_is_sound_only_when_all_its_accruals_are(self):
        other = self._enrol(self.broken, self._company("Other"))
        move = self._invoice(100)
        self._invoice(100, partner=other.partner_id)
        self._drain()
        move.button_draft()
        self._drain()
        self.assertFalse(self._accrual(self.agreement).problem)
        self.assertTrue(self.broken.problem)
        self.assertEqual(len(self._todo()), 1)

    def test_a_to_do_that_was_dismissed_does_not_come_back_until_it_is_solved(self):
        self._invoice(100)
        self._drain()
        self._todo().action_feedback()
        self.broken.action_refresh()
        self.assertTrue(self.broken.problem)
        self.assertFalse(self._todo())
        self._enter_rate()
        self.broken.action_refresh()
        self.swiss.rate_ids.unlink()
        self.broken.action_refresh()
        self.assertEqual(len(self._todo()), 1)

    def test_who_posts_and_who_looks_need_no_right_on_programs(self):
        biller = self._user("biller", "account.group_account_invoice")
        move = self._invoice(100, post=False)
        move.with_user(biller).action_post()
        self.agreement.with_user(self.reader).action_refresh()
        self.assertTrue(self.broken.problem)
        self._enter_rate()
        self.agreement.with_user(self.reader).action_refresh()
        self.assertFalse(self.broken.problem)
        self.assertFalse(self._todo())

    def test_a_manager_is_told_where_nobody_is_responsible_any_more(self):
        self.owner.active = False
        self._invoice(100)
        self._drain()
        self.assertTrue(self._todo().user_id.has_group("rebate_management.group_rebate_manager"))
        self.assertTrue(self._todo().user_id.active)

    def test_the_problem_is_told_in_the_language_of_who_is_responsible(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.owner.lang = "fr_FR"
        self._invoice(100)
        self._drain()
        french = self.broken.problem
        self.assertIn("taux", french)
        self.broken.with_context(lang="en_US").action_refresh()
        self.assertEqual(self.broken.problem, french)

    def test_a_filter_over_a_field_that_is_gone_stops_no_other_program(self):
        field = self.env["ir.model.fields"].create(
            {
                "name": "x_shelf",
                "model_id": self.env.ref("product.model_product_product").id,
                "ttype": "char",
            }
        )
        rule = self._rule((0, 1), product_domain="[('x_shelf', '=', 'A')]")
        program = self._program(name="Shelf bonus", rules=[rule])
        broken = self._enrol(program)
        sound = self._enrol(self._program((0, 1)))
        self._drain()
        field.unlink()
        self._invoice(100)
        with self.assertLogs("odoo.addons.rebate_management", "WARNING"):
            self._drain()
        self.assertIn("Shelf bonus", program.problem)
        self.assertIn("x_shelf", program.problem)
        self.assertEqual(self._accrual(broken).problem, program.problem)
        self.assertEqual(len(self._todo(program)), 1)
        self.assertEqual(self._accrual(sound).earned_amount, 1)
        program.action_reset()
        program.rule_ids.product_domain = "[]"
        program.action_activate()
        self.assertFalse(program.problem)
        self.assertEqual(self._accrual(broken).earned_amount, 1)

    def test_statements_do_not_grow_with_the_number_of_programs(self):
        programs = self.broken
        for number in range(7):
            programs += self._program((0, 1), name=f"Swiss {number}", **self._swiss())
            self._enrol(programs[-1])
        self._invoice(100)
        self._drain()
        self.assertTrue(all(program.problem for program in programs))

        def statements(some):
            return self._statements(some._update_problem)

        statements(programs)
        self.assertEqual(statements(programs[:2]), statements(programs))
