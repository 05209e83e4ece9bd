"""Which payouts need which level: by amount, in whichever currency, and by company."""

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ...tools.trust import trusted
from .common import ApprovalCommon


@tagged("post_install", "-at_install")
class TestApprovalLevel(ApprovalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.chief = cls._level("Chief", amount_from=500, user_ids=cls.second_approver.ids)

    def test_a_level_approves_from_its_amount_on(self):
        for bought, levels in ((4999, ["Approval"]), (5000, ["Approval", "Chief"])):
            with self.subTest(bought):
                settlement = self._submitted(amount=bought)
                settlement.with_user(self.approver).action_approve()
                if len(levels) == 2:
                    self.assertEqual(settlement.approval_level_id, self.chief)
                    settlement.with_user(self.second_approver).action_approve()
                self.assertEqual(settlement.state, "approved")
                self.assertEqual(
                    settlement.approval_ids.filtered("level_id").mapped("level_name"), levels
                )

    def test_levels_approve_in_their_sequence(self):
        self.chief.sequence = 1
        settlement = self._submitted(amount=5000)
        with self.assertRefused("Chief", self.second_approver.name):
            settlement.with_user(self.approver).action_approve()

    def test_a_foreign_amount_is_converted_at_the_settlements_date(self):
        self.eur.active = True
        self.env["res.currency.rate"].search([("currency_id", "=", self.eur.id)]).unlink()
        self.env["res.currency.rate"].create(
            [
                {"currency_id": self.eur.id, "name": "2025-01-01", "rate": 1},
                {"currency_id": self.eur.id, "name": "2026-02-01", "rate": 0.5},
            ]
        )
        program = self._program((0, 10), currency_id=self.eur.id)
        settlement = self._proposed(amount=3000, program=program)
        self.assertEqual(settlement.amount_total, 300)
        # 300 euros are 600 dollars today and were 300 in January.
        needed = self.env["rebate.approval.level"]._needed
        self.assertEqual(needed(settlement)[settlement], self.default_level | self.chief)
        settlement.date = "2026-01-31"
        self.assertEqual(needed(settlement)[settlement], self.default_level)

    def test_without_an_exchange_rate_it_is_refused(self):
        self.eur.active = True
        program = self._program((0, 10), currency_id=self.eur.id)
        self.env["res.currency.rate"].search([("currency_id", "=", self.eur.id)]).unlink()
        rate = self.env["res.currency.rate"].create(
            {"currency_id": self.eur.id, "name": "2025-01-01", "rate": 1}
        )
        settlement = self._proposed(program=program)
        rate.unlink()
        with self.assertRefused("EUR", "03/31/2026", "Chief"):
            settlement.action_submit()

    def test_a_level_of_a_company_is_for_it_and_its_branches(self):
        other = self.setup_other_company()["company"]
        elsewhere = self._level("Elsewhere", company_id=other.id, user_ids=self.second_approver.ids)
        self._level("Here", company_id=self.env.company.id, user_ids=self.second_approver.ids)
        settlement = self._proposed()
        levels = self.env["rebate.approval.level"]._needed(settlement)[settlement]
        self.assertEqual(levels.mapped("name"), ["Approval", "Here"])
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.env.company.id}
        )
        self.env["res.company"].invalidate_model()
        trusted(settlement).company_id = branch
        levels = self.env["rebate.approval.level"]._needed(settlement)[settlement]
        self.assertEqual(levels.mapped("name"), ["Approval", "Here"])
        elsewhere.company_id = branch
        levels = self.env["rebate.approval.level"]._needed(settlement)[settlement]
        self.assertEqual(levels.mapped("name"), ["Approval", "Elsewhere", "Here"])

    def test_a_level_for_all_is_in_the_currency_of_the_company_that_pays(self):
        self.eur.active = True
        other = self.setup_other_company(name="Euro GmbH")["company"]
        other.sudo().currency_id = self.eur
        self.assertFalse(self.chief.currency_id)
        self.assertEqual(self.chief.amount_currency_id, self.usd)
        self.assertEqual(self.chief.with_company(other).amount_currency_id, self.eur)
        self.env["res.currency.rate"].search([("currency_id", "=", self.eur.id)]).unlink()
        self.env["res.currency.rate"].create(
            {"currency_id": self.eur.id, "name": "2025-01-01", "rate": 0.5}
        )
        # 600 euros would be 1,200 dollars and reach no 1,000 of their own company.
        settlement = self._proposed(amount=6000)
        self.chief.amount_from = 1000
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE rebate_settlement SET company_id = %s, currency_id = %s WHERE id = %s",
            (other.id, self.eur.id, settlement.id),
        )
        self.env.invalidate_all()
        levels = self.env["rebate.approval.level"]
        self.assertEqual(levels._needed(settlement)[settlement], self.default_level)
        self.chief.amount_from = 600
        self.assertEqual(levels._needed(settlement)[settlement], self.default_level | self.chief)

    def test_the_level_of_a_company_follows_its_currency(self):
        company = self.env["res.company"].sudo().create({"name": "New", "currency_id": self.usd.id})
        level = self._level("New", company_id=company.id, user_ids=self.second_approver.ids)
        self.assertEqual(level.currency_id, self.usd)
        self.eur.active = True
        company.currency_id = self.eur
        self.assertEqual(level.currency_id, self.eur)

    def test_a_level_without_anybody_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "“Nobody” has nobody to approve"):
            self._level("Nobody")
        with self.assertRaisesRegex(ValidationError, "negative"):
            self._level("Less", amount_from=-1, user_ids=self.second_approver.ids)

    def test_what_is_owed_back_counts_by_its_amount(self):
        program = self._program((0, 10), clawback_policy="invoice")
        partner = self._company("Overpaid")
        self._enrol(program, partner)
        self._invoice(5000, partner=partner)
        self._settle(post=False, partner_ids=partner.ids)
        self._invoice(5000, partner=partner, refund=True)
        settlement = self._settle(post=False, partner_ids=partner.ids)
        self.assertEqual(settlement.amount_total, -500)
        needed = self.env["rebate.approval.level"]._needed(settlement)[settlement]
        self.assertIn(self.chief, needed)
