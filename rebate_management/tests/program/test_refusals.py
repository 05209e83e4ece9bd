"""A program or agreement cannot be saved wrong: each refusal says what to do."""

from psycopg2.errors import UniqueViolation

from odoo import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestRefusals(RebateCommon):
    def test_two_tiers_from_one_threshold(self):
        with self.assertRefused("Purchases", "two tiers", "1,000.00"):
            self._program((1000, 1), (1000, 2), activate=False)

    def test_a_negative_threshold(self):
        with self.assertRefused("negative", "-5"):
            self._program((-5, 1), activate=False)

    def test_a_rate_that_is_no_percentage(self):
        with self.assertRefused("percentage", "101"):
            self._program((0, 101), activate=False)

    def test_a_negative_rate(self):
        with self.assertRefused("rate is negative", "-1"):
            self._program((0, -1), activate=False)

    def test_a_rule_without_tiers(self):
        with self.assertRefused("Bonus", "no tier", "Add"):
            self._program(activate=False)

    def test_deleting_the_last_tier(self):
        program = self._program((0, 1), activate=False)
        with self.assertRefused("no tier"):
            program.rule_ids.tier_ids = [Command.clear()]

    def test_a_program_without_rules_cannot_be_activated(self):
        program = self.env["rebate.program"].create({"name": "Empty"})
        with self.assertRefused("Empty", "no rule"):
            program.action_activate()

    def test_program_dates_reversed(self):
        with self.assertRefused("Bonus", "before it starts"):
            self._program((0, 1), activate=False, date_end="2024-12-31")

    def test_agreement_dates_reversed(self):
        with self.assertRefused("Distributor", "before it starts"):
            self._enrol(self._program((0, 1)), date_start="2025-02-01", date_end="2025-01-31")

    def test_an_agreement_twice(self):
        program = self._program((0, 1))
        self._enrol(program, date_end="2025-06-30")
        with self.assertRefused("Distributor", "already", "Bonus"):
            self._enrol(program, date_start="2025-06-30")
        self._enrol(program, date_start="2025-07-01")

    def test_two_agreements_in_one_batch(self):
        program = self._program((0, 1))
        vals = {"program_id": program.id, "partner_id": self.distributor.id}
        with self.assertRefused("already"):
            self.env["rebate.agreement"].create([vals, vals])

    def test_a_contact_instead_of_its_company(self):
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.distributor.id}
        )
        with self.assertRefused("Buyer", "choose Distributor"):
            self._enrol(self._program((0, 1)), contact)

    def test_no_expense_account(self):
        program = self._program((0, 1), activate=False)
        self.assertTrue(program.expense_account_id, "proposed from the company")
        program.expense_account_id = False
        with self.assertRefused("Bonus", "rebate account"):
            program.action_activate()

    def test_enrolment_in_a_draft_program(self):
        with self.assertRefused("Bonus", "Activate the program first"):
            self._enrol(self._program((0, 1), activate=False))

    def test_deleting_an_agreement_that_ran(self):
        agreement = self._enrol(self._program((0, 1)))
        with self.assertRefused("End it"):
            agreement.unlink()

    def test_terms_of_a_settled_program_cannot_be_taken_back(self):
        program = self._program((0, 1))
        self._enrol(program)
        self._invoice(1000)
        self._settle()
        with self.assertRefused("Bonus", "settlements"):
            program.action_reset()

    def test_one_code_a_company(self):
        self._program((0, 1), code="VOL")
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex(UniqueViolation, "rebate_program_code_company_unique"),
            self.env.cr.savepoint(),
        ):
            self._program((0, 1), code="VOL")

    def test_the_form_takes_a_program_in_the_users_order(self):
        with Form(self.env["rebate.program"]) as form:
            form.name = "From the form"
            with form.rule_ids.new() as rule:
                for threshold, rate in ((0, 1), (5000, 2)):
                    with rule.tier_ids.new() as tier:
                        tier.threshold = threshold
                        tier.rate = rate
        program = form.save()
        program.action_activate()
        self.assertEqual(program.state, "active")
