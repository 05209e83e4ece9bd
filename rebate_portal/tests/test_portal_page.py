"""The page of one program: figures to the cent, the sentence that explains them, the tiers."""

from lxml import html

from odoo.tests import tagged

from .common import RebatePortalCommon

TIERS = "//table[hasclass('o_rebate_tiers')]//tbody/tr"


@tagged("post_install", "-at_install")
class TestPortalPage(RebatePortalCommon):
    def _open(self, agreement):
        self._log_in(self.dana)
        return self._page(agreement.access_url)

    def test_the_card_of_rebates_has_a_picture_with_a_name(self):
        self._log_in(self.dana)
        page = self._page("/my")
        (picture,) = page.xpath("//img[contains(@src, 'rebate_portal')]")
        self.assertEqual(picture.get("alt"), "Your Rebates")

    def test_figures_are_right_to_the_cent(self):
        agreement = self._enrol(self._program((0, 1.5), (10000, 4)))
        self._invoice(7513.58, "2026-02-01")
        page = self._open(agreement)
        # 7,513.58 × 1.5 % = 112.7037; 10,000 × 4 % = 400
        self.assertEqual(self._text(page, "//dd[@name='earned']"), "$ 112.70")
        self.assertEqual(self._text(page, "//dd[@name='purchases']"), "$ 7,513.58")
        self.assertEqual(self._text(page, "//dd[@name='gain']"), "$ 287.30")
        self.assertEqual(
            self._text(page, "//p[hasclass('o_rebate_next_step')]"),
            "Buy $ 2,486.42 more by Dec 31, 2026 to reach 4 % , worth $ 287.30 more.",
        )
        self.assertEqual(
            self._text(page, "//p[hasclass('o_rebate_explanation')]"),
            self._plain(agreement.current_explanation),
        )

    def test_the_tier_reached_is_marked(self):
        agreement = self._enrol(self._program((0, 1), (1000, 2), (5000, 3)))
        self._invoice(1000, "2026-02-01")
        page = self._open(agreement)
        self.assertEqual(
            self._texts(page, TIERS),
            ["$ 0.00 1 %", "$ 1,000.00 2 % You are here", "$ 5,000.00 3 % Next"],
        )
        self.assertEqual(
            self._texts(page, TIERS + "[@aria-current='step']"), ["$ 1,000.00 2 % You are here"]
        )
        self.assertEqual(len(page.xpath(TIERS + "//i[@aria-label='Reached']")), 1)

    def test_the_bar_fills_band_by_band(self):
        agreement = self._enrol(self._program((1000, 1), (3000, 2)))
        self._invoice(1500, "2026-02-01")
        page = self._open(agreement)
        (bar,) = page.xpath("//*[@role='progressbar']")
        self.assertEqual(
            [fill.get("style") for fill in bar.xpath(".//div[hasclass('o_rebate_band_fill')]")],
            ["width: 100%", "width: 25.0%", "width: 0%"],
        )
        self.assertEqual((bar.get("aria-valuenow"), bar.get("aria-valuemax")), ("1500.0", "3000.0"))

    def test_the_highest_tier_leaves_nothing_to_reach(self):
        agreement = self._enrol(self._program((0, 2.5)))
        page = self._open(agreement)
        self.assertEqual(self._text(page, "//dd[@name='tier']"), "2.5 %")
        self.assertIn(
            "highest tier: 2.5 %", self._text(page, "//p[hasclass('o_rebate_next_step')]")
        )

    def test_nothing_bought_is_said_in_words(self):
        page = self._open(self._enrol(self._program((100, 2)), date_start="2026-01-01"))
        text = self._text(page)
        self.assertEqual(self._text(page, "//dd[@name='earned']"), "$ 0.00")
        self.assertIn("No invoice counts in this period yet", text)
        self.assertIn("Nothing has been paid yet", text)
        self.assertIn("This is your first period", text)

    def test_more_returns_than_purchases_keep_the_bar_empty(self):
        agreement = self._enrol(self._program((100, 2)))
        self._invoice(300, "2026-02-01", refund=True)
        page = self._open(agreement)
        (bar,) = page.xpath("//*[@role='progressbar']")
        self.assertEqual(bar.get("aria-valuenow"), "0")
        self.assertEqual(self._text(page, "//dd[@name='purchases']"), "$ -300.00")

    def test_every_rule_shows_its_own_tiers_and_progress(self):
        tools = self.env["product.product"].create({"name": "Tools", "taxes_id": False})
        program = self._program(
            rules=[
                self._rule((0, 1), (1000, 2), name="Everything"),
                self._rule((0, 5), (400, 10), name="Tools", product_ids=tools.ids),
            ]
        )
        agreement = self._enrol(program)
        self._invoice([(self.goods, 500), (tools, 300)], "2026-02-01")
        page = self._open(agreement)
        self.assertEqual(self._text(page, "//dd[@name='earned']"), "$ 23.00")
        self.assertEqual(
            self._texts(page, "//p[hasclass('o_rebate_next_step')]"),
            [
                "Buy $ 200.00 more by Dec 31, 2026 to reach 2 % , worth $ 12.00 more.",
                "Buy $ 100.00 more by Dec 31, 2026 to reach 10 % , worth $ 25.00 more.",
            ],
        )
        everything, only_tools = self._texts(page, "//section[hasclass('o_rebate_rule')]")
        self.assertIn("Everything All products Earned to date $ 8.00", everything)
        self.assertIn("Tools Tools Earned to date $ 15.00", only_tools)

    def test_a_purchase_without_an_exchange_rate_is_not_passed_over_in_silence(self):
        self.eur.active = True
        agreement = self._enrol(self._program((0, 1), currency_id=self.eur.id))
        self.env["res.currency.rate"].search([("currency_id", "=", self.eur.id)]).unlink()
        self._invoice(500, "2026-02-01")
        self.assertIn("exchange rate is not known yet", self._text(self._open(agreement)))

    def test_an_ended_agreement_keeps_its_page(self):
        agreement = self._enrol(self._program((0, 1), (1000, 2)))
        self._invoice(2000, "2025-06-01")
        agreement.action_refresh()
        agreement.action_end()
        page = self._open(agreement)
        text = self._text(page)
        self.assertIn("counted until 03/31/2026", text)
        self.assertFalse(page.xpath("//dd[@name='earned']"))
        self.assertEqual(self._texts(page, TIERS), ["$ 0.00 1 %", "$ 1,000.00 2 %"])
        self.assertIn("2025 $ 2,000.00 $ 40.00 $ 0.00 To be paid", text)

    def test_the_page_speaks_the_readers_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.dana.lang = "fr_FR"
        agreement = self._enrol(self._program((0, 1.5), (10000, 4)))
        self._invoice(7513.58, "2026-02-01")
        self._log_in(self.dana)
        page = html.fromstring(self.url_open(agreement.access_url).content)
        text = self._text(page, "//p[hasclass('o_rebate_next_step')]")
        self.assertIn("2 486,42", text.replace("\N{NARROW NO-BREAK SPACE}", " "))
        self.assertIn("31 déc. 2026", text)

    def test_breadcrumbs_lead_back(self):
        agreement = self._enrol(self._program((0, 1)))
        page = self._open(agreement)
        crumbs = "//ol[hasclass('o_portal_submenu')]"
        self.assertEqual(self._text(page, crumbs), "Rebates Bonus")
        self.assertTrue(page.xpath(crumbs + "//a[@href='/my/rebates']"))
        page = self._page(agreement.access_url + "/invoices")
        self.assertEqual(self._text(page, crumbs), "Rebates Bonus Invoices")

    def test_a_limit_that_bites_is_told(self):
        agreement = self._enrol(self._program((0, 10), max_payout=50))
        self._invoice(1000, "2026-02-01")
        self._log_in(self.dana)
        page = self._page(agreement.access_url)
        self.assertEqual(self._text(page, "//dd[@name='earned']"), "$ 50.00")
        self.assertEqual(
            self._text(page, "//p[hasclass('o_rebate_limit')]"),
            "The program pays at most $ 50.00 for the period.",
        )

    def test_a_program_in_units_speaks_of_units(self):
        rule = self._rule((0, 0.5), (100, 1)) | {"name": "Pieces"}
        for _command, _id, tier in rule["tier_ids"]:
            tier["rate_type"] = "per_unit"
        program = self._program(
            rules=[rule], measure="quantity", uom_id=self.env.ref("uom.product_uom_unit").id
        )
        agreement = self._enrol(program)
        self._invoice([(self.goods, 3)] * 60, "2026-02-01")
        self._log_in(self.dana)
        page = self._page(agreement.access_url)
        self.assertEqual(self._text(page, "//dd[@name='purchases']"), "60 Units")
        self.assertEqual(
            self._text(page, "//p[hasclass('o_rebate_next_step')]"),
            "Buy 40 Units more by Dec 31, 2026 to reach $ 1.00 per unit , worth $ 70.00 more.",
        )
        self.assertIn(
            "100 Units $ 1.00 per unit Next",
            self._text(page, "//table[hasclass('o_rebate_tiers')]"),
        )
