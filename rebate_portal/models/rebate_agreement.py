"""Agreements have a page in the portal, and a place on the calendar that it tells."""

from odoo import fields, models

# What the portal may show at all; a draft is still being prepared.
PORTAL_STATES = ("active", "ended")

# Where an agreement stands on the calendar, in the order of what a distributor looks for first;
# "revised": its terms are being corrected.
PORTAL_STATUSES = ("running", "revised", "upcoming", "ended")


class RebateAgreement(models.Model):
    _name = "rebate.agreement"
    _inherit = ["rebate.agreement", "portal.mixin"]

    def _compute_access_url(self):
        for agreement in self:
            agreement.access_url = f"/my/rebates/{agreement.id}"

    def action_preview(self):
        """Show an employee the page as the distributor sees it."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "target": "self", "url": self.get_portal_url()}

    def _portal_status(self, is_running):
        """Say where the agreement stands on the calendar.

        :param is_running: whether a period of it is measured today
        :return: one of ``PORTAL_STATUSES``
        """
        self.ensure_one()
        if is_running:
            return "running"
        if self.state == "active" and self.program_id.state == "draft":
            return "revised"
        begins = max(self.date_start, self.program_id.date_start)
        if self.state == "active" and begins > fields.Date.context_today(self):
            return "upcoming"
        return "ended"

    def _portal_days_left(self, until):
        """Say how long a running period still lasts."""
        days = (until - fields.Date.context_today(self)).days
        if days == 0:
            return self.env._("Last day")
        if days == 1:
            return self.env._("1 day left")
        return self.env._("%s days left", days)
