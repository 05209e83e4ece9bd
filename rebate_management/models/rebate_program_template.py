"""Where a program came from, and what it says about itself."""

from odoo import fields, models


class RebateProgram(models.Model):
    _inherit = "rebate.program"

    note = fields.Html(
        string="About This Program",
        translate=True,
        help="What the program is for and what to watch, for your colleagues.",
    )
    template_id = fields.Many2one(
        "rebate.template",
        ondelete="set null",
        index="btree_not_null",
        copy=False,
        readonly=True,
        help="The template from which the program was started.",
    )
