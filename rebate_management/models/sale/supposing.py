"""What of sales orders is not invoiced yet, as lines that are supposed to be invoiced today."""

from decimal import Decimal

from odoo import fields
from odoo.tools import float_compare

from ..measure.supposed import Supposed


def suppose_order(order, scenario, day, lines=None) -> list[Supposed]:
    """Suppose that what is not invoiced of an order is invoiced.

    Money in another currency than the company's is converted at the order's date.

    :param order: saved or not
    :param scenario: see :class:`~..measure.supposed.Supposed`
    :param day: on which it is invoiced
    :param lines: of the order, if not all
    """
    company = order.company_id or order.env.company
    currency = order.currency_id or company.currency_id
    rate_date = fields.Date.to_date(order.date_order) or day
    buyer = order.partner_invoice_id or order.partner_id
    supposed = []
    for line in order.order_line if lines is None else lines:
        quantity, amount = remaining(line)
        if not quantity and not amount:
            continue
        balance = amount
        if currency != company.currency_id:
            balance = currency._convert(amount, company.currency_id, company, rate_date)
        supposed.append(
            Supposed(
                scenario=scenario,
                document=name_of(order),
                line=name_of(line),
                partner_id=buyer.commercial_partner_id._origin.id,
                company_id=company.id,
                currency_id=currency.id,
                date=day,
                rate_date=rate_date,
                product_id=line.product_id._origin.id or None,
                uom_id=line.product_uom_id._origin.id or None,
                quantity=_decimal(quantity),
                amount=_decimal(amount),
                balance=_decimal(balance),
                price_unit=_decimal(line.price_unit),
                discount=_decimal(line.discount),
                exclusion=line.rebate_exclusion or None,
                taxes=frozenset(line.tax_ids._origin.ids),
            )
        )
    return supposed


def suppose_invoice(move, scenario, day) -> list[Supposed]:
    """Suppose that a draft is posted.

    :param move: a customer invoice, receipt or credit note
    :param day: of the invoice
    """
    sign = -1 if move.move_type == "out_refund" else 1
    return [
        Supposed(
            scenario=scenario,
            document=name_of(move),
            line=name_of(line),
            partner_id=move.commercial_partner_id.id,
            company_id=move.company_id.id,
            currency_id=move.currency_id.id,
            date=day,
            rate_date=day,
            product_id=line.product_id.id or None,
            uom_id=line.product_uom_id.id or None,
            quantity=_decimal(sign * line.quantity),
            amount=_decimal(sign * line.price_subtotal),
            balance=_decimal(-line.balance),
            price_unit=_decimal(line.price_unit),
            discount=_decimal(line.discount),
            exclusion=line.rebate_exclusion or None,
            taxes=frozenset(line.tax_ids.ids),
        )
        for line in move.invoice_line_ids
        if line.display_type == "product" and not line.is_downpayment
    ]


def remaining(line):
    """What of an order line is on no posted invoice yet: the quantity in the line's unit, and the
    untaxed amount in the order's currency."""
    if line.display_type or line.is_downpayment:
        return 0.0, 0.0
    quantity = line.product_uom_qty
    if line.product_id.invoice_policy == "delivery" and quantity > 0:
        # What was delivered beyond the order is invoiced too.
        quantity = max(quantity, line.qty_delivered)
    left = quantity - line.qty_invoiced_posted
    rounding = line.product_uom_id.rounding or 0.01
    if float_compare(left, line.product_uom_qty, precision_rounding=rounding) == 0:
        return left, line.price_subtotal
    if quantity * left <= 0 or float_compare(left, 0, precision_rounding=rounding) == 0:
        return 0.0, 0.0
    # As Odoo makes the subtotal of an invoice line.
    taxes = line.env["account.tax"]
    base_line = line._prepare_base_line_for_taxes_computation(quantity=left)
    company = line.company_id or line.env.company
    taxes._add_tax_details_in_base_line(base_line, company)
    taxes._round_base_lines_tax_details([base_line], company)
    return left, base_line["tax_details"]["total_excluded_currency"]


def name_of(record) -> str:
    """A name of a record in a form, saved or not."""
    return str(record.id)


def _decimal(number):
    return Decimal(str(number or 0))
