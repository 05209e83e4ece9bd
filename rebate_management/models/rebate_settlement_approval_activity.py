"""Whoever is to approve a payout has it on their list, and whoever asked learns of a refusal."""

from datetime import timedelta

from odoo import fields, models
from odoo.tools import plaintext2html

from ..tools.trust import trusted

ACTIVITY = "rebate_management.mail_activity_type_approval"


class RebateSettlement(models.Model):
    _inherit = "rebate.settlement"

    def _approval_activities(self):
        """The open requests to approve the settlements."""
        return (
            self.env["mail.activity"]
            # An activity on another's list is none of a user's business, but for this.
            .sudo()
            .search(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "in", self.ids),
                    ("activity_type_id", "=", self.env.ref(ACTIVITY).id),
                ]
            )
        )

    def _plan_approval(self):
        """Have an activity on the list of everybody who may approve next, and of nobody else."""
        needed = self.env["rebate.approval.level"]._needed(self)
        asked = self._approval_activities().grouped("res_id")
        surplus = self.env["mail.activity"].sudo()  # as in _approval_activities
        moved = {}
        vals_list = []
        for settlement in self:
            level = settlement._next_level(needed[settlement])
            missing = settlement._askable(level)
            is_same = level == settlement.approval_level_id
            if not is_same:
                moved[level] = moved.get(level, self.browse()) | settlement
            for activity in asked.get(settlement.id, surplus.browse()):
                if is_same and activity.user_id in missing:
                    missing -= activity.user_id
                else:
                    surplus |= activity
            vals_list += [settlement._prepare_approval_activity_vals(level, u) for u in missing]
        for level, settlements in moved.items():
            # Approvers need no right to write settlements otherwise.
            trusted(settlements.sudo()).write(
                {
                    "approval_level_id": level.id,
                    "approval_since": fields.Datetime.now(),
                    "reminded_on": False,
                }
            )
        surplus.unlink()
        # Asked for in bulk; a mail for each would bury them. They are reminded by one for all.
        self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True).create(
            vals_list
        )

    def _prepare_approval_activity_vals(self, level, user):
        self.ensure_one()
        waits = timedelta(days=level.reminder_days)
        return {
            "res_model_id": self.env["ir.model"]._get_id(self._name),
            "res_id": self.id,
            "activity_type_id": self.env.ref(ACTIVITY).id,
            "summary": self.with_context(lang=user.lang).env._(
                "Approve the payout (%s)", level.with_context(lang=user.lang).name
            ),
            "user_id": user.id,
            "date_deadline": fields.Date.context_today(self) + waits,
            "automated": True,
        }

    def _close_activities(self, comment=False):
        """Mark what the user was asked for as done, and ask nobody else."""
        activities = self._approval_activities()
        own = activities.filtered(lambda activity: activity.user_id == self.env.user)
        own.action_archive()
        if comment:
            own.feedback = comment
        (activities - own).unlink()

    def _tell_submitter(self, reason):
        """Put a refusal on the list of whoever submitted it."""
        todo = self.env.ref("mail.mail_activity_data_todo", raise_if_not_found=False)
        vals_list = []
        for settlement in self:
            user = settlement.submitted_by_id
            if user.active and user != self.env.user:
                vals_list.append(
                    {
                        "res_model_id": self.env["ir.model"]._get_id(self._name),
                        "res_id": settlement.id,
                        "activity_type_id": todo and todo.id,
                        "summary": settlement.with_context(lang=user.lang).env._(
                            "Payout rejected by %s", self.env.user.name
                        ),
                        "note": reason and plaintext2html(reason),
                        "user_id": user.id,
                        "automated": True,
                    }
                )
        # Approvers need no right to plan other people's work otherwise.
        self.env["mail.activity"].sudo().create(vals_list)
