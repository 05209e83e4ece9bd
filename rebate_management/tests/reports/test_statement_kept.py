"""The statement of a posted settlement is made once and kept: whoever prints it later gets that
file, and nobody can change it."""

import base64
import io
from hashlib import sha256
from unittest.mock import patch
from zipfile import ZipFile

from reportlab.pdfgen.canvas import Canvas

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools.pdf import PdfFileReader

from odoo.addons.base.models.ir_actions_report import IrActionsReport

from ..common import RebateCommon

REPORT = "rebate_management.report_rebate_settlement"
MOVE_REPORT = "rebate_management.report_rebate_settlement_move"


@tagged("post_install", "-at_install")
class TestStatementKept(RebateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program = cls._program((0, 10), name="Volume bonus")
        cls._enrol(cls.program)
        cls._invoice(1500)

    def setUp(self):
        super().setUp()
        self.printed = 0

        def run(*_args, **_kwargs):
            self.printed += 1
            file = io.BytesIO()
            canvas = Canvas(file)
            for page in (1, 2):
                canvas.drawString(100, 700, f"print {self.printed} page {page}")
                canvas.showPage()
            canvas.save()
            return file.getvalue()

        self.startPatcher(patch.object(IrActionsReport, "_run_wkhtmltopdf", run))
        self.startPatcher(
            patch.object(IrActionsReport, "get_wkhtmltopdf_state", lambda _self: "ok")
        )

    def _pdf(self, records, report=REPORT, user=None):
        reports = self.env["ir.actions.report"].with_user(user or self.env.user)
        content, kind = reports.with_context(force_report_rendering=True)._render_qweb_pdf(
            report, records.ids
        )
        self.assertEqual(kind, "pdf")
        return content

    def _file(self, settlement):
        return (
            self.env["ir.attachment"]
            .sudo()
            .search([("res_field", "=", "statement_file"), ("res_id", "=", settlement.id)])
        )

    def test_what_was_printed_first_is_printed_again(self):
        settlement = self._settle()
        first = self._pdf(settlement, user=self.reader)
        self.assertEqual(settlement.statement_hash, sha256(first).hexdigest())
        self.program.name = "Renamed"
        self.distributor.name = "Moved"
        self.assertEqual(self._pdf(settlement), first)
        self.assertEqual(self._pdf(settlement.move_ids, MOVE_REPORT), first)
        self.assertEqual(self.printed, 1)
        self.assertEqual(base64.b64decode(settlement.statement_file), first)

    def test_a_proposal_and_what_was_taken_back_are_printed_as_they_are(self):
        settlement = self._settle(post=False)
        self._pdf(settlement)
        self._pdf(settlement)
        self.assertFalse(settlement.statement_hash)
        settlement.action_submit()
        settlement.with_user(self.approver).action_approve()
        settlement.action_post()
        kept = self._pdf(settlement)
        settlement.action_cancel()
        self.assertNotEqual(self._pdf(settlement), kept)
        # What was sent stays on record.
        self.assertEqual(self._file(settlement).raw, kept)
        self.assertEqual(settlement.statement_hash, sha256(kept).hexdigest())

    def test_several_are_printed_together_whatever_the_renderer_can(self):
        settlement = self._settle()
        self._enrol(self.program, partner := self._company("Second"))
        self._invoice(700, partner=partner)
        other = self._settle(partner_ids=partner.ids)
        content = self._pdf(settlement + other)
        self.assertEqual(PdfFileReader(io.BytesIO(content)).numPages, 4)
        self.assertTrue(settlement.statement_hash and other.statement_hash)

    def test_pages_are_numbered_where_the_renderer_draws_no_footers(self):
        reports = type(self.env["ir.actions.report"])
        for draws, expected in ((False, "1 / 2"), (True, None)):
            settlement = self._settle(post=False)
            with patch.object(reports, "_rebate_draws_headers", lambda _self, it=draws: it):
                content = self._pdf(settlement)
            text = PdfFileReader(io.BytesIO(content)).getPage(0).extract_text()
            self.assertEqual(bool(expected) and expected in text, bool(expected), text)
            settlement.unlink()

    def test_nobody_changes_or_deletes_what_is_kept(self):
        settlement = self._settle()
        self._pdf(settlement)
        file = self._file(settlement)
        for attempt in (
            lambda: file.write({"raw": b"other"}),
            lambda: file.write({"datas": base64.b64encode(b"other")}),
            lambda: file.write({"res_id": settlement.id + 1}),
            lambda: file.write({"res_field": False}),
            file.unlink,
            lambda: file.create(
                {
                    "name": "x",
                    "raw": b"x",
                    "res_model": "rebate.settlement",
                    "res_id": settlement.id,
                    "res_field": "statement_file",
                }
            ),
            lambda: settlement.sudo().write({"statement_file": base64.b64encode(b"other")}),
            lambda: settlement.sudo().write({"statement_hash": "0"}),
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                attempt()
        # The file store may be moved.
        file.write({"raw": file.raw})
        self.assertEqual(self._pdf(settlement), file.raw)

    def test_a_changed_file_is_noticed_and_not_handed_out(self):
        settlement = self._settle()
        self._pdf(settlement)
        check = self.env["rebate.settlement"]
        self.assertFalse(check._check_fingerprints(self.env.company)[1])
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE ir_attachment SET db_datas = 'other', store_fname = NULL WHERE id = %s",
            [self._file(settlement).id],
        )
        self.env.invalidate_all()
        with self.assertRefused(settlement.name, "backup"):
            self._pdf(settlement)
        [finding] = check._check_fingerprints(self.env.company)[1]
        self.assertIn("statement", finding.text)

    def test_a_second_audit_file_prints_nothing(self):
        settlement = self._settle()
        export = (
            self.env["rebate.audit.export"]
            .create(
                {
                    "program_ids": self.program.ids,
                    "date_from": "2025-01-01",
                    "date_to": "2025-12-31",
                }
            )
            .with_context(force_report_rendering=True)
        )
        files = []
        for _time in range(2):
            file = io.BytesIO()
            export._write_archive(file)
            names = ZipFile(file).namelist()
            [name] = [name for name in names if name.endswith("statement.pdf")]
            files.append((ZipFile(file).read(name), self.printed))
        self.assertEqual(files[0][0], files[1][0])
        self.assertEqual([printed for _content, printed in files], [1, 1])
        self.assertEqual(self._file(settlement).raw, files[0][0])

    def test_the_nightly_job_prints_what_was_posted(self):
        settlement = self._settle()
        jobs = self.env["rebate.settlement"].with_context(force_report_rendering=True)
        # A test cannot commit.
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *_, **__: 1)
        jobs._cron_keep_statements()
        self.assertTrue(settlement.statement_hash)
        printed = self.printed
        jobs._cron_keep_statements()
        self.assertEqual(self.printed, printed)
