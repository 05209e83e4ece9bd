"""Storing what was computed: one statement each for periods and rules, however many are computed at
once. Only what is new goes to the database, column by column and terms that many rows share once:
to read a document of all of it would take longer than to measure what it tells."""

import json
from hashlib import blake2b

from odoo import fields, models
from odoo.tools import SQL

from ..engine.rounding import round_half_up
from ..engine.tiers import ZERO

# The columns of what is stored of a period and of a rule, beside their digest.
PERIOD = {
    "measured_amount": "numeric",
    "measured_quantity": "numeric",
    "earned_amount": "numeric",
    "expected_amount": "numeric",
    "next_tier_id": "int",
    "to_next_tier": "numeric",
    "facts": "jsonb",
}
RULE = {
    "qualifying_value": "numeric",
    "measured_amount": "numeric",
    "measured_quantity": "numeric",
    "tier_id": "int",
    "rate": "numeric",
    "earned_amount": "numeric",
    "facts": "jsonb",
}


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

    def _prepare_period(self, result):
        """Values of an accrual, as text that the database reads exactly."""
        nearest = result.nearest
        amount = result.purchases.amount
        return {
            "measured_amount": str(
                round_half_up(amount, nearest.case.terms.unit) if nearest else amount
            ),
            "measured_quantity": str(round(result.purchases.quantity, 4)),
            "earned_amount": str(result.earned),
            "expected_amount": str(result.earned if result.expected is None else result.expected),
            "next_tier_id": self._or_null(
                nearest and nearest.tier_id_at(nearest.outcome.following)
            ),
            "to_next_tier": str(round(nearest.to_next, 4) if nearest else ZERO),
            "facts": json.dumps(self.env["rebate.calculation"]._period_facts(result)),
        }

    def _prepare_rule(self, part):
        """Values of an accrual line, as in :meth:`_prepare_period`; without what its terms tell."""
        return {
            "qualifying_value": str(round(part.outcome.value, 4)),
            "measured_amount": str(round_half_up(part.purchases.amount, part.case.terms.unit)),
            "measured_quantity": str(round(part.purchases.quantity, 4)),
            "tier_id": self._or_null(part.tier_id_at(part.outcome.reached)),
            "rate": str(part.rate),
            "earned_amount": str(part.earned),
            "facts": json.dumps(self.env["rebate.calculation"]._case_facts(part)),
        }

    def _or_null(self, record_id):
        return str(record_id) if record_id else "NULL"

    def _digest(self, vals, beside=""):
        """Digest values.

        :param beside: as text, what else is stored with them
        """
        text = "|".join(vals.values())
        return blake2b(f"{text}|{beside}".encode(), digest_size=16).hexdigest()

    def _rows(self, columns, rows) -> SQL:
        """Compose a table of rows, whose names and types are those of the columns.

        :param columns: types by name
        :param rows: values by column, as text
        """

        def values(name, kind):
            column = ",".join([row[name] for row in rows])
            if kind == "jsonb":
                return SQL("jsonb_array_elements(%s::jsonb)", f"[{column}]")
            return SQL("unnest(%s::%s[])", f"{{{column}}}", SQL(kind))

        return SQL(
            "(SELECT * FROM ROWS FROM (%s) AS new(%s))",
            SQL(", ").join(values(name, kind) for name, kind in columns.items()),
            SQL(", ").join(map(SQL.identifier, columns)),
        )

    def _assigned(self, columns) -> SQL:
        """Compose the assignments of columns of ``new``."""
        return SQL(", ").join(
            SQL("%s = %s", SQL.identifier(name), SQL.identifier("new", name)) for name in columns
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
                           open_amount = new.earned_amount - COALESCE(accrual.settled_amount, 0),
                           problem = NULL,
                           computed_at = %s
                      FROM %s new
                     WHERE accrual.id = new.id
                    """,
                    self._assigned([*PERIOD, "digest"]),
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
        terms = {}
        begun, changed = [], []
        for accrual_id, result in results.items():
            for part in result.rules:
                line_id, known = stored.pop((accrual_id, part.rule.id), (None, None))
                shared = part.case.terms
                if shared not in terms:
                    terms[shared] = len(terms), json.dumps(shared.facts)
                place, text = terms[shared]
                vals = self._prepare_rule(part)
                digest = self._digest(vals, text)
                if digest != known:
                    vals |= {"digest": digest, "terms": str(place)}
                    if line_id:
                        changed.append(vals | {"id": str(line_id)})
                    else:
                        key = {"accrual_id": str(accrual_id), "rule_id": str(part.rule.id)}
                        begun.append(vals | key)
        shared = f"[{','.join(text for _place, text in terms.values())}]"
        if stored:
            # what rules earned that the program no longer has
            obsolete = [line_id for line_id, _digest in stored.values()]
            self.env.cr.execute(SQL("DELETE FROM rebate_accrual_line WHERE id = ANY(%s)", obsolete))
        if changed:
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE rebate_accrual_line line
                       SET %s, facts = (%s::jsonb -> new.terms) || new.facts
                      FROM %s new
                     WHERE line.id = new.id
                    """,
                    self._assigned([*(name for name in RULE if name != "facts"), "digest"]),
                    shared,
                    self._rows({"id": "int", "terms": "int", **RULE, "digest": "text"}, changed),
                )
            )
        if begun:
            columns = {"accrual_id": "int", "rule_id": "int", **RULE, "digest": "text"}
            names = SQL(", ").join(map(SQL.identifier, columns))
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO rebate_accrual_line (%s, company_id)
                    SELECT %s, accrual.company_id
                      FROM (SELECT %s FROM %s new) new
                      JOIN rebate_accrual accrual ON accrual.id = new.accrual_id
                    """,
                    names,
                    SQL(", ").join(SQL.identifier("new", name) for name in columns),
                    SQL(", ").join(
                        SQL("(%s::jsonb -> new.terms) || new.facts AS facts", shared)
                        if name == "facts"
                        else SQL.identifier("new", name)
                        for name in columns
                    ),
                    self._rows({"terms": "int", **columns}, begun),
                )
            )
