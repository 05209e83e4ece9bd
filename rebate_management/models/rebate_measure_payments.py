"""What was paid of invoices, and when: what was received, not what was written off."""

from odoo import models
from odoo.tools import SQL

# Journals in which money comes in, and those whose documents are offset against each other.
PAYING = ("bank", "cash", "credit", "sale")


class RebateMeasure(models.AbstractModel):
    _inherit = "rebate.measure"

    def _payment_tables(self, programs, partner_ids, first_day, last_day) -> SQL:
        """Compose ``payment``: what was paid of each invoice, when, and before that, once for
        programs in which the discount for early payment counts and once for the others.

        Whatever is reconciled with the invoice and lies in a bank, cash or sales journal pays it:
        payments, and the returns and payouts it was offset against. An entry elsewhere, such as a
        bad debt written off, pays nothing, but what exchange rates made of a payment is part of it.
        An invoice over nothing is paid when it is made, unless advances are deducted from it.
        """
        advances = self._has_advances(partner_ids)
        paid = programs.filtered(lambda program: program.basis == "paid")
        moves = SQL(
            """
            SELECT move.id
              FROM account_move move
             WHERE move.commercial_partner_id = ANY(%s)
               AND move.state = 'posted'
               AND move.move_type IN ('out_invoice', 'out_receipt', 'out_refund')
            """,
            partner_ids,
        )
        plain = SQL(
            """
            SELECT move_id, with_discount, date, paid_before, paid, total FROM receipt
             WHERE %(is_plain)s
         UNION ALL
            SELECT move.id, way.with_discount, move.invoice_date, 0, 1, 1
              FROM account_move move, way
             WHERE move.id IN (%(moves)s)
               AND move.amount_total = 0
               AND %(is_plain_move)s
            """,
            moves=moves,
            is_plain=SQL("move_id NOT IN (SELECT move_id FROM deducted)")
            if advances
            else SQL("TRUE"),
            is_plain_move=SQL("move.id NOT IN (SELECT move_id FROM deducted)")
            if advances
            else SQL("TRUE"),
        )
        return SQL(
            """
            way AS (SELECT unnest(%(ways)s::bool[]) AS with_discount),
            %(advance_tables)s
            %(receipts)s,
            %(covered)s
            payment AS (
                SELECT * FROM (%(payments)s) payment
                 WHERE date BETWEEN %(first_day)s AND %(last_day)s
            ),
            """,
            ways=sorted({bool(program.early_discount_counts) for program in paid}),
            advance_tables=self._advance_tables(moves) if advances else SQL(),
            receipts=self._receipt_tables(
                SQL("%s UNION SELECT move_id FROM downpayment", moves) if advances else moves
            ),
            covered=self._final_tables() if advances else SQL(),
            payments=SQL("%s UNION ALL %s", plain, self._final_payments()) if advances else plain,
            first_day=first_day,
            last_day=last_day,
        )

    def _receipt_tables(self, moves: SQL) -> SQL:
        """Compose ``receipt``: by document what was received with each reconciliation, and before.

        An entry that pays has on one side what it settles and on the other what came for it: money,
        tax that was withheld, receivables that were offset, and else what was written off or
        granted for early payment. What it settles is paid by the part that came; one written off
        part lies on all that the entry settles, in proportion.

        :param moves: a query of the documents
        """
        return SQL(
            """
            settled AS MATERIALIZED (
                SELECT term.move_id, partial.id, partial.max_date AS date,
                       CASE WHEN partial.debit_move_id = term.id
                            THEN partial.debit_amount_currency
                            ELSE partial.credit_amount_currency END AS amount,
                       -- none of a document that is offset, nor of an exchange difference
                       CASE WHEN counterpart.display_type IS DISTINCT FROM 'payment_term'
                             AND journal.type = ANY(%(paying)s)
                            THEN counterpart.move_id END AS entry_id,
                       SIGN(counterpart.balance) AS side, counterpart.currency_id
                  FROM account_move_line term
                  JOIN account_partial_reconcile partial
                    ON partial.debit_move_id = term.id OR partial.credit_move_id = term.id
                  JOIN account_move_line counterpart
                    ON counterpart.parent_state = 'posted'
                   AND counterpart.id = CASE WHEN partial.debit_move_id = term.id
                                             THEN partial.credit_move_id
                                             ELSE partial.debit_move_id END
                  JOIN account_journal journal ON journal.id = counterpart.journal_id
                 WHERE term.move_id IN (%(moves)s)
                   AND term.display_type = 'payment_term'
                   AND (journal.type = ANY(%(paying)s)
                        OR EXISTS (SELECT 1 FROM account_partial_reconcile exchange
                                    WHERE exchange.exchange_move_id = counterpart.move_id))
            ),
            money AS MATERIALIZED (
                SELECT id
                  FROM (SELECT id FROM account_account
                         WHERE account_type IN ('asset_cash', 'liability_credit_card',
                                                'asset_receivable', 'liability_payable')
                            -- outstanding payments
                            OR reconcile
                               AND account_type IN ('asset_current', 'liability_current')
                     UNION SELECT UNNEST(ARRAY[default_account_id, suspense_account_id])
                             FROM account_journal WHERE type IN ('bank', 'cash', 'credit')
                     UNION SELECT payment_account_id FROM account_payment_method_line
                     UNION SELECT UNNEST(ARRAY[transfer_account_id,
                                               income_currency_exchange_account_id,
                                               expense_currency_exchange_account_id])
                             FROM res_company) account
                 WHERE id IS NOT NULL
            ),
            -- Most entries are money alone, and not looked at any closer.
            mixed AS MATERIALIZED (
                SELECT DISTINCT settled.entry_id
                  FROM settled JOIN account_move_line line ON line.move_id = settled.entry_id
                 WHERE SIGN(line.balance) = -settled.side
                   AND line.account_id NOT IN (SELECT id FROM money)
            ),
            came AS MATERIALIZED (
                SELECT settled.move_id, settled.id,
                       CASE WHEN BOOL_AND(line.currency_id = settled.currency_id)
                            THEN ARRAY[SUM(ABS(line.amount_currency)),
                                       SUM(ABS(line.amount_currency)) FILTER (WHERE line.is_lost),
                                       SUM(ABS(line.amount_currency)) FILTER (WHERE line.is_early)]
                            ELSE ARRAY[SUM(ABS(line.balance)),
                                       SUM(ABS(line.balance)) FILTER (WHERE line.is_lost),
                                       SUM(ABS(line.balance)) FILTER (WHERE line.is_early)]
                       END AS parts
                  FROM settled
                  JOIN (
                        -- What is booked to and fro on one account, as the base of a tax that is
                        -- withheld, is nothing.
                        SELECT line.move_id, line.currency_id, line.is_other AND NOT line.is_tax
                               OR line.is_own_tax AS is_lost,
                               line.is_discount OR line.is_own_tax AND line.has_discount
                               AS is_early,
                               SUM(line.balance) AS balance,
                               SUM(line.amount_currency) AS amount_currency
                          FROM (SELECT line.id, line.move_id, line.balance, line.amount_currency,
                                       line.currency_id, line.account_id,
                                       line.account_id NOT IN (SELECT id FROM money)
                                       AND NOT EXISTS (
                                               SELECT 1 FROM account_payment payment
                                                WHERE payment.move_id = line.move_id
                                                  AND payment.outstanding_account_id
                                                      = line.account_id
                                           ) AS is_other,
                                       %(is_discount)s
                                       AND line.account_id NOT IN (SELECT id FROM money)
                                       AS is_discount,
                                       BOOL_OR(%(is_discount)s) OVER (PARTITION BY line.move_id)
                                       AS has_discount,
                                       %(is_tax)s AS is_tax,
                                       %(is_tax)s AND EXISTS (
                                               SELECT 1
                                                 FROM settled beside
                                                 JOIN account_move_line own
                                                   ON own.move_id = beside.move_id
                                                WHERE beside.entry_id = line.move_id
                                                  AND own.tax_line_id IS NOT NULL
                                                  AND (own.tax_line_id = line.tax_line_id
                                                       OR line.tax_line_id IS NULL
                                                          AND own.account_id = line.account_id)
                                           )
                                       AND line.account_id NOT IN (SELECT id FROM money)
                                       AS is_own_tax
                                  FROM account_move_line line
                                  JOIN res_company company ON company.id = line.company_id
                                 WHERE line.move_id IN (SELECT entry_id FROM mixed)) line
                      GROUP BY line.move_id, line.currency_id, line.account_id, is_lost, is_early,
                               CASE WHEN line.is_other THEN 0 ELSE line.id END
                     ) line
                    ON line.move_id = settled.entry_id
                   AND SIGN(line.balance) = -settled.side
              GROUP BY settled.move_id, settled.id
            ),
            total AS MATERIALIZED (
                SELECT term.move_id, SUM(ABS(term.amount_currency)) AS total,
                       SUM(term.amount_currency) AS signed_total
                  FROM account_move_line term
                 WHERE term.display_type = 'payment_term'
                   AND term.move_id IN (SELECT move_id FROM settled)
              GROUP BY term.move_id
            ),
            receipt AS MATERIALIZED (
                SELECT received.move_id, received.id, received.with_discount, received.date,
                       SUM(received.amount) OVER so_far - received.amount AS paid_before,
                       SUM(received.amount) OVER so_far AS paid,
                       total.total, total.signed_total
                  FROM (SELECT settled.move_id, settled.id, settled.date, way.with_discount,
                               CASE WHEN came.parts IS NULL THEN settled.amount
                                    ELSE settled.amount
                                         * (came.parts[1] - COALESCE(came.parts[2], 0)
                                            + CASE WHEN way.with_discount
                                                   THEN COALESCE(came.parts[3], 0) ELSE 0 END)
                                         / came.parts[1] END AS amount
                          FROM settled CROSS JOIN way
                     LEFT JOIN came USING (move_id, id)) received
                  JOIN total ON total.move_id = received.move_id
                WINDOW so_far AS (PARTITION BY received.move_id, received.with_discount
                                      ORDER BY received.date, received.id)
            )
            """,
            moves=moves,
            paying=list(PAYING),
            is_discount=SQL(
                """
                COALESCE(line.account_id IN (
                    company.account_journal_early_pay_discount_loss_account_id,
                    company.account_journal_early_pay_discount_gain_account_id), FALSE)
                """
            ),
            is_tax=SQL(
                """
                (line.tax_line_id IS NOT NULL
                 OR EXISTS (SELECT 1
                              FROM account_tax_repartition_line part
                              JOIN account_account account ON account.id = part.account_id
                             WHERE part.account_id = line.account_id
                               AND part.repartition_type = 'tax'
                               AND SPLIT_PART(account.account_type, '_', 1)
                                   IN ('asset', 'liability')))
                """
            ),
        )
