"""A small world for tests that look for what nobody thought of: a group of two companies and one
on its own, two products, and a program of every format."""

from hypothesis import strategies as st

from odoo import Command

from odoo.addons.rebate_management.tests.common import RebateCommon

from .formats import formats

# Days at which periods, years and a leap day begin and end, and one that lies ahead.
DAYS = (
    "2024-01-01",
    "2024-02-29",
    "2024-06-30",
    "2024-12-31",
    "2025-01-01",
    "2025-03-31",
    "2025-04-01",
    "2025-06-15",
    "2025-07-01",
    "2025-09-30",
    "2025-12-31",
    "2026-01-01",
    "2026-02-28",
    "2026-03-31",
    "2026-05-01",
)

days = st.sampled_from(DAYS)
lines = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.integers(1, 12),
        st.sampled_from((0, 0.01, 3.33, 9.99, 100, 249.95, 1000.05)),
    ),
    min_size=1,
    max_size=3,
)
documents = st.fixed_dictionaries(
    {
        "buyer": st.integers(0, 3),
        # product, quantity, price
        "lines": lines,
        "day": days,
        "refund": st.sampled_from((False, False, True)),
        "euro": st.sampled_from((False, False, True)),
        "taxed": st.booleans(),
        "dozens": st.booleans(),
        "instalments": st.booleans(),
        # on a line of its own
        "discount": st.sampled_from((0, 0, 0, 9.99)),
        # what of the first line does not count
        "excluded": st.sampled_from((False, False, False, "quantity", "all")),
        # paid to so many percent, on which day
        "paid": st.sampled_from((0, 0, 33, 100)),
        "pay_day": days,
        # the rest, with the payment
        "writes_off": st.sampled_from((False, False, True)),
    }
)


def trades(most):
    """Some documents, of which the first is a purchase that counts."""
    purchase = {
        "buyer": 0,
        "day": "2025-06-15",
        "lines": [(0, 4, 249.95)],
        "refund": False,
        "excluded": False,
    }
    first = documents.map(lambda document: document | purchase)
    rest = st.lists(documents, min_size=most // 2, max_size=most - 1)
    return st.tuples(first, rest).map(lambda trade: [trade[0], *trade[1]])


class WorldCommon(RebateCommon):
    """Partners, products and programs; who is enrolled is up to the test."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # No mail is written, as in an import.
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True))
        cls.parent = cls._company("Parent")
        cls.child = cls._company("Child", parent_id=cls.parent.id)
        cls.shop = cls.env["res.partner"].create({"name": "Shop", "parent_id": cls.child.id})
        cls.alone = cls._company("Alone")
        cls.buyers = [cls.parent, cls.child, cls.shop, cls.alone]
        cls.distributors = [cls.parent, cls.child, cls.alone]
        cls.unit = cls.env.ref("uom.product_uom_unit")
        cls.dozen = cls.env.ref("uom.product_uom_dozen")
        cls.drill, cls.screws = cls.products = cls.env["product.product"].create(
            [{"name": name, "taxes_id": False} for name in ("Drill", "Screws")]
        )
        cls.tax = cls.env["account.tax"].create({"name": "20 %", "amount": 20})
        cls.instalments = cls.env.ref("account.account_payment_term_advance_60days")
        cls.eur.active = True
        cls.env["res.currency.rate"].search([("currency_id", "=", cls.eur.id)]).unlink()
        cls.env["res.currency.rate"].create(
            [
                {"currency_id": cls.eur.id, "name": "2024-01-01", "rate": 0.9},
                {"currency_id": cls.eur.id, "name": "2025-06-01", "rate": 0.7},
            ]
        )
        cls.programs = cls._programs()
        cls.world = cls.env["rebate.program"].union(*cls.programs.values())

    @classmethod
    def _programs(cls):
        """A program of every format, by a short name; those that come first in the sequence
        first."""
        programs = {
            name: cls._program(
                name=name, sequence=sequence, date_start="2024-07-01", activate=False, **vals
            )
            for sequence, (name, vals) in enumerate(formats(cls).items(), 1)
        }
        programs["rest"].reduced_by_program_ids = (
            programs["retroactive"] | programs["bands"] | programs["better"] | programs["lump"]
        )
        for program in programs.values():
            program.action_activate()
        return programs

    # ------------------------------------------------------------------
    # What happens in it
    # ------------------------------------------------------------------

    def _vals(self, document, **vals):
        """Values of an invoice or a credit note, see ``documents``."""
        document = {**document, **vals}
        lines = [
            self._line_vals(document, product, quantity, price)
            for product, quantity, price in document["lines"]
        ]
        lines[0]["rebate_exclusion"] = document["excluded"]
        if sum(quantity * price for _product, quantity, price in document["lines"]) > 20:
            # Odoo posts no invoice below nothing.
            amounts = filter(None, [document["discount"]])
            lines += [self._line_vals(document, 2, 1, -amount) for amount in amounts]
        return {
            "move_type": "out_refund" if document["refund"] else "out_invoice",
            "partner_id": self.buyers[document["buyer"]].id,
            "invoice_date": document["day"],
            "currency_id": (self.eur if document["euro"] else self.usd).id,
            "invoice_payment_term_id": document["instalments"] and self.instalments.id,
            "invoice_line_ids": [Command.create(line) for line in lines],
        }

    def _line_vals(self, document, product, quantity, price):
        return {
            # the last: none
            "product_id": self.products[product : product + 1].id,
            "name": "Line",
            "quantity": quantity,
            "product_uom_id": (self.dozen if document["dozens"] else self.unit).id,
            "price_unit": price,
            "tax_ids": [Command.set(self.tax.ids if document["taxed"] else [])],
        }

    def _post(self, *vals_list):
        """Posted documents."""
        moves = self.env["account.move"].create(list(vals_list))
        moves.action_post()
        return moves

    def _advance(self, buyer, percent, delivered, days, taxed):
        """An advance on an order of ten, and what is delivered of it less the advance, posted.

        :param days: of the two invoices
        """
        drill = self.drill
        drill.invoice_policy = "delivery"
        order = self.env["sale.order"].create(
            {
                "partner_id": self.buyers[buyer].id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": drill.id,
                            "product_uom_qty": 10,
                            "price_unit": 99.95,
                            "tax_ids": [Command.set(self.tax.ids if taxed else [])],
                        }
                    )
                ],
            }
        )
        order.action_confirm()
        wizard = self.env["sale.advance.payment.inv"].with_context(
            active_model="sale.order", active_ids=order.ids
        )
        wizard.create({"advance_payment_method": "percentage", "amount": percent}).create_invoices()
        order.invoice_ids.invoice_date = days[0]
        order.invoice_ids.action_post()
        order.order_line.filtered(lambda line: line.product_id == drill).qty_delivered = delivered
        wizard.create({"advance_payment_method": "delivered"}).create_invoices()
        final = order.invoice_ids.filtered(lambda move: move.state == "draft")
        final.invoice_date = days[1]
        final.action_post()
        return order.invoice_ids

    def _pay(self, moves, day, amount=None, writes_off=False):
        """Pay documents, in full unless an amount is given; what is missing stays open unless it
        is written off."""
        account = self.company_data["default_account_expense"] if writes_off and amount else None
        return super()._pay(moves, day, amount or None, account)

    def _pay_for(self, document, move):
        """Pay what a document says was paid of it."""
        if not document["paid"] or not move.amount_residual:
            return self.env["account.payment"]
        amount = None
        if document["paid"] < 100:
            amount = move.currency_id.round(move.amount_residual * document["paid"] / 100)
        return self._pay(move, document["pay_day"], amount, document["writes_off"])

    def _figures(self):
        """What every accrual of the world holds, by distributor, program and first day."""
        return {
            (accrual.partner_id.name, accrual.program_id.name, str(accrual.date_from)): {
                "purchases": accrual.measured_amount,
                "quantity": accrual.measured_quantity,
                "earned": accrual.earned_amount,
                "rules": [
                    (line.rule_id.name, line.measured_amount, line.earned_amount)
                    for line in accrual.line_ids.sorted("rule_id")
                ],
            }
            for accrual in self.world.agreement_ids.accrual_ids
        }
