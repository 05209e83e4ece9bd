"""As of which day the liability in the books is compared with the accruals."""

from odoo import api, fields, models
from odoo.tools import date_utils, format_date

from ..tools.acting import acting


class RebateLiabilityDay(models.TransientModel):
    _name = "rebate.liability.day"
    _description = "Reconciliation of a Day"
    _inherit = "rebate.bounds"

    date = fields.Date(
        string="As Of",
        required=True,
        default=lambda self: self._default_date(),
        help="Journal items up to this day count.",
    )

    @api.model
    def _default_date(self):
        """The end of last month, for which books are closed."""
        return date_utils.subtract(
            date_utils.start_of(fields.Date.context_today(self), "month"), days=1
        )

    @acting()
    def action_open(self):
        """Show the reconciliation as of the day."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "rebate_management.rebate_liability_action"
        )
        name = self.env._("Liability Reconciliation as of %s", format_date(self.env, self.date))
        return action | {
            "name": name,
            "display_name": name,
            "context": {
                "rebate_liability_day": fields.Date.to_string(self.date),
                "search_default_group_account": 1,
            },
        }
