"""What counts as a purchase, of whom, of what, in which currency and period."""

from datetime import date

from odoo import Command, fields
from odoo.tests import tagged

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestMeasure(RebateCommon):
    def _measured(self, agreement, day="2025-06-15"):
        agreement.action_refresh()
        return self._accrual(agreement, day).measured_amount

    # --- which documents ---

    def test_posted_invoices_count_drafts_and_cancelled_do_not(self):
        agreement = self._enrol(self._program((0, 1)))
        self._invoice(100)
        self._invoice(10, post=False)
        self._invoice(1, post=False).button_cancel()
        self.assertEqual(self._measured(agreement), 100)

    def test_returns_are_deducted(self):
        agreement = self._enrol(self._program((0, 1)))
        self._invoice(100)
        self._invoice(30, refund=True)
        self.assertEqual(self._measured(agreement), 70)

    def test_returns_are_not_deducted_where_the_program_says_so(self):
        agreement = self._enrol(self._program((0, 1), include_refunds=False))
        self._invoice(100)
        self._invoice(30, refund=True)
        self.assertEqual(self._measured(agreement), 100)

    def test_more_returns_than_purchases_earn_nothing(self):
        agreement = self._enrol(self._program((0, 1)))
        self._invoice(30, refund=True)
        self.assertEqual(self._earned(agreement), 0)
        self.assertEqual(self._accrual(agreement).measured_amount, -30)

    def test_sales_receipts_count_and_vendor_bills_do_not(self):
        agreement = self._enrol(self._program((0, 1)))
        self._invoice(100, move_type="out_receipt")
        self._invoice(7, move_type="in_invoice")
        self.assertEqual(self._measured(agreement), 100)

    def test_amount_is_untaxed_and_after_discount(self):
        agreement = self._enrol(self._program((0, 1)))
        move = self._invoice(200, post=False)
        move.invoice_line_ids.write({"discount": 25, "tax_ids": [Command.set(self.tax_sale_a.ids)]})
        move.action_post()
        self.assertEqual(self._measured(agreement), 150)

    def test_what_is_printed_counts_where_odoo_spreads_a_cent_over_the_lines(self):
        self.env.company.tax_calculation_rounding_method = "round_globally"
        agreement = self._enrol(self._program((0, 1)))
        move = self._invoice([(self.goods, 0.05)] * 3, post=False)
        move.invoice_line_ids.write({"discount": 10})
        move.action_post()
        self.assertEqual(move.invoice_line_ids.mapped("price_subtotal"), [0.05, 0.05, 0.05])
        self.assertEqual(move.amount_untaxed, 0.14)
        self.assertEqual(self._measured(agreement), 0.15)

    def test_notes_and_sections_do_not_count_and_lines_without_product_do(self):
        agreement = self._enrol(self._program((0, 1)))
        move = self._invoice([(None, 40), (self.goods, 60)], post=False)
        move.invoice_line_ids = [
            Command.create({"display_type": "line_section", "name": "Section"}),
            Command.create({"display_type": "line_note", "name": "Note"}),
        ]
        move.action_post()
        self.assertEqual(self._measured(agreement), 100)

    def test_payout_credit_notes_and_their_reversals_never_count(self):
        agreement = self._enrol(self._program((0, 10)))
        self._invoice(1000)
        settlement = self._settle()
        self.assertEqual(self._measured(agreement), 1000)
        settlement.action_cancel()
        self.assertEqual(self._measured(agreement, "2026-03-31"), 0)
        self.assertEqual(self._measured(agreement), 1000)

    def test_down_payments_never_count_the_goods_do(self):
        agreement = self._enrol(self._program((0, 1)))
        order = self._order(quantity=1, price=1000)
        self.goods.invoice_policy = "order"
        wizard = self.env["sale.advance.payment.inv"].with_context(
            active_model="sale.order", active_ids=order.ids
        )
        wizard.create({"advance_payment_method": "percentage", "amount": 30}).create_invoices()
        advance = order.invoice_ids
        advance.invoice_date = "2025-03-01"
        advance.action_post()
        self.assertEqual(self._measured(agreement), 0)
        wizard.create({"advance_payment_method": "delivered"}).create_invoices()
        final = order.invoice_ids - advance
        final.invoice_date = "2025-04-01"
        final.action_post()
        self.assertEqual(final.amount_untaxed, 700)
        self.assertEqual(self._measured(agreement), 1000)

    # --- whose ---

    def test_contacts_and_addresses_count_for_the_company(self):
        agreement = self._enrol(self._program((0, 1)))
        contact = self.env["res.partner"].create(
            {"name": "Branch address", "parent_id": self.distributor.id, "type": "invoice"}
        )
        self._invoice(100, partner=contact)
        self.assertEqual(self._measured(agreement), 100)

    def test_other_customers_do_not_count(self):
        agreement = self._enrol(self._program((0, 1)))
        self._invoice(100, partner=self._company("Somebody else"))
        self.assertEqual(self._measured(agreement), 0)

    def test_subsidiaries_count_only_where_the_agreement_says_so(self):
        subsidiary = self._company("Subsidiary", parent_id=self.distributor.id)
        grandchild = self._company("Grandchild", parent_id=subsidiary.id)
        alone = self._enrol(self._program((0, 1)))
        group = self._enrol(self._program((0, 1)), include_children=True)
        self._invoice(100)
        self._invoice(10, partner=subsidiary)
        self._invoice(1, partner=grandchild)
        self.assertEqual(self._measured(alone), 100)
        self.assertEqual(self._measured(group), 111)

    def test_nearest_agreement_has_the_line(self):
        subsidiary = self._company("Subsidiary", parent_id=self.distributor.id)
        grandchild = self._company("Grandchild", parent_id=subsidiary.id)
        program = self._program((0, 1))
        group = self._enrol(program, include_children=True)
        own = self._enrol(program, subsidiary, date_start="2025-07-01")
        self._invoice(100)
        self._invoice(20, "2025-06-30", partner=subsidiary)
        self._invoice(3, "2025-07-01", partner=subsidiary)
        self._invoice(4, "2025-07-01", partner=grandchild)
        self.assertEqual(self._measured(group), 124)
        self.assertEqual(self._measured(own, "2025-07-01"), 3)
        own.include_children = True
        self.assertEqual(self._measured(group), 120)
        self.assertEqual(self._measured(own, "2025-07-01"), 7)

    def test_a_nearer_draft_agreement_takes_nothing(self):
        subsidiary = self._company("Subsidiary", parent_id=self.distributor.id)
        program = self._program((0, 1))
        group = self._enrol(program, include_children=True)
        self._enrol(program, subsidiary, activate=False)
        self._invoice(20, partner=subsidiary)
        self.assertEqual(self._measured(group), 20)

    def test_invoices_of_branches_count_and_of_other_companies_do_not(self):
        agreement = self._enrol(self._program((0, 1)))
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.env.company.id}
        )
        other = self.setup_other_company()["company"]
        self.env.user.company_ids |= branch | other
        self._invoice(100)
        # Accounts chosen by company are chosen anew for a branch.
        self.goods.with_company(branch).property_account_income_id = self.company_data[
            "default_account_revenue"
        ]
        self.distributor.with_company(branch).property_account_receivable_id = self.company_data[
            "default_account_receivable"
        ]
        self._invoice(10, company=branch)
        self._invoice(1, company=other)
        self.assertEqual(self._measured(agreement), 110)

    # --- of what ---

    def test_products_categories_below_and_tags_are_added_up(self):
        category = self.env["product.category"].create({"name": "Tools"})
        below = self.env["product.category"].create({"name": "Saws", "parent_id": category.id})
        tag = self.env["product.tag"].create({"name": "Focus"})
        Product = self.env["product.product"]
        named = Product.create({"name": "Named"})
        in_category = Product.create({"name": "Saw", "categ_id": below.id})
        tagged_template = Product.create({"name": "Tagged", "product_tag_ids": tag.ids})
        tagged_variant = Product.create({"name": "Variant", "additional_product_tag_ids": tag.ids})
        agreement = self._enrol(
            self._program(
                rules=[
                    self._rule(
                        (0, 10),
                        product_ids=named.ids,
                        product_category_ids=category.ids,
                        product_tag_ids=tag.ids,
                    )
                ]
            )
        )
        self._invoice(
            [
                (named, 1),
                (in_category, 20),
                (tagged_template, 300),
                (tagged_variant, 4000),
                (self.goods, 50000),
                (None, 600000),
            ]
        )
        named.action_archive()
        self.assertEqual(self._measured(agreement), 4321)

    def test_two_rules_pay_side_by_side_and_no_purchase_is_counted_twice_in_all(self):
        saw = self.env["product.product"].create({"name": "Saw"})
        agreement = self._enrol(
            self._program(
                rules=[self._rule((0, 1), name="All"), self._rule((0, 5), product_ids=saw.ids)]
            )
        )
        self._invoice([(saw, 100), (self.goods, 900)])
        self.assertEqual(self._measured(agreement), 1000)
        self.assertRecordValues(
            self._accrual(agreement).line_ids,
            [
                {"measured_amount": 1000, "earned_amount": 10},
                {"measured_amount": 100, "earned_amount": 5},
            ],
        )

    # --- currency ---

    def _rate(self, currency, day, rate):
        self.env["res.currency.rate"].create(
            {
                "currency_id": currency.id,
                "name": day,
                "rate": rate,
                "company_id": self.env.company.id,
            }
        )

    def test_other_currencies_are_converted_at_the_rate_of_the_invoice_date(self):
        self.eur.active = True
        self._rate(self.eur, "2025-01-01", 0.5)
        self._rate(self.eur, "2025-06-10", 0.8)
        self._rate(self.eur, "2025-06-20", 0.1)
        in_usd = self._enrol(self._program((0, 1)))
        in_eur = self._enrol(self._program((0, 1), currency_id=self.eur.id))
        self._invoice(80, "2025-06-15", currency_id=self.eur.id)
        self._invoice(100, "2025-02-01")
        self.assertEqual(self._measured(in_usd), 200)
        self.assertEqual(self._measured(in_eur), 130)

    def test_an_invoice_in_the_programs_currency_counts_as_it_stands(self):
        self.eur.active = True
        self._rate(self.eur, "2025-01-01", 0.7)
        agreement = self._enrol(self._program((0, 1), currency_id=self.eur.id))
        move = self._invoice(0.01, currency_id=self.eur.id)
        self.assertEqual(move.amount_untaxed_signed, 0.01, "the books cannot hold 0.0143 USD")
        self.assertEqual(self._measured(agreement), 0.01)

    def test_a_program_without_exchange_rate_says_so_and_does_not_stop_others(self):
        swiss = self.env.ref("base.CHF")
        swiss.active = True
        swiss.rate_ids.unlink()
        broken = self._enrol(self._program((0, 1), name="Swiss bonus", currency_id=swiss.id))
        sound = self._enrol(self._program((0, 1)))
        self._invoice(100)
        (broken | sound).action_refresh()
        self.assertIn("Swiss bonus", self._accrual(broken).problem)
        self.assertIn("CHF", self._accrual(broken).problem)
        self.assertEqual(self._accrual(sound).earned_amount, 1)
        self._rate(swiss, "2025-01-01", 2)
        self.assertEqual(self._earned(broken), 2)
        self.assertFalse(self._accrual(broken).problem)

    # --- periods ---

    def test_each_period_type_cuts_the_year(self):
        for period_type, first, last in (
            ("month", date(2025, 6, 1), date(2025, 6, 30)),
            ("quarter", date(2025, 4, 1), date(2025, 6, 30)),
            ("half_year", date(2025, 1, 1), date(2025, 6, 30)),
            ("year", date(2025, 1, 1), date(2025, 12, 31)),
        ):
            with self.subTest(period_type):
                agreement = self._enrol(self._program((0, 1), period_type=period_type))
                accrual = self._accrual(agreement)
                self.assertEqual((accrual.date_from, accrual.date_to), (first, last))

    def test_periods_are_named_as_people_name_them(self):
        for period_type, name in (
            ("month", "June 2025"),
            ("quarter", "Q2 2025"),
            ("half_year", "01/01/2025 – 06/30/2025"),
            ("year", "2025"),
        ):
            with self.subTest(period_type):
                agreement = self._enrol(self._program((0, 1), period_type=period_type))
                self.assertEqual(self._accrual(agreement).period, name)

    def test_fiscal_years_and_their_quarters(self):
        self.env.company.write({"fiscalyear_last_month": "1", "fiscalyear_last_day": 31})
        year = self._accrual(self._enrol(self._program((0, 1))))
        quarter = self._accrual(self._enrol(self._program((0, 1), period_type="quarter")))
        self.assertEqual((year.date_from, year.date_to), (date(2025, 2, 1), date(2026, 1, 31)))
        self.assertEqual(
            (quarter.date_from, quarter.date_to), (date(2025, 5, 1), date(2025, 7, 31))
        )

    def test_the_first_and_last_day_of_a_period_count(self):
        agreement = self._enrol(self._program((0, 1), period_type="quarter"))
        for day, amount in (("03-31", 1), ("04-01", 20), ("06-30", 300), ("07-01", 4000)):
            self._invoice(amount, f"2025-{day}")
        self.assertEqual(self._measured(agreement), 320)

    def test_the_dates_of_agreement_and_program_cut_the_period(self):
        agreement = self._enrol(
            self._program((0, 1), date_end="2025-10-31"), date_start="2025-03-15"
        )
        for day, amount in (("03-14", 1), ("03-15", 20), ("10-31", 300), ("11-01", 4000)):
            self._invoice(amount, f"2025-{day}")
        self.assertEqual(self._measured(agreement), 320)
        self.assertEqual(
            agreement.accrual_ids.mapped(lambda a: (a.date_from, a.date_to)),
            [(date(2025, 3, 15), date(2025, 10, 31))],
        )

    def test_a_period_begins_only_when_its_day_has_come(self):
        agreement = self._enrol(self._program((0, 1), period_type="quarter"))
        self.assertEqual(len(agreement.accrual_ids), 5)
        self.assertEqual(max(agreement.accrual_ids.mapped("date_from")), date(2026, 1, 1))

    def test_ending_an_agreement_stops_the_count(self):
        agreement = self._enrol(self._program((0, 1)))
        self._invoice(100, "2026-03-31")
        agreement.date_end = "2026-03-30"
        self.assertEqual(self._measured(agreement, "2026-03-01"), 0)
        agreement.action_end()
        self.assertEqual(agreement.date_end, fields.Date.to_date("2026-03-30"))

    def test_closing_a_program_stops_the_count_and_leaves_the_rest_to_settle(self):
        program = self._program((0, 10))
        agreement = self._enrol(program)
        self._invoice(100, "2026-03-31")
        program.action_close()
        self._invoice(50, "2026-04-01")
        self.assertEqual(self._measured(agreement, "2026-03-31"), 100)
        self.assertEqual(self._accrual(agreement, "2026-03-31").date_to, date(2026, 3, 31))
        self.assertEqual(self._settle("2026-03-31").amount_total, 10)

    # --- the lines behind a figure ---

    def test_the_listed_invoice_lines_add_up_to_the_figure(self):
        subsidiary = self._company("Subsidiary", parent_id=self.distributor.id)
        saw = self.env["product.product"].create({"name": "Saw"})
        agreement = self._enrol(
            self._program(
                rules=[self._rule((0, 1), name="All"), self._rule((0, 5), product_ids=saw.ids)]
            ),
            include_children=True,
        )
        self._invoice([(saw, 100), (self.goods, 900)])
        self._invoice([(saw, 30)], partner=subsidiary)
        self._invoice([(saw, 7)], refund=True)
        self._invoice(5, "2026-01-01")
        agreement.action_refresh()
        accrual = self._accrual(agreement)

        def total(action):
            lines = self.env["account.move.line"].search(action["domain"])
            return sum(lines.mapped("rebate_net_amount"))

        self.assertEqual(total(accrual.action_view_invoice_lines()), 1023)
        self.assertEqual(accrual.measured_amount, 1023)
        of_saws = accrual.line_ids[1]
        self.assertEqual(total(of_saws.action_view_invoice_lines()), 123)
        self.assertEqual(of_saws.measured_amount, 123)
