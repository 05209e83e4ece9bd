"""Transactions that compute the same records take turns, so that none stores stale figures."""

from psycopg2.errors import SerializationFailure

from odoo.exceptions import ConcurrencyError
from odoo.tools import SQL


def take_turn(records, **vals):
    """Have no two transactions that overlap compute the same records.

    A transaction of Odoo's sees the database as it was when it began. One that began before an
    invoice was posted, and stores its figures after another has counted that invoice, would take
    them back unnoticed. So whoever is to store anything about a record first writes its row, with
    news or without: of two that overlap PostgreSQL lets only one. (A lock alone would not do: a row
    that was locked and released unwritten stops nobody who has begun before.) Who is late leaves
    the record alone. Nobody waits, so nobody waits in a circle.

    :param vals: columns to write; what the ORM holds of them is forgotten
    :return: the records whose turn it is; the others are, or have been, another transaction's
        since this one began
    """
    if not records:
        return records
    env = records.env
    columns = vals or {"id": SQL("turn.id")}
    try:
        with env.cr.savepoint(flush=False):
            env.cr.execute(
                SQL(
                    """
                    UPDATE %(table)s turn SET %(columns)s
                      FROM (SELECT id FROM %(table)s WHERE id = ANY(%(ids)s)
                               FOR NO KEY UPDATE SKIP LOCKED) free
                     WHERE turn.id = free.id
                 RETURNING turn.id
                    """,
                    table=SQL.identifier(records._table),
                    columns=SQL(", ").join(
                        SQL("%s = %s", SQL.identifier(name), value)
                        for name, value in columns.items()
                    ),
                    ids=records.ids,
                ),
                # To be late is in the nature of it, and no error to be logged.
                log_exceptions=False,
            )
            in_turn = {record_id for (record_id,) in env.cr.fetchall()}
    except SerializationFailure:
        # Some of them have been another's since this transaction began: find out which.
        half = len(records) // 2
        if not half:
            return records.browse()
        return take_turn(records[:half], **vals) + take_turn(records[half:], **vals)
    if vals:
        records.invalidate_recordset(vals, flush=False)
    return records.filtered(lambda record: record.id in in_turn)


def require_turn(records):
    """As :func:`take_turn`, for who cannot leave any of the records to others.

    :raise ConcurrencyError: when they are another transaction's; Odoo then begins the request anew
    """
    if take_turn(records) != records:
        raise ConcurrencyError(f"{records} are being computed by others")
