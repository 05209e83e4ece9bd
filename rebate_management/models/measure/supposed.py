"""Purchases that are supposed: lines which nobody invoiced yet, counted by the conditions of the
measuring statement as if they stood on posted invoices.

They take the place of the table ``purchase``, so that whose they are, which products a rule counts,
what another program takes, units and currencies are decided by the very expressions that decide it
of what was posted; and nothing is scanned.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from odoo.tools import SQL

from ...tools.arrays import array
from .amounts import amount, is_unitless, is_unmeasured, quantity
from .products import class_id, in_sum, join_class
from .purchases import NOTHING, LinePurchase, PurchaseKey, Purchases
from .requested import matched
from .sources import InvoiceSource, number_sources
from .statement import measuring_tables

ZERO = Decimal(0)


class Supposed(NamedTuple):
    """A line that is supposed to be invoiced on a day, to a commercial partner.

    ``scenario`` says which windows count it: those that have the same, see
    :class:`~.purchases.Window`. ``document`` and ``line`` are the asker's own names; of the lines
    of one document a discount lowers the others. ``amount`` is without taxes, in the currency,
    ``balance`` the same in that of the company; both, and ``quantity``, are negative for returns.
    ``rate_date`` is the day of the exchange rate where the program has another currency still.
    ``exclusion`` is that of the line, see ``rebate_exclusion``; ``taxes`` tell which lines a
    discount lowers first.
    """

    scenario: object
    document: object
    line: object
    partner_id: int
    company_id: int
    currency_id: int
    date: date
    rate_date: date
    product_id: int | None
    uom_id: int | None
    quantity: Decimal
    amount: Decimal
    balance: Decimal
    price_unit: Decimal
    discount: Decimal = ZERO
    exclusion: str | None = None
    taxes: frozenset = frozenset()

    @property
    def is_money(self) -> bool:
        """Tell whether it stands for a discount: the condition of ``discounts.IS_MONEY``."""
        return self.exclusion == "quantity" or self.price_unit < 0

    @property
    def moves_goods(self) -> bool:
        """Tell whether its units count: the condition of ``invoice_lines.ROOT_ID``."""
        return not self.exclusion and self.price_unit > 0 and self.discount < 100

    @property
    def is_return(self) -> bool:
        """Tell whether it takes goods back, see ``documents.is_return``."""
        return not self.exclusion and self.quantity < 0


class Counted(NamedTuple):
    """What windows count of supposed lines: sums as ``rebate.measure._purchases`` has them, and by
    ``(window key, name of the sum)`` the lines, named as their asker does."""

    purchases: dict[PurchaseKey, Purchases]
    lines: dict[tuple[object, object], list[LinePurchase]]


class Row(NamedTuple):
    """A row of the table ``supposed``: a line, or what a discount takes from one."""

    place: int
    scenario: int
    document: int
    partner_id: int
    company_id: int
    currency_id: int
    date: date
    rate_date: date
    product_id: int | None
    uom_id: int | None
    quantity: Decimal
    amount: Decimal
    balance: Decimal
    moves_goods: bool
    is_return: bool
    is_share: bool


KINDS = {
    "date": "date",
    "rate_date": "date",
    "quantity": "numeric",
    "amount": "numeric",
    "balance": "numeric",
    "moves_goods": "bool",
    "is_return": "bool",
    "is_share": "bool",
}


def count_supposed(question, sums, lines: Sequence[Supposed]) -> Counted:
    """Count supposed lines in the windows of their scenarios, in one statement.

    :param question: of windows that have a scenario
    :param sums: to be made, see :func:`~.products.requested_sums`
    """
    tables, scenarios = supposed_tables(question, sums, lines)
    rows = question.env.execute_query(
        SQL(
            """
            WITH %(tables)s,
            counted AS (
                SELECT requested.key, requested.counted_as AS program_id, purchase.class_id,
                       purchase.line_id, purchase.document_id,
                       %(amount)s AS amount, %(quantity)s AS quantity,
                       %(is_unmeasured)s AS is_unmeasured, %(is_unitless)s AS is_unitless
                  FROM purchase %(matched)s
            )
            SELECT counted.key, sums.place, counted.line_id,
                   COALESCE(SUM(counted.amount), 0)::text,
                   COALESCE(SUM(counted.quantity), 0)::text,
                   counted.document_id,
                   COUNT(*) FILTER (WHERE counted.amount IS NULL),
                   COUNT(*) FILTER (WHERE counted.is_unmeasured),
                   COUNT(*) FILTER (WHERE counted.is_unitless)
              FROM counted JOIN sums ON %(in_sum)s
          GROUP BY counted.key, sums.place, counted.line_id, counted.document_id
          ORDER BY counted.key, sums.place, counted.line_id
            """,
            tables=tables,
            amount=amount(question.programs),
            quantity=quantity(question.programs),
            is_unmeasured=is_unmeasured(question.programs),
            is_unitless=is_unitless(question.programs),
            matched=SQL("%s %s", matched(question), of_scenario(question.windows, scenarios)),
            in_sum=in_sum(SQL("counted")),
        )
    )
    purchases, counted, documents = {}, {}, {}
    for window, place, line, total, units, document, *troubles in rows:
        key = PurchaseKey(question.windows[window].key, sums[place].name)
        seen = documents.setdefault(key, set())
        bought = Purchases(
            Decimal(total), Decimal(units), int(document not in seen), *map(int, troubles)
        )
        seen.add(document)
        purchases[key] = purchases.get(key, NOTHING).plus(bought)
        counted.setdefault((key.window, key.sum), []).append(
            LinePurchase(lines[line].line, bought.amount, bought.quantity)
        )
    return Counted(purchases, counted)


def supposed_tables(question, sums, lines, keys=None) -> tuple[SQL, dict[object, int]]:
    """Compose the tables of a statement whose purchases are supposed.

    :param keys: as of :func:`~.statement.measuring_tables`
    :return: the tables, and the number of each scenario in ``purchase``
    """
    scenarios = {}
    for line in lines:
        scenarios.setdefault(line.scenario, len(scenarios) + 1)
    rows = list(_rows(question.env, lines, scenarios))

    def compose(sources, scan):
        return _purchase_table(sources, scan, rows)

    return measuring_tables(question, sums, keys=keys, purchases=compose), scenarios


def of_scenario(windows: Iterable, scenarios: dict[object, int]) -> SQL:
    """Compose the condition that a window counts lines of its own scenario alone.

    :param windows: in the order of the numbers by which they come back
    """
    numbers = [scenarios.get(window.scenario, 0) for window in windows]
    return SQL("AND purchase.scenario = (%s)[requested.key + 1]", array(numbers))


def _purchase_table(sources, scan, rows):
    """Compose ``purchase`` of supposed lines, for each source that counts invoice lines: what is
    paid counts as if it were paid at once."""
    numbers = number_sources(sources)
    kinds = [
        (numbers[basis], with_discount)
        for basis, source in sources.items()
        if isinstance(source, InvoiceSource)
        for with_discount in (False, True)
    ]
    columns = Row(*(zip(*rows, strict=True) if rows else [()] * len(Row._fields)))
    return SQL(
        """
        purchase AS (
            SELECT line.document AS document_id, %(class_id)s AS class_id,
                   line.place AS line_id, line.scenario,
                   CASE WHEN line.moves_goods
                        THEN COALESCE(split_part(uom.parent_path, '/', 1)::int, 0) END
                   AS uom_root_id,
                   line.balance, %(net_amount)s AS net_amount,
                   line.quantity * COALESCE(uom.factor, 1) AS quantity,
                   line.date, line.rate_date AS invoice_date,
                   kind.with_discount, line.company_id, line.partner_id, line.currency_id,
                   COALESCE(template.type = 'service', FALSE) AS is_service,
                   line.is_return, line.is_share, kind.source
              FROM unnest(%(rows)s) AS line(%(names)s)
        CROSS JOIN unnest(%(sources)s, %(with_discount)s) AS kind(source, with_discount)
         LEFT JOIN uom_uom uom ON uom.id = line.uom_id
         LEFT JOIN product_product product ON product.id = line.product_id
         LEFT JOIN product_template template ON template.id = product.product_tmpl_id
            %(join_class)s
        )
        """,
        class_id=class_id(scan),
        net_amount=SQL(
            "CASE WHEN line.currency_id = %s THEN line.amount ELSE line.balance END",
            scan.currency_id,
        )
        if scan.currency_id
        else SQL("line.amount"),
        rows=SQL(", ").join(
            array(column, KINDS.get(name, "int")) for name, column in columns._asdict().items()
        ),
        names=SQL(", ").join(map(SQL.identifier, Row._fields)),
        sources=array(number for number, _with_discount in kinds),
        with_discount=array((with_discount for _number, with_discount in kinds), "bool"),
        join_class=join_class(scan),
    )


# ----------------------------------------------------------------------
# Discounts that stand on lines of their own, as in ``discounts.py``
# ----------------------------------------------------------------------


def _rows(env, lines, scenarios):
    """List the rows of ``supposed``, discounts shared out over the lines that they lower."""
    documents, numbers = {}, {}
    for place, line in enumerate(lines):
        documents.setdefault((line.scenario, line.document), []).append((place, line))
        numbers.setdefault((line.scenario, line.document), len(numbers) + 1)
    is_discount = _discount_test(env, lines)
    for document, of_document in documents.items():
        shared = set()
        for place, discount in of_document:
            if not is_discount(discount, [line for _place, line in of_document]):
                continue
            lowered = _lowered(discount, of_document, is_discount)
            if lowered:
                shared.add(place)
            for other_place, other, share_amount, share_balance in _shares(discount, lowered):
                if other.exclusion != "all":
                    yield _row(
                        other_place,
                        other,
                        scenarios,
                        numbers[document],
                        share_amount,
                        share_balance,
                    )
        for place, line in of_document:
            if place not in shared and line.exclusion != "all":
                yield _row(place, line, scenarios, numbers[document])


def _row(place, line, scenarios, document, share_amount=None, share_balance=None):
    is_share = share_amount is not None
    return Row(
        place,
        scenarios[line.scenario],
        document,
        line.partner_id,
        line.company_id,
        line.currency_id,
        line.date,
        line.rate_date,
        line.product_id or None,
        line.uom_id or None,
        ZERO if is_share else line.quantity,
        share_amount if is_share else line.amount,
        share_balance if is_share else line.balance,
        line.moves_goods and not is_share,
        line.is_return,
        is_share,
    )


def _discount_test(env, lines):
    """Make the test whether a line is a discount: money off by a product that is no goods, or by
    none, which the document does not also sell."""
    products = env["product.product"].browse(
        {line.product_id for line in lines if line.is_money and line.product_id}
    )
    # The product of discounts of a company is no secret to whoever sells there.
    companies_sudo = env["res.company"].sudo().browse({line.company_id for line in lines})
    of_companies = companies_sudo.sale_discount_product_id if products else products
    no_goods = {
        product.id
        for product in products
        if product.type == "service"
        or product.rebate_exclusion == "quantity"
        or product in of_companies
    }

    def is_discount(line, document):
        if not line.is_money or line.exclusion == "all":
            return False
        if not line.product_id:
            return True
        return line.product_id in no_goods and not any(
            sold.product_id == line.product_id and not sold.exclusion and sold.price_unit > 0
            for sold in document
        )

    return is_discount


def _lowered(discount, document, is_discount):
    """The lines that a discount lowers: those with the same taxes before the others."""
    lines = [line for _place, line in document]
    lowered = [
        (place, line)
        for place, line in document
        if line.amount * discount.amount < 0 and not is_discount(line, lines)
    ]
    same = [(place, line) for place, line in lowered if line.taxes == discount.taxes]
    return same or lowered


def _shares(discount, lowered):
    """Share a discount out in proportion to the amounts, as the difference of running sums."""
    total = sum((line.amount for _place, line in lowered), ZERO)
    so_far = ZERO
    for place, line in lowered:
        before, so_far = so_far, so_far + line.amount
        yield (
            place,
            line,
            *(
                money * so_far / total - money * before / total
                for money in (discount.amount, discount.balance)
            ),
        )
