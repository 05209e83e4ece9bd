"""What the fingerprint of a posted settlement seals: one definition a format, which sealing,
checking and telling differences read.

A settlement is sealed in the latest format and checked by its own. So what is sealed may grow: add
a format to ``FORMATS`` that begins as the one before, and leave those that stand as they are.

::

    FORMATS[3] = FORMATS[2]._replace(
        line=(*FORMATS[2].line, Value("invoices", SQL("line.invoice_count"), "invoice_count"))
    )
"""

from typing import NamedTuple

from odoo.tools import SQL


class Value(NamedTuple):
    """A value that is sealed: its ``key`` in the content of a fingerprint, how it is read, and the
    ``field`` by which a difference is told; without one it is told by a sentence of its own."""

    key: str
    read: SQL
    field: str = ""


class Format(NamedTuple):
    """What is sealed of a settlement, of each of its lines, of the documents that pay it and of the
    approvals; ``detail`` are the columns over which the details of a line are hashed.

    Names of partners, programs and products may change later: what is told of them is frozen in the
    details and terms, otherwise their number stands for them. What a detail refers to may be
    deleted later, so it counts by name and number only."""

    settlement: tuple[Value, ...]
    line: tuple[Value, ...]
    detail: tuple[SQL, ...]
    document: tuple[Value, ...]
    approval: tuple[Value, ...]


def _number(column) -> SQL:
    """An amount as decimal text, whatever zeros end it."""
    return SQL("trim_scale(%s)::text", column)


def _day(column) -> SQL:
    return SQL("to_char(%s, 'YYYY-MM-DD')", column)


def _time(column) -> SQL:
    return SQL("to_char(%s, 'YYYY-MM-DD HH24:MI:SS')", column)


_FIRST = Format(
    settlement=(
        Value("name", SQL("settlement.name"), "name"),
        Value("partner", SQL("settlement.partner_id"), "partner_id"),
        Value("company", SQL("settlement.company_id"), "company_id"),
        Value("currency", SQL("settlement.currency_id"), "currency_id"),
        Value("journal", SQL("settlement.journal_id"), "journal_id"),
        Value("date", _day(SQL("settlement.date")), "date"),
        Value("due", _day(SQL("settlement.date_due")), "date_due"),
        Value("amount", _number(SQL("settlement.amount_total")), "amount_total"),
        Value("number", SQL("settlement.fingerprint_number"), "fingerprint_number"),
        Value(
            "terms",
            SQL("encode(sha256(convert_to(settlement.terms_snapshot::text, 'UTF8')), 'hex')"),
        ),
    ),
    line=(
        Value("id", SQL("line.id")),
        Value("accrual", SQL("line.accrual_id"), "accrual_id"),
        Value("name", SQL("line.name"), "name"),
        Value("explanation", SQL("line.explanation"), "explanation"),
        Value("until", _day(SQL("line.date_until")), "date_until"),
        Value("amount", _number(SQL("line.amount")), "amount"),
        Value("adjustment", _number(SQL("line.adjustment_amount")), "adjustment_amount"),
        Value("cause", SQL("line.cause"), "cause"),
        Value("detail_count", SQL("detail.count")),
        Value("detail_amount", _number(SQL("detail.amount"))),
        Value("details", SQL("detail.digest")),
    ),
    detail=(
        SQL("detail.id"),
        SQL("detail.rule_name"),
        SQL("detail.line_number"),
        SQL("detail.invoice_name"),
        _day(SQL("detail.invoice_date")),
        SQL("detail.product_name"),
        SQL("detail.product_code"),
        _number(SQL("detail.quantity")),
        SQL("detail.uom_name"),
        SQL("detail.tax_numbers"),
        _number(SQL("detail.amount")),
        _number(SQL("detail.rate")),
        SQL("detail.rate_type"),
        _number(SQL("detail.earned_amount")),
        _number(SQL("detail.settled_amount")),
        _number(SQL("detail.rebate_amount")),
    ),
    document=(
        Value("id", SQL("move.id")),
        Value("type", SQL("move.move_type")),
        Value("amount", _number(SQL("move.amount_total"))),
    ),
    approval=(
        Value("id", SQL("approval.id")),
        Value("decision", SQL("approval.decision"), "decision"),
        Value("level", SQL("approval.level_name"), "level_name"),
        Value("user", SQL("approval.user_id"), "user_id"),
        Value("at", _time(SQL("approval.decided_at")), "decided_at"),
        Value("amount", _number(SQL("approval.amount")), "amount"),
        Value("comment", SQL("approval.comment"), "comment"),
    ),
)
# By number. What was sealed before formats had numbers is of the first.
FORMATS = {1: _FIRST, 2: _FIRST}
# Of this format and later are settlements that nobody approved who proposed them.
APPROVED_BY_OTHERS = 2


def latest_format() -> int:
    """The number of the format in which settlements are sealed."""
    return max(FORMATS)


def format_of(content) -> Format | None:
    """What a fingerprint seals; None where its format is none that is known.

    :param content: what the fingerprint was computed from
    """
    number = content.get("format", 1)
    return FORMATS.get(number) if isinstance(number, int) else None


def contents_query(settlement_ids, sealed: Format) -> SQL:
    """Compose a statement that reads what is sealed of settlements: ``(id, content)``.

    :param sealed: their format
    """
    return SQL(
        """
        SELECT settlement.id, json_build_object(%(values)s,
                   'lines', COALESCE(line.contents, '[]'),
                   'documents', COALESCE(document.contents, '[]'),
                   'approvals', COALESCE(approval.contents, '[]'))
          FROM rebate_settlement settlement
     LEFT JOIN LATERAL (%(lines)s) line ON TRUE
     LEFT JOIN LATERAL (%(documents)s) document ON TRUE
     LEFT JOIN LATERAL (%(approvals)s) approval ON TRUE
         WHERE settlement.id = ANY(%(ids)s)
        """,
        values=_pairs(sealed.settlement),
        lines=_lines(sealed),
        documents=_documents(sealed),
        approvals=_approvals(sealed),
        ids=list(settlement_ids),
    )


def _pairs(values) -> SQL:
    return SQL(", ").join(SQL("%s, %s", value.key, value.read) for value in values)


def _lines(sealed) -> SQL:
    """Compose the contents of the lines of ``settlement``, each with a hash over the hashes of its
    details: so however many they are, little is held at once."""
    return SQL(
        """
        SELECT json_agg(json_build_object(%s) ORDER BY line.id) AS contents
          FROM rebate_settlement_line line
          JOIN LATERAL (
                   SELECT COUNT(*) AS count,
                          COALESCE(SUM(detail.rebate_amount), 0) AS amount,
                          encode(sha256(COALESCE(string_agg(sha256(convert_to(
                              json_build_array(%s)::text, 'UTF8')),
                              ''::bytea ORDER BY detail.id), '')), 'hex') AS digest
                     FROM rebate_settlement_detail detail
                    WHERE detail.settlement_line_id = line.id
               ) detail ON TRUE
         WHERE line.settlement_id = settlement.id
        """,
        _pairs(sealed.line),
        SQL(", ").join(sealed.detail),
    )


def _documents(sealed) -> SQL:
    """Compose the contents of the documents that pay ``settlement``; what takes them back comes
    later and is none of them."""
    return SQL(
        """
        SELECT json_agg(json_build_object(%s) ORDER BY move.id) AS contents
          FROM account_move move
         WHERE move.rebate_settlement_id = settlement.id
           AND move.state = 'posted'
           AND move.reversed_entry_id IS NULL
        """,
        _pairs(sealed.document),
    )


def _approvals(sealed) -> SQL:
    """Compose who decided on ``settlement``, all of which was before it was posted."""
    return SQL(
        """
        SELECT json_agg(json_build_object(%s) ORDER BY approval.id) AS contents
          FROM rebate_approval approval
         WHERE approval.settlement_id = settlement.id
        """,
        _pairs(sealed.approval),
    )
