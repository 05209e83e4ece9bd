"""What an agreement takes in when it begins: periods that are over, earned at once; and what it
leaves out of what companies below its distributor bought."""

import logging
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from odoo import fields

from ...tools.apart import apart
from ..measure.purchases import Window

_logger = logging.getLogger(__name__)


class Taken(NamedTuple):
    """A period that has begun when an agreement becomes active: its days, whether it is over, what
    was bought and what that earns, in the program's currency."""

    agreement: object
    first: date
    last: date
    is_over: bool
    purchases: Decimal
    earned: Decimal


def taken_in(agreements) -> list[Taken]:
    """Tell what becomes earned as soon as agreements are active, all measured at once. Nothing is
    written.

    :return: their periods up to today; none of a program that cannot be computed, which says so by
        itself
    """
    today = fields.Date.context_today(agreements)
    windows = [
        Window((agreement.id, first), agreement.id, first, last)
        for agreement in agreements
        for first, last in agreement._periods(today)
    ]
    by_agreement = {}
    for window in windows:
        by_agreement.setdefault(window.agreement_id, []).append(window)
    calculation = agreements.env["rebate.calculation"]
    results = {}
    for some, found, error in apart(
        agreements.browse(by_agreement),
        lambda some: calculation._calculate(
            window for agreement in some for window in by_agreement[agreement.id]
        ),
    ):
        if error:
            _logger.info("%s cannot be computed", some.program_id, exc_info=error)
        results |= found or {}
    return [
        Taken(
            agreements.browse(window.agreement_id),
            window.date_from,
            window.date_to,
            window.date_to < today,
            results[window.key].purchases.amount,
            results[window.key].earned,
        )
        for window in windows
        if window.key in results
    ]


def not_counted(agreements) -> dict:
    """Measure what companies below the distributors bought in the running period, or the last one
    that has begun, and is not counted because the agreement leaves them out.

    :return: by agreement, ``((first day, last day), amount)`` in the program's currency; absent
        where there is none
    """
    today = fields.Date.context_today(agreements)
    periods = {
        agreement.id: periods[-1]
        for agreement in agreements
        if agreement.program_id and (periods := agreement._periods(today))
    }
    measure = agreements.env["rebate.measure"]
    amounts = {}
    for _some, found, _error in apart(
        agreements.browse(periods),
        lambda some: measure._purchases_not_counted(
            Window(agreement.id, agreement.id, *periods[agreement.id]) for agreement in some
        ),
    ):
        # Why a program cannot be computed is told by its problem.
        amounts |= found or {}
    return {
        agreements.browse(agreement_id): (periods[agreement_id], amount)
        for agreement_id, amount in amounts.items()
    }
