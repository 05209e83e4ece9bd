"""What the companies below distributors bought that their agreements do not count."""

from decimal import Decimal

from odoo.tools import SQL

from .enrolments import agreements_of, read_enrolments
from .purchases import NOTHING, PurchaseKey


def find_with_subsidiaries(partners):
    """Find those customers that have companies below them, whatever contacts are between."""
    if not partners.ids:
        return partners.browse()
    partners.flush_model(["parent_id", "is_company", "commercial_partner_id"])
    rows = partners.env.execute_query(
        SQL(
            """
            WITH RECURSIVE below(root_id, id) AS (
                SELECT parent_id, id FROM res_partner WHERE parent_id = ANY(%s)
             UNION
                SELECT below.root_id, child.id
                  FROM below JOIN res_partner child ON child.parent_id = below.id
            )
            SELECT DISTINCT below.root_id
              FROM below JOIN res_partner partner ON partner.id = below.id
             WHERE partner.commercial_partner_id = partner.id
            """,
            partners.ids,
        )
    )
    return partners.browse(root_id for (root_id,) in rows)


def purchases_not_counted(env, windows) -> dict[object, Decimal]:
    """Measure what subsidiaries bought that windows would count if their agreements included
    these, and do not: by the rules of the program, without what nearer agreements have.

    :param windows: agreements and dates; keys must be unique
    :return: the amount in the program's currency by key of the windows; absent where there is none
    """
    windows = list(windows)
    enrolments = read_enrolments(agreements_of(env, windows))
    partners = env["res.partner"].browse({one.partner_id for one in enrolments.values()})
    with_others = set(find_with_subsidiaries(partners)._ids)
    enrolments = {
        agreement_id: one
        for agreement_id, one in enrolments.items()
        if one.partner_id in with_others and not one.include_children
    }
    windows = [window for window in windows if window.agreement_id in enrolments]
    if not windows:
        return {}
    measure = env["rebate.measure"]
    inclusive = {
        agreement_id: one._replace(include_children=True)
        for agreement_id, one in enrolments.items()
    }
    own = measure._answer(measure._question(windows, enrolments))
    whole = measure._answer(measure._question(windows, inclusive))
    amounts = {}
    for window in windows:
        key = PurchaseKey(window.key)
        amount = whole.get(key, NOTHING).amount - own.get(key, NOTHING).amount
        if amount:
            amounts[window.key] = amount
    return amounts
