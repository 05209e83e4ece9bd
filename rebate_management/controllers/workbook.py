"""Downloading workbooks, for whoever may read what they tell."""

from tempfile import TemporaryFile

from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import request

from .download import WORKBOOK, send


class RebateWorkbook(http.Controller):
    @http.route(
        "/rebate/settlement/<int:settlement_id>/workbook",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def rebate_settlement_workbook(self, settlement_id):
        """The workbook of a settlement."""
        return self._workbook("rebate.settlement", [settlement_id])

    def _workbook(self, model, ids):
        """Write and send a workbook of records that the user may read in any of their companies."""
        user = request.env.user
        records = (
            request.env[model]
            .with_context(allowed_company_ids=user.company_ids.ids, lang=user.lang)
            .browse(ids)
            .exists()
        )
        if not records:
            raise NotFound
        records.check_access("read")
        # It lasts until it is sent.
        file = TemporaryFile()  # noqa: SIM115
        records._write_workbook(file)
        return send(file, records._workbook_name(), WORKBOOK)
