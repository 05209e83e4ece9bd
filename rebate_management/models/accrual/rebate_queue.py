"""The queue between posting and computing: posting an invoice only appends to it.

Rows are plain numbers without foreign keys, so that appending locks no other table and users who
post for one distributor at the same time never wait for each other. A row says who bought from
which company; whose agreements that touches is found out when it is taken, because somebody may be
enrolled while the invoice is being posted, and neither transaction would see the other.
"""

from datetime import date, timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.retrying import DISTURBED, retry
from .queue_rows import QueueRow, purchase_days, touched_agreements

# What is written of a row.
COLUMNS = ("partner_res_id", "company_res_id", "is_payment", "date", "agreement_res_id")
BATCH = 1000


class RebateQueue(models.Model):
    _name = "rebate.queue"
    _description = "Accruals to Refresh"
    _order = "id"
    _log_access = False

    partner_res_id = fields.Integer(readonly=True, help="The buyer's company.")
    company_res_id = fields.Integer(readonly=True, help="The company that sold.")
    is_payment = fields.Boolean(
        readonly=True, help="Not the purchase changed, but what is paid of it."
    )
    agreement_res_id = fields.Integer(
        readonly=True, help="An agreement that was changed itself, instead of a buyer."
    )
    date = fields.Date(readonly=True, help="The day whose period changed; empty: every period.")

    # ------------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------------

    @api.model
    def _append(self, moves):
        """Queue the purchases that the given documents are, and those that they pay.

        :param moves: documents that were just posted or taken back
        """
        self._append_purchases(
            (move, day)
            for move in moves
            # A payout is no purchase.
            if move.is_sale_document(include_receipts=True) and not move.rebate_settlement_id
            for day in (move.invoice_date, *purchase_days(move))
        )
        self._append_payments(moves.line_ids.matched_debit_ids | moves.line_ids.matched_credit_ids)
        self._append_advances(moves)

    @api.model
    def _append_payments(self, partials):
        """Queue the purchases that are paid.

        :param partials: reconciliations that were just made or are about to be undone
        """
        self._append_purchases(
            (
                (line.move_id, day)
                for partial in partials
                for line in (partial.debit_move_id, partial.credit_move_id)
                if line.move_id.is_sale_document(include_receipts=True)
                for day in (partial.max_date, *purchase_days(line.move_id))
            ),
            is_payment=True,
        )
        lines = partials.debit_move_id | partials.credit_move_id
        self._append_advances(lines.move_id)

    def _append_advances(self, moves):
        """Queue the goods that advances pay: they are paid on days of their own, and how far one
        payment goes depends on the others.

        :param moves: documents that were posted or taken back, paid, or not any more
        """
        lines = moves.line_ids.filtered("is_downpayment")
        if not lines:
            return
        # Whoever pays an advance touches what others invoiced of the order.
        beside = lines.sudo().sale_line_ids.invoice_lines.move_id | moves.sudo()
        self._append_purchases(((move, None) for move in beside), is_payment=True)

    def _append_purchases(self, dated_moves, is_payment=False):
        """Queue the buyers of invoices.

        :param dated_moves: ``(invoice, date)`` pairs; without a date, every period
        """
        purchases = {
            (move.commercial_partner_id.id, move.company_id.id, day)
            for move, day in dated_moves
            if day or is_payment
        }
        self._put(
            {
                "partner_res_id": partner_id,
                "company_res_id": company_id,
                "is_payment": is_payment,
                "date": day,
            }
            for partner_id, company_id, day in sorted(
                purchases, key=lambda row: (*row[:2], row[2] or date.min)
            )
        )

    @api.model
    def _append_agreements(self, agreements):
        """Queue agreements to be computed once more, when this transaction and those that run
        beside it are over: neither sees what the other does."""
        self._put({"agreement_res_id": agreement.id} for agreement in agreements)

    def _put(self, rows):
        rows = [[row.get(name) for name in COLUMNS] for row in rows]
        if not rows:
            return
        # Posting waits for this: one plain statement, and no more of the ORM than it needs.
        [(is_idle,)] = self.env.execute_query(
            SQL(
                """
                WITH appended AS (INSERT INTO rebate_queue (%s) VALUES %s)
                SELECT NOT EXISTS (SELECT FROM rebate_queue)
                """,
                SQL(", ").join(map(SQL.identifier, COLUMNS)),
                SQL(", ").join(SQL("%s", tuple(row)) for row in rows),
            )
        )
        # To wake the job takes a connection of its own: only the first does it, and only for news.
        is_urgent = is_idle and not rows[0][COLUMNS.index("agreement_res_id")]
        # Whoever posts invoices may set off the recomputation, not see or change the job.
        job = self.env.ref("rebate_management.ir_cron_drain_queue").sudo()
        job._trigger(fields.Datetime.now() + timedelta(seconds=0 if is_urgent else 1))

    # ------------------------------------------------------------------
    # The job that takes rows off the queue and computes the accruals they are about
    # ------------------------------------------------------------------

    @api.model
    def _cron_drain(self):
        """Refresh the accruals whose purchases changed, batch by batch until all are done.

        Agreements that are queued meanwhile are left to the next run, lest this one runs in a
        circle after those that others compute all the time.
        """
        last = self.search([], order="id desc", limit=1).id or 0
        while True:
            try:
                taken = retry(self.env, lambda: self._drain_batch(last))
            except DISTURBED:
                # The rows are still in the queue, for the next run.
                self._commit_taken(last)
                return
            if not taken or not self._commit_taken(last, taken):
                return

    def _commit_taken(self, last, taken=0):
        """Commit, and tell how many rows were taken and remain.

        :return: the seconds left to the job
        """
        remaining = self.search_count(["|", ("id", "<=", last), ("partner_res_id", ">", 0)])
        return self.env["ir.cron"]._commit_progress(taken, remaining=remaining)

    def _drain_batch(self, last):
        """Take rows off the queue and compute what they name.

        :param last: the id of the last agreement to take
        :return: the number of rows
        """
        rows = self._take(last)
        touched = self._touched(rows)
        agreements = self.env["rebate.agreement"].browse(touched).exists()
        agreements._ensure_accruals()
        agreements.accrual_ids.filtered(
            lambda accrual: any(
                day is None or accrual._depends_on(day) for day in touched[accrual.agreement_id.id]
            )
        ).refresh()
        return len(rows)

    def _take(self, last):
        """Take rows off the queue that no one else is taking.

        :param last: the id of the last agreement to take
        :return: a list of :class:`QueueRow`
        """
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM rebate_queue
                 WHERE id IN (SELECT id FROM rebate_queue
                               WHERE id <= %s OR partner_res_id IS NOT NULL
                            ORDER BY id LIMIT %s
                                 FOR UPDATE SKIP LOCKED)
             RETURNING agreement_res_id, partner_res_id, company_res_id, date, is_payment
                """,
                last,
                BATCH,
            ),
            # Another job that was faster is no error to be logged.
            log_exceptions=False,
        )
        return [QueueRow(*row) for row in self.env.cr.fetchall()]

    def _touched(self, rows):
        """Find the agreements that rows are about, see :func:`touched_agreements`."""
        return touched_agreements(self.env, rows)
