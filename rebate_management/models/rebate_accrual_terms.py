"""The terms that rules paid by: kept once, however many accruals were computed by them."""

import json

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

    @api.model
    def _keep(self, terms) -> dict[object, int]:
        """Find the rows of some terms, and add those that are new; in two statements at most.

        :param terms: the :class:`Terms` that rules paid by
        :return: their ids
        """
        facts = {each: json.dumps(each.facts, sort_keys=True) for each in terms}
        known = self._known({each.rule.id for each in facts})
        new = {
            (each.rule.id, text): None
            for each, text in facts.items()
            if (each.rule.id, text) not in known
        }
        if new:
            self.env.cr.execute(
                SQL(
                    "INSERT INTO rebate_accrual_terms (rule_id, facts)"
                    " SELECT * FROM unnest(%s, %s::jsonb[]) RETURNING id",
                    [rule_id for rule_id, _text in new],
                    [text for _rule_id, text in new],
                )
            )
            ids = (terms_id for (terms_id,) in self.env.cr.fetchall())
            known |= dict(zip(new, ids, strict=True))
        return {each: known[each.rule.id, text] for each, text in facts.items()}

    def _known(self, rule_ids):
        """Read what is kept of some rules: the id of the first row by rule and text of facts."""
        rows = self.env.execute_query(
            SQL(
                # Held, so that they are not cleared away before they are referred to.
                "SELECT id, rule_id, facts FROM rebate_accrual_terms"
                " WHERE rule_id = ANY(%s) ORDER BY id DESC FOR KEY SHARE SKIP LOCKED",
                list(rule_ids),
            )
        )
        return {
            (rule_id, json.dumps(facts, sort_keys=True)): terms_id
            for terms_id, rule_id, facts in rows
        }

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
