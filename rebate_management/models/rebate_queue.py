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
        """Queue the agreements whose purchases include the given invoices, in one statement.

        :param moves: customer invoices and credit notes that were just posted or taken back
        """
        if not moves:
            return
        self.env["account.move"].flush_model(
            ["commercial_partner_id", "company_id", "invoice_date"]
        )
        self.env["rebate.agreement"].flush_model()
        self.env["rebate.rule"].flush_model(["program_id", "qualifier_measure"])
        self.env["res.partner"].flush_model(["parent_id"])
        queued = self.env.execute_query(
            SQL(
                """
                -- The buyers, and the companies above them whose agreements may include them.
                WITH RECURSIVE buyer AS (
                    SELECT move.id AS move_id, partner.id AS partner_id, partner.parent_id,
                           TRUE AS is_itself
                      FROM account_move move
                      JOIN res_partner partner ON partner.id = move.commercial_partner_id
                     WHERE move.id = ANY(%s)
                 UNION ALL
                    SELECT buyer.move_id, parent.id, parent.parent_id, FALSE
                      FROM buyer JOIN res_partner parent ON parent.id = buyer.parent_id
                )
                INSERT INTO rebate_queue (agreement_res_id, date)
                SELECT DISTINCT agreement.id, move.invoice_date
                  FROM buyer
                  JOIN account_move move ON move.id = buyer.move_id
                  JOIN res_company branch ON branch.id = move.company_id
                  JOIN rebate_agreement agreement
                    ON agreement.partner_id = buyer.partner_id
                   AND (buyer.is_itself OR agreement.include_children)
                   AND agreement.state IN ('active', 'ended')
                   AND (agreement.date_start <= move.invoice_date
                        AND (agreement.date_end IS NULL
                             OR agreement.date_end >= move.invoice_date)
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
                moves.ids,
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
