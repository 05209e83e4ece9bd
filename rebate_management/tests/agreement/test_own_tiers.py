"""Tiers agreed with one distributor replace those of the rule, for it alone."""

from odoo import Command
from odoo.tests import tagged

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestOwnTiers(RebateCommon):
    def _own(self, rule, *tiers):
        return [
            Command.create({"rule_id": rule.id, "threshold": threshold, "rate": rate})
            for threshold, rate in tiers
        ]

    def test_own_tiers_replace_the_rules_for_one_distributor(self):
        program = self._program((0, 1), (1000, 2))
        other = self._company("Other")
        special = self._enrol(program, tier_ids=self._own(program.rule_ids, (500, 10)))
        usual = self._enrol(program, other)
        for amount, partner in ((800, self.distributor), (800, other)):
            self._invoice(amount, partner=partner)
        self.assertEqual(self._earned(special), 80)
        self.assertEqual(self._earned(usual), 8)
        self.assertEqual(len(program.rule_ids.tier_ids), 2, "the rule keeps its own")
        special.tier_ids = [Command.clear()]
        self.assertEqual(self._accrual(special).earned_amount, 8)

    def test_figures_follow_a_tier_that_is_changed_by_itself(self):
        program = self._program((0, 1))
        agreement = self._enrol(program)
        self._invoice(1000)
        agreement.action_refresh()

        def earned():
            self._drain()
            return self._accrual(agreement).earned_amount

        [vals] = (vals for *_command, vals in self._own(program.rule_ids, (0, 5)))
        tier = self.env["rebate.tier"].create({**vals, "agreement_id": agreement.id})
        self.assertEqual(earned(), 50)
        tier.rate = 7
        self.assertEqual(earned(), 70)
        tier.unlink()
        self.assertEqual(earned(), 10)

    def test_a_rule_without_own_tiers_keeps_paying_by_its_own(self):
        program = self._program(
            rules=[self._rule((0, 1), name="One"), self._rule((0, 2), name="Two")]
        )
        agreement = self._enrol(program, tier_ids=self._own(program.rule_ids[0], (0, 10)))
        self._invoice(100)
        self.assertEqual(self._earned(agreement), 12)

    def test_two_own_tiers_from_one_threshold_are_refused(self):
        program = self._program((0, 1))
        with self.assertRefused("two tiers"):
            self._enrol(program, tier_ids=self._own(program.rule_ids, (5, 1), (5, 2)))

    def test_own_tiers_that_pay_for_units_need_a_unit(self):
        program = self._program((0, 1))
        own = self._own(program.rule_ids, (0, 5))
        own[0][2]["rate_type"] = "per_unit"
        with self.assertRefused("Bonus", "unit of measure"):
            self._enrol(program, tier_ids=own)

    def test_a_tier_of_another_programs_rule_is_refused(self):
        foreign = self._program((0, 1), name="Foreign").rule_ids
        with self.assertRefused("not of its program", "Bonus"):
            self._enrol(self._program((0, 1)), tier_ids=self._own(foreign, (5, 1)))
