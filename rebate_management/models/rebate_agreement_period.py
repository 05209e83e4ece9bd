"""The periods of an agreement, each with its accrual."""

import logging
from datetime import date
from typing import NamedTuple

from odoo import fields, models

from ..tools.apart import apart
from ..tools.trust import trusted
from .rebate_case import Days
from .rebate_turns import take_turn

_logger = logging.getLogger(__name__)


class PeriodChanges(NamedTuple):
    """How an agreement's accruals differ from the periods that have begun: the periods without an
    accrual, those that moved by accrual, accruals without a period, and accruals that stay as they
    were cut although the calendar changed."""

    begun: list
    moved: dict
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


class RebateAgreement(models.Model):
    _inherit = "rebate.agreement"

    is_recut = fields.Boolean(
        readonly=True,
        copy=False,
        help="Some periods stay as they were cut when they were paid or booked, although the"
        " program's calendar changed since.",
    )

    def _period_on(self, day):
        """Find the period a day lies in, cut by the dates of program and agreement.

        :return: ``(first day, last day)``, or None when the agreement does not run on the day
        """
        self.ensure_one()
        return next(
            (period for period in self._periods(day) if period[0] <= day <= period[1]), None
        )

    def _periods(self, until):
        """List the periods that have begun by a day, cut by the dates of program and agreement.

        :param until: a date
        :return: list of ``(first day, last day)``
        """
        if not self.is_recut:
            return self.program_id._periods(*self._run(), until)
        cells, kept, _accruals = self._cut(until)
        periods = [(accrual.date_from, accrual.date_to) for accrual in kept]
        periods += [(cell.first, cell.last) for cell in cells]
        return sorted(period for period in periods if period[0] <= until)

    def _run(self):
        """The first and the last day on which the agreement runs within its program."""
        self.ensure_one()
        program = self.program_id
        return (
            max(self.date_start, program.date_start),
            min(self.date_end or date.max, program.date_end or date.max),
        )

    def _runs_in(self, window):
        """Tell whether the agreement runs on any day of a window."""
        first, last = self._run()
        return first <= window.date_to and last >= window.date_from

    def _is_replaced(self, window, twins):
        """Tell whether an agreement of the same distributor that comes first has all days of a
        window, and with them what is paid whatever was bought: a lump sum, a guarantee.

        :param twins: see :class:`Twin`
        """
        if not twins:
            return False
        first, last = self._run()
        first, last = max(first, window.date_from), min(last, window.date_to)
        return any(
            twin.first <= first
            and twin.last >= last
            and (twin.includes_children or not self.include_children)
            for twin in twins
        )

    def _days(self, window):
        """Tell which share of its whole period a window is, where the program is pro rata and the
        agreement starts or ends within the period.

        :return: :class:`Days`, or None where nothing is lowered
        """
        self.ensure_one()
        program = self.program_id
        if not program.prorate:
            return None
        first, last = self._whole_of(window)
        begins, ends = self._run()
        begins, ends = max(begins, window.date_from), min(ends, window.date_to)
        if (begins, ends) == (first, last):
            return None
        return Days((ends - begins).days + 1, (last - first).days + 1)

    def _whole_of(self, window):
        """Find the whole period of which a window is a part, cut by the program's dates alone."""
        program = self.program_id
        end = program.date_end or date.max
        if self.is_recut and (kept := self._kept_whole(window)):
            return max(kept[0], program.date_start), min(kept[1], end)
        wholes = program._periods(program.date_start, end, window.date_from)
        return next(whole for whole in wholes if whole[0] <= window.date_from <= whole[1])

    def _kept_whole(self, window):
        """Find the whole period that the accrual of a window was cut from, which need not be one of
        the calendar as it is now.

        :return: ``(first day, last day)``, or None
        """
        # What a period was cut from is no secret of whoever may see the agreement.
        accruals = self.sudo().accrual_ids
        accrual = accruals.filtered(lambda a: a.date_from <= window.date_from <= a.date_to)[:1]
        return (accrual.whole_from, accrual.whole_to) if accrual.whole_from else None

    # ------------------------------------------------------------------
    # An accrual for each period
    # ------------------------------------------------------------------

    def _ensure_accruals(self):
        """Give each agreement one accrual for every period that has begun, no more and no less.

        A period whose dates moved keeps its accrual; one that fell away loses it, unless it was
        paid or is in the books: then the accrual stays, to carry the difference. Where the calendar
        of the program changed, what is paid or in the books stays as it was cut, and the new
        periods take the days that are left.

        A program whose periods cannot be told says so, and stops no other.
        """
        # Periods begin by themselves, whoever looks first; nobody has the right to type accruals.
        agreements = self.sudo().filtered(lambda agreement: agreement.state != "draft")
        for some, _done, error in apart(agreements, lambda a: a._cut_accruals(), is_written=True):
            programs = some.program_id
            if error:
                _logger.warning("The periods of %s cannot be cut", programs, exc_info=error)
            else:
                programs = programs.filtered("period_problem")
            if programs:
                programs._set_period_problem(error)

    def _cut_accruals(self):
        """Bring the accruals in line with the periods that have begun."""
        today = fields.Date.context_today(self)
        changes = {
            agreement: change
            for agreement in self
            if (change := agreement._period_changes(today)) and change.is_any
        }
        changing = self.browse(agreement.id for agreement in changes)
        # Who looks second at the same moment leaves it to the first.
        in_turn = take_turn(changing)
        touched = self.env["rebate.accrual"].union(
            *(change.touched for agreement, change in changes.items() if agreement in in_turn)
        )
        # All of an agreement's periods, or none: they must neither overlap nor leave gaps.
        late = (touched - take_turn(touched)).agreement_id
        in_turn -= late
        changes = {agreement: changes[agreement] for agreement in in_turn}
        for value in (True, False):
            marked = in_turn.filtered(
                lambda agreement, value=value: (
                    agreement.is_recut != value and bool(changes[agreement].kept) == value
                )
            )
            trusted(marked).write({"is_recut": value})
        none = touched.browse()
        trusted(none.union(*(change.obsolete for change in changes.values()))).unlink()
        moved = {
            accrual: cell for change in changes.values() for accrual, cell in change.moved.items()
        }
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
        self.env["rebate.queue"]._append_agreements(changing - in_turn)

    def _period_changes(self, today):
        """Compare the accruals with the periods that have begun.

        :return: :class:`PeriodChanges`
        """
        self.ensure_one()
        cells = self.program_id._cells(*self._run(), today)
        accruals = self.accrual_ids
        if not self.is_recut and len(cells) == len(accruals):
            found = {(a.whole_from, a.whole_to, a.date_from, a.date_to) for a in accruals}
            if found == set(cells):
                return None
        cells, kept, matched = self._cut(today)
        begun = [cell for cell in cells if cell not in matched]
        moved = {
            accrual: cell
            for cell, accrual in matched.items()
            if (accrual.whole_from, accrual.whole_to, accrual.date_from, accrual.date_to) != cell
        }
        spare = accruals - kept - accruals.browse().union(*matched.values())
        obsolete = spare.filtered(lambda accrual: not accrual._stays())
        return PeriodChanges(begun, moved, obsolete, kept, bool(kept) != self.is_recut)

    def _cut(self, until):
        """Cut the periods that have begun by a day, around those that stay as they were cut.

        :return: the periods, the accruals that stay, and the accrual of each period that has one
        """
        self.ensure_one()
        program = self.program_id
        whole_cells = program._cells(*self._run(), until)
        # Whatever their reader may see of them.
        accruals = self.sudo().accrual_ids.sorted("date_from")
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
