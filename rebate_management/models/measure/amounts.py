"""What a purchase is worth in a program: its amount in the program's currency, its quantity in the
program's unit. Expressions over ``purchase`` and ``requested``, see ``statement.py``.
"""

from odoo.tools import SQL


def one_currency(programs) -> int | None:
    """The id of the currency of some programs, if their companies keep their books in it too: then
    an amount in it is known of each line, without a rate."""
    currencies = programs.currency_id | programs.company_id.currency_id
    return currencies.id if len(currencies) == 1 else None


def amount(programs) -> SQL:
    """Compose an amount of ``purchase`` in the program's currency, NULL without a rate.

    The net amount printed on the invoice where that is in the program's currency; otherwise
    its value in the books, converted at the rate of the invoice's day where the books differ
    too. (Under Odoo's global rounding the balance of a line may differ by a cent from the
    net amount beside it; a distributor can only check what is printed.)

    :param programs: those that are asked; none with a currency of its own needs no rates
    """
    if one_currency(programs):
        return SQL("purchase.net_amount")
    if all(program.currency_id == program.company_id.currency_id for program in programs):
        return SQL(
            "CASE WHEN purchase.currency_id = requested.currency_id THEN purchase.net_amount"
            " ELSE purchase.balance END"
        )
    return SQL(
        """
        CASE WHEN purchase.currency_id = requested.currency_id THEN purchase.net_amount
             WHEN requested.company_currency_id = requested.currency_id THEN purchase.balance
             ELSE purchase.balance * %s / %s END
        """,
        _rate(SQL("requested.currency_id")),
        # Odoo's own default: a company currency without a rate is the unit.
        SQL("COALESCE(%s, 1)", _rate(SQL("requested.company_currency_id"))),
    )


def _rate(currency: SQL) -> SQL:
    """Compose the rate of a currency on the day of ``purchase``, as Odoo chooses it: the
    company's own before the common one, the latest before the first to come."""
    return SQL(
        """
        (SELECT rate.rate
           FROM res_currency_rate rate
          WHERE rate.currency_id = %s
            AND (rate.company_id = requested.root_id OR rate.company_id IS NULL)
       ORDER BY rate.name > purchase.invoice_date, rate.company_id,
                ABS(rate.name - purchase.invoice_date)
          LIMIT 1)
        """,
        currency,
    )


def quantity(programs) -> SQL:
    """Compose a quantity of ``purchase`` in the program's unit; nothing where no goods are moved
    or the line has no unit, NULL if it does not convert."""
    if not programs.uom_id:
        return SQL("0")
    return SQL(
        """
        CASE WHEN NOT %(has_units)s OR purchase.uom_root_id = 0 THEN 0
             WHEN purchase.uom_root_id = requested.uom_root_id
             THEN purchase.quantity / requested.uom_factor END
        """,
        has_units=_has_units(),
    )


def is_unmeasured(programs) -> SQL:
    """Compose whether a quantity of ``purchase`` would count, but does not convert."""
    if not programs.uom_id:
        return SQL("FALSE")
    return SQL(
        "%s AND purchase.uom_root_id <> 0 AND purchase.uom_root_id <> requested.uom_root_id",
        _has_units(),
    )


def is_unitless(programs) -> SQL:
    """Compose whether a quantity of ``purchase`` would count, but is in no unit."""
    if not programs.uom_id:
        return SQL("FALSE")
    return SQL(
        "%s AND purchase.uom_root_id = 0 AND requested.uom_root_id IS NOT NULL", _has_units()
    )


def _has_units() -> SQL:
    """Compose whether the units of ``purchase`` count in a program that asks for any: goods do,
    services only where the program says so."""
    return SQL(
        "(purchase.uom_root_id IS NOT NULL"
        " AND (requested.count_services OR NOT purchase.is_service))"
    )
