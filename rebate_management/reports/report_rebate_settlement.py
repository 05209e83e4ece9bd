"""The statements of settlements, for whoever may read these."""

from odoo import models


class ReportRebateSettlement(models.AbstractModel):
    _name = "report.rebate_management.report_rebate_settlement"
    _description = "Rebate Statement"

    def _get_report_values(self, docids, data=None):
        settlements = self.env["rebate.settlement"].browse(docids)
        settlements.check_access("read")
        return {
            "doc_ids": docids,
            "doc_model": "rebate.settlement",
            # It names credit notes and products that its reader need not be allowed to open.
            "docs": settlements.sudo(),
        }
