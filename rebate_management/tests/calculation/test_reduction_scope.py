"""A rebate lowers another only on purchases that both programs count, however they differ in whose
purchases these are, in returns, and in when they count."""

from odoo import Command
from odoo.tests import tagged

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestReductionScope(RebateCommon):
    def _reduced(self, first=None, second=None, first_terms=None, second_terms=None):
        """The distributor in a program of 10 % and in a second one of 10 % on the rest."""
        one = self._program((0, 10), name="First", sequence=1, **(first_terms or {}))
        terms = {"name": "Second", "sequence": 2, "reduced_by_program_ids": one.ids}
        two = self._program((0, 10), **terms, **(second_terms or {}))
        return self._enrol(one, **(first or {})), self._enrol(two, **(second or {}))

    def test_purchases_of_subsidiaries_that_only_the_second_counts(self):
        child = self._company("Child", parent_id=self.distributor.id)
        _one, two = self._reduced(second={"include_children": True})
        self._invoice(1000)
        self._invoice(9000, partner=child)
        self.assertEqual(self._earned(two), 990, "10 % of 10,000 less the 100 paid on 1,000")

    def test_purchases_of_subsidiaries_that_only_the_first_counts(self):
        child = self._company("Child", parent_id=self.distributor.id)
        _one, two = self._reduced(first={"include_children": True})
        self._invoice(1000)
        self._invoice(9000, partner=child)
        self.assertEqual(self._earned(two), 90, "10 % of 1,000 less the 100 paid on these")

    def test_returns_that_only_the_second_deducts(self):
        _one, two = self._reduced(first_terms={"include_refunds": False})
        self._invoice(1000)
        self._invoice(500, refund=True)
        self.assertEqual(self._earned(two), 40, "10 % of 500 less the 100 paid on the purchase")

    def test_days_that_only_the_second_counts(self):
        _one, two = self._reduced(first={"date_start": "2025-06-01"})
        self._invoice(1000, "2025-02-01")
        self._invoice(1000, "2025-06-15")
        self.assertEqual(self._earned(two), 190)

    def test_what_is_paid_of_an_invoice_that_the_second_counts_as_invoiced(self):
        _one, two = self._reduced(first_terms={"basis": "paid", "period_type": "quarter"})
        invoice = self._invoice(1000)
        self._pay(invoice, "2025-07-20", 400)
        self.assertEqual(self._earned(two), 96, "10 % of 1,000 less the 40 paid on it")

    def test_products_that_both_rules_count(self):
        paint = self.env["product.product"].create({"name": "Paint", "taxes_id": False})
        rules = [
            self._rule((0, 10), name="Goods", product_ids=self.goods.ids),
            self._rule((0, 20), name="Paint", product_ids=paint.ids),
        ]
        _one, two = self._reduced(second_terms={"rules": rules})
        self._invoice([(self.goods, 1000), (paint, 500), (False, 250)])
        self._invoice([(paint, 500)])
        self.assertEqual(self._earned(two), 90 + 180)

    def test_a_lump_sum_lowers_by_itself_at_most_where_returns_nearly_cancel_its_purchases(self):
        tiers = [Command.create({"threshold": 0, "rate": 60, "rate_type": "fixed"})]
        _one, two = self._reduced(
            first_terms={"rules": [{"name": "Bonus", "tier_ids": tiers}]},
            second_terms={"include_refunds": False},
        )
        self._invoice(1000)
        self._invoice(999, refund=True)
        self.assertEqual(self._earned(two), 94, "10 % of 1,000 less the 60, whatever came back")
        self._invoice(1, refund=True)
        self.assertEqual(self._earned(two), 94)
        self._invoice(5000)
        self.assertEqual(self._earned(two), 594, "of the 60 again no more than all")

    def test_a_lump_sum_never_raises_the_amount_on_which_another_pays(self):
        child = self._company("Child", parent_id=self.distributor.id)
        tiers = [Command.create({"threshold": 500, "rate": 60, "rate_type": "fixed"})]
        _one, two = self._reduced(
            first_terms={"rules": [{"name": "Bonus", "tier_ids": tiers}]},
            second={"include_children": True},
            second_terms={"period_type": "quarter"},
        )
        self._invoice(1000, "2025-05-15")
        self._invoice(400, "2025-08-15", refund=True)
        self._invoice(2000, "2025-08-15", child)
        self.assertEqual(self._earned(two, "2025-05-15"), 94)
        self.assertEqual(self._earned(two, "2025-08-15"), 160, "nothing of the 60 on the return")
        self._invoice(600, "2025-08-20")
        self.assertEqual(self._earned(two, "2025-05-15"), 95, "1,000 of 1,200 bought: 50 of 60")
        self.assertEqual(self._earned(two, "2025-08-15"), 219)
