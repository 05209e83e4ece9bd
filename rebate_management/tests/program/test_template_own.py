"""Templates of one's own: what they keep of a program, and who may write them."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..common_kept import ROLE
from .common_template import TemplateCommon

SHOWN = ["name", "facts", "tier_summary", "picture", "summary", "example"]


@tagged("post_install", "-at_install")
class TestTemplateOwn(TemplateCommon):
    def test_a_program_saved_as_a_template_starts_others_like_it(self):
        program = self._program(
            rules=[
                self._rule((0, 1), (1000, 2.5), product_ids=self.branded.ids, max_measure=5000),
                self._rule(
                    (10, 3),
                    name="Growth",
                    qualifier_measure="growth_percent",
                    baseline="average",
                    baseline_years=3,
                    product_tag_ids=[Command.create({"name": "Tag"})],
                ),
            ],
            code="OWN",
            program_type="product",
            period_type="half_year",
            settlement_period="month",
            tier_method="rolling",
            include_refunds=False,
            max_payout=900,
            min_payout=10,
            measure="quantity",
            uom_id=self.env.ref("uom.product_uom_dozen").id,
        )
        template = self._save(program, summary="Ours")
        self.assertRecordValues(
            template,
            [
                {
                    "name": "Bonus",
                    "summary": "Ours",
                    "program_type": "product",
                    "company_id": self.env.company.id,
                    "facts": "Product · Half-Year · Rolling",
                }
            ],
        )
        copy = self._start(template)
        self.assertEqual(copy.state, "draft")
        self.assertFalse(copy.code)
        self.assertEqual(self.templates._terms_of(copy), self.templates._terms_of(program))
        self.assertEqual(copy.rule_ids.product_ids, self.branded)
        self.assertEqual(copy.rule_ids.tier_ids.mapped("rate"), [1, 2.5, 3])
        self.assertRecordValues(
            copy,
            [
                {
                    "include_refunds": False,
                    "max_payout": 900,
                    "settlement_period": "month",
                    "uom_id": self.env.ref("uom.product_uom_dozen").id,
                }
            ],
        )

    def test_whatever_a_copy_of_a_program_keeps_a_template_keeps(self):
        program = self._program((0, 1), activate=False)
        copied = program.copy_data()[0]
        relational = {
            name for name in copied if self.env["rebate.program"]._fields[name].comodel_name
        }
        own = {"name", "sequence", "active", "date_start", "note", "date_end"}
        # Names analytic accounts, as relational fields do.
        relational |= {"analytic_distribution", "analytic_precision"}
        self.assertLessEqual(
            copied.keys() - relational - own, self.templates._terms_of(program).keys()
        )

    def test_a_foreign_currency_belongs_to_the_terms(self):
        program = self._program((0, 1), currency_id=self.eur.id)
        self.assertEqual(self._start(self._save(program)).currency_id, self.eur)
        self.assertNotIn("currency_id", self.templates._terms_of(self._program((0, 1))))

    def test_a_template_is_replaced_in_every_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        # What all companies share is written by who works in all of them.
        self.env.user.company_ids = self.env["res.company"].sudo().search([])
        template = self._template("market_development")
        french = template.with_context(lang="fr_FR")
        french.write({"name": "Fonds", "example": "2 %"})
        program = self._start(template)
        program.rule_ids.tier_ids.rate = 3
        self.assertEqual(self._save(program, template_id=template.id, example="3 %"), template)
        self.assertEqual(template.terms["rule_ids"][0]["tier_ids"][0]["rate"], 3)
        self.assertRecordValues(french, [{"name": "Fonds", "example": "3 %"}])
        self.assertTrue(template.summary)
        self.assertFalse(template.company_id)

    def test_only_terms_are_taken(self):
        for terms in (
            {"state": "active"},
            {"company_id": 1},
            {"id": 1},
            {"tier_method": "magic"},
            {"program_type": "magic"},
            {"rule_ids": [{"program_id": 1}]},
            {"rule_ids": [{"tier_ids": [{"threshold": "a lot"}]}]},
            {"rule_ids": [{"product_ids": ["a"]}]},
            {"rule_ids": 1},
            ["volume"],
        ):
            with self.subTest(terms=terms), self.assertRefused("“Odd”", "Save the template anew"):
                self.templates.create({"name": "Odd", "terms": terms})

    def test_a_term_that_is_gone_spoils_one_card_only(self):
        template, other = self._template("volume"), self._template("growth")
        self.env.flush_all()
        self.env.cr.execute(
            """UPDATE rebate_template SET terms = '{"gone": 1}' WHERE id = %s""", [template.id]
        )
        self.env.invalidate_all()
        self.assertRecordValues(
            template | other,
            [{"facts": "Terms that can no longer be used"}, {"facts": "Growth · Year"}],
        )
        with self.assertRefused("Volume Rebate", "gone: 1"):
            template.action_create_program()

    def test_a_rule_whose_products_are_gone_does_not_count_everything(self):
        gone, kept = self.env["product.category"].create([{"name": "Gone"}, {"name": "Kept"}])
        both, one = (
            self._save(self._program(rules=[self._rule((0, 1), product_category_ids=categories)]))
            for categories in ((gone | kept).ids, gone.ids)
        )
        self.env["rebate.program"].search([]).action_reset()
        self.env["rebate.program"].search([]).unlink()
        gone.unlink()
        self.assertEqual(self._start(both).rule_ids.product_category_ids, kept)
        with self.assertRefused("“Bonus”", "“Purchases”", "would count everything"):
            one.action_create_program()

    def test_many_cards_take_no_more_statements_than_few(self):
        program = self._program(rules=[self._rule((0, 1), product_ids=self.branded.ids)])
        templates = self.templates.union(*(self._save(program) for _number in range(12)))
        few, all_of_them = (
            self._statements(some.read, SHOWN) for some in (templates[:2], templates)
        )
        self.assertLessEqual(all_of_them, few)

    # ------------------------------------------------------------------
    # Who may do what
    # ------------------------------------------------------------------

    def test_managers_write_templates_and_users_read_them(self):
        template = self._template("volume")
        for user, readable, writable in (
            (self.nobody, False, False),
            (self.reader, True, False),
            (self.accountant, True, False),
            (self.approver, True, False),
            (self.manager, True, True),
        ):
            # The template is shared by all companies, so only who works in all of them writes it.
            user.company_ids = self.env["res.company"].sudo().search([])
            with self.subTest(user.login):
                own = template.with_user(user)
                self.assertEqual(own.has_access("read"), readable)
                for operation in ("create", "write", "unlink"):
                    self.assertEqual(own.has_access(operation), writable, operation)
                saves = self.env["rebate.template.save"].with_user(user)
                self.assertEqual(saves.has_access("create"), writable)
                if writable:
                    program = self._start(own)
                    own_template = self._save(program.with_user(user))
                    own_template.active = False
                    self.assertFalse(own_template.active)
                else:
                    with self.assertRaises(AccessError):
                        own.action_create_program()

    def test_a_company_sees_the_common_templates_and_its_own(self):
        template = self._save(self._program((0, 1)))
        other = self.setup_other_company()["company"]
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.env.company.id}
        )
        foreigner = self._user("foreigner", ROLE + "manager", companies=other)
        branch_user = self._user("branch_user", ROLE + "manager", companies=branch)
        common = self._template("volume")
        for user, seen in ((self.manager, True), (foreigner, False), (branch_user, True)):
            with self.subTest(user.login):
                templates = self.templates.with_user(user).search([])
                self.assertIn(common, templates)
                self.assertEqual(template in templates, seen)
        started = self._start(template.with_user(branch_user).with_company(branch))
        self.assertEqual(started.company_id, branch)
        # One who works for both companies at once, and in the other one first.
        self.env.user.company_ids |= other
        companies = self.templates.with_context(allowed_company_ids=(other | self.env.company).ids)
        started = self._start(companies.browse(template.id))
        self.assertEqual(started.company_id, self.env.company)
