"""What is forged in the database, beneath every method and guard, is named by Check Settlements."""

import json

from odoo.tests import tagged
from odoo.tools import SQL

from ...models.settlement.fingerprint import fingerprint_of
from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestSettlementCheck(RebateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["rebate.settlement.chain"].search([]).unlink()
        cls.program = cls._program((0, 10), name="Volume bonus")
        cls.other = cls._company("Other")
        for partner in (cls.distributor, cls.other):
            cls._enrol(cls.program, partner)
            cls._invoice(1000, partner=partner)
        cls.posted = cls._settle(partner_ids=cls.distributor.ids)
        cls.line = cls.posted.line_ids
        cls.note = cls.posted.move_ids
        cls.proposal = cls._settle(post=False, partner_ids=cls.other.ids)

    def setUp(self):
        super().setUp()
        self.assertFalse(self._findings(), "nothing is wrong to begin with")

    def _findings(self):
        self.env.invalidate_all()
        check = self.env["rebate.settlement.check"]._check(self.env.company)
        return [(line.name, self._plain(line.finding)) for line in check.line_ids]

    def _forge(self, query, *args):
        self.env.flush_all()
        self.env.cr.execute(SQL(query, *args))

    def _assert_found(self, record, *words):
        """All findings are of one record, and one of them has all the words."""
        found = self._findings()
        name = record.name if record._name == "rebate.settlement" else record.display_name
        self.assertEqual({found_name for found_name, _text in found}, {name}, found)
        self.assertTrue(
            [text for _name, text in found if all(word in text for word in words)], found
        )

    def _set_state(self, settlement, state, with_lines=True):
        self._forge("UPDATE rebate_settlement SET state = %s WHERE id = %s", state, settlement.id)
        if with_lines:
            self._forge(
                "UPDATE rebate_settlement_line SET state = %s WHERE settlement_id = %s",
                *(state, settlement.id),
            )

    # ------------------------------------------------------------------
    # Status
    # ------------------------------------------------------------------

    def test_a_line_with_another_status_than_its_settlement(self):
        """So it was paid for twice: the next run proposed it again."""
        for settlement in (self.posted, self.proposal):
            with self.subTest(settlement.name), self.env.cr.savepoint() as savepoint:
                self._forge(
                    "UPDATE rebate_settlement_line SET state = 'cancelled' WHERE id = %s",
                    settlement.line_ids.id,
                )
                self._assert_found(settlement, settlement.line_ids.name, "Cancelled")
                savepoint.rollback()

    def test_a_sealed_settlement_in_any_other_status(self):
        for state, words in (
            ("cancelled", "not reversed"),
            ("draft", "“Draft”"),
            ("submitted", "“Submitted”"),
            ("approved", "“Approved”"),
            ("rejected", "“Rejected”"),
        ):
            with self.subTest(state), self.env.cr.savepoint() as savepoint:
                self._set_state(self.posted, state)
                self._assert_found(self.posted, words)
                savepoint.rollback()

    def test_a_proposal_that_nobody_approved(self):
        for state in ("approved", "posted", "paid"):
            with self.subTest(state), self.env.cr.savepoint() as savepoint:
                self._set_state(self.proposal, state)
                found = {name for name, _text in self._findings()}
                self.assertIn(self.proposal.name, found)
                texts = " ".join(text for _name, text in self._findings())
                self.assertIn("nobody is on record who approved it", texts)
                if state != "approved":
                    self.assertIn("no posted document pays it", texts)
                savepoint.rollback()

    def test_a_proposal_that_nobody_submitted(self):
        self._set_state(self.proposal, "submitted")
        self._assert_found(self.proposal, "nobody is on record who submitted it")

    def test_a_submitted_proposal_set_back_to_draft(self):
        self.proposal.action_submit()
        self._set_state(self.proposal, "draft")
        self._assert_found(self.proposal, "It was submitted", "“Draft”")

    def test_a_rejected_proposal_revived(self):
        self.proposal.action_submit()
        self.proposal.with_user(self.approver).action_reject("No")
        self._set_state(self.proposal, "approved")
        self._assert_found(self.proposal, "It was rejected", "“Approved”")

    def test_an_approval_by_who_submitted_or_proposed_it(self):
        self.proposal.action_submit()
        third = self._user("third", "rebate_management.group_rebate_accountant")
        for column, words in (
            ("submitted_by_id", "approver_, who submitted it"),
            ("create_uid", "approver_, who began the run"),
        ):
            with self.subTest(column), self.env.cr.savepoint() as savepoint:
                self._approve(self.proposal)
                self.assertFalse(self._findings())
                self._forge(
                    "UPDATE rebate_settlement SET %s = %s WHERE id = %s",
                    *(SQL.identifier(column), self.approver.id, self.proposal.id),
                )
                self._assert_found(self.proposal, words)
                savepoint.rollback()
        self._approve(self.proposal)
        self.proposal.with_user(third).action_post()
        self.assertFalse(self._findings())
        self._forge(
            "UPDATE rebate_settlement SET create_uid = %s WHERE id = %s",
            *(self.approver.id, self.proposal.id),
        )
        self._assert_found(self.proposal, "approver_, who began the run")

    def test_a_seal_of_an_earlier_version_is_held_to_the_rules_of_its_time(self):
        """Then only who submitted could not approve."""
        self._forge(
            "UPDATE rebate_settlement SET create_uid = %s WHERE id = %s",
            *(self.approver.id, self.posted.id),
        )
        self._assert_found(self.posted, "approver_, who began the run")
        content = self.posted.fingerprint_content
        del content["format"]
        fingerprint = fingerprint_of(content)
        self._forge(
            "UPDATE rebate_settlement SET fingerprint = %s,"
            " fingerprint_content = fingerprint_content - 'format' WHERE id = %s",
            *(fingerprint, self.posted.id),
        )
        self._forge("UPDATE rebate_settlement_chain SET fingerprint = %s", fingerprint)
        self.assertFalse(self._findings())

    # ------------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------------

    def test_an_amount_that_is_not_the_sum_of_its_lines(self):
        """So a payout of 500,000 passed the first level alone."""
        self._forge("UPDATE rebate_settlement SET amount_total = 1 WHERE id = %s", self.proposal.id)
        self._assert_found(self.proposal, "Its amount is 1", "add up to 100")

    def test_an_amount_that_was_another_when_it_was_submitted(self):
        self.proposal.action_submit()
        for query in (
            "UPDATE rebate_settlement SET amount_total = 7 WHERE id = %s",
            "UPDATE rebate_settlement_line SET amount = 7 WHERE settlement_id = %s",
            """
            UPDATE rebate_settlement_detail SET rebate_amount = 7, earned_amount = 7
             WHERE settlement_line_id =
                   (SELECT id FROM rebate_settlement_line WHERE settlement_id = %s)
            """,
        ):
            self._forge(query, self.proposal.id)
        self._assert_found(self.proposal, "It came to 100", "comes to 7")

    def test_a_line_that_is_not_the_sum_of_its_invoice_lines(self):
        self._forge(
            "UPDATE rebate_settlement_detail SET rebate_amount = 1 WHERE settlement_line_id = %s",
            self.proposal.line_ids.id,
        )
        self._assert_found(self.proposal, "pays 100", "add up to 1")

    def test_a_line_changed_added_or_removed(self):
        line = self.proposal.line_ids
        for query, words in (
            (
                "UPDATE rebate_settlement_line SET amount = 7 WHERE id = %s",
                "was proposed over 100 and is over 7",
            ),
            ("DELETE FROM rebate_settlement_line WHERE id = %s", "over 100"),
            (
                """
                INSERT INTO rebate_settlement_line
                       (settlement_id, accrual_id, program_id, company_id, state, name, amount)
                SELECT settlement_id, accrual_id, program_id, company_id, state, 'Extra', 0
                  FROM rebate_settlement_line WHERE id = %s
                """,
                "“Extra” was added",
            ),
        ):
            with self.subTest(query), self.env.cr.savepoint() as savepoint:
                self._forge(query, line.id)
                self._forge(
                    "UPDATE rebate_settlement SET amount_total = COALESCE((SELECT SUM(amount)"
                    " FROM rebate_settlement_line WHERE settlement_id = %s), 0) WHERE id = %s",
                    *(self.proposal.id, self.proposal.id),
                )
                found = self._findings()
                self.assertTrue([text for _name, text in found if words in text], found)
                savepoint.rollback()

    def test_a_currency_that_is_not_that_of_the_agreement(self):
        """So euros were paid as dollars."""
        self._forge(
            "UPDATE rebate_settlement SET currency_id = %s WHERE id = %s",
            *(self.eur.id, self.proposal.id),
        )
        self._assert_found(self.proposal, self.proposal.line_ids.name, "another currency")

    def test_a_partner_who_is_not_to_be_paid(self):
        self._forge(
            "UPDATE rebate_settlement SET partner_id = %s WHERE id = %s",
            *(self.distributor.id, self.proposal.id),
        )
        self._assert_found(self.proposal, "is to be paid to Other")

    def test_a_settled_amount_that_is_not_the_sum_of_what_was_posted(self):
        accrual = self.line.accrual_id
        self._forge("UPDATE rebate_accrual SET settled_amount = 1 WHERE id = %s", accrual.id)
        self._assert_found(accrual, "1 is settled", "add up to 100")

    # ------------------------------------------------------------------
    # Documents
    # ------------------------------------------------------------------

    def test_a_document_that_is_no_longer_posted_gone_or_of_another(self):
        for query, words in (
            ("UPDATE account_move SET state = 'draft' WHERE id = %s", "and are –"),
            ("UPDATE account_move SET state = 'cancel' WHERE id = %s", "and are –"),
            ("UPDATE account_move SET rebate_settlement_id = NULL WHERE id = %s", "and are –"),
            ("UPDATE account_move SET reversed_entry_id = id WHERE id = %s", "and are –"),
            ("DELETE FROM account_move WHERE id = %s", "and are –"),
            ("UPDATE account_move SET amount_total = 1 WHERE id = %s", "over 1"),
        ):
            with self.subTest(query), self.env.cr.savepoint() as savepoint:
                self._forge(query, self.note.id)
                self._assert_found(self.posted, words)
                savepoint.rollback()

    def test_a_document_made_out_to_somebody_else_or_in_another_currency(self):
        for column, value, words in (
            ("partner_id", self.other.id, "another partner"),
            ("currency_id", self.eur.id, "another currency"),
        ):
            with self.subTest(column), self.env.cr.savepoint() as savepoint:
                self._forge(
                    "UPDATE account_move SET %s = %s WHERE id = %s",
                    *(SQL.identifier(column), value, self.note.id),
                )
                self._assert_found(self.posted, self.note.name, words)
                savepoint.rollback()

    def test_a_document_of_a_settlement_that_is_not_posted(self):
        other_note = self._invoice(5, "2026-03-01", refund=True)
        self._forge(
            "UPDATE account_move SET rebate_settlement_id = %s, partner_id = %s WHERE id = %s",
            *(self.proposal.id, self.other.id, other_note.id),
        )
        self._assert_found(self.proposal, "“Draft”", other_note.name, "was not reversed")

    def test_a_second_document_of_a_posted_settlement(self):
        second_note = self._invoice(5, "2026-03-01", refund=True)
        self._forge(
            "UPDATE account_move SET rebate_settlement_id = %s WHERE id = %s",
            *(self.posted.id, second_note.id),
        )
        self._assert_found(self.posted, second_note.name)

    def test_a_cancelled_settlement_set_back_to_posted(self):
        """Its document was reversed, so it pays nothing, but the next run would think it does."""
        self.posted.action_cancel()
        self._set_state(self.posted, "posted")
        self._assert_found(self.posted, "was taken back by")

    def test_a_settlement_called_paid_of_which_nothing_was_paid(self):
        self._set_state(self.posted, "paid")
        self._assert_found(self.posted, self.note.name, "that pays it is not")

    # ------------------------------------------------------------------
    # Paid twice
    # ------------------------------------------------------------------

    def test_a_second_settlement_of_the_same_accrual(self):
        """Line states forged, run again, and forged back: all of it looks right by itself."""
        self._set_state(self.posted, "cancelled")
        self.env.invalidate_all()
        again = self._settle(partner_ids=self.distributor.ids)
        self._set_state(self.posted, "posted")
        self.env.cr.execute(
            SQL(
                "UPDATE rebate_accrual SET settled_amount = 200 WHERE id = %s",
                self.line.accrual_id.id,
            )
        )
        self._assert_found(again, "come to 200 together", "only 100 was earned")

    def test_an_invoice_line_paid_in_two_periods(self):
        accrual = self.line.accrual_id
        agreement = accrual.agreement_id
        later = agreement.accrual_ids - accrual
        self._invoice(500, "2026-02-01")
        second = self._settle("2026-03-31", kind="interim", partner_ids=self.distributor.ids)
        self.assertEqual(second.line_ids.accrual_id, later)
        self._forge(
            "UPDATE rebate_settlement_detail SET line_number = %s WHERE settlement_line_id = %s",
            *(self.line.detail_ids.line_number, second.line_ids.id),
        )
        # A forger of details does not leave the seal as it was.
        content = second._contents()[second.id] | {
            key: second.fingerprint_content[key] for key in ("number", "previous", "format")
        }
        fingerprint = fingerprint_of(content)
        self._forge(
            "UPDATE rebate_settlement SET fingerprint = %s,"
            " fingerprint_content = jsonb_set(fingerprint_content, '{lines}', %s::jsonb)"
            " WHERE id = %s",
            *(fingerprint, json.dumps(content["lines"]), second.id),
        )
        self._forge("UPDATE rebate_settlement_chain SET fingerprint = %s", fingerprint)
        self._assert_found(second, self.posted.name, "pays too")
