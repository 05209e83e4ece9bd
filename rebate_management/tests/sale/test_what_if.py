"""What an order is expected to earn is what the accrual earns more once the order is confirmed,
invoiced and posted: to the cent, whatever reaches the tiers and however they pay."""

from odoo import Command
from odoo.tests import tagged

from .common import SaleCommon


@tagged("post_install", "-at_install")
class TestWhatIf(SaleCommon):
    def _assert_comes_true(self, order, agreements):
        """What was expected is earned more, in all and of each line."""

        def earned():
            agreements.action_refresh()
            return sum(agreements.accrual_ids.mapped("earned_amount"))

        before, expected = earned(), order.rebate_expected_amount
        by_line = order.order_line.mapped("rebate_expected_amount")
        self.assertAlmostEqual(sum(by_line), expected, 2)
        self._bill(order)
        self.assertAlmostEqual(earned() - before, expected, 2)
        order.invalidate_recordset()
        self.assertEqual(order.rebate_expected_amount, 0)
        return expected, by_line

    def _agreement(self, *tiers, **vals):
        return self._enrol(self._program(*tiers, **vals))

    def test_no_agreement_earns_nothing_and_measures_nothing(self):
        order = self._quote((self.goods, 1, 100))
        self.assertEqual(order.rebate_expected_amount, 0)
        self.assertFalse(order.rebate_expectation)

    def test_retroactive_tier_reached_pays_on_earlier_purchases_too(self):
        agreement = self._agreement((1000, 1), (10000, 5))
        self._invoice(9000.33, "2026-02-01")
        order = self._quote((self.goods, 3, 333.33), (self.other, 1, 100.07))
        expected, by_line = self._assert_comes_true(order, agreement)
        self.assertEqual(expected, 415.02)
        self.assertEqual(by_line, [377.27, 37.75])

    def test_incremental(self):
        agreement = self._agreement((0, 1), (1000, 3.5), (2000, 7), tier_method="incremental")
        self._invoice(777.77, "2026-02-01")
        order = self._quote((self.goods, 7, 211.13), (self.other, 1, 0.49))
        self._assert_comes_true(order, agreement)

    def test_rolling(self):
        agreement = self._agreement((0, 1), (1000, 3.5), (2000, 7), tier_method="rolling")
        self._invoice(777.77, "2026-02-01")
        self._assert_comes_true(self._quote((self.goods, 7, 211.13)), agreement)

    def test_total_with_a_lump_sum(self):
        tiers = [
            Command.create({"threshold": 500, "rate_type": "percent", "rate": 2}),
            Command.create({"threshold": 1500, "rate_type": "fixed", "rate": 123.45}),
        ]
        agreement = self._enrol(self._program(rules=[{"tier_ids": tiers}], tier_method="total"))
        self._invoice(777.77, "2026-02-01")
        self._assert_comes_true(self._quote((self.goods, 7, 211.13)), agreement)

    def test_growth_over_last_year(self):
        rule = self._rule((0, 1), (10, 3), (50, 4.5), qualifier_measure="growth_percent")
        agreement = self._enrol(self._program(rules=[rule], program_type="growth"))
        self._invoice(1000, "2025-06-01")
        self._invoice(1050, "2026-02-01")
        order = self._quote((self.goods, 3, 99.99))
        expected, _lines = self._assert_comes_true(order, agreement)
        self.assertGreater(expected, 0)

    def test_quantities_in_the_programs_unit(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        tiers = [
            Command.create({"threshold": 1, "rate_type": "per_unit", "rate": 0.5}),
            Command.create({"threshold": 5, "rate_type": "per_unit", "rate": 0.75}),
        ]
        agreement = self._enrol(
            self._program(rules=[{"tier_ids": tiers}], measure="quantity", uom_id=dozen.id)
        )
        order = self._quote((self.goods, 50, 3), (self.other, 13, 1))
        order.order_line[1].product_uom_id = dozen
        expected, by_line = self._assert_comes_true(order, agreement)
        self.assertEqual(expected, 12.88)
        self.assertEqual(by_line, [3.13, 9.75])

    def test_scope_exclusion_and_a_discount_of_its_own(self):
        rules = [
            self._rule((0, 5), name="Goods", product_ids=self.goods.ids),
            self._rule((0, 1), (500, 2), name="Other", product_ids=self.other.ids),
        ]
        agreement = self._enrol(self._program(rules=rules))
        service = self.env["product.product"].create(
            {"name": "Discount", "type": "service", "taxes_id": False}
        )
        order = self._quote(
            (self.goods, 3, 100.1),
            (self.other, 7, 99.9),
            (self.goods, 1, 1000),
            (service, 1, -77.7),
        )
        order.order_line[2].rebate_exclusion = "all"
        _expected, by_line = self._assert_comes_true(order, agreement)
        self.assertEqual(by_line[2:], [0, 0])

    def test_a_return_on_the_order_takes_back(self):
        agreement = self._agreement((0, 5))
        self._invoice(500, "2026-02-01")
        order = self._quote((self.goods, -2, 100))
        order.action_confirm()
        self.assertEqual(order.rebate_expected_amount, -10)
        order.order_line.qty_delivered = -2
        self._assert_comes_true(order, agreement)

    def test_program_in_another_currency(self):
        self.env["res.currency.rate"].search([("currency_id", "=", self.eur.id)]).unlink()
        self.env["res.currency.rate"].create(
            {"currency_id": self.eur.id, "name": "2026-01-01", "rate": 0.8}
        )
        self.eur.active = True
        agreement = self._agreement((0, 5), currency_id=self.eur.id)
        order = self._quote((self.goods, 1, 100.01), (self.other, 1, 33.33))
        expected = order.rebate_expected_amount
        # 106.672 EUR count, of which 5.33 EUR are earned.
        self.assertEqual(expected, 6.66)
        self.assertEqual(sum(order.order_line.mapped("rebate_expected_amount")), 6.66)
        details = " ".join(order.rebate_expectation["programs"][0]["details"])
        self.assertIn("1 EUR = 1.25 USD", self._plain(details))
        self._bill(order)
        self.assertEqual(self._earned(agreement, self.today), 5.33)

    def test_several_programs_add_up(self):
        first = self._agreement((0, 5))
        second = self._agreement((0, 1), (100, 2.5), name="Second")
        order = self._quote((self.goods, 1, 99.99), (self.other, 1, 33.33))
        self._assert_comes_true(order, first | second)

    def test_stacking_by_priority(self):
        group = self.env["rebate.stacking.group"].create({"name": "G", "method": "priority"})
        first = self._enrol(
            self._program(
                rules=[self._rule((0, 5), product_ids=self.goods.ids)],
                stacking_group_id=group.id,
                sequence=1,
            )
        )
        second = self._agreement((0, 1), name="Second", stacking_group_id=group.id, sequence=2)
        order = self._quote((self.goods, 1, 99.99), (self.other, 1, 33.33))
        expected, by_line = self._assert_comes_true(order, first | second)
        self.assertEqual(expected, 5.33)
        self.assertEqual(by_line, [5.0, 0.33])

    def test_only_the_best_of_a_group_pays(self):
        group = self.env["rebate.stacking.group"].create({"name": "G", "method": "best"})
        first = self._agreement((0, 2), stacking_group_id=group.id, sequence=1)
        second = self._agreement((1000, 5), name="Second", stacking_group_id=group.id, sequence=2)
        self._invoice(900, "2026-02-01")
        order = self._quote((self.goods, 1, 199.99))
        expected, _lines = self._assert_comes_true(order, first | second)
        self.assertEqual(expected, 37.0)

    def test_a_program_lowers_another(self):
        first = self._agreement((0, 10), sequence=1)
        second = self._agreement(
            (0, 5), name="Second", sequence=2, reduced_by_program_ids=[first.program_id.id]
        )
        self._invoice(333.33, "2026-02-01")
        order = self._quote((self.goods, 1, 199.99))
        self._assert_comes_true(order, first | second)

    def test_the_programs_greatest_and_guaranteed_rebate(self):
        agreement = self._agreement((0, 10), max_payout=50)
        self._invoice(450, "2026-02-01")
        expected, _lines = self._assert_comes_true(self._quote((self.goods, 1, 200)), agreement)
        self.assertEqual(expected, 5)

    def test_subsidiary_counts_above(self):
        below = self._company("Below", parent_id=self.distributor.id)
        agreement = self._enrol(self._program((0, 5)), include_children=True)
        order = self._quote((self.goods, 1, 200), partner_id=below.id)
        self._assert_comes_true(order, agreement)

    def test_what_is_invoiced_is_expected_no_more(self):
        self._agreement((0, 10))
        order = self._quote((self.goods, 10, 9.99))
        order.action_confirm()
        self.assertEqual(order.rebate_expected_amount, 9.99)
        invoice = order._create_invoices()
        invoice.invoice_line_ids.quantity = 4
        order.invalidate_recordset()
        self.assertEqual(order.rebate_expected_amount, 9.99)
        invoice.invoice_date = self.today
        invoice.action_post()
        order.invalidate_recordset()
        self.assertEqual(order.rebate_expected_amount, 5.99)

    def test_what_is_paid_counts_as_if_paid(self):
        self._agreement((0, 10), basis="paid")
        order = self._quote((self.goods, 10, 9.99))
        self.assertEqual(order.rebate_expected_amount, 9.99)
