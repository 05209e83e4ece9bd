"""The purchases the measuring statement works on: invoice lines summed by invoice, by the date on
which they count, whole or by the share that is paid."""

from odoo import models
from odoo.tools import SQL


class RebateMeasure(models.AbstractModel):
    _inherit = "rebate.measure"

    def _purchase_tables(
        self, programs, partner_ids, first_day, last_day, is_scoped, by_line, late=()
    ) -> SQL:
        """Compose ``purchase``: sums by invoice and class of products, or single lines.

        Needs the index of :class:`AccountMove` on customer and invoice date.

        :param late: see :meth:`_late_returns`; they are among the purchases, whatever their day
        """
        bases = set(programs.mapped("basis"))
        dates = {
            "invoiced": SQL("move.invoice_date BETWEEN %s AND %s", first_day, last_day),
            "paid": SQL("move.id IN (SELECT move_id FROM payment)"),
        }
        if late:
            move_ids = sorted({one.move_id for one in late})
            dates["invoiced"] = SQL("(%s OR move.id = ANY(%s))", dates["invoiced"], move_ids)
        last_payment = max((one.counted_on for one in late), default=last_day)
        purchases = {"invoiced": self._invoiced(), "paid": self._paid()}
        return SQL(
            "%s %s, purchase AS (%s)",
            self._payment_table(partner_ids, first_day, max(last_day, last_payment))
            if "paid" in bases
            else SQL(),
            self._sums(
                partner_ids,
                SQL("(%s)", SQL(" OR ").join(dates[basis] for basis in sorted(bases))),
                is_scoped,
                bool(programs.uom_id),
                by_line,
            ),
            SQL(" UNION ALL ").join(purchases[basis] for basis in sorted(bases)),
        )

    def _sums(self, partner_ids, dates, is_scoped, is_counted, by_line) -> SQL:
        """Compose ``summed``: the one pass over the invoice lines. What follows works on the sums.

        Buyers are given by number and not by a table of the statement, and only those columns are
        grouped that are asked for, so that PostgreSQL can share the pass among its workers.
        """
        class_id = SQL("COALESCE(class.class_id, 0)") if is_scoped else SQL("0")
        line_id = SQL("line.id") if by_line else SQL("NULL::int")
        # in the root of its unit, to which all units that convert refer
        root_id = SQL("COALESCE(split_part(uom.parent_path, '/', 1)::int, 0)")
        quantity = SQL("line.quantity * COALESCE(uom.factor, 1)")
        return SQL(
            """
            summed AS NOT MATERIALIZED (
                SELECT move.id AS move_id, %(class_id)s AS class_id, %(line_id)s AS line_id,
                       %(root_id)s AS uom_root_id,
                       -- the same for all lines of an invoice
                       move.company_id, move.commercial_partner_id AS partner_id,
                       move.currency_id, move.invoice_date,
                       move.move_type = 'out_refund' AS is_refund,
                       -SUM(line.balance) AS balance,
                       SUM(line.price_subtotal) AS net_amount,
                       SUM(%(quantity)s) AS quantity
                  FROM account_move move
                  JOIN account_move_line line ON line.move_id = move.id
                  %(join_class)s
                  %(join_uom)s
                 WHERE move.state = 'posted'
                   AND move.move_type IN ('out_invoice', 'out_receipt', 'out_refund')
                   AND move.commercial_partner_id = ANY(%(partner_ids)s)
                   AND %(dates)s
                   AND line.display_type = 'product'
                   -- our own payout notes, and their reversals
                   AND move.rebate_settlement_id IS NULL
                   AND move.rebate_was_payout IS NOT TRUE
                   -- neither an advance nor its deduction: the goods count when invoiced
                   AND line.is_downpayment IS NOT TRUE
              GROUP BY %(keys)s
            )
            """,
            class_id=class_id,
            line_id=line_id,
            root_id=root_id if is_counted else SQL("0"),
            quantity=quantity if is_counted else SQL("0"),
            join_class=SQL("LEFT JOIN class ON class.product_id = line.product_id")
            if is_scoped
            else SQL(),
            join_uom=SQL("LEFT JOIN uom_uom uom ON uom.id = line.product_uom_id")
            if is_counted
            else SQL(),
            partner_ids=partner_ids,
            dates=dates,
            keys=SQL(", ").join(
                [SQL("move.id")]
                + [SQL("class.class_id")] * is_scoped
                + [SQL("line.id")] * by_line
                + [root_id] * is_counted
            ),
        )

    def _invoiced(self) -> SQL:
        """Compose what counts in full, on the invoice date."""
        return SQL(
            """
            SELECT move_id, class_id, line_id, uom_root_id, balance,
                   CASE WHEN is_refund THEN -net_amount ELSE net_amount END AS net_amount,
                   CASE WHEN is_refund THEN -quantity ELSE quantity END AS quantity,
                   invoice_date AS date, invoice_date, FALSE AS is_paid,
                   company_id, partner_id, currency_id, is_refund
              FROM summed
            """
        )

    def _paid(self) -> SQL:
        """Compose what counts by the share that is paid, on the date of each payment.

        A payment counts what is paid with it less what was paid before it, each as a share of the
        invoice: so the payments of an invoice add up to it exactly, however its amount divides.
        """
        shares = SQL(", ").join(
            SQL(
                "%(amount)s * payment.paid / payment.total"
                " - %(amount)s * payment.paid_before / payment.total AS %(name)s",
                amount=SQL.identifier("invoiced", name),
                name=SQL.identifier(name),
            )
            for name in ("balance", "net_amount", "quantity")
        )
        return SQL(
            """
            SELECT invoiced.move_id, invoiced.class_id, invoiced.line_id, invoiced.uom_root_id,
                   %s,
                   payment.date, invoiced.invoice_date, TRUE AS is_paid,
                   invoiced.company_id, invoiced.partner_id, invoiced.currency_id,
                   invoiced.is_refund
              FROM (%s) invoiced
              JOIN payment ON payment.move_id = invoiced.move_id
            """,
            shares,
            self._invoiced(),
        )

    def _payment_table(self, partner_ids, first_day, last_day) -> SQL:
        """Compose ``payment``: what was paid of each invoice, when, and before that.

        Whatever is reconciled with the invoice and lies in a bank, cash or sales journal pays it:
        payments, and the returns and payouts it was offset against. An entry elsewhere, such as a
        bad debt written off, pays nothing. An invoice over nothing is paid when it is made.
        """
        return SQL(
            """
            settled AS (
                SELECT term.move_id, partial.id, partial.max_date AS date,
                       CASE WHEN partial.debit_move_id = term.id
                            THEN partial.debit_amount_currency
                            ELSE partial.credit_amount_currency END AS amount
                  FROM account_move move
                  JOIN account_move_line term
                    ON term.move_id = move.id AND term.display_type = 'payment_term'
                  JOIN account_partial_reconcile partial
                    ON partial.debit_move_id = term.id OR partial.credit_move_id = term.id
                  JOIN account_move_line counterpart
                    ON counterpart.parent_state = 'posted'
                   AND counterpart.id = CASE WHEN partial.debit_move_id = term.id
                                             THEN partial.credit_move_id
                                             ELSE partial.debit_move_id END
                  JOIN account_journal journal ON journal.id = counterpart.journal_id
                 WHERE move.commercial_partner_id = ANY(%(partner_ids)s)
                   AND move.state = 'posted'
                   AND move.move_type IN ('out_invoice', 'out_receipt', 'out_refund')
                   AND journal.type IN ('bank', 'cash', 'credit', 'sale')
            ),
            payment AS (
                SELECT *
                  FROM (SELECT settled.move_id, settled.date,
                               SUM(settled.amount) OVER so_far - settled.amount AS paid_before,
                               SUM(settled.amount) OVER so_far AS paid,
                               (SELECT SUM(ABS(term.amount_currency))
                                  FROM account_move_line term
                                 WHERE term.move_id = settled.move_id
                                   AND term.display_type = 'payment_term') AS total
                          FROM settled
                        WINDOW so_far AS (PARTITION BY settled.move_id
                                              ORDER BY settled.date, settled.id)) payment
                 WHERE date BETWEEN %(first_day)s AND %(last_day)s
             UNION ALL
                SELECT move.id, move.invoice_date, 0, 1, 1
                  FROM account_move move
                 WHERE move.commercial_partner_id = ANY(%(partner_ids)s)
                   AND move.state = 'posted'
                   AND move.move_type IN ('out_invoice', 'out_receipt', 'out_refund')
                   AND move.amount_total = 0
                   AND move.invoice_date BETWEEN %(first_day)s AND %(last_day)s
            ),
            """,
            partner_ids=partner_ids,
            first_day=first_day,
            last_day=last_day,
        )
