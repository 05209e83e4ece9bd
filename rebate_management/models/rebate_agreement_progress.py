"""Live progress of an agreement: what the running period has earned as of now, measured from the
invoices each time it is shown and never stored, so that it is never stale."""

import logging

from odoo import api, fields, models

from ..tools.apart import apart
from .rebate_measure import Window
from .rebate_period import format_period

_logger = logging.getLogger(__name__)


class RebateAgreement(models.Model):
    _inherit = "rebate.agreement"

    current_period = fields.Char(string="Period", compute="_compute_current")
    current_date_from = fields.Date(string="Period From", compute="_compute_current")
    current_date_to = fields.Date(string="Period To", compute="_compute_current")
    current_measured_amount = fields.Monetary(string="Purchases", compute="_compute_current")
    current_earned_amount = fields.Monetary(string="Earned To Date", compute="_compute_current")
    current_expected_amount = fields.Monetary(
        string="Expected",
        compute="_compute_current",
        help="Forecast of what the whole period will earn.",
    )
    current_expected_explanation = fields.Char(
        string="How It Is Foreseen", compute="_compute_current"
    )
    current_tier_id = fields.Many2one(
        "rebate.tier", string="Tier Reached", compute="_compute_current"
    )
    current_next_tier_id = fields.Many2one(
        "rebate.tier", string="Next Tier", compute="_compute_current"
    )
    current_to_next_tier = fields.Float(digits=(16, 4), compute="_compute_current")
    current_missing = fields.Char(
        string="To Next Tier",
        compute="_compute_current",
        help="Purchases still needed in this period to reach the next tier.",
    )
    current_next_gain = fields.Monetary(
        string="Worth",
        compute="_compute_current",
        help="What reaching the next tier would add to the rebate of this period.",
    )
    current_progress = fields.Float(
        string="Progress",
        compute="_compute_current",
        digits=(5, 1),
        help="Purchases in percent of the next tier's threshold; 100 when the highest is reached.",
    )
    current_explanation = fields.Text(string="How It Is Computed", compute="_compute_current")
    current_problem = fields.Char(
        string="Problem",
        compute="_compute_current",
        # The distributor is not told the terms of a rule.
        groups="base.group_user",
        help="Why there are no figures of the running period; empty: there is no such problem.",
    )

    @api.depends_context("lang", "uid")
    @api.depends("state", "date_start", "date_end", "include_children", "program_id")
    def _compute_current(self):
        results, problems = self._live_figures()
        for agreement in self:
            period, result = results.get(agreement, (None, None))
            agreement.update(
                agreement._prepare_current_vals(period, result)
                | {"current_problem": problems.get(agreement, False)}
            )

    def _live_results(self):
        """Measure and decide the running period of each agreement, see :meth:`_live_figures`."""
        return self._live_figures()[0]

    def _live_figures(self):
        """Measure and decide the running period of each agreement that has one, all at once; should
        one program fail, each by itself.

        :return: by agreement, ``((first day, last day), Result)``; and by agreement of which there
            is no result, a sentence that says why
        """
        today = fields.Date.context_today(self)
        periods = {
            agreement: period
            for agreement in self.filtered("id")
            if agreement.state == "active"
            and agreement.program_id.state == "active"
            and (period := agreement._period_on(today))
        }
        found, problems = {}, {}
        for agreements, results, error in apart(
            self.browse(agreement.id for agreement in periods),
            lambda some: some._calculate_shown(periods),
        ):
            if error:
                _logger.info("%s cannot be computed", agreements.program_id, exc_info=error)
                problems |= dict.fromkeys(agreements, agreements.program_id._error_message(error))
            else:
                found |= {
                    agreement: (periods[agreement], results[agreement.id])
                    for agreement in agreements
                }
        return found, problems

    def _calculate_shown(self, periods):
        """Decide the running periods, with all that is shown of them.

        :param periods: ``(first day, last day)`` by agreement
        :return: results by agreement id
        """
        results = self.env["rebate.calculation"]._calculate(
            [Window(agreement.id, agreement.id, *periods[agreement]) for agreement in self],
            forecast=True,
        )
        for result in results.values():
            # What a next tier out of range would add is told by no number.
            for rule in result.rules:
                result.gain(rule)
        return results

    def _prepare_current_vals(self, period, result):
        shown = result.nearest if result else None
        if not shown:
            return dict.fromkeys(
                (name for name in self._fields if name.startswith("current_")), False
            )
        threshold = shown.goal if shown.next_tier else 0
        calculation = self.env["rebate.calculation"]
        return {
            "current_period": format_period(self.env, *period),
            "current_date_from": period[0],
            "current_date_to": period[1],
            "current_measured_amount": float(result.purchases.amount),
            "current_earned_amount": float(result.earned),
            "current_expected_amount": float(
                result.earned if result.expected is None else result.expected
            ),
            "current_expected_explanation": calculation._explain_forecast(
                result.forecast, self.currency_id
            ),
            "current_tier_id": shown.tier.id,
            "current_next_tier_id": shown.next_tier.id,
            "current_to_next_tier": float(shown.to_next),
            "current_missing": shown.rule._format_purchases(shown.to_next)
            if shown.next_tier
            else False,
            "current_next_gain": float(result.gain(shown)),
            "current_progress": (
                100 * min(1, max(0, float(shown.outcome.value / threshold)))
                if threshold
                else 100 * bool(shown.tier)
            ),
            "current_explanation": "\n".join(calculation._explain_result(result, self.currency_id)),
        }
