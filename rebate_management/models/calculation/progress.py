"""Live progress: what the running period of an agreement has earned as of now, measured from the
invoices each time it is shown and never stored, so that it is never stale."""

import logging

from odoo import fields

from ...tools.apart import apart
from ...tools.formats import format_period
from ..measure.purchases import Window

_logger = logging.getLogger(__name__)


def live_figures(agreements):
    """Measure and decide the running period of each agreement that has one, all at once; should one
    program fail, each by itself.

    :return: by agreement, ``((first day, last day), Result)``; and by agreement of which there is
        no result, a sentence that says why
    """
    today = fields.Date.context_today(agreements)
    periods = {
        agreement: period
        for agreement in agreements.filtered("id")
        if agreement.state == "active"
        and agreement.program_id.state == "active"
        and (period := agreement._period_on(today))
    }
    found, problems = {}, {}
    for some, results, error in apart(
        agreements.browse(agreement.id for agreement in periods),
        lambda some: _calculate(some, periods),
    ):
        if error:
            _logger.info("%s cannot be computed", some.program_id, exc_info=error)
            problems |= dict.fromkeys(some, some.program_id._error_message(error))
        else:
            found |= {agreement: (periods[agreement], results[agreement.id]) for agreement in some}
    return found, problems


def prepare_current_vals(agreement, period, result) -> dict:
    """Values of an agreement's fields ``current_…``.

    :param period: ``(first day, last day)`` of the running period, or None
    :param result: what was decided for it, see :class:`Result`, or None
    """
    shown = result.nearest if result else None
    if not shown:
        return dict.fromkeys(
            (name for name in agreement._fields if name.startswith("current_")), False
        )
    threshold = shown.goal if shown.next_tier else 0
    calculation = agreement.env["rebate.calculation"]
    currency = agreement.currency_id
    return {
        "current_period": format_period(agreement.env, *period),
        "current_date_from": period[0],
        "current_date_to": period[1],
        "current_measured_amount": float(result.purchases.amount),
        "current_earned_amount": float(result.earned),
        "current_expected_amount": float(
            result.earned if result.expected is None else result.expected
        ),
        "current_expected_explanation": calculation._explain_forecast(result.forecast, currency),
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
        "current_explanation": "\n".join(calculation._explain_result(result, currency)),
    }


def _calculate(agreements, periods):
    """Decide the running periods, with all that is shown of them.

    :param periods: ``(first day, last day)`` by agreement
    :return: results by agreement id
    """
    results = agreements.env["rebate.calculation"]._calculate(
        [Window(agreement.id, agreement.id, *periods[agreement]) for agreement in agreements],
        forecast=True,
    )
    for result in results.values():
        # What a next tier out of range would add is told by no number.
        for rule in result.rules:
            result.gain(rule)
    return results
