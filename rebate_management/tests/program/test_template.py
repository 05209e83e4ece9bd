"""Each format starts from a template, and pays what the template's card tells."""

from odoo import fields
from odoo.tests import tagged

from .common_template import TemplateCommon


@tagged("post_install", "-at_install")
class TestTemplate(TemplateCommon):
    def _assert_example(self, name, *purchases, earned, before=()):
        """Post the purchases that a card tells of and compare the rebate with the one it tells.

        :param purchases: amounts, or ``(product, amount)``
        :param before: amounts bought a year earlier
        """
        template = self._template(name)
        program = self._start(template)
        if program.program_type == "product":
            program.rule_ids.product_category_ids = self.brand
        program.action_activate()
        agreement = self._enrol(program)
        for amount in before:
            self._invoice(amount, "2025-02-10")
        for purchase in purchases:
            self._invoice([purchase] if isinstance(purchase, tuple) else purchase, "2026-02-10")
        self.assertEqual(self._earned(agreement, "2026-02-10"), earned)
        card = self._plain(template.example)
        self.assertTrue(
            card.removesuffix(" are in its fund.").removesuffix(".").endswith(f" = {earned:,}"),
            card,
        )
        for amount in (*before, *purchases):
            if not isinstance(amount, tuple):
                self.assertIn(f"{amount:,}", card)
        for tier in program.rule_ids.tier_ids:
            self.assertIn(f"{tier.rate:g} %", card)

    # ------------------------------------------------------------------
    # The worked examples
    # ------------------------------------------------------------------

    def test_volume_pays_what_its_card_tells(self):
        self._assert_example("volume", 300000, earned=9000)

    def test_growth_pays_what_its_card_tells(self):
        self._assert_example("growth", 230000, before=[200000], earned=1500)

    def test_product_pays_what_its_card_tells(self):
        others = 100000 - 30000
        self._assert_example("product", (self.branded, 30000), (self.goods, others), earned=1500)
        card = self._template("product").example
        self.assertIn("buys for 100,000, of which 30,000 are products that count", card)

    def test_market_development_pays_what_its_card_tells(self):
        self._assert_example("market_development", 150000, earned=3000)

    def test_tiered_pays_what_its_card_tells(self):
        self._assert_example("tiered", 120000, earned=2300)

    # ------------------------------------------------------------------
    # What a click on a card gives
    # ------------------------------------------------------------------

    def test_every_format_has_a_card_that_explains_it(self):
        templates = self.templates.search([("company_id", "=", False)])
        self.assertEqual(
            templates.mapped("picture"),
            ["volume", "growth", "product", "market_development", "tiered"],
        )
        for template in templates:
            with self.subTest(template.name):
                self.assertTrue(template.summary and template.example and template.advice)

    def test_a_draft_in_the_company_its_currency_and_its_fiscal_year(self):
        company = self.setup_other_company(name="Abroad")["company"]
        company.write(
            {
                "fiscalyear_last_month": "6",
                "fiscalyear_last_day": 30,
                "currency_id": self.eur.id,
            }
        )
        program = self._start(self._template("volume").with_company(company))
        self.assertRecordValues(
            program,
            [
                {
                    "name": "Volume Rebate",
                    "state": "draft",
                    "company_id": company.id,
                    "currency_id": self.eur.id,
                    "date_start": fields.Date.to_date("2025-07-01"),
                    "date_end": fields.Date.to_date("2026-06-30"),
                    "period_type": "year",
                    "settlement_period": "year",
                    "tier_method": "retroactive",
                }
            ],
        )
        self.assertEqual(program.rule_ids.tier_ids.mapped("rate"), [2, 3, 5])

    def test_the_program_says_what_to_adapt(self):
        template = self._template("growth")
        note = self._start(template).note
        for text in (template.summary, template.example, template.advice):
            self.assertIn(text[:40], note.unescape())

    def test_name_and_note_in_every_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        # What all companies share is written by who works in all of them.
        self.env.user.company_ids = self.env["res.company"].sudo().search([])
        template = self._template("tiered")
        template.with_context(lang="fr_FR").write(
            {"name": "Remise par paliers", "summary": "Chaque palier", "advice": "À adapter & vu"}
        )
        program = self._start(template)
        self.assertEqual(program.name, "Tiered Rebate")
        self.assertIn("Pays each tier", program.note)
        french = program.with_context(lang="fr_FR")
        self.assertEqual(french.name, "Remise par paliers")
        self.assertIn("<p>Chaque palier</p>", french.note)
        self.assertIn("À adapter &amp; vu", french.note)
        self.assertNotIn("Pays each tier", french.note)
        started_in_french = self._start(template.with_context(lang="fr_FR"))
        self.assertEqual(started_in_french.with_context(lang="en_US").name, "Tiered Rebate")
        self.assertIn("Pays each tier", started_in_french.with_context(lang="en_US").note)

    # ------------------------------------------------------------------
    # Products that are still to be chosen
    # ------------------------------------------------------------------

    def test_a_product_program_is_refused_until_its_products_are_chosen(self):
        program = self._start(self._template("product"))
        self.assertTrue(program.lacks_products)
        self.assertEqual(program.rule_ids.scope_summary, "No products chosen yet")
        with self.assertRefused("Product Rebate", "“Purchases” names none", "Choose products"):
            program.action_activate()
        program.rule_ids.product_category_ids = self.brand
        self.assertFalse(program.lacks_products)
        self.assertEqual(program.rule_ids.scope_summary, "Brand")
        program.action_activate()
        self.assertEqual(program.state, "active")

    def test_a_filter_names_products_too_and_each_rule_needs_some(self):
        filtered = self._rule((0, 1), product_domain="[('sale_ok', '=', True)]")
        self._program(rules=[filtered], program_type="product")
        with self.assertRefused("its rule “Rest” names none"):
            self._program(rules=[filtered, self._rule((0, 1), name="Rest")], program_type="product")

    def test_as_a_volume_program_it_may_count_everything(self):
        program = self._start(self._template("product"))
        program.program_type = "volume"
        self.assertFalse(program.lacks_products)
        self.assertEqual(program.rule_ids.scope_summary, "All products")
        program.action_activate()
