"""A wholesaler's real orders, posted as invoices: cases C9 and C10 to the cent.

The data is the Northwind sample database (Microsoft, Ms-PL): 91 customers, 77 products, 830
orders of 1996 to 1998. It is not part of the project; ``NORTHWIND`` names its folder, by default
``../shared/data/northwind`` beside the checkout.
"""

import csv
import os
import unittest
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

from odoo import Command
from odoo.tests import tagged

from odoo.addons.rebate_management.tests.common import RebateCommon

BESIDE = Path(__file__).resolve().parents[3] / "shared" / "data" / "northwind"
NORTHWIND = Path(os.environ.get("NORTHWIND", BESIDE))


def read(name):
    with (NORTHWIND / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@unittest.skipUnless(NORTHWIND.is_dir(), f"The Northwind data is not in {NORTHWIND}.")
@tagged("post_install", "-at_install")
class TestNorthwind(RebateCommon):
    today = "1998-12-31"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Posting 830 invoices writes no mail, here as in an import.
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True))
        cls.customers = cls._import_customers()
        cls.products = cls._import_products()
        cls.invoices = cls._import_invoices()

    @classmethod
    def _import_customers(cls):
        rows = read("customers.csv")
        partners = cls.env["res.partner"].create(
            [
                {"name": row["company_name"], "ref": row["customer_id"], "is_company": True}
                for row in rows
            ]
        )
        return dict(zip((row["customer_id"] for row in rows), partners, strict=True))

    @classmethod
    def _import_products(cls):
        rows = read("products.csv")
        products = cls.env["product.product"].create(
            [{"name": row["product_name"], "taxes_id": False} for row in rows]
        )
        return dict(zip((row["product_id"] for row in rows), products, strict=True))

    @classmethod
    def _import_invoices(cls):
        orders = defaultdict(list)
        for row in read("order_lines.csv"):
            orders[row["order_id"], row["customer_id"], row["order_date"]].append(row)
        moves = cls.env["account.move"].create(
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": cls.customers[customer].id,
                    "invoice_date": day,
                    "ref": order,
                    "currency_id": cls.usd.id,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "product_id": cls.products[row["product_id"]].id,
                                "quantity": float(row["quantity"]),
                                "price_unit": float(row["unit_price"]),
                                "discount": float(row["discount_percent"]),
                                "tax_ids": [Command.clear()],
                            }
                        )
                        for row in rows
                    ],
                }
                for (order, customer, day), rows in orders.items()
            ]
        )
        moves.action_post()
        return moves

    def _accruals_of_1997(self, *tiers, **vals):
        """Enrol every customer and compute 1997."""
        program = self._program(*tiers, date_start="1997-01-01", date_end="1997-12-31", **vals)
        agreements = self.env["rebate.agreement"].create(
            [
                {"program_id": program.id, "partner_id": partner.id}
                for partner in self.customers.values()
            ]
        )
        agreements.action_activate()
        return agreements.accrual_ids

    @staticmethod
    def _total(accruals, field):
        return sum(Decimal(str(value)) for value in accruals.mapped(field))

    def test_the_whole_book_is_posted(self):
        self.assertEqual(len(self.invoices), 830)
        self.assertEqual(set(self.invoices.mapped("state")), {"posted"})
        self.assertEqual(len(self.invoices.invoice_line_ids), 2155)

    def test_c9_quarterly_retroactive(self):
        accruals = self._accruals_of_1997(
            (2000, 2), (5000, 3), (10000, 5), period_type="quarter", tier_method="retroactive"
        )
        self.assertEqual(len(accruals.filtered("measured_amount")), 226)
        self.assertEqual(self._total(accruals, "measured_amount"), Decimal("617085.35"))
        self.assertEqual(len(accruals.filtered("earned_amount")), 91)
        self.assertEqual(self._total(accruals, "earned_amount"), Decimal("16133.88"))
        savea = accruals.filtered(lambda accrual: accrual.partner_id == self.customers["SAVEA"])
        self.assertEqual(
            savea.sorted("date_from").mapped("earned_amount"), [208.28, 229.56, 1257.36, 898.59]
        )

    def test_c10_yearly_incremental(self):
        accruals = self._accruals_of_1997(
            (10000, 1), (25000, 2.5), (50000, 4), tier_method="incremental"
        )
        earning = accruals.filtered("earned_amount")
        self.assertEqual(len(earning), 17)
        self.assertEqual(self._total(earning, "earned_amount"), Decimal("3651.25"))
        savea = accruals.filtered(lambda accrual: accrual.partner_id == self.customers["SAVEA"])
        self.assertRecordValues(savea, [{"measured_amount": 57713.58, "earned_amount": 1083.54}])

    def test_the_year_is_settled_once_to_the_cent(self):
        accruals = self._accruals_of_1997(
            (2000, 2), (5000, 3), (10000, 5), period_type="quarter", tier_method="retroactive"
        )
        settlements = self._settle("1997-12-31")
        self.assertEqual(self._total(settlements, "amount_total"), Decimal("16133.88"))
        notes = settlements.move_ids
        self.assertEqual(set(notes.mapped("state")), {"posted"})
        self.assertEqual(self._total(notes, "amount_total"), Decimal("16133.88"))
        accruals.refresh()
        self.assertEqual(self._total(accruals, "measured_amount"), Decimal("617085.35"))
        self.assertFalse(self._settle("1997-12-31"))
