"""What a rule was limited to and is gone is a problem, never everything."""

import importlib.util
from pathlib import Path

from odoo import Command
from odoo.tests import tagged
from odoo.tools import SQL

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestScopeLost(RebateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.brand = cls.env["product.category"].create({"name": "Brand"})
        cls.line = cls.env["product.category"].create({"name": "Line", "parent_id": cls.brand.id})
        cls.season = cls.env["product.tag"].create({"name": "Season"})
        cls.tool = cls.env["product.product"].create({"name": "Tool"})
        cls.other = cls.env["product.product"].create({"name": "Other"})

    def _limited(self, activate=True, **scope):
        return self._program(
            name="Certain", rules=[self._rule((0, 10), **scope)], activate=activate
        )

    def _lose(self, program):
        """Lose the scope in a way that no check sees."""
        rule = program.rule_ids
        for table in ("product_product", "product_category", "product_tag"):
            self.env.cr.execute(
                SQL(
                    "DELETE FROM %s WHERE rebate_rule_id = %s",
                    SQL.identifier(f"{table}_rebate_rule_rel"),
                    rule.id,
                )
            )
        self.env.invalidate_all()

    # ------------------------------------------------------------------
    # Refused
    # ------------------------------------------------------------------

    def test_the_last_product_of_a_running_rule_is_not_deleted(self):
        self._limited(product_ids=self.tool.ids)
        with self.assertRefused("Tool", "Purchases", "Certain", "Archive"):
            self.tool.unlink()
        with self.assertRefused("Tool", "Purchases", "Certain"):
            self.tool.product_tmpl_id.unlink()
        self.assertTrue(self.tool.exists())

    def test_one_of_several_products_of_a_running_rule_is_not_deleted(self):
        self._limited(product_ids=(self.tool | self.other).ids)
        with self.assertRefused("Tool", "Certain"):
            self.tool.unlink()

    def test_a_category_of_a_running_rule_is_not_deleted_nor_the_one_above(self):
        self._limited(product_category_ids=self.line.ids)
        with self.assertRefused("Line", "Certain"):
            self.line.unlink()
        with self.assertRefused("Line", "Certain"):
            self.brand.unlink()

    def test_a_tag_of_a_running_rule_is_not_deleted(self):
        self._limited(product_tag_ids=self.season.ids)
        with self.assertRefused("Season", "Certain"):
            self.season.unlink()

    def test_the_last_of_a_draft_is_not_deleted_and_one_of_several_leaves_it(self):
        program = self._limited(activate=False, product_ids=(self.tool | self.other).ids)
        self.tool.unlink()
        self.assertEqual(program.rule_ids.product_ids, self.other)
        with self.assertRefused("Other", "Certain"):
            self.other.unlink()
        program.rule_ids.product_tag_ids = self.season
        self.other.unlink()
        self.assertEqual(program.rule_ids.scope_summary, "Season")

    def test_a_product_that_a_running_filter_names_is_not_deleted(self):
        self._limited(product_domain=f"[('id', '!=', {self.tool.id})]")
        with self.assertRefused("Tool", "Certain"):
            self.tool.unlink()

    def test_who_may_not_see_programs_is_refused_too(self):
        keeper = self._user("keeper", "product.group_product_manager")
        self._limited(product_tag_ids=self.season.ids)
        with self.assertRefused("Season", "Certain"):
            self.season.with_user(keeper).unlink()

    def test_the_database_keeps_what_rules_name(self):
        self._limited(product_tag_ids=self.season.ids)
        self.env.cr.execute(
            "SELECT confdeltype FROM pg_constraint WHERE contype = 'f' AND conrelid IN"
            " ('product_product_rebate_rule_rel'::regclass,"
            " 'product_category_rebate_rule_rel'::regclass,"
            " 'product_tag_rebate_rule_rel'::regclass)"
            " AND confrelid <> 'rebate_rule'::regclass"
        )
        self.assertEqual([kind for (kind,) in self.env.cr.fetchall()], ["r"] * 3)

    def test_variants_that_fall_away_are_archived_and_still_count(self):
        attribute = self.env["product.attribute"].create(
            {
                "name": "Size",
                "value_ids": [Command.create({"name": "S"}), Command.create({"name": "L"})],
            }
        )
        template = self.env["product.template"].create(
            {
                "name": "Shirt",
                "taxes_id": False,
                "attribute_line_ids": [
                    Command.create(
                        {
                            "attribute_id": attribute.id,
                            "value_ids": [Command.set(attribute.value_ids.ids)],
                        }
                    )
                ],
            }
        )
        small = template.product_variant_ids[0]
        agreement = self._enrol(self._limited(product_ids=small.ids))
        self._invoice([(small, 100), (self.goods, 1000)])
        template.attribute_line_ids.unlink()
        self.assertTrue(small.exists())
        self.assertFalse(small.active)
        self.assertEqual(self._earned(agreement), 10)

    # ------------------------------------------------------------------
    # Gone all the same
    # ------------------------------------------------------------------

    def test_a_scope_that_is_gone_flags_the_program_and_pays_nothing_on_everything(self):
        for scope in (
            {"product_ids": self.tool.ids},
            {"product_category_ids": self.brand.ids},
            {"product_tag_ids": self.season.ids},
        ):
            with self.subTest(next(iter(scope))):
                program = self._limited(**scope)
                agreement = self._enrol(program, self._company(next(iter(scope))))
                self._invoice(1000, partner=agreement.partner_id)
                self._lose(program)
                with self.assertLogs("odoo.addons.rebate_management", "WARNING"):
                    self.assertEqual(self._earned(agreement), 0)
                self.assertIn("are gone", program.problem)
                self.assertIn("Purchases", program.problem)
                self.assertIn("are gone", program.rule_ids.scope_summary)
                self.assertFalse(self._settle(post=False, program_ids=program.ids))

    def test_losing_the_scope_is_mended_by_an_amendment(self):
        program = self._limited(product_ids=self.goods.ids)
        agreement = self._enrol(program)
        self._invoice(1000)
        self._earned(agreement)
        self._lose(program)
        with self.assertLogs("odoo.addons.rebate_management", "WARNING"):
            program.action_refresh()
        self.assertTrue(program.problem)
        program.action_amend()
        amendment = program.amendment_ids
        rule = amendment.draft_id.rule_ids
        self.assertTrue(rule.is_limited, "the draft does not count everything either")
        amendment.reason = "The products were lost"
        amendment.draft_id.name = "Certain again"
        amendment.draft_id.min_payout = 1
        with self.assertRefused("Purchases", "are gone"):
            amendment.action_preview()
        rule.product_ids = self.goods
        amendment.action_preview()
        amendment.action_apply()
        self.assertFalse(program.problem)
        self.assertEqual(self._earned(agreement), 100)

    def test_a_program_without_what_its_rule_was_limited_to_is_not_activated(self):
        program = self._limited(activate=False, product_ids=self.tool.ids)
        self._lose(program)
        with self.assertRefused("Purchases", "are gone"):
            program.action_activate()

    def test_a_copy_of_a_rule_that_lost_its_scope_counts_nothing_either(self):
        program = self._limited(product_ids=self.tool.ids)
        self._lose(program)
        with self.assertRefused("Purchases", "are gone"):
            program.copy().action_activate()

    def test_a_template_of_a_rule_that_lost_its_scope_counts_nothing_either(self):
        program = self._limited(activate=False, product_ids=self.tool.ids)
        template = self.env["rebate.template"].create(
            {
                "name": "Certain",
                "company_id": self.env.company.id,
                "terms": self.env["rebate.template"]._terms_of(program),
            }
        )
        self._lose(program)
        program.unlink()
        self.tool.unlink()
        with self.assertRefused("Purchases", "no longer exist"):
            template.action_create_program()

    def test_taking_out_all_products_by_hand_is_a_choice(self):
        program = self._limited(activate=False, product_ids=self.tool.ids)
        self.assertTrue(program.rule_ids.is_limited)
        program.rule_ids.product_ids = False
        self.assertFalse(program.rule_ids.is_limited)
        self.assertEqual(program.rule_ids.scope_summary, "All products")
        program.action_activate()
        agreement = self._enrol(program)
        self._invoice(1000)
        self.assertEqual(self._earned(agreement), 100)

    def test_writing_nothing_over_what_is_gone_is_no_choice(self):
        program = self._limited(activate=False, product_ids=self.tool.ids)
        self._lose(program)
        program.rule_ids.write({"product_ids": [Command.set([])], "product_domain": "[]"})
        self.assertTrue(program.rule_ids.is_limited)
        program.rule_ids.is_limited = False
        program.action_activate()

    def test_archived_products_still_count(self):
        agreement = self._enrol(self._limited(product_ids=self.goods.ids))
        self._invoice([(self.goods, 1000), (None, 500)])
        self.goods.product_tmpl_id.active = False
        self.assertEqual(self._earned(agreement), 100)
        self.assertTrue(agreement.program_id.rule_ids.is_limited)

    def test_the_migration_marks_what_is_limited_and_what_has_lost_it(self):
        named = self._limited(product_ids=self.tool.ids)
        filtered = self._limited(product_domain="[('default_code', '=', 'A')]")
        every = self._program((0, 1))
        lost = self._program(
            program_type="product", rules=[self._rule((0, 1), product_ids=self.tool.ids)]
        )
        self._lose(lost)
        self.env.flush_all()
        self.env.cr.execute("UPDATE rebate_rule SET is_limited = NULL")
        path = Path(__file__).parents[2] / "migrations/19.0.2.0.0/post-scope.py"
        spec = importlib.util.spec_from_file_location("post_scope", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.migrate(self.env.cr, "19.0.1.0.0")
        self.env.invalidate_all()
        self.assertEqual(
            [program.rule_ids.is_limited for program in (named, filtered, every, lost)],
            [True, True, False, True],
        )
