"""What a sales order shows of the rebates that it earns: sentences, roles, while one types; it is
never stopped by them, and many orders are measured at once."""

from odoo.tests import Form, tagged

from .common import SaleCommon


@tagged("post_install", "-at_install")
class TestSaleOrder(SaleCommon):
    def _agreement(self, *tiers, **vals):
        return self._enrol(self._program(*tiers, **vals))

    def _told(self, order):
        return [
            (program["tone"], self._plain(program["sentence"]))
            for program in order.rebate_expectation["programs"]
        ]

    def test_an_order_that_reaches_a_tier_says_what_it_is_worth(self):
        self._agreement((1000, 1), (10000, 5), name="Volume Bonus")
        self._invoice(9000, "2026-02-01")
        order = self._quote((self.goods, 1, 1000))
        self.assertEqual(
            self._told(order),
            [
                (
                    "reached",
                    (
                        "This order reaches tier $ 10,000.00 of Volume Bonus: $ 410.00 more rebate"
                        " for the customer."
                    ),
                )
            ],
        )
        details = self._plain("\n".join(order.rebate_expectation["programs"][0]["details"]))
        self.assertIn("earns $ 500.00, without it $ 90.00: $ 410.00 more", details)
        self.assertIn("5 % on all of it = $ 500.00", details)

    def test_an_order_that_nearly_reaches_one_says_how_much_more(self):
        self._agreement((1000, 1), (10000, 5))
        self._invoice(8000, "2026-02-01")
        near = self._quote((self.goods, 1, 1200))
        self.assertEqual(
            self._told(near),
            [
                (
                    "near",
                    (
                        "$ 800.00 more on this order reaches tier $ 10,000.00 of Bonus: $ 408.00"
                        " more rebate for the customer."
                    ),
                )
            ],
        )
        far = self._quote((self.goods, 1, 500))
        self.assertEqual(self._told(far), [("plain", "Bonus: this order earns $ 5.00.")])

    def test_it_follows_while_one_types(self):
        self._agreement((0, 5))
        form = Form(self.env["sale.order"])
        form.partner_id = self.distributor
        self.assertFalse(form.rebate_expected_amount)
        with form.order_line.new() as line:
            line.product_id = self.goods
            line.product_uom_qty = 3
            line.price_unit = 100
        self.assertEqual(form.rebate_expected_amount, 15)
        with form.order_line.edit(0) as line:
            line.product_uom_qty = 4
        self.assertEqual(form.rebate_expected_amount, 20)
        order = form.save()
        self.assertEqual(order.rebate_expected_amount, 20)
        self.assertEqual(order.order_line.rebate_expected_amount, 20)

    def test_a_program_that_cannot_be_computed_stops_no_sale(self):
        self._agreement((0, 5))
        rules = [self._rule((0, 1), product_domain="[('name', '=', 'Goods')]")]
        broken = self._enrol(self._program(rules=rules, name="Broken"))
        self._break(broken.program_id)
        order = self._quote((self.goods, 3, 100))
        self.assertEqual(order.rebate_expected_amount, 15)
        [(tone, sentence)] = [told for told in self._told(order) if told[0] != "plain"]
        self.assertEqual(tone, "problem")
        self.assertIn("Broken", sentence)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_a_cancelled_order_earns_nothing(self):
        self._agreement((0, 5))
        order = self._quote((self.goods, 3, 100))
        order._action_cancel()
        self.assertEqual(order.rebate_expected_amount, 0)

    def test_only_who_sees_rebates_sees_them(self):
        self._agreement((0, 5))
        order = self._quote((self.goods, 3, 100), user_id=self.seller.id)
        names = ["rebate_expected_amount", "rebate_expectation"]
        [values] = order.with_user(self.seller).read(names)
        self.assertEqual(values["rebate_expected_amount"], 15)
        [values] = order.order_line.with_user(self.seller).read(["rebate_expected_amount"])
        self.assertEqual(values["rebate_expected_amount"], 15)
        self.nobody.group_ids += self.env.ref("sales_team.group_sale_salesman_all_leads")
        stranger = order.with_user(self.nobody)
        for name in names:
            with self.assertNoAccess():
                stranger.read([name])
        with self.assertNoAccess():
            stranger.order_line.read(["rebate_expected_amount"])
        # and sells all the same
        arch = stranger.get_view(view_type="form")["arch"]
        self.assertNotIn('name="rebate_expect', arch)
        with Form(stranger) as form, form.order_line.edit(0) as line:
            line.product_uom_qty = 5
        stranger.action_confirm()

    def test_agreements_of_another_company_do_not_count(self):
        other = self.setup_other_company()["company"]
        self._agreement((0, 5))
        order = self._quote((self.goods, 3, 100), company_id=other.id)
        self.assertEqual(order.rebate_expected_amount, 0)

    def test_many_orders_are_measured_at_once(self):
        partners = [self._company(f"Buyer {number}") for number in range(4)]
        program, second = self._program((0, 5)), self._program((0, 1), (50, 2), name="Second")
        for partner in partners:
            self._enrol(program, partner)
            self._enrol(second, partner)

        def asked(count):
            orders = self.env["sale.order"].union(
                *(
                    self._quote((self.goods, 1, 100), (self.other, 2, 7), partner_id=partner.id)
                    for partner in partners[:count]
                    for _time in range(count)
                )
            )
            return self._statements(orders.mapped, "rebate_expected_amount")

        asked(1)
        self.assertLessEqual(asked(4), asked(2))

    def test_orders_of_one_customer_do_not_see_each_other(self):
        self._agreement((1000, 10))
        orders = self._quote((self.goods, 1, 600)) | self._quote((self.goods, 1, 500))
        self.assertEqual(orders.mapped("rebate_expected_amount"), [0, 0])
        self._invoice(500, "2026-02-01")
        orders.invalidate_recordset()
        self.assertEqual(orders.mapped("rebate_expected_amount"), [110, 100])

    def test_printed_where_the_company_wants_it_in_the_customers_language(self):
        self._agreement((1000, 1), (10000, 5), name="Volume Bonus")
        self._invoice(8000, "2026-02-01")
        order = self._quote((self.goods, 1, 1200))
        self.assertEqual(order._rebate_printed(), [])
        self.assertNotIn("Your Rebate", self._print(order))
        self.env.company.rebate_quotation_print = True
        self.assertEqual(
            [self._plain(sentence) for sentence in order._rebate_printed()],
            [
                "Volume Bonus: this order earns you $ 12.00.",
                (
                    "Volume Bonus: $ 800.00 more reach the tier from $ 10,000.00 and earn you"
                    " another $ 408.00."
                ),
            ],
        )
        self.nobody.group_ids += self.env.ref("sales_team.group_sale_salesman_all_leads")
        for user in (self.env.user, self.nobody):
            printed = self._plain(self._print(order.with_user(user)))
            self.assertIn("Your Rebate", printed)
            self.assertIn("Volume Bonus: this order earns you $ 12.00.", printed)

    def _print(self, order):
        report = self.env["ir.actions.report"].with_user(order.env.user)
        html, _kind = report._render_qweb_html("sale.report_saleorder", order.ids)
        return html.decode()
