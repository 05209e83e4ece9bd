"""Who asks for a payout, and who approves or refuses it."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_list

from ..tools.acting import acting
from ..tools.trust import trusted
from .rebate_turns import require_turn


class RebateSettlement(models.Model):
    _inherit = "rebate.settlement"

    submitted_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    submitted_at = fields.Datetime(string="Submitted On", readonly=True, copy=False)
    approval_level_id = fields.Many2one(
        "rebate.approval.level",
        string="Waits For",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    approval_since = fields.Datetime(string="Waits Since", readonly=True, copy=False)
    reject_reason = fields.Text(string="Reason of Rejection", readonly=True, copy=False)
    approval_ids = fields.One2many("rebate.approval", "settlement_id", readonly=True)
    approver_ids = fields.Many2many(
        "res.users", string="Approvers", compute="_compute_approvers", help="Who may approve next."
    )
    can_approve = fields.Boolean(compute="_compute_approvers")
    can_reject = fields.Boolean(compute="_compute_approvers")

    @api.depends("state", "approval_ids", "date", "amount_total", "submitted_by_id", "batch_id")
    @api.depends_context("uid")
    def _compute_approvers(self):
        submitted = self.filtered(lambda settlement: settlement.state == "submitted")
        needed = self.env["rebate.approval.level"]._needed(submitted)
        for settlement in self:
            level = settlement._next_level(needed.get(settlement, ()))
            approvers = settlement._askable(level)
            settlement.approver_ids = approvers
            settlement.can_approve = self.env.user in approvers
            settlement.can_reject = any(
                level._is_approver(self.env.user, settlement.company_id)
                for level in needed.get(settlement, ())
            )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    @acting("write")
    def action_submit(self):
        """Ask for approval.

        :raise UserError: when nobody is set up to approve
        """
        require_turn(self)
        self._require_state("draft")
        for settlement, levels in self.env["rebate.approval.level"]._needed(self).items():
            if not levels:
                raise UserError(settlement._no_level_message())
        trusted(self).write(
            {
                "state": "submitted",
                "submitted_by_id": self.env.uid,
                "submitted_at": fields.Datetime.now(),
            }
        )
        self._record("submitted")
        self._plan_approval()
        return True

    @acting()
    def action_approve(self, comment=False):
        """Approve each payout on the level it waits for; the last level approves it for good.

        :param comment: kept with the approval
        :raise UserError: when the user may not approve one of them; then none is approved
        """
        # Of two approvers at once, the second begins anew and finds the first's approval.
        require_turn(self)
        self._require_state("submitted")
        needed = self.env["rebate.approval.level"]._needed(self)
        levels = {}
        for settlement in self:
            levels[settlement] = settlement._next_level(needed[settlement])
            settlement._require_approver(levels[settlement])
        self._record("approved", levels, comment)
        self._log_decision(self.env._("Approved"), levels, comment)
        self._close_activities(comment)
        approved = self.filtered(lambda settlement: not settlement._next_level(needed[settlement]))
        # Approvers need no right to write settlements otherwise.
        trusted(approved.sudo()).write({"state": "approved", "approval_level_id": False})
        (self - approved)._plan_approval()
        return True

    @acting()
    def action_reject(self, reason=False):
        """Refuse the payout; what it would have paid is proposed again by the next run.

        :param reason: told to whoever submitted it
        """
        require_turn(self)
        self._require_state("submitted")
        needed = self.env["rebate.approval.level"]._needed(self)
        levels = {}
        for settlement in self:
            level = settlement._next_level(needed[settlement])
            if not any(
                one._is_approver(self.env.user, settlement.company_id) for one in needed[settlement]
            ):
                raise UserError(settlement._no_approver_message(level))
            levels[settlement] = level
        self._record("rejected", levels, reason)
        self._log_decision(self.env._("Rejected"), levels, reason)
        self._close_activities(reason)
        # As in action_approve.
        trusted(self.sudo()).write(
            {"state": "rejected", "approval_level_id": False, "reject_reason": reason}
        )
        self._tell_submitter(reason)
        return True

    # ------------------------------------------------------------------
    # Who may
    # ------------------------------------------------------------------

    def _next_level(self, needed):
        """Find the first of the levels needed that has not approved yet.

        :return: a level, or an empty recordset
        """
        approvals = self.approval_ids.filtered(lambda approval: approval.decision == "approved")
        none = self.env["rebate.approval.level"]
        return next((level for level in needed if level not in approvals.level_id), none)

    def _askable(self, level):
        """Find who may approve next: nobody what they proposed or submitted, and nobody two
        levels."""
        if not level:
            return self.env["res.users"]
        approved = self.approval_ids.filtered(lambda approval: approval.decision == "approved")
        # Who submitted or approved may have left the reader's companies since.
        others = self._proposers() | self.sudo().submitted_by_id | approved.sudo().user_id
        # Only taken away from those who may, who are known without it too.
        return level._approvers(self.company_id) - others.sudo(False)

    def _proposers(self):
        """Find who proposed the payout by beginning a run; nobody did what the calendar began."""
        # Whoever it was may have left the reader's companies since.
        settlement = self.sudo()
        if settlement.batch_id.is_automatic:
            # As the others are returned.
            return self.env["res.users"].sudo()
        return settlement.create_uid | settlement.batch_id.user_id

    def _require_approver(self, level):
        """Refuse whoever may not approve on a level, and say who may."""
        self.ensure_one()
        user = self.env.user
        if not level:
            raise UserError(self._no_level_message())
        if not level._is_approver(user, self.company_id):
            raise UserError(self._no_approver_message(level))
        others = self._askable(level)
        remedy = (
            self.env._("Ask %s.", format_list(self.env, others.mapped("name"), style="or"))
            if others
            else self.env._(
                "Have an administrator name another approver on approval level “%s”.", level.name
            )
        )
        if user == self.submitted_by_id:
            raise UserError(
                self.env._(
                    "You submitted settlement %(name)s, and nobody approves what they submitted."
                    " %(remedy)s",
                    name=self.name,
                    remedy=remedy,
                )
            )
        if user in self._proposers():
            raise UserError(
                self.env._(
                    "You began the run that proposed settlement %(name)s, and nobody approves what"
                    " they proposed or submitted. %(remedy)s",
                    name=self.name,
                    remedy=remedy,
                )
            )
        if user not in others and user in self.approval_ids.user_id:
            raise UserError(
                self.env._(
                    "You approved settlement %(name)s on another level, and nobody approves two"
                    " levels. %(remedy)s",
                    name=self.name,
                    remedy=remedy,
                )
            )

    def _no_approver_message(self, level):
        return self.env._(
            "Settlement %(name)s is approved on level “%(level)s” by %(who)s. Ask them, or have an"
            " administrator name you on that level.",
            name=self.name,
            level=level.name,
            who=level._approver_names(),
        )

    def _no_level_message(self):
        return self.env._(
            "No approval level of company “%(company)s” covers settlement %(name)s, so nobody could"
            " approve it. Have an administrator add one under Rebates › Configuration › Approval"
            " Levels.",
            company=self.company_id.display_name,
            name=self.name,
        )
