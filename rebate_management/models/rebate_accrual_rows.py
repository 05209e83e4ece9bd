"""The rows in which what was computed goes to the database: numbers as text."""

import json
from hashlib import blake2b

from odoo import models
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
    "terms_id": "int",
    "decided": "jsonb",
}

to_json = json.JSONEncoder(separators=(",", ":")).encode


class RebateAccrual(models.Model):
    _inherit = "rebate.accrual"

    def _prepare_period(self, result):
        """Values of an accrual, as text that the database reads exactly."""
        nearest = result.nearest
        amount = result.purchases.amount
        facts = result.facts
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
            "facts": to_json(facts) if facts else "null",
        }

    def _prepare_rule(self, part, terms_id):
        """Values of an accrual line, as in :meth:`_prepare_period`."""
        return {
            "qualifying_value": str(round(part.outcome.value, 4)),
            "measured_amount": str(round_half_up(part.purchases.amount, part.case.terms.unit)),
            "measured_quantity": str(round(part.purchases.quantity, 4)),
            "tier_id": self._or_null(part.tier_id_at(part.outcome.reached)),
            "rate": str(part.rate),
            "earned_amount": str(part.earned),
            "terms_id": str(terms_id),
            "decided": to_json(part.decided),
        }

    def _or_null(self, record_id):
        return str(record_id) if record_id else "NULL"

    def _digest(self, vals):
        return blake2b("|".join(vals.values()).encode(), digest_size=16).hexdigest()

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
