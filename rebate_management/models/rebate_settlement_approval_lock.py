"""A settlement is approved by its buttons alone, and what is submitted stays as it is."""

from odoo import api, models
from odoo.exceptions import UserError

from .rebate_approval import is_deciding

# By whom a settlement was asked for and what became of it.
RECORDED = {
    "submitted_by_id",
    "submitted_at",
    "approval_level_id",
    "approval_since",
    "reject_reason",
}
# What was asked for.
SUBMITTED = {"partner_id", "company_id", "currency_id"}
# The steps that need no approver; each has a method that checks its own rights.
STEPS = {("approved", "posted"), ("posted", "paid"), ("paid", "posted")}


class RebateSettlement(models.Model):
    _inherit = "rebate.settlement"

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("state", "draft") != "draft" or RECORDED & vals.keys():
                raise UserError(
                    self.env._(
                        "A settlement begins as a draft. Submit it, and have it approved, by its"
                        " buttons."
                    )
                )
        return super().create(vals_list)

    def write(self, vals):
        if not is_deciding(self.env):
            self._check_recorded(vals)
        result = super().write(vals)
        if "state" in vals and vals["state"] != "submitted":
            self.filtered("approval_level_id")._approval_activities().unlink()
        return result

    def _check_recorded(self, vals):
        """Refuse to write by hand what would evade approval."""
        for settlement in self:
            names = RECORDED & vals.keys()
            if settlement.state != "draft":
                names |= SUBMITTED & vals.keys()
            step = settlement.state, vals.get("state", settlement.state)
            if step[0] != step[1] and step[1] != "cancelled" and step not in STEPS:
                names |= {"state"}
            for name in names:
                raise UserError(
                    self.env._(
                        "“%(field)s” of settlement %(name)s cannot be written: it follows from"
                        " “Submit”, “Approve” and “Reject”. Use these; to change a payout that was"
                        " submitted, reject it and run the settlement again.",
                        field=self._fields[name]._description_string(self.env),
                        name=settlement.name,
                    )
                )

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
