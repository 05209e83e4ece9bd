"""Orders of many kinds, made at random, come true to the cent: in programs of every method, with
scopes, limits, pro rata, other currencies, exclusions, discounts and returns."""

import random

from odoo import Command
from odoo.tests import tagged

from .common import SaleCommon

WORLDS = 8


@tagged("post_install", "-at_install")
class TestWhatIfRandom(SaleCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dozen = cls.env.ref("uom.product_uom_dozen")
        cls.unit = cls.env.ref("uom.product_uom_unit")
        cls.discount = cls.env["product.product"].create(
            {"name": "Discount", "type": "service", "taxes_id": False}
        )
        cls.eur.active = True
        cls.env["res.currency.rate"].search([("currency_id", "=", cls.eur.id)]).unlink()
        cls.env["res.currency.rate"].create(
            {"currency_id": cls.eur.id, "name": "2025-01-01", "rate": 0.8731}
        )

    def _tiers(self, dice, *, is_counted, is_growth):
        thresholds = sorted(dice.sample(range(40), 3))
        scale = 1 if is_growth else 10 if is_counted else 50
        return [
            Command.create(
                {
                    "threshold": threshold * scale,
                    "rate": round(dice.uniform(0.1, 9), 2),
                    "rate_type": "per_unit" if is_counted else "percent",
                }
            )
            for threshold in thresholds
        ]

    def _random_program(self, dice, place, group):
        is_growth = dice.random() < 0.25
        is_counted = not is_growth and dice.random() < 0.3
        rules = []
        for number in range(dice.choice([1, 1, 2])):
            rule = {
                "name": f"Rule {number}",
                "tier_ids": self._tiers(dice, is_counted=is_counted, is_growth=is_growth),
            }
            if dice.random() < 0.4:
                rule["product_ids"] = dice.choice([self.goods, self.other]).ids
            if is_growth:
                rule["qualifier_measure"] = "growth_percent"
                rule["growth_reward"] = dice.choice(["all", "excess", "band"])
            rules.append(rule)
        vals = {
            "name": f"Program {place}",
            "sequence": place,
            "period_type": dice.choice(["year", "quarter", "month"]),
            "include_refunds": dice.random() < 0.7,
        }
        if is_growth:
            vals["program_type"] = "growth"
        else:
            vals["tier_method"] = dice.choice(["retroactive", "incremental", "rolling", "total"])
        if is_counted:
            vals |= {"measure": "quantity", "uom_id": dice.choice([self.dozen, self.unit]).id}
        if dice.random() < 0.3:
            vals["max_payout"] = dice.randint(1, 80)
        if dice.random() < 0.3:
            vals["guaranteed_payout"] = dice.randint(1, 20)
            vals["max_payout"] = 0
        if group:
            vals["stacking_group_id"] = group.id
        elif dice.random() < 0.3:
            vals["currency_id"] = self.eur.id
        return self._program(rules=rules, **vals)

    def _random_order(self, dice):
        lines = [
            (
                dice.choice([self.goods, self.other]),
                dice.randint(1, 60),
                dice.randint(1, 3000) / 100,
            )
            for _line in range(dice.randint(1, 4))
        ]
        if dice.random() < 0.4:
            lines.append((self.discount, 1, -dice.randint(1, 500) / 100))
        order = self._quote(*lines)
        for line in order.order_line:
            if line.product_id != self.discount and dice.random() < 0.15:
                line.rebate_exclusion = dice.choice(["all", "quantity"])
            if line.product_id != self.discount and dice.random() < 0.3:
                line.product_uom_id = self.dozen
                line.price_unit = dice.randint(1, 30000) / 100
            if dice.random() < 0.2:
                line.discount = dice.choice([10, 33.33, 100])
        return order

    def test_orders_come_true(self):
        self.earning = 0
        for seed in range(WORLDS):
            with self.subTest(seed=seed), self.env.cr.savepoint() as savepoint:
                self._check(random.Random(seed))  # noqa: S311
                savepoint.rollback()
            self.env.invalidate_all()
        # They are not all about nothing.
        self.assertGreater(self.earning, WORLDS // 2)

    def _check(self, dice):
        agreements = self.env["rebate.agreement"]
        group = dice.random() < 0.4 and self.env["rebate.stacking.group"].create(
            {"name": "Group", "method": dice.choice(["priority", "best"])}
        )
        for place in range(dice.randint(1, 3)):
            program = self._random_program(dice, place, group)
            agreements += self._enrol(
                program, **({"date_start": "2026-02-10"} if dice.random() < 0.2 else {})
            )
        for day in ("2025-03-03", "2026-01-20", "2026-02-20", "2026-03-05"):
            self._invoice(
                [(self.goods, dice.randint(1, 90000) / 100), (self.other, 70.07)],
                day,
                refund=dice.random() < 0.2,
            )
        order = self._random_order(dice)
        before = self._earned_in(agreements)
        expected = {
            one["name"]: one["gain"] for one in (order.rebate_expectation or {}).get("programs", [])
        }
        self.earning += any(expected.values())
        total, by_line = order.rebate_expected_amount, order.order_line
        self.assertAlmostEqual(sum(by_line.mapped("rebate_expected_amount")), total, 2)
        self._bill(order)
        after = self._earned_in(agreements)
        for agreement in agreements:
            self.assertAlmostEqual(
                after[agreement] - before[agreement],
                expected.get(agreement.program_id.name, 0),
                2,
                agreement.program_id.name,
            )

    def _earned_in(self, agreements):
        agreements.action_refresh()
        return {
            agreement: sum(agreement.accrual_ids.mapped("earned_amount"))
            for agreement in agreements
        }
