"""Customers: their rebates at a glance, measured live."""

from odoo import api, fields, models
from odoo.tools import format_amount


class ResPartner(models.Model):
    _inherit = "res.partner"

    rebate_agreement_ids = fields.One2many(
        "rebate.agreement",
        "partner_id",
        string="Rebate Agreements",
        groups="rebate_management.group_rebate_user",
    )
    rebate_summary = fields.Char(
        string="Rebates",
        compute="_compute_rebate_summary",
        groups="rebate_management.group_rebate_user",
        help="What the running periods have earned to date.",
    )
    rebate_problem = fields.Text(
        string="Rebates Without Figures",
        compute="_compute_rebate_summary",
        groups="rebate_management.group_rebate_user",
        help="Programs of which what the running period has earned cannot be told, and why.",
    )

    @api.depends("rebate_agreement_ids.state")
    @api.depends_context("lang", "allowed_company_ids")
    def _compute_rebate_summary(self):
        agreements = self.env["rebate.agreement"].search(
            [("partner_id", "in", self.commercial_partner_id.ids), ("state", "!=", "draft")]
        )
        for partner in self:
            own = agreements.filtered(
                lambda agreement, partner=partner: (
                    agreement.partner_id == partner.commercial_partner_id
                )
            )
            problems = own.filtered("current_problem")
            earned = (own - problems).grouped("currency_id")
            partner.rebate_summary = " + ".join(
                format_amount(self.env, sum(group.mapped("current_earned_amount")), currency)
                for currency, group in earned.items()
            ) or ("–" if own else "")
            partner.rebate_problem = "\n".join(dict.fromkeys(problems.mapped("current_problem")))

    def action_view_rebates(self):
        """Open the customer's agreements with their live progress."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "rebate_management.rebate_agreement_action"
        )
        return action | {
            "domain": [("partner_id", "=", self.commercial_partner_id.id)],
            "context": {"default_partner_id": self.commercial_partner_id.id},
            # cards first: at a glance is what a salesperson wants here
            "views": sorted(action["views"], key=lambda view: view[1] != "kanban"),
        }
