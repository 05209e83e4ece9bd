"""Currencies: their smallest coin, and whether they can be converted."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from odoo import models
from odoo.tools import SQL


class Conversion(NamedTuple):
    """From one currency to another, in either direction, by the rates of a company."""

    company: models.Model
    currency: models.Model
    other: models.Model


def smallest_coin(currency) -> Decimal:
    """The smallest coin of a currency, to which its amounts are rounded: 0.01 for euros."""
    # As it is written: the number itself is a float and not quite 0.01.
    return Decimal(str(currency.rounding))


def without_rate(
    env, conversions: Iterable[Conversion], day=None
) -> dict[Conversion, models.Model]:
    """Find the conversions for which an exchange rate is missing, in one query: Odoo would take it
    to be 1.

    A currency needs a rate unless it is the company's own; and it needs none where the company's
    own has some, which is then measured in the other.

    :param day: count rates of this day and earlier ones only; by default any, for Odoo takes the
        earliest where there is no earlier one
    :return: by conversion, the first currency that lacks a rate
    """
    foreign = {each for each in conversions if each.currency != each.other}
    if not foreign:
        return {}
    currencies = env["res.currency"].union(
        *(each.currency | each.other | each.company.currency_id for each in foreign)
    )
    domain = [("currency_id", "in", currencies.ids)]
    if day:
        domain.append(("name", "<=", day))
    # Whoever converts need not be allowed to read rates, and a branch has those of its parents.
    rates = env["res.currency.rate"].sudo()
    rated = set(rates._read_group(domain, ["company_id", "currency_id"]))

    def has_rate(company, currency):
        # As above: of the rates of a root company, or of none, which are everybody's.
        root = company.sudo().root_id
        return bool(rated & {(root, currency), (root.browse(), currency)})

    missing = {}
    for each in foreign:
        books = each.company.currency_id
        lacking = [
            currency
            for currency in (each.currency, each.other)
            if currency != books and not has_rate(each.company, currency)
        ]
        is_base = books in (each.currency, each.other) and has_rate(each.company, books)
        if lacking and not is_base:
            missing[each] = lacking[0]
    return missing


def to_company_currency(table: str, day: SQL) -> SQL:
    """Compose the factor that leads from the currency of a row to the one of its company, at the
    rate that Odoo takes: the latest by a day, the earliest where there is none. 1 without a look
    at any rate where both are the same.

    :param table: the alias, with columns ``currency_id`` and ``company_id``
    :param day: of the rate, an expression on the row
    """

    def rate(currency):
        return SQL(
            """
            COALESCE(
                (SELECT rate.rate
                   FROM res_currency_rate rate
                  WHERE rate.currency_id = %(currency)s
                    AND (rate.company_id = root.id OR rate.company_id IS NULL)
                    AND rate.name <= %(day)s
               ORDER BY rate.company_id, rate.name DESC LIMIT 1),
                (SELECT rate.rate
                   FROM res_currency_rate rate
                  WHERE rate.currency_id = %(currency)s
                    AND (rate.company_id = root.id OR rate.company_id IS NULL)
               ORDER BY rate.company_id, rate.name LIMIT 1),
                1)
            """,
            currency=currency,
            day=day,
        )

    currency = SQL.identifier(table, "currency_id")
    return SQL(
        """
        (SELECT CASE WHEN company.currency_id = %s THEN 1 ELSE %s / %s END
           FROM res_company company
           JOIN res_company root ON root.id = split_part(company.parent_path, '/', 1)::integer
          WHERE company.id = %s)
        """,
        currency,
        rate(SQL("company.currency_id")),
        rate(currency),
        SQL.identifier(table, "company_id"),
    )
