"""What was paid, and the credit note to download."""

from odoo.tests import tagged

from .common import RebatePortalCommon, prints

PAYOUTS = "//ul[hasclass('o_rebate_payouts')]/li"
LINKS = "//a[hasclass('o_rebate_credit_note')]/@href"


@tagged("post_install", "-at_install")
class TestPortalPayouts(RebatePortalCommon):
    def test_a_payout_says_what_it_paid_and_why(self):
        agreement = self._enrol(self._program((0, 1), (1000, 5)))
        self._invoice(2000)
        self._settle()
        self._log_in(self.dana)
        page = self._page(agreement.access_url)
        self.assertEqual(
            self._text(page, PAYOUTS),
            "03/31/2026 Rebate Bonus, 2025 Purchases of $ 2,000.00 on one invoice reached the tier"
            " from $ 1,000.00; 5 % on all of it = $ 100.00. $ 100.00 Credit note (PDF)",
        )
        self.assertIn(
            "$ 2,000.00 $ 100.00 $ 100.00 Paid",
            self._text(page, "//table[hasclass('o_rebate_periods')]//tbody/tr"),
        )

    @prints
    def test_the_credit_note_downloads_as_pdf(self):
        agreement = self._enrol(self._program((0, 10)))
        self._invoice(1000)
        settlement = self._settle()
        self._log_in(self.dana)
        (link,) = self._page(agreement.access_url).xpath(LINKS)
        with self._printing():
            response = self._get(link)
        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.headers["Content-Type"], "application/pdf")
        self.assertIn("attachment", response.headers["Content-Disposition"])
        self.assertEqual(response.content[:4], b"%PDF")
        # It is the credit note itself, not a proforma, and stays the same document.
        self.assertEqual(settlement.move_ids.invoice_pdf_report_id.raw, response.content)
        self.assertEqual(self._get(link).content, response.content)

    def test_proposals_are_not_shown_before_they_are_posted(self):
        agreement = self._enrol(self._program((0, 10)))
        self._invoice(1000)
        settlement = self._settle(post=False)
        self._log_in(self.dana)
        for step in (settlement.action_submit, lambda: self._approve(settlement)):
            self.assertFalse(self._page(agreement.access_url).xpath(PAYOUTS))
            step()
        settlement.action_post()
        self.assertTrue(self._page(agreement.access_url).xpath(PAYOUTS))
        settlement.action_cancel()
        self.assertFalse(self._page(agreement.access_url).xpath(PAYOUTS))

    def test_a_payout_to_somebody_else_is_shown_and_its_note_opens(self):
        bank = self._company("Bank")
        agreement = self._enrol(self._program((0, 10)), payout_partner_id=bank.id)
        self._invoice(1000)
        self._settle()
        self._log_in(self.dana)
        page = self._page(agreement.access_url)
        self.assertIn("Paid to Bank", self._text(page, PAYOUTS))
        (link,) = page.xpath(LINKS)
        self.assertEqual(self._get(link).status_code, 200)

    def test_a_note_that_pays_several_distributors_is_shown_to_none_of_them(self):
        bank = self._company("Purchasing association")
        program = self._program((0, 10))
        agreement = self._enrol(program, payout_partner_id=bank.id)
        rival = self._company("Rival")
        self._enrol(program, rival, payout_partner_id=bank.id)
        self._invoice(1000)
        self._invoice(700, partner=rival)
        self.assertEqual(self._settle().amount_total, 170)
        self._log_in(self.dana)
        page = self._page(agreement.access_url)
        self.assertIn("$ 100.00", self._text(page, PAYOUTS))
        self.assertFalse(page.xpath(LINKS))

    def test_what_is_overpaid_is_carried_forward(self):
        agreement = self._enrol(self._program((0, 10)))
        self._invoice(1000)
        self._settle()
        self._invoice(400, "2025-08-01", refund=True)
        agreement.action_refresh()
        self._log_in(self.dana)
        self.assertIn(
            "$ 600.00 $ 60.00 $ 100.00 Carried forward",
            self._text(
                self._page(agreement.access_url),
                "//table[hasclass('o_rebate_periods')]//tbody/tr",
            ),
        )

    def test_older_payouts_unfold(self):
        agreement = self._enrol(self._program((0, 10), period_type="month"))
        for month in range(1, 9):
            self._invoice(100 * month, f"2025-{month:02}-15")
        self._settle()
        self._log_in(self.dana)
        page = self._page(agreement.access_url)
        self.assertEqual(len(page.xpath(PAYOUTS)), 8)
        self.assertEqual(len(page.xpath(f"//details{PAYOUTS}")), 2)
        self.assertIn("Earlier payouts ( 2 )", self._text(page, "//details/summary"))
