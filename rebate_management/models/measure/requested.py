"""What is asked, as tables of the measuring statement, and which windows count a purchase."""

from odoo.tools import SQL

from .owners import find_branches, not_owned
from .preceding import not_taken
from .returns import counted_day


def window_table(question, sources, company_of, keys) -> SQL:
    """Compose ``windows``: the days that count in each, and how its program counts.

    :param sources: the number of the source of each basis
    :param company_of: company ids by agreement id
    """
    windows = question.windows
    companies = [company_of[window.agreement_id] for window in windows]
    # A branch's invoices are its company's; exchange rates are kept by the root company.
    branches, roots = find_branches(question.programs.company_id)
    return SQL(
        """
        windows AS (
            SELECT w.key,
                   CASE WHEN w.is_baseline THEN w.date_from
                        ELSE GREATEST(w.date_from, agreement.date_start, program.date_start)
                    END AS date_from,
                   CASE WHEN w.is_baseline THEN w.date_to
                        ELSE LEAST(w.date_to, agreement.date_end, program.date_end)
                    END AS date_to,
                   agreement.id AS agreement_id, agreement.partner_id, w.is_baseline,
                   agreement.program_id, program.currency_id,
                   COALESCE(w.counted_as, number.counted_as, program.id) AS counted_as,
                   -- that of its branches too
                   company.currency_id AS company_currency_id,
                   source.number AS source, program.include_refunds,
                   program.basis = 'paid' AND COALESCE(program.early_discount_counts, FALSE)
                   AS with_discount,
                   COALESCE(program.count_services, FALSE) AS count_services, w.root_id,
                   string_to_array(w.branch_ids, ',')::int[] AS branch_ids,
                   uom.factor AS uom_factor,
                   split_part(uom.parent_path, '/', 1)::int AS uom_root_id
              FROM unnest(%(keys)s::int[], %(agreements)s::int[],
                          %(dates_from)s::date[], %(dates_to)s::date[],
                          %(baselines)s::bool[], %(branches)s::text[], %(roots)s::int[],
                          %(numbers)s::int[])
                   AS w(key, agreement_id, date_from, date_to, is_baseline, branch_ids,
                        root_id, counted_as)
              JOIN rebate_agreement agreement ON agreement.id = w.agreement_id
              JOIN rebate_program program ON program.id = agreement.program_id
              JOIN res_company company ON company.id = program.company_id
              JOIN unnest(%(bases)s::text[], %(sources)s::int[]) AS source(basis, number)
                ON source.basis = program.basis
         LEFT JOIN uom_uom uom ON uom.id = program.uom_id
         LEFT JOIN unnest(%(programs)s::int[], %(counted_as)s::int[])
                   AS number(program_id, counted_as) ON number.program_id = program.id
        )
        """,
        keys=list(range(len(windows))) if keys is None else keys,
        numbers=[question.former_number(window) for window in windows],
        programs=list(question.counted_as),
        counted_as=list(question.counted_as.values()),
        bases=list(sources),
        sources=list(sources.values()),
        baselines=[window.is_baseline for window in windows],
        branches=[branches[company] for company in companies],
        roots=[roots[company] for company in companies],
        agreements=[window.agreement_id for window in windows],
        dates_from=[window.date_from for window in windows],
        dates_to=[window.last_day for window in windows],
    )


def requested_table(members, is_kept) -> SQL:
    """Compose ``requested``: the windows, once for each buyer.

    Materialized, so that purchases can only be joined to it by their buyer: guesses about the
    tables above are wrong by magnitudes.

    :param members: see :func:`~.owners.find_members`, and the buyers that agreements keep
    :param is_kept: whether some of them are buyers of certain days alone, see
        :class:`~.owners.PaidBuyer`
    """
    # One row a member, without the days where nobody has any.
    width = 6 if is_kept else 3
    rows = [(*member, *[None] * 3)[:width] for member in members]
    columns = [list(column) for column in zip(*rows, strict=True)] or [[]] * width
    if is_kept:
        member = SQL(
            "unnest(%s::int[], %s::int[], %s::text[], %s::date[], %s::date[], %s::int[])"
            " AS member(agreement_id, partner_id, below_ids, first, last, kept_line)",
            *columns,
        )
        days = SQL(
            "GREATEST(windows.date_from, member.first) AS first_day,"
            " LEAST(windows.date_to, member.last) AS last_day, member.kept_line"
        )
    else:
        member = SQL(
            "unnest(%s::int[], %s::int[], %s::text[])"
            " AS member(agreement_id, partner_id, below_ids)",
            *columns,
        )
        days = SQL("windows.date_from AS first_day, windows.date_to AS last_day")
    return SQL(
        """
        requested AS MATERIALIZED (
            SELECT windows.*, %(days)s, member.partner_id AS buyer_id,
                   string_to_array(member.below_ids, ',')::int[] AS below_ids
              FROM windows
              JOIN %(member)s ON member.agreement_id = windows.agreement_id
        )
        """,
        days=days,
        member=member,
    )


def matched(question) -> SQL:
    """Compose the joins of ``purchase`` to the windows that count them.

    No purchase counts twice in a program: of two agreements above a buyer, the nearest that
    runs on the day has it, and of several that are equally near, the first. Nor does it count
    where a program that comes first has taken it.
    """
    # Late returns count on another day than their own.
    day = counted_day(question.late, SQL("requested.program_id"))
    return SQL(
        """
        JOIN requested
          ON requested.buyer_id = purchase.partner_id
         AND requested.source = purchase.source
         AND requested.with_discount = purchase.with_discount
         AND %(day)s BETWEEN requested.first_day AND requested.last_day
         AND purchase.company_id = ANY(requested.branch_ids)
         AND (requested.include_refunds OR NOT purchase.is_return)
         AND (requested.below_ids IS NULL OR NOT EXISTS (
                 SELECT 1
                   FROM rebate_agreement nearer
                  WHERE nearer.program_id = requested.program_id
                    AND nearer.state IN ('active', 'ended')
                    AND nearer.partner_id = ANY(requested.below_ids)
                    AND (nearer.include_children OR nearer.partner_id = purchase.partner_id)
                    AND %(day)s >= nearer.date_start
                    AND (nearer.date_end IS NULL OR %(day)s <= nearer.date_end)
             ))
         %(not_owned)s
         %(not_taken)s
        """,
        day=day,
        not_owned=not_owned(question.owners, day),
        not_taken=not_taken(question.late) if question.programs._preceding_programs() else SQL(),
    )
