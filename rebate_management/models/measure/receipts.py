"""What was received of documents, and what of it counts as paid."""

from odoo.tools import SQL

# Journals in which money comes in, and those whose documents are offset against each other.
PAYING = ("bank", "cash", "credit", "sale")


def receipt_tables(moves: SQL) -> list[SQL]:
    """Compose ``receipt``: by document what was received with each reconciliation, and before.

    An entry that pays has on one side what it settles and on the other what came for it: money,
    tax that was withheld, receivables that were offset, and else what was written off or
    granted for early payment. What it settles is paid by the part that came; one written off
    part lies on all that the entry settles, in proportion.

    :param moves: a query of the documents
    """
    entry_lines = SQL(ENTRY_LINE, is_discount=IS_DISCOUNT, is_tax=IS_TAX)
    settled = SQL(SETTLED, moves=moves, paying=list(PAYING))
    return [settled, *map(SQL, (MONEY, MIXED)), entry_lines, *map(SQL, (CAME, TOTAL, RECEIPT))]


# By reconciliation of a document: what it settles, and the entry that came for it.
SETTLED = """
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
    )
"""

# The accounts on which what came is money.
MONEY = """
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
    )
"""

# Most entries are money alone, and not looked at any closer.
MIXED = """
    mixed AS MATERIALIZED (
        SELECT DISTINCT settled.entry_id
          FROM settled JOIN account_move_line line ON line.move_id = settled.entry_id
         WHERE SIGN(line.balance) = -settled.side
           AND line.account_id NOT IN (SELECT id FROM money)
    )
"""

# Whether a line of an entry is a discount for early payment.
IS_DISCOUNT = SQL(
    """
    COALESCE(line.account_id IN (
        company.account_journal_early_pay_discount_loss_account_id,
        company.account_journal_early_pay_discount_gain_account_id), FALSE)
    """
)

# Whether it is a tax.
IS_TAX = SQL(
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
)

# What the lines of mixed entries are.
ENTRY_LINE = """
    entry_line AS (
        SELECT line.id, line.move_id, line.balance, line.amount_currency,
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
         WHERE line.move_id IN (SELECT entry_id FROM mixed)
    )
"""

# What came with each reconciliation of a mixed entry: all of it, the part of that which was lost,
# and the part of what was lost that was granted for early payment.
CAME = """
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
                  FROM entry_line line
              GROUP BY line.move_id, line.currency_id, line.account_id, is_lost, is_early,
                       CASE WHEN line.is_other THEN 0 ELSE line.id END
             ) line
            ON line.move_id = settled.entry_id
           AND SIGN(line.balance) = -settled.side
      GROUP BY settled.move_id, settled.id
    )
"""

# What is to be paid of each document.
TOTAL = """
    total AS MATERIALIZED (
        SELECT term.move_id, SUM(ABS(term.amount_currency)) AS total,
               SUM(term.amount_currency) AS signed_total
          FROM account_move_line term
         WHERE term.display_type = 'payment_term'
           AND term.move_id IN (SELECT move_id FROM settled)
      GROUP BY term.move_id
    )
"""

# What was received counts but for what was lost.
RECEIPT = """
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
"""
