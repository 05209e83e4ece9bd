"""The statement of a settlement goes along when its credit note is sent."""

from odoo import api, models


class AccountMoveSend(models.AbstractModel):
    _inherit = "account.move.send"

    @api.model
    def _get_placeholder_mail_template_dynamic_attachments_data(
        self, move, mail_template, pdf_report=None
    ):
        """Add the statement to what is made and attached when a payout is sent; the sender sees it
        in the dialog and may leave it out."""
        attachments = super()._get_placeholder_mail_template_dynamic_attachments_data(
            move, mail_template, pdf_report=pdf_report
        )
        if not move.rebate_settlement_id or move.reversed_entry_id:
            return attachments
        # Who may send the document need not be allowed to open its settlement.
        filename = f"{move.sudo().rebate_settlement_id._statement_name()}.pdf"
        return [
            *attachments,
            {
                "id": f"placeholder_{filename}",
                "name": filename,
                "mimetype": "application/pdf",
                "placeholder": True,
                "dynamic_report": "rebate_management.report_rebate_settlement_move",
            },
        ]
