"""The rule editor: chart, words and problems of the tiers, as they are while one types."""

from odoo import Command
from odoo.tests import Form, tagged

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestRuleEditor(RebateCommon):
    def _draft_rule(self, *tiers, rule=None, **vals):
        """The only rule of a draft program."""
        rules = [self._rule(*tiers, **(rule or {}))]
        return self._program(rules=rules, activate=False, **vals).rule_ids

    def _paid_at(self, rule, value):
        """What the chart shows at a value: the last point there."""
        return [point["y"] for point in rule.tier_chart["paid"] if point["x"] == value][-1]

    def test_the_chart_shows_the_rate_in_steps(self):
        rule = self._draft_rule((1000, 2), (5000, 3))
        steps = [(point["x"], point["y"]) for point in rule.tier_chart["rate"]]
        self.assertEqual(steps, [(0, 0), (1000, 2), (5000, 3), (6500, 3)])
        self.assertEqual(rule.tier_chart["rows"][1]["rate"], "3 %")

    def test_the_rebate_follows_the_method_of_the_tiers(self):
        for method, paid in (
            ("retroactive", 5200 * 0.03),
            ("incremental", 4000 * 0.02 + 1200 * 0.03),
            ("rolling", 4000 * 0.02 + 5200 * 0.03),
            ("total", 5200 * 0.05),
        ):
            with self.subTest(method):
                rule = self._draft_rule((0, 2), (4000, 3), tier_method=method)
                self.assertAlmostEqual(self._paid_at(rule, 5200), paid)

    def test_a_retroactive_tier_leaps_at_its_threshold(self):
        rule = self._draft_rule((0, 2), (4000, 3))
        at = [point["y"] for point in rule.tier_chart["paid"] if point["x"] == 4000]
        self.assertEqual(at, [80, 120])

    def test_lump_sums_and_rates_per_unit_are_drawn(self):
        lump = self._draft_rule((0, 2))
        lump.tier_ids = [
            Command.clear(),
            Command.create({"threshold": 1000, "rate": 50, "rate_type": "fixed"}),
        ]
        self.assertEqual(lump.tier_chart["kind"], "fixed")
        self.assertEqual(self._paid_at(lump, 1300), 50)

    def test_units_are_drawn_in_units(self):
        rule = self._draft_rule(
            measure="quantity",
            uom_id=self.env.ref("uom.product_uom_unit").id,
            rule={
                "tier_ids": [
                    Command.create({"threshold": 100, "rate": 0.5, "rate_type": "per_unit"})
                ]
            },
        )
        self.assertEqual(rule.tier_chart["unit"], self.env.ref("uom.product_uom_unit").name)
        self.assertEqual(self._paid_at(rule, 130), 65)

    def test_what_depends_on_prices_has_no_chart_of_the_rebate(self):
        rule = self._draft_rule((0, 2), rule={"qualifier_measure": "quantity"})
        self.assertFalse(rule.tier_chart["paid"])
        self.assertTrue(rule.tier_chart["rate"])

    def test_growth_is_drawn_for_an_example(self):
        rule = self._draft_rule(
            (10, 5), rule={"qualifier_measure": "growth_percent", "growth_reward": "excess"}
        )
        self.assertEqual(rule.tier_chart["unit"], "%")
        self.assertIn("100,000", rule.tier_chart["note"])
        # 13 % more than 100,000: 5 % of 13,000.
        self.assertEqual(self._paid_at(rule, 13), 650)

    def test_what_is_beyond_the_greatest_purchases_earns_nothing(self):
        rule = self._draft_rule((0, 10), rule={"max_measure": 1000})
        self.assertEqual(self._paid_at(rule, 10000), 100)

    def test_tiers_that_begin_alike_are_told_before_they_are_saved(self):
        rule = self._draft_rule((0, 2), (4000, 3))
        with Form(rule, "rebate_management.rebate_rule_view_form") as form:
            with form.tier_ids.edit(1) as tier:
                tier.threshold = 0
            self.assertEqual(form.wrong_thresholds, [0])
            self.assertIn("2 tiers begin at", form.tier_problems[0]["message"])
            with form.tier_ids.edit(1) as tier:
                tier.threshold = 3000
            self.assertFalse(form.tier_problems)
            self.assertIn("from $\xa03,000.00", form.words)
            self.assertEqual(form.tier_chart["rate"][1]["x"], 3000)

    def test_what_is_hardly_meant_is_told_and_allowed(self):
        rule = self._draft_rule((0, 3), (4000, 2))
        [problem] = rule.tier_problems
        self.assertIn("less than the tier below it", problem["message"])
        self.assertFalse(problem["is_error"])
        rule = self._draft_rule((0, 3), (4000, 0))
        self.assertIn("pays nothing", rule.tier_problems[0]["message"])

    def test_no_tier_is_told(self):
        rule = self.env["rebate.rule"].new({"name": "New"})
        self.assertIn("There is no tier", rule.tier_problems[0]["message"])
        self.assertFalse(rule.tier_chart)

    def test_a_rate_of_more_than_all_is_told(self):
        rule = self.env["rebate.rule"].new(
            {"tier_ids": [Command.create({"threshold": 0, "rate": 120})]}
        )
        self.assertIn("more than what was bought", rule.tier_problems[0]["message"])

    def test_the_words_say_the_rule_back(self):
        rule = self._draft_rule((0, 2), (4000, 3), tier_method="incremental")
        self.assertIn("What counts: All products.", rule.words)
        self.assertIn("It pays 2 % from", rule.words)
        self.assertIn("Each tier's rate applies to the purchases from its threshold", rule.words)

    def test_growth_says_one_thing_only(self):
        program = self._program(
            rules=[self._rule((10, 5), qualifier_measure="growth_percent", growth_reward="excess")],
            activate=False,
        )
        self.assertFalse(program.uses_tier_method)
        self.assertTrue(program.uses_baseline)
        self.assertNotIn("all purchases", program.rule_ids.words)
        self.assertNotIn("all purchases", program.words)
        self.assertIn("The excess over the baseline", program.rule_ids.words)

    def test_beside_growth_the_method_says_where_it_does_not_hold(self):
        growth = self._rule((10, 5), name="More", qualifier_measure="growth_amount")
        program = self._program(rules=[self._rule((0, 1)), growth], activate=False)
        self.assertTrue(program.uses_tier_method)
        self.assertIn("Not so by growth (More)", program.words)

    def test_baseline_and_target_are_used_where_rules_ask_for_them(self):
        volume = self._program((0, 1), activate=False)
        target = self._program(
            rules=[self._rule((90, 1), qualifier_measure="target_percent")], activate=False
        )
        agreement = self._enrol(target, activate=False)
        self.assertEqual((volume.uses_baseline, volume.uses_target), (False, False))
        self.assertEqual((agreement.uses_baseline, agreement.uses_target), (False, True))

    def test_the_editor_follows_a_program_that_is_not_saved(self):
        program = self._program((0, 2), (4000, 3), activate=False)
        with Form(program) as form:
            form.tier_method = "incremental"
            with form.rule_ids.edit(0) as rule:
                with rule.tier_ids.edit(1) as tier:
                    tier.rate = 4
                self.assertIn("Each tier's rate applies", rule.words)
                self.assertEqual(rule.tier_chart["method"], "incremental")
            self.assertIn("Each tier's rate applies", form.words)
