"""The audit file of programs: complete, verifiable without Odoo, and for accountants only."""

import csv
import io
import json
from hashlib import sha256
from urllib.parse import unquote
from zipfile import ZipFile

from freezegun import freeze_time
from lxml import html

from odoo.exceptions import AccessError
from odoo.tests import Form, HttpCase, tagged
from odoo.tools import SQL

from ...models.settlement.fingerprint import fingerprint_of
from ...reports.archive import MANIFEST, Archive
from ...reports.audit import printing
from ..accrual.common import AccrualCommon
from ..common_kept import ROLE
from ..program.common_amendment import AmendmentCommon
from .spreadsheet import Spreadsheet


@tagged("post_install", "-at_install")
class TestAuditExport(HttpCase, AccrualCommon, AmendmentCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program = cls._accruing((0, 5), (1000, 10), name="Volume bonus", code="VB")
        cls.agreement = cls._enrol(cls.program)
        cls.invoice = cls._invoice(1500)
        cls.entries = cls._run()
        cls.settlement = cls._settle()

    def _export(self, **vals):
        return self.env["rebate.audit.export"].create(
            {
                "program_ids": self.program.ids,
                "date_from": "2025-01-01",
                "date_to": "2025-12-31",
                **vals,
            }
        )

    def _zip(self, export=None):
        file = io.BytesIO()
        (export or self._export())._write_archive(file)
        return ZipFile(file)

    @staticmethod
    def _table(archive, name):
        with archive.open(name) as file:
            return list(csv.DictReader(io.TextIOWrapper(file, "utf-8-sig")))

    # ------------------------------------------------------------------
    # Content
    # ------------------------------------------------------------------

    def test_the_manifest_has_the_sum_of_every_file(self):
        archive = self._zip()
        lines = archive.read(MANIFEST).decode().splitlines()
        sums = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
        self.assertEqual(set(sums), set(archive.namelist()) - {MANIFEST})
        self.assertEqual(len(archive.namelist()), len(set(archive.namelist())))
        for name, digest in sums.items():
            self.assertEqual(sha256(archive.read(name)).hexdigest(), digest, name)

    def test_the_file_has_every_part(self):
        names = self._zip().namelist()
        folder = self.settlement.name.replace("/", "_")
        for name in (
            *("index.html", "README.txt", "terms/VB/terms.html", "terms/VB/terms.json"),
            *("agreements.csv", "accruals.csv", "fingerprints.csv", "approvals.csv"),
            *("status_history.csv", "entries.csv", "documents.csv"),
            *("invoice_lines.csv", "invoices.csv"),
            *(f"settlements/{folder}/{name}" for name in ("workbook.xlsx", "settlement.json")),
        ):
            self.assertIn(name, names)
        # Tests print no PDF.
        self.assertIn(f"settlements/{folder}/statement.html", names)
        self.assertEqual(len([name for name in names if name.startswith("documents/")]), 1)

    def test_claims_are_in_it_with_their_documents_and_who_recorded_them(self):
        program = self._program((0, 10), name="Claimed", claim_required=True)
        agreement = self._enrol(program)
        agreement.action_refresh()
        accrual = self._accrual(agreement)
        letter = self.env["ir.attachment"].create({"name": "=letter/1.pdf", "raw": b"we claim"})
        accrual._record_claim("C-17", letter)
        agreement.with_context(tracking_disable=False, mail_notrack=False).action_end()
        # Changes are told when the transaction ends.
        self.env.cr.precommit.run()
        archive = self._zip(self._export(program_ids=program.ids))
        [claim] = [row for row in self._table(archive, "claims.csv") if row["Claimed On"]]
        self.assertEqual(claim["Claimed On"], self.today)
        self.assertEqual(claim["Claim Reference"], "C-17")
        self.assertEqual(claim["Claim Recorded By"], self.env.user.name)
        name = f"claims/{accrual.id}/01__letter_1.pdf"
        self.assertEqual(archive.read(name), b"we claim")
        self.assertIn(name, archive.read(MANIFEST).decode())
        history = self._table(archive, "agreement_history.csv")
        told = [row["What"] for row in history]
        self.assertTrue(any("Claimed" in what for what in told), told)
        self.assertIn("Status: Active → Ended", "\n".join(told))

    def test_terms_and_amendments_are_told_in_words_and_values(self):
        self._amend(self.program, self._rate(1000, 12), reason="A better year")
        archive = self._zip()
        terms = json.loads(archive.read("terms/VB/terms.json"))
        self.assertEqual(terms["rules"][0]["tiers"][1]["terms"]["rate"], 12)
        amendment = json.loads(archive.read("terms/VB/amendment_001.json"))
        self.assertEqual(amendment["reason"], "A better year")
        self.assertEqual(amendment["applied_by"]["login"], self.env.user.login)
        self.assertEqual(amendment["before"]["rules"][0]["tiers"][1]["terms"]["rate"], 10)
        page = archive.read("terms/VB/amendment_001.html").decode()
        for words in ("A better year", "10 % → 12 %", self.env.user.login):
            self.assertIn(words, page)
        [effect] = [
            row
            for row in self._table(archive, "terms/VB/amendment_001_effects.csv")
            if row["From"] == "2025-01-01"
        ]
        self.assertEqual(effect["Distributor"], "Distributor")

    def test_settlements_can_be_followed_from_cent_to_invoice(self):
        archive = self._zip()
        folder = f"settlements/{self.settlement.name.replace('/', '_')}"
        book = Spreadsheet(io.BytesIO(archive.read(f"{folder}/workbook.xlsx")))
        total = book.value("Summary", f"I{book.find('Summary', 'Total')}")
        self.assertAlmostEqual(total, 150)
        frozen = json.loads(archive.read(f"{folder}/settlement.json"))
        self.assertEqual(fingerprint_of(frozen["fingerprint_content"]), self.settlement.fingerprint)
        page = archive.read(f"{folder}/statement.html").decode()
        self.assertIn('href="../../style.css"', page)
        self.assertNotIn("<script", page)
        self.assertIn("style.css", archive.namelist())

    def test_entries_and_documents_add_up(self):
        archive = self._zip()
        rows = self._table(archive, "entries.csv")
        expected = (self.entries | self.settlement.move_ids).line_ids
        self.assertEqual({int(row["Item No."]) for row in rows}, set(expected.ids))
        for side, field in (("Debit", "debit"), ("Credit", "credit")):
            self.assertAlmostEqual(
                sum(float(row[side]) for row in rows), sum(expected.mapped(field))
            )
        self.assertAlmostEqual(sum(float(row["Amount in Currency"]) for row in rows), 0)
        owed = [row for row in rows if row["Account"] == self.liability.code]
        self.assertEqual(sum(float(row["Credit"]) for row in owed), 150)
        self.assertEqual(sum(float(row["Debit"]) for row in owed), 150)
        [document] = self._table(archive, "documents.csv")
        self.assertEqual(document["Rebate Settlement"], self.settlement.name)

    def test_approvals_say_who_and_when(self):
        rows = self._table(self._zip(), "approvals.csv")
        self.assertEqual([row["Decision"] for row in rows], ["Submitted", "Approved"])
        self.assertTrue(all(row["User"] and row["When"] for row in rows))

    def test_every_change_of_status_is_told(self):
        # Odoo does not track what a transaction does with its own new records.
        self.env.cr.flush()
        self.settlement.with_context(tracking_disable=False, mail_notrack=False).action_cancel()
        self.env.cr.flush()
        rows = self._table(self._zip(), "status_history.csv")
        self.assertEqual(
            [(row["Status Before"], row["Status"], row["Who"]) for row in rows],
            [("Posted", "Cancelled", self.env.user.name)],
        )

    def test_entries_of_the_period_are_told_though_they_are_dated_later(self):
        self._invoice(500, day="2025-12-20")
        later = self._run("2026-02-28")
        rows = self._table(self._zip(), "entries.csv")
        self.assertIn(later.name, [row["Entry"] for row in rows])

    def test_findings_of_the_check_are_told(self):
        rows = self._table(self._zip(), "fingerprints.csv")
        self.assertEqual(rows[0]["Fingerprint"], self.settlement.fingerprint)
        self.assertIn("all are as they were posted", rows[-1]["Finding"])
        self.env.flush_all()
        self.env.cr.execute(
            SQL("UPDATE rebate_settlement SET amount_total = 1 WHERE id = %s", self.settlement.id)
        )
        self.env.invalidate_all()
        findings = [row["Finding"] for row in self._table(self._zip(), "fingerprints.csv")]
        self.assertTrue(any("Amount" in finding for finding in findings))

    def test_other_periods_and_programs_stay_out(self):
        self._enrol(self._program((0, 1), name="Other"))
        self._invoice(100, day="2026-01-05")
        self._settle()
        later = self._settle(date_to="2026-03-31", kind="interim")
        archive = self._zip(self._export(date_from="2024-01-01", date_to="2024-12-31"))
        self.assertFalse(
            [
                n
                for n in archive.namelist()
                if n.startswith(("settlements/", "doc")) and n != "documents.csv"
            ]
        )
        self.assertFalse(self._table(archive, "entries.csv"))
        archive = self._zip()
        self.assertNotIn(
            f"settlements/{later.name.replace('/', '_')}/workbook.xlsx", archive.namelist()
        )

    def test_text_like_a_formula_is_text_in_tables(self):
        file = io.BytesIO()
        with Archive(file) as archive:
            archive.table("x.csv", ["a", "b"], [["=1+1", -5], ["@SUM(A1)", "-5.00"], ["a-b", 1.5]])
        rows = ZipFile(file).read("x.csv").decode("utf-8-sig").splitlines()
        self.assertEqual(rows, ["a,b", "'=1+1,-5", "'@SUM(A1),-5.00", "a-b,1.5"])

    def test_many_settlements_have_pages_instead_of_prints(self):
        self.patch(printing, "PRINTED", 0)
        names = self._zip().namelist()
        folder = self.settlement.name.replace("/", "_")
        self.assertIn(f"settlements/{folder}/statement.html", names)

    # ------------------------------------------------------------------
    # Several programs, and all
    # ------------------------------------------------------------------

    def test_all_programs_of_the_companies_are_in_one_file(self):
        other = self._program((0, 1), name="Other", code="OTH")
        self._enrol(other)
        self._program((0, 1), name="Draft", activate=False)
        self._settle()
        archive = self._zip(self._export(program_ids=False))
        names = archive.namelist()
        self.assertIn("terms/VB/terms.html", names)
        self.assertIn("terms/OTH/terms.html", names)
        self.assertFalse([name for name in names if "Draft" in name])
        programs = {row["Program"] for row in self._table(archive, "accruals.csv")}
        self.assertLessEqual({self.program.display_name, other.display_name}, programs)
        settled = self._table(archive, "invoice_lines.csv")
        self.assertEqual(
            {row["Program"] for row in settled}, {self.program.display_name, other.display_name}
        )
        self.assertIn("OTH", "".join(names))
        # One alone leaves the other out.
        one = self._table(self._zip(), "accruals.csv")
        self.assertEqual({row["Program"] for row in one}, {self.program.display_name})

    def test_every_file_is_linked_from_the_index_and_it_needs_nothing_else(self):
        self._enrol(self._program((0, 1), name="Other & more"))
        self.invoice.message_main_attachment_id = self.env["ir.attachment"].create(
            {
                "name": "invoice.pdf",
                "raw": b"%PDF-1.4 as it was filed",
                "mimetype": "application/pdf",
                "res_model": "account.move",
                "res_id": self.invoice.id,
            }
        )
        archive = self._zip(self._export(program_ids=False))
        content = archive.read("index.html").decode()
        self.assertTrue(content.startswith("<!DOCTYPE html>"))
        page = html.fromstring(content)
        self.assertFalse(page.xpath("//script | //link | //img | //*[@src]"))
        links = [unquote(href) for href in page.xpath("//a/@href")]
        self.assertEqual(
            {href for href in links if not href.startswith("#")},
            set(archive.namelist()) - {"index.html"},
        )
        for href in links:
            if href.startswith("#"):
                self.assertTrue(page.xpath(f"//*[@id='{href[1:]}']"))
        for words in (self.settlement.name, "150.00 USD", "Other &amp; more", "Total in USD"):
            self.assertIn(words, content)
        # Pages of terms are linked in their own words.
        self.assertTrue(page.xpath("//a[@href='terms/VB/terms.html'][text()='Terms']"))

    # ------------------------------------------------------------------
    # The invoices that counted
    # ------------------------------------------------------------------

    def test_the_counted_invoice_lines_are_listed_with_the_invoices_as_filed(self):
        file = self.env["ir.attachment"].create(
            {
                "name": "invoice.pdf",
                "raw": b"%PDF-1.4 as it was filed",
                "mimetype": "application/pdf",
                "res_model": "account.move",
                "res_id": self.invoice.id,
            }
        )
        self.invoice.message_main_attachment_id = file
        archive = self._zip()
        [line] = self._table(archive, "invoice_lines.csv")
        self.assertEqual(line["Invoice"], self.invoice.name)
        self.assertEqual(line["Settlement"], self.settlement.name)
        self.assertEqual(line["Program"], self.program.display_name)
        self.assertEqual(float(line["Counted"]), 1500)
        self.assertEqual(float(line["Rebate Amount"]), 150)
        self.assertEqual(int(line["Invoice Line No."]), self.invoice.invoice_line_ids.id)
        [invoice] = self._table(archive, "invoices.csv")
        self.assertEqual(invoice["Invoice"], self.invoice.name)
        self.assertEqual(archive.read(invoice["File"]), file.raw)
        without = self._zip(self._export(has_invoices=False))
        self.assertFalse([name for name in without.namelist() if name.startswith("invoices/")])
        self.assertFalse(self._table(without, "invoices.csv")[0]["File"])

    def test_what_counts_and_is_not_settled_is_listed_without_a_settlement(self):
        late = self._invoice(400, day="2026-01-10")
        archive = self._zip(self._export(date_from="2026-01-01", date_to="2026-12-31"))
        [line] = [row for row in self._table(archive, "invoice_lines.csv") if not row["Settlement"]]
        self.assertEqual(line["Invoice"], late.name)
        self.assertEqual(float(line["Counted"]), 400)
        self.assertEqual(float(line["Earned"]), 20)

    # ------------------------------------------------------------------
    # Only the terms that apply
    # ------------------------------------------------------------------

    def test_an_amendment_of_later_days_is_not_in_the_file_of_the_period(self):
        self._enrol(self.program, self._company("Second")).action_refresh()
        with freeze_time("2028-03-01"):
            self._amend(self.program, self._rate(1000, 12), reason="For the years to come")
        archive = self._zip(self._export(date_from="2024-01-01", date_to="2024-12-31"))
        self.assertFalse([name for name in archive.namelist() if "amendment" in name])
        terms = json.loads(archive.read("terms/VB/terms.json"))
        self.assertEqual(terms["rules"][0]["tiers"][1]["terms"]["rate"], 10)
        self.assertIn("10 %", archive.read("terms/VB/terms.html").decode())

    # ------------------------------------------------------------------
    # Who, and how
    # ------------------------------------------------------------------

    def test_the_wizard_suggests_the_last_fiscal_year_of_its_program(self):
        wizard = self.env["rebate.audit.export"].with_context(
            active_model="rebate.program", active_ids=self.program.ids
        )
        with Form(wizard) as form:
            self.assertEqual(form.program_ids[:], self.program)
            self.assertEqual(str(form.date_from), "2025-01-01")
            self.assertEqual(str(form.date_to), "2025-12-31")
            form.date_from = "2024-01-01"
            self.assertEqual(str(form.date_to), "2024-12-31")
        with self.assertRefused("The period ends on 01/01/2023"):
            self._export(date_to="2023-01-01").action_download()

    def test_accountants_download_it_and_nobody_else(self):
        export = self._export().with_user(self.accountant).copy()
        url = export.action_download()["url"]
        self.assertEqual(self.url_open(url, allow_redirects=False).status_code, 303)
        self.authenticate(self.accountant.login, self.accountant.login)
        answer = self.url_open(url)
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(answer.headers["Content-Type"], "application/zip")
        self.assertIn("audit_VB_2025-01-01_2025-12-31.zip", answer.headers["Content-Disposition"])
        self.assertIsNone(ZipFile(io.BytesIO(answer.content)).testzip())
        # Another accountant's wizard is none of theirs.
        for user in (self._user("other", ROLE + "accountant"), self.manager):
            self.authenticate(user.login, user.login)
            self.assertEqual(self.url_open(url).status_code, 403)
        self.assertEqual(self.url_open("/rebate/audit/999999999").status_code, 404)
        with self.assertRaises(AccessError):
            self.env["rebate.audit.export"].with_user(self.manager).create(
                {"program_ids": self.program.ids}
            )

    def test_another_company_gets_nothing(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        accountant = self._user("elsewhere", ROLE + "accountant", companies=company)
        vals = {"program_ids": self.program.ids, "company_ids": company.ids}
        exports = self.env["rebate.audit.export"].with_user(accountant)
        with self.assertRaises(AccessError):
            exports.create(vals)
        # Nor of what was chosen for them behind the back of the access rules.
        export = exports.sudo().create(vals).sudo(False)
        with self.assertRaises(AccessError):
            export.action_download()
        self.authenticate("elsewhere", "elsewhere")
        self.assertEqual(self.url_open(f"/rebate/audit/{export.id}").status_code, 403)
