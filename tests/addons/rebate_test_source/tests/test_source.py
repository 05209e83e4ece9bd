"""Purchases of a source that another addon brings count as invoice lines do."""

from odoo import Command
from odoo.tests import tagged

from odoo.addons.rebate_management.tests.common import RebateCommon


@tagged("post_install", "-at_install")
class TestSource(RebateCommon):
    def _sold(self, amount, day="2025-02-01", quantity=1, **vals):
        """A line sold on by the distributor."""
        company = self.env.company
        return self.env["rebate.test.sale"].create(
            {
                "name": "Report 1",
                "partner_id": self.distributor.id,
                "company_id": company.id,
                "date": day,
                "product_id": self.goods.id,
                "quantity": quantity,
                "uom_id": self.goods.uom_id.id,
                "currency_id": company.currency_id.id,
                "amount": amount,
                "balance": amount,
            }
            | vals
        )

    def _accrual(self, *tiers, **vals):
        """The refreshed period of 2025 of a program on what was sold on."""
        agreement = self._enrol(self._program(*tiers, basis="test_sold", **vals))
        agreement.action_refresh()
        return agreement.accrual_ids.filtered(lambda accrual: accrual.date_from.year == 2025)[:1]

    def test_lines_of_the_period_count_and_invoices_do_not(self):
        self._sold(1000)
        self._sold(-100, "2025-03-01", quantity=-1)
        self._sold(500, "2019-01-01")
        self._invoice(9000)
        accrual = self._accrual((0, 10))
        self.assertEqual(accrual.measured_amount, 900)
        self.assertEqual(accrual.earned_amount, 90)
        self.assertIn("sold on by 2 lines", accrual.line_ids.explanation)

    def test_products_and_units_are_told_apart(self):
        other = self.env["product.product"].create({"name": "Other", "taxes_id": False})
        dozen = self.env.ref("uom.product_uom_dozen")
        self._sold(100, quantity=2, uom_id=dozen.id)
        self._sold(100, product_id=other.id)
        tier = {"threshold": 0, "rate": 1, "rate_type": "per_unit"}
        rule = self._rule(product_ids=self.goods.ids, tier_ids=[Command.create(tier)])
        unit = self.env.ref("uom.product_uom_unit")
        accrual = self._accrual(rules=[rule], measure="quantity", uom_id=unit.id)
        self.assertEqual(accrual.earned_amount, 24)

    def test_they_are_shown_and_frozen_with_what_the_source_says(self):
        sold = self._sold(1000)
        accrual = self._accrual((0, 10))
        action = accrual.action_view_invoice_lines()
        self.assertEqual(action["res_model"], "rebate.test.sale")
        self.assertEqual(action["domain"], [("id", "in", sold.ids)])
        run = self.env["rebate.settlement.run"].create(
            {"date_to": accrual.date_to, "program_ids": accrual.program_id.ids}
        )
        run.action_run()
        detail = accrual.settlement_line_ids.detail_ids
        self.assertRecordValues(
            detail,
            [
                {
                    "line_number": sold.id,
                    "move_line_id": False,
                    "invoice_name": "Report 1",
                    "product_id": self.goods.id,
                    "amount": 1000,
                    "rebate_amount": 100,
                }
            ],
        )

    def test_programs_on_invoices_take_none_of_it(self):
        group = self.env["rebate.stacking.group"].create({"name": "One", "method": "priority"})
        self._sold(1000)
        self._invoice(500)
        first = self._enrol(self._program((0, 10), stacking_group_id=group.id, sequence=1))
        accrual = self._accrual((0, 10), stacking_group_id=group.id, sequence=2)
        first.action_refresh()
        self.assertEqual(sum(first.accrual_ids.mapped("earned_amount")), 50)
        self.assertEqual(accrual.earned_amount, 100)
