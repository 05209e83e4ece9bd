"""Which agreements may count what a customer buys, and in which of their periods."""

import logging

from ...tools.apart import apart

_logger = logging.getLogger(__name__)


def periods_on(agreements, day):
    """Find the period of each agreement that a day lies in; should that of a program not be told,
    each by itself.

    :return: ``(first day, last day)`` by agreement; and by agreement without one for this reason a
        sentence that says why
    """
    periods, problems = {}, {}
    for some, found, error in apart(
        agreements, lambda some: {agreement: agreement._period_on(day) for agreement in some}
    ):
        if error:
            _logger.info("%s cannot be computed", some.program_id, exc_info=error)
            problems |= dict.fromkeys(some, some.program_id._error_message(error))
        else:
            periods |= {agreement: period for agreement, period in found.items() if period}
    return periods, problems


def companies_above(partner) -> list[int]:
    """The ids of a customer's company and of those above it, the nearest first."""
    # Whose company a customer belongs to is no secret to whoever sells to it.
    company = partner.commercial_partner_id._origin.sudo()
    found = []
    while company and company.id not in found:
        found.append(company.id)
        company = company.parent_id.commercial_partner_id
    return found


def may_count(agreement, companies) -> bool:
    """Tell whether an agreement may count what a customer buys.

    :param companies: see :func:`companies_above`
    """
    partner_id = agreement.partner_id.id
    return partner_id == companies[0] or (agreement.include_children and partner_id in companies)
