"""The terms of a running program change by amendment: previewed, applied, paid by difference."""

from odoo import Command
from odoo.tests import tagged

from .common_amendment import AmendmentCommon


@tagged("post_install", "-at_install")
class TestAmendment(AmendmentCommon):
    def setUp(self):
        super().setUp()
        self.program = self._program((0, 5), (10000, 6))
        self.agreement = self._enrol(self.program)
        self._invoice(12000)
        self._invoice(1000, "2026-02-01")
        self.agreement.action_refresh()

    def _figures(self, amendment):
        return [
            (line.partner_id, line.period, line.earned_before, line.earned_after, line.difference)
            for line in amendment.line_ids.sorted(lambda line: (line.partner_id.id, line.period))
        ]

    def test_a_raised_rate_raises_every_period(self):
        amendment = self._amend(self.program, self._rate(0, 8), self._rate(10000, 9))
        self.assertEqual(
            self._figures(amendment),
            [(self.distributor, "2025", 720, 1080, 360), (self.distributor, "2026", 50, 80, 30)],
        )
        self.assertEqual(self._accrual(self.agreement).earned_amount, 1080)
        self.assertEqual(self._accrual(self.agreement, "2026-02-01").earned_amount, 80)
        self.assertEqual(amendment.difference, 390)

    def test_a_settled_year_is_paid_the_difference_and_its_credit_note_stays(self):
        settlement = self._settle()
        self.assertEqual(settlement.amount_total, 720)
        accrual = self._accrual(self.agreement)
        self.assertEqual(accrual.state, "settled")
        note = settlement.move_ids
        printed = note.read()[0]
        amendment = self._amend(self.program, self._rate(10000, 9))
        line = amendment.line_ids.filtered(lambda line: line.accrual_id == accrual)
        self.assertRecordValues(
            line,
            [
                {
                    "accrual_state": "settled",
                    "settled_amount": 720,
                    "difference": 360,
                    "open_amount": 360,
                }
            ],
        )
        self.assertEqual(note.read()[0], printed)
        self.assertEqual(settlement.line_ids.amount, 720)
        self.assertEqual(self._settle().amount_total, 360)
        self.assertEqual(accrual.state, "settled")

    def test_a_lowered_rate_is_made_up_by_later_rebates(self):
        self._settle()
        amendment = self._amend(self.program, self._rate(0, 4), self._rate(10000, 5))
        self.assertEqual(amendment.open_amount, 600 - 720 + 40)
        settlement = self._settle(self.today, "interim")
        self.assertEqual(sorted(settlement.line_ids.mapped("amount")), [-40, 40])
        self.assertEqual(settlement.amount_total, 0, "80 more were paid than earned")
        self.assertFalse(self._settle(self.today, "interim"), "they wait for later rebates")

    def test_the_preview_is_what_is_stored_after_applying(self):
        other = self._enrol(self.program, self._company("Other"), date_start="2025-07-01")
        self._invoice(30000, "2025-08-01", other.partner_id)
        other.action_refresh()
        draft = self._draft(self.program, self._rate(10000, 7.5), self._add_tier(20000, 12.25))
        draft.action_preview_amendment()
        amendment = self.program.amendment_ids
        previewed = self._figures(amendment)
        self.assertEqual(len(previewed), 4)
        terms = amendment._changes()
        amendment.reason = "More"
        amendment.action_apply()
        self.assertEqual(self._figures(amendment), previewed)
        self.assertEqual(amendment._changes(), terms)
        for line in amendment.line_ids:
            self.assertEqual(line.accrual_id.earned_amount, line.earned_after)

    def test_a_preview_changes_nothing(self):
        draft = self._draft(self.program, self._rate(10000, 9), self._add_tier(20000, 12))
        draft.date_end = "2025-12-31"
        before = self._everything()
        messages = self.program.message_ids
        draft.action_preview_amendment()
        self.assertEqual(self._everything(), before)
        self.assertEqual(self.program.message_ids, messages)
        self.assertTrue(self.program.amendment_ids.line_ids)

    def test_discarding_leaves_nothing(self):
        before = self._everything()
        draft = self._draft(self.program, self._rate(10000, 9))
        draft.action_preview_amendment()
        amendment = self.program.amendment_ids
        lines, records = amendment.line_ids, draft | self.program
        action = draft.action_discard_amendment()
        self.assertEqual(action["res_id"], self.program.id)
        self.assertFalse(lines.exists() or amendment.exists())
        self.assertEqual(records.exists(), self.program)
        self.assertEqual(self._everything(), before)
        self.assertFalse(self.program.is_being_amended)

    def test_amending_again_opens_the_same_draft(self):
        draft = self._draft(self.program)
        self.assertEqual(self._draft(self.program), draft)
        self.assertEqual(len(self.program.amendment_ids), 1)

    def test_a_fresh_draft_has_the_very_terms_of_its_program(self):
        program = self._program(
            rules=[
                self._rule((0, 2), product_ids=[Command.set(self.goods.ids)], max_measure=5000),
                self._rule((5, 3), (7, 4), name="Growth", qualifier_measure="growth_percent"),
            ],
            date_end="2027-12-31",
            period_type="half_year",
            settlement_period="month",
            max_payout=1000,
            prorate=True,
            reduced_by_program_ids=[Command.set(self.program.ids)],
        )
        self.goods.active = False
        draft = self._draft(program)
        self.assertEqual(draft._freeze_terms(), program._freeze_terms())
        self.assertFalse(draft.active)
        with self.assertRefused("changes nothing"):
            draft.action_preview_amendment()

    def test_two_amendments_in_a_row(self):
        first = self._amend(self.program, self._rate(10000, 9))
        second = self._amend(self.program, self._rate(10000, 10), reason="Again")
        self.assertEqual(self._accrual(self.agreement).earned_amount, 1200)
        self.assertEqual((first.number, second.number), (1, 2))
        self.assertEqual(first.after, second.before)
        self.assertEqual(second.display_name, "Amendment 2 of Bonus")
        self.assertEqual(self.program.amendment_count, 2)

    def test_rules_and_tiers_that_stay_keep_their_ids(self):
        rule = self.program.rule_ids
        low, high = rule.tier_ids.sorted("threshold")
        line = self._accrual(self.agreement).line_ids
        self._amend(self.program, self._rate(0, 1), self._move_tier(10000, 11000))
        self.assertEqual(self.program.rule_ids, rule)
        self.assertEqual(rule.tier_ids.sorted("threshold"), low | high)
        self.assertEqual((low.rate, high.threshold), (1, 11000))
        self.assertEqual(self._accrual(self.agreement).line_ids, line)
        self.assertRecordValues(line, [{"rule_id": rule.id, "tier_id": high.id}])

    def test_tiers_may_change_places(self):
        low, high = self.program.rule_ids.tier_ids.sorted("threshold")
        draft = self._draft(self.program, self._add_tier(20000, 7))
        twin_low, twin_high, _new = draft.rule_ids.tier_ids.sorted("threshold")
        twin_low.threshold = 1
        twin_high.threshold = 500
        twin_low.write({"threshold": 10000, "rate": 3})
        self._apply(draft)
        self.assertEqual(
            self.program.rule_ids.tier_ids.sorted("threshold").mapped(
                lambda tier: (tier.threshold, tier.rate)
            ),
            [(500, 6), (10000, 3), (20000, 7)],
        )
        self.assertIn(high, self.program.rule_ids.tier_ids)
        self.assertFalse(low.exists())

    def test_rules_come_and_go(self):
        screws = self.env["product.product"].create({"name": "Screws", "taxes_id": False})
        self._invoice([(screws, 2000)], "2025-10-01")
        draft = self._draft(self.program)
        draft.rule_ids = [
            Command.delete(draft.rule_ids.id),
            Command.create(
                self._rule((0, 10), product_ids=[Command.set(screws.ids)], name="Screws")
            ),
        ]
        amendment = self._apply(draft)
        self.assertEqual(self.program.rule_ids.name, "Screws")
        accrual = self._accrual(self.agreement)
        self.assertEqual(accrual.earned_amount, 200)
        self.assertEqual(accrual.line_ids.rule_id, self.program.rule_ids)
        self.assertEqual([rule["name"] for rule in amendment.before["rules"]], ["Purchases"])

    def test_a_rule_with_own_tiers_is_not_given_up(self):
        self.agreement.tier_ids = [
            Command.create({"rule_id": self.program.rule_ids.id, "threshold": 0, "rate": 20})
        ]
        draft = self._draft(self.program)
        draft.rule_ids = [
            Command.delete(draft.rule_ids.id),
            Command.create(self._rule((0, 10), name="Other")),
        ]
        with self.assertRefused("Purchases", "own", "Distributor"):
            draft.action_preview_amendment()
        self.assertTrue(self.agreement.tier_ids)
