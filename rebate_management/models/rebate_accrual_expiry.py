"""What is not claimed in time: distributors are reminded, then it expires."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_amount, format_date

from ..tools.trust import trusted
from .rebate_turns import take_turn

# Days before the deadline on which a distributor is reminded, the last one last.
REMINDERS = (30, 7)


class RebateAccrual(models.Model):
    _inherit = "rebate.accrual"

    @api.model
    def _cron_claims(self):
        """Once a day: remind of what can still be claimed, and let expire what cannot any more."""
        today = fields.Date.context_today(self)
        waiting = [
            ("program_id.claim_required", "=", True),
            ("claimed_date", "=", False),
            ("expired_on", "=", False),
            ("date_to", "<", today),
            ("open_amount", ">", 0),
        ]
        soon = today + timedelta(days=max(REMINDERS))
        accruals = self.search([*waiting, ("claim_until", "<=", soon)], order="agreement_id, id")
        overdue = accruals.filtered(lambda accrual: accrual.claim_until < today)
        surprised = overdue.filtered(lambda accrual: not accrual.claim_warned)
        surprised._give_time(today)
        (accruals - overdue + surprised)._remind(today)
        (overdue - surprised)._expire(today)

    def _give_time(self, today):
        """Nothing expires of which the distributor was not reminded: what was earned or amended
        only after the deadline, or while this job stood still, can be claimed a while longer."""
        trusted(self).claim_extended_until = today + timedelta(days=max(REMINDERS))
        self._log_claim(
            self.env._(
                "To be claimed until %s: nobody was reminded of the earlier deadline",
                format_date(self.env, today + timedelta(days=max(REMINDERS))),
            )
        )

    def _remind(self, today):
        """Send each distributor the reminder that is due, once."""
        due = {}
        for accrual in self:
            left = (accrual.claim_until - today).days
            days = min(days for days in REMINDERS if left <= days)
            if not accrual.claim_warned or days < accrual.claim_warned:
                due[accrual] = days
        # Whom another transaction computes at the moment is reminded tomorrow.
        in_turn = take_turn(self.browse(accrual.id for accrual in due))
        for accrual in in_turn:
            trusted(accrual).claim_warned = due[accrual]
        reachable = in_turn.filtered(lambda accrual: accrual.partner_id.email)
        template = self.env.ref(
            "rebate_management.mail_template_claim_reminder", raise_if_not_found=False
        )
        if template and reachable:
            template.send_mail_batch(reachable.ids)
        reachable._log_claim(self.env._("Reminded of the deadline for claims by e-mail"))
        (in_turn - reachable)._log_claim(
            self.env._(
                "The distributor has no e-mail address and could not be reminded of the deadline"
                " for claims"
            )
        )

    def _expire(self, today):
        """Let expire what was not claimed. What cannot be booked waits until it can, and a to-do
        says what is missing."""
        booked = self.filtered("accrued_amount").program_id
        unbookable = booked._unbookable()
        booked.browse().union(*unbookable)._report_unaccrued(unbookable, is_expiry=True)
        in_turn = take_turn(
            self.filtered(
                lambda accrual: not accrual.accrued_amount or accrual.program_id not in unbookable
            )
        )
        trusted(in_turn).expired_on = today
        in_turn._update_state()
        in_turn._release_expired(today)
        for accrual in in_turn:
            accrual._log_claim(
                self.env._(
                    "%s expired unclaimed",
                    format_amount(self.env, accrual.expired_amount, accrual.currency_id),
                )
            )

    def _release_expired(self, day):
        """Take what expired back from the liability to the rebate account, where it was accrued.

        :param day: of the entries
        """
        self._release(
            {accrual: accrual.expired_amount for accrual in self},
            day,
            self.env._("Rebates that expired unclaimed"),
        )
