"""The statements of settlements, for whoever may read these."""

from odoo import models


class ReportRebateSettlement(models.AbstractModel):
    _name = "report.rebate_management.report_rebate_settlement"
    _description = "Rebate Statement"

    def _get_report_values(self, docids, data=None):
        settlements = self.env["rebate.settlement"].browse(docids)
        settlements.check_access("read")
        is_printed = (data or {}).get("report_type") == "pdf"
        return {
            # Where the renderer draws no headers the page has to say who sends it.
            "is_bare": is_printed and not self.env["ir.actions.report"]._rebate_draws_headers(),
            "doc_ids": docids,
            "doc_model": "rebate.settlement",
            # It names credit notes and products that its reader need not be allowed to open.
            "docs": settlements.sudo(),
        }
