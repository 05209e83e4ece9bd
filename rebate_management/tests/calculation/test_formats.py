"""Units and money, rates per unit and lump sums, and tiers chosen by other purchases."""

import json
from fractions import Fraction

from odoo import Command
from odoo.tests import tagged

from ..common import RebateCommon
from ..recompute import rule_earned


@tagged("post_install", "-at_install")
class TestFormats(RebateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.unit = cls.env.ref("uom.product_uom_unit")
        cls.dozen = cls.env.ref("uom.product_uom_dozen")
        cls.kilogram = cls.env.ref("uom.product_uom_kgm")
        cls.saw, cls.blade = cls.env["product.product"].create(
            [{"name": "Saw", "taxes_id": False}, {"name": "Blade", "taxes_id": False}]
        )

    def _sell(self, *lines, partner=None, **vals):
        """A posted invoice over ``(product, quantity, unit, price of a unit)``."""
        move = self._invoice(
            [(product, 0) for product, *_rest in lines], partner=partner, post=False, **vals
        )
        for line, (_product, quantity, unit, price) in zip(
            move.invoice_line_ids, lines, strict=True
        ):
            line.write({"quantity": quantity, "product_uom_id": unit.id})
            # Odoo proposes a price for each unit, so ours comes last.
            line.price_unit = price
        move.action_post()
        return move

    def _tiers(self, *tiers, **vals):
        """Values of a rule from ``(threshold, rate, rate type)``."""
        return {
            "name": "Rule",
            "tier_ids": [
                Command.create({"threshold": threshold, "rate": rate, "rate_type": rate_type})
                for threshold, rate, rate_type in tiers
            ],
            **vals,
        }

    def _explained(self, agreement):
        return self._plain(" ".join(self._accrual(agreement).line_ids.mapped("explanation")))

    def _agreement(self, *rules, partner=None, **vals):
        program = self._program(rules=list(rules), uom_id=self.unit.id, **vals)
        return self._enrol(program, partner)

    def test_c5_buying_one_product_unlocks_a_rate_on_another(self):
        rule = self._tiers(
            (300, 5, "per_unit"),
            product_ids=self.blade.ids,
            qualifier="domain",
            qualifier_domain=f"[('id', '=', {self.saw.id})]",
            qualifier_measure="quantity",
        )
        for saws, earned in ((400, 350), (200, 0)):
            with self.subTest(saws=saws):
                buyer = self._company(f"Buys {saws}")
                agreement = self._agreement(rule, partner=buyer)
                self._sell(
                    (self.saw, saws, self.unit, 2), (self.blade, 70, self.unit, 1), partner=buyer
                )
                self.assertEqual(self._earned(agreement), earned)
                self.assertRecordValues(
                    self._accrual(agreement),
                    [{"measured_amount": 70, "measured_quantity": 70}],
                )
        self.assertIn("have not reached the first tier, 300 Units", self._explained(agreement))

    def test_units_are_converted_and_choose_the_tier_while_value_pays(self):
        agreement = self._agreement(
            self._tiers((100, 1, "percent"), (120, 5, "percent")), measure="quantity"
        )
        self._sell((self.saw, 10, self.dozen, 12), (self.saw, 1, self.unit, 1))
        self._sell((self.saw, 1, self.unit, 1), refund=True)
        self.assertEqual(self._earned(agreement), 6)
        self.assertEqual(self._accrual(agreement).measured_quantity, 120)
        self.assertIn(
            "Purchases of 120 Units on 2 invoices: 5 % on $ 120.00 = $ 6.00",
            self._explained(agreement),
        )

    def test_a_rate_per_unit_may_be_finer_than_a_cent(self):
        agreement = self._agreement(self._tiers((0, 0.0125, "per_unit")), measure="quantity")
        self._sell((self.saw, 1000, self.unit, 1))
        self.assertEqual(self._earned(agreement), 12.5)
        self.assertIn("$ 0.0125 per unit on all of it", self._explained(agreement))

    def test_lump_sums_are_paid_once_or_tier_by_tier(self):
        tiers = self._tiers((1000, 50, "fixed"), (5000, 300, "fixed"))
        for method, earned in (
            ("retroactive", 300),
            ("incremental", 350),
            ("rolling", 350),
            ("total", 350),
        ):
            with self.subTest(method):
                buyer = self._company(method)
                agreement = self._agreement(tiers, tier_method=method, partner=buyer)
                self._invoice(5000, partner=buyer)
                self.assertEqual(self._earned(agreement), earned)

    def test_the_whole_program_may_choose_the_tier_of_a_rule(self):
        agreement = self._agreement(
            self._tiers(
                (0, 1, "percent"),
                (1000, 10, "percent"),
                product_ids=self.saw.ids,
                qualifier="program",
            ),
            self._tiers((0, 0, "percent"), product_ids=self.blade.ids),
        )
        self._sell((self.saw, 1, self.unit, 400), (self.blade, 1, self.unit, 600))
        self.assertEqual(self._earned(agreement), 40)

    def test_a_part_of_the_units_pays_on_its_part_of_the_value(self):
        agreement = self._agreement(
            self._tiers((0, 0, "percent"), (60, 10, "percent")),
            measure="quantity",
            tier_method="incremental",
        )
        self._sell((self.saw, 80, self.unit, 3))
        self.assertEqual(self._earned(agreement), 6)

    def test_a_limit_in_units_limits_the_value_in_proportion(self):
        agreement = self._agreement(
            self._tiers((0, 10, "percent"), max_measure=50), measure="quantity"
        )
        self._sell((self.saw, 80, self.unit, 3))
        self.assertEqual(self._earned(agreement), 15)

    def test_what_is_missing_and_what_it_is_worth_in_units(self):
        agreement = self._agreement(
            self._tiers((0, 1, "per_unit"), (100, 2, "per_unit")), measure="quantity"
        )
        self._sell((self.saw, 80, self.unit, 3), day="2026-02-01")
        self.assertRecordValues(
            agreement,
            [
                {
                    "current_to_next_tier": 20,
                    "current_missing": "20 Units",
                    "current_next_gain": 120,
                    "current_progress": 80,
                }
            ],
        )

    def test_a_unit_that_does_not_convert_is_told_and_stops_no_other_program(self):
        broken = self._agreement(
            self._tiers((0, 1, "per_unit")), measure="quantity", name="By the piece"
        )
        sound = self._enrol(self._program((0, 1)))
        self._sell((self.saw, 5, self.kilogram, 20))
        (broken | sound).action_refresh()
        problem = self._accrual(broken).problem
        self.assertIn("By the piece", problem)
        self.assertIn("Units", problem)
        self.assertEqual(self._accrual(broken).earned_amount, 0)
        self.assertEqual(self._accrual(sound).earned_amount, 1)

    def test_quantities_without_a_unit_are_refused(self):
        with self.assertRefused("Bonus", "unit of measure"):
            self._program((0, 1), measure="quantity")
        with self.assertRefused("Bonus", "unit of measure"):
            self._program(rules=[self._tiers((0, 1, "per_unit"))])

    def test_a_domain_that_is_none_is_refused(self):
        for domain in ("no list", "[('nothing', '=', 1)]", "__import__('os')"):
            with self.subTest(domain), self.assertRefused("cannot be understood"):
                self._program(
                    rules=[self._rule((0, 1), qualifier="domain", qualifier_domain=domain)]
                )

    def test_the_facts_are_enough_to_compute_the_rebate_again(self):
        agreement = self._agreement(
            self._tiers((0, 1, "percent"), (60, 10, "percent"), max_measure=70),
            measure="quantity",
            tier_method="rolling",
        )
        self._sell((self.saw, 80, self.unit, 3.33))
        agreement.action_refresh()
        accrual = self._accrual(agreement)
        facts = json.loads(json.dumps(accrual.line_ids.facts))
        self.assertEqual(rule_earned(facts), Fraction(str(accrual.line_ids.earned_amount)))
        self.assertEqual(accrual.earned_amount, 25.31)
