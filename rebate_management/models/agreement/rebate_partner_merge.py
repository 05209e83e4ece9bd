"""Which customers were merged: what a settlement says of a customer stays true when the customer is
another one since."""

from odoo import api, fields, models

from ...tools.trust import trusted


class RebatePartnerMerge(models.Model):
    """One row for each customer that vanished in a merge, in plain numbers and names, so that no
    later merge rewrites it. Added by the merge alone, and never changed or deleted: the check of
    settlements accepts a customer that was merged by this record, and no other."""

    _name = "rebate.partner.merge"
    _description = "Merged Customer"
    _order = "id"
    _rec_name = "old_name"

    old_partner_res_id = fields.Integer(
        string="Old Number", required=True, readonly=True, index=True
    )
    old_name = fields.Char(readonly=True)
    new_partner_res_id = fields.Integer(string="New Number", required=True, readonly=True)
    new_name = fields.Char(readonly=True)
    user_id = fields.Many2one("res.users", required=True, readonly=True, ondelete="restrict")
    merged_at = fields.Datetime(required=True, readonly=True)
    last_agreement_res_id = fields.Integer(
        readonly=True, help="The number of the last agreement that was made before."
    )

    def _record(self, sources, target):
        """Record that customers vanish into another.

        :param sources: the customers that are about to be deleted
        """
        # Those of every company are before or after the merge.
        last = self.env["rebate.agreement"].sudo().search([], order="id desc", limit=1)
        # Whoever may merge customers records it so; nobody has the right to type it.
        return trusted(self.sudo()).create(
            [
                {
                    "old_partner_res_id": source.id,
                    "old_name": source.display_name,
                    "new_partner_res_id": target.id,
                    "new_name": target.display_name,
                    "user_id": self.env.uid,
                    "merged_at": fields.Datetime.now(),
                    "last_agreement_res_id": last.id or 0,
                }
                for source in sources
            ]
        )

    @api.model
    def _successors(self, partner_ids):
        """Find what customers that are gone were merged into, on and on.

        :return: the id of the customer that there is now, by that of one that is gone
        """
        # Whoever checks settlements must know all merges; they tell names alone.
        merges, partners = self.sudo(), self.env["res.partner"].sudo()
        into, ends = {}, set(partner_ids)
        # One step for each time that somebody was merged again.
        while ends := ends - set(into) - set(partners.browse(ends).exists().ids):
            found = merges.search([("old_partner_res_id", "in", list(ends))])
            step = {merge.old_partner_res_id: merge.new_partner_res_id for merge in found}
            if not step:
                break
            into |= step
            ends = set(step.values())
        successors = {}
        for partner_id in partner_ids:
            now, steps = partner_id, 0
            while now in into and steps < len(into):
                now, steps = into[now], steps + 1
            if now != partner_id:
                successors[partner_id] = now
        return successors
