"""What the progress bar shows: the whole way from nothing to the highest tier, so that it never
falls when more is bought."""

from odoo.tests import tagged

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestSteps(RebateCommon):
    def _steps(self, agreement):
        self.env.invalidate_all()
        return agreement.current_steps

    def test_the_bar_goes_from_nothing_to_the_highest_tier(self):
        agreement = self._enrol(self._program((5000, 3), (20000, 5)))
        self._invoice(7400, "2026-02-01")
        steps = self._steps(agreement)
        self.assertEqual((steps["value"], steps["scale"]), (7400, 20000))
        self.assertEqual(
            steps["tiers"],
            [
                {"threshold": 5000, "label": "5,000", "rate": "3 %", "reached": True},
                {"threshold": 20000, "label": "20,000", "rate": "5 %", "reached": False},
            ],
        )
        self.assertEqual(self._plain(steps["value_label"]), "$ 7,400.00")
        self.assertAlmostEqual(steps["forecast"], 7400 * 365 / 90, 2)
        self.assertEqual(
            self._plain(steps["text"]),
            "$ 7,400.00 bought; $ 12,600.00 more reach the tier from $ 20,000.00",
        )
        self.assertAlmostEqual(agreement.current_progress, 37)

    def test_it_does_not_fall_when_a_tier_is_reached(self):
        agreement = self._enrol(self._program((1000, 2), (5000, 3), (10000, 4)))
        seen = []
        for amount in (900, 200, 3800, 200, 4800, 2000):
            self._invoice(amount, "2026-02-01")
            self.env.invalidate_all()
            seen.append(agreement.current_progress)
        self.assertEqual(seen, sorted(seen))
        self.assertEqual(seen[-1], 100)
        steps = self._steps(agreement)
        self.assertTrue(all(tier["reached"] for tier in steps["tiers"]))
        self.assertEqual(steps["scale"], 11900)

    def test_growth_is_shown_in_what_must_be_bought(self):
        agreement = self._enrol(
            self._program(rules=[self._rule((10, 2), (20, 3), qualifier_measure="growth_percent")]),
            baseline_amount=1000,
        )
        self._invoice(550, "2026-02-01")
        steps = self._steps(agreement)
        self.assertEqual([tier["threshold"] for tier in steps["tiers"]], [1100, 1200])
        self.assertEqual((steps["value"], steps["scale"]), (550, 1200))

    def test_growth_without_a_baseline_has_no_tiers_to_show(self):
        agreement = self._enrol(
            self._program(rules=[self._rule((10, 2), qualifier_measure="growth_percent")])
        )
        self._invoice(550, "2026-02-01")
        steps = self._steps(agreement)
        self.assertEqual((steps["tiers"], steps["value"]), ([], 550))
        self.assertEqual(self._plain(steps["text"]), "$ 550.00 bought")

    def test_a_draft_has_no_bar(self):
        agreement = self._enrol(self._program((0, 1)), activate=False)
        self.assertFalse(agreement.current_steps)

    def test_returns_alone_stand_at_the_beginning(self):
        agreement = self._enrol(self._program((5000, 3)))
        self._invoice(100, "2026-02-01", refund=True)
        self.assertEqual(agreement.current_progress, 0)
        self.assertEqual(self._steps(agreement)["value"], -100)
