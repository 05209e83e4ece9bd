"""The days of an accrual: cut from the calendar of its program, and left as they are once they are
paid or in the books."""

from datetime import timedelta

from odoo import models
from odoo.tools import SQL

# Farther back than any period, to make way for another.
AWAY = 500_000


class RebateAccrual(models.Model):
    _inherit = "rebate.accrual"

    def _is_cut_for_good(self):
        """Tell whether the period is paid, proposed to be, or in the books."""
        self.ensure_one()
        return bool(self.move_line_ids) or any(
            line.state not in ("rejected", "cancelled") for line in self.settlement_line_ids
        )

    def _stays(self):
        """Tell whether anything refers to the accrual, so that it cannot be deleted."""
        self.ensure_one()
        return bool(self.settlement_line_ids or self.move_line_ids)

    def _is_within(self, cells):
        """Tell whether the accrual, of which it is not known what it was cut from, lies within one
        of some periods."""
        self.ensure_one()
        return not self.whole_from and any(
            cell.whole_from and cell.whole_from <= self.date_from and self.date_to <= cell.whole_to
            for cell in cells
        )

    def _leave_of(self, cell):
        """What accruals that stay as they were cut leave of a period.

        :param cell: see :class:`Cell`
        :return: its parts, in order
        """
        parts, first = [], cell.first
        for accrual in self.sorted("date_from"):
            if accrual.date_to < first or accrual.date_from > cell.last:
                continue
            if accrual.date_from > first:
                parts.append(cell._replace(first=first, last=accrual.date_from - timedelta(days=1)))
            first = accrual.date_to + timedelta(days=1)
        return [*parts, cell._replace(first=first)] if first <= cell.last else parts

    def _match(self, cells, settled):
        """Find the accrual of each period.

        :param cells: see :class:`Cell`
        :param settled: those of the accruals that are paid or in the books: they keep to what they
            were cut from
        :return: by period, its accrual; periods without one are absent
        """
        matched, spare = {}, self
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

    def _prepare_cell_vals(self, cell):
        """Values that cut an accrual.

        :param cell: see :class:`Cell`
        """
        return {
            "date_from": cell.first,
            "date_to": cell.last,
            "whole_from": cell.whole_from,
            "whole_to": cell.whole_to,
        }

    def _make_way(self, moved):
        """Put accruals aside whose first day another will have, until they have theirs: no two of
        an agreement begin on one day, not even in between.

        :param moved: the period that each will have, see :class:`Cell`
        """
        begins = {(accrual.agreement_id, accrual.date_from): accrual for accrual in self}
        in_way = self.browse().union(
            *(
                other
                for accrual, cell in moved.items()
                if (other := begins.get((accrual.agreement_id, cell.first))) and other != accrual
            )
        )
        if in_way:
            self.flush_model(["date_from"])
            self.env.cr.execute(
                SQL(
                    "UPDATE rebate_accrual SET date_from = date_from - %s WHERE id = ANY(%s)",
                    AWAY,
                    in_way.ids,
                )
            )
            in_way.invalidate_recordset(["date_from"], flush=False)
