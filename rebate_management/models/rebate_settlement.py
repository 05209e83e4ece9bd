"""A settlement: one payout to one partner, from proposal to posted credit note."""

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_list

from .rebate_turns import require_turn


class RebateSettlement(models.Model):
    _name = "rebate.settlement"
    _description = "Rebate Settlement"
    _inherit = ["mail.thread", "mail.activity.mixin"]
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
    journal_id = fields.Many2one(
        "account.journal", required=True, readonly=True, check_company=True
    )
    date = fields.Date(
        required=True,
        default=fields.Date.context_today,
        tracking=True,
        help="Date of the credit note.",
    )
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
            ("rejected", "Rejected"),
            ("cancelled", "Cancelled"),
        ],
        string="Status",
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

    @api.depends("line_ids.amount")
    def _compute_amount_total(self):
        for settlement in self:
            settlement.amount_total = sum(settlement.line_ids.mapped("amount"))

    @api.depends("move_ids")
    def _compute_move_count(self):
        for settlement in self:
            settlement.move_count = len(settlement.move_ids)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if "name" not in vals:
                vals["name"] = (
                    self.env["ir.sequence"]
                    .with_company(vals.get("company_id"))
                    .next_by_code("rebate.settlement", sequence_date=vals.get("date"))
                )
        return super().create(vals_list)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        for settlement in self:
            if settlement.state not in ("draft", "rejected", "cancelled") or settlement.move_ids:
                raise UserError(
                    self.env._(
                        "Settlement %s is submitted or posted and cannot be deleted. Cancel it"
                        " instead.",
                        settlement.name,
                    )
                )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_submit(self):
        """Ask for approval."""
        self._require_state("draft")
        self.state = "submitted"
        return True

    def action_approve(self):
        """Approve the payout. Only approvers may."""
        self._require_group("rebate_management.group_rebate_approver")
        self._require_state("submitted")
        self.state = "approved"
        return True

    def action_reject(self):
        """Refuse the payout; what it would have paid is proposed again by the next run."""
        self._require_group("rebate_management.group_rebate_approver")
        self._require_state("submitted")
        self.state = "rejected"
        return True

    def action_post(self):
        """Create and post the credit note of each approved settlement.

        :raise UserError: when a settlement is not approved
        """
        self._require_group("rebate_management.group_rebate_accountant")
        # A second poster begins anew and finds the settlement posted.
        require_turn(self)
        self._require_state("approved")
        # What is settled of them changes with the state below.
        require_turn(self.line_ids.accrual_id)
        moves = self.env["account.move"].create(
            [settlement._prepare_credit_note_vals() for settlement in self]
        )
        moves.action_post()
        self.state = "posted"
        # The accruals' state follows from what was paid; accountants may not write accruals.
        self.line_ids.accrual_id.sudo()._update_state()
        return True

    def action_cancel(self):
        """Give the amounts back to the accruals; a posted credit note is reversed."""
        self._require_group("rebate_management.group_rebate_accountant")
        self._require_state("draft", "submitted", "approved", "posted")
        # As in action_post.
        require_turn(self)
        require_turn(self.line_ids.accrual_id)
        credit_notes = self.move_ids.filtered(
            lambda move: move.state == "posted" and not move.reversal_move_ids
        )
        if credit_notes:
            credit_notes._reverse_moves(
                [
                    {"ref": self.env._("Reversal of: %s", move.name), "invoice_date": move.date}
                    for move in credit_notes
                ],
                cancel=True,
            )
        self.state = "cancelled"
        # Accountants may not write accruals.
        self.line_ids.accrual_id.sudo()._update_state()
        return True

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

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _require_state(self, *states):
        labels = dict(self._fields["state"]._description_selection(self.env))
        for settlement in self:
            if settlement.state not in states:
                raise UserError(
                    self.env._(
                        "Settlement %(name)s is in status %(state)s; this needs %(needed)s.",
                        name=settlement.name,
                        state=labels[settlement.state],
                        needed=format_list(
                            self.env, [labels[state] for state in states], style="or"
                        ),
                    )
                )

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

    def _prepare_credit_note_vals(self):
        """Values of the customer credit note that pays the settlement."""
        self.ensure_one()
        return {
            "move_type": "out_refund",
            "company_id": self.company_id.id,
            "journal_id": self.journal_id.id,
            "partner_id": self.partner_id.id,
            "currency_id": self.currency_id.id,
            "invoice_date": self.date,
            "ref": self.name,
            "invoice_origin": self.name,
            "rebate_settlement_id": self.id,
            "invoice_line_ids": [
                Command.create(line._prepare_credit_note_line_vals()) for line in self.line_ids
            ],
        }
