"""What the statement of a settlement tells the partner: in the language and formats of the context,
from what was frozen when it was proposed, so that it says the same whenever it is printed."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from odoo import models
from odoo.tools import SQL, format_date, formatLang

from ..tools.formats import format_period, format_quantity

# Months that stand side by side on a page.
MONTHS = 6

# Rows of a table that is not parted by the end of a page.
SHORT = 20

# Products that have a row of their own; the workbook has all of them.
PRODUCTS = 150


class Purchase(NamedTuple):
    """A product in a month, of one rule of one settlement line; ``month`` is its first day, or None
    where nothing was invoiced."""

    settlement_line_id: int
    rule: tuple
    product: str
    code: str
    unit: str
    month: date | None
    amount: Decimal
    quantity: Decimal
    rebate: Decimal


class Row(NamedTuple):
    """A product's row of a table: purchases by month, all together, and their rebate."""

    product: str
    unit: str
    cells: list[str]
    total: str
    rebate: str


class Table(NamedTuple):
    """Purchases of at most six months; ``is_last`` where totals and rebates stand, ``is_short``
    where it fits on a page with its title."""

    months: list[str]
    rows: list[Row]
    sums: Row
    is_last: bool
    is_short: bool


class TierRow(NamedTuple):
    """A tier in words."""

    threshold: str
    rate: str
    is_reached: bool


class RulePart(NamedTuple):
    """What one rule decided for a period."""

    name: str
    tiers: list[TierRow]
    value: str
    tables: list[Table]
    by_quantity: bool


class LinePart(NamedTuple):
    """A period of a program; amounts written out."""

    line: models.Model
    partner: str
    period: str
    until: str
    rules: list[RulePart]
    explanation: list[str]
    earned: str
    settled: str
    amount: str
    is_difference: bool


class ProgramPart(NamedTuple):
    """A program with its terms in words and the periods that are paid."""

    name: str
    words: list[str]
    rules: list[tuple[str, list[str]]]
    lines: list[LinePart]


def compose_statement(settlement):
    """Tell what the settlement pays and how it came about, in the language of the context.

    :return: list of :class:`ProgramPart`
    """
    settlement.ensure_one()
    snapshot = settlement.terms_snapshot or {}
    purchases = _read_purchases(settlement)
    facts = {row["line_id"]: row for row in snapshot.get("lines", ())}
    programs = {}
    # What is of no days comes first.
    for line in settlement.line_ids.sorted(lambda line: line._source_facts().date_from or date.min):
        programs.setdefault(line.program_id, []).append(line)
    return [
        _program_part(
            settlement,
            program,
            snapshot.get("programs", {}).get(str(program.id), {}),
            [(line, facts.get(line.id, {})) for line in lines],
            purchases,
        )
        for program, lines in programs.items()
    ]


def _program_part(settlement, program, terms, lines, purchases):
    rules = {rule["id"]: rule for rule in terms.get("rules", ())}
    return ProgramPart(
        terms.get("name") or program.name or "",
        settlement._terms_in_words(terms),
        [
            (rule["name"], settlement._rule_in_words(rule, terms["terms"]))
            for rule in terms.get("rules", ())
        ],
        [_line_part(settlement, line, facts, rules, purchases) for line, facts in lines],
    )


def _line_part(settlement, line, facts, rules, purchases):
    of_line = {rule: bought for (line_id, rule), bought in purchases.items() if line_id == line.id}
    parts = []
    for decided in facts.get("rules", ()):
        terms = rules.get(decided["rule_id"], {})
        keys = [
            key
            for key in of_line
            if key[0] == str(decided["rule_id"]) or (not key[0] and key[1] == terms.get("name"))
        ]
        bought = [purchase for key in keys for purchase in of_line.pop(key)]
        parts.append(_rule_part(settlement, decided, terms, bought))
    if of_line:
        # Rules that are gone, and what lies on no invoice line.
        rest = [purchase for bought in of_line.values() for purchase in bought]
        tables = _tabulate(settlement, rest, False)
        parts.append(RulePart("", [], "", tables, False))
    earned = Decimal(facts.get("earned", str(line.amount)))
    settled = Decimal(facts.get("settled", "0"))
    source = line._source_facts()
    until = line.date_until or source.date_to
    return LinePart(
        line,
        facts.get("partner") or source.partner.name,
        format_period(settlement.env, source.date_from, source.date_to) if source.date_from else "",
        format_date(settlement.env, until) if until else "",
        parts,
        (line.explanation or "").splitlines(),
        settlement._write_money(earned),
        settlement._write_money(settled),
        settlement._write_money(line.amount),
        bool(settled),
    )


def _rule_part(settlement, decided, terms, bought):
    """Tell of one rule what it decided.

    :param decided: of the frozen terms, see ``rebate.settlement._freeze_terms``
    :param terms: the rule's
    :param bought: list of :class:`Purchase`
    """
    calculation = settlement.env["rebate.calculation"]
    facts, currency = decided["facts"], settlement.currency_id
    value = Decimal(facts["value"])
    scale = facts["scale"]
    reached = [tier for tier in scale if Decimal(tier["threshold"]) <= value]
    last = reached[-1] if reached and decided["tier_id"] else None
    by_quantity = facts["counted"] == "quantity"
    return RulePart(
        terms.get("name", ""),
        [
            TierRow(
                calculation._explain_value(facts, tier["threshold"], currency),
                calculation._explain_rate(tier, currency),
                tier is last,
            )
            for tier in scale
        ],
        calculation._explain_value(facts, facts["value"], currency),
        _tabulate(settlement, bought, by_quantity) if bought else [],
        by_quantity,
    )


def _read_purchases(settlement):
    """Sum up the frozen details by product and month, in one statement.

    :return: :class:`Purchase` by settlement line id and rule, a rule by its number and name
    """
    rows = settlement.env.execute_query(
        SQL(
            """
            SELECT settlement_line_id,
                   ARRAY[COALESCE(rule_id::text, ''), COALESCE(rule_name, '')] AS rule,
                   COALESCE(product_name, ''), COALESCE(product_code, ''),
                   COALESCE(uom_name, ''), date_trunc('month', invoice_date)::date AS month,
                   SUM(amount)::text, SUM(quantity)::text, SUM(rebate_amount)::text
              FROM rebate_settlement_detail
             WHERE settlement_line_id = ANY(%s)
          GROUP BY 1, 2, 3, 4, 5, 6
          ORDER BY 1, 2, 3, 4, 5, 6
            """,
            settlement.line_ids.ids,
        )
    )
    purchases = {}
    for line_id, rule, *texts, amount, quantity, rebate in rows:
        numbers = Decimal(amount), Decimal(quantity), Decimal(rebate)
        purchase = Purchase(line_id, tuple(rule), *texts, *numbers)
        purchases.setdefault((line_id, tuple(rule)), []).append(purchase)
    return purchases


def _tabulate(settlement, purchases, by_quantity):
    """Arrange purchases of one rule as tables that fit on a page.

    :param purchases: list of :class:`Purchase`
    :param by_quantity: show quantities, not amounts
    :return: list of :class:`Table`, in the language of the context
    """
    settlement.ensure_one()
    products = {}
    for purchase in purchases:
        key = purchase.product, purchase.code, purchase.unit
        products.setdefault(key, []).append(purchase)
    products = _limit_products(settlement, products)
    months = sorted({purchase.month for purchase in purchases if purchase.month})
    chunks = [months[start : start + MONTHS] for start in range(0, len(months), MONTHS)] or [[]]
    return [
        Table(
            [format_date(settlement.env, month, date_format="MMM yyyy") for month in chunk],
            [
                _purchase_row(settlement, *key[::2], own, chunk, by_quantity)
                for key, own in products.items()
            ],
            _purchase_row(settlement, settlement.env._("Total"), "", purchases, chunk, by_quantity),
            chunk is chunks[-1],
            len(products) <= SHORT,
        )
        for chunk in chunks
    ]


def _limit_products(settlement, products):
    """Keep those that were bought most, and the others as one.

    :param products: lists of :class:`Purchase` by name, code and unit
    """
    if len(products) <= PRODUCTS:
        return products
    largest = sorted(
        products, key=lambda key: -abs(sum(purchase.amount for purchase in products[key]))
    )[: PRODUCTS - 1]
    kept = {key: own for key, own in products.items() if key in set(largest)}
    others = [purchase for key, own in products.items() if key not in kept for purchase in own]
    name = settlement.env._("%s other products", len(products) - len(kept))
    return kept | {(name, "", ""): others}


def _purchase_row(settlement, product, unit, purchases, months, by_quantity):
    def write(parts):
        if not parts:
            return "–"
        if by_quantity:
            return _write_quantity(settlement, sum(part.quantity for part in parts))
        return _write_amount(settlement, sum(part.amount for part in parts))

    return Row(
        product or settlement.env._("Not on an invoice line"),
        unit,
        [
            write([purchase for purchase in purchases if purchase.month == month])
            for month in months
        ],
        write(purchases),
        _write_amount(settlement, sum(purchase.rebate for purchase in purchases)),
    )


def _write_amount(settlement, amount):
    """Write an amount as it stands in a table, without its currency."""
    return formatLang(settlement.env, float(amount), digits=settlement.currency_id.decimal_places)


def _write_quantity(settlement, quantity):
    return format_quantity(settlement.env, Decimal(quantity), "")
