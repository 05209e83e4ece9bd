"""An amendment is the record of a change: who may make one, what it holds, and that it stays."""

from freezegun import freeze_time
from psycopg2.errors import UniqueViolation

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common_kept import ROLE
from .common_amendment import AmendmentCommon


@tagged("post_install", "-at_install")
class TestAmendmentRecord(AmendmentCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.portal = cls.env["res.users"].create(
            {
                "name": "Dana",
                "login": "dana",
                "partner_id": cls._company("Dana").id,
                "group_ids": [Command.set(cls.env.ref("base.group_portal").ids)],
            }
        )
        cls.program = cls._program((0, 5), (10000, 6))
        cls.agreement = cls._enrol(cls.program)
        cls._invoice(12000)

    def _texts(self, sections):
        return [
            (section.title, *(self._plain(text) for text in row))
            for section in sections
            for row in section.rows
        ]

    def test_it_tells_who_when_why_and_what(self):
        program = self.program.with_user(self.manager)
        with freeze_time("2026-03-30 10:00:00"):
            amendment = self._amend(program, self._rate(10000, 7.5), reason="A better year")
        self.assertRecordValues(
            amendment,
            [
                {
                    "program_id": self.program.id,
                    "state": "applied",
                    "user_id": self.manager.id,
                    "reason": "A better year",
                    "number": 1,
                    "draft_id": False,
                }
            ],
        )
        self.assertEqual(str(amendment.applied_at), "2026-03-30 10:00:00")
        change = ("Rule “Purchases”", "From $ 10,000.00", "6 %", "7.5 %")
        self.assertEqual(self._texts(amendment._changes()), [change])
        self.assertIn("6 % → 7.5 %", self._plain(amendment.summary))
        message = self.program.message_ids.sorted("id")[-1]
        self.assertEqual(message.author_id, self.manager.partner_id)
        for text in ("Amendment 1 of Bonus", "A better year", "7.5 %"):
            self.assertIn(text, self._plain(message.body))

    def test_every_kind_of_change_is_told_in_words(self):
        unit = self.env.ref("uom.product_uom_kgm")
        draft = self._draft(self.program)
        draft.write(
            {
                "date_end": "2026-12-31",
                "tier_method": "incremental",
                "uom_id": unit.id,
                "max_payout": 5000,
                "prorate": True,
                "rule_ids": [
                    Command.update(
                        draft.rule_ids.id,
                        {
                            "product_ids": [Command.set(self.goods.ids)],
                            "max_measure": 50000,
                            "tier_ids": [
                                Command.update(self._tier(draft.rule_ids, 0).id, {"threshold": 1}),
                                Command.delete(self._tier(draft.rule_ids, 10000).id),
                                Command.create({"threshold": 7, "rate": 2, "rate_type": "fixed"}),
                            ],
                        },
                    ),
                    Command.create(self._rule((0, 0.5), name="Extra")),
                ],
            }
        )
        told = self._texts(self._apply(draft)._changes())
        rule = "Rule “Purchases”"
        for row in (
            ("Program", "Until", "–", "12/31/2026"),
            ("Program", "Tiers Apply", "Retroactive", "Incremental"),
            ("Program", "Unit of Measure", "–", "kg"),
            ("Program", "Greatest Rebate", "–", "$ 5,000.00"),
            ("Program", "Pro Rata", "No", "Yes"),
            (rule, "Products", "–", "Goods"),
            (rule, "At Most", "–", "50,000"),
            (rule, "Tier", "5 % from $ 0.00", "5 % from $ 1.00"),
            (rule, "From $ 10,000.00", "6 %", "–"),
            (rule, "From $ 7.00", "–", "$ 2.00"),
            ("Rule “Extra”", "Name", "–", "Extra"),
            ("Rule “Extra”", "From $ 0.00", "–", "0.5 %"),
        ):
            self.assertIn(row, told)

    def test_old_terms_stay_readable_whatever_becomes_of_products(self):
        draft = self._draft(self.program)
        brand = self.env["product.tag"].create({"name": "Brand"})
        draft.rule_ids.product_tag_ids = brand
        amendment = self._apply(draft)
        self._amend(self.program, lambda rule: rule.write({"product_tag_ids": [Command.clear()]}))
        brand.unlink()
        self.env.invalidate_all()
        row = ("Rule “Purchases”", "Product Tags", "–", "Brand")
        self.assertEqual(self._texts(amendment._changes()), [row])
        self.assertIn("Brand", amendment.changes)

    def test_a_rules_name_changes_with_its_translations(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        draft = self._draft(self.program, self._rate(0, 4))
        draft.rule_ids.name = "All of it"
        draft.with_context(lang="fr_FR").rule_ids.name = "Tout"
        amendment = self._apply(draft)
        rule = self.program.rule_ids
        self.assertEqual((rule.name, rule.with_context(lang="fr_FR").name), ("All of it", "Tout"))
        row = ("Rule “Purchases”", "Name", "Purchases", "All of it")
        self.assertIn(row, self._texts(amendment._changes()))

    def test_an_applied_amendment_is_neither_changed_nor_deleted(self):
        amendment = self._amend(self.program, self._rate(10000, 7))
        line = amendment.line_ids[0]
        for user in (self.env.user, self.manager):
            for records in (amendment.with_user(user), amendment.with_user(user).sudo()):
                for write in (
                    lambda records=records: records.write({"reason": "Another"}),
                    lambda records=records: records.write({"state": "draft"}),
                    lambda records=records: records.write({"before": {}}),
                    lambda records=records: records.unlink(),
                    lambda records=records: records.action_discard(),
                ):
                    with self.subTest(user=user.login), self.assertRefused("part of the record"):
                        write()
        for write in (
            lambda: amendment.sudo().write({"line_ids": [Command.clear()]}),
            lambda: line.sudo().write({"earned_before": 5}),
            lambda: line.sudo().with_context(rebate_terms=True).unlink(),
            lambda: line.sudo().create({"amendment_id": amendment.id}),
        ):
            with self.assertRefused("computed, not typed"):
                write()
        with self.assertRefused("part of the record"):
            self.program.unlink()

    def test_a_draft_takes_a_reason_and_nothing_else(self):
        self._draft(self.program, self._rate(10000, 7))
        amendment = self.program.amendment_ids.with_user(self.manager)
        amendment.reason = "Why"
        for vals in ({"state": "applied"}, {"user_id": 1}, {"after": {"a": 1}}, {"number": 5}):
            with self.assertRefused("recorded, not typed"):
                amendment.write(vals)
        with self.assertRefused("Amend"):
            amendment.create({"program_id": self.program.id, "state": "applied"})

    def test_managers_amend_and_others_only_read(self):
        amendment = self._amend(self.program.with_user(self.manager), self._rate(10000, 7))
        for user in (self.nobody, self.portal):
            with self.assertRaises(AccessError):
                amendment.with_user(user).read(["reason"])
            with self.assertRaises(AccessError):
                amendment.line_ids.with_user(user).read(["earned_after"])
        self._draft(self.program, self._rate(10000, 8))
        draft = self.program.amendment_ids.filtered("draft_id")
        draft.reason = "Once more"
        draft.action_preview()
        for user in (self.seller, self.accountant, self.approver, self.nobody, self.portal):
            for call in (
                self.program.with_user(user).action_amend,
                draft.with_user(user).action_preview,
                draft.with_user(user).action_apply,
                draft.with_user(user).action_discard,
            ):
                with (
                    self.subTest(user=user.login, call=call.__name__),
                    self.assertRaises(AccessError),
                    self.env.cr.savepoint(),
                ):
                    call()
        for user in (self.seller, self.accountant, self.approver, self.manager):
            self.assertIn("7 %", self._plain(amendment.with_user(user).changes))
            self.assertEqual(amendment.line_ids.with_user(user).mapped("earned_after"), [0, 840])

    def test_no_company_sees_anothers_amendments(self):
        self._amend(self.program, self._rate(10000, 7))
        other = self.setup_other_company()["company"]
        foreigner = self._user("foreigner", ROLE + "manager", companies=other)
        for name in ("rebate.amendment", "rebate.amendment.line"):
            self.assertFalse(self.env[name].with_user(foreigner).search_count([]))
            self.assertTrue(self.env[name].with_user(self.seller).search_count([]))

    @mute_logger("odoo.sql_db")
    def test_one_draft_a_program(self):
        self._draft(self.program)
        with (
            self.assertRaisesRegex(UniqueViolation, "rebate_amendment_one_draft"),
            self.env.cr.savepoint(),
        ):
            self.env["rebate.amendment"]._begin(self.program)
