"""The queue between posting and computing: posting an invoice only appends to it.

Rows are plain numbers without foreign keys, so that appending locks no other table and users who
post for one distributor at the same time never wait for each other. A row says who bought from
which company; whose agreements that touches is found out when it is taken, because somebody may be
enrolled while the invoice is being posted, and neither transaction would see the other.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

BATCH = 1000
TRIES = 5


class RebateQueue(models.Model):
    _name = "rebate.queue"
    _description = "Accruals to Refresh"
    _order = "id"
    _log_access = False

    partner_res_id = fields.Integer(readonly=True, help="The buyer's company.")
    company_res_id = fields.Integer(readonly=True, help="The company that sold.")
    agreement_res_id = fields.Integer(
        readonly=True, help="An agreement that was changed itself, instead of a buyer."
    )
    date = fields.Date(readonly=True, help="The day whose period changed; empty: every period.")

    # ------------------------------------------------------------------
    # Appending
    # ------------------------------------------------------------------

    @api.model
    def _append(self, moves):
        """Queue the purchases of the given invoices.

        :param moves: customer invoices and credit notes that were just posted or taken back
        """
        self._append_purchases(
            # A payout is no purchase.
            (move, move.invoice_date)
            for move in moves
            if not move.rebate_settlement_id
        )

    @api.model
    def _append_purchases(self, dated_moves):
        """Queue purchases whose figures change on a day.

        :param dated_moves: ``(invoice, date)`` pairs
        """
        purchases = {
            (move.commercial_partner_id.id, move.company_id.id, day)
            for move, day in dated_moves
            if day
        }
        self._put(
            {"partner_res_id": partner_id, "company_res_id": company_id, "date": day}
            for partner_id, company_id, day in sorted(purchases)
        )

    @api.model
    def _append_agreements(self, agreements):
        """Queue agreements to be computed once more, when this transaction and those that run
        beside it are over: neither sees what the other does."""
        self._put({"agreement_res_id": agreement.id} for agreement in agreements)

    def _put(self, rows):
        vals_list = list(rows)
        if not vals_list:
            return
        # Whoever posts invoices may set off the recomputation, not see or change queue and job.
        queue = self.sudo()
        # To wake the job takes a connection of its own: only the first does it, and only for news.
        is_urgent = not vals_list[0].get("agreement_res_id") and not queue.search_count([], limit=1)
        queue.create(vals_list)
        job = self.env.ref("rebate_management.ir_cron_drain_queue").sudo()
        job._trigger(fields.Datetime.now() + timedelta(seconds=0 if is_urgent else 1))

    # ------------------------------------------------------------------
    # Draining
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
        :return: a list of ``(agreement id, partner id, company id, date)``
        """
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM rebate_queue
                 WHERE id IN (SELECT id FROM rebate_queue
                               WHERE id <= %s OR partner_res_id IS NOT NULL
                            ORDER BY id LIMIT %s
                                 FOR UPDATE SKIP LOCKED)
             RETURNING agreement_res_id, partner_res_id, company_res_id, date
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
        for agreement_id, partner_id, company_id, day in rows:
            if agreement_id:
                touched.setdefault(agreement_id, set()).add(day)
            else:
                purchases.add((partner_id, company_id, day))
        if purchases:
            partner_ids, company_ids, days = zip(*purchases, strict=True)
            self.env["rebate.agreement"].flush_model()
            self.env["res.partner"].flush_model(["parent_id"])
            for agreement_id, day in self.env.execute_query(
                SQL(
                    """
                    WITH RECURSIVE purchase AS (
                        SELECT * FROM unnest(%s::int[], %s::int[], %s::date[])
                                   AS purchase(partner_id, company_id, date)
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
                      JOIN above ON above.buyer_id = purchase.partner_id
                      JOIN rebate_agreement agreement
                        ON agreement.partner_id = above.partner_id
                       AND (above.partner_id = above.buyer_id OR agreement.include_children)
                       AND agreement.state IN ('active', 'ended')
                      JOIN res_company branch ON branch.id = purchase.company_id
                      JOIN res_company company
                        ON company.id = agreement.company_id
                       AND branch.parent_path LIKE company.parent_path || '%%'
                    """,
                    list(partner_ids),
                    list(company_ids),
                    list(days),
                )
            ):
                touched.setdefault(agreement_id, set()).add(day)
        return touched
