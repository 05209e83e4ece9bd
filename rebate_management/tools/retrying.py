"""Steps of jobs, done again where another transaction was faster."""

from odoo.exceptions import ConcurrencyError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

TRIES = 5
# Another transaction computes or stores the same at the moment.
DISTURBED = (ConcurrencyError, *PG_CONCURRENCY_EXCEPTIONS_TO_RETRY)


def retry(env, step, tries=TRIES):
    """Do a step of a job. Where another transaction was faster it is taken back and done again, in
    a new transaction that sees what the other did.

    Odoo's ``retrying`` is for requests: it commits by itself, where a job commits a step together
    with its progress, and between two tries it sleeps for up to half a minute, of which a job has
    too little.

    :param step: called without arguments. What was done before it is taken back with it, so it
        begins right after a commit
    :return: what the step returns; nothing is committed
    :raise Exception: one of ``DISTURBED``, when each try was disturbed and all is taken back
    """
    try:
        result = step()
        # What is written late may be disturbed too.
        env.cr.flush()
    except DISTURBED:
        env.cr.rollback()
        if tries == 1:
            raise
    else:
        return result
    return retry(env, step, tries=tries - 1)
