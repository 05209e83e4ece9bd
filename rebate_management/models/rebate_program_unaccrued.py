"""A program whose rebates the monthly run could not accrue says so in a to-do."""

from odoo import models
from odoo.tools import plaintext2html

ACTIVITY = "rebate_management.mail_activity_type_accrual"


class RebateProgram(models.Model):
    _inherit = "rebate.program"

    def _report_unaccrued(self, reasons):
        """Have one open to-do on each program that could not be accrued, none on the others.

        :param reasons: a sentence by program that could not be accrued
        """
        self.activity_unlink([ACTIVITY])
        self.env["mail.activity"].create(
            [
                program._prepare_unaccrued_activity_vals(reason)
                for program, reason in reasons.items()
            ]
        )

    def _prepare_unaccrued_activity_vals(self, reason):
        self.ensure_one()
        return {
            "res_model_id": self.env["ir.model"]._get_id(self._name),
            "res_id": self.id,
            "activity_type_id": self.env.ref(ACTIVITY).id,
            "summary": self._speaking_to_responsible().env._("Rebates were not accrued"),
            "note": plaintext2html(reason),
            "user_id": self._responsible().id,
            "automated": True,
        }
