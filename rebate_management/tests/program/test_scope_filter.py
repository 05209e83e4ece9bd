"""Filters name what describes a product, and tell nothing else."""

from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import SQL

from ..common import RebateCommon

SECRET = "[('message_ids.mail_server_id.smtp_pass', '=like', 's3%')]"


@tagged("post_install", "-at_install")
class TestScopeFilter(RebateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.draft = cls._program((0, 10), name="Filtered", activate=False)
        cls.goods.default_code = "G-1"

    def _assert_refused(self, domain, *words):
        rule = self.draft.rule_ids.with_user(self.manager)
        with self.subTest(domain=domain[:60]):
            for vals in (
                {"product_domain": domain},
                {"qualifier": "domain", "qualifier_domain": domain},
            ):
                with self.assertRefused("Purchases", *words):
                    rule.write(vals)
                with self.assertRefused("Purchases", *words):
                    self._program(rules=[self._rule((0, 1), **vals)], activate=False)

    def test_nothing_but_the_product_and_what_describes_it(self):
        for path in (
            "message_ids.mail_server_id.smtp_pass",
            "product_tmpl_id.message_ids.body",
            "create_uid.login",
            "create_uid.partner_id.email",
            "company_id.name",
            "seller_ids.price",
            "uom_id.name",
            "activity_ids.note",
            "categ_id.create_uid.password",
        ):
            self._assert_refused(f"[('{path}', '=like', 's3%')]", path)

    def test_nor_by_the_name_of_another_record(self):
        self._assert_refused("[('create_uid', 'ilike', 'admin')]", "create_uid")
        self._assert_refused("[('create_uid', '=', 'admin')]", "create_uid")
        self._assert_refused("[('company_id', 'child_of', 1)]", "company_id")

    def test_nor_within_a_condition_on_another_model(self):
        self._assert_refused("[('create_uid', 'any', [('login', '=', 'admin')])]", "create_uid")
        self._assert_refused(
            "[('categ_id', 'any', [('create_uid.login', '=', 'admin')])]", "create_uid.login"
        )
        self._assert_refused("[('categ_id', 'any!', [('name', '=', 'A')])]", "understood")
        self._assert_refused("['!', ('seller_ids', 'not any', [('price', '>', 1)])]", "seller_ids")

    def test_nothing_that_is_not_stored(self):
        for path in ("lst_price", "display_name", "product_variant_count", "is_product_variant"):
            self._assert_refused(f"[('{path}', '=', 1)]", path)

    def test_nothing_that_not_every_employee_may_read(self):
        domain = "[('description_sale', '=like', 's%')]"
        field = self.env["product.template"]._fields["description_sale"]
        self.draft.rule_ids.with_user(self.manager).product_domain = domain
        self.draft.rule_ids.product_domain = False
        with patch.object(field, "groups", "base.group_system"):
            self._assert_refused(domain, "description_sale")

    def test_what_the_writer_may_not_read(self):
        self.env["ir.model.access"].search(
            [("model_id.model", "=", "product.tag")]
        ).perm_read = False
        with self.assertRefused("Purchases", "product_tag_ids.name"):
            self.draft.rule_ids.with_user(
                self.manager
            ).sudo().product_domain = "[('product_tag_ids.name', '=', 'A')]"

    def test_values_are_plain_and_numbers_ones_that_the_database_holds(self):
        for value in (
            "'a\\x00b'",
            "{'a': 1}",
            "[{}]",
            "b'a'",
            "1e24",
            "1e999",
            "-1e999",
            str(10**40),
            "'\\ud800'",
        ):
            self._assert_refused(f"[('list_price', '>', {value})]", "list_price")
        self._assert_refused(f"[('categ_id', '=', {2**31})]", "categ_id")
        self._assert_refused("[('id', 'in', [1, 1e20])]", "id")
        self._assert_refused("[('name', '=', 'a\0b')]", "character")

    def test_values_that_cannot_be_compared(self):
        for domain in (
            "[('list_price', '>', 'much')]",
            "[('create_date', '=', 'never was a day')]",
            "[('categ_id', 'child_of', {})]",
        ):
            self._assert_refused(domain)

    def test_what_is_no_list_of_conditions(self):
        for domain in (
            "(" * 5000,
            "[('name', '=')]",
            "['&', ('name', '=', 'A')]",
            "[('name', 'sounds like', 'A')]",
            "lambda: 1",
            "[('name.name.name', '=', 'A')]",
            "[" + "('name', '=', 'A')," * 20000 + "]",
        ):
            self._assert_refused(domain)

    def test_what_describes_a_product_may_be_named(self):
        tag = self.env["product.tag"].create({"name": "Blue"})
        self.goods.product_tag_ids = tag
        self.goods.categ_id = self.env["product.category"].create({"name": "Brand"})
        for domain in (
            "[('default_code', '=like', 'G-%')]",
            "[('list_price', '>=', 1), ('sale_ok', '=', True)]",
            "['|', ('name', 'ilike', 'good'), ('barcode', '!=', False)]",
            f"['!', ('name', 'ilike', 'tool'), ('id', '=', {self.goods.id})]",
            "[('categ_id', 'ilike', 'brand')]",
            f"[('categ_id', 'child_of', {self.goods.categ_id.id})]",
            "[('categ_id.name', '=', 'Brand')]",
            "[('product_tmpl_id.categ_id.complete_name', '=', 'Brand')]",
            f"[('product_tag_ids', 'in', [{tag.id}])]",
            "[('all_product_tag_ids.name', '=', 'Blue')]",
            "[('product_tag_ids', 'any', [('name', '=', 'Blue')])]",
            "[('product_template_attribute_value_ids', '=', False), ('name', '=', 'Goods')]",
            "['!', ('attribute_line_ids.attribute_id.name', '=', 'A'), ('name', '=', 'Goods')]",
            f"[('uom_id', '=', {self.goods.uom_id.id}), ('name', '=', 'Goods')]",
            "[('create_date', '>', '2020-01-01'), ('name', '=', 'Goods')]",
            "[('standard_price', '>=', 0), ('name', '=', 'Goods')]",
            f"[('id', 'in', [{self.goods.id}])]",
        ):
            with self.subTest(domain):
                rule = self.draft.rule_ids.with_user(self.manager)
                rule.product_domain = domain
                self.assertIn(self.goods.id, rule._product_query().get_result_ids())

    def test_importing_says_it_on_the_row(self):
        self.env["ir.model.data"].create(
            {
                "module": "__test__",
                "name": "filtered",
                "model": "rebate.program",
                "res_id": self.draft.id,
            }
        )
        fields = ["id", "rule_ids/name", "rule_ids/product_domain", "rule_ids/tier_ids/rate"]
        for domain, word in (
            (SECRET, "smtp_pass"),
            ("[('name', '=', 'a\0b')]", "character"),
            ("[('list_price', '>', 1e24)]", "list_price"),
            ("[('gone', '=', 1)]", "gone"),
        ):
            with self.subTest(word):
                result = (
                    self.env["rebate.program"]
                    .with_user(self.manager)
                    .load(fields, [["__test__.filtered", "Imported", domain, "1"]])
                )
                self.assertFalse(result["ids"])
                [message] = result["messages"]
                self.assertEqual(message["type"], "error")
                self.assertIn("Imported", message["message"])
                self.assertIn(word, message["message"])
                self.assertEqual(len(self.draft.rule_ids), 1)

    def test_a_default_of_the_client_is_no_way_round(self):
        for domain in (SECRET, "[('name', '=', 'a\0b')]"):
            with self.assertRefused("filter"):
                self.env["rebate.rule"].with_user(self.manager).with_context(
                    default_product_domain=domain
                ).create({"program_id": self.draft.id, **self._rule((0, 1))})

    def test_templates_are_checked_when_they_are_written_and_used(self):
        terms = self.env["rebate.template"]._terms_of(self.draft)
        terms["rule_ids"][0]["product_domain"] = SECRET
        templates = (
            self.env["rebate.template"]
            .with_user(self.manager)
            .with_context(default_company_id=self.env.company.id)
        )
        with self.assertRefused("smtp_pass"):
            templates.create({"name": "Sly", "terms": terms})
        template = templates.create(
            {"name": "Fair", "terms": self.env["rebate.template"]._terms_of(self.draft)}
        )
        with self.assertRefused("smtp_pass"):
            template.terms = terms
        self.env.cr.execute(
            "UPDATE rebate_template SET terms = jsonb_set(terms, '{rule_ids,0,product_domain}',"
            " to_jsonb(%s::text)) WHERE id = %s",
            [SECRET, template.id],
        )
        self.env.invalidate_all()
        with self.assertRefused("smtp_pass"):
            template.action_create_program()

    def test_copies_and_amendments_are_checked(self):
        program = self._program((0, 10), name="Running")
        self._put(program, SECRET)
        with self.assertRefused("smtp_pass"):
            program.copy()
        program.action_amend()
        amendment = program.amendment_ids
        amendment.draft_id.min_payout = 1
        with self.assertRefused("smtp_pass"):
            amendment.action_preview()
        amendment.draft_id.rule_ids.product_domain = "[('default_code', '=', 'G-1')]"
        amendment.reason = "A filter that may be used"
        amendment.action_preview()
        amendment.action_apply()
        self.assertIn("G-1", program.rule_ids.product_domain)

    def test_a_filter_that_was_written_before_is_not_run(self):
        program = self._program((0, 10), name="Running")
        agreement = self._enrol(program)
        self._invoice(1000)
        for domain in (SECRET, "[('create_uid.login', '!=', 'x')]", "[('list_price', '<', 1e24)]"):
            self._put(program, domain)
            with self.assertLogs("odoo.addons.rebate_management", "WARNING"):
                agreement.action_refresh()
            self.assertIn("cannot be computed", program.problem)
            self.assertEqual(self._accrual(agreement).earned_amount, 0)

    def test_a_qualifier_that_was_written_before_is_not_run(self):
        rule = self._rule((0, 10), qualifier="domain", qualifier_domain="[('id', '>', 0)]")
        program = self._program(rules=[rule])
        agreement = self._enrol(program)
        self._invoice(1000)
        self._put(program, SECRET, "qualifier_domain")
        with self.assertLogs("odoo.addons.rebate_management", "WARNING"):
            agreement.action_refresh()
        self.assertIn("smtp_pass", program.problem)

    def _put(self, program, domain, name="product_domain"):
        """Have a filter that nobody could write today."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE rebate_rule SET %s = %s, is_limited = %s WHERE program_id = %s",
                SQL.identifier(name),
                domain,
                name == "product_domain",
                program.id,
            )
        )
        self.env.invalidate_all()
