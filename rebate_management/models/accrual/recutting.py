"""The days of accruals: cut from the calendar of their program, and left as they are once they are
paid or in the books."""

from datetime import timedelta

from odoo.tools import SQL

# Farther back than any period, to make way for another.
AWAY = 500_000


def leave_of(accruals, cell):
    """What accruals that stay as they were cut leave of a period.

    :param cell: see :class:`Cell`
    :return: its parts, in order
    """
    parts, first = [], cell.first
    for accrual in accruals.sorted("date_from"):
        if accrual.date_to < first or accrual.date_from > cell.last:
            continue
        if accrual.date_from > first:
            parts.append(cell._replace(first=first, last=accrual.date_from - timedelta(days=1)))
        first = accrual.date_to + timedelta(days=1)
    return [*parts, cell._replace(first=first)] if first <= cell.last else parts


def match(accruals, cells, settled):
    """Find the accrual of each period.

    :param cells: see :class:`Cell`
    :param settled: those of the accruals that are paid or in the books: they keep to what they
        were cut from
    :return: by period, its accrual; periods without one are absent
    """
    matched, spare = {}, accruals
    for is_same_whole in (True, False):
        for accrual in [*(spare & settled), *(spare - settled)]:
            for cell in cells:
                whole = accrual.whole_from or False, accrual.whole_to or False
                is_same = whole == cell[:2] or accrual._is_within([cell])
                if (
                    cell not in matched
                    and accrual.date_from <= cell.last
                    and accrual.date_to >= cell.first
                    and (is_same if is_same_whole else accrual not in settled)
                ):
                    matched[cell] = accrual
                    spare -= accrual
                    break
    return matched


def make_way(accruals, moved):
    """Put accruals aside whose first day another will have, until they have theirs: no two of
    an agreement begin on one day, not even in between.

    :param moved: the period that each will have, see :class:`Cell`
    """
    begins = {(accrual.agreement_id, accrual.date_from): accrual for accrual in accruals}
    in_way = accruals.browse().union(
        *(
            other
            for accrual, cell in moved.items()
            if (other := begins.get((accrual.agreement_id, cell.first))) and other != accrual
        )
    )
    if in_way:
        accruals.flush_model(["date_from"])
        accruals.env.cr.execute(
            SQL(
                "UPDATE rebate_accrual SET date_from = date_from - %s WHERE id = ANY(%s)",
                AWAY,
                in_way.ids,
            )
        )
        in_way.invalidate_recordset(["date_from"], flush=False)
