"""Programs that pay on what was sold on."""

from odoo import fields, models


class RebateProgram(models.Model):
    _inherit = "rebate.program"

    basis = fields.Selection(
        selection_add=[("test_sold", "Sold on")], ondelete={"test_sold": "set default"}
    )
