"""The queue between posting and computing: posting an invoice only appends to it.

Rows are plain numbers without foreign keys, so that appending locks no other table and users who
post for one distributor at the same time never wait for each other. A row says who bought from
which company; whose agreements that touches is found out when it is taken, because somebody may be
enrolled while the invoice is being posted, and neither transaction would see the other.
"""

from datetime import date, timedelta

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

# What is written of a row.
COLUMNS = ("partner_res_id", "company_res_id", "is_payment", "date", "agreement_res_id")
BATCH = 1000
TRIES = 5


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
            for day in (move.invoice_date, *self._purchase_days(move))
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
                for day in (partial.max_date, *self._purchase_days(line.move_id))
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

    def _purchase_days(self, move):
        """Tell on which days counted what a document takes back, off which it comes where it is
        late, see ``rebate.measure._late_returns``; and those of what takes the document back."""
        days = set()
        # Whoever issues a return need not be allowed to read the payments of the purchase.
        move = move.sudo()
        days.update(move.reversal_move_ids.filtered("invoice_date").mapped("invoice_date"))
        origin = move.reversed_entry_id
        while origin:
            lines = origin.line_ids
            partials = lines.matched_debit_ids | lines.matched_credit_ids
            days |= {origin.invoice_date, *partials.mapped("max_date")}
            origin = origin.reversed_entry_id
        return days

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
        for _try in range(TRIES):
            while taken := self._drain_undisturbed(last):
                if not self._commit_progress(last, taken):
                    return
            if taken is not None:
                return
        # The rows are still in the queue, for the next run.
        self._commit_progress(last)

    def _commit_progress(self, last, taken=0):
        """Commit, and tell how many rows were taken and remain.

        :return: the seconds left to the job
        """
        remaining = self.search_count(["|", ("id", "<=", last), ("partner_res_id", ">", 0)])
        return self.env["ir.cron"]._commit_progress(taken, remaining=remaining)

    def _drain_undisturbed(self, last):
        """Drain a batch, and undo it where another job took the same rows at the same time.

        :return: the number of rows, or None
        """
        try:
            taken = self._drain_batch(last)
            self.env.cr.flush()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            self.env.cr.rollback()
            return None
        return taken

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
        :return: a list of ``(agreement id, partner id, company id, date, whether it is a payment)``
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
        return self.env.cr.fetchall()

    def _touched(self, rows):
        """Find the agreements that rows are about: those named, and those of the buyers and of
        the companies above them that include their subsidiaries.

        :param rows: as :meth:`_take` returns them
        :return: the dates touched, by agreement id; the date None stands for every period
        """
        touched = {}
        purchases = set()
        for agreement_id, *purchase in rows:
            if agreement_id:
                touched.setdefault(agreement_id, set()).add(purchase[2])
            else:
                purchases.add(tuple(purchase))
        if purchases:
            for agreement_id, day in self._buyers_agreements(purchases):
                touched.setdefault(agreement_id, set()).add(day)
        return touched

    def _buyers_agreements(self, purchases):
        """Find whose purchases these are, or were when they were paid for.

        :param purchases: ``(partner id, company id, date, whether it is a payment)``
        :return: a list of ``(agreement id, date)``
        """
        partner_ids, company_ids, days, payments = zip(*purchases, strict=True)
        self.env["rebate.agreement"].flush_model()
        self.env["rebate.program"].flush_model(["basis"])
        self.env["res.partner"].flush_model(["parent_id"])
        return self.env.execute_query(
            SQL(
                """
                WITH RECURSIVE purchase AS (
                    SELECT * FROM unnest(%s::int[], %s::int[], %s::date[], %s::bool[])
                               AS purchase(partner_id, company_id, date, is_payment)
                ),
                above AS (
                    SELECT partner.id AS buyer_id, partner.id AS partner_id, partner.parent_id
                      FROM res_partner partner
                     WHERE partner.id IN (SELECT partner_id FROM purchase)
                 UNION ALL
                    SELECT above.buyer_id, parent.id, parent.parent_id
                      FROM above JOIN res_partner parent ON parent.id = above.parent_id
                )
                SELECT DISTINCT agreement.id, purchase.date
                  FROM purchase
                  JOIN (SELECT above.buyer_id, agreement.id
                          FROM above
                          JOIN rebate_agreement agreement
                            ON agreement.partner_id = above.partner_id
                           AND (above.partner_id = above.buyer_id OR agreement.include_children)
                     UNION ALL
                        -- those that were paid for it while it stood below them
                        SELECT buyer.partner_id, accrual.agreement_id
                          FROM rebate_settlement_buyer buyer
                          JOIN rebate_settlement_line line ON line.id = buyer.settlement_line_id
                          JOIN rebate_accrual accrual ON accrual.id = line.accrual_id
                         WHERE buyer.partner_id IN (SELECT partner_id FROM purchase)
                           AND buyer.path IS NOT NULL
                       ) theirs ON theirs.buyer_id = purchase.partner_id
                  JOIN rebate_agreement agreement
                    ON agreement.id = theirs.id AND agreement.state IN ('active', 'ended')
                  JOIN rebate_program program
                    ON program.id = agreement.program_id
                   AND (program.basis = 'paid' OR NOT purchase.is_payment)
                  JOIN res_company branch ON branch.id = purchase.company_id
                  JOIN res_company company
                    ON company.id = agreement.company_id
                   AND branch.parent_path LIKE company.parent_path || '%%'
                """,
                list(partner_ids),
                list(company_ids),
                list(days),
                list(payments),
            )
        )
