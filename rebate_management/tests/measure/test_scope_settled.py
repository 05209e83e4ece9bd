"""What was settled keeps its scope when categories, tags, products change; open periods follow."""

import importlib.util
from pathlib import Path

from odoo.tests import tagged

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestScopeSettled(RebateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.brand, cls.rest = cls.env["product.category"].create(
            [{"name": "Brand"}, {"name": "Rest"}]
        )
        cls.blue = cls.env["product.tag"].create({"name": "Blue"})
        cls.inside, cls.outside = cls.env["product.product"].create(
            [
                {"name": "Inside", "categ_id": cls.brand.id, "taxes_id": False},
                {"name": "Outside", "categ_id": cls.rest.id, "taxes_id": False},
            ]
        )

    def _agreement(self, *, partner=None, rule=None, **vals):
        scope = rule or {"product_category_ids": self.brand.ids}
        program = self._program(
            rules=[self._rule((0, 10), **scope)], **{"period_type": "quarter", **vals}
        )
        return self._enrol(program, partner)

    def _buy(self, day, inside=0, outside=0, **vals):
        return self._invoice(
            [
                (product, amount)
                for product, amount in ((self.inside, inside), (self.outside, outside))
                if amount
            ],
            day,
            **vals,
        )

    def _quarters(self, agreement):
        agreement.action_refresh()
        return [
            self._accrual(agreement, day).earned_amount
            for day in ("2025-02-01", "2025-05-01", "2025-08-01")
        ]

    def _settle_q1(self, **vals):
        return self._settle("2025-03-31", **vals)

    def test_a_product_that_leaves_the_category_after_the_payout(self):
        agreement = self._agreement()
        self._buy("2025-02-01", inside=1000, outside=500)
        self._buy("2025-05-01", inside=2000, outside=500)
        settlement = self._settle_q1()
        self.assertEqual(settlement.amount_total, 100)
        self.inside.categ_id = self.rest
        self.assertEqual(self._quarters(agreement)[:2], [100, 0], "Q1 stays, open Q2 follows")
        accrual = self._accrual(agreement, "2025-02-01")
        self.assertFalse(accrual.open_amount)
        self.assertIn("Inside", accrual.scope_note)
        self.assertIn(settlement.name, accrual.scope_note)
        self.assertFalse(self._accrual(agreement, "2025-05-01").scope_note)
        self.assertFalse(self._settle("2025-06-30", post=False))

    def test_a_product_that_comes_into_the_category_after_the_payout(self):
        agreement = self._agreement()
        self._buy("2025-02-01", inside=1000, outside=500)
        self._buy("2025-05-01", inside=2000, outside=500)
        self._settle_q1()
        self.outside.categ_id = self.brand
        self.assertEqual(self._quarters(agreement)[:2], [100, 250])
        self.assertIn("Outside", self._accrual(agreement, "2025-02-01").scope_note)
        self.assertEqual(self._settle("2025-06-30").amount_total, 250)

    def test_a_tag_that_is_taken_away_or_given(self):
        agreement = self._agreement(rule={"product_tag_ids": self.blue.ids})
        self.inside.product_tmpl_id.product_tag_ids = self.blue
        self._buy("2025-02-01", inside=1000, outside=500)
        self._settle_q1()
        self.inside.product_tmpl_id.product_tag_ids = False
        self.outside.additional_product_tag_ids = self.blue
        self._buy("2025-05-01", inside=1000, outside=500)
        self.assertEqual(self._quarters(agreement)[:2], [100, 50])

    def test_a_filter_on_a_field_that_changes(self):
        agreement = self._agreement(rule={"product_domain": "[('default_code', '=like', 'A%')]"})
        self.inside.default_code = "A1"
        self._buy("2025-02-01", inside=1000, outside=500)
        self._settle_q1()
        self.inside.default_code = "B1"
        self.outside.default_code = "A2"
        self._buy("2025-05-01", inside=1000, outside=500)
        self.assertEqual(self._quarters(agreement)[:2], [100, 50])

    def test_a_category_that_moves_below_another(self):
        agreement = self._agreement()
        self._buy("2025-02-01", inside=1000, outside=500)
        self._settle_q1()
        self.rest.parent_id = self.brand
        self._buy("2025-05-01", inside=1000, outside=500)
        self.assertEqual(self._quarters(agreement)[:2], [100, 150])

    def test_a_qualifier_keeps_what_chose_the_tier(self):
        program = self._program(
            period_type="quarter",
            rules=[
                self._rule(
                    (500, 10),
                    product_ids=self.goods.ids,
                    qualifier="domain",
                    qualifier_domain="[('categ_id.name', '=', 'Brand')]",
                )
            ],
        )
        agreement = self._enrol(program)
        for day in ("2025-02-01", "2025-05-01"):
            self._invoice([(self.goods, 1000), (self.inside, 500)], day)
        self._settle_q1()
        self.inside.categ_id = self.rest
        self.assertEqual(self._quarters(agreement)[:2], [100, 0])
        self.assertIn("tier", self._accrual(agreement, "2025-02-01").scope_note)

    def test_a_late_invoice_in_the_settled_period(self):
        agreement = self._agreement()
        self._buy("2025-02-01", inside=1000)
        self._settle_q1()
        self.inside.categ_id = self.rest
        self.outside.categ_id = self.brand
        self._buy("2025-03-01", inside=200, outside=400)
        self.assertEqual(self._quarters(agreement)[0], 120)
        late = self._settle_q1()
        self.assertEqual(late.amount_total, 20)
        self.assertEqual(late.line_ids.detail_ids.product_id, self.inside)

    def test_a_return_after_the_product_moved(self):
        agreement = self._agreement()
        self._buy("2025-02-01", inside=1000)
        self._settle_q1()
        self.inside.categ_id = self.rest
        self._buy("2025-03-01", inside=300, refund=True)
        self.assertEqual(self._quarters(agreement)[0], 70)

    def test_a_product_that_came_into_being_since_counts_by_its_category(self):
        agreement = self._agreement()
        self._buy("2025-02-01", inside=1000)
        self._settle_q1()
        self.inside.categ_id = self.rest
        new = self.env["product.product"].create(
            {"name": "New", "categ_id": self.brand.id, "taxes_id": False}
        )
        self._invoice([(new, 100)], "2025-03-01")
        self.assertEqual(self._quarters(agreement)[0], 110)

    def test_interim_payouts_keep_the_days_they_paid_for(self):
        agreement = self._agreement(period_type="year")
        self._buy("2025-02-01", inside=1000, outside=500)
        self._settle("2025-03-31", kind="interim")
        self.inside.categ_id = self.rest
        self.outside.categ_id = self.brand
        self._buy("2025-05-01", inside=1000, outside=500)
        self.assertEqual(self._earned(agreement), 100 + 50)
        self.assertEqual(self._settle("2025-06-30", kind="interim").amount_total, 50)
        self.outside.categ_id = self.rest
        self._buy("2025-08-01", inside=1000, outside=500)
        self.assertEqual(self._earned(agreement), 150)
        self.assertEqual(self._accrual(agreement).line_ids.measured_amount, 1500)

    def test_tiers_are_reached_by_both_parts_together(self):
        program = self._program(
            period_type="year",
            rules=[self._rule((0, 1), (2000, 10), product_category_ids=self.brand.ids)],
        )
        agreement = self._enrol(program)
        self._buy("2025-02-01", inside=1000)
        self._settle("2025-03-31", kind="interim")
        self.inside.categ_id = self.rest
        self.outside.categ_id = self.brand
        self._buy("2025-05-01", outside=1000)
        self.assertEqual(self._earned(agreement), 200)
        self.assertEqual(self._accrual(agreement).line_ids.facts["invoices"], 2)

    def test_a_cancelled_payout_keeps_nothing(self):
        agreement = self._agreement()
        self._buy("2025-02-01", inside=1000)
        settlement = self._settle_q1(post=False)
        self.inside.categ_id = self.rest
        self.assertEqual(self._quarters(agreement)[0], 100)
        settlement.action_cancel()
        self.assertEqual(self._quarters(agreement)[0], 0)

    def test_an_amendment_of_the_scope_rules(self):
        agreement = self._agreement()
        self._buy("2025-02-01", inside=1000, outside=500)
        self._settle_q1()
        self.inside.categ_id = self.rest
        program = agreement.program_id
        program.action_amend()
        amendment = program.amendment_ids
        amendment.draft_id.rule_ids.product_category_ids = self.rest
        amendment.reason = "The rest, all along"
        amendment.action_preview()
        amendment.action_apply()
        self.assertEqual(self._quarters(agreement)[0], 150)

    def test_an_amendment_of_other_terms_keeps_the_scope(self):
        agreement = self._agreement()
        self._buy("2025-02-01", inside=1000, outside=500)
        self._settle_q1()
        self.inside.categ_id = self.rest
        program = agreement.program_id
        program.action_amend()
        amendment = program.amendment_ids
        amendment.draft_id.rule_ids.tier_ids.rate = 20
        amendment.reason = "More"
        amendment.action_preview()
        amendment.action_apply()
        self.assertEqual(self._quarters(agreement)[0], 200)

    def test_two_rules_of_which_the_product_changes_sides(self):
        program = self._program(
            period_type="quarter",
            rules=[
                self._rule((0, 10), name="Brand", product_category_ids=self.brand.ids),
                self._rule((0, 1), name="Rest", product_category_ids=self.rest.ids),
            ],
        )
        agreement = self._enrol(program)
        self._buy("2025-02-01", inside=1000, outside=500)
        self._buy("2025-05-01", inside=1000, outside=500)
        self.assertEqual(self._settle_q1().amount_total, 105)
        self.inside.categ_id = self.rest
        self.assertEqual(self._quarters(agreement)[:2], [105, 15])
        accrual = self._accrual(agreement, "2025-02-01")
        self.assertEqual(accrual.measured_amount, 1500, "each line once")

    def test_a_program_that_comes_first_does_not_take_what_was_settled(self):
        group = self.env["rebate.stacking.group"].create({"name": "One", "method": "priority"})
        shared = {"period_type": "quarter", "stacking_group_id": group.id}
        first = self._enrol(
            self._program(
                name="First",
                sequence=1,
                rules=[self._rule((0, 50), product_category_ids=self.rest.ids)],
                **shared,
            )
        )
        second = self._enrol(self._program((0, 10), name="Second", sequence=2, **shared))
        self._buy("2025-02-01", inside=1000, outside=500)
        self._buy("2025-05-01", inside=1000, outside=500)
        self._settle_q1()
        self.inside.categ_id = self.rest
        self.assertEqual(self._quarters(first)[:2], [250, 750])
        self.assertEqual(self._quarters(second)[:2], [100, 0])
        self.assertFalse(self._settle_q1(post=False))

    def test_a_reducing_program_reduces_what_it_did(self):
        reducing = self._program(
            name="First",
            sequence=1,
            period_type="quarter",
            rules=[self._rule((0, 50), product_category_ids=self.brand.ids)],
        )
        self._enrol(reducing)
        reduced = self._enrol(
            self._program(
                (0, 10),
                name="Second",
                sequence=2,
                period_type="quarter",
                reduced_by_program_ids=reducing.ids,
            )
        )
        self._buy("2025-02-01", inside=1000)
        self._buy("2025-05-01", inside=1000)
        self.assertEqual(self._quarters(reduced)[:2], [50, 50])
        self._settle_q1()
        self.inside.categ_id = self.rest
        self.assertEqual(self._quarters(reduced)[:2], [50, 100])

    def test_growth_is_compared_like_with_like(self):
        program = self._program(
            date_start="2024-01-01",
            period_type="year",
            rules=[
                self._rule(
                    (10, 10),
                    qualifier_measure="growth_percent",
                    product_category_ids=self.brand.ids,
                )
            ],
        )
        agreement = self._enrol(program, date_start="2024-01-01")
        self._buy("2024-02-01", inside=1000, outside=5000)
        self._buy("2025-02-01", inside=2000)
        self._settle("2025-12-31")
        paid = self._accrual(agreement).settled_amount
        self.assertEqual(paid, 200)
        self.outside.categ_id = self.brand
        self.assertEqual(self._earned(agreement), 200)

    def test_paid_purchases_keep_their_scope_too(self):
        agreement = self._agreement(basis="paid")
        for day in ("2025-02-01", "2025-05-01"):
            move = self._buy(day, inside=1000)
            self._pay(move, day)
        self.assertEqual(self._settle_q1().amount_total, 100)
        self.inside.categ_id = self.rest
        self.assertEqual(self._quarters(agreement)[:2], [100, 0])

    def test_what_is_shown_of_the_settled_period_agrees(self):
        agreement = self._agreement()
        self._buy("2025-02-01", inside=1000, outside=500)
        self._settle_q1()
        self.inside.categ_id = self.rest
        agreement.action_refresh()
        accrual = self._accrual(agreement, "2025-02-01")
        action = accrual.action_view_invoice_lines()
        lines = (
            self.env["account.move.line"].with_context(**action["context"]).search(action["domain"])
        )
        self.assertEqual(lines.product_id, self.inside)
        self.assertEqual(lines.rebate_share, 100)

    def test_the_program_tells_once_what_changed(self):
        agreement = self._agreement()
        self._buy("2025-02-01", inside=1000, outside=500)
        settlement = self._settle_q1()
        agreement.action_refresh()
        program = agreement.program_id
        before = len(program.message_ids)
        self.inside.categ_id = self.rest
        agreement.action_refresh()
        agreement.action_refresh()
        [message] = program.message_ids[: len(program.message_ids) - before]
        self.assertIn("Inside", message.body)
        self.assertIn(settlement.name, message.body)
        self.assertIn("Purchases", message.body)
        self.outside.categ_id = self.brand
        agreement.action_refresh()
        self.assertIn("Outside", program.message_ids[0].body)
        self.assertNotIn("Inside", program.message_ids[0].body)
        self.assertEqual(len(program.message_ids), before + 2)

    def test_a_program_that_cannot_be_computed_still_shows_its_periods(self):
        agreement = self._agreement()
        self._buy("2025-02-01", inside=1000)
        self._settle_q1()
        self.env.flush_all()
        self.env.cr.execute(
            "DELETE FROM product_category_rebate_rule_rel WHERE rebate_rule_id = %s",
            [agreement.program_id.rule_ids.id],
        )
        self.env.invalidate_all()
        self.assertFalse(self._accrual(agreement, "2025-02-01").scope_note)

    def test_who_bought_nothing_of_it_is_settled_all_the_same(self):
        agreement = self._agreement()
        other = self._agreement(partner=self._company("Other"), name="Other")
        self._buy("2025-02-01", inside=1000)
        self._buy("2025-02-01", inside=700, partner=other.partner_id)
        self._settle_q1(partner_ids=self.distributor.ids)
        self.inside.categ_id = self.rest
        (agreement | other).action_refresh()
        self.assertEqual(self._quarters(agreement)[0], 100)
        self.assertEqual(self._quarters(other)[0], 0, "nothing of it was settled")

    def test_products_that_did_not_change_cost_one_statement_and_no_row(self):
        agreement = self._agreement()
        self._buy("2025-02-01", inside=1000)
        self._settle_q1()
        self._buy("2025-05-01", inside=1000)
        self._settle("2025-06-30")
        lines = agreement.accrual_ids.settlement_line_ids
        self.assertEqual(len({str(line.scopes["rules"]) for line in lines}), 1)
        self.assertFalse(agreement.accrual_ids.mapped("scope_note")[0])
        self.assertFalse(
            self._settle_unlimited().line_ids.scopes, "nothing is kept where nothing can change"
        )

    def _settle_unlimited(self):
        partner = self._company("Unlimited")
        self._enrol(self._program((0, 10), name="Unlimited", period_type="quarter"), partner)
        self._invoice(100, "2025-02-01", partner=partner)
        return self._settle_q1(partner_ids=partner.ids)

    def test_the_migration_keeps_what_counts_by_then(self):
        agreement = self._agreement()
        self._buy("2025-02-01", inside=1000)
        self._settle_q1()
        self.env.flush_all()
        self.env.cr.execute("UPDATE rebate_settlement_line SET scopes = NULL")
        self.env.invalidate_all()
        path = Path(__file__).parents[2] / "migrations/19.0.2.0.0/post-scope.py"
        spec = importlib.util.spec_from_file_location("post_scope", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.migrate(self.env.cr, "19.0.1.0.0")
        self.env.invalidate_all()
        self.inside.categ_id = self.rest
        self.assertEqual(self._quarters(agreement)[0], 100)
