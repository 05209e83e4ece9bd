"""The statements of settlements, for whoever may read the credit notes that pay them."""

from odoo import models


class ReportRebateSettlementMove(models.AbstractModel):
    _name = "report.rebate_management.report_rebate_settlement_move"
    _description = "Rebate Statement of a Credit Note"

    def _get_report_values(self, docids, data=None):
        moves = self.env["account.move"].browse(docids)
        moves.check_access("read")
        is_printed = (data or {}).get("report_type") == "pdf"
        return {
            # Where the renderer draws no headers the page has to say who sends it.
            "is_bare": is_printed and not self.env["ir.actions.report"]._rebate_draws_headers(),
            "doc_ids": docids,
            "doc_model": "account.move",
            # Who sends the credit note, or receives it, need not be allowed to open settlements.
            "docs": moves.sudo().rebate_settlement_id,
        }
