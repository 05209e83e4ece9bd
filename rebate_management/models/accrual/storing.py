"""Storing what was computed: one statement each for periods and rules, however many are computed at
once. Only what is new goes to the database, column by column: to read a document of all of it would
take longer than to measure what it tells. Whether it is new a digest of it says, which is made
without composing what is to be stored."""

import json
from hashlib import blake2b

from odoo import fields
from odoo.tools import SQL

from ...engine.rounding import round_half_up
from ...engine.tiers import ZERO
from ...tools.arrays import any_of
from .states import state_on

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
# What programs sum up of their periods.
PROGRAM = (
    *("current_measured_amount", "current_earned_amount", "current_expected_amount"),
    *("current_progress", "current_earning_count", "open_amount", "settled_amount"),
)
to_json = json.JSONEncoder(separators=(",", ":")).encode


def store(accruals, results):
    """Store the figures of some accruals and of their rules.

    :param accruals: all that are computed; those without a result keep what they have
    :param results: by accrual id, see :class:`~..calculation.result.Result`
    """
    env = accruals.env
    accruals.flush_model()
    env["rebate.accrual.line"].flush_model()
    if results:
        _store_periods(accruals, results)
        _store_rules(env, results)
    accruals.invalidate_model(flush=False)
    env["rebate.accrual.line"].invalidate_model(flush=False)
    env["rebate.agreement"].invalidate_model(["earned_amount", "settled_amount"], flush=False)
    env["rebate.program"].invalidate_model([*PROGRAM], flush=False)


def _store_periods(accruals, results):
    """Write every row, with news or without: see :func:`lock_available`."""
    env = accruals.env
    stored = dict(
        env.execute_query(
            SQL("SELECT id, digest FROM rebate_accrual WHERE id = %s", any_of(results))
        )
    )
    news, same = [], []
    for accrual_id, result in results.items():
        values = _period_values(result)
        digest = _digest(values)
        if digest == stored.get(accrual_id):
            same.append(accrual_id)
        else:
            news.append((str(accrual_id), *values, digest))
    now, today = fields.Datetime.now(), fields.Date.context_today(accruals)
    if same:
        env.cr.execute(
            SQL(
                "UPDATE rebate_accrual accrual SET problem = NULL, computed_at = %s, state = %s"
                " WHERE id = %s",
                now,
                state_on(today, SQL("accrual.open_amount")),
                any_of(same),
            )
        )
    if news:
        settled = SQL("COALESCE(accrual.settled_amount, 0)")
        # What was not claimed in time is owed no more, whatever it comes to.
        open_amount = SQL(
            """
            CASE WHEN accrual.expired_on IS NULL
                 THEN new.earned_amount - %(settled)s
                 ELSE LEAST(new.earned_amount - %(settled)s, 0) END
            - COALESCE(accrual.released_amount, 0)
            """,
            settled=settled,
        )
        env.cr.execute(
            SQL(
                """
                UPDATE rebate_accrual accrual
                   SET %(assigned)s,
                       expired_amount = CASE WHEN accrual.expired_on IS NULL THEN 0
                           ELSE GREATEST(new.earned_amount - %(settled)s, 0) END,
                       open_amount = %(open_amount)s,
                       state = %(state)s,
                       problem = NULL,
                       computed_at = %(now)s
                  FROM %(rows)s new
                 WHERE accrual.id = new.id
                """,
                assigned=_assigned([*PERIOD, "digest"]),
                settled=settled,
                open_amount=open_amount,
                state=state_on(today, SQL("(%s)", open_amount)),
                now=now,
                rows=_rows({"id": "int", **PERIOD, "digest": "text"}, news),
            )
        )


def _store_rules(env, results):
    stored = {
        (accrual_id, rule_id): (line_id, digest)
        for line_id, accrual_id, rule_id, digest in env.execute_query(
            SQL(
                "SELECT id, accrual_id, rule_id, digest FROM rebate_accrual_line"
                " WHERE accrual_id = %s",
                any_of(results),
            )
        )
    }
    terms_ids = env["rebate.accrual.terms"]._keep(
        {part.case.terms for result in results.values() for part in result.rules}
    )
    begun, changed = [], []
    for accrual_id, result in results.items():
        for part in result.rules:
            terms = part.case.terms
            line_id, known = stored.pop((accrual_id, terms.rule_id), (None, None))
            values = _rule_values(part, terms_ids[terms])
            digest = _digest((*values, part.trace))
            if digest == known:
                continue
            values = (*values, to_json(part.decided), digest)
            if line_id:
                changed.append((str(line_id), *values))
            else:
                begun.append((*values, str(accrual_id), str(terms.rule_id)))
    if stored:
        # what rules earned that the program no longer has
        obsolete = [line_id for line_id, _digest in stored.values()]
        env.cr.execute(SQL("DELETE FROM rebate_accrual_line WHERE id = ANY(%s)", obsolete))
    columns = {**RULE, "digest": "text"}
    if changed:
        env.cr.execute(
            SQL(
                "UPDATE rebate_accrual_line line SET %s FROM %s new WHERE line.id = new.id",
                _assigned(columns),
                _rows({"id": "int", **columns}, changed),
            )
        )
    if begun:
        columns |= {"accrual_id": "int", "rule_id": "int"}
        env.cr.execute(
            SQL(
                """
                INSERT INTO rebate_accrual_line (%s, company_id)
                SELECT %s, accrual.company_id
                  FROM %s new
                  JOIN rebate_accrual accrual ON accrual.id = new.accrual_id
                """,
                SQL(", ").join(map(SQL.identifier, columns)),
                SQL(", ").join(SQL.identifier("new", name) for name in columns),
                _rows(columns, begun),
            )
        )


# The rows in which what was computed goes to the database: numbers as text, which it reads exactly.


def _period_values(result) -> tuple[str, ...]:
    """The values of the columns of a period."""
    nearest = result.nearest
    amount, facts = result.purchases.amount, result.facts
    return (
        str(round_half_up(amount, nearest.case.terms.coin) if nearest else amount),
        str(round(result.purchases.quantity, 4)),
        str(result.earned),
        str(result.earned if result.expected is None else result.expected),
        _or_null(nearest and nearest.tier_id_at(nearest.outcome.following)),
        str(round(nearest.to_next, 4) if nearest else ZERO),
        to_json(facts) if facts else "null",
    )


def _rule_values(part, terms_id) -> tuple[str, ...]:
    """The values of the columns of a rule but the last, what was decided."""
    purchases = part.case.purchases
    return (
        str(round(part.outcome.value, 4)),
        str(round_half_up(purchases.amount, part.case.terms.coin)),
        str(round(purchases.quantity, 4)),
        _or_null(part.tier_id_at(part.outcome.reached)),
        str(part.rate),
        str(part.earned),
        str(terms_id),
    )


def _or_null(record_id):
    return str(record_id) if record_id else "NULL"


def _digest(values):
    return blake2b("|".join(values).encode(), digest_size=16).hexdigest()


def _rows(columns, rows) -> SQL:
    """Compose a table of rows, whose names and types are those of the columns.

    :param columns: types by name
    :param rows: values as text, in the order of the columns
    """

    def values(kind, column):
        if kind == "jsonb":
            return SQL("jsonb_array_elements(%s::jsonb)", f"[{','.join(column)}]")
        return SQL("unnest(%s::%s[])", f"{{{','.join(column)}}}", SQL(kind))

    return SQL(
        "(SELECT * FROM ROWS FROM (%s) AS new(%s))",
        SQL(", ").join(map(values, columns.values(), zip(*rows, strict=True))),
        SQL(", ").join(map(SQL.identifier, columns)),
    )


def _assigned(columns) -> SQL:
    """Compose the assignments of columns of ``new``."""
    return SQL(", ").join(
        SQL("%s = %s", SQL.identifier(name), SQL.identifier("new", name)) for name in columns
    )
