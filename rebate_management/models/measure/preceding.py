"""Stacking by priority: of the programs of a group, the first that counts a purchase takes it."""

from datetime import date

from odoo.fields import Domain
from odoo.tools import SQL

from .owners import find_branches
from .returns import counted_day


def preceding_table(question, sums, partner_ids) -> SQL:
    """Compose ``preceding``: which programs take whose purchases on which days before the programs
    asked about. Empty where no program comes before another.

    :param question: see :class:`~.question.Question`
    """
    programs = question.programs._preceding_programs()
    if not programs:
        return SQL()
    rows = _preceding_rows(question, programs, sums, set(partner_ids))
    return SQL(
        """
        preceding AS (
            SELECT preceding.program_id, preceding.preceding_id, preceding.buyer_id,
                   preceding.date_from, preceding.date_to,
                   string_to_array(preceding.branch_ids, ',')::int[] AS branch_ids,
                   preceding.place
              FROM unnest(%s::int[], %s::int[], %s::int[], %s::date[], %s::date[], %s::text[],
                          %s::int[])
                   AS preceding(program_id, preceding_id, buyer_id, date_from, date_to,
                                branch_ids, place)
        ),
        """,
        *([list(column) for column in zip(*rows, strict=True)] or [[]] * 7),
    )


def _preceding_rows(question, programs, sums, buyer_ids):
    """List the rows of ``preceding``.

    :param programs: those that take purchases
    """
    # Whoever may see a program must see the figures that the others leave to it.
    agreements_sudo = programs.env["rebate.agreement"].sudo()
    agreements = agreements_sudo.search(
        Domain("program_id", "in", programs.ids) & Domain("state", "in", ("active", "ended"))
    )
    measure = programs.env["rebate.measure"]
    by_program = agreements.grouped("program_id")
    places = {each.name: place for place, each in enumerate(sums)}
    branches, _roots = find_branches(agreements.company_id)
    days = _buyer_days(agreements)
    return [
        (
            number,
            program.id,
            buyer_id,
            max(first, agreement.date_start, program.date_start),
            min(last, agreement.date_end or date.max, program.date_end or date.max),
            branches[agreement.company_id.id],
            places["taken by", program.id, number if number < 0 else None],
        )
        for later in question.programs
        for number in question.numbers_of(later)
        for program in later._preceding_programs()
        # What is made of something else is no purchase of the other.
        if measure._line_model(program) == measure._line_model(later)
        for agreement in by_program.get(program, ())
        for buyer_id in days[agreement.id].keys() & buyer_ids
        for first, last in sorted(set(days[agreement.id][buyer_id]))
    ]


def _buyer_days(agreements):
    """Find on which days whose purchases may be an agreement's.

    :return: by agreement id, by partner id, a list of ``(first day, last day)``
    """
    measure = agreements.env["rebate.measure"]
    owners = measure._owners(agreements, agreements.program_id)
    members, _company_of = measure._members(agreements)
    days = {}
    for agreement_id, partner_id, _below in members:
        days.setdefault(agreement_id, {}).setdefault(partner_id, []).extend(
            owners.open_spans(agreement_id, date.min, date.max)
        )
    for kept in owners.kept:
        spans = days.setdefault(kept.agreement_id, {}).setdefault(kept.buyer_id, [])
        spans.append((kept.first, kept.last))
    return days


def not_taken(late=()) -> SQL:
    """Compose the condition that no program which comes first has taken ``purchase``.

    What is returned stays with the program that had the purchase, even one that does not
    deduct returns.

    :param late: see :class:`~.returns.LateReturn`
    """
    return SQL(
        """
        AND NOT EXISTS (
                SELECT 1
                  FROM preceding JOIN sums ON sums.place = preceding.place
                 WHERE preceding.program_id = requested.counted_as
                   AND preceding.buyer_id = purchase.partner_id
                   AND %(day)s BETWEEN preceding.date_from AND preceding.date_to
                   AND purchase.company_id = ANY(preceding.branch_ids)
                   AND sums.class_id = purchase.class_id
            )
        """,
        day=counted_day(late, SQL("ANY(ARRAY[requested.program_id, preceding.preceding_id])")),
    )
