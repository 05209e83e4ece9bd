"""Enrolling many: chosen by what they have in common or by a spreadsheet, with a preview."""

import base64
import csv
import io

from openpyxl import Workbook, load_workbook

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..common import RebateCommon
from ..common_company import CompanyCommon


class EnrollCommon(RebateCommon):
    @classmethod
    def _wizard(cls, program, user=None, **vals):
        env = cls.env if user is None else cls.env(user=user)
        return env["rebate.enroll"].create({"program_id": program.id, **vals})

    @classmethod
    def _sheet(cls, *rows):
        book = Workbook()
        for row in rows:
            book.active.append(row)
        file = io.BytesIO()
        book.save(file)
        return {"choice": "file", "file": base64.b64encode(file.getvalue()), "file_name": "a.xlsx"}

    @classmethod
    def _csv(cls, *rows, delimiter=";", encoding="utf-8"):
        file = io.StringIO()
        csv.writer(file, delimiter=delimiter).writerows(rows)
        content = file.getvalue().encode(encoding)
        return {"choice": "file", "file": base64.b64encode(content), "file_name": "a.csv"}


@tagged("post_install", "-at_install")
class TestEnroll(EnrollCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tag = cls.env["res.partner.category"].create({"name": "Dealers"})
        cls.one, cls.two, cls.three = (
            cls._company(name, category_id=cls.tag.ids, ref=f"D{place}")
            for place, name in enumerate(("One", "Two", "Three"), 1)
        )
        cls.program = cls._program((1000, 5), (5000, 10), date_start="2026-01-01")
        cls._invoice(6000, "2025-05-05", cls.one)
        cls._invoice(2000, "2025-05-05", cls.two)
        # not in the year that is compared
        cls._invoice(9000, "2026-02-01", cls.three)

    def test_those_of_a_tag_are_shown_with_what_last_year_would_have_earned(self):
        wizard = self._wizard(self.program, category_ids=self.tag.ids)
        wizard.action_preview()
        self.assertRecordValues(
            wizard.line_ids.sorted("rebate_amount", reverse=True),
            [
                {"partner_id": self.one.id, "purchases_amount": 6000, "rebate_amount": 600},
                {"partner_id": self.two.id, "purchases_amount": 2000, "rebate_amount": 100},
                {"partner_id": self.three.id, "purchases_amount": 0, "rebate_amount": 0},
            ],
        )
        self.assertIn("10 %", wizard.line_ids.filtered("rebate_amount")[:1].tier)
        self.assertFalse(self.program.agreement_ids)
        self.assertFalse(
            self.env["rebate.program"]
            .with_context(active_test=False)
            .search_count([("name", "=", "Bonus"), ("id", "!=", self.program.id)])
        )
        action = wizard.action_enroll()
        agreements = self.env["rebate.agreement"].search(action["domain"])
        self.assertEqual(agreements.partner_id, self.one | self.two | self.three)
        self.assertEqual(set(agreements.mapped("state")), {"active"})
        earned = {agreement.partner_id: agreement.earned_amount for agreement in agreements}
        self.assertEqual(earned[self.three], 900)
        self.assertIn("3", self._plain(agreements[0].message_ids[0].body))

    def test_who_is_left_out_is_not_enrolled_and_drafts_stay_drafts(self):
        wizard = self._wizard(self.program, category_ids=self.tag.ids, is_activated=False)
        wizard.action_preview()
        wizard.line_ids.filtered(lambda line: line.partner_id == self.two).is_chosen = False
        wizard.action_enroll()
        self.assertEqual(self.program.agreement_ids.partner_id, self.one | self.three)
        self.assertEqual(set(self.program.agreement_ids.mapped("state")), {"draft"})

    def test_who_is_enrolled_already_is_shown_and_left_out(self):
        self._enrol(self.program, self.one)
        wizard = self._wizard(self.program, category_ids=self.tag.ids)
        wizard.action_preview()
        line = wizard.line_ids.filtered(lambda line: line.partner_id == self.one)
        self.assertRecordValues(line, [{"state": "enrolled", "is_chosen": False}])
        self.assertIn("01/01/2026", line.note)
        self.assertEqual((wizard.new_count, wizard.enrolled_count), (2, 1))
        wizard.action_enroll()
        self.assertEqual(len(self.program.agreement_ids), 3)

    def test_criteria_of_several_kinds_must_all_be_met(self):
        self.one.write({"country_id": self.env.ref("base.de").id, "user_id": self.seller.id})
        self.two.country_id = self.env.ref("base.de")
        self.env["res.partner"].create(
            {"name": "Contact", "parent_id": self.one.id, "category_id": self.tag.ids}
        )

        def found(**vals):
            wizard = self._wizard(self.program, category_ids=self.tag.ids, **vals)
            return wizard._find_partners()

        self.assertEqual(found(), self.one | self.two | self.three)
        country = self.env.ref("base.de").ids
        self.assertEqual(found(country_ids=country), self.one | self.two)
        self.assertEqual(found(country_ids=country, user_ids=self.seller.ids), self.one)

    def test_those_of_a_pricelist(self):
        pricelist = self.env["product.pricelist"].create({"name": "Dealers"})
        self.two.property_product_pricelist = pricelist
        wizard = self._wizard(self.program, category_ids=self.tag.ids, pricelist_ids=pricelist.ids)
        self.assertEqual(wizard._find_partners(), self.two)

    def test_vendors_contacts_and_our_own_company_are_not_found(self):
        vendor = self._company("Vendor", category_id=self.tag.ids, supplier_rank=1)
        own = self.env.company.partner_id
        own.category_id = self.tag
        found = self._wizard(self.program, category_ids=self.tag.ids)._find_partners()
        self.assertFalse(found & (vendor | own))

    def test_choosing_nothing_is_told(self):
        with self.assertRefused("tags"):
            self._wizard(self.program).action_preview()
        with self.assertRefused("Choose the distributors"):
            self._wizard(self.program, choice="partners").action_preview()

    def test_a_contact_stands_for_its_company(self):
        contact = self.env["res.partner"].create({"name": "Ann", "parent_id": self.one.id})
        wizard = self._wizard(self.program, choice="partners", partner_ids=(contact | self.two).ids)
        wizard.action_preview()
        self.assertEqual(wizard.line_ids.partner_id, self.one | self.two)

    def test_rules_of_the_program_decide_what_is_compared(self):
        other = self.env["product.product"].create({"name": "Other", "taxes_id": False})
        self._invoice([(other, 50000)], "2025-05-06", self.one)
        program = self._program(
            rules=[self._rule((1000, 5), product_ids=[Command.set(self.goods.ids)])],
            period_type="quarter",
            date_start="2026-01-01",
        )
        wizard = self._wizard(program, choice="partners", partner_ids=self.one.ids)
        wizard.action_preview()
        self.assertRecordValues(wizard.line_ids, [{"purchases_amount": 6000, "rebate_amount": 300}])
        self.assertIn("(1/4)", wizard.line_ids.tier)

    def test_a_program_that_is_first_in_a_group_does_not_take_purchases_from_its_trial(self):
        group = self.env["rebate.stacking.group"].create({"name": "First"})
        program = self._program((0, 5), stacking_group_id=group.id)
        self._enrol(program, self.one, date_end="2025-12-31")
        wizard = self._wizard(
            program, choice="partners", partner_ids=self.one.ids, date_start="2026-01-01"
        )
        wizard.action_preview()
        self.assertRecordValues(wizard.line_ids, [{"state": "new", "purchases_amount": 6000}])
        self.assertEqual(program.stacking_group_id, group)

    def test_purchases_of_subsidiaries_are_hinted_at_and_counted_by_one_click(self):
        below = self._company("Below", parent_id=self.one.id)
        contact = self.env["res.partner"].create({"name": "Branch", "parent_id": self.one.id})
        deep = self._company("Deep", parent_id=contact.id)
        self._invoice(700, "2025-07-07", below)
        self._invoice(300, "2025-07-07", deep)
        wizard = self._wizard(self.program, category_ids=self.tag.ids)
        wizard.action_preview()
        line = wizard.line_ids.filtered(lambda line: line.partner_id == self.one)
        self.assertEqual((line.purchases_amount, line.not_counted_amount), (6000, 1000))
        self.assertIn("1,000.00", self._plain(wizard.not_counted_hint))
        wizard.action_include_subsidiaries()
        self.assertEqual((line.purchases_amount, line.not_counted_amount), (7000, 0))
        self.assertFalse(wizard.not_counted_hint)
        wizard.action_enroll()
        inclusive = self.program.agreement_ids.filtered("include_children")
        self.assertEqual(inclusive.partner_id, self.one)

    def test_a_subsidiary_enrolled_by_itself_is_not_hinted_at(self):
        below = self._company("Below", parent_id=self.one.id)
        self._invoice(700, "2025-07-07", below)
        self._enrol(self.program, below)
        wizard = self._wizard(self.program, category_ids=self.tag.ids)
        wizard.action_preview()
        self.assertFalse(sum(wizard.line_ids.mapped("not_counted_amount")))

    def test_a_closed_program_enrols_nobody(self):
        wizard = self._wizard(self.program, category_ids=self.tag.ids)
        self.program.action_close()
        with self.assertRefused("Bonus", "closed"):
            wizard.action_preview()

    def test_a_program_that_cannot_be_computed_says_why(self):
        tag = self.env["product.tag"].create({"name": "Gone"})
        program = self._program(rules=[self._rule((0, 5), product_tag_ids=tag.ids)])
        self.env.cr.execute("DELETE FROM product_tag_rebate_rule_rel")
        self.env.invalidate_all()
        wizard = self._wizard(program, category_ids=self.tag.ids)
        with self.assertRefused("Bonus", "gone"):
            wizard.action_preview()

    def test_many_are_as_few_statements(self):
        few, many = self._tagged(5), self._tagged(60)

        def statements(tag):
            wizard = self._wizard(self.program, category_ids=tag.ids)
            return (
                self._statements(wizard.action_preview),
                self._statements(wizard.action_enroll),
            )

        statements(self._tagged(2))
        # What is in the caches makes one more or less.
        for one, other in zip(statements(few), statements(many), strict=True):
            self.assertAlmostEqual(one, other, delta=3)

    def _tagged(self, count):
        tag = self.env["res.partner.category"].create({"name": str(count)})
        partners = self.env["res.partner"].create(
            [
                {"name": f"{count} {place}", "is_company": True, "category_id": tag.ids}
                for place in range(count)
            ]
        )
        self._invoice(1500, "2025-03-03", partners[0])
        self._invoice(1500, "2026-03-03", partners[0])
        return tag


@tagged("post_install", "-at_install")
class TestEnrollSheet(EnrollCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.north = cls._company("North", ref="N-1", email="north@example.com")
        cls.south = cls._company("South", vat="BE0477472701")
        cls.twins = cls._company("Twin", ref="T1") | cls._company("Twin", ref="T2")
        cls.program = cls._program((0, 5), date_start="2026-01-01")

    def _lines(self, sheet):
        wizard = self._wizard(self.program, **sheet)
        wizard.action_preview()
        return wizard

    def test_a_distributor_is_found_by_whatever_names_it(self):
        self.env["ir.model.data"].create(
            {
                "module": "__import__",
                "name": "twin_two",
                "model": "res.partner",
                "res_id": self.twins[1].id,
            }
        )
        texts = ("n-1", "NORTH@example.com", "be 0477.472.701", "__import__.twin_two", "T1")
        rows = [[text] for text in texts]
        for heading in ([["Distributor"]], []):
            with self.subTest(heading=heading):
                wizard = self._lines(self._sheet(*heading, *rows))
                found = [line.partner_id.id for line in wizard.line_ids]
                south, north = self.south.id, self.north.id
                one, two = self.twins.ids
                self.assertEqual(found, [north, False, south, two, one])

    def test_columns_are_taken_over(self):
        wizard = self._lines(
            self._sheet(
                ["Name", "From", "Until", "Baseline", "Target", "Include Subsidiaries"],
                ["North", "2026-02-01", "2026-06-30", 1000, "2,500.5", "yes"],
            )
        )
        wizard.is_activated = False
        wizard.action_enroll()
        self.assertRecordValues(
            self.program.agreement_ids,
            [
                {
                    "partner_id": self.north.id,
                    "baseline_amount": 1000,
                    "target_amount": 2500.5,
                    "include_children": True,
                }
            ],
        )
        agreement = self.program.agreement_ids
        self.assertEqual(str(agreement.date_start), "2026-02-01")
        self.assertEqual(str(agreement.date_end), "2026-06-30")

    def test_what_is_not_found_is_told_by_row_and_can_be_downloaded(self):
        wizard = self._lines(
            self._sheet(
                ["Name", "From"],
                ["North", None],
                ["Nowhere", None],
                [None, None],
                ["Twin", None],
                ["South", "soon"],
                ["north", None],
                [None, "2026-02-01"],
            )
        )
        refused = wizard.line_ids.filtered(lambda line: line.state == "refused")
        told = {line.row: line.note for line in refused}
        self.assertEqual(list(told), [3, 5, 6, 7, 8])
        for row, word in ((3, "Nowhere"), (5, "T1"), (6, "soon"), (7, "row 2"), (8, "No distrib")):
            self.assertIn(word, told[row])
        self.assertIn("Row 5: “Twin”", wizard.refused_text)
        book = load_workbook(io.BytesIO(base64.b64decode(wizard.refused_file)))
        rows = list(book.active.values)
        self.assertEqual(rows[0][:3], ("Name", "From", "Row"))
        self.assertEqual(rows[1][:3], ("Nowhere", None, 3))
        self.assertEqual(len(rows), 6)
        wizard.action_enroll()
        self.assertEqual(self.program.agreement_ids.partner_id, self.north)
        # Corrected, it is uploaded again as it is.
        again = self._wizard(
            self.program, choice="file", file=wizard.refused_file, file_name="again.xlsx"
        )
        again.action_preview()
        self.assertEqual(again.line_ids[0].cells[0], "Nowhere")

    def test_csv_of_any_kind(self):
        for options in (
            {},
            {"delimiter": ","},
            {"delimiter": "\t", "encoding": "utf-8-sig"},
            {"encoding": "cp1252"},
            {"encoding": "utf-16"},
        ):
            with self.subTest(options):
                wizard = self._lines(self._csv(["Reference", "Ä"], ["N-1", "ü"], **options))
                self.assertEqual(wizard.line_ids.partner_id, self.north)

    def test_what_is_no_sheet_is_refused(self):
        for content in (b"", b"PK no zip", b"\x00\x01\x02", b"\n\n"):
            with self.subTest(content), self.assertRefused("a.xlsx"):
                self._lines(
                    {
                        "choice": "file",
                        "file": base64.b64encode(content),
                        "file_name": "a.xlsx",
                    }
                )

    def test_days_and_numbers_as_the_reader_writes_them(self):
        self.env["res.lang"]._activate_lang("de_DE")
        wizard = self._wizard(
            self.program,
            **self._csv(["Name", "Baseline", "From"], ["North", "1.234,50", "01.02.2026"]),
        ).with_context(lang="de_DE")
        wizard.action_preview()
        self.assertEqual(wizard.line_ids.baseline_amount, 1234.5)
        self.assertEqual(str(wizard.line_ids.date_start), "2026-02-01")

    def test_many_rows_are_as_few_statements(self):
        def statements(count):
            self.env["res.partner"].create(
                [{"name": f"{count} {place}", "is_company": True} for place in range(count)]
            )
            rows = [[f"{count} {place}"] for place in range(count)]
            wizard = self._wizard(self.program, **self._sheet(["Name"], *rows, ["Nobody"]))
            return self._statements(wizard.action_preview)

        statements(2)
        self.assertAlmostEqual(statements(5), statements(60), delta=3)


@tagged("post_install", "-at_install")
class TestEnrollAccess(CompanyCommon):
    def test_only_a_manager_of_the_company_enrols(self):
        for user in (
            *(self.reader, self.seller, self.accountant, self.approver, self.nobody),
            *(self.of_b["manager"], self.of_c["manager"]),
        ):
            with self.subTest(user.login), self.assertNoAccess():
                self.program.with_user(user).with_context(
                    allowed_company_ids=user.company_ids.ids
                ).action_enroll()
        self.assertTrue(self.program.with_user(self.manager).action_enroll())

    def test_nor_by_a_wizard_of_ones_own(self):
        for user in (self.of_b["manager"], self.of_c["manager"]):
            with self.subTest(user.login), self.assertRaises(AccessError):
                wizard = (
                    self.env["rebate.enroll"]
                    .with_user(user)
                    .with_context(allowed_company_ids=user.company_ids.ids)
                    .create(
                        {
                            "program_id": self.program.id,
                            "choice": "partners",
                            "partner_ids": self.distributor.ids,
                        }
                    )
                )
                wizard.action_preview()
        with self.assertNoAccess():
            self.env["rebate.enroll"].with_user(self.seller).create({"program_id": self.program.id})

    def test_a_manager_enrols_whom_he_may_see(self):
        other = self._company("Other")
        wizard = (
            self.env["rebate.enroll"]
            .with_user(self.manager)
            .create(
                {
                    "program_id": self.program.id,
                    "choice": "partners",
                    "partner_ids": other.ids,
                }
            )
        )
        wizard.action_preview()
        wizard.action_enroll()
        self.assertEqual(
            self.program.agreement_ids.filtered(lambda a: a.partner_id == other).state, "active"
        )
