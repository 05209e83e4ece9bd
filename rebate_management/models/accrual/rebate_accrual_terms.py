"""The terms that rules paid by: kept once, however many accruals were computed by them."""

import json
from hashlib import blake2b

from odoo import api, fields, models
from odoo.tools import SQL


class RebateAccrualTerms(models.Model):
    """A scale with all that a rule decides by, as facts. Rows are written once and never changed;
    those that no accrual refers to any more are cleared away.

    Nothing keeps two transactions from adding the same terms at the same time: then they stand
    there twice, which harms nobody, while a unique index would make one of them fail.
    """

    _name = "rebate.accrual.terms"
    _description = "Terms of Rebate Accruals"
    _log_access = False

    rule_id = fields.Many2one("rebate.rule", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="rule_id.company_id")
    facts = fields.Json(required=True, help="See the facts of an accrual's line.")
    digest = fields.Char(required=True, index=True, help="Of the rule and the facts, to find them.")

    @api.model
    def _keep(self, terms) -> dict[object, int]:
        """Find the rows of some terms, and add those that are new; in two statements at most.

        :param terms: the :class:`Terms` that rules paid by
        :return: their ids
        """
        digests, rows = {}, {}
        for each in terms:
            facts = json.dumps(each.facts, sort_keys=True)
            digest = blake2b(f"{each.rule.id} {facts}".encode(), digest_size=16).hexdigest()
            digests[each], rows[digest] = digest, (each.rule.id, facts, digest)
        ids = self._known(rows)
        if new := [row for digest, row in rows.items() if digest not in ids]:
            self.env.cr.execute(
                SQL(
                    "INSERT INTO rebate_accrual_terms (rule_id, facts, digest)"
                    " SELECT * FROM unnest(%s, %s::jsonb[], %s) RETURNING digest, id",
                    *map(list, zip(*new, strict=True)),
                )
            )
            ids |= dict(self.env.cr.fetchall())
        return {each: ids[digest] for each, digest in digests.items()}

    def _known(self, digests):
        """The first row of each digest that is kept, held so that it is not cleared away before it
        is referred to."""
        rows = self.env.execute_query(
            SQL(
                "SELECT digest, id FROM rebate_accrual_terms WHERE digest = ANY(%s)"
                " ORDER BY id DESC FOR KEY SHARE SKIP LOCKED",
                list(digests),
            )
        )
        return dict(rows)

    @api.autovacuum
    def _gc_unused(self):
        """Clear away terms that no accrual is computed by any more."""
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM rebate_accrual_terms
                 WHERE id IN (SELECT terms.id
                                FROM rebate_accrual_terms terms
                               WHERE NOT EXISTS (SELECT 1
                                                   FROM rebate_accrual_line line
                                                  WHERE line.terms_id = terms.id)
                          FOR UPDATE SKIP LOCKED)
                """
            )
        )
