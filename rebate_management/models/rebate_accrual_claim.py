"""Claiming what a period earned, where the program asks for it, and what was never claimed."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..tools.acting import acting
from ..tools.trust import trusted
from .rebate_turns import require_turn


class RebateAccrual(models.Model):
    _inherit = "rebate.accrual"

    claim_required = fields.Boolean(related="program_id.claim_required")
    claimed_date = fields.Date(string="Claimed On", readonly=True, copy=False)
    claim_extended_until = fields.Date(readonly=True, copy=False)
    claim_until = fields.Date(
        string="To Be Claimed Until",
        compute="_compute_claim_until",
        store=True,
        help="What is not claimed by then expires.",
    )
    claim_warned = fields.Integer(
        readonly=True,
        copy=False,
        help="How many days before the deadline the distributor was last reminded; 0: not yet.",
    )
    expired_on = fields.Date(readonly=True, copy=False)
    expired_amount = fields.Monetary(
        string="Expired",
        compute="_compute_expired_amount",
        store=True,
        help="Earned, but not claimed by the deadline.",
    )

    @api.depends(
        "date_to",
        "claim_extended_until",
        "program_id.claim_required",
        "program_id.claim_deadline_days",
    )
    def _compute_claim_until(self):
        for accrual in self:
            program = accrual.program_id
            accrual.claim_until = program.claim_required and (
                accrual.claim_extended_until
                or accrual.date_to + timedelta(days=program.claim_deadline_days)
            )

    @api.depends("earned_amount", "settled_amount", "expired_on")
    def _compute_expired_amount(self):
        for accrual in self:
            accrual.expired_amount = accrual.expired_on and max(
                accrual.earned_amount - accrual.settled_amount, 0
            )

    def _awaits_claim(self):
        """Tell whether the period is not paid before it is claimed."""
        self.ensure_one()
        return self.program_id.claim_required and not self.claimed_date

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    @acting()
    def action_claim(self):
        """Record that the distributor claimed the periods; the next settlement run pays them.

        :raise UserError: when one need not be claimed, is claimed already, or cannot be any more
        """
        self._require_claimer()
        require_turn(self)
        today = fields.Date.context_today(self)
        for accrual in self:
            if problem := accrual._claim_problem(today):
                raise UserError(problem)
        # Nobody may write accruals but the methods that say so.
        trusted(self.sudo()).write({"claimed_date": today, "claimed_by_id": self.env.uid})
        self._log_claim(self.env._("Claimed"))
        return True

    @acting()
    def action_withdraw_claim(self):
        """Take a claim back that was recorded by mistake.

        :raise UserError: when there is none, or it was settled, or its payout was proposed
        """
        self._require_claimer()
        require_turn(self)
        for accrual in self:
            if not accrual.claimed_date:
                raise UserError(
                    self.env._(
                        "“%s” was not claimed, so there is no claim to withdraw. Choose periods"
                        " that were claimed.",
                        accrual.display_name,
                    )
                )
            if accrual.settlement_line_ids.filtered(
                lambda line: line.state not in ("rejected", "cancelled")
            ):
                raise UserError(
                    self.env._(
                        "The claim for “%s” is being paid or was paid. Cancel its settlement"
                        " first.",
                        accrual.display_name,
                    )
                )
        # As in action_claim.
        trusted(self.sudo()).write(
            {"claimed_date": False, "claimed_by_id": False, "claim_reference": False}
        )
        self._log_claim(self.env._("Claim withdrawn"))
        return True

    @acting()
    def _extend_claim(self, day, reason):
        """Give more time to claim, also what has expired, which is owed again.

        :param day: the new deadline
        :param reason: kept on the agreements
        :raise UserError: when the user is no manager, or the day is past
        """
        self.env["rebate.settlement"]._require_group("rebate_management.group_rebate_manager")
        if day < fields.Date.context_today(self):
            raise UserError(
                self.env._(
                    "%s is past, and nothing could be claimed any more. Choose today or a later"
                    " day.",
                    format_date(self.env, day),
                )
            )
        require_turn(self)
        for accrual in self:
            if not accrual._awaits_claim():
                raise UserError(
                    self.env._(
                        "“%s” need not be claimed, or was claimed already.", accrual.display_name
                    )
                )
        # As in action_claim.
        accruals = self.sudo()
        trusted(accruals).write(
            {"claim_extended_until": day, "claim_warned": 0, "expired_on": False}
        )
        accruals._update_state()
        self._log_claim(
            self.env._(
                "To be claimed until %(day)s: %(reason)s",
                day=format_date(self.env, day),
                reason=reason,
            )
        )

    def _require_claimer(self):
        """Refuse who is neither a manager nor the distributor's salesperson."""
        user = self.env.user
        if self.env.su or user.has_group("rebate_management.group_rebate_manager"):
            return
        for accrual in self:
            if accrual.partner_id.user_id != user:
                raise UserError(
                    self.env._(
                        "Claims of “%s” are recorded by its salesperson or a rebate manager. Ask"
                        " one of them.",
                        accrual.partner_id.display_name,
                    )
                )

    def _claim_problem(self, today):
        if not self.claim_required:
            return self.env._(
                "“%s” need not be claimed: its program pays without.", self.display_name
            )
        if self.claimed_date:
            return self.env._(
                "“%(accrual)s” was claimed on %(day)s already.",
                accrual=self.display_name,
                day=format_date(self.env, self.claimed_date),
            )
        if self.expired_on or self.claim_until < today:
            return self.env._(
                "“%(accrual)s” could be claimed until %(day)s. A manager may choose “Extend the"
                " Deadline”.",
                accrual=self.display_name,
                day=format_date(self.env, self.claim_until),
            )
        return None

    def _log_claim(self, what):
        """Write to the agreements what happened to the claims of which periods."""
        for accrual in self:
            # Salespersons may not write agreements.
            accrual.agreement_id.sudo()._message_log(body=f"{accrual._format_period()}: {what}")
