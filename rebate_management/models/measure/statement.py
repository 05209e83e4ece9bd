"""The measuring statement: the tables that say what is asked, and how they meet the purchases.

Everything asked for at once, any number of agreements and periods, is one scan: lines are first
summed by document (``purchase``), then the documents are matched to the windows of whoever may
count them (``requested``), and shared out to what rules count (``sums``).
"""

from odoo.tools import SQL

from .amounts import amount, is_unitless, is_unmeasured, one_currency, quantity
from .preceding import preceding_table
from .products import Sum, are_told_apart, in_sum, sum_tables
from .requested import list_members, list_requests, matched, requested_table
from .returns import late_table
from .sources import Scan, number_sources, purchase_tables


def purchase_query(question, sums) -> SQL:
    """Compose the statement of ``rebate.measure._purchases``."""
    programs = question.programs
    # One row an invoice: then counting rows counts invoices, without sorting them.
    is_plain = (
        not are_told_apart(sums)
        and not programs.uom_id
        and set(programs.mapped("basis")) == {"invoiced"}
        and all(programs.mapped("include_refunds"))
    )
    return SQL(
        """
        WITH %(tables)s,
        counted AS (
            SELECT requested.key, requested.counted_as AS program_id, purchase.document_id,
                   purchase.class_id, purchase.is_share,
                   %(amount)s AS amount, %(quantity)s AS quantity,
                   %(is_unmeasured)s AS is_unmeasured, %(is_unitless)s AS is_unitless
              FROM purchase %(matched)s
        )
        SELECT counted.key, sums.place,
               -- As text, because Odoo would read a number from the database as a float.
               COALESCE(SUM(counted.amount), 0)::text,
               COALESCE(SUM(counted.quantity), 0)::text,
               %(count)s,
               COUNT(*) FILTER (WHERE counted.amount IS NULL),
               COUNT(*) FILTER (WHERE counted.is_unmeasured),
               COUNT(*) FILTER (WHERE counted.is_unitless)
          FROM counted JOIN sums ON %(in_sum)s
      GROUP BY counted.key, sums.place
        """,
        tables=measuring_tables(question, sums),
        amount=amount(question.programs),
        quantity=quantity(question.programs),
        is_unmeasured=is_unmeasured(programs),
        is_unitless=is_unitless(programs),
        matched=matched(question),
        count=SQL("COUNT(*) FILTER (WHERE NOT counted.is_share)")
        if is_plain
        else SQL("COUNT(DISTINCT counted.document_id)"),
        in_sum=in_sum(SQL("counted")),
    )


def line_query(question, sums, places) -> SQL:
    """Compose the statement of ``rebate.measure._lines_by_rule``.

    :param places: of the sums whose lines are told
    """
    return SQL(
        """
        WITH %(tables)s,
        counted AS (
            SELECT requested.key, requested.counted_as AS program_id, purchase.class_id,
                   purchase.line_id, purchase.date, %(amount)s AS amount,
                   %(quantity)s AS quantity
              FROM purchase %(matched)s
        )
        SELECT counted.key, sums.place, counted.line_id,
               COALESCE(SUM(counted.amount), 0)::text,
               COALESCE(SUM(counted.quantity), 0)::text
          FROM counted
          JOIN sums ON sums.place = ANY(%(places)s) AND %(in_sum)s
      GROUP BY counted.key, sums.place, counted.line_id
      ORDER BY MAX(counted.date) DESC, counted.line_id DESC
        """,
        tables=measuring_tables(question, sums, by_line=True),
        amount=amount(question.programs),
        quantity=quantity(question.programs),
        matched=matched(question),
        places=places,
        in_sum=in_sum(SQL("counted")),
    )


def shared_query(question, sums, keys, pairs, tables=None, condition=None) -> SQL:
    """Compose the statement of ``rebate.measure._shared_purchases``.

    :param keys: numbers of the windows
    :param pairs: of such numbers
    :param tables: of other purchases than those posted, see ``supposed.py``
    :param condition: on which windows count these
    """
    # One place a rule, by whatever products it counts on a day.
    first = {}
    rules = {
        place: first.setdefault(each.name, place) for place, each in enumerate(sums) if each.is_rule
    }
    return SQL(
        """
        WITH %(tables)s,
        -- Lines of an invoice in one class count the same, returns aside.
        by_rule AS (
            SELECT counted.key, rule.place, counted.document_id, counted.class_id,
                   counted.is_return, SUM(counted.amount) AS amount
              FROM (SELECT requested.key, requested.counted_as AS program_id,
                           purchase.document_id, purchase.class_id, purchase.is_return,
                           %(amount)s AS amount
                      FROM purchase %(matched)s) counted
              JOIN sums ON %(in_sum)s
              JOIN unnest(%(sums)s::int[], %(rules)s::int[]) AS rule(sum, place)
                ON rule.sum = sums.place
          GROUP BY counted.key, rule.place, counted.document_id, counted.class_id,
                   counted.is_return
        )
        SELECT pair.place, ours.place, theirs.place, COALESCE(SUM(theirs.amount), 0)::text
          FROM unnest(%(ours)s::int[], %(theirs)s::int[])
               WITH ORDINALITY AS pair(ours, theirs, place)
          JOIN by_rule theirs ON theirs.key = pair.theirs
          JOIN by_rule ours
            ON ours.key = pair.ours
           AND ours.document_id = theirs.document_id
           AND ours.class_id = theirs.class_id
           AND ours.is_return = theirs.is_return
      GROUP BY pair.place, ours.place, theirs.place
        """,
        tables=tables or measuring_tables(question, sums, keys=keys),
        amount=amount(question.programs),
        matched=SQL("%s %s", matched(question), condition or SQL()),
        sums=list(rules),
        rules=list(rules.values()),
        in_sum=in_sum(SQL("counted")),
        ours=[ours for ours, _theirs in pairs],
        theirs=[theirs for _ours, theirs in pairs],
    )


def measuring_tables(
    question, sums: list[Sum], by_line=False, keys=None, purchases=purchase_tables
) -> SQL:
    """Compose the tables the statements share: ``requested`` ``sums`` ``preceding`` ``late`` and
    ``purchase``, the purchases that may count at all.

    :param question: see :class:`~.question.Question`
    :param sums: to be made; their programs are numbers of ``question.counted_as``
    :param by_line: tell every line apart
    :param keys: numbers by which the windows come back, if not by their places
    :param purchases: composes ``purchase`` of sources and a scan, by default of what was posted
    """
    measure = question.env["rebate.measure"]
    measure._flush_sources()
    members = list_members(question)
    partner_ids = sorted({member[0] for found in members.values() for member in found})
    windows = question.windows
    programs = question.programs
    sources = measure._sources_of(programs)
    scan = Scan(
        programs,
        partner_ids,
        min(window.date_from for window in windows),
        max(window.last_day for window in windows),
        are_told_apart(sums),
        by_line,
        question.late,
        one_currency(programs),
    )
    return SQL(
        "%s, %s, %s %s %s",
        requested_table(question, list_requests(question, members, keys), number_sources(sources)),
        sum_tables(sums),
        preceding_table(question, sums, partner_ids),
        late_table(question.late),
        purchases(sources, scan),
    )
