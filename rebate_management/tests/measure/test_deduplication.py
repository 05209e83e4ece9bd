"""Programs that count the same purchases are measured together, and each gets its own answer."""

from odoo.tests import tagged

from ...models.measure.deduplication import counted_as, group_sums, group_windows
from ...models.measure.products import requested_sums
from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestDeduplication(RebateCommon):
    def _enrolled(self, *terms):
        """The distributor in a program of 10 % for each of some terms."""
        return self.env["rebate.agreement"].union(
            *(self._enrol(self._program((0, 10), **vals)) for vals in terms)
        )

    def _questions(self, agreements):
        measure = self.env["rebate.measure"]
        question = measure._question(agreements.accrual_ids._windows())
        return group_windows(question._replace(counted_as=counted_as(agreements.program_id)))

    def _assert_earned(self, agreements, *amounts):
        """All of the year 2025."""
        agreements.action_refresh()
        accruals = agreements.accrual_ids.filtered(lambda accrual: accrual.date_from.year == 2025)
        earned = [
            sum((accruals & agreement.accrual_ids).mapped("earned_amount"))
            for agreement in agreements
        ]
        self.assertEqual(earned, [*amounts])

    def test_what_two_programs_count_the_same_is_asked_once(self):
        self._invoice(1000)
        agreements = self._enrolled({}, {"max_payout": 60, "date_start": "2024-01-01"})
        groups = self._questions(agreements)
        days = agreements[1].accrual_ids.filtered(lambda accrual: accrual.date_from.year > 2024)
        self.assertEqual(len(groups), len(agreements.accrual_ids) - len(days))
        self._assert_earned(agreements, 100, 60)

    def test_returns_days_and_basis_are_asked_apart(self):
        self._invoice(1000, "2025-02-01")
        self._invoice(500, "2025-08-01")
        self._invoice(100, "2025-08-02", refund=True)
        agreements = self._enrolled(
            {},
            {"include_refunds": False},
            {"date_start": "2025-07-01"},
            {"date_end": "2025-06-30"},
            {"basis": "paid"},
        )
        self._assert_earned(agreements, 140, 150, 40, 100, 0)

    def test_an_agreement_with_subsidiaries_is_asked_apart(self):
        child = self._company("Child", parent_id=self.distributor.id)
        self._invoice(1000)
        self._invoice(500, partner=child)
        own = self._enrol(self._program((0, 10)))
        program = self._program((0, 10))
        whole = self._enrol(program, include_children=True)
        nearer = self._program((0, 10))
        without_child = self._enrol(nearer, include_children=True)
        self._enrol(nearer, child)
        self._assert_earned(own | whole | without_child, 100, 150, 100)

    def test_products_are_summed_once_and_told_apart(self):
        other = self.env["product.product"].create({"name": "Other", "taxes_id": False})
        self._invoice([(self.goods, 1000), (other, 500)])
        goods = {"rules": [self._rule((0, 10), product_ids=self.goods.ids)]}
        both = {"rules": [goods["rules"][0], self._rule((0, 1), product_ids=other.ids)]}
        agreements = self._enrolled(goods, both, {}, goods)
        programs = agreements.program_id
        sums = group_sums(requested_sums(programs), counted_as(programs))
        names = "the goods, the other ones, both of them, every product"
        self.assertEqual(len(sums), 4, names)
        self._assert_earned(agreements, 100, 105, 150, 100)

    def test_what_a_program_first_in_its_group_leaves_is_asked_apart(self):
        group = self.env["rebate.stacking.group"].create({"name": "One", "method": "priority"})
        self._invoice(1000)
        first = {"rules": [self._rule((0, 10), product_ids=self.goods.ids)], "sequence": 1}
        agreements = self._enrolled(
            first | {"stacking_group_id": group.id},
            {"stacking_group_id": group.id, "sequence": 2},
            {},
        )
        self._assert_earned(agreements, 100, 0, 100)
