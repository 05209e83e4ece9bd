"""What was typed before there were bounds comes within them, so that a running program whose end is
the year 9999 can still be amended and copied."""

import logging

from odoo.tools import SQL
from odoo.tools.sql import column_exists

from odoo.addons.rebate_management.tools.bounds import BOUNDS

_logger = logging.getLogger(__name__)


def migrate(cr, version):
    """Bring every value to the nearest bound, and tell how many were beyond."""
    if not version:
        return
    for model, bounds in BOUNDS.items():
        table = model.replace(".", "_")
        for name, bound in bounds.items():
            if not column_exists(cr, table, name):
                continue
            column = SQL.identifier(name)
            cr.execute(
                SQL(
                    "UPDATE %(table)s"
                    "   SET %(column)s = LEAST(GREATEST(%(column)s, %(low)s), %(high)s)"
                    " WHERE %(column)s < %(low)s OR %(column)s > %(high)s",
                    table=SQL.identifier(table),
                    column=column,
                    low=bound.low,
                    high=bound.high,
                )
            )
            if cr.rowcount:
                _logger.info("%s.%s: %s values were beyond its bounds", model, name, cr.rowcount)
