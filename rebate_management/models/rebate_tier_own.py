"""The figures of a distributor follow its own tiers, also where they are not changed on its
agreement."""

from odoo import api, models


class RebateTier(models.Model):
    _inherit = "rebate.tier"

    @api.model_create_multi
    def create(self, vals_list):
        tiers = super().create(vals_list)
        tiers._queue_agreements()
        return tiers

    def write(self, vals):
        self._queue_agreements()
        result = super().write(vals)
        if "agreement_id" in vals:
            self._queue_agreements()
        return result

    def unlink(self):
        self._queue_agreements()
        return super().unlink()

    def _queue_agreements(self):
        """Have the job compute anew what the tiers may change."""
        agreements = self.agreement_id.filtered(lambda agreement: agreement.state != "draft")
        if agreements:
            self.env["rebate.queue"]._append_agreements(agreements)
