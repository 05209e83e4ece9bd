"""Questions that have one answer are asked once: most distributors are in several programs, and
those often count the same purchases.
"""

from datetime import date

from .products import Sum
from .purchases import PurchaseKey, Purchases, Window


def counted_as(programs) -> dict[int, int]:
    """Find programs that count the same purchases of a product, whatever they pay.

    :return: by program id, that of the first program which counts as it does
    """
    first = {}
    return {
        program.id: first.setdefault(
            (
                program.company_id,
                program.currency_id,
                program.basis,
                program.basis == "paid" and program.early_discount_counts,
                program.include_refunds,
                program.count_services,
                program.uom_id,
                # What other programs leave to it, they leave to no other.
                program._preceding_programs() and program,
            ),
            program.id,
        )
        for program in programs
    }


def group_windows(question) -> list[list[tuple[Window, int]]]:
    """Group windows that ask for the same purchases of the same buyer: one asks for all.

    :param question: see :class:`~.question.Question`
    :return: in each group, the windows with the number of their program
    """
    days_of = {
        program.id: (program.date_start, program.date_end or date.max)
        for program in question.programs
    }
    # Programs that have late returns count like no other.
    apart = {one.program_id for one in question.late}
    is_particular = question.owners.is_particular if question.owners.is_any else None
    groups = {}
    for window in question.windows:
        agreement_id = window.agreement_id
        program_id, buyer, include_children, start, end, _is_recut = question.enrolments[
            agreement_id
        ]
        # Which companies below the partner count depends on the program too; and what other
        # agreements of its program leave to it, they leave to no other.
        if include_children or (is_particular and is_particular(agreement_id, program_id)):
            buyer = -agreement_id
        first, last = window.date_from, window.last_day
        if not window.is_baseline:
            starts, ends = days_of[program_id]
            first, last = max(first, start, starts), min(last, end or ends, ends)
        if window.scope:
            program_id = question.former[program_id, window.scope]
        counts_as = -program_id if program_id in apart else question.counted_as[program_id]
        groups.setdefault((counts_as, buyer, first, last), []).append((window, program_id))
    return list(groups.values())


def group_sums(sums: list[Sum], numbers: dict[int, int]) -> list[list[Sum]]:
    """Group sums of the same products in programs that count the same: one is made for all.

    :param numbers: see :func:`counted_as`
    """
    groups = {}
    for each in sums:
        products = each.products
        if products is not None:
            products = products.code, repr(products.params)
        # What takes purchases from others is of no program, and found by its name.
        place = numbers.get(each.program_id, each.name), products
        groups.setdefault(place, []).append(each)
    return list(groups.values())


def hand_out(answers: dict[tuple[int, int], Purchases], windows, sums):
    """Give each window its answers.

    :param answers: purchases by the places of groups of windows and of sums
    :param windows: see :func:`group_windows`
    :param sums: see :func:`group_sums`
    :return: as ``rebate.measure._purchases``
    """
    names = [{} for _group in sums]
    for of_program, group in zip(names, sums, strict=True):
        for each in group:
            of_program.setdefault(each.program_id, []).append(each.name)
    found = {}
    for (group, place), purchases in answers.items():
        for window, program_id in windows[group]:
            for name in names[place].get(program_id, ()):
                key = PurchaseKey(window.key, name)
                # of days that are measured by products of their own
                found[key] = found[key].plus(purchases) if key in found else purchases
    return found
