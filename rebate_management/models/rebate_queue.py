"""The queue between posting and computing: posting an invoice only appends to it.

Rows are plain numbers without foreign keys, so that appending locks no other table and users who
post for one distributor at the same time never wait for each other.
"""

from odoo import api, fields, models
from odoo.tools import SQL

BATCH = 1000


class RebateQueue(models.Model):
    _name = "rebate.queue"
    _description = "Accruals to Refresh"
    _order = "id"
    _log_access = False

    agreement_res_id = fields.Integer(required=True, readonly=True)
    date = fields.Date(required=True, readonly=True, help="Invoice date whose period changed.")

    @api.model
    def _append(self, moves):
        """Queue the agreements whose purchases include the given documents, or what these pay.

        :param moves: documents that were just posted or taken back
        """
        if moves:
            self._insert(
                SQL(
                    """
                    SELECT id, invoice_date, FALSE
                      FROM account_move
                     WHERE id = ANY(%(moves)s)
                       AND move_type IN ('out_invoice', 'out_receipt', 'out_refund')
                 UNION ALL %(payments)s
                    """,
                    moves=moves.ids,
                    payments=self._paid_by(
                        SQL(
                            """
                            IN (SELECT debit.id
                                  FROM account_move_line line
                                  JOIN account_partial_reconcile debit
                                    ON debit.debit_move_id = line.id
                                 WHERE line.move_id = ANY(%(moves)s)
                             UNION ALL
                                SELECT credit.id
                                  FROM account_move_line line
                                  JOIN account_partial_reconcile credit
                                    ON credit.credit_move_id = line.id
                                 WHERE line.move_id = ANY(%(moves)s))
                            """,
                            moves=moves.ids,
                        )
                    ),
                )
            )

    @api.model
    def _append_payments(self, partials):
        """Queue the agreements that count by payment, for the invoices that are reconciled.

        :param partials: reconciliations that were just made or are about to be undone
        """
        if partials:
            self._insert(self._paid_by(SQL("= ANY(%s)", partials.ids)))

    def _paid_by(self, partials):
        """Compose the invoices that some reconciliations pay, each with the day.

        :param partials: SQL of the condition on their ids
        """
        return SQL(
            """
            SELECT DISTINCT term.move_id, partial.max_date, TRUE
              FROM account_partial_reconcile partial
              JOIN account_move_line term
                ON term.id IN (partial.debit_move_id, partial.credit_move_id)
              JOIN account_move invoice
                ON invoice.id = term.move_id
               AND invoice.move_type IN ('out_invoice', 'out_receipt', 'out_refund')
             WHERE partial.id %s
            """,
            partials,
        )

    def _insert(self, touched):
        """Queue the agreements of the buyers of some documents, in one statement.

        :param touched: SQL of ``(document, day, whether what is paid changed)``
        """
        self.env["account.move"].flush_model(
            ["commercial_partner_id", "company_id", "invoice_date"]
        )
        self.env["account.partial.reconcile"].flush_model()
        self.env["rebate.agreement"].flush_model()
        self.env["rebate.program"].flush_model(["basis", "stacking_group_id"])
        self.env["rebate.rule"].flush_model(["program_id", "qualifier_measure"])
        self.env["res.partner"].flush_model(["parent_id"])
        queued = self.env.execute_query(
            SQL(
                """
                -- The buyers, and the companies above them whose agreements may include them.
                WITH RECURSIVE buyer AS (
                    SELECT move.id AS move_id, touched.is_paid, touched.day,
                           partner.id AS partner_id, partner.parent_id, TRUE AS is_itself
                      FROM (%s) AS touched(move_id, day, is_paid)
                      JOIN account_move move ON move.id = touched.move_id
                      JOIN res_partner partner ON partner.id = move.commercial_partner_id
                 UNION ALL
                    SELECT buyer.move_id, buyer.is_paid, buyer.day, parent.id, parent.parent_id,
                           FALSE
                      FROM buyer JOIN res_partner parent ON parent.id = buyer.parent_id
                )
                INSERT INTO rebate_queue (agreement_res_id, date)
                SELECT DISTINCT agreement.id, buyer.day
                  FROM buyer
                  JOIN account_move move ON move.id = buyer.move_id
                  JOIN res_company branch ON branch.id = move.company_id
                  JOIN rebate_agreement agreement
                    ON agreement.partner_id = buyer.partner_id
                   AND (buyer.is_itself OR agreement.include_children)
                   AND agreement.state IN ('active', 'ended')
                  JOIN rebate_program program
                    ON program.id = agreement.program_id
                   AND (program.basis = 'paid' OR NOT buyer.is_paid)
                   AND (agreement.date_start <= buyer.day
                        AND (agreement.date_end IS NULL OR agreement.date_end >= buyer.day)
                        -- Other programs, whose days are not these, may lower or beat it.
                        OR program.stacking_group_id IS NOT NULL
                        OR EXISTS (SELECT 1
                                     FROM rebate_program_reduced_by_rel reduced
                                    WHERE reduced.program_id = program.id)
                        -- Earlier purchases are what growth is compared with.
                        OR EXISTS (SELECT 1
                                     FROM rebate_rule rule
                                    WHERE rule.program_id = agreement.program_id
                                      AND rule.qualifier_measure LIKE 'growth%%'))
                  JOIN res_company company
                    ON company.id = agreement.company_id
                   AND branch.parent_path LIKE company.parent_path || '%%'
             RETURNING id
                """,
                touched,
            )
        )
        if queued:
            # Whoever posts invoices may set off the recomputation, not see or change the job.
            self.env.ref("rebate_management.ir_cron_drain_queue").sudo()._trigger()

    @api.model
    def _cron_drain(self):
        """Refresh the accruals whose purchases changed, batch by batch until all are done."""
        while touched := self._take(BATCH):
            agreements = self.env["rebate.agreement"].browse(touched).exists()
            agreements._ensure_accruals()
            agreements.accrual_ids.filtered(
                lambda accrual, touched=touched: any(
                    accrual._depends_on(day) for day in touched[accrual.agreement_id.id]
                )
            ).refresh()
            remaining = self.search_count([])
            if not self.env["ir.cron"]._commit_progress(len(touched), remaining=remaining):
                break

    @api.model
    def _take(self, limit):
        """Take rows off the queue that no one else is taking.

        :return: the dates touched, by agreement id
        """
        rows = self.env.execute_query(
            SQL(
                """
                DELETE FROM rebate_queue
                 WHERE id IN (SELECT id FROM rebate_queue ORDER BY id LIMIT %s
                                 FOR UPDATE SKIP LOCKED)
             RETURNING agreement_res_id, date
                """,
                limit,
            )
        )
        touched = {}
        for agreement_id, day in rows:
            touched.setdefault(agreement_id, set()).add(day)
        return touched
