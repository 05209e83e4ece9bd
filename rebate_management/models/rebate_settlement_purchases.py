"""What was bought, by product and month, as frozen with a settlement."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from odoo import models
from odoo.tools import SQL, format_date

# Months that stand side by side on a page.
MONTHS = 6
# Products that have a row of their own; the workbook has all of them.
PRODUCTS = 150


class Purchase(NamedTuple):
    """A product in a month, of one rule of one settlement line; ``month`` is its first day, or None
    where nothing was invoiced."""

    settlement_line_id: int
    rule: tuple
    product: str
    code: str
    unit: str
    month: date | None
    amount: Decimal
    quantity: Decimal
    rebate: Decimal


class Row(NamedTuple):
    """A product's row of a table: purchases by month, all together, and their rebate."""

    product: str
    unit: str
    cells: list[str]
    total: str
    rebate: str


class Table(NamedTuple):
    """Purchases of at most six months; ``is_last`` where totals and rebates stand."""

    months: list[str]
    rows: list[Row]
    sums: Row
    is_last: bool


class RebateSettlement(models.Model):
    _inherit = "rebate.settlement"

    def _purchases(self):
        """Sum up the frozen details by product and month, in one statement.

        :return: :class:`Purchase` by settlement line id and rule, a rule by its number and name
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT settlement_line_id,
                       ARRAY[COALESCE(rule_id::text, ''), COALESCE(rule_name, '')] AS rule,
                       COALESCE(product_name, ''), COALESCE(product_code, ''),
                       COALESCE(uom_name, ''), date_trunc('month', invoice_date)::date AS month,
                       SUM(amount)::text, SUM(quantity)::text, SUM(rebate_amount)::text
                  FROM rebate_settlement_detail
                 WHERE settlement_line_id = ANY(%s)
              GROUP BY 1, 2, 3, 4, 5, 6
              ORDER BY 1, 2, 3, 4, 5, 6
                """,
                self.line_ids.ids,
            )
        )
        purchases = {}
        for line_id, rule, *texts, amount, quantity, rebate in rows:
            numbers = Decimal(amount), Decimal(quantity), Decimal(rebate)
            purchase = Purchase(line_id, tuple(rule), *texts, *numbers)
            purchases.setdefault((line_id, tuple(rule)), []).append(purchase)
        return purchases

    def _tabulate(self, purchases, by_quantity):
        """Arrange purchases of one rule as tables that fit on a page.

        :param purchases: list of :class:`Purchase`
        :param by_quantity: show quantities, not amounts
        :return: list of :class:`Table`, in the language of the context
        """
        self.ensure_one()
        products = {}
        for purchase in purchases:
            key = purchase.product, purchase.code, purchase.unit
            products.setdefault(key, []).append(purchase)
        products = self._limit_products(products)
        months = sorted({purchase.month for purchase in purchases if purchase.month})
        chunks = [months[start : start + MONTHS] for start in range(0, len(months), MONTHS)] or [[]]
        return [
            Table(
                [format_date(self.env, month, date_format="MMM yyyy") for month in chunk],
                [
                    self._purchase_row(*key[::2], own, chunk, by_quantity)
                    for key, own in products.items()
                ],
                self._purchase_row(self.env._("Total"), "", purchases, chunk, by_quantity),
                chunk is chunks[-1],
            )
            for chunk in chunks
        ]

    def _limit_products(self, products):
        """Keep those that were bought most, and the others as one.

        :param products: lists of :class:`Purchase` by name, code and unit
        """
        if len(products) <= PRODUCTS:
            return products
        largest = sorted(
            products, key=lambda key: -abs(sum(purchase.amount for purchase in products[key]))
        )[: PRODUCTS - 1]
        kept = {key: own for key, own in products.items() if key in set(largest)}
        others = [purchase for key, own in products.items() if key not in kept for purchase in own]
        name = self.env._("%s other products", len(products) - len(kept))
        return kept | {(name, "", ""): others}

    def _purchase_row(self, product, unit, purchases, months, by_quantity):
        def write(parts):
            if not parts:
                return "–"
            if by_quantity:
                return self._write_quantity(sum(part.quantity for part in parts))
            return self._write_amount(sum(part.amount for part in parts))

        return Row(
            product or self.env._("Not on an invoice line"),
            unit,
            [
                write([purchase for purchase in purchases if purchase.month == month])
                for month in months
            ],
            write(purchases),
            self._write_amount(sum(purchase.rebate for purchase in purchases)),
        )
