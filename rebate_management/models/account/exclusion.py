"""What of an order or invoice line does not count for rebates: taken over from its product, and
then the line's own."""

from odoo.tools.sql import column_exists, create_column

EXCLUSIONS = [("quantity", "Money, No Units"), ("all", "Earns Nothing")]


def take_over(lines, counts=None):
    """Begin lines with what their products say.

    :param counts: tells of a line whether it may count at all; default: every one
    """
    for line in lines:
        line.rebate_exclusion = (not counts or counts(line)) and line.product_id.rebate_exclusion


def create_empty_column(model):
    """Add the column before the ORM does: lines that are there before the first product is marked
    need no computing, and there may be millions."""
    if not column_exists(model.env.cr, model._table, "rebate_exclusion"):
        create_column(model.env.cr, model._table, "rebate_exclusion", "varchar")
