"""What was sold on counts by the lines of the distributors' reports."""

from odoo import models
from odoo.tools import SQL

from odoo.addons.rebate_management.models.measure.sources import LineSource


class SoldOn(LineSource):
    line_model = "rebate.test.sale"
    flushed = ("rebate.test.sale",)

    def lines(self, scan):
        return SQL(
            """
            SELECT id, id AS document_id, partner_id, company_id, date, product_id, quantity,
                   uom_id, amount, currency_id, balance
              FROM rebate_test_sale
             WHERE partner_id = ANY(%s) AND date BETWEEN %s AND %s
            """,
            scan.partner_ids,
            scan.first_day,
            scan.last_day,
        )

    def tell(self, env, purchases, count):
        return env._("%(purchases)s sold on by %(count)s lines", purchases=purchases, count=count)

    def frozen_lines(self, _ids):
        return SQL(
            """
            SELECT id, NULL::int AS move_line_id, name AS document, date, product_id,
                   NULL AS description, quantity, uom_id, NULL AS tax_numbers
              FROM rebate_test_sale
            """
        )


class RebateMeasure(models.AbstractModel):
    _inherit = "rebate.measure"

    def _sources(self):
        return super()._sources() | {"test_sold": SoldOn()}
