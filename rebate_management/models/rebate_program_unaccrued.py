"""A program whose rebates a job could not book says so in a to-do."""

from odoo import models
from odoo.tools import plaintext2html

ACTIVITY = "rebate_management.mail_activity_type_accrual"


class RebateProgram(models.Model):
    _inherit = "rebate.program"

    def _report_unaccrued(self, reasons, is_expiry=False):
        """Have one open to-do on each program that could not be booked, none on the others.

        :param reasons: a sentence by program that could not be booked
        :param is_expiry: what expired unclaimed was to be booked, not what is owed
        """
        self.activity_unlink([ACTIVITY])
        self.env["mail.activity"].create(
            [
                program._prepare_unaccrued_activity_vals(reason, is_expiry)
                for program, reason in reasons.items()
            ]
        )

    def _prepare_unaccrued_activity_vals(self, reason, is_expiry):
        self.ensure_one()
        env = self._speaking_to_responsible().env
        return {
            "res_model_id": self.env["ir.model"]._get_id(self._name),
            "res_id": self.id,
            "activity_type_id": self.env.ref(ACTIVITY).id,
            "summary": env._("Expired rebates were not booked")
            if is_expiry
            else env._("Rebates were not accrued"),
            "note": plaintext2html(reason),
            "user_id": self._responsible().id,
            "automated": True,
        }
