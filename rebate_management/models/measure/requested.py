"""What is asked, as tables of the measuring statement, and which windows count a purchase."""

from datetime import date
from typing import NamedTuple

from odoo.tools import SQL

from ...tools.arrays import array
from .owners import find_branches, not_owned
from .preceding import not_taken
from .returns import counted_day


class Request(NamedTuple):
    """A window that may count purchases of one buyer between two days, both inclusive.

    ``key`` is the number of the window, ``place`` that of its program among those asked, from 1 on,
    and ``counted_as`` that by which the statement sums for it; ``below`` are the ids of the
    companies from just below the agreement's partner down to the buyer, as text, None for the
    partner; ``kept_line`` is the settlement line for which an agreement keeps a buyer, see
    :class:`~.owners.PaidBuyer`.
    """

    key: int
    place: int
    agreement_id: int
    program_id: int
    counted_as: int
    partner_id: int
    is_baseline: bool
    buyer_id: int
    first_day: date
    last_day: date
    below: str | None
    kept_line: int | None


def list_requests(question, members, keys=None) -> list[Request]:
    """List whose purchases each window of a question may count, and on which days.

    :param members: the buyers by agreement id, each with the days on which it is one, see
        :func:`list_members`
    :param keys: numbers of the windows, if not their places
    """
    programs = {
        program.id: (place, program.date_start, program.date_end or date.max)
        for place, program in enumerate(question.programs, 1)
    }
    requests = []
    for number, window in enumerate(question.windows):
        agreement_id = window.agreement_id
        program_id, partner_id, _children, start, end, _is_recut = question.enrolments[agreement_id]
        first_day, last_day = window.date_from, window.last_day
        place, starts, ends = programs[program_id]
        if not window.is_baseline:
            first_day, last_day = max(first_day, start, starts), min(last_day, end or ends, ends)
        counted_as = question.former_number(window)
        if counted_as is None:
            counted_as = question.counted_as.get(program_id, program_id)
        for buyer_id, below, first, last, kept_line in members[agreement_id]:
            requests.append(
                Request(
                    number if keys is None else keys[number],
                    place,
                    agreement_id,
                    program_id,
                    counted_as,
                    partner_id,
                    window.is_baseline,
                    buyer_id,
                    max(first_day, first) if first else first_day,
                    min(last_day, last) if last else last_day,
                    below,
                    kept_line,
                )
            )
    return requests


def list_members(question) -> dict[int, list[tuple]]:
    """List the buyers of each agreement of a question, see :func:`~.owners.find_members`, and
    those that it keeps of days that are paid for.

    :return: by agreement id, a list of ``(partner id, below, first day, last day, kept line)``
    """
    members = {
        agreement_id: [] if one.include_children else [(one.partner_id, None, None, None, None)]
        for agreement_id, one in question.enrolments.items()
    }
    inclusive = [
        agreement_id for agreement_id, one in question.enrolments.items() if one.include_children
    ]
    if inclusive:
        agreements = question.agreements.browse(inclusive)
        found, _company_of = question.env["rebate.measure"]._members(agreements, inclusive)
        for agreement_id, partner_id, below in found:
            members[agreement_id].append((partner_id, below, None, None, None))
    for agreement_id, *member in question.owners.kept_members(question.enrolments):
        members[agreement_id].append(tuple(member))
    return members


def requested_table(question, requests: list[Request], sources) -> SQL:
    """Compose ``requested``: :class:`Request`, each with how its program counts.

    What is the same for a program is an array in which its place is looked up, and not a table that
    is joined: of what joins of such tables come to the planner has no idea. Materialized, so that
    purchases can only be joined to it by their buyer.

    :param sources: the number of the source of each basis
    """
    programs = question.programs
    # A branch's invoices are its company's; exchange rates are kept by the root company.
    branches, roots = find_branches(programs.company_id)
    companies = [program.company_id for program in programs]
    by_program = {
        "source": array(sources[program.basis] for program in programs),
        "currency_id": array(program.currency_id.id for program in programs),
        # that of its branches too
        "company_currency_id": array(company.currency_id.id for company in companies),
        "root_id": array(roots[company.id] for company in companies),
        "include_refunds": array((program.include_refunds for program in programs), "bool"),
        "with_discount": array(
            (program.basis == "paid" and program.early_discount_counts for program in programs),
            "bool",
        ),
        "count_services": array((program.count_services for program in programs), "bool"),
        "branches": array((branches[company.id] for company in companies), "text"),
    }
    units = SQL()
    if programs.uom_id:
        units = SQL("LEFT JOIN uom_uom uom ON uom.id = (%s)[place]", array(_unit_ids(programs)))
    columns = Request(*(zip(*requests, strict=True) if requests else [()] * len(Request._fields)))
    return SQL(
        """
        requested AS MATERIALIZED (
            SELECT request.*, string_to_array(request.below, ',')::int[] AS below_ids,
                   string_to_array(request.branches, ',')::int[] AS branch_ids,
                   %(unit)s
              FROM (SELECT request.*, %(by_program)s
                      FROM unnest(%(requests)s) AS request(%(names)s)) request
         %(units)s
        )
        """,
        unit=SQL(
            "uom.factor AS uom_factor, split_part(uom.parent_path, '/', 1)::int AS uom_root_id"
        )
        if programs.uom_id
        else SQL("NULL::numeric AS uom_factor, NULL::int AS uom_root_id"),
        by_program=SQL(", ").join(
            SQL("(%s)[request.place] AS %s", values, SQL.identifier(name))
            for name, values in by_program.items()
        ),
        requests=SQL(", ").join(
            array(column, KINDS.get(name, "int")) for name, column in columns._asdict().items()
        ),
        names=SQL(", ").join(map(SQL.identifier, Request._fields)),
        units=units,
    )


def _unit_ids(programs):
    return [program.uom_id.id or None for program in programs]


# The types of the columns of :class:`Request` that are no numbers.
KINDS = {"is_baseline": "bool", "first_day": "date", "last_day": "date", "below": "text"}


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
