"""Posted settlements are chained by fingerprints: whatever is altered behind Odoo's back is found
and named."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged
from odoo.tools import SQL

from ...models.settlement.fingerprint import fingerprint_of
from ...tools.trust import trusted
from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestFingerprint(RebateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        trusted(cls.env["rebate.settlement.chain"].search([])).unlink()
        cls.program = cls._program((0, 10), name="Volume bonus")
        cls.settlements = cls.env["rebate.settlement"]
        for number in range(3):
            cls._enrol(cls.program, partner := cls._company(f"Customer {number}"))
            cls._invoice([(cls.goods, 100 + number), (cls.goods, 50)], partner=partner)
            cls.settlements += cls._settle(partner_ids=partner.ids)

    def _findings(self, companies=None):
        """What a check finds, as ``[(name, text)]``."""
        self.env.invalidate_all()
        check = self.env["rebate.settlement.check"]._check(companies or self.env.company)
        return [(line.name, self._plain(line.finding)) for line in check.line_ids]

    def _alter(self, query, *args):
        self.env.flush_all()
        self.env.cr.execute(SQL(query, *args))

    def _assert_found(self, settlement, *words):
        """Exactly one finding, of a settlement, with all the words."""
        [(name, text)] = self._findings()
        self.assertEqual(name, settlement.name)
        for word in words:
            self.assertIn(word, text)

    # ------------------------------------------------------------------
    # Sealing
    # ------------------------------------------------------------------

    def test_posting_chains_settlements_in_its_order(self):
        self.assertEqual(self.settlements.mapped("fingerprint_number"), [1, 2, 3])
        previous = None
        for settlement in self.settlements:
            content = settlement.fingerprint_content
            self.assertEqual(settlement.fingerprint, fingerprint_of(content))
            self.assertEqual(content["previous"], previous)
            previous = settlement.fingerprint
        self.assertEqual(len(set(self.settlements.mapped("fingerprint"))), 3)
        self.assertFalse(self._findings())

    def test_settlements_posted_together_are_chained_one_after_the_other(self):
        partners = self.env["res.partner"]
        for number in range(3):
            self._enrol(self.program, partner := self._company(f"Late customer {number}"))
            self._invoice(200, partner=partner)
            partners += partner
        together = self._settle(partner_ids=partners.ids)
        self.assertEqual(sorted(together.mapped("fingerprint_number")), [4, 5, 6])
        self.assertFalse(self._findings())

    def test_proposals_have_no_fingerprint_and_are_not_missed(self):
        self._enrol(self.program)
        self._invoice(100)
        proposal = self._settle(post=False)
        self.assertFalse(proposal.fingerprint)
        proposal.unlink()
        self.assertFalse(self._findings())

    def test_cancelling_paying_and_renaming_are_no_alterations(self):
        self.settlements[2].action_cancel()
        self.settlements[1].partner_id.name = "Renamed"
        self.program.name = "Renamed too"
        self._pay(self.settlements[0].move_ids, self.today)
        self.assertEqual(self.settlements[0].state, "paid")
        self.assertFalse(self._findings())

    def test_a_posted_settlement_refuses_to_be_changed_or_deleted(self):
        settlement = self.settlements[0]
        for vals in ({"date": "2025-01-01"}, {"partner_id": self.distributor.id}, {"name": "X"}):
            with self.assertRefused(settlement.name, "part of the record"):
                settlement.write(vals)
        for name in ("fingerprint", "fingerprint_number", "fingerprint_content"):
            with self.assertRefused(settlement.name, "part of the record"):
                settlement.write({name: False})
        self.settlements[2].action_cancel()
        with self.assertRefused("cannot be deleted"):
            self.settlements[2].unlink()
        with self.assertRefused("frozen"):
            self.settlements[2].line_ids.unlink()

    # ------------------------------------------------------------------
    # Alterations in the database
    # ------------------------------------------------------------------

    def test_an_altered_amount_is_found_with_what_it_was(self):
        settlement = self.settlements[1]
        self._alter("UPDATE rebate_settlement SET amount_total = 99 WHERE id = %s", settlement.id)
        self._assert_found(settlement, "Amount", "15.1", "99")

    def test_an_altered_amount_of_a_line_is_found(self):
        line = self.settlements[0].line_ids
        self._alter("UPDATE rebate_settlement_line SET amount = 15.01 WHERE id = %s", line.id)
        self._assert_found(self.settlements[0], line.name, "was 15 and is 15.01")

    def test_an_altered_detail_is_found(self):
        detail = self.settlements[0].line_ids.detail_ids[0]
        for column, value in (
            ("rebate_amount", 1),
            ("quantity", 7),
            ("product_name", "Something else"),
            ("invoice_date", "2025-01-01"),
            ("tax_numbers", "1"),
        ):
            with self.subTest(column), self.env.cr.savepoint() as savepoint:
                self._alter(
                    "UPDATE rebate_settlement_detail SET %s = %s WHERE id = %s",
                    SQL.identifier(column),
                    value,
                    detail.id,
                )
                self._assert_found(self.settlements[0], "invoice lines were changed")
                savepoint.rollback()
        self.assertFalse(self._findings())

    def test_a_detail_that_is_gone_is_found_with_counts(self):
        detail = self.settlements[0].line_ids.detail_ids[0]
        self._alter("DELETE FROM rebate_settlement_detail WHERE id = %s", detail.id)
        self._assert_found(self.settlements[0], "There were 2", "there are 1")

    def test_details_of_two_settlements_swapped_are_found_on_both(self):
        one, two = self.settlements[:2].line_ids
        self._alter(
            "UPDATE rebate_settlement_detail"
            " SET settlement_line_id = CASE settlement_line_id WHEN %s THEN %s ELSE %s END"
            " WHERE settlement_line_id IN (%s, %s)",
            *(one.id, two.id, one.id, one.id, two.id),
        )
        self.assertEqual(
            [name for name, _text in self._findings()], self.settlements[:2].mapped("name")
        )

    def test_altered_terms_are_found(self):
        self._alter(
            "UPDATE rebate_settlement SET terms_snapshot = '{}' WHERE id = %s",
            self.settlements[0].id,
        )
        self._assert_found(self.settlements[0], "terms")

    def test_another_partner_is_found_by_name(self):
        self._alter(
            "UPDATE rebate_settlement SET partner_id = %s WHERE id = %s",
            *(self.distributor.id, self.settlements[0].id),
        )
        self._assert_found(self.settlements[0], "Customer 0", "Distributor")

    def test_a_line_added_is_found(self):
        self._alter(
            "INSERT INTO rebate_settlement_line (settlement_id, accrual_id, name, amount)"
            " SELECT settlement_id, accrual_id, 'Extra', 5 FROM rebate_settlement_line"
            " WHERE settlement_id = %s",
            self.settlements[0].id,
        )
        self._assert_found(self.settlements[0], "“Extra” was added")

    def test_an_altered_approval_is_found(self):
        approval = self.settlements[0].approval_ids[-1]
        for query, words in (
            ("UPDATE rebate_approval SET user_id = 1 WHERE id = %s", "was approver_ and is"),
            ("UPDATE rebate_approval SET comment = 'Late' WHERE id = %s", "was – and is Late"),
            ("DELETE FROM rebate_approval WHERE id = %s", "is gone"),
        ):
            with self.subTest(query), self.env.cr.savepoint() as savepoint:
                self._alter(query, approval.id)
                self._assert_found(self.settlements[0], "Approval of", words)
                savepoint.rollback()

    def test_a_document_replaced_is_found(self):
        note = self.settlements[0].move_ids
        self._alter("UPDATE account_move SET rebate_settlement_id = NULL WHERE id = %s", note.id)
        self._assert_found(self.settlements[0], note.name, "are –")

    def test_a_status_set_back_is_found(self):
        for state, words in (("cancelled", "not reversed"), ("approved", "“Approved”")):
            self._alter(
                "UPDATE rebate_settlement SET state = %s WHERE id = %s",
                *(state, self.settlements[0].id),
            )
            self._assert_found(self.settlements[0], words)

    def test_a_forged_fingerprint_is_found(self):
        """Also when what it was computed from is altered with it: the next one builds on it."""
        one, two, _three = self.settlements
        self._alter("UPDATE rebate_settlement SET fingerprint = 'f' WHERE id = %s", one.id)
        self.assertEqual([name for name, _text in self._findings()], [one.name, two.name])
        self._alter("UPDATE rebate_settlement SET amount_total = 9 WHERE id = %s", one.id)
        self.env.invalidate_all()
        forged = one.fingerprint_content | {"amount": "9"}
        self._alter(
            "UPDATE rebate_settlement SET fingerprint = %s,"
            " fingerprint_content = jsonb_set(fingerprint_content, '{amount}', '\"9\"')"
            " WHERE id = %s",
            *(fingerprint_of(forged), one.id),
        )
        (name, text), *odd = self._findings()
        self.assertEqual(name, two.name)
        self.assertIn(f"built on another fingerprint than {one.name}", text)
        self.assertEqual({odd_name for odd_name, _text in odd}, {one.name})
        self.assertIn("Its amount is 9, but its lines add up to 15", odd[-1][1])

    def _delete(self, settlement):
        self._alter(
            "UPDATE account_move SET rebate_settlement_id = NULL WHERE rebate_settlement_id = %s",
            settlement.id,
        )
        self._alter("DELETE FROM rebate_approval WHERE settlement_id = %s", settlement.id)
        self._alter("DELETE FROM rebate_settlement WHERE id = %s", settlement.id)

    def test_a_deleted_settlement_is_found_wherever_it_stood(self):
        for place, settlement in enumerate(self.settlements, start=1):
            with self.subTest(place), self.env.cr.savepoint() as savepoint:
                accrual = settlement.line_ids.accrual_id
                self._delete(settlement)
                [(name, text), (accrual_name, accrual_text)] = self._findings()
                self.assertEqual((name, accrual_name), (f"No. {place}", accrual.display_name))
                self.assertIn("is gone", text)
                self.assertIn("its posted settlements add up to 0", accrual_text)
                savepoint.rollback()

    def test_two_settlements_that_changed_places_are_found(self):
        one, two = self.settlements[:2]
        for settlement, number in ((one, 9), (two, 1), (one, 2)):
            self._alter(
                "UPDATE rebate_settlement SET fingerprint_number = %s WHERE id = %s",
                *(number, settlement.id),
            )
        found = {name for name, _text in self._findings()}
        self.assertEqual(found, set(self.settlements.mapped("name")))

    def test_a_settlement_taken_out_of_the_chain_is_found(self):
        self._alter(
            "UPDATE rebate_settlement SET fingerprint = NULL, fingerprint_number = NULL"
            " WHERE id = %s",
            self.settlements[2].id,
        )
        self.assertEqual(
            [name for name, _text in self._findings()], ["No. 3", self.settlements[2].name]
        )

    # ------------------------------------------------------------------
    # Companies, roles, cost
    # ------------------------------------------------------------------

    def test_each_company_has_a_chain_of_its_own(self):
        other = self.setup_other_company()["company"]
        env = self.env(context={"allowed_company_ids": [other.id]})
        program = self.program.with_env(env).create(
            {
                "name": "Elsewhere",
                "company_id": other.id,
                "date_start": "2025-01-01",
                "rule_ids": [Command.create(self._rule((0, 10)))],
            }
        )
        program.action_activate()
        self._enrol(program)
        self._invoice(100, company=other)
        run = env["rebate.settlement.run"].create({"company_id": other.id, "date_to": "2025-12-31"})
        settlement = run.action_run()
        settlement.action_submit()
        self._approve(settlement)
        settlement.action_post()
        self.assertEqual(settlement.fingerprint_number, 1)
        self.assertFalse(settlement.fingerprint_content["previous"])
        self._alter("UPDATE rebate_settlement SET amount_total = 9 WHERE id = %s", settlement.id)
        self.assertFalse(self._findings())
        self.assertEqual(
            [name for name, _text in self._findings(self.env.company | other)], [settlement.name]
        )

    def test_accountants_check_and_nobody_else(self):
        check = self.env["rebate.settlement.check"]
        action = check.with_user(self.accountant).action_check()
        found = check.browse(action["res_id"])
        self.assertEqual((found.checked_count, len(found.line_ids)), (3, 0))
        self.assertTrue(check.with_user(self.accountant).require_unaltered())
        with Form(found.with_user(self.accountant)) as form:
            self.assertFalse(len(form.line_ids))
        for user in (self.reader, self.manager, self.approver):
            with self.assertRefused("right", "Accountant"):
                check.with_user(user).action_check()
            with self.assertRaises(AccessError):
                self.env["rebate.settlement.chain"].with_user(user).search([])
        self._alter(
            "UPDATE rebate_settlement SET amount_total = 9 WHERE id = %s", self.settlements[0].id
        )
        self.env.invalidate_all()
        with self.assertRefused(self.settlements[0].name, "Amount"):
            check.with_user(self.accountant).require_unaltered()

    def test_a_server_action_checks_from_a_shell(self):
        action = self.env.ref("rebate_management.rebate_settlement_check_action").run()
        self.assertEqual(self.env[action["res_model"]].browse(action["res_id"]).checked_count, 3)

    def test_sealing_and_checking_many_takes_as_many_statements_as_few(self):
        partners = self.env["res.partner"]
        for number in range(9):
            self._enrol(self.program, partner := self._company(f"More {number}"))
            self._invoice(200, partner=partner)
            partners += partner

        def count(function, settlements):
            return self._statements(function, settlements.browse(settlements.ids))

        def settle(partners):
            return self._settle(post=False, partner_ids=partners.ids)

        seal = self.env.registry["rebate.settlement"]._seal
        count(seal, settle(partners[:1]))
        self.assertEqual(count(seal, settle(partners[1:3])), count(seal, settle(partners[3:])))

    def test_checking_many_takes_as_many_statements_as_few(self):
        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            _count, findings = self.env["rebate.settlement"]._check_fingerprints(self.env.company)
            self.assertFalse(findings)
            return self.env.cr.sql_log_count - before

        count()
        few = count()
        partners = self.env["res.partner"]
        for number in range(9):
            self._enrol(self.program, partner := self._company(f"More {number}"))
            self._invoice(200, partner=partner)
            partners += partner
        self._settle(partner_ids=partners.ids)
        # Posting has emptied Odoo's caches of access rules.
        count()
        self.assertEqual(count(), few)
