"""Users, as the record rules ask for them."""

from odoo import models


class ResUsers(models.Model):
    _inherit = "res.users"

    def _rebate_works_everywhere(self):
        """Tell whether the user may work in every company: only they write what all share."""
        self.ensure_one()
        # Only whether there are others is told, and nothing of them.
        companies = self.env["res.company"].sudo()
        others = [("id", "not in", self.sudo().company_ids.ids)]
        return not companies.search_count(others, limit=1)
