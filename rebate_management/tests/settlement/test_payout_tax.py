"""With which taxes a rebate is paid: none, those of a product, or those of the invoices, each at
its own rate and to the cent."""

from odoo import Command
from odoo.tests import tagged

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestPayoutTax(RebateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.vat20 = cls._tax("20 %", 20)
        cls.vat10 = cls._tax("10 %", 10)

    @classmethod
    def _tax(cls, name, amount, **vals):
        return cls.env["account.tax"].create(
            {"name": name, "amount": amount, "type_tax_use": "sale", **vals}
        )

    def _sell(self, *lines, **vals):
        """Post an invoice of ``(price, taxes)``."""
        return self._invoice(
            [],
            invoice_line_ids=[
                Command.create(
                    {
                        "product_id": self.goods.id,
                        "price_unit": price,
                        "tax_ids": [Command.set(taxes.ids if taxes else [])],
                    }
                )
                for price, taxes in lines
            ],
            **vals,
        )

    def _lines(self, settlement):
        """Untaxed amount, taxes and tax of each line of the document."""
        return sorted(
            (line.price_subtotal, ",".join(line.tax_ids.mapped("name")))
            for line in settlement.move_ids.invoice_line_ids
        )

    def test_without_a_policy_there_is_no_tax(self):
        self._enrol(self._program((0, 10)))
        self._sell((1000, self.vat20))
        self.assertEqual(self._settle().move_ids.amount_total, 100)

    def test_a_rebate_is_split_over_the_taxes_of_the_invoices(self):
        self._enrol(self._program((0, 10), tax_policy="origin"))
        self._sell((1000, self.vat20), (500, self.vat10), (30, None))
        self._sell((200, self.vat20))
        settlement = self._settle()
        self.assertEqual(self._lines(settlement), [(3, ""), (50, "10 %"), (120, "20 %")])
        self.assertRecordValues(
            settlement.move_ids, [{"amount_untaxed": 173, "amount_tax": 29, "amount_total": 202}]
        )
        self.assertEqual(settlement.amount_total, 173)

    def test_cents_that_do_not_divide_add_up(self):
        self._enrol(self._program((0, 10), tax_policy="origin"))
        self._sell((0.33, self.vat20), (0.33, self.vat10), (0.34, None))
        settlement = self._settle()
        self.assertEqual(settlement.amount_total, 0.10)
        self.assertEqual(self._lines(settlement), [(0.03, "10 %"), (0.03, "20 %"), (0.04, "")])

    def test_several_taxes_on_a_line_are_one_set(self):
        eco = self._tax("Eco", 1)
        self._enrol(self._program((0, 10), tax_policy="origin"))
        self._sell((100, self.vat20 | eco), (100, self.vat20))
        settlement = self._settle()
        self.assertEqual(
            {(a, frozenset(t.split(","))) for a, t in self._lines(settlement)},
            {(10, frozenset({"20 %", "Eco"})), (10, frozenset({"20 %"}))},
        )
        self.assertEqual(settlement.move_ids.amount_tax, 4.1)

    def test_a_tax_included_in_the_price_comes_to_the_same_untaxed_amount(self):
        included = self._tax("19 % incl.", 19, price_include_override="tax_included")
        self._enrol(self._program((0, 7), tax_policy="origin"))
        invoice = self._sell((119.37, included), (33.33, self.vat20))
        settlement = self._settle()
        # 7 % of the untaxed 100.31 and 33.33
        self.assertEqual(invoice.amount_untaxed, 133.64)
        self.assertEqual(settlement.amount_total, 9.35)
        self.assertEqual(self._lines(settlement), [(2.33, "20 %"), (7.02, "19 % incl.")])
        self.assertEqual(settlement.move_ids.amount_untaxed, 9.35)

    def test_the_fiscal_position_of_the_invoices_holds(self):
        export = self._tax("Export", 0)
        position = self.env["account.fiscal.position"].create({"name": "Abroad"})
        export.write(
            {
                "fiscal_position_ids": [Command.link(position.id)],
                "original_tax_ids": [Command.link(self.vat20.id)],
            }
        )
        self.goods.taxes_id = self.vat20
        self.distributor.property_account_position_id = position
        self._enrol(self._program((0, 10), tax_policy="origin"))
        invoice = self._invoice(
            [],
            invoice_line_ids=[Command.create({"product_id": self.goods.id, "price_unit": 1000})],
        )
        self.assertEqual(invoice.invoice_line_ids.tax_ids, export)
        self.distributor.property_account_position_id = False
        self.assertEqual(self._lines(self._settle()), [(100, "Export")])

    def test_the_taxes_are_those_of_the_day_the_settlement_was_proposed(self):
        self._enrol(self._program((0, 10), tax_policy="origin"))
        invoice = self._sell((1000, self.vat20))
        settlement = self._settle(post=False)
        invoice.button_draft()
        invoice.invoice_line_ids.tax_ids = self.vat10
        invoice.action_post()
        settlement.action_submit()
        self._approve(settlement)
        settlement.action_post()
        self.assertEqual(self._lines(settlement), [(100, "20 %")])

    def test_what_lies_on_no_invoice_line_has_no_tax(self):
        self._enrol(self._program((0, 10), tax_policy="origin", guaranteed_payout=100))
        self.assertEqual(self._lines(self._settle()), [(100, "")])
        self._sell((2000, self.vat20))
        self.assertEqual(self._lines(self._settle()), [(-100, ""), (200, "20 %")])

    def test_what_was_overpaid_is_invoiced_with_the_taxes_it_was_paid_with(self):
        self._enrol(self._program((0, 10), tax_policy="origin", clawback_policy="invoice"))
        invoice = self._sell((1000, self.vat20), (500, self.vat10))
        self._settle()
        wizard = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        wizard.create({"journal_id": invoice.journal_id.id, "date": "2025-06-20"}).refund_moves()
        invoice.reversal_move_ids.action_post()
        settlement = self._settle()
        self.assertEqual(settlement.move_ids.move_type, "out_invoice")
        self.assertEqual(self._lines(settlement), [(50, "10 %"), (100, "20 %")])
        self.assertEqual(settlement.move_ids.amount_total, 175)

    def test_programs_on_one_credit_note_keep_their_own_policy(self):
        self._enrol(self._program((0, 10), tax_policy="origin"))
        self._enrol(self._program((0, 5)))
        self._sell((1000, self.vat20))
        self.assertEqual(self._lines(self._settle()), [(50, ""), (100, "20 %")])

    def test_a_tax_by_the_piece_is_not_corrected(self):
        piece = self._tax("25 a piece", 25, amount_type="fixed")
        self._enrol(self._program((0, 5), tax_policy="origin"))
        self._invoice(
            [],
            invoice_line_ids=[
                Command.create(
                    {
                        "product_id": self.goods.id,
                        "quantity": 100,
                        "price_unit": 10,
                        "tax_ids": [Command.set(taxes.ids)],
                    }
                )
                for taxes in (piece, piece | self.vat20, self.vat20)
            ],
        )
        settlement = self._settle()
        self.assertEqual(self._lines(settlement), [(50, ""), (100, "20 %")])
        self.assertRecordValues(settlement.move_ids, [{"amount_untaxed": 150, "amount_tax": 20}])

    def test_vat_on_a_tax_by_the_piece_is_corrected_at_its_rate_on_the_rebate(self):
        piece = self._tax("Eco", 25, amount_type="fixed", include_base_amount=True, sequence=1)
        self.vat20.sequence = 2
        self._enrol(self._program((0, 10), tax_policy="origin"))
        invoice = self._sell((500, piece | self.vat20))
        self.assertEqual(invoice.amount_tax, 130)
        self.assertRecordValues(self._settle().move_ids, [{"amount_untaxed": 50, "amount_tax": 10}])

    def test_of_a_group_of_taxes_those_in_proportion_are_corrected(self):
        piece = self._tax("Eco", 25, amount_type="fixed")
        group, plain = (
            self._tax(name, 0, amount_type="group", children_tax_ids=[Command.set(children.ids)])
            for name, children in (("Both", piece | self.vat20), ("Plain", self.vat20 | self.vat10))
        )
        self._enrol(self._program((0, 10), tax_policy="origin"))
        self._sell((500, group), (100, plain))
        settlement = self._settle()
        self.assertEqual(self._lines(settlement), [(10, "Plain"), (50, "20 %")])
        self.assertEqual(settlement.move_ids.amount_tax, 13)

    def test_a_tax_within_the_price_stays_one(self):
        inside = self._tax("10 % inside", 10, amount_type="division")
        piece = self._tax("Eco", 1, amount_type="fixed", price_include_override="tax_included")
        self._enrol(self._program((0, 10), tax_policy="origin"))
        self._sell((900, inside), (101, piece))
        settlement = self._settle()
        self.assertEqual(self._lines(settlement), [(10, ""), (90, "10 % inside")])
        self.assertEqual(settlement.move_ids.amount_tax, 10)

    def test_more_tax_taken_back_than_paid_is_invoiced(self):
        self._enrol(self._program((0, 10), tax_policy="origin"))
        self._sell((1000, self.vat20), invoice_date="2025-02-15")
        self._settle()
        self._sell((1000, self.vat20), invoice_date="2025-03-15", move_type="out_refund")
        self._sell((1100, None), invoice_date="2025-04-15")
        settlement = self._settle()
        self.assertEqual(settlement.amount_total, 10)
        self.assertRecordValues(
            settlement.move_ids,
            [{"move_type": "out_invoice", "amount_untaxed": -10, "amount_total": 10}],
        )
        settlement.action_cancel()
        self.assertEqual(settlement.state, "cancelled")

    # ------------------------------------------------------------------
    # Of the payout product
    # ------------------------------------------------------------------

    def _bonus(self, **vals):
        return self.env["product.product"].create({"name": "Bonus", "type": "service", **vals})

    def test_the_taxes_of_the_payout_product(self):
        bonus = self._bonus(taxes_id=self.vat10.ids)
        self._enrol(self._program((0, 10), tax_policy="product", payout_product_id=bonus.id))
        self._sell((1000, self.vat20))
        settlement = self._settle()
        self.assertEqual(self._lines(settlement), [(100, "10 %")])
        self.assertEqual(settlement.move_ids.amount_total, 110)

    def test_the_taxes_of_the_payout_product_are_mapped_to_the_partner(self):
        export = self._tax("Export", 0)
        position = self.env["account.fiscal.position"].create({"name": "Abroad"})
        export.write(
            {
                "fiscal_position_ids": [Command.link(position.id)],
                "original_tax_ids": [Command.link(self.vat20.id)],
            }
        )
        self.distributor.property_account_position_id = position
        bonus = self._bonus(taxes_id=self.vat20.ids)
        self._enrol(self._program((0, 10), tax_policy="product", payout_product_id=bonus.id))
        self._sell((1000, None))
        settlement = self._settle()
        self.assertEqual(self._lines(settlement), [(100, "Export")])
        self.assertEqual(settlement.move_ids.fiscal_position_id, position)

    def test_a_bill_has_the_purchase_taxes_of_the_payout_product(self):
        buying = self._tax("Buying 15 %", 15, type_tax_use="purchase")
        bonus = self._bonus(taxes_id=self.vat20.ids, supplier_taxes_id=buying.ids)
        self._enrol(
            self._program(
                (0, 10),
                tax_policy="product",
                payout_product_id=bonus.id,
                payout_method="vendor_bill",
            )
        )
        self._sell((1000, self.vat20))
        self.assertEqual(self._settle().move_ids.amount_total, 115)

    def test_a_product_whose_taxes_are_included_pays_the_rebate_untaxed(self):
        included = self._tax("19 % incl.", 19, price_include_override="tax_included")
        bonus = self._bonus(taxes_id=included.ids)
        self._enrol(self._program((0, 7), tax_policy="product", payout_product_id=bonus.id))
        self._sell((1001.11, None))
        self.assertRecordValues(
            self._settle().move_ids, [{"amount_untaxed": 70.08, "amount_total": 83.4}]
        )
