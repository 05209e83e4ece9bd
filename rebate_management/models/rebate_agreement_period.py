"""The periods of an agreement, each with its accrual."""

from datetime import date

from odoo import fields, models

from .rebate_case import Days


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
        self.ensure_one()
        first = max(self.date_start, self.program_id.date_start)
        last = min(self.date_end or date.max, self.program_id.date_end or date.max)
        return self.program_id._periods(first, last, until)

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
        paid: then the accrual stays, to carry the difference.
        """
        today = fields.Date.context_today(self)
        vals_list = []
        # Periods begin by themselves, whoever looks first; nobody has the right to type accruals.
        agreements = self.sudo().filtered(lambda agreement: agreement.state != "draft")
        obsolete = agreements.env["rebate.accrual"]
        for agreement in agreements:
            spare = agreement.accrual_ids
            for first, last in agreement._periods(today):
                accrual = spare.filtered(
                    lambda accrual, first=first, last=last: (
                        accrual.date_from <= last and accrual.date_to >= first
                    )
                )[:1]
                if not accrual:
                    vals_list.append(agreement._prepare_accrual_vals(first, last))
                elif (accrual.date_from, accrual.date_to) != (first, last):
                    accrual.write({"date_from": first, "date_to": last})
                spare -= accrual
            obsolete += spare.filtered(lambda accrual: not accrual.settlement_line_ids)
        obsolete.unlink()
        agreements.env["rebate.accrual"].create(vals_list)

    def _prepare_accrual_vals(self, date_from, date_to):
        self.ensure_one()
        return {"agreement_id": self.id, "date_from": date_from, "date_to": date_to}
