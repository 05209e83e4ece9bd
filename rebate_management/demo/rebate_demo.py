"""The books of the demo company and what happened in them, all made by Odoo's own documents.

Only the demo files call these methods.
"""

from odoo import Command, api, fields, models

from .trade import months, plan_sales

# Dollars for a euro, month by month; the last one stays in force.
USD_RATES = (
    1.082, 1.097, 1.124, 1.151, 1.168, 1.162, 1.173, 1.166, 1.154, 1.159, 1.171,
    1.182, 1.176, 1.163, 1.149, 1.141, 1.152, 1.160, 1.168, 1.157, 1.149,
)  # fmt: skip


class RebateDemo(models.AbstractModel):
    _name = "rebate.demo"
    _description = "Demonstration of Rebates"

    # ------------------------------------------------------------------
    # Books
    # ------------------------------------------------------------------

    @api.model
    def _open_books(self, company_id):
        """Give the company the generic chart of accounts, made German where it is American."""
        company = self.env["res.company"].browse(company_id)
        if company.chart_template:
            return  # Invoices outlive the addon, so its next installation finds these books.
        # Not try_loading(): it warns that modules are still being installed, which nothing of the
        # generic chart depends on.
        self.env["account.chart.template"]._load("generic_coa", company, install_demo=False)
        company.write(
            {
                "currency_id": self.env.ref("base.EUR").id,
                "account_fiscal_country_id": company.country_id.id,
            }
        )
        chart = self.env["account.chart.template"].with_company(company)
        chart.ref("template_generic_domestic_fiscal_position").country_id = company.country_id
        (chart.ref("tax_group_15") + chart.ref("tax_group_0")).country_id = company.country_id
        chart.ref("tax_group_15").name = "VAT 19%"
        for xml_id in ("sale_tax_template", "purchase_tax_template"):
            chart.ref(xml_id).write({"name": "19%", "amount": 19})
        taxes = self.env["account.tax"]
        taxes.search(taxes._check_company_domain(company)).country_id = company.country_id
        bank = chart.ref("bank")
        # Payments go straight to the bank account: the demo has no bank statements to match.
        bank.inbound_payment_method_line_ids.payment_account_id = bank.default_account_id

    def _set_rates(self, first_days):
        usd = self.env.ref("base.USD")
        self.env["res.currency.rate"].create(
            [
                {
                    "name": day,
                    "currency_id": usd.id,
                    "company_id": self.env.company.id,
                    "rate": rate,
                }
                for day, rate in zip(first_days, USD_RATES, strict=False)
            ]
        )

    # ------------------------------------------------------------------
    # Trade
    # ------------------------------------------------------------------

    @api.model
    def _trade(self, company_id):
        """Post the invoices, returns and payments of the last year and a half."""
        company = self.env["res.company"].browse(company_id)
        if company._existing_accounting():
            return
        today = fields.Date.context_today(self)
        # Nobody follows, nothing is mailed, and the documents' history stays as short as if they
        # had been imported.
        demo = self.with_company(company).with_context(
            tracking_disable=True, mail_create_nosubscribe=True
        )
        demo._set_rates(months(today))
        sales = plan_sales(today)
        invoices = demo.env["account.move"].create(
            [demo._prepare_invoice_vals(sale) for sale in sales]
        )
        invoices.action_post()
        made = list(zip(sales, invoices, strict=True))
        demo._return(made)
        demo._pay(made, today)

    def _prepare_invoice_vals(self, sale):
        partner = self._ref(sale.buyer.partner)
        return {
            "move_type": "out_invoice",
            "partner_id": partner.id,
            "invoice_date": sale.day,
            "currency_id": self.env.ref(f"base.{sale.buyer.currency}").id,
            "invoice_user_id": partner.user_id.id,
            "ref": sale.reference,
            "invoice_line_ids": [
                Command.create(
                    {
                        "product_id": self._ref(f"demo_product_{line.product}").id,
                        "quantity": line.quantity,
                        "price_unit": line.price,
                        "discount": line.discount,
                    }
                )
                for line in sale.lines
            ],
        }

    def _return(self, made):
        """Credit what came back: a whole invoice by the reversal wizard, else part of a line."""
        returns = self.env["account.move"]
        for sale, invoice in made:
            if not sale.returned:
                continue
            day, share = sale.returned
            wizard = (
                self.env["account.move.reversal"]
                .with_context(active_model="account.move", active_ids=invoice.ids)
                .create({"date": day, "journal_id": invoice.journal_id.id, "reason": "Returned"})
            )
            wizard.refund_moves()
            credit_note = wizard.new_move_ids
            if share < 1:
                first, *others = credit_note.invoice_line_ids
                credit_note.invoice_line_ids = [
                    Command.update(first.id, {"quantity": max(1, int(first.quantity * share))}),
                    *(Command.delete(line.id) for line in others),
                ]
            returns += credit_note
        returns.action_post()

    def _pay(self, made, today):
        """Register one payment a month and distributor over all invoices it pays."""
        due = {}
        for sale, invoice in made:
            if sale.paid_on <= today and invoice.amount_residual:
                due.setdefault(sale.paid_on, self.env["account.move"])
                due[sale.paid_on] += invoice
        for pay_day, invoices in sorted(due.items()):
            self.env["account.payment.register"].with_context(
                active_model="account.move", active_ids=invoices.ids
            ).create({"payment_date": pay_day, "group_payment": True}).action_create_payments()

    # ------------------------------------------------------------------
    # Orders
    # ------------------------------------------------------------------

    @api.model
    def _sell(self, company_id):
        """Quote somebody nearly enough to reach the next tier, and take an order of somebody else,
        which is not invoiced yet."""
        demo = self.with_company(company_id).with_context(
            tracking_disable=True, mail_create_nosubscribe=True
        )
        if demo.env["sale.order"].search_count([("company_id", "=", company_id)], limit=1):
            return
        agreements = demo._ref("demo_program_volume").agreement_ids
        nearest, *others = agreements.filtered(
            lambda agreement: agreement.current_to_next_tier > 0
        ).sorted("current_to_next_tier")
        quotation = demo._take_order(nearest.partner_id, "drill")
        price = quotation.order_line.price_subtotal
        quotation.order_line.product_uom_qty = max(1, nearest.current_to_next_tier * 0.97 // price)
        for agreement in others[:1]:
            demo._take_order(agreement.partner_id, "grinder", 12).action_confirm()

    def _take_order(self, partner, product, quantity=1):
        order = self.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "company_id": self.env.company.id,
                "user_id": partner.user_id.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self._ref(f"demo_product_{product}").id,
                            "product_uom_qty": quantity,
                        }
                    )
                ],
            }
        )
        # The price list's prices are converted, and nobody quotes fractions of a cent.
        for line in order.order_line:
            line.price_unit = line.currency_id.round(line.price_unit)
        return order

    def _ref(self, name):
        return self.env.ref(f"rebate_management.{name}")
