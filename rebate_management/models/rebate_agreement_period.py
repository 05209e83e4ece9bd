"""The periods of an agreement, each with its accrual."""

from datetime import date

from odoo import fields, models

from ..tools.trust import trusted
from .rebate_case import Days
from .rebate_turns import take_turn


class RebateAgreement(models.Model):
    _inherit = "rebate.agreement"

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
        return self.program_id._periods(*self._run(), until)

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

    def _days(self, window):
        """Tell which share of its whole period a window is, where the program is pro rata and the
        agreement starts or ends within the period.

        :return: :class:`Days`, or None where nothing is lowered
        """
        self.ensure_one()
        program = self.program_id
        if not program.prorate:
            return None
        end = program.date_end or date.max
        wholes = program._periods(program.date_start, end, window.date_from)
        first, last = next(whole for whole in wholes if whole[0] <= window.date_from <= whole[1])
        if (window.date_from, window.date_to) == (first, last):
            return None
        return Days((window.date_to - window.date_from).days + 1, (last - first).days + 1)

    def _ensure_accruals(self):
        """Give each agreement one accrual for every period that has begun, no more and no less.

        A period whose dates moved keeps its accrual; one that fell away loses it, unless it was
        paid or is in the books: then the accrual stays, to carry the difference.
        """
        today = fields.Date.context_today(self)
        # Periods begin by themselves, whoever looks first; nobody has the right to type accruals.
        agreements = self.sudo().filtered(lambda agreement: agreement.state != "draft")
        changes = {
            agreement: change
            for agreement in agreements
            if any(change := agreement._period_changes(today))
        }
        changing = agreements.browse(agreement.id for agreement in changes)
        # Who looks second at the same moment leaves it to the first.
        in_turn = take_turn(changing)
        vals_list = []
        moved = {}
        obsolete = agreements.env["rebate.accrual"]
        for agreement in in_turn:
            begun, agreement_moved, agreement_obsolete = changes[agreement]
            vals_list += [agreement._prepare_accrual_vals(*period) for period in begun]
            moved |= agreement_moved
            obsolete += agreement_obsolete
        accruals = obsolete.union(*moved)
        free = take_turn(accruals)
        for accrual in free - obsolete:
            first, last = moved[accrual]
            trusted(accrual).write({"date_from": first, "date_to": last})
        trusted(free & obsolete).unlink()
        trusted(agreements.env["rebate.accrual"]).create(vals_list)
        self.env["rebate.queue"]._append_agreements(
            (changing - in_turn) | (accruals - free).agreement_id
        )

    def _period_changes(self, today):
        """Compare the accruals with the periods that have begun.

        :return: the periods without an accrual; those that moved, by accrual; the accruals without
            a period that are neither paid nor in the books
        """
        self.ensure_one()
        begun = []
        moved = {}
        spare = self.accrual_ids
        for first, last in self._periods(today):
            accrual = spare.filtered(
                lambda accrual, first=first, last=last: (
                    accrual.date_from <= last and accrual.date_to >= first
                )
            )[:1]
            if not accrual:
                begun.append((first, last))
            elif (accrual.date_from, accrual.date_to) != (first, last):
                moved[accrual] = (first, last)
            spare -= accrual
        spare = spare.filtered(
            lambda accrual: not (accrual.settlement_line_ids or accrual.move_line_ids)
        )
        return begun, moved, spare

    def _prepare_accrual_vals(self, date_from, date_to):
        self.ensure_one()
        return {"agreement_id": self.id, "date_from": date_from, "date_to": date_to}
