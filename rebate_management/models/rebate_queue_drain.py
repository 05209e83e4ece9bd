"""The job that takes rows off the queue and computes the accruals they are about."""

from odoo import api, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

BATCH = 1000
TRIES = 5


class RebateQueue(models.Model):
    _inherit = "rebate.queue"

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
