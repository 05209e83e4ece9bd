"""The periods of an agreement, each with its accrual: cut by the dates of program and agreement,
and around those that were paid or booked before these dates, or the calendar, changed."""

import logging
from typing import NamedTuple

from odoo import fields, models

from ...tools.apart import apart
from ...tools.locks import lock_available
from ...tools.trust import trusted
from ..program.periods import Cell

_logger = logging.getLogger(__name__)


class PeriodChanges(NamedTuple):
    """How an agreement's accruals differ from the periods that have begun: the periods without an
    accrual, those that moved by accrual, accruals without a period, and accruals that stay as they
    were cut although the calendar changed."""

    begun: list[Cell]
    moved: dict[models.Model, Cell]
    obsolete: models.Model
    kept: models.Model
    is_marked_anew: bool

    @property
    def is_any(self):
        """Tell whether there is anything to do."""
        return bool(self.begun or self.moved or self.obsolete or self.is_marked_anew)

    @property
    def touched(self):
        """The accruals that are to be written or deleted."""
        return self.obsolete.union(*self.moved)


def ensure_accruals(agreements):
    """Give each agreement one accrual for every period that has begun, no more and no less.

    A period whose dates moved keeps its accrual; one that fell away loses it, unless it was
    paid or is in the books: then the accrual stays, to carry the difference. Where the calendar
    of the program changed, what is paid or in the books stays as it was cut, and the new
    periods take the days that are left.

    A program whose periods cannot be told says so, and stops no other.
    """
    # Periods begin by themselves, whoever looks first; nobody has the right to type accruals.
    agreements = agreements.sudo().filtered(lambda agreement: agreement.state != "draft")
    for some, _done, error in apart(agreements, _cut_accruals, is_written=True):
        programs = some.program_id
        if error:
            _logger.warning("The periods of %s cannot be cut", programs, exc_info=error)
        else:
            programs = programs.filtered("period_problem")
        if programs:
            programs._set_period_problem(error)


def _cut_accruals(agreements):
    """Bring the accruals in line with the periods that have begun."""
    today = fields.Date.context_today(agreements)
    changes = {
        agreement: change
        for agreement in agreements
        if (change := _period_changes(agreement, today)) and change.is_any
    }
    changing = agreements.browse(agreement.id for agreement in changes)
    # Who looks second at the same moment leaves it to the first.
    locked = lock_available(changing)
    touched = agreements.env["rebate.accrual"].union(
        *(change.touched for agreement, change in changes.items() if agreement in locked)
    )
    # All of an agreement's periods, or none: they must neither overlap nor leave gaps.
    late = (touched - lock_available(touched)).agreement_id
    locked -= late
    changes = {agreement: changes[agreement] for agreement in locked}
    for value in (True, False):
        marked = locked.filtered(
            lambda agreement, value=value: (
                agreement.is_recut != value and bool(changes[agreement].kept) == value
            )
        )
        trusted(marked).write({"is_recut": value})
    none = touched.browse()
    trusted(none.union(*(change.obsolete for change in changes.values()))).unlink()
    moved = {accrual: cell for change in changes.values() for accrual, cell in change.moved.items()}
    none.union(*moved)._make_way(moved)
    for accrual, cell in moved.items():
        trusted(accrual).write(accrual._prepare_cell_vals(cell))
    trusted(none).create(
        [
            {"agreement_id": agreement.id, **none._prepare_cell_vals(cell)}
            for agreement, change in changes.items()
            for cell in change.begun
        ]
    )
    agreements.env["rebate.queue"]._append_agreements(changing - locked)


def _period_changes(agreement, today):
    """Compare the accruals with the periods that have begun.

    :return: :class:`PeriodChanges`
    """
    cells = agreement.program_id._cells(*agreement._run(), today)
    accruals = agreement.accrual_ids
    if not agreement.is_recut and len(cells) == len(accruals):
        found = {(a.whole_from, a.whole_to, a.date_from, a.date_to) for a in accruals}
        if found == set(cells):
            return None
    cells, kept, matched = cut_periods(agreement, today)
    begun = [cell for cell in cells if cell not in matched]
    moved = {
        accrual: cell
        for cell, accrual in matched.items()
        if (accrual.whole_from, accrual.whole_to, accrual.date_from, accrual.date_to) != cell
    }
    spare = accruals - kept - accruals.browse().union(*matched.values())
    obsolete = spare.filtered(lambda accrual: not accrual._stays())
    return PeriodChanges(begun, moved, obsolete, kept, bool(kept) != agreement.is_recut)


def cut_periods(agreement, until):
    """Cut the periods that have begun by a day, around those that stay as they were cut.

    :return: the periods, the accruals that stay, and the accrual of each period that has one
    """
    program = agreement.program_id
    whole_cells = program._cells(*agreement._run(), until)
    # Whatever their reader may see of them.
    accruals = agreement.sudo().accrual_ids.sorted("date_from")
    settled = accruals.filtered(lambda accrual: accrual._is_cut_for_good())
    kept = settled.filtered(
        lambda accrual: (
            not (
                program._is_whole(accrual.whole_from, accrual.whole_to)
                or accrual._is_within(whole_cells)
            )
        )
    )
    while True:
        cells = [part for cell in whole_cells for part in kept._leave_of(cell)]
        matched = (accruals - kept)._match(cells, settled)
        left = accruals - kept - accruals.browse().union(*matched.values())
        # What cannot go, and has no period of its own, stays where it is.
        staying = left.filtered(
            lambda accrual, cells=cells: (
                accrual._stays()
                and any(
                    cell.first <= accrual.date_to and cell.last >= accrual.date_from
                    for cell in cells
                )
            )
        )
        if not staying:
            return cells, kept, matched
        kept |= staying
