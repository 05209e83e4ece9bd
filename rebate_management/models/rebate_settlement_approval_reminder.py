"""Approvers are reminded of what waits for them, once a day at most, all in one message."""

from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models

from ..tools.trust import trusted


class RebateSettlement(models.Model):
    _inherit = "rebate.settlement"

    reminded_on = fields.Date(readonly=True, copy=False)

    @api.model
    def _cron_remind(self):
        """Once a day: ask whoever may approve by now, and remind of what waits for too long."""
        waiting = self.search([("state", "=", "submitted")])
        # Levels and their approvers may have changed since it was submitted.
        waiting._plan_approval()
        today = fields.Date.context_today(self)
        late = waiting.filtered(
            lambda settlement: (
                settlement.approval_level_id.reminder_days
                and settlement.reminded_on != today
                and settlement._waits_for() >= settlement.approval_level_id.reminder_days
            )
        )
        by_approver = {}
        for settlement in late:
            for user in settlement.approver_ids:
                by_approver[user] = by_approver.get(user, self.browse()) | settlement
        for user, settlements in by_approver.items():
            settlements._remind(user)
        trusted(late).reminded_on = today

    def _waits_for(self):
        """Tell for how many days a settlement has waited on its level."""
        return (fields.Datetime.now() - self.approval_since) // timedelta(days=1)

    def _remind(self, user):
        """Send a user a list of the settlements that wait for their approval."""
        settlements = self.with_context(lang=user.lang)
        env = settlements.env
        rows = Markup().join(
            Markup('<li><a href="/mail/view?model=%s&amp;res_id=%s">%s</a>, %s: %s</li>')
            % (
                settlement._name,
                settlement.id,
                settlement.name,
                settlement.partner_id.display_name,
                settlement.currency_id.format(settlement.amount_total),
            )
            for settlement in settlements
        )
        env["mail.thread"].message_notify(
            partner_ids=user.partner_id.ids,
            subject=env._("%s payouts wait for your approval", len(settlements)),
            body=Markup("<p>%s</p><ul>%s</ul>")
            % (env._("These payouts wait for your approval:"), rows),
        )
