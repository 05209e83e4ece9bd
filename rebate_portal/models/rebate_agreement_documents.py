"""The documents behind an agreement's figures, as the portal lists them: the invoices that count,
the periods, and what was paid."""

from odoo import models

from odoo.addons.rebate_management.models.rebate_measure import Window
from odoo.addons.rebate_management.tools.apart import apart


class RebateAgreement(models.Model):
    _inherit = "rebate.agreement"

    def _portal_invoice_lines(self, period):
        """Find the invoice lines that count in a period.

        :param period: ``(first day, last day)``
        :return: a domain on ``account.move.line`` and the number of invoices they are on; None
            where the program cannot be computed
        """
        self.ensure_one()
        window = Window(self.id, self.id, *period)
        [(_self, line_ids, error)] = apart(
            self, lambda _self: self.env["rebate.measure"]._line_ids([window])
        )
        if error:
            return None
        domain = [("id", "in", line_ids)]
        [(count,)] = self.env["account.move.line"]._read_group(
            domain, aggregates=["move_id:count_distinct"]
        )
        return domain, count

    def _portal_invoices(self, domain, limit=None, offset=0):
        """Sum counted invoice lines by invoice, the latest first, each in its own currency.

        :param domain: see :meth:`_portal_invoice_lines`
        :return: a list of dicts for the template; ``amount`` is untaxed, negative for a return
        """
        self.ensure_one()
        groups = self.env["account.move.line"]._read_group(
            domain,
            ["move_id", "currency_id"],
            ["id:recordset", "invoice_date:max", "id:max"],
            order="invoice_date:max DESC, id:max DESC",
            limit=limit,
            offset=offset,
        )
        return [
            {
                "move": move,
                "currency": currency,
                # with its part of discounts that stand on lines of their own
                "amount": sum(lines.mapped("rebate_net_amount")),
                "is_converted": currency != self.currency_id,
            }
            for move, currency, lines, _date, _id in groups
        ]

    def _portal_periods(self, running=None):
        """List the periods other than the running one, the latest first.

        :param running: ``(first day, last day)``
        """
        self.ensure_one()
        return self.accrual_ids.filtered(
            lambda accrual: not running or accrual.date_from != running[0]
        ).sorted("date_from", reverse=True)

    def _portal_payouts(self):
        """List what was paid, the latest first, each with the credit note to download.

        :return: a list of dicts for the template
        """
        self.ensure_one()
        lines = self.env["rebate.settlement.line"].search(
            [
                ("accrual_id", "in", self.accrual_ids.ids),
                ("state", "in", ("posted", "paid")),
            ]
        )
        return [
            {"line": line, "credit_note": self._portal_credit_note(line.settlement_id)}
            for line in lines.sorted(lambda line: (line.settlement_id.date, line.id), reverse=True)
        ]

    def _portal_credit_note(self, settlement):
        """Find the credit note that paid a settlement, if this distributor may see all of it.

        A payout partner of several distributors gets one credit note for all of them, which
        tells each what the others earned.
        """
        if settlement.line_ids.accrual_id.partner_id != self.partner_id:
            return self.env["account.move"]
        return settlement.move_ids.filtered(
            lambda move: move.move_type == "out_refund" and move.state == "posted"
        )[:1]
