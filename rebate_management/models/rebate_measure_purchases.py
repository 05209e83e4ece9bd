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
        moves = SQL(
            """
            move.state = 'posted'
            AND move.move_type IN ('out_invoice', 'out_receipt', 'out_refund')
            AND move.commercial_partner_id = ANY(%s)
            AND (%s)
            -- our own payout notes, and their reversals
            AND move.rebate_settlement_id IS NULL
            AND move.rebate_was_payout IS NOT TRUE
            """,
            partner_ids,
            SQL(" OR ").join(dates[basis] for basis in sorted(bases)),
        )
        shares = self._has_discounts(partner_ids)
        return SQL(
            "%s %s %s, purchase AS (%s)",
            self._payment_tables(programs, partner_ids, first_day, max(last_day, last_payment))
            if "paid" in bases
            else SQL(),
            SQL("%s,", self._discount_tables(moves)) if shares else SQL(),
            self._sums(programs, moves, is_scoped, by_line, shares),
            SQL(" UNION ALL ").join(purchases[basis] for basis in sorted(bases)),
        )

    def _sums(self, programs, moves, is_scoped, by_line, shares) -> SQL:
        """Compose ``summed``: the one pass over the invoice lines. What follows works on the sums.

        Buyers are given by number and not by a table of the statement, and only those columns are
        grouped that are asked for, so that PostgreSQL can share the pass among its workers.

        :param moves: the condition on ``move`` that tells whose documents are read
        :param shares: share discounts out over what they discount, see ``rebate_measure_discounts``
        """
        is_counted = bool(programs.uom_id)
        is_split = not all(programs.mapped("include_refunds"))
        class_id = SQL("COALESCE(class.class_id, 0)") if is_scoped else SQL("0")
        # in the root of its unit, to which all units that convert refer; 0 where the line has no
        # unit, none where it moves no goods
        root_id = SQL(
            """
            CASE WHEN line.rebate_exclusion IS NULL AND line.price_unit > 0
                      AND COALESCE(line.discount, 0) < 100
                 THEN COALESCE(split_part(uom.parent_path, '/', 1)::int, 0) END
            """
        )
        is_service = SQL("service.id IS NOT NULL")
        is_return = self._is_return(SQL("line"))
        return SQL(
            """
            summed AS NOT MATERIALIZED (
                SELECT move.id AS move_id, %(class_id)s AS class_id, %(line_id)s AS line_id,
                       %(root_id)s AS uom_root_id, %(is_service)s AS is_service,
                       %(is_return)s AS is_return,
                       -- the same for all lines of an invoice
                       move.company_id, move.commercial_partner_id AS partner_id,
                       move.currency_id, move.invoice_date,
                       move.move_type = 'out_refund' AS is_refund,
                       -SUM(line.balance) AS balance,
                       SUM(line.price_subtotal) AS net_amount,
                       SUM(%(quantity)s) AS quantity, FALSE AS is_share
                  FROM account_move move
                  JOIN account_move_line line ON line.move_id = move.id
                  %(join_class)s
                  %(join_uom)s
                 WHERE %(moves)s
                   AND line.display_type = 'product'
                   -- neither an advance nor its deduction: the goods count when invoiced
                   AND line.is_downpayment IS NOT TRUE
                   AND line.rebate_exclusion IS DISTINCT FROM 'all'
                   %(not_shared)s
              GROUP BY %(keys)s
              %(shares)s
            )
            """,
            class_id=class_id,
            line_id=SQL("line.id") if by_line else SQL("NULL::int"),
            root_id=root_id if is_counted else SQL("0"),
            is_service=is_service if is_counted else SQL("FALSE"),
            is_return=is_return if is_split else SQL("FALSE"),
            quantity=SQL("line.quantity * COALESCE(uom.factor, 1)") if is_counted else SQL("0"),
            join_class=SQL("LEFT JOIN class ON class.product_id = line.product_id")
            if is_scoped
            else SQL(),
            join_uom=SQL(
                """
                LEFT JOIN uom_uom uom ON uom.id = line.product_uom_id
                LEFT JOIN (
                        SELECT product.id
                          FROM product_product product
                          JOIN product_template template ON template.id = product.product_tmpl_id
                         WHERE template.type = 'service'
                    ) service
                    ON service.id = line.product_id
                """
            )
            if is_counted
            else SQL(),
            moves=moves,
            not_shared=self._not_shared() if shares else SQL(),
            shares=SQL("UNION ALL %s", self._discount_shares(is_scoped, by_line, is_split))
            if shares
            else SQL(),
            keys=SQL(", ").join(
                [SQL("move.id")]
                + [SQL("class.class_id")] * is_scoped
                + [SQL("line.id")] * by_line
                + [root_id, is_service] * is_counted
                + [is_return] * is_split
            ),
        )

    def _is_return(self, line: SQL) -> SQL:
        """Compose whether a line of ``move`` takes goods back, on whatever document it stands: a
        negative quantity on an invoice, or a quantity on a credit note. What is money alone is no
        return, whatever its sign."""
        return SQL(
            "(%(line)s.rebate_exclusion IS NULL"
            " AND (%(line)s.quantity < 0) <> (move.move_type = 'out_refund'))",
            line=line,
        )

    def _invoiced(self) -> SQL:
        """Compose what counts in full, on the invoice date."""
        return SQL(
            """
            SELECT move_id, class_id, line_id, uom_root_id, balance,
                   CASE WHEN is_refund THEN -net_amount ELSE net_amount END AS net_amount,
                   CASE WHEN is_refund THEN -quantity ELSE quantity END AS quantity,
                   invoice_date AS date, invoice_date, FALSE AS is_paid, FALSE AS with_discount,
                   company_id, partner_id, currency_id, is_service, is_return,
                   is_share
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
                   payment.date, invoiced.invoice_date, TRUE AS is_paid, payment.with_discount,
                   invoiced.company_id, invoiced.partner_id, invoiced.currency_id,
                   invoiced.is_service, invoiced.is_return, invoiced.is_share
              FROM (%s) invoiced
              JOIN payment ON payment.move_id = invoiced.move_id
            """,
            shares,
            self._invoiced(),
        )
