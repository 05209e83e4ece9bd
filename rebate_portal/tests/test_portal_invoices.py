"""The invoices behind the figures, in the running period and in those before."""

from unittest.mock import patch

from odoo.tests import tagged

from ..controllers.portal import RebatePortal
from .common import RebatePortalCommon

ROWS = "//table[hasclass('o_rebate_invoices')]//tbody/tr"


@tagged("post_install", "-at_install")
class TestPortalInvoices(RebatePortalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tools = cls.env["product.product"].create({"name": "Tools", "taxes_id": False})

    def _open(self, agreement, path=""):
        self._log_in(self.dana)
        return self._page(agreement.access_url + path)

    def test_invoices_are_listed_with_what_counts_of_them(self):
        agreement = self._enrol(
            self._program(rules=[self._rule((0, 1), product_ids=self.tools.ids)])
        )
        first = self._invoice(
            [(self.tools, 300), (self.goods, 1000), (self.tools, 20.5)], "2026-01-05"
        )
        self._invoice([(self.goods, 700)], "2026-01-07")
        back = self._invoice([(self.tools, 50)], "2026-02-05", refund=True)
        self._invoice([(self.tools, 9)], "2025-12-31")
        page = self._open(agreement)
        self.assertEqual(
            self._texts(page, ROWS),
            [
                f"{back.name} Credit note 02/05/2026 $ -50.00",
                f"{first.name} 01/05/2026 $ 320.50",
            ],
        )
        self.assertEqual(
            page.xpath(ROWS + "//a/@href"), [f"/my/invoices/{move.id}" for move in back + first]
        )

    def test_an_invoice_in_another_currency_shows_its_own_amount(self):
        self.eur.active = True
        self.env["res.currency.rate"].create(
            {"currency_id": self.eur.id, "name": "2025-01-01", "rate": 0.5}
        )
        agreement = self._enrol(self._program((0, 1)))
        move = self._invoice(100, "2026-01-05", currency_id=self.eur.id)
        page = self._open(agreement)
        self.assertEqual(self._texts(page, ROWS), [f"{move.name} 01/05/2026 100.00 €"])
        self.assertEqual(self._text(page, "//dd[@name='purchases']"), "$ 200.00")
        self.assertIn("count in USD , converted", self._text(page))

    def test_whoever_may_not_open_an_invoice_gets_no_link(self):
        agreement = self._enrol(self._program((0, 1)))
        move = self._invoice(100, "2026-01-05")
        page = self._page(agreement.get_portal_url())
        self.assertIn(move.name, self._text(page, ROWS))
        self.assertFalse(page.xpath(ROWS + "//a"))

    def test_a_long_list_has_pages_of_its_own(self):
        agreement = self._enrol(self._program((0, 1)))
        moves = [self._invoice(100 + day, f"2026-01-{day:02}") for day in range(1, 6)]
        with (
            patch.object(RebatePortal, "_rebate_invoices_shown", 2),
            patch.object(RebatePortal, "_items_per_page", 2),
        ):
            page = self._open(agreement)
            self.assertEqual(len(page.xpath(ROWS)), 2)
            (link,) = page.xpath(
                "//section[@id='invoices']//a[contains(., 'All 5 invoices')]/@href"
            )
            page = self._page(link)
            self.assertIn(moves[4].name, self._text(page, ROWS))
            (link,) = page.xpath("//a[normalize-space()='3']/@href")
            page = self._page(link)
            self.assertEqual(len(page.xpath(ROWS)), 1)
            self.assertIn(moves[0].name, self._text(page, ROWS))

    def test_pages_opened_by_a_token_lead_on_with_it(self):
        agreement = self._enrol(self._program((0, 1)))
        for day in range(1, 4):
            self._invoice(100, f"2026-01-{day:02}")
        with (
            patch.object(RebatePortal, "_rebate_invoices_shown", 1),
            patch.object(RebatePortal, "_items_per_page", 1),
        ):
            page = self._page(agreement.get_portal_url())
            (link,) = page.xpath("//a[contains(., 'All 3 invoices')]/@href")
            page = self._page(link)
            (link,) = page.xpath("//a[normalize-space()='2']/@href")
            page = self._page(link)
            (link,) = page.xpath(
                "//ol[hasclass('o_portal_submenu')]//a[contains(., 'Bonus')]/@href"
            )
            page = self._page(link)
            (link,) = page.xpath("//table[hasclass('o_rebate_periods')]//a/@href")
            self.assertIn("2025", self._text(self._page(link), "//main"))

    def test_earlier_periods_lead_to_their_invoices_and_explanation(self):
        agreement = self._enrol(self._program((0, 10)))
        move = self._invoice(1000, "2025-06-15")
        agreement.action_refresh()
        page = self._open(agreement)
        (link,) = page.xpath("//table[hasclass('o_rebate_periods')]//a/@href")
        page = self._page(link)
        self.assertEqual(self._texts(page, ROWS), [f"{move.name} 06/15/2025 $ 1,000.00"])
        self.assertIn("= $ 100.00", self._text(page, "//p[hasclass('o_rebate_explanation')]"))

    def test_what_is_no_day_or_lies_ahead_means_today(self):
        agreement = self._enrol(self._program((0, 1)))
        for day in ("nonsense", "", "2026-99-99", "9999-12-31"):
            page = self._open(agreement, f"/invoices?day={day}")
            self.assertIn("Jan 1, 2026 – Dec 31, 2026", self._text(page))

    def test_a_day_outside_the_agreement_leads_to_its_page(self):
        agreement = self._enrol(self._program((0, 1)))
        self._log_in(self.dana)
        response = self._get(agreement.access_url + "/invoices?day=2001-01-01")
        self.assertEqual(response.status_code, 303)
        self.assertURLEqual(response.headers["Location"], agreement.access_url)
