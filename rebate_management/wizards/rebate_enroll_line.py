"""A line of the preview before many are enrolled: a distributor, or a row of the spreadsheet that
names none."""

from odoo import fields, models


class RebateEnrollLine(models.TransientModel):
    _name = "rebate.enroll.line"
    _description = "Distributor To Be Enrolled"
    _inherit = "rebate.bounds"
    _order = "enroll_id, sequence, id"

    enroll_id = fields.Many2one(
        "rebate.enroll", required=True, ondelete="cascade", index=True, readonly=True
    )
    sequence = fields.Integer(readonly=True)
    currency_id = fields.Many2one(related="enroll_id.currency_id")
    state = fields.Selection(
        [("new", "New"), ("enrolled", "Enrolled already"), ("refused", "Not found")],
        string="Status",
        required=True,
        readonly=True,
        default="new",
    )
    partner_id = fields.Many2one("res.partner", string="Distributor", readonly=True)
    row = fields.Integer(readonly=True, help="Of the spreadsheet.")
    cells = fields.Json(readonly=True, help="What stands in the row.")
    note = fields.Char(readonly=True)
    is_chosen = fields.Boolean(string="Chosen")
    date_start = fields.Date(string="From")
    date_end = fields.Date(string="Until")
    include_children = fields.Boolean(
        string="Include Subsidiaries", help="Purchases of the companies below this one count too."
    )
    baseline_amount = fields.Monetary(string="Baseline")
    target_amount = fields.Float(string="Target", digits=(16, 4))
    purchases_amount = fields.Monetary(string="Purchases", readonly=True)
    tier = fields.Char(
        string="Tier Reached",
        readonly=True,
        help="The highest, and in how many of the periods it was reached.",
    )
    rebate_amount = fields.Monetary(string="Rebate", readonly=True)
    not_counted_amount = fields.Monetary(
        string="By Subsidiaries",
        readonly=True,
        help="What companies below the distributor bought that does not count.",
    )

    def _prepare_agreement_vals(self):
        """Values of the agreement of a distributor."""
        self.ensure_one()
        program = self.enroll_id.program_id
        return {
            "program_id": program.id,
            "partner_id": self.partner_id.id,
            "date_start": self.date_start or self.enroll_id.date_start,
            "date_end": self.date_end,
            "include_children": self.include_children,
            "baseline_amount": self.baseline_amount,
            "target_amount": self.target_amount,
        }
