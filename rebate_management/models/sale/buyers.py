"""Which agreements may count what a customer buys."""


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
