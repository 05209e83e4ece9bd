"""Names of files in the audit file: such as every system can hold, and each only once."""

import io
from zipfile import ZipFile

from odoo.tests import BaseCase, tagged

from ...reports.archive import MANIFEST, Archive, safe
from ..accrual.common import AccrualCommon


def _named(*paths):
    """The names under which an archive keeps files."""
    file = io.BytesIO()
    with Archive(file) as archive:
        for path in paths:
            archive.add(path, path)
    return ZipFile(file).namelist()[:-1]


@tagged("post_install", "-at_install")
class TestArchiveNames(BaseCase):
    def test_a_long_name_is_cut_before_its_ending_and_between_characters(self):
        for character in ("a", "ß", "漢", "𝕏"):
            name = safe(character * 300 + ".pdf")
            self.assertLessEqual(len(name.encode()), 255)
            self.assertGreater(len(name.encode()), 250)
            self.assertTrue(name.endswith(f"{character}.pdf"))
        self.assertLessEqual(len(safe("x." + "y" * 400).encode()), 255)

    def test_names_of_devices_points_blanks_and_control_characters_are_made_harmless(self):
        self.assertEqual(safe("CON"), "_CON")
        self.assertEqual(safe("lpt1.tar.gz"), "_lpt1.tar.gz")
        self.assertEqual(safe("console.txt"), "console.txt")
        self.assertEqual(safe("aux .txt"), "_aux .txt")
        self.assertEqual(safe("name. . ."), "name")
        self.assertEqual(safe("\x00a\nb\x7fc\u202egpj"), "_a_b_c_gpj")
        self.assertEqual(safe("../../etc/passwd"), "_.._etc_passwd")
        self.assertEqual(safe("e\u0301t\u00e9.pdf"), "\u00e9t\u00e9.pdf")
        self.assertEqual(safe(""), "_")

    def test_a_whole_path_stays_within_what_windows_opens(self):
        (path,) = _named("claims/" + "f" * 300 + "/" + "n" * 300 + ".pdf")
        self.assertLessEqual(len(path.encode()), 240)
        self.assertTrue(path.endswith("n.pdf"))

    def test_files_of_one_name_are_numbered_also_after_they_were_cut(self):
        self.assertEqual(
            _named("a/b.pdf", "a/b.pdf", "a/B.pdf", "a/b", "a/b_2.pdf"),
            ["a/b.pdf", "a/b_2.pdf", "a/B_3.pdf", "a/b", "a/b_2_2.pdf"],
        )
        names = _named(*(f"{'ä' * 300}{place}.pdf" for place in range(12)))
        self.assertEqual(len({name.casefold() for name in names}), 12)
        self.assertTrue(all(len(name.encode()) <= 255 for name in names))
        self.assertEqual(_named(MANIFEST), ["MANIFEST_2.sha256"])

    def test_two_folders_of_one_name_stay_apart(self):
        with Archive(io.BytesIO()) as archive:
            first, second = (archive.folder("settlements/S_1") for _place in range(2))
            third, fourth = (archive.folder("x/" + "ä" * 300) for _place in range(2))
        self.assertEqual((first, second), ("settlements/S_1", "settlements/S_1_2"))
        self.assertNotEqual(third, fourth)
        self.assertLessEqual(len(fourth.split("/")[1].encode()), 100)


@tagged("post_install", "-at_install")
class TestArchiveOfAClaim(AccrualCommon):
    def test_a_claims_document_of_any_name_is_in_the_file(self):
        program = self._accruing((0, 5), claim_required=True)
        agreement = self._enrol(program)
        self._invoice(1000)
        agreement.action_refresh()
        accrual = self._accrual(agreement)
        accrual._record_claim(
            "Letter",
            self.env["ir.attachment"].create(
                [
                    {"name": name, "raw": b"x"}
                    for name in ("ä" * 250 + ".pdf", "ä" * 250 + ".pdf", "nul.pdf", "a\nb")
                ]
            ),
        )
        export = self.env["rebate.audit.export"].create(
            {"program_ids": program.ids, "date_from": "2025-01-01", "date_to": "2025-12-31"}
        )
        file = io.BytesIO()
        export._write_archive(file)
        names = [name for name in ZipFile(file).namelist() if name.startswith("claims/")]
        self.assertEqual(len(names), 4)
        for name in names:
            self.assertLessEqual(max(len(part.encode()) for part in name.split("/")), 255)
