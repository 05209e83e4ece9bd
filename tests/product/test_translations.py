"""Every text can be translated: the templates are up to date, and no translation is left half."""

import io
import re
from pathlib import Path

import polib

from odoo.tests import TransactionCase, tagged
from odoo.tools.translate import trans_export

ROOT = Path(__file__).resolve().parents[2]
PLACEHOLDER = re.compile(r"%\(\w+\)s|%s|%%|</?\w+")
ADDONS = ("rebate_management", "rebate_portal", "rebate_sale_margin")
# What a language writes as English does stays empty in its catalogue, as OCA's tools want it.
AS_IN_ENGLISH = {
    "de": {
        "%(agreement)s, %(period)s",
        "%(first)s – %(last)s",
        "%(program)s – %(partner)s",
        "%(rule)s: %(tier)s",
        "%(rule)s: %(tiers)s",
        "%(tier)s (%(times)s/%(count)s)",
        "<span>%</span>",
        "Basis",
        "Code",
        "Definition",
        "Details",
        "ID",
        "Icon",
        "Journal",
        "Manager",
        "Name",
        "Partner",
        "Problem",
        "Status",
        "id",
        "object._statement_name()",
        "object.rebate_settlement_id._statement_name()",
    },
    "es": {
        "%(agreement)s, %(period)s",
        "%(first)s – %(last)s",
        "%(program)s – %(partner)s",
        "%(rule)s: %(tier)s",
        "%(rule)s: %(tiers)s",
        "%(tier)s (%(times)s/%(count)s)",
        "<span>%</span>",
        "Error",
        "ID",
        "Incremental",
        "No",
        "Total",
        "id",
        "object._statement_name()",
        "object.rebate_settlement_id._statement_name()",
    },
    "fr": {
        "%(agreement)s, %(period)s",
        "%(first)s – %(last)s",
        "%(program)s – %(partner)s",
        "%(tier)s (%(times)s/%(count)s)",
        "<span>%</span>",
        "<strong>Date</strong><br/>",
        "Activation",
        "Cause",
        "Code",
        "Configuration",
        "Contact",
        "Date",
        "Description",
        "Document",
        "Documents",
        "documents",
        "E-mail",
        "Email",
        "ID",
        "Journal",
        "Messages",
        "Performance",
        "Taxes",
        "Total",
        "Type",
        "Volume",
        "id",
        "object._statement_name()",
        "object.rebate_settlement_id._statement_name()",
    },
}


def texts(entries):
    return {(entry.msgctxt, entry.msgid) for entry in entries}


@tagged("post_install", "-at_install")
class TestTranslations(TransactionCase):
    def test_templates_hold_just_the_texts_of_the_addons(self):
        for addon in ADDONS:
            with self.subTest(addon):
                buffer = io.BytesIO()
                trans_export(False, [addon], buffer, "po", self.env)
                exported = texts(polib.pofile(buffer.getvalue().decode()))
                template = texts(polib.pofile(str(ROOT / addon / "i18n" / f"{addon}.pot")))
                self.assertEqual(template - exported, set(), "gone: run tools/translations")
                self.assertEqual(exported - template, set(), "new: run tools/translations")

    def test_translations_are_complete(self):
        for path in sorted(ROOT.glob("rebate_*/i18n/*.po")):
            translation = polib.pofile(str(path))
            template = polib.pofile(str(path.with_name(f"{path.parts[-3]}.pot")))
            with self.subTest(path=f"{path.parts[-3]}/{path.name}"):
                self.assertEqual(texts(translation), texts(template))
                missing = {entry.msgid for entry in translation if not entry.msgstr or entry.fuzzy}
                self.assertEqual(missing - AS_IN_ENGLISH[path.stem], set())

    def test_translations_keep_their_placeholders(self):
        for path in sorted(ROOT.glob("rebate_*/i18n/*.po")):
            for entry in polib.pofile(str(path)).translated_entries():
                with self.subTest(path=f"{path.parts[-3]}/{path.name}", msgid=entry.msgid):
                    found = [
                        sorted(PLACEHOLDER.findall(text)) for text in (entry.msgid, entry.msgstr)
                    ]
                    self.assertEqual(found[0], found[1])

    def test_choices_taken_from_another_field_are_translated(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        addons = self.env["ir.module.module"].search([("name", "in", ADDONS)])
        addons._update_translations(["fr_FR"])
        for model, name in (
            ("rebate.settlement.batch", "kind"),
            ("rebate.program", "settlement_period"),
            ("rebate.amendment.line", "accrual_state"),
            ("rebate.template", "program_type"),
        ):
            with self.subTest(model=model, field=name):
                labels = [
                    self.env[model].with_context(lang=lang).fields_get([name])[name]["selection"]
                    for lang in ("en_US", "fr_FR")
                ]
                self.assertEqual(*([key for key, _label in choice] for choice in labels))
                self.assertNotEqual(*labels)
