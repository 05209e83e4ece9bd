"""Printing statements: one by one, for not every renderer takes several, and of a posted settlement
only once."""

from io import BytesIO

from odoo import models

from odoo.addons.base.models.ir_actions_report import _wkhtml

from .page_numbers import number_pages

STATEMENTS = (
    "rebate_management.report_rebate_settlement",
    "rebate_management.report_rebate_settlement_move",
)


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _render_qweb_pdf_prepare_streams(self, report_ref, data, res_ids=None):
        report = self._get_report(report_ref)
        if report.report_name not in STATEMENTS or not res_ids:
            return super()._render_qweb_pdf_prepare_streams(report_ref, data, res_ids=res_ids)
        records = self.env[report.model].browse(dict.fromkeys(res_ids))
        records.check_access("read")
        streams = {}
        for record in records:
            # Who may read a credit note may read the statement of what it pays.
            settlement = record.sudo()
            if record._name == "account.move":
                settlement = settlement.rebate_settlement_id
            content = settlement._kept_statement()
            if content is None:
                printed = super()._render_qweb_pdf_prepare_streams(
                    report_ref, dict(data or {}), res_ids=record.ids
                )
                content = printed[record.id]["stream"].getvalue()
                if not self._rebate_draws_headers():
                    content = number_pages(content, settlement.name or "")
                content = settlement._keep_statement(content) if settlement else content
            streams[record.id] = {"stream": BytesIO(content), "attachment": None}
        return streams

    def _rebate_draws_headers(self):
        """Tell whether the renderer draws headers, footers and page numbers."""
        return _wkhtml().is_patched_qt
