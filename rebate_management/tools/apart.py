"""One program's trouble stops no other: all are tried at once, each by itself where that fails."""

from psycopg2 import InterfaceError, OperationalError

from .retrying import DISTURBED

# Another transaction was faster, or the database is not there: to be tried again as a whole. All
# else comes of terms and data that were sound when they were saved: a filter over a field that is
# gone, a number that is out of range, a unit without content.
OF_THE_MOMENT = (*DISTURBED, OperationalError, InterfaceError)


def apart(records, compute, is_written=False):
    """Compute something of records at once; should that fail, for each program by itself.

    :param records: with a field ``program_id``
    :param compute: called with some or all of the records, may be called again after it failed
    :param is_written: whether it writes, so that what the ORM holds is taken back too
    :return: a list of ``(records, what was computed, error)``; of one program the computation of
        which failed, the error
    """
    if not records:
        return []
    cr = records.env.cr
    if not is_written:
        # Nothing of it may be taken back with what is only read.
        records.env.flush_all()
    try:
        with cr.savepoint(flush=is_written):
            return [(records, compute(records), None)]
    except OF_THE_MOMENT:
        raise
    except Exception as error:
        programs = records.grouped("program_id")
        if len(programs) == 1:
            return [(records, None, error)]
    return [
        part for some in programs.values() for part in apart(some, compute, is_written=is_written)
    ]
