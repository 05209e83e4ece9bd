"""What a program tells of its money: in lists, on its buttons and on the tab “Performance”."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestPerformance(RebateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # 2 % from 1,000, 3 % from 5,000, by years; today is the last day of March 2026.
        cls.program = cls._program((1000, 2), (5000, 3))
        cls.buyers = cls.env["res.partner"].create(
            [{"name": f"Buyer {name}", "is_company": True} for name in "ABC"]
        )
        for partner, amount in zip(cls.buyers, (500, 2000, 6000), strict=True):
            cls._enrol(cls.program, partner)
            cls._invoice(amount, "2026-02-10", partner)
        cls._invoice(8000, "2025-05-05", cls.buyers[2])
        cls.program.action_refresh()

    def test_lists_tell_the_running_period_and_what_is_owed(self):
        program = self.program
        self.assertEqual(program.current_measured_amount, 8500)
        self.assertEqual(program.current_earned_amount, 220)
        self.assertEqual(program.current_earning_count, 2)
        self.assertGreater(program.current_expected_amount, 220)
        # And 3 % of 8,000 of the year before.
        self.assertEqual(program.open_amount, 460)
        self.assertEqual(program.settled_amount, 0)

    def test_figures_follow_the_invoices(self):
        self.assertEqual(self.program.current_earned_amount, 220)
        self._invoice(1000, "2026-03-01", self.buyers[1])
        self.program.action_refresh()
        self.assertEqual(self.program.current_earned_amount, 240)

    def test_a_new_program_has_no_figures(self):
        program = self.env["rebate.program"].new({"name": "New"})
        self.assertEqual((program.current_earned_amount, program.open_amount), (0, 0))
        self.assertFalse(self._program((0, 1), activate=False).get_performance())

    def test_buttons_open_what_they_count(self):
        program = self.program
        for action, names, total in (
            (program.action_view_current(), "earned_amount", 220),
            (program.action_view_open(), "open_amount", 460),
        ):
            accruals = self.env[action["res_model"]].search(action["domain"])
            self.assertEqual(sum(accruals.mapped(names)), total)
        action = program.action_view_settlements()
        self.assertFalse(self.env[action["res_model"]].search(action["domain"]))

    def test_who_takes_part(self):
        self._enrol(
            self.program, self.env["res.partner"].create({"name": "Silent", "is_company": True})
        )
        found = self.program.get_performance()["participation"]
        counts = {name: figure["count"] for name, figure in found.items()}
        self.assertEqual(counts, {"enrolled": 4, "buying": 3, "earning": 2})
        for name, figure in found.items():
            model = "rebate.agreement" if name == "enrolled" else "rebate.accrual"
            self.assertEqual(self.env[model].search_count(figure["domain"]), counts[name])

    def test_how_many_reached_which_tier(self):
        [scale] = self.program.get_performance()["scales"]
        self.assertEqual(
            [(step["distributors"], step["purchases"], step["earned"]) for step in scale["steps"]],
            [(1, 500, 0), (1, 2000, 40), (1, 6000, 180)],
        )
        for step in scale["steps"]:
            accruals = self.env["rebate.accrual"].search(step["domain"])
            self.assertEqual(sum(accruals.mapped("measured_amount")), step["purchases"])

    def test_own_tiers_stand_apart(self):
        agreement = self.program.agreement_ids.filtered(
            lambda agreement: agreement.partner_id == self.buyers[2]
        )
        agreement.tier_ids = [
            Command.create({"rule_id": self.program.rule_ids.id, "threshold": 0, "rate": 10})
        ]
        self.program.action_refresh()
        [scale] = self.program.get_performance()["scales"]
        self.assertEqual(scale["steps"][-1]["label"], "Tiers of their own")
        self.assertEqual(scale["steps"][-1]["earned"], 600)
        self.assertEqual(sum(step["distributors"] for step in scale["steps"]), 3)

    def test_what_it_costs_and_is_foreseen_to_cost(self):
        found = self.program.get_performance()
        self.assertEqual(found["period"], "2026")
        self.assertTrue(found["is_running"])
        self.assertAlmostEqual(found["cost"]["percent"], 100 * 220 / 8500)
        self.assertEqual(found["forecast"]["earned"], self.program.current_expected_amount)
        self.assertGreater(found["forecast"]["purchases"], 8500)
        self.assertEqual(
            [(row["label"], row["purchases"], row["earned"]) for row in found["periods"]],
            [("2025", 8000, 240), ("2026", 8500, 220)],
        )

    def test_a_closed_program_tells_of_its_last_period(self):
        program = self._program((0, 1), date_start="2024-01-01", date_end="2024-12-31")
        self._enrol(program, self.buyers[0])
        self._invoice(1000, "2024-06-01", self.buyers[0])
        program.action_refresh()
        found = program.get_performance()
        self.assertFalse(found["is_running"])
        self.assertEqual((found["period"], found["cost"]["earned"]), ("2024", 10))
        self.assertEqual(found["forecast"]["purchases"], 1000)

    def test_units_are_not_added_to_money(self):
        unit = self.env.ref("uom.product_uom_unit")
        program = self._program((0, 1), measure="quantity", uom_id=unit.id)
        self._enrol(program, self.buyers[0])
        program.action_refresh()
        self.assertEqual(program.get_performance()["forecast"]["purchases"], 0)

    def test_a_salesperson_counts_what_he_may_see(self):
        user = self.env["res.users"].create(
            {
                "name": "Seller",
                "login": "seller_of_performance",
                "group_ids": [
                    Command.link(self.env.ref("sales_team.group_sale_salesman").id),
                    Command.link(self.env.ref("rebate_management.group_rebate_user").id),
                ],
            }
        )
        self.buyers[1].user_id = user
        found = self.program.with_user(user).get_performance()
        agreements = (
            self.env["rebate.agreement"]
            .with_user(user)
            .search([("program_id", "=", self.program.id)])
        )
        self.assertEqual(found["participation"]["enrolled"]["count"], len(agreements))
        self.assertEqual(
            found["cost"]["earned"],
            sum(
                self.env["rebate.accrual"]
                .with_user(user)
                .search(found["cost"]["domain"])
                .mapped("earned_amount")
            ),
        )

    def test_a_distributor_is_told_nothing_of_others(self):
        portal = self.env["res.users"].create(
            {
                "name": "Outsider",
                "login": "outsider_of_performance",
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
            }
        )
        with self.assertRaises(AccessError):
            self.program.with_user(portal).get_performance()

    def test_the_number_of_statements_does_not_grow(self):
        programs = self.program | self._program((0, 1)) | self._program((0, 2))
        counts = []
        # The first read fills what Odoo keeps of its rules.
        programs.mapped("current_earned_amount")
        programs.mapped("open_amount")
        for some in (programs[:1], programs):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.mapped("current_earned_amount")
            some.mapped("open_amount")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)
