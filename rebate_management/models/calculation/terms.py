"""By what an agreement is paid in a window, as the engine's exact numbers: the terms of each rule,
the limits of the program, and the share of days where these are pro rata."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from ...engine.limits import guaranteed_so_far
from ...engine.prorate import prorate, prorate_tiers
from ...tools.currencies import smallest_coin
from ..measure.sources import INVOICE_BASES
from .case import QUANTITY_UNIT, Days, Guarantee, Terms


def days_in_period(agreement, window) -> Days | None:
    """Tell which share of its whole period a window is, where the program is pro rata and the
    agreement starts or ends within the period.

    :return: None where nothing is lowered
    """
    if not agreement.program_id.prorate:
        return None
    first, last = agreement._whole_of(window)
    begins, ends = agreement._run()
    begins, ends = max(begins, window.date_from), min(ends, window.date_to)
    if (begins, ends) == (first, last):
        return None
    return Days((ends - begins).days + 1, (last - first).days + 1)


def rule_terms(rule, tiers, days: Days | None) -> Terms:
    """Collect what a rule pays by.

    :param tiers: the rule's tiers, or an agreement's own
    :param days: the share of the period that counts, where the terms are pro rata
    """
    program = rule.program_id
    coin = smallest_coin(rule.currency_id)
    counted = rule._purchase_measure()
    value_in = rule._threshold_measure()
    scale = tiers._to_engine()
    if days and scale:
        scale = prorate_tiers(
            scale,
            *days,
            coin,
            scale_thresholds=not rule._is_in_percent(),
            threshold_unit=coin if counted == "amount" else QUANTITY_UNIT,
        )
    terms = Terms(
        rule=rule,
        tiers=tiers,
        scale=tuple(scale),
        method=program.tier_method,
        value_in=value_in,
        counted=counted,
        qualifier_key=rule._qualifier_key(),
        reward=rule._reward(),
        limited=program.measure,
        max_measure=Decimal(str(rule.max_measure)),
        coin=coin,
        uom=program.uom_id.name or "",
        days=days,
        counts_units=rule._needs_quantity(tiers),
        basis="" if program.basis in INVOICE_BASES else program.basis,
    )
    return replace(terms, max_measure=terms.prorated(terms.max_measure, program.measure))


def program_limits(program, days: Days | None) -> tuple[Decimal, Decimal]:
    """The greatest and the guaranteed rebate of a period, in the program's currency.

    :param days: the share of the period that counts, where the terms are pro rata
    """
    limits = Decimal(str(program.max_payout)), Decimal(str(program.guaranteed_payout))
    if not days:
        return limits
    coin = smallest_coin(program.currency_id)
    return tuple(prorate(value, *days, coin) for value in limits)


def limits_on(
    program, window, day: date, days: Days | None
) -> tuple[tuple[Decimal, Decimal], Guarantee | None]:
    """The limits of a period as they are on a day: a guarantee is owed by the days that have
    passed, so that no payout within the period pays what the whole period is guaranteed.

    :param window: the period
    :param day: no later than its end
    :param days: as for :func:`program_limits`
    :return: as :func:`program_limits`; and the guarantee where the period runs
    """
    greatest, guaranteed = limits = program_limits(program, days)
    if not guaranteed or day >= window.date_to:
        return limits, None
    passed = Days(
        max((day - window.date_from).days + 1, 0), (window.date_to - window.date_from).days + 1
    )
    by_now = guaranteed_so_far(guaranteed, *passed, smallest_coin(program.currency_id))
    return (greatest, by_now), Guarantee(guaranteed, passed)
