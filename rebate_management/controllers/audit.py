"""Downloading the audit file of a program, for its accountants."""

from tempfile import TemporaryFile

from werkzeug.exceptions import Forbidden

from odoo import http
from odoo.exceptions import UserError

from .download import find, send


class RebateAudit(http.Controller):
    @http.route("/rebate/audit/<int:export_id>", type="http", auth="user", methods=["GET"])
    def rebate_audit_file(self, export_id):
        """The file that a wizard asks for; only who opened the wizard gets it."""
        export = find("rebate.audit.export", [export_id])
        # It lasts until it is sent.
        file = TemporaryFile()  # noqa: SIM115
        try:
            export._write_archive(file)
        except UserError as error:
            file.close()
            raise Forbidden(str(error)) from error
        return send(file, export._file_name(), "application/zip")
