"""Storing the frozen details of settlements: in few statements, however many there are."""

from itertools import islice

from odoo import models
from odoo.tools import SQL

# Rows of details sent to the database at once.
BATCH = 50000


class RebateSettlementLine(models.Model):
    _inherit = "rebate.settlement.line"

    def _store_details(self, shares):
        """Store each invoice line's part with what the invoice says of it, then what is taken back
        of lines that do not count any more, then what lies on no line.

        :param shares: an iterator of :class:`FrozenShare`
        """
        self.env.flush_all()
        while rows := list(islice(shares, BATCH)):
            self.env.cr.execute(self._insert_shares(rows))
        self.env.cr.execute(self._insert_taken_back())
        self.env.cr.execute(self._insert_rest())

    def _settled_before(self, lines) -> SQL:
        """Compose ``before``: what other settlements of the same periods have of each invoice line
        and rule, and their latest detail of it."""
        return SQL(
            """
            before AS MATERIALIZED (
                SELECT line.id AS settlement_line_id, detail.line_number, detail.rule_id,
                       SUM(detail.rebate_amount) AS amount, MAX(detail.id) AS last_id
                  FROM rebate_settlement_line line
                  JOIN rebate_settlement_line other
                    ON other.accrual_id = line.accrual_id
                   AND other.id < line.id
                   AND other.state NOT IN ('rejected', 'cancelled')
                  JOIN rebate_settlement_detail detail ON detail.settlement_line_id = other.id
                 WHERE line.id = ANY(%s) AND detail.line_number IS NOT NULL
              GROUP BY line.id, detail.line_number, detail.rule_id,
                       -- of a rule that is gone, its name
                       CASE WHEN detail.rule_id IS NULL THEN detail.rule_name END
            )
            """,
            lines.ids,
        )

    def _insert_shares(self, rows) -> SQL:
        """Compose the insertion of shares with what the invoices say of them."""
        return SQL(
            """
            WITH share AS MATERIALIZED (
                SELECT *
                  FROM unnest(%(columns)s)
                       AS share(settlement_line_id, rule_id, line_number, amount, quantity, rate,
                                rate_type, earned)
            ),
            %(before)s
            INSERT INTO rebate_settlement_detail (
                        settlement_line_id, rule_id, rule_name, move_line_id, line_number,
                        invoice_name, invoice_date, product_id, product_name, product_code,
                        quantity, uom_name, tax_numbers, amount, rate, rate_type,
                        earned_amount, settled_amount, rebate_amount)
            SELECT share.settlement_line_id, share.rule_id, %(rule_name)s,
                   invoiced.id, invoiced.id, move.name, move.invoice_date,
                   product.id, COALESCE(%(product_name)s, invoiced.name), product.default_code,
                   CASE WHEN program.uom_id IS NOT NULL THEN share.quantity
                        WHEN move.move_type = 'out_refund' THEN -invoiced.quantity
                        ELSE invoiced.quantity END,
                   %(uom_name)s, tax.numbers, share.amount, share.rate, share.rate_type,
                   share.earned, COALESCE(before.amount, 0),
                   share.earned - COALESCE(before.amount, 0)
              FROM share
              JOIN rebate_settlement_line line ON line.id = share.settlement_line_id
              JOIN rebate_settlement settlement ON settlement.id = line.settlement_id
              JOIN res_partner partner ON partner.id = settlement.partner_id
              JOIN rebate_rule rule ON rule.id = share.rule_id
              JOIN rebate_program program ON program.id = rule.program_id
              JOIN account_move_line invoiced ON invoiced.id = share.line_number
              JOIN account_move move ON move.id = invoiced.move_id
         LEFT JOIN product_product product ON product.id = invoiced.product_id
         LEFT JOIN product_template template ON template.id = product.product_tmpl_id
         LEFT JOIN uom_uom uom ON uom.id = COALESCE(program.uom_id, invoiced.product_uom_id)
         LEFT JOIN (
                       SELECT account_move_line_id AS line_id,
                              string_agg(account_tax_id::text, ',' ORDER BY account_tax_id)
                              AS numbers
                         FROM account_move_line_account_tax_rel
                        WHERE account_move_line_id IN (SELECT line_number FROM share)
                     GROUP BY account_move_line_id
                   ) tax
                ON tax.line_id = share.line_number
         LEFT JOIN before
                ON before.settlement_line_id = share.settlement_line_id
               AND before.line_number = share.line_number
               AND before.rule_id = share.rule_id
            """,
            columns=SQL(
                "%s::int[], %s::int[], %s::int[], %s::numeric[], %s::numeric[], %s::numeric[],"
                " %s::varchar[], %s::numeric[]",
                *map(list, zip(*rows, strict=True)),
            ),
            before=self._settled_before(self.browse({row.settlement_line_id for row in rows})),
            rule_name=self._translated("rule"),
            product_name=self._translated("template"),
            uom_name=self._translated("uom"),
        )

    def _translated(self, table) -> SQL:
        """Compose a name in the language of the partner who is paid."""
        name = SQL.identifier(table, "name")
        return SQL("COALESCE(%s ->> partner.lang, %s ->> 'en_US')", name, name)

    def _insert_taken_back(self) -> SQL:
        """Compose the insertion of what invoice lines had that do not count any more."""
        return SQL(
            """
            WITH %s
            INSERT INTO rebate_settlement_detail (
                        settlement_line_id, rule_id, rule_name, move_line_id, line_number,
                        invoice_name, invoice_date, product_id, product_name, product_code,
                        quantity, uom_name, tax_numbers, amount, rate, rate_type,
                        earned_amount, settled_amount, rebate_amount)
            SELECT before.settlement_line_id, last.rule_id, last.rule_name, last.move_line_id,
                   last.line_number, last.invoice_name, last.invoice_date, last.product_id,
                   last.product_name, last.product_code, 0, last.uom_name, last.tax_numbers, 0,
                   0, 'percent', 0, before.amount, -before.amount
              FROM before
              JOIN rebate_settlement_detail last ON last.id = before.last_id
             WHERE before.amount <> 0
               AND NOT EXISTS (
                       SELECT 1
                         FROM rebate_settlement_detail detail
                        WHERE detail.settlement_line_id = before.settlement_line_id
                          AND detail.line_number = before.line_number
                          AND detail.rule_id = before.rule_id
                   )
            """,
            self._settled_before(self),
        )

    def _insert_rest(self) -> SQL:
        """Compose the insertion of what lies on no invoice line: a guarantee without purchases, a
        lump sum that others reached, and what was settled of these before."""
        return SQL(
            """
            INSERT INTO rebate_settlement_detail
                        (settlement_line_id, quantity, amount, rate, rate_type, earned_amount,
                         settled_amount, rebate_amount)
            SELECT line.id, 0, 0, 0, 'fixed', rest.amount + before.amount, before.amount,
                   rest.amount
              FROM rebate_settlement_line line
              JOIN LATERAL (
                       SELECT line.amount - COALESCE(SUM(detail.rebate_amount), 0) AS amount
                         FROM rebate_settlement_detail detail
                        WHERE detail.settlement_line_id = line.id
                   ) rest ON TRUE
              JOIN LATERAL (
                       SELECT COALESCE(SUM(detail.rebate_amount), 0) AS amount
                         FROM rebate_settlement_line other
                         JOIN rebate_settlement_detail detail
                           ON detail.settlement_line_id = other.id
                        WHERE other.accrual_id = line.accrual_id
                          AND other.id < line.id
                          AND other.state NOT IN ('rejected', 'cancelled')
                          AND detail.line_number IS NULL
                   ) before ON TRUE
             WHERE line.id = ANY(%s) AND (rest.amount <> 0 OR before.amount <> 0)
            """,
            self.ids,
        )
