"""Only new figures are sent to the database, and every accrual says when it was computed."""

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from ...tools.trust import trusted
from ..common import RebateCommon
from ..common_kept import ROLE


@tagged("post_install", "-at_install")
class TestStore(RebateCommon):
    def setUp(self):
        super().setUp()
        self.agreement = self._enrol(self._program((0, 5), (2000, 10)), date_end="2025-12-31")
        self._invoice(1000)
        self.agreement.action_refresh()
        self.accrual = self.agreement.accrual_ids
        self.env.flush_all()

    def _rows(self):
        """Where the rows of accrual and rule lie; a row that is rewritten moves."""
        self.env.cr.execute("SELECT ctid FROM rebate_accrual WHERE id = %s", self.accrual.ids)
        accrual = self.env.cr.fetchall()
        self.env.cr.execute(
            "SELECT ctid FROM rebate_accrual_line WHERE accrual_id = %s", self.accrual.ids
        )
        return accrual, self.env.cr.fetchall()

    def test_without_news_the_rules_stay_and_the_accrual_is_written(self):
        accrual, rules = self._rows()
        with freeze_time("2026-04-01"):
            self.accrual.refresh()
        new_accrual, new_rules = self._rows()
        self.assertNotEqual(new_accrual, accrual)
        self.assertEqual(new_rules, rules)
        self.assertEqual(str(self.accrual.computed_at), "2026-04-01 00:00:00")
        self.assertEqual(self.accrual.earned_amount, 50)

    def test_news_are_stored_and_so_is_what_was_before(self):
        for amount, earned in ((1000, 200), (-1000, 50)):
            self._invoice(abs(amount), refund=amount < 0)
            self.accrual.refresh()
            self.assertEqual(self.accrual.earned_amount, earned)
            self.assertEqual(self.accrual.line_ids.earned_amount, earned)

    def test_only_who_has_news_is_rewritten(self):
        other = self._enrol(self.agreement.program_id, self._company("Other"))
        self._invoice(3000, partner=other.partner_id)
        _accrual, rules = self._rows()
        (self.accrual | other.accrual_ids).refresh()
        self.assertEqual(self._rows()[1], rules)
        self.assertEqual(self._accrual(other).earned_amount, 300)

    def test_what_somebody_else_wrote_does_not_stay(self):
        trusted(self.accrual.sudo()).earned_amount = 1
        trusted(self.accrual.line_ids.sudo()).earned_amount = 2
        self.accrual.refresh()
        self.assertEqual(self.accrual.earned_amount, 50)
        self.assertEqual(self.accrual.line_ids.earned_amount, 50)

    def test_terms_are_kept_once_and_the_old_ones_stay_with_what_was_paid_by_them(self):
        other = self._enrol(self.agreement.program_id, self._company("Other"))
        self._invoice(3000, partner=other.partner_id)
        (self.accrual | other.accrual_ids).refresh()
        lines = (self.accrual | other.accrual_ids).line_ids
        terms = lines.terms_id
        self.assertEqual(len(terms), 1)
        self.assertEqual([tier["rate"] for tier in terms.facts["scale"]], ["5.0", "10.0"])
        self.assertNotIn("scale", lines[0].decided)
        self.assertEqual(lines[0].facts, terms.facts | lines[0].decided)

        own = [Command.create({"rule_id": lines[0].rule_id.id, "threshold": 0, "rate": 20})]
        other.tier_ids = own
        (self.accrual | other.accrual_ids).refresh()
        self.assertEqual(self.accrual.line_ids.terms_id, terms)
        self.assertNotEqual(self._accrual(other).line_ids.terms_id, terms)
        self.assertEqual(self._accrual(other).earned_amount, 600)

    def test_terms_that_no_accrual_was_computed_by_are_cleared_away(self):
        old = self.accrual.line_ids.terms_id
        self.agreement.tier_ids = [
            Command.create({"rule_id": self.accrual.line_ids.rule_id.id, "threshold": 0, "rate": 1})
        ]
        self.accrual.refresh()
        new = self.accrual.line_ids.terms_id
        self.env.flush_all()
        self.env["rebate.accrual.terms"]._gc_unused()
        self.assertFalse(old.exists())
        self.assertEqual(new.exists(), new)
        self.assertTrue(self.accrual.line_ids.explanation)

        self.agreement.tier_ids.unlink()
        self.accrual.refresh()
        self.assertEqual(self.accrual.earned_amount, 50)
        self.assertEqual(self.accrual.line_ids.terms_id.facts["scale"][0]["rate"], "5.0")

    def test_a_company_does_not_see_the_terms_of_another(self):
        terms = self.accrual.line_ids.terms_id
        company = self.env["res.company"].create({"name": "Another Company"})
        user = self._user("another", ROLE + "user", companies=company)
        found = self.env["rebate.accrual.terms"].with_user(user)
        self.assertFalse(found.search([("id", "in", terms.ids)]))
        user.write({"company_ids": [Command.link(self.env.company.id)]})
        self.assertEqual(
            found.with_company(self.env.company).search([("id", "in", terms.ids)]), terms
        )
