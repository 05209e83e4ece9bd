"""The overview: each role is told what is theirs, and a figure is what its records add up to."""

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tests import tagged

from ..common import RebateCommon
from ..common_kept import ROLE


@tagged("post_install", "-at_install")
class TestOverview(RebateCommon):
    """A quarter ends today; a year ago there was as much less. One customer is the seller's own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program = cls._program((0, 2), (1000, 5), (5000, 10), period_type="quarter")
        cls.own = cls._company("Own Customer", user_id=cls.seller.id)
        cls.other = cls._company("Other Customer")
        cls.agreements = cls._enrol(cls.program, cls.own) + cls._enrol(cls.program, cls.other)
        for day, own, other in (("2025-02-10", 900, 4000), ("2026-03-10", 4500, 2000)):
            cls._invoice(own, day, cls.own)
            cls._invoice(other, day, cls.other)
        cls.agreements.action_refresh()
        cls.accruals = cls.agreements.accrual_ids
        cls.director = cls._user("director_", ROLE + "user")

    def _overview(self, user, **context):
        model = self.env["rebate.overview"].with_user(user).with_context(**context)
        return model.get_overview()

    def _near(self, user):
        return self.env["rebate.overview"].with_user(user).get_near()

    def _tiles(self, user):
        return {tile["key"]: tile for tile in self._overview(user)["tiles"]}

    def _todos(self, user):
        return {todo["key"]: todo for todo in self._overview(user)["todos"]}

    def _behind(self, figure, user=None):
        """The records that a figure opens."""
        action = figure["action"]
        model = self.env[action["res_model"]].with_user(user or self.env.user)
        return model.search(action["domain"])

    def _running(self, day="2026-03-31"):
        return self.accruals.filtered(lambda one: str(one.date_from) <= day <= str(one.date_to))

    # ------------------------------------------------------------------
    # Who is told what
    # ------------------------------------------------------------------

    def test_only_who_works_with_rebates_has_an_overview(self):
        with self.assertRaises(AccessError):
            self._overview(self.nobody)

    def test_each_role_has_its_own_figures(self):
        for user, expected in (
            (self.manager, ["liability", "accrued", "earned", "before"]),
            (self.accountant, ["liability", "accrued", "earned", "before"]),
            (self.approver, ["liability", "earned", "before"]),
            (self.director, ["liability", "earned", "before"]),
            (self.seller, ["earned", "before"]),
        ):
            with self.subTest(user.name):
                self.assertEqual(list(self._tiles(user)), expected)

    def test_each_role_has_its_own_lists(self):
        for user, movers, near, payout_months in (
            (self.manager, True, True, True),
            (self.accountant, False, False, True),
            (self.approver, False, False, True),
            (self.director, True, False, True),
            (self.seller, True, True, False),
        ):
            with self.subTest(user.name):
                overview = self._overview(user)
                self.assertEqual(
                    [name in overview for name in ("movers", "misses", "payout_months")],
                    [movers, near, payout_months],
                )

    def test_a_salesperson_is_told_of_their_own_customers(self):
        overview = self._overview(self.seller)
        self.assertTrue(overview["is_own"])
        accruals = self._running().filtered(lambda one: one.partner_id == self.own)
        tile = overview["tiles"][0]
        self.assertEqual(tile["amount"], sum(accruals.mapped("earned_amount")))
        self.assertEqual(self._behind(tile, self.seller), accruals)
        self.assertEqual([one["name"] for one in overview["movers"]["up"]], ["Own Customer"])
        self.assertEqual(overview["movers"]["down"], [])
        self.assertEqual(
            [one["partner"] for one in self._near(self.seller)["misses"]], ["Own Customer"]
        )
        self.assertEqual(overview["purchases"]["amount"], 4500)

    def test_a_salesperson_sees_a_payout_when_it_is_certain(self):
        settlements = self._settle("2026-03-31", kind="interim", post=False)
        own = settlements.filtered(lambda one: one.partner_id == self.own)
        self.assertNotIn("draft", [row["status"] for row in self._overview(self.seller)["payouts"]])
        own.action_submit()
        self.assertFalse(self._todos(self.seller))
        self._approve(own)
        row = next(
            row for row in self._overview(self.seller)["payouts"] if row["status"] == "approved"
        )
        self.assertEqual(row["amount"], own.amount_total)
        self.assertEqual(self._behind(row, self.seller), own)

    # ------------------------------------------------------------------
    # Figures are what their records add up to
    # ------------------------------------------------------------------

    def test_what_was_earned_this_period_and_a_year_ago(self):
        tiles = self._tiles(self.manager)
        running, past = self._running(), self._running("2025-03-31")
        # 5 % of 4,500 and of 2,000; a year ago 2 % of 900 and 5 % of 4,000
        self.assertEqual(tiles["earned"]["amount"], 325)
        self.assertEqual(tiles["earned"]["amount"], sum(running.mapped("earned_amount")))
        self.assertEqual(tiles["earned"]["foreseen"], sum(running.mapped("expected_amount")))
        self.assertEqual(self._behind(tiles["earned"]), running)
        self.assertEqual(tiles["before"]["amount"], 218)
        self.assertEqual(tiles["before"]["amount"], sum(past.mapped("earned_amount")))
        self.assertEqual(self._behind(tiles["before"]), past)
        (row,) = self._overview(self.manager)["earnings"]
        self.assertEqual(
            (row["label"], row["before_label"], row["earned"], row["before"]),
            ("Q1 2026", "Q1 2025", 325, 218),
        )

    def test_quarters_and_years_are_told_apart(self):
        yearly = self._program((0, 1), name="Yearly")
        agreement = self._enrol(yearly, self.own)
        agreement.action_refresh()
        rows = self._overview(self.manager)["earnings"]
        self.assertEqual([row["label"] for row in rows], ["Q1 2026", "2026"])
        self.assertEqual([row["earned"] for row in rows], [325, 45])
        self.assertEqual(
            [len(self._behind(row)) for row in rows],
            [2, 1],
        )

    def test_the_liability_is_what_is_earned_and_not_paid(self):
        tile = self._tiles(self.accountant)["liability"]
        self.assertEqual(tile["amount"], 543)
        self.assertEqual(tile["amount"], sum(self.accruals.mapped("open_amount")))
        self.assertEqual(sum(self._behind(tile).mapped("open_amount")), tile["amount"])
        self._settle("2025-12-31")
        self.assertEqual(self._tiles(self.accountant)["liability"]["amount"], 325)

    def test_what_is_in_the_books(self):
        self.program.write(self._accruing())
        self.env["rebate.accrual.run"].create({"date": "2026-03-31"}).action_run()
        tile = self._tiles(self.accountant)["accrued"]
        self.assertEqual(tile["amount"], 543)
        self.assertEqual(sum(self._behind(tile).mapped("accrued_amount")), 543)

    def _accruing(self):
        account = self.env["account.account"].create(
            {"name": "Rebates Owed", "code": "REBOWED", "account_type": "liability_current"}
        )
        return {"accrual_method": "earned", "liability_account_id": account.id}

    def test_another_currency_is_converted_and_it_is_said(self):
        self._rates({"2025-01-01": 0.5, "2026-01-01": 0.8})
        program = self._program((0, 10), name="Euro", currency_id=self.eur.id)
        agreement = self._enrol(program, self.other)
        agreement.action_refresh()
        overview = self._overview(self.manager)
        self.assertIn("EUR", overview["note"])
        accruals = agreement.accrual_ids.sorted("date_from")
        self.assertEqual(accruals.mapped("earned_amount"), [200, 160])
        by_kind = {row["kind"]: row for row in overview["earnings"]}
        # 160 euros at today's rate, 200 at that of the last day of their year
        self.assertEqual(by_kind["year"]["earned"], 200)
        self.assertEqual(by_kind["year"]["before"], 400)
        liability = self._tiles(self.manager)["liability"]["amount"]
        self.assertEqual(liability, 543 + 360 / 0.8)

    def _rates(self, rates):
        self.eur.active = True
        self.env["res.currency.rate"].search([("currency_id", "=", self.eur.id)]).unlink()
        self.env["res.currency.rate"].create(
            [
                {
                    "name": day,
                    "rate": rate,
                    "currency_id": self.eur.id,
                    "company_id": self.env.company.id,
                }
                for day, rate in rates.items()
            ]
        )

    def test_what_has_no_rate_is_left_out_and_it_is_said(self):
        franc = self._franc()
        program = self._program((0, 10), name="Swiss", currency_id=franc.id)
        swiss = self._company("Swiss")
        self._invoice(1000, "2026-03-10", swiss, currency_id=franc.id)
        self._enrol(program, swiss).action_refresh()
        self.assertEqual(sum(program.agreement_ids.accrual_ids.mapped("earned_amount")), 100)
        overview = self._overview(self.manager)
        self.assertIn("CHF", overview["note"])
        self.assertIn("left out", overview["note"])
        self.assertEqual(overview["tiles"][0]["amount"], 543)

    def _franc(self):
        franc = (
            self.env["res.currency"].with_context(active_test=False).search([("name", "=", "CHF")])
        )
        franc.active = True
        self.env["res.currency.rate"].search([("currency_id", "=", franc.id)]).unlink()
        return franc

    def test_only_what_the_user_works_with_counts(self):
        beside = self.setup_other_company(name="Beside")["company"]
        self.manager.company_ids = [Command.link(beside.id)]
        program = self._program((0, 50), name="Beside", company_id=beside.id)
        self._enrol(program, self.own)
        self._invoice(1000, "2026-03-10", self.own, company=beside)
        program.agreement_ids.action_refresh()
        for companies, expected in ((self.env.company, 325), (self.env.company + beside, 825)):
            overview = self._overview(self.manager, allowed_company_ids=companies.ids)
            earned = next(tile for tile in overview["tiles"] if tile["key"] == "earned")
            self.assertEqual(earned["amount"], expected)

    # ------------------------------------------------------------------
    # What waits
    # ------------------------------------------------------------------

    def test_a_payout_waits_for_one_after_the_other(self):
        self.assertEqual(list(self._todos(self.manager)), ["settle"])
        settlements = self._settle("2025-12-31", post=False)
        total = sum(settlements.mapped("amount_total"))
        todo = self._todos(self.manager)["submit"]
        self.assertEqual((todo["count"], todo["amount"]), (2, total))
        self.assertEqual(self._behind(todo), settlements)
        self.assertNotIn("settle", self._todos(self.manager))
        self.assertIn("submit", self._todos(self.accountant))
        self.assertFalse(self._todos(self.approver))
        settlements.action_submit()
        self.assertFalse(self._todos(self.manager))
        todo = self._todos(self.approver)["approve"]
        self.assertEqual((todo["count"], todo["amount"]), (2, total))
        self.assertEqual(self._behind(todo, self.approver), settlements)
        self._approve(settlements[0])
        self.assertEqual(self._todos(self.approver)["approve"]["count"], 1)
        todo = self._todos(self.accountant)["post"]
        self.assertEqual((todo["count"], todo["amount"]), (1, settlements[0].amount_total))
        self.assertEqual(self._behind(todo, self.accountant), settlements[0])
        self.assertFalse(self._todos(self.director))

    def test_periods_that_are_over_and_on_no_payout(self):
        todo = self._todos(self.accountant)["settle"]
        accruals = self._running("2025-03-31")
        self.assertEqual((todo["count"], todo["amount"]), (2, 218))
        self.assertEqual(self._behind(todo), accruals)

    def test_a_program_that_cannot_be_computed(self):
        self.assertNotIn("problems", self._todos(self.manager))
        self.program.sudo()._write({"problem": "No rate"})
        self.program.invalidate_recordset(["problem"])
        todo = self._todos(self.manager)["problems"]
        self.assertEqual((todo["count"], todo["detail"]), (1, self.program.name))
        self.assertEqual(self._behind(todo), self.program)
        self.assertNotIn("problems", self._todos(self.seller))

    def test_money_that_expires_unless_it_is_claimed(self):
        program = self._program(
            (0, 10),
            name="Claimed",
            claim_required=True,
            claim_deadline_days=100,
        )
        agreements = self._enrol(program, self.own) + self._enrol(program, self.other)
        agreements.action_refresh()
        accruals = agreements.accrual_ids.filtered(lambda one: str(one.date_to) == "2025-12-31")
        todo = self._todos(self.manager)["expiring"]
        self.assertEqual((todo["count"], todo["amount"]), (2, 490))
        self.assertEqual(self._behind(todo), accruals)
        # Until 10 April.
        self.assertEqual(todo["level"], "warning")
        todo = self._todos(self.seller)["expiring"]
        self.assertEqual((todo["count"], todo["amount"]), (1, 90))
        self.assertNotIn("expiring", self._todos(self.approver))
        accruals.action_claim()
        self.assertNotIn("expiring", self._todos(self.manager))

    def test_the_month_that_is_not_accrued(self):
        self.program.write(self._accruing())
        todo = self._todos(self.accountant)["accrue"]
        self.assertIn("February 2026", todo["label"])
        self.assertNotIn("accrue", self._todos(self.manager))
        self.env["rebate.accrual.run"].create({"date": "2026-02-28"}).action_run()
        self.assertNotIn("accrue", self._todos(self.accountant))

    # ------------------------------------------------------------------
    # When money goes out
    # ------------------------------------------------------------------

    def test_the_calendar_has_what_is_overdue_and_what_is_foreseen(self):
        rows = self._overview(self.manager)["payouts"]
        self.assertEqual(
            [(row["date"], row["status"], row["is_overdue"], row["amount"]) for row in rows],
            [("2025-03-31", "due", True, 218), ("2026-03-31", "foreseen", False, 325)],
        )
        self.assertEqual(self._behind(rows[0]), self._running("2025-03-31"))
        self.assertEqual(self._behind(rows[1]), self._running())

    def test_the_calendar_knows_when_a_program_pays(self):
        program = self._program(
            (0, 1), name="Yearly", settlement_period="quarter", payout_delay_days=30
        )
        self._invoice(900, "2025-08-15", self.own)
        self._enrol(program, self.own).action_refresh()
        rows = [
            (row["date"], row["status"], row["amount"])
            for row in self._overview(self.manager)["payouts"]
            if "Yearly" in row["label"]
        ]
        accrual = program.agreement_ids.accrual_ids.filtered(lambda one: one.date_from.year == 2026)
        self.assertEqual(accrual.earned_amount, 45)
        self.assertGreater(accrual.expected_amount, 45)
        self.assertEqual(
            rows,
            [
                ("2026-01-30", "due", 18),
                # of the quarter to date, and what the year will have earned beside it
                ("2026-04-30", "foreseen", 45),
                ("2027-01-30", "foreseen", accrual.expected_amount - 45),
            ],
        )

    def test_what_is_on_a_payout_is_foreseen_no_more(self):
        settlements = self._settle("2026-03-31", kind="interim", post=False)
        rows = self._overview(self.manager)["payouts"]
        self.assertEqual({row["status"] for row in rows}, {"draft"})
        self.assertEqual(
            sum(row["amount"] for row in rows), sum(settlements.mapped("amount_total"))
        )

    def test_the_chart_tells_what_was_posted_and_what_is_to_come(self):
        self._settle("2025-12-31")
        months = self._overview(self.director)["payout_months"]
        sums = {series["key"]: sum(series["values"]) for series in months["series"]}
        paid = self._behind({"action": months["series"][0]["actions"][months["current"]]})
        self.assertEqual(sum(paid.mapped("amount_total")), 218)
        self.assertEqual(sums, {"paid": 218, "coming": 0, "foreseen": 325})

    # ------------------------------------------------------------------
    # Whose purchases move, and who is near a tier
    # ------------------------------------------------------------------

    def test_movers(self):
        movers = self._overview(self.manager)["movers"]
        self.assertEqual(
            [(one["name"], one["now"], one["before"], one["change"]) for one in movers["up"]],
            [("Own Customer", 4500, 900, 3600)],
        )
        self.assertEqual(
            [(one["name"], one["now"], one["before"], one["change"]) for one in movers["down"]],
            [("Other Customer", 2000, 4000, -2000)],
        )
        self.assertEqual(movers["up"][0]["action"]["res_model"], "rebate.agreement")
        self.assertEqual(
            self._behind(movers["up"][0], self.manager), self._running().agreement_id[:1]
        )

    def test_who_may_read_invoices_opens_them(self):
        self.director.group_ids += self.env.ref("account.group_account_readonly")
        overview = self._overview(self.director)
        invoices = self._behind(overview["movers"]["up"][0], self.director)
        self.assertEqual(sum(invoices.mapped("amount_untaxed_signed")), 5400)
        now, before = overview["purchase_months"]["series"]
        for series, place, amount in ((now, -1, 6500), (before, -2, 4900)):
            invoices = self._behind({"action": series["actions"][place]}, self.director)
            self.assertEqual(sum(invoices.mapped("amount_untaxed_signed")), amount)

    def test_a_payout_is_no_purchase(self):
        self._settle("2025-12-31")
        self.assertEqual(self._overview(self.manager)["purchases"]["amount"], 6500)

    def test_the_purchases_of_two_years_by_month(self):
        months = self._overview(self.manager)["purchase_months"]
        now, before = (series["values"] for series in months["series"])
        self.assertEqual(months["labels"][-1], "Mar 26")
        self.assertEqual((now[-1], sum(now)), (6500, 6500))
        # February 2025, and before it there was nothing to compare with.
        self.assertEqual((before[-2], before[-1]), (4900, 0))
        self.assertFalse(any(before[:-2]))
        self.assertIsNone(before[0])

    def test_near_misses_are_measured_live(self):
        (near,) = self._near(self.manager)["misses"]
        self.assertEqual(near["partner"], "Own Customer")
        self.assertIn("500.00", self._plain(near["text"]))
        # 10 % of 5,000 instead of 5 % of 4,500
        self.assertEqual(near["worth"], 275)
        self.assertEqual((near["steps"]["value"], near["steps"]["scale"]), (4500, 5000))
        # Not in the accrual yet.
        self._invoice(200, "2026-03-31", self.own)
        self.env.invalidate_all()
        (near,) = self._near(self.manager)["misses"]
        self.assertIn("300.00", self._plain(near["text"]))
        self.assertEqual(self._near(self.accountant), {})

    def test_the_page_stands_with_the_watch_list_of_last_night(self):
        self.assertEqual(self._overview(self.manager)["misses"], [])
        self.env["rebate.watch"]._refresh(Domain("id", "in", self.agreements.ids))
        (near,) = self._overview(self.manager)["misses"]
        self.assertEqual(near["agreement_id"], self.agreements[0].id)
        self.assertEqual([near], self._near(self.manager)["misses"])
        self._invoice(600, "2026-03-31", self.own)
        self.env.invalidate_all()
        self.assertEqual(self._overview(self.manager)["misses"], [near])
        self.assertEqual(self._near(self.manager)["misses"], [])

    def test_near_losses_are_those_below_the_tier_of_the_period_before(self):
        with freeze_time("2026-05-15"):
            self._invoice(600, "2026-05-10", self.own)
            self._invoice(100, "2026-05-10", self.other)
            self.agreements.action_refresh()
            losses = self._near(self.manager)["losses"]
            # The forecast of the other one reaches 1,000.
            self.assertEqual([one["partner"] for one in losses], ["Other Customer"])
            self.assertIn("1,000.00", self._plain(losses[0]["text"]))

    # ------------------------------------------------------------------
    # Nothing yet
    # ------------------------------------------------------------------

    def test_who_has_nothing_is_told_the_next_step(self):
        self.own.user_id = False
        empty = self._overview(self.seller)["empty"]
        self.assertIn("None of your customers", empty["title"])
        self.assertTrue(self.env.ref(empty["action"]))
        self.assertFalse(self._overview(self.manager)["empty"])

    def test_a_new_company_begins_with_a_program(self):
        beside = self.setup_other_company(name="Beside")["company"]
        self.manager.company_ids = [Command.link(beside.id)]
        empty = self._overview(self.manager, allowed_company_ids=beside.ids)["empty"]
        self.assertIn("first program", empty["title"])
        self.assertTrue(self.env.ref(empty["action"]))
        empty = self._overview(self.director)["empty"]
        self.assertFalse(empty)

    # ------------------------------------------------------------------
    # How many statements it takes
    # ------------------------------------------------------------------

    def test_as_many_statements_for_many_as_for_few(self):
        def read():
            self.env["rebate.overview"].get_overview()
            self.env["rebate.overview"].get_near()

        self._grow(8)
        read()
        few = self._statements(read)
        self._grow(40)
        self.assertLessEqual(self._statements(read), few)

    def _grow(self, count):
        partners = self.env["res.partner"].create(
            [{"name": f"Customer {count} {number}", "is_company": True} for number in range(count)]
        )
        agreements = self.env["rebate.agreement"].union(
            *(self._enrol(self.program, partner) for partner in partners)
        )
        for number, partner in enumerate(partners):
            self._invoice(4200 + 10 * number, "2025-03-10", partner)
            self._invoice(4800 + number, "2026-03-12", partner)
        agreements.action_refresh()
        self._settle("2025-12-31", post=False, partner_ids=partners.ids)
