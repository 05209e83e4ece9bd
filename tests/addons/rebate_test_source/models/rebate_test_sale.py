"""What distributors say that they sold on."""

from odoo import fields, models


class RebateTestSale(models.Model):
    _name = "rebate.test.sale"
    _description = "Line Sold On"

    name = fields.Char(string="Report", required=True)
    partner_id = fields.Many2one("res.partner", required=True)
    company_id = fields.Many2one("res.company", required=True)
    date = fields.Date(required=True)
    product_id = fields.Many2one("product.product", required=True)
    quantity = fields.Float(required=True)
    uom_id = fields.Many2one("uom.uom", required=True)
    currency_id = fields.Many2one("res.currency", required=True)
    amount = fields.Monetary(required=True)
    balance = fields.Float(required=True, help="The amount in the currency of the company.")
