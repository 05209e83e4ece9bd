"""Lines that count as money without units, or not at all."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestExclusion(RebateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.unit = cls.env.ref("uom.product_uom_unit")
        cls.goods.invoice_policy = "order"
        cls.service = cls.env["product.product"].create(
            {"name": "Installation", "type": "service", "taxes_id": False}
        )

    def _units(self, **vals):
        """An agreement that pays 1.00 for each unit."""
        tiers = [Command.create({"threshold": 0, "rate": 1, "rate_type": "per_unit"})]
        program = self._program(
            measure="quantity",
            uom_id=self.unit.id,
            rules=[{"name": "Units", "tier_ids": tiers}],
            **vals,
        )
        return self._enrol(program)

    def _sell(self, *lines, refund=False, post=True):
        """An invoice of ``(product, quantity, price, more values)``."""
        move = self._invoice([(line[0], line[2]) for line in lines], refund=refund, post=False)
        for line, (_product, quantity, _price, *vals) in zip(
            move.invoice_line_ids, lines, strict=True
        ):
            line.write({"quantity": quantity, **(vals[0] if vals else {})})
        if post:
            move.action_post()
        return move

    def _bill(self, order, day="2025-06-15"):
        order.action_confirm()
        move = order._create_invoices()
        move.invoice_date = day
        move.action_post()
        return move

    # --- money, no units ---

    def test_odoos_own_discount_line_is_no_unit(self):
        agreement, amount = self._units(), self._enrol(self._program((0, 10), name="Money"))
        order = self._order(confirm=False)
        self.env["sale.order.discount"].create(
            {"sale_order_id": order.id, "discount_type": "so_discount", "discount_percentage": 0.1}
        ).action_apply_discount()
        self.assertEqual(order.order_line.mapped("rebate_exclusion"), [False, "quantity"])
        move = self._bill(order)
        self.assertEqual(move.invoice_line_ids.mapped("rebate_exclusion"), [False, "quantity"])
        self.assertEqual(self._earned(agreement), 10)
        self.assertEqual(self._earned(amount), 9)
        self.assertEqual(self.env.company.sale_discount_product_id.rebate_exclusion, "quantity")

    def test_anything_at_a_negative_price_is_no_unit(self):
        agreement = self._units()
        self._sell((self.goods, 10, 10), (self.goods, 10, -0.5), (self.service, 1, -5))
        self.assertEqual(self._earned(agreement), 10)
        self.assertEqual(self._accrual(agreement).measured_amount, 90)

    def test_a_price_allowance_takes_no_units_back(self):
        agreement = self._units()
        sale = self._sell((self.goods, 100, 10))
        allowance = sale._reverse_moves([{"invoice_date": "2025-06-20"}])
        allowance.invoice_line_ids.write({"price_unit": 0.5, "rebate_exclusion": "quantity"})
        allowance.action_post()
        self.assertEqual(self._earned(agreement), 100)
        self.assertEqual(self._accrual(agreement).measured_amount, 950)

    def test_a_price_debit_adds_no_units(self):
        agreement = self._units()
        self._sell((self.goods, 100, 10))
        self._sell((self.goods, 100, 0.5, {"rebate_exclusion": "quantity"}))
        self.assertEqual(self._earned(agreement), 100)
        self.assertEqual(self._accrual(agreement).measured_amount, 1050)

    def test_a_credit_note_of_an_excluded_line_is_excluded_too(self):
        sale = self._sell(
            (self.goods, 10, 10, {"rebate_exclusion": "all"}),
            (self.goods, 1, 1, {"rebate_exclusion": "quantity"}),
        )
        note = sale._reverse_moves([{"invoice_date": "2025-06-20"}])
        self.assertEqual(note.invoice_line_ids.mapped("rebate_exclusion"), ["all", "quantity"])

    def test_free_goods_are_no_purchase(self):
        agreement = self._units()
        self._sell((self.goods, 10, 10), (self.goods, 1, 0), (self.goods, 1, 10, {"discount": 100}))
        self._sell((self.goods, 1, 0), refund=True)
        self.assertEqual(self._earned(agreement), 10)

    def test_services_count_no_units_unless_the_program_says_so(self):
        agreement = self._units(name="Goods")
        with_services = self._units(name="Goods and services", count_services=True)
        self._sell((self.goods, 10, 10), (self.service, 2, 10))
        (agreement | with_services).action_refresh()
        self.assertEqual(self._accrual(agreement).earned_amount, 10)
        self.assertEqual(self._accrual(agreement).measured_amount, 120)
        self.assertEqual(self._accrual(with_services).earned_amount, 12)

    def test_services_in_hours_block_no_program_that_counts_pieces(self):
        agreement = self._units()
        hours = self.env.ref("uom.product_uom_hour")
        self._sell((self.goods, 10, 10), (self.service, 2, 10, {"product_uom_id": hours.id}))
        self.assertEqual(self._earned(agreement), 10)
        self.assertFalse(self._accrual(agreement).problem)
        counting = self._units(name="Services too", count_services=True)
        self.assertIn("measure that cannot be converted", self._accrual(counting).problem)

    def test_the_statement_tells_whether_services_count(self):
        self._units(name="Goods")
        self._sell((self.goods, 10, 10))
        settlement = self._settle(post=False)
        [frozen] = settlement.terms_snapshot["programs"].values()
        self.assertIn(
            "Units are those of goods that were paid for, not of services.",
            " ".join(settlement._terms_in_words(frozen)),
        )

    # --- lines without a unit ---

    def test_a_line_of_text_alone_blocks_no_quantity_program(self):
        agreement = self._units()
        self._sell((self.goods, 10, 10), (None, 1, 40))
        self.assertEqual(self._earned(agreement), 10)
        accrual = self._accrual(agreement)
        self.assertFalse(accrual.problem)
        self.assertEqual(accrual.measured_amount, 140)
        self.assertIn("without a unit of measure count as money", accrual.line_ids.explanation)
        self.assertEqual(self._settle().amount_total, 10)

    def test_a_line_without_unit_is_not_mentioned_where_no_units_count(self):
        agreement = self._enrol(self._program((0, 10)))
        self._invoice([(self.goods, 100), (None, 40)])
        self._earned(agreement)
        self.assertNotIn("unit", self._accrual(agreement).line_ids.explanation)

    def test_a_unit_that_does_not_convert_is_still_a_problem(self):
        agreement = self._units()
        self._sell((self.goods, 10, 10))
        self.goods.uom_id = self.env.ref("uom.product_uom_kgm")
        self._sell((self.goods, 10, 10, {"product_uom_id": self.goods.uom_id.id}))
        agreement.action_refresh()
        self.assertIn("cannot be converted", self._accrual(agreement).problem)

    # --- never ---

    def test_what_is_excluded_earns_nothing_anywhere(self):
        agreement = self._enrol(self._program((0, 10)))
        grower = self._enrol(
            self._program(
                name="Growth",
                program_type="growth",
                rules=[self._rule((1, 10), qualifier_measure="growth_percent")],
                date_start="2025-01-01",
            )
        )
        last_year = self._invoice([(self.goods, 100), (self.goods, 50)], "2024-06-15", post=False)
        last_year.invoice_line_ids[1].rebate_exclusion = "all"
        last_year.action_post()
        move = self._sell((self.goods, 1, 110), (self.goods, 1, 70, {"rebate_exclusion": "all"}))
        self.assertEqual(self._earned(agreement), 11)
        self.assertEqual(self._earned(grower), 11, "110 against 100")
        accrual = self._accrual(agreement)
        lines = self.env["account.move.line"].search(accrual.action_view_invoice_lines()["domain"])
        self.assertEqual(lines, move.invoice_line_ids[0])
        settlement = self._settle(program_ids=agreement.program_id.ids)
        self.assertEqual(settlement.line_ids.detail_ids.move_line_id, move.invoice_line_ids[0])

    # --- who says so ---

    def test_a_product_says_what_its_lines_begin_with(self):
        self.service.rebate_exclusion = "all"
        order = self._order(quantity=1, product=self.service, confirm=False)
        self.assertEqual(order.order_line.rebate_exclusion, "all")
        order.order_line.rebate_exclusion = False
        self.assertFalse(self._bill(order).invoice_line_ids.rebate_exclusion)
        self.assertEqual(self._sell((self.service, 1, 10)).invoice_line_ids.rebate_exclusion, "all")
        bill = self._invoice([(self.service, 1)], move_type="in_invoice", post=False)
        self.assertFalse(bill.invoice_line_ids.rebate_exclusion)

    def test_an_accountant_excludes_a_posted_line_and_the_invoice_tells(self):
        agreement = self._enrol(self._program((0, 10)))
        move = self._invoice([(self.goods, 100), (self.goods, 50)])
        self.assertEqual(self._earned(agreement), 15)
        move.invoice_line_ids[1].with_user(self.accountant).rebate_exclusion = "all"
        self._drain()
        self.assertEqual(self._accrual(agreement).earned_amount, 10)
        self.assertIn("Counts → Earns Nothing", move.message_ids[0].body)

    def test_who_only_invoices_excludes_no_posted_line(self):
        clerk = self._user("clerk", "account.group_account_invoice")
        move = self._invoice(100)
        with self.assertRaises(AccessError) as caught:
            move.invoice_line_ids.with_user(clerk).rebate_exclusion = "all"
        self.assertIn(move.name, str(caught.exception))
        self.assertFalse(move.invoice_line_ids.rebate_exclusion)
        draft = self._invoice(100, post=False)
        draft.invoice_line_ids.with_user(clerk).rebate_exclusion = "all"
        self.assertEqual(draft.invoice_line_ids.rebate_exclusion, "all")
