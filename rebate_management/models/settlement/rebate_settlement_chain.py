"""The end of a company's chain of fingerprints: how many settlements it has, and the last one's."""

from odoo import fields, models
from odoo.tools import SQL


class RebateSettlementChain(models.Model):
    """One row a company. It tells that the last settlements were deleted, which those that are left
    cannot, and who may add one: see :meth:`_take`."""

    _name = "rebate.settlement.chain"
    _description = "Chain of Settlement Fingerprints"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    settlement_count = fields.Integer(readonly=True, help="How many settlements were posted.")
    fingerprint = fields.Char(readonly=True, help="The fingerprint of the last one.")

    _company_unique = models.UniqueIndex("(company_id)", "A company has one chain of settlements.")

    def _take(self, companies):
        """Lock the chains of companies until the transaction ends.

        Of two transactions that post at once, the second waits for the first to end and is then
        begun anew by Odoo, since it has not seen what the first added.

        :return: ``(settlement_count, fingerprint)`` by company id
        """
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO rebate_settlement_chain AS chain (company_id, settlement_count)
                SELECT id, 0 FROM unnest(%s) AS id ORDER BY id
                    ON CONFLICT (company_id)
                    DO UPDATE SET settlement_count = chain.settlement_count
             RETURNING company_id, settlement_count, fingerprint
                """,
                companies.ids,
            ),
            # To be late is in the nature of it, and no error to be logged.
            log_exceptions=False,
        )
        return {
            company_id: (count, fingerprint)
            for company_id, count, fingerprint in self.env.cr.fetchall()
        }

    def _extend(self, ends):
        """Store the new ends of chains that were taken.

        :param ends: ``(settlement_count, fingerprint)`` by company id
        """
        self.env.cr.execute(
            SQL(
                """
                UPDATE rebate_settlement_chain chain
                   SET settlement_count = new.count, fingerprint = new.fingerprint
                  FROM unnest(%s, %s, %s::varchar[]) AS new(company_id, count, fingerprint)
                 WHERE chain.company_id = new.company_id
                """,
                list(ends),
                [count for count, _fingerprint in ends.values()],
                [fingerprint for _length, fingerprint in ends.values()],
            )
        )
        self.invalidate_model(flush=False)
