"""Locks: of two transactions that compute the same records only one stores its figures."""

from psycopg2.errors import SerializationFailure

from odoo.exceptions import ConcurrencyError
from odoo.tools import SQL

from .arrays import any_of


def lock_available(records, is_written=False):
    """Have no two transactions that overlap compute the same records.

    A transaction of Odoo's sees the database as it was when it began. One that began before an
    invoice was posted, and stores its figures after another has counted that invoice, would take
    them back unnoticed. So whoever is to store anything about a record also writes its row, with
    news or without: of two that overlap PostgreSQL lets only one. (A lock alone would not do: a row
    that was locked and released unwritten stops nobody who has begun before.) Who is late leaves
    the record alone. Nobody waits, so nobody waits in a circle.

    :param is_written: the caller will write the rows, so they are only locked
    :return: the records that are locked now; the others are, or have been, another transaction's
        since this one began, or a button asks for them, see :func:`lock_all`
    """
    requests = records.env["rebate.lock.request"]
    return _take(records, is_written, requests._free(SQL.identifier("free"), records._name))


def lock_all(records):
    """As :func:`lock_available`, for who cannot leave any of the records to others: what a user
    asked for by a button. Who comes too late asks for the records, so that nobody who only
    refreshes figures comes first again when Odoo begins the request anew.

    :raise ConcurrencyError: when they are another transaction's; Odoo then begins the request anew
    """
    requests = records.env["rebate.lock.request"]
    if _take(records, False, SQL("TRUE")) != records:
        requests._add(records)
        raise ConcurrencyError(f"{records} are being computed by others")
    if records:
        requests._drop_when_done(records)


def _take(records, is_written, condition):
    if not records:
        return records
    try:
        with records.env.cr.savepoint(flush=False):
            # To be late is in the nature of it, and no error to be logged.
            records.env.cr.execute(_lock(records, is_written, condition), log_exceptions=False)
            locked = {record_id for (record_id,) in records.env.cr.fetchall()}
    except SerializationFailure:
        # Some of them have been another's since this transaction began: find out which.
        half = len(records) // 2
        if not half:
            return records.browse()
        return _take(records[:half], is_written, condition) + _take(
            records[half:], is_written, condition
        )
    return records.browse(record_id for record_id in records.ids if record_id in locked)


def _lock(records, is_written, condition):
    table = SQL.identifier(records._table)
    free = SQL(
        "SELECT free.id FROM %s free WHERE free.id = %s AND %s"
        " FOR NO KEY UPDATE OF free SKIP LOCKED",
        table,
        any_of(records.ids),
        condition,
    )
    if is_written:
        return free
    return SQL(
        "UPDATE %s locked SET id = locked.id FROM (%s) free WHERE locked.id = free.id"
        " RETURNING locked.id",
        table,
        free,
    )
