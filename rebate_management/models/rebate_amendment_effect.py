"""What an amendment does to each period: tried out and taken back for the preview, for good when
it is applied."""

from contextlib import closing
from datetime import date
from typing import NamedTuple

from odoo import api, fields, models

from ..tools.apart import apart
from ..tools.trust import trusted
from .rebate_turns import require_turn


class Standing(NamedTuple):
    """How a period stands: its days, and what is settled and earned, in its program's currency."""

    program_id: int
    currency_id: int
    partner_id: int
    date_from: date
    date_to: date
    state: str
    settled: float
    earned: float
    is_kept: bool


class RebateAmendment(models.Model):
    _inherit = "rebate.amendment"

    earned_before = fields.Monetary(compute="_compute_totals")
    earned_after = fields.Monetary(compute="_compute_totals")
    difference = fields.Monetary(
        compute="_compute_totals", help="What the amendment adds to the rebates of the program."
    )
    settled_amount = fields.Monetary(string="Settled", compute="_compute_totals")
    open_amount = fields.Monetary(
        string="To Settle",
        compute="_compute_totals",
        help="What is left to be paid by the new terms; negative: to be made up by later rebates.",
    )

    @api.depends("line_ids.earned_before", "line_ids.earned_after", "line_ids.settled_amount")
    def _compute_totals(self):
        totals = {
            (amendment, program): sums
            for amendment, program, *sums in self.env["rebate.amendment.line"]._read_group(
                [("amendment_id", "in", self.ids)],
                ["amendment_id", "program_id"],
                ["earned_before:sum", "earned_after:sum", "settled_amount:sum"],
            )
        }
        for amendment in self:
            # Of other programs, which may be in other currencies, the lines tell.
            before, after, settled = totals.get((amendment, amendment.program_id), (0, 0, 0))
            amendment.earned_before, amendment.earned_after = before, after
            amendment.difference = after - before
            amendment.settled_amount, amendment.open_amount = settled, after - settled

    def _simulate(self):
        """Compute how periods stand before and after, and take back all that this had to write.

        :return: two dictionaries of :class:`Standing` by accrual id
        """
        self.ensure_one()
        # Closing a savepoint rolls it back.
        with closing(self.env.cr.savepoint()):
            before = self._standings(self._accruals())
            self._take_terms()
            return before, self._standings(self._accruals())

    def _take_effect(self):
        """Put the terms into force, and bring the accruals up to date by them.

        :return: as :meth:`_simulate`
        """
        self.ensure_one()
        accruals = self._accruals()
        before = self._standings(accruals)
        self._take_terms()
        # A program that shared purchases with this one may have them alone now.
        accruals = self._accruals() | accruals.exists()
        # None is left to the queue: what it becomes is recorded here.
        require_turn(accruals.sudo())
        accruals.refresh()
        return before, self._standings(accruals, is_computed=True)

    def _take_terms(self):
        program = self.program_id
        program._take_terms(self.draft_id)
        for agreement in program.agreement_ids:
            if agreement.tier_ids and agreement.state != "ended":
                for rule in program.rule_ids:
                    program._check_unit(rule, agreement._tiers(rule))

    def _accruals(self):
        """Every period whose rebate may depend on the program's terms, up to today."""
        agreements = self.program_id._entangled().agreement_ids
        agreements._ensure_accruals()
        return agreements.accrual_ids

    def _standings(self, accruals, is_computed=False):
        """Tell how periods stand by the terms now in force.

        :param is_computed: whether the accruals are up to date; if not they are computed aside
        :return: by accrual id, :class:`Standing`
        """
        results = {}
        if not is_computed:
            for _accruals, found, error in apart(
                accruals,
                lambda some: self.env["rebate.calculation"]._calculate(some._windows()),
            ):
                # Of a program that cannot be computed there is none: its figures are kept.
                results |= found if not error else {}
        standings = {}
        for accrual in accruals:
            earned = accrual.earned_amount
            is_kept = bool(accrual.problem) or not is_computed
            if result := results.get(accrual.id):
                # As a refresh does: what cannot be computed keeps its figures.
                is_kept = bool(result.unconverted or result.unmeasured)
                earned = earned if is_kept else float(result.earned)
            standings[accrual.id] = Standing(
                accrual.program_id.id,
                accrual.currency_id.id,
                accrual.partner_id.id,
                accrual.date_from,
                accrual.date_to,
                accrual.state,
                accrual.settled_amount,
                earned,
                is_kept,
            )
        return standings

    def _record_effects(self, before, after):
        """Replace the effects on record: every period of the program, and of others those whose
        rebate changes.

        :param before: by accrual id, :class:`Standing` by the old terms
        :param after: the same by the new terms
        """
        # Effects are computed: nobody has the right to type them.
        lines = trusted(self.sudo().line_ids)
        lines.unlink()
        accruals = self.env["rebate.accrual"].browse(before | after).exists()
        lines.create(
            [
                self._prepare_line_vals(before.get(accrual_id), after.get(accrual_id))
                | {"accrual_id": accrual_id if accrual_id in accruals._ids else False}
                for accrual_id in before | after
                if self._is_affected(before.get(accrual_id), after.get(accrual_id))
            ]
        )

    def _is_affected(self, was, will):
        here = (was or will).program_id == self.program_id.id
        return here or (was and was.earned) != (will and will.earned)

    def _prepare_line_vals(self, was, will):
        standing = will or was
        return {
            "amendment_id": self.id,
            "company_id": self.company_id.id,
            "program_id": standing.program_id,
            "currency_id": standing.currency_id,
            "partner_id": standing.partner_id,
            "date_from": standing.date_from,
            "date_to": standing.date_to,
            "accrual_state": was and was.state,
            "earned_before": was.earned if was else 0,
            "earned_after": will.earned if will else 0,
            "settled_amount": standing.settled,
            "is_kept": bool(will and will.is_kept),
        }
