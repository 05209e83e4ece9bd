"""The card on the portal's home, and the list of programs."""

from odoo.tests import tagged

from .common import RebatePortalCommon

CARD = "//div[hasclass('o_rebate_card')]"


@tagged("post_install", "-at_install")
class TestPortalPrograms(RebatePortalCommon):
    def _count(self):
        counters = self.make_jsonrpc_request("/my/counters", {"counters": ["rebate_count"]})
        return counters["rebate_count"]

    def test_the_card_counts_programs_that_are_running_or_over(self):
        self._log_in(self.dana)
        self.assertEqual(self._count(), 0)
        program = self._program((0, 1))
        agreement = self._enrol(program, activate=False)
        self._enrol(program, self._company("Rival"))
        self.assertEqual(self._count(), 0)
        agreement.action_activate()
        self.assertEqual(self._count(), 1)
        agreement.action_end()
        self.assertEqual(self._count(), 1)

    def test_the_card_is_hidden_until_it_is_counted(self):
        self._log_in(self.dana)
        (card,) = self._page("/my").xpath(
            "//div[hasclass('o_portal_index_card')][.//a[@href='/my/rebates']]"
        )
        self.assertIn("d-none", card.get("class").split())

    def test_employees_count_no_programs(self):
        self._enrol(self._program((0, 1)))
        for user in (self.nobody, self.env.user):
            self.authenticate(user.login, user.login)
            self.assertEqual(self._count(), 0)

    def test_each_program_says_what_is_earned_and_what_comes_next(self):
        self._enrol(self._program((0, 1), (1000, 4)))
        self._invoice(750, "2026-02-01")
        self._log_in(self.dana)
        page = self._page("/my/rebates")
        card = self._text(page, CARD)
        for words in (
            "Bonus",
            "Running",
            "Jan 1, 2026 – Dec 31, 2026",
            "275 days left",
            "Earned to date $ 7.50",
            "Purchases so far $ 750.00",
            "Buy $ 250.00 more by Dec 31, 2026 to reach 4 % , worth $ 32.50 more.",
        ):
            self.assertIn(words, card)
        (bar,) = page.xpath("//*[@role='progressbar']")
        self.assertEqual(bar.get("aria-valuenow"), "75.0")

    def test_without_a_program_the_list_says_so(self):
        self._log_in(self.dana)
        self.assertIn("not enrolled", self._text(self._page("/my/rebates")))
        self.assertIn("matches this filter", self._text(self._page("/my/rebates?filterby=ended")))

    def test_programs_are_filtered_and_sorted(self):
        self._enrol(self._program((0, 1), name="Beta"), date_start="2025-06-01")
        self._enrol(self._program((0, 1), name="Alpha"), date_start="2025-03-01")
        self._enrol(self._program((0, 1), name="Gone"), date_start="2025-09-01").action_end()
        self._log_in(self.dana)
        for arguments, names in (
            ("", ["Beta", "Alpha", "Gone"]),
            ("?sortby=state", ["Beta", "Alpha", "Gone"]),
            ("?sortby=date", ["Gone", "Beta", "Alpha"]),
            ("?sortby=program", ["Alpha", "Beta", "Gone"]),
            ("?filterby=active", ["Beta", "Alpha"]),
            ("?filterby=ended", ["Gone"]),
            ("?sortby=nonsense&filterby=nonsense", ["Beta", "Alpha", "Gone"]),
        ):
            with self.subTest(arguments):
                page = self._page("/my/rebates" + arguments)
                self.assertEqual(self._texts(page, CARD + "//h2"), names)

    def test_a_program_that_is_not_running_says_why(self):
        self._enrol(self._program((0, 1), name="Later", date_start="2026-05-01"))
        self._enrol(self._program((0, 1), name="Changing")).program_id.action_reset()
        self._enrol(self._program((0, 1), name="Past", date_end="2025-12-31"))
        self._enrol(self._program((0, 1), name="Stopped")).program_id.action_close()
        self._invoice(1000, "2025-05-01")
        for agreement in self.env["rebate.agreement"].search([]):
            agreement.action_refresh()
        self._enrol(self._program((0, 1), name="Running"))
        self._log_in(self.dana)
        page = self._page("/my/rebates")
        names = self._texts(page, CARD + "//h2")
        self.assertEqual(names[:3], ["Running", "Changing", "Later"])
        cards = dict(zip(names, self._texts(page, CARD), strict=True))
        self.assertIn("Upcoming Your purchases count from 05/01/2026", cards["Later"])
        self.assertIn("being revised", cards["Changing"])
        self.assertIn("counted until 12/31/2025", cards["Past"])
        self.assertIn("Earned in all $ 10.00", cards["Past"])
        self.assertIn("counted until 03/31/2026", cards["Stopped"])
