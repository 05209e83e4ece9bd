"""Bringing accruals up to date: measured and decided all at once, and only what changed stored."""

from decimal import Decimal

from odoo import api, fields, models

from ..engine.rounding import round_half_up
from .rebate_accrual_line import write_changes
from .rebate_turns import take_turn


class RebateAccrual(models.Model):
    _inherit = "rebate.accrual"

    def refresh(self):
        """Compute what was bought and earned from the invoices posted so far, all accruals in
        one measurement, and store what changed.

        An accrual that cannot be computed keeps its figures and says why in ``problem``. What
        another transaction computes at the moment is queued, to be computed after both.
        """
        self.check_access("read")
        # These figures are computed, never typed: no one but this method may write them.
        accruals = self.sudo().exists()
        in_turn = take_turn(accruals, computed_at=fields.Datetime.now())
        in_turn._refresh_apart()
        in_turn.program_id._update_problem()
        self.env["rebate.queue"]._append_agreements((accruals - in_turn).agreement_id)

    def _refresh(self):
        """Measure, decide and store."""
        results = self.env["rebate.calculation"]._calculate(self._windows(), forecast=True)
        new_lines = []
        obsolete_lines = self.line_ids
        for accrual in self:
            result = results[accrual.id]
            obsolete_lines -= accrual.line_ids.filtered(
                lambda line, rules=[rule.rule for rule in result.rules]: line.rule_id in rules
            )
            if problem := accrual._find_problem(result):
                write_changes(accrual, {"problem": problem})
                continue
            write_changes(accrual, accrual._prepare_result_vals(result))
            lines = {line.rule_id: line for line in accrual.line_ids}
            for rule_result in result.rules:
                vals = accrual._prepare_line_vals(rule_result)
                if rule_result.rule in lines:
                    write_changes(lines[rule_result.rule], vals)
                else:
                    new_lines.append(vals)
        obsolete_lines.unlink()
        self.env["rebate.accrual.line"].create(new_lines)
        self._update_state()

    @api.model
    def _cron_refresh(self):
        """Once a day: begin new periods, close old ones, and compute every running accrual anew."""
        agreements = self.env["rebate.agreement"].search(
            [("state", "=", "active"), ("program_id.state", "=", "active")]
        )
        agreements._ensure_accruals()
        accruals = self.search(["|", ("state", "!=", "settled"), ("problem", "!=", False)])
        remaining = len(accruals)
        self.env["ir.cron"]._commit_progress(remaining=remaining)
        for batch in range(0, remaining, 1000):
            chunk = accruals[batch : batch + 1000]
            chunk.refresh()
            if not self.env["ir.cron"]._commit_progress(len(chunk)):
                return
        # Of which nothing is left to be refreshed.
        programs = self.env["rebate.program"].with_context(active_test=False)
        programs.search([("problem", "!=", False)])._update_problem()

    def _update_state(self):
        """Move on with the calendar and with what was paid."""
        today = fields.Date.context_today(self)
        for accrual in self:
            if accrual.date_to >= today:
                state = "open"
            elif accrual.settled_amount and accrual.currency_id.is_zero(accrual.open_amount):
                state = "settled"
            else:
                state = "closed"
            if accrual.state != state:
                accrual.state = state

    def _prepare_result_vals(self, result):
        nearest = result.nearest
        return {
            "measured_amount": float(round_half_up(result.purchases.amount, self._unit())),
            "measured_quantity": float(round(result.purchases.quantity, 4)),
            "earned_amount": float(result.earned),
            "next_tier_id": nearest.next_tier.id if nearest else False,
            "to_next_tier": float(round(nearest.to_next, 4)) if nearest else 0,
            "expected_amount": float(result.earned if result.expected is None else result.expected),
            "facts": self.env["rebate.calculation"]._period_facts(result),
            "problem": False,
        }

    def _prepare_line_vals(self, rule_result):
        return {
            "accrual_id": self.id,
            "rule_id": rule_result.rule.id,
            "qualifying_value": float(round(rule_result.outcome.value, 4)),
            "measured_quantity": float(round(rule_result.purchases.quantity, 4)),
            "measured_amount": float(round_half_up(rule_result.purchases.amount, self._unit())),
            "tier_id": rule_result.tier.id,
            "rate": rule_result.tier.rate,
            "earned_amount": float(rule_result.earned),
            "facts": self.env["rebate.calculation"]._facts(rule_result),
        }

    def _unit(self):
        """The smallest coin of the program's currency."""
        return Decimal(str(self.currency_id.rounding))
