"""Storing what was computed: one statement each for periods and rules, however many are computed at
once. Only what is new goes to the database, column by column: to read a document of all of it would
take longer than to measure what it tells."""

from odoo import fields, models
from odoo.tools import SQL

from .rebate_accrual_rows import PERIOD, RULE


class RebateAccrual(models.Model):
    _inherit = "rebate.accrual"

    def write(self, vals):
        """Whatever else is written than what was computed, the next computation stores all anew."""
        return super().write({"digest": False, **vals})

    def _store(self, results):
        """Store the figures of some accruals and of their rules.

        :param results: by accrual id, see :class:`Result`
        """
        self.flush_model()
        self.env["rebate.accrual.line"].flush_model()
        self._store_periods(results)
        self._store_rules(results)
        self.invalidate_model(flush=False)
        self.env["rebate.accrual.line"].invalidate_model(flush=False)
        self.env["rebate.agreement"].invalidate_model(
            ["earned_amount", "settled_amount"], flush=False
        )

    def _store_periods(self, results):
        """Write every row, with news or without: see :func:`take_turn`."""
        stored = dict(
            self.env.execute_query(
                SQL("SELECT id, digest FROM rebate_accrual WHERE id = ANY(%s)", list(results))
            )
        )
        news, same = [], []
        for accrual_id, result in results.items():
            vals = self._prepare_period(result)
            digest = self._digest(vals)
            if digest == stored.get(accrual_id):
                same.append(accrual_id)
            else:
                news.append(vals | {"id": str(accrual_id), "digest": digest})
        now = fields.Datetime.now()
        if same:
            self.env.cr.execute(
                SQL(
                    "UPDATE rebate_accrual SET problem = NULL, computed_at = %s WHERE id = ANY(%s)",
                    now,
                    same,
                )
            )
        if news:
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE rebate_accrual accrual
                       SET %s,
                           -- what was not claimed in time is owed no more, whatever it comes to
                           expired_amount = CASE WHEN accrual.expired_on IS NULL THEN 0
                               ELSE GREATEST(new.earned_amount - %s, 0) END,
                           open_amount = CASE WHEN accrual.expired_on IS NULL
                               THEN new.earned_amount - %s
                               ELSE LEAST(new.earned_amount - %s, 0) END
                               - COALESCE(accrual.released_amount, 0),
                           problem = NULL,
                           computed_at = %s
                      FROM %s new
                     WHERE accrual.id = new.id
                    """,
                    self._assigned([*PERIOD, "digest"]),
                    *[SQL("COALESCE(accrual.settled_amount, 0)")] * 3,
                    now,
                    self._rows({"id": "int", **PERIOD, "digest": "text"}, news),
                )
            )

    def _store_rules(self, results):
        stored = {
            (accrual_id, rule_id): (line_id, digest)
            for line_id, accrual_id, rule_id, digest in self.env.execute_query(
                SQL(
                    "SELECT id, accrual_id, rule_id, digest FROM rebate_accrual_line"
                    " WHERE accrual_id = ANY(%s)",
                    list(results),
                )
            )
        }
        terms = self.env["rebate.accrual.terms"]._keep(
            {part.case.terms for result in results.values() for part in result.rules}
        )
        begun, changed = [], []
        for accrual_id, result in results.items():
            for part in result.rules:
                line_id, known = stored.pop((accrual_id, part.rule.id), (None, None))
                vals = self._prepare_rule(part, terms[part.case.terms])
                digest = self._digest(vals)
                if digest != known and line_id:
                    changed.append(vals | {"digest": digest, "id": str(line_id)})
                elif digest != known:
                    key = {"accrual_id": str(accrual_id), "rule_id": str(part.rule.id)}
                    begun.append(vals | {"digest": digest} | key)
        if stored:
            # what rules earned that the program no longer has
            obsolete = [line_id for line_id, _digest in stored.values()]
            self.env.cr.execute(SQL("DELETE FROM rebate_accrual_line WHERE id = ANY(%s)", obsolete))
        columns = {**RULE, "digest": "text"}
        if changed:
            self.env.cr.execute(
                SQL(
                    "UPDATE rebate_accrual_line line SET %s FROM %s new WHERE line.id = new.id",
                    self._assigned(columns),
                    self._rows({"id": "int", **columns}, changed),
                )
            )
        if begun:
            columns |= {"accrual_id": "int", "rule_id": "int"}
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO rebate_accrual_line (%s, company_id)
                    SELECT %s, accrual.company_id
                      FROM %s new
                      JOIN rebate_accrual accrual ON accrual.id = new.accrual_id
                    """,
                    SQL(", ").join(map(SQL.identifier, columns)),
                    SQL(", ").join(SQL.identifier("new", name) for name in columns),
                    self._rows(columns, begun),
                )
            )
