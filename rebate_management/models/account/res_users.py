"""Users, as the record rules ask for them, and what they are told every week."""

from odoo import fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    rebate_watch_digest = fields.Boolean(
        string="Weekly Rebate Watch List",
        default=True,
        help="Once a week a mail with the customers who are worth a call: near a tier, about to"
        " miss one, silent.",
    )

    @property
    def SELF_READABLE_FIELDS(self):
        return [*super().SELF_READABLE_FIELDS, "rebate_watch_digest"]

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return [*super().SELF_WRITEABLE_FIELDS, "rebate_watch_digest"]

    def _rebate_watches(self):
        """What is on the user's watch list, as he may see it and in his language, in companies
        that have the weekly mail.

        :return: rows of ``rebate.watch``, the dearest first
        """
        self.ensure_one()
        watches = self.env["rebate.watch"].with_user(self)
        # Odoo tries the mail's template with any user, also with one of the portal.
        if not watches.has_access("read"):
            return watches.browse()
        companies = self.company_ids.filtered("rebate_watch_digest")
        return watches.with_context(
            lang=self.lang, tz=self.tz, allowed_company_ids=self.company_ids.ids
        ).search(
            [
                ("user_id", "=", self.id),
                ("is_over", "=", False),
                ("company_id", "in", companies.ids),
            ],
            order="worth desc, id",
        )

    def _rebate_works_everywhere(self):
        """Tell whether the user may work in every company: only they write what all share."""
        self.ensure_one()
        # Only whether there are others is told, and nothing of them.
        companies = self.env["res.company"].sudo()
        others = [("id", "not in", self.sudo().company_ids.ids)]
        return not companies.search_count(others, limit=1)
