"""What other rooms ask of orders and invoices as they are sold; nothing is stored here."""

from odoo import api, models

from . import invoice_shares, pipeline


class RebateSelling(models.AbstractModel):
    _name = "rebate.selling"
    _description = "Rebates of Orders and Invoices"

    @api.model
    def _pipeline(self, agreements):
        """What is ordered and not invoiced yet, see :func:`pipeline.find`."""
        return pipeline.find(agreements)

    @api.model
    def _agreements_of(self, moves):
        """The agreements that may count some invoices, see :func:`invoice_shares.agreements_of`."""
        return invoice_shares.agreements_of(moves)

    @api.model
    def _find_shares(self, moves):
        """What lines of invoices earned, see :func:`invoice_shares.find_shares`."""
        return invoice_shares.find_shares(moves)

    @api.model
    def _earned_by_order_line(self, lines):
        """What the invoice lines of order lines earned, see
        :func:`invoice_shares.earned_by_order_line`."""
        return invoice_shares.earned_by_order_line(lines)

    @api.model
    def _tell_shares(self, move):
        """The same as an invoice's form shows it, see :func:`invoice_shares.tell_shares`."""
        return invoice_shares.tell_shares(move)
