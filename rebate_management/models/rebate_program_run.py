"""When a program's payouts are proposed, and when they are due."""

from datetime import date, timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class RebateProgram(models.Model):
    _inherit = "rebate.program"

    payout_delay_days = fields.Integer(
        string="Pays After (Days)",
        tracking=True,
        help="So many days after the end of what it pays for, a payout is due. 0: at once.",
    )
    proposed_until = fields.Date(
        readonly=True,
        copy=False,
        help="The end of the last settlement period that the daily job proposed.",
    )

    @api.constrains("payout_delay_days")
    def _check_payout_delay_days(self):
        for program in self:
            if program.payout_delay_days < 0:
                raise ValidationError(
                    self.env._(
                        "Program “%s” pays a negative number of days after the end of what it pays"
                        " for. Enter 0 for a payout at once, or more.",
                        program.display_name,
                    )
                )

    def _payout_date(self, until):
        """Tell when is due what is paid for the time up to a day."""
        self.ensure_one()
        return until + timedelta(days=self.payout_delay_days)

    def _settlement_end(self, day):
        """Find the end of the last settlement period that is over by the end of a day, or None."""
        self.ensure_one()
        spans = self._settlement_periods(self.date_start, self.date_end or date.max, day)
        return max((last for _first, last in spans if last <= day), default=None)
