"""What each invoice line has of a rebate: to the cent, and shown beside the line."""

from decimal import Decimal

from odoo import Command
from odoo.tests import tagged

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestShareOut(RebateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["product.product"].create({"name": "Other", "taxes_id": False})

    def _shares(self, agreement):
        """What each invoice line has, the latest last, as text."""
        agreement.action_refresh()
        shares = self._accrual(agreement).line_ids._share_out()
        return [str(share.rebate) for share in reversed(shares)]

    def _per_unit(self, *tiers, **vals):
        """A program by tiers of ``(threshold, rate type, rate)``."""
        tiers = [
            Command.create({"threshold": threshold, "rate_type": rate_type, "rate": rate})
            for threshold, rate_type, rate in tiers
        ]
        unit = self.env.ref("uom.product_uom_unit")
        return self._program(rules=[{"tier_ids": tiers}], uom_id=unit.id, **vals)

    def _quantities(self, *quantities, price=10):
        line = {"product_id": self.goods.id, "price_unit": price, "tax_ids": [Command.clear()]}
        lines = [Command.create({**line, "quantity": quantity}) for quantity in quantities]
        return self._invoice([], invoice_line_ids=lines)

    def test_three_equal_lines_share_a_rebate_of_ten_cents(self):
        agreement = self._enrol(self._program((0, 10)))
        for amount in ("0.33", "0.33", "0.34"):
            self._invoice(float(amount))
        self.assertEqual(self._shares(agreement), ["0.03", "0.03", "0.04"])

    def test_a_return_has_a_negative_part(self):
        agreement = self._enrol(self._program((0, 10)))
        self._invoice([(self.goods, 100.10), (self.goods, 100)])
        self._invoice(50, refund=True)
        self.assertEqual(self._shares(agreement), ["10.01", "10.00", "-5.00"])

    def test_a_rate_per_unit_lies_on_the_units(self):
        agreement = self._enrol(self._per_unit((0, "per_unit", 0.333)))
        self._quantities(1, 2)
        self._quantities(3, price=1000)
        self.assertEqual(self._shares(agreement), ["0.33", "0.67", "1.00"])

    def test_a_lump_sum_beside_a_rate_per_unit_lies_on_the_amounts(self):
        program = self._per_unit((0, "per_unit", 1), (100, "fixed", 20), tier_method="total")
        agreement = self._enrol(program)
        self._quantities(1, price=300)
        self._quantities(9, price=100 / 9)
        self.assertEqual(self._shares(agreement), ["16.00", "14.00"])

    def test_a_lump_sum_with_nearly_everything_returned_lies_on_the_purchase(self):
        rules = [
            self._rule((0, 0), name="All"),
            {
                "name": "Goods",
                "product_ids": self.goods.ids,
                "qualifier": "program",
                "tier_ids": [Command.create({"threshold": 1, "rate_type": "fixed", "rate": 500})],
            },
        ]
        agreement = self._enrol(self._program(rules=rules))
        self._invoice([(self.goods, 1000), (self.other, 1000)])
        self._invoice(999, refund=True)
        agreement.action_refresh()
        lines = self._accrual(agreement).line_ids
        of_goods = lines.filtered(lambda line: line.rule_id.name == "Goods")
        self.assertEqual([int(share.rebate) for share in of_goods._share_out()], [0, 500])

    def test_a_lump_sum_that_other_purchases_reached_lies_on_no_line(self):
        rule = {
            "product_ids": self.other.ids,
            "qualifier": "domain",
            "qualifier_domain": f"[('id', '=', {self.goods.id})]",
            "tier_ids": [Command.create({"threshold": 1, "rate_type": "fixed", "rate": 500})],
        }
        agreement = self._enrol(self._program(rules=[rule]))
        self._invoice(1000)
        self.assertEqual(self._earned(agreement), 500)
        self.assertEqual(self._shares(agreement), [])

    def test_paid_thirds_share_to_the_cent(self):
        agreement = self._enrol(self._program((0, 5), basis="paid"))
        invoice = self._invoice([(self.goods, 33.37), (self.other, 66.67)])
        self._pay(invoice, amount=33.33)
        # 5 % of 33.33: 1.6665, of which 0.5559 and 1.1106
        self.assertEqual(self._shares(agreement), ["0.56", "1.11"])

    def test_the_parts_of_a_limited_rebate_add_up_to_it(self):
        rules = [
            self._rule((0, 10), name="Goods", product_ids=self.goods.ids),
            self._rule((0, 7), name="All"),
        ]
        agreement = self._enrol(self._program(rules=rules, max_payout=10))
        self._invoice([(self.goods, 99.99), (self.other, 33.33)])
        self._invoice([(self.other, 11.11)], refund=True)
        self.assertEqual(self._earned(agreement), 10)
        accrual = self._accrual(agreement)
        rebates = accrual._share_out()
        self.assertEqual(sum(rebates.values()), 10)
        self.assertEqual(len(rebates), 3)
        for line in accrual.line_ids:
            shared = accrual._share_out(line.rule_id.id)
            self.assertEqual(sum(shared.values()), Decimal(str(line.earned_amount)))

    def test_a_guarantee_lies_on_what_was_bought(self):
        agreement = self._enrol(self._program((1000, 10), guaranteed_payout=100))
        self._invoice([(self.goods, 30), (self.other, 60)])
        agreement.action_refresh()
        rebates = self._accrual(agreement)._share_out()
        self.assertEqual(sorted(map(str, rebates.values())), ["33.33", "66.67"])

    def test_a_period_without_purchases_has_nothing_to_share(self):
        agreement = self._enrol(self._program((0, 10), guaranteed_payout=100))
        self.assertEqual(self._earned(agreement), 100)
        self.assertEqual(self._accrual(agreement)._share_out(), {})

    # ------------------------------------------------------------------
    # Beside the invoice lines
    # ------------------------------------------------------------------

    def _shown(self, action, user=None):
        """The list that an action opens, as its user sees it: ``[(counted, rebate)]``."""
        lines = self.env["account.move.line"].with_user(user or self.env.user)
        found = lines.with_context(**action["context"]).search(action["domain"], order="id")
        return [(line.rebate_net_amount, line.rebate_share) for line in found]

    def test_the_list_of_counted_lines_shows_the_rebate_of_each(self):
        agreement = self._enrol(self._program((0, 10)))
        invoice = self._invoice([(self.goods, 100), (self.other, 20)])
        agreement.action_refresh()
        accrual = self._accrual(agreement)
        shown = [(100, 10), (20, 2)]
        self.assertEqual(self._shown(accrual.action_view_invoice_lines()), shown)
        self.assertEqual(self._shown(accrual.line_ids.action_view_invoice_lines()), shown)
        self.assertEqual(invoice.invoice_line_ids.mapped("rebate_share"), [0, 0])

    def test_two_rules_show_what_each_earned_and_what_both_did(self):
        rules = [
            self._rule((0, 10), name="Goods", product_ids=self.goods.ids),
            self._rule((0, 5), name="All"),
        ]
        agreement = self._enrol(self._program(rules=rules))
        self._invoice([(self.goods, 100), (self.other, 20)])
        agreement.action_refresh()
        accrual = self._accrual(agreement)
        of_goods = accrual.line_ids.filtered(lambda line: line.rule_id.name == "Goods")
        self.assertEqual(self._shown(of_goods.action_view_invoice_lines()), [(100, 10)])
        self.assertEqual(self._shown(accrual.action_view_invoice_lines()), [(100, 15), (20, 1)])

    def test_the_rebate_is_in_the_currency_of_the_program(self):
        self.eur.active = True
        agreement = self._enrol(self._program((0, 10), currency_id=self.eur.id))
        self.env["res.currency.rate"].create(
            {"currency_id": self.eur.id, "name": "2025-01-01", "rate": 0.5}
        )
        invoice = self._invoice(100)
        agreement.action_refresh()
        context = self._accrual(agreement).action_view_invoice_lines()["context"]
        line = invoice.invoice_line_ids.with_context(**context)
        self.assertEqual((line.rebate_share, line.rebate_currency_id), (5, self.eur))

    def test_who_may_not_read_accruals_sees_no_rebate_of_a_line(self):
        agreement = self._enrol(self._program((0, 10)))
        self._invoice(100)
        agreement.action_refresh()
        action = self._accrual(agreement).action_view_invoice_lines()
        bookkeeper = self._user("bookkeeper", "account.group_account_readonly")
        clerk = self._user(
            "clerk", "account.group_account_readonly", "rebate_management.group_rebate_user"
        )
        self.assertEqual(self._shown(action, bookkeeper), [(100, 0)])
        self.assertEqual(self._shown(action, clerk), [(100, 10)])
