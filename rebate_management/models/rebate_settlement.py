"""A settlement: one payout to one partner, from proposal to posted credit note."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_list


class RebateSettlement(models.Model):
    _name = "rebate.settlement"
    _description = "Rebate Settlement"
    _inherit = ["rebate.bounds", "mail.thread", "mail.activity.mixin"]
    _order = "date desc, name desc, id desc"
    _check_company_auto = True

    name = fields.Char(
        required=True, readonly=True, copy=False, default=lambda self: self.env._("New")
    )
    partner_id = fields.Many2one(
        "res.partner", required=True, readonly=True, ondelete="restrict", index=True, tracking=True
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    journal_id = fields.Many2one("account.journal", required=True, check_company=True)
    date = fields.Date(
        required=True,
        default=fields.Date.context_today,
        tracking=True,
        help="Date of the credit note.",
    )
    note = fields.Html(copy=False, help="For whoever submits, approves or posts it.")
    line_ids = fields.One2many("rebate.settlement.line", "settlement_id", readonly=True)
    amount_total = fields.Monetary(
        string="Amount", compute="_compute_amount_total", store=True, tracking=True
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "Submitted"),
            ("approved", "Approved"),
            ("posted", "Posted"),
            ("paid", "Paid"),
            ("rejected", "Rejected"),
            ("cancelled", "Cancelled"),
        ],
        string="Status",
        compute="_compute_state",
        store=True,
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
    )
    move_ids = fields.One2many(
        "account.move", "rebate_settlement_id", string="Journal Entries", readonly=True
    )
    move_count = fields.Integer(compute="_compute_move_count")

    _name_unique = models.UniqueIndex(
        "(company_id, name)",
        "Another settlement of the company has this number. Leave the number out: it is given.",
    )

    @api.depends("line_ids.amount")
    def _compute_amount_total(self):
        for settlement in self:
            settlement.amount_total = sum(settlement.line_ids.mapped("amount"))

    @api.depends("move_ids")
    def _compute_move_count(self):
        for settlement in self:
            # Managers and approvers may not read journal entries; how many there are is no secret.
            settlement.move_count = len(settlement.sudo().move_ids)

    @api.model_create_multi
    def create(self, vals_list):
        self._number([vals for vals in vals_list if "name" not in vals])
        return super().create(vals_list)

    @api.model
    def _number(self, vals_list):
        """Give new settlements the next numbers that are free: a sequence may have been set back.

        :param vals_list: values of settlements without a name
        """
        while vals_list:
            for vals in vals_list:
                vals["name"] = (
                    self.env["ir.sequence"]
                    .with_company(vals.get("company_id"))
                    .next_by_code("rebate.settlement", sequence_date=vals.get("date"))
                )
            # A number is taken, whoever may see by what.
            taken = self.sudo().search_fetch(
                [("name", "in", [vals["name"] for vals in vals_list])], ["name", "company_id"]
            )
            taken = {(settlement.company_id.id, settlement.name) for settlement in taken}
            vals_list = [
                vals for vals in vals_list if (vals.get("company_id"), vals["name"]) in taken
            ]

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        for settlement in self:
            # Managers may not read journal entries; that there are some is no secret.
            documents = settlement.sudo().move_ids
            if settlement.state not in ("draft", "rejected", "cancelled") or documents:
                raise UserError(
                    self.env._(
                        "Settlement %s is submitted or posted and cannot be deleted. Cancel it"
                        " instead.",
                        settlement.name,
                    )
                )

    def action_view_moves(self):
        """Open the credit note, and its reversal if there is one."""
        self.ensure_one()
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Credit Notes"),
            "res_model": "account.move",
            "domain": [("id", "in", self.move_ids.ids)],
            "view_mode": "list,form",
            "context": {"create": False},
        }
        if len(self.move_ids) == 1:
            action |= {"view_mode": "form", "res_id": self.move_ids.id}
        return action

    def _require_state(self, *states):
        labels = dict(self._fields["state"]._description_selection(self.env))
        for settlement in self:
            if settlement.state not in states:
                text = self.env._(
                    "Settlement %(name)s is in status %(state)s; this needs %(needed)s.",
                    name=settlement.name,
                    state=labels[settlement.state],
                    needed=format_list(self.env, [labels[state] for state in states], style="or"),
                )
                if len(self) > 1:
                    text += " " + self.env._("Take it out of your selection.")
                raise UserError(text)

    def _require_group(self, group):
        if not (self.env.su or self.env.user.has_group(group)):
            raise UserError(
                self.env._(
                    "This needs the right “%(group)s”. Ask an administrator for it, or someone"
                    " who has it to do this.",
                    # The name of a group is no secret, and ordinary users may not read groups.
                    group=self.env.ref(group).sudo().full_name,
                )
            )
