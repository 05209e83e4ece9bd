"""What purchases are made of: one source for each value of ``basis``.

Another addon brings one of its own in ``rebate.measure._sources()``, beside a value of ``basis``.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from odoo.tools import SQL

from .discounts import discount_tables, has_discounts
from .invoice_lines import invoiced_purchases, paid_purchases, summed_lines
from .payments import payment_tables
from .products import class_id, join_class
from .returns import LateReturn

# Those that count invoice lines.
INVOICE_BASES = ("invoiced", "paid")


class Scan(NamedTuple):
    """What a source is asked for: whose purchases, and between which days, both inclusive.

    ``is_scoped`` asks to tell products apart by the table ``class``, ``by_line`` to tell every
    line apart. ``late`` are documents that count whatever their day. ``currency_id`` is that of all
    programs, if there is one, see :func:`~.amounts.one_currency`: then it is the currency of the
    net amounts, those of foreign documents as they stand in the books.
    """

    programs: object
    partner_ids: Sequence[int]
    first_day: date
    last_day: date
    is_scoped: bool
    by_line: bool
    late: Sequence[LateReturn] = ()
    currency_id: int | None = None

    @property
    def env(self):
        """Of whoever asks."""
        return self.programs.env


class Source:
    """What the purchases of a basis are made of.

    ``line_model`` is the model that the ids of its lines are of. Programs whose lines are of one
    model count the same purchases, so that one of them may take what another counts, or lower it.
    ``flushed`` are the models whose tables it reads.
    """

    line_model = "account.move.line"
    flushed = ()

    def tables(self, _scan: Scan) -> list[SQL]:
        """Compose the tables that :meth:`purchases` reads, each ``name AS (query)``."""
        return []

    def purchases(self, scan: Scan) -> SQL:
        """Compose rows of the table ``purchase``, see :data:`COLUMNS`."""
        raise NotImplementedError

    def frozen_lines(self, ids: SQL) -> SQL:
        """Compose what settlements keep of its lines and workbooks tell of them, in columns of
        these names:

        ``id``, ``move_line_id`` (None of what is no invoice line), ``document`` (the name of what
        it stands on), ``date``, ``product_id``, ``description`` where it has no product,
        ``quantity``, negative for returns, in the unit ``uom_id``, and ``tax_numbers``, the ids of
        its taxes with commas between.

        :param ids: a query of the ids of the lines that are picked from these, for what is to be
            looked up of each
        """
        raise NotImplementedError

    def tell(self, _env, purchases: str, _count: int) -> str:
        """Write what chose a tier with the number of documents it is on, as an explanation begins.
        What was made of invoices the explanation tells itself.

        :param purchases: money or units, written
        """
        return purchases


class InvoiceSource(Source):
    """What is made of invoice lines, all such sources of the same ``summed``."""

    def documents(self, scan: Scan) -> SQL:
        """Compose the condition on ``move`` that its lines may count."""
        raise NotImplementedError

    def frozen_lines(self, ids):
        return SQL(
            """
            SELECT line.id, line.id AS move_line_id, move.name AS document,
                   move.invoice_date AS date, line.product_id, line.name AS description,
                   CASE WHEN move.move_type = 'out_refund' THEN -line.quantity
                        ELSE line.quantity END AS quantity,
                   line.product_uom_id AS uom_id, tax.numbers AS tax_numbers
              FROM account_move_line line
              JOIN account_move move ON move.id = line.move_id
         LEFT JOIN (
                       SELECT account_move_line_id AS line_id,
                              string_agg(account_tax_id::text, ',' ORDER BY account_tax_id)
                              AS numbers
                         FROM account_move_line_account_tax_rel
                        WHERE account_move_line_id IN (%(ids)s)
                     GROUP BY account_move_line_id
                   ) tax
                ON tax.line_id = line.id
            """,
            ids=ids,
        )


class Invoiced(InvoiceSource):
    """What was invoiced, on the day of the invoice."""

    def documents(self, scan):
        days = SQL("move.invoice_date BETWEEN %s AND %s", scan.first_day, scan.last_day)
        if not scan.late:
            return days
        return SQL("(%s OR move.id = ANY(%s))", days, sorted({one.move_id for one in scan.late}))

    def purchases(self, _scan):
        return invoiced_purchases()


class Paid(InvoiceSource):
    """What was paid of invoices, on the day of each payment."""

    def tables(self, scan):
        last_day = max((scan.last_day, *(one.counted_on for one in scan.late)))
        return payment_tables(scan.programs, scan.partner_ids, scan.first_day, last_day)

    def documents(self, _scan):
        return SQL("move.id IN (SELECT move_id FROM payment)")

    def purchases(self, _scan):
        return paid_purchases()


class LineSource(Source):
    """What is made of lines of a model of its own, which look like those of an invoice."""

    def lines(self, scan: Scan) -> SQL:
        """Compose the lines that may count, in columns of these names:

        ``id``, ``document_id`` of what it stands on, ``partner_id`` (a commercial one) and
        ``company_id``, ``date``, ``product_id``, ``quantity`` in the unit ``uom_id`` (or none),
        ``amount`` without taxes in ``currency_id``, and ``balance``, the same in the currency of
        the company. All of a return is negative.
        """
        raise NotImplementedError

    def purchases(self, scan):
        return SQL(
            """
            SELECT line.document_id, %(class_id)s AS class_id, line.id AS line_id,
                   COALESCE(split_part(uom.parent_path, '/', 1)::int, 0) AS uom_root_id,
                   line.balance, %(net_amount)s AS net_amount,
                   line.quantity * COALESCE(uom.factor, 1) AS quantity,
                   line.date, line.date AS invoice_date, FALSE AS with_discount,
                   line.company_id, line.partner_id, line.currency_id,
                   COALESCE(template.type = 'service', FALSE) AS is_service,
                   line.quantity < 0 AS is_return, FALSE AS is_share
              FROM (%(lines)s) line
         LEFT JOIN uom_uom uom ON uom.id = line.uom_id
         LEFT JOIN product_product product ON product.id = line.product_id
         LEFT JOIN product_template template ON template.id = product.product_tmpl_id
            %(join_class)s
            """,
            lines=self.lines(scan),
            net_amount=SQL(
                "CASE WHEN line.currency_id = %s THEN line.amount ELSE line.balance END",
                scan.currency_id,
            )
            if scan.currency_id
            else SQL("line.amount"),
            class_id=class_id(scan),
            join_class=join_class(scan),
        )


# Of the table ``purchase``. ``net_amount`` is in the currency of the document, or of the scan,
# ``balance`` in that of the company, ``quantity`` in the root of its unit, all negative for
# returns; ``uom_root_id`` is 0 without a unit and NULL where no goods move; ``date`` is the day
# on which it counts, ``invoice_date`` that of the exchange rate; ``with_discount`` is of what is
# paid alone, and ``is_share`` is the part of a discount that lies on another line.
COLUMNS = (
    *("document_id", "class_id", "line_id", "uom_root_id", "balance", "net_amount", "quantity"),
    *("date", "invoice_date", "with_discount", "company_id", "partner_id", "currency_id"),
    *("is_service", "is_return", "is_share"),
)


def purchase_tables(sources: dict[str, Source], scan: Scan) -> SQL:
    """Compose ``purchase``: sums by document and class of products, or single lines, each with the
    number of its source, see :func:`number_sources`.

    :param sources: by basis, those that are asked
    """
    tables = [table for source in sources.values() for table in source.tables(scan)]
    documents = [
        source.documents(scan) for source in sources.values() if isinstance(source, InvoiceSource)
    ]
    if documents:
        tables += _invoice_tables(scan, documents)
    columns = SQL(", ").join(map(SQL.identifier, COLUMNS))
    purchases = SQL(" UNION ALL ").join(
        SQL("SELECT %s, %s AS source FROM (%s) source", columns, number, source.purchases(scan))
        for number, source in enumerate(sources.values())
    )
    return SQL(", ").join([*tables, SQL("purchase AS (%s)", purchases)])


def number_sources(sources: dict[str, Source]) -> dict[str, int]:
    """By basis, the number of its source in the measuring statement."""
    return {basis: number for number, basis in enumerate(sources)}


def _invoice_tables(scan, documents):
    """Compose ``summed``, and the discounts that are shared out, where customers have any.

    Needs the index of :class:`AccountMove` on customer and invoice date.

    :param documents: conditions of which one must hold for a document to be read
    """
    moves = SQL(
        """
        move.state = 'posted'
        AND move.move_type IN ('out_invoice', 'out_receipt', 'out_refund')
        AND move.commercial_partner_id = ANY(%s)
        AND (%s)
        -- our own payout notes, and their reversals
        -- Not that it is NULL, of which the planner thinks the world while it has not counted any.
        AND (move.rebate_settlement_id > 0) IS NOT TRUE
        AND move.rebate_was_payout IS NOT TRUE
        """,
        scan.partner_ids,
        SQL(" OR ").join(documents),
    )
    shares = has_discounts(scan.env, scan.partner_ids)
    return [*(discount_tables(moves) if shares else ()), summed_lines(scan, moves, shares)]
