"""What is submitted stays as it is: who asks whom for it ends with it, and it is not deleted."""

from odoo import api, models
from odoo.exceptions import UserError


class RebateSettlement(models.Model):
    _inherit = "rebate.settlement"

    def write(self, vals):
        result = super().write(vals)
        if "state" in vals and vals["state"] != "submitted":
            self.filtered("approval_level_id")._approval_activities().unlink()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_recorded(self):
        for settlement in self:
            if settlement.approval_ids:
                raise UserError(
                    self.env._(
                        "Settlement %s was submitted, and who decided what is on record, so it"
                        " cannot be deleted. Leave it rejected or cancelled.",
                        settlement.name,
                    )
                )
