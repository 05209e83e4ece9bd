"""Reading many rows in batches, without holding them all."""

from itertools import count

from odoo.tools import SQL

BATCH = 5000
_numbers = count()


def iterate(env, query: SQL, batch: int = BATCH):
    """Yield the rows of a query, read in batches by a cursor of the database.

    To be read to the end, or closed, before the transaction ends.

    :param query: what reads them; flushed before by the caller
    """
    name = SQL.identifier(f"rebate_rows_{next(_numbers)}")
    env.cr.execute(SQL("DECLARE %s NO SCROLL CURSOR FOR %s", name, query))
    try:
        while True:
            env.cr.execute(SQL("FETCH FORWARD %s FROM %s", batch, name))
            rows = env.cr.fetchall()
            yield from rows
            if len(rows) < batch:
                break
    finally:
        if not env.cr.closed:
            env.cr.execute(SQL("CLOSE %s", name))
