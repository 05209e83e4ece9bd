"""Settlements, their fingerprints and approvals, in the audit file."""

from tempfile import TemporaryFile

from lxml import html

from odoo import models
from odoo.tools import SQL

from ..tools.rows import iterate

STATEMENT = "rebate_management.report_rebate_settlement"
STYLES = "web.report_assets_common"
STYLE = "style.css"
# Documents that are printed as PDF; each takes a second or two, so that of more there are pages.
PRINTED = 40


class RebateAuditExport(models.TransientModel):
    _inherit = "rebate.audit.export"

    def _write_settlements(self, archive):
        """By settlement: its statement, its workbook, and what was frozen of it as JSON."""
        settlements = self._settlements()
        is_printed = self._is_printed(settlements)
        for settlement in settlements:
            folder = archive.folder(f"settlements/{self._folder(settlement)}")
            self._write_report(archive, f"{folder}/statement", STATEMENT, settlement, is_printed)
            with TemporaryFile() as file:
                settlement._write_rebate_workbook(file)
                file.seek(0)
                archive.add_file(f"{folder}/workbook.xlsx", file)
            archive.json(
                f"{folder}/settlement.json",
                {
                    "name": settlement.name,
                    "partner": settlement.partner_id.display_name,
                    "date": settlement.date,
                    "amount": settlement.amount_total,
                    "currency": settlement.currency_id.name,
                    "state": settlement.state,
                    "fingerprint": settlement.fingerprint or None,
                    "fingerprint_content": settlement.fingerprint_content or None,
                    "terms_snapshot": settlement.terms_snapshot or None,
                },
            )
            # Its terms and the printed pages are large.
            settlement.invalidate_recordset(["terms_snapshot", "fingerprint_content"], flush=False)

    def _write_fingerprints(self, archive):
        """The chain, and whether all settlements of the company are as they were posted."""
        archive.table(
            "fingerprints.csv",
            [
                self.env._("Settlement"),
                self.env._("Number in the Chain"),
                self.env._("Fingerprint"),
                self.env._("Finding"),
            ],
            self._fingerprint_rows(),
        )

    def _fingerprint_rows(self):
        company = self.program_id.company_id
        count, findings = self.env["rebate.settlement"]._check_fingerprints(company)
        for settlement in self._settlements():
            if settlement.fingerprint:
                yield [
                    settlement.name,
                    settlement.fingerprint_number,
                    settlement.fingerprint,
                    None,
                ]
        for finding in findings:
            yield [finding.name, None, None, finding.text]
        summary = (
            self.env._("%(count)s settlements of %(company)s were checked: see the findings.")
            if findings
            else self.env._(
                "%(count)s settlements of %(company)s were checked: all are as they were posted."
            )
        )
        yield [None, None, None, summary % {"count": count, "company": company.name}]

    def _write_approvals(self, archive):
        """Who submitted, approved or rejected, and every change of status."""
        settlements = self._settlements()
        approvals = self.env["rebate.approval"].search(
            [("settlement_id", "in", settlements.ids)], order="settlement_id, id"
        )
        names = (
            *("settlement_id", "decision", "level_name", "user_id", "decided_at", "amount"),
            "comment",
        )
        self._write_records(archive, "approvals.csv", approvals, names)
        archive.table(
            "status_history.csv",
            [
                self.env._("Settlement"),
                self.env._("When (UTC)"),
                self.env._("Who"),
                self.env._("Status Before"),
                self.env._("Status"),
            ],
            iterate(self.env, self._status_history(settlements)),
        )

    def _status_history(self, settlements) -> SQL:
        """Compose the changes of status, as tracked in the chatter."""
        return SQL(
            """
            SELECT settlement.name, to_char(message.date, 'YYYY-MM-DD HH24:MI:SS'), author.name,
                   tracked.old_value_char, tracked.new_value_char
              FROM mail_tracking_value tracked
              JOIN mail_message message ON message.id = tracked.mail_message_id
              JOIN ir_model_fields field ON field.id = tracked.field_id
              JOIN rebate_settlement settlement ON settlement.id = message.res_id
         LEFT JOIN res_partner author ON author.id = message.author_id
             WHERE message.model = 'rebate.settlement'
               AND field.model = 'rebate.settlement'
               AND field.name = 'state'
               AND message.res_id = ANY(%s)
          ORDER BY settlement.id, message.date, tracked.id
            """,
            settlements.ids,
        )

    # ------------------------------------------------------------------
    # Reports
    # ------------------------------------------------------------------

    def _is_printed(self, records):
        """Tell whether documents of records are PDFs; otherwise they are pages."""
        state = self.env["ir.actions.report"].get_wkhtmltopdf_state()
        return state != "install" and len(records) <= PRINTED

    def _write_report(self, archive, name, report, record, is_printed):
        """Write a report of one record as PDF or as a page.

        :param name: of the file, without its ending
        """
        reports = self.env["ir.actions.report"]
        if is_printed:
            content, kind = reports._render_qweb_pdf(report, record.ids)
        else:
            content, kind = reports._render_qweb_html(report, record.ids)
        if kind == "html":
            if STYLE not in archive:
                archive.add(STYLE, self._styles())
            content = self._own_styles(content, depth=name.count("/"))
        archive.add(f"{name}.{kind}", content)

    def _styles(self):
        """The styles of printed pages, for all pages of the file."""
        bundle = self.env["ir.qweb"]._get_asset_bundle(STYLES, js=False)
        return b"\n".join(part.raw for part in bundle.css())

    def _own_styles(self, content, depth):
        """Have a page take its styles from the file it is in, and nothing from elsewhere."""
        page = html.fromstring(content)
        for node in page.xpath("//script | //link"):
            node.drop_tree()
        link = html.Element("link", rel="stylesheet", href="../" * depth + STYLE)
        page.xpath("//head")[0].append(link)
        return html.tostring(page, doctype="<!DOCTYPE html>", encoding="utf-8")
