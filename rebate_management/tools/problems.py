"""What is wrong with the data of a program, as opposed to what is wrong with the moment."""

from psycopg2 import InterfaceError, OperationalError

from odoo.exceptions import ConcurrencyError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

# Another transaction was faster, or the database is not there: to be tried again as a whole.
OF_THE_MOMENT = (
    *PG_CONCURRENCY_EXCEPTIONS_TO_RETRY,
    ConcurrencyError,
    OperationalError,
    InterfaceError,
)


def is_of_the_moment(error: Exception) -> bool:
    """Tell whether an error comes of what others do at the same time, and not of the terms or the
    purchases that were computed."""
    return isinstance(error, OF_THE_MOMENT)
