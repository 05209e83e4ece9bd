"""Programs whose rebates must be claimed, and by when."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class RebateProgram(models.Model):
    _inherit = "rebate.program"

    claim_required = fields.Boolean(
        string="Must Be Claimed",
        tracking=True,
        help="A period is paid only once it was claimed. What is not claimed by the deadline"
        " expires.",
    )
    claim_deadline_days = fields.Integer(
        string="Claim Within (Days)",
        default=90,
        tracking=True,
        help="So many days after the end of a period, its rebate can be claimed. Distributors are"
        " reminded 30 and 7 days before.",
    )

    @api.constrains("claim_required", "claim_deadline_days")
    def _check_claim_deadline(self):
        for program in self:
            if program.claim_required and program.claim_deadline_days < 1:
                raise ValidationError(
                    self.env._(
                        "Program “%s” leaves no day to claim a rebate in. Enter how many days after"
                        " the end of a period it can be claimed, 1 or more.",
                        program.display_name,
                    )
                )
