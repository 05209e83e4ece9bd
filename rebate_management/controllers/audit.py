"""Downloading the audit file of a program, for its accountants."""

from tempfile import TemporaryFile

from werkzeug.exceptions import Forbidden, NotFound

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from .download import send


class RebateAudit(http.Controller):
    @http.route("/rebate/audit/<int:export_id>", type="http", auth="user", methods=["GET"])
    def rebate_audit_file(self, export_id):
        """The file that a wizard asks for; only who opened the wizard gets it."""
        user = request.env.user
        export = (
            request.env["rebate.audit.export"]
            .with_context(allowed_company_ids=user.company_ids.ids, lang=user.lang)
            .browse(export_id)
            .exists()
        )
        if not export:
            raise NotFound
        export.check_access("read")
        # It lasts until it is sent.
        file = TemporaryFile()  # noqa: SIM115
        try:
            export._write(file)
        except UserError as error:
            file.close()
            raise Forbidden(str(error)) from error
        return send(file, export._file_name(), "application/zip")
