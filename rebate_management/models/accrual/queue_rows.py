"""What rows of the queue are about: the days on which an invoice, a return or a payment counts, and
the agreements of the buyer and of the companies above."""

from datetime import date
from typing import NamedTuple

from odoo.tools import SQL


class QueueRow(NamedTuple):
    """A row of the queue: an agreement that was changed itself, or a purchase or a payment of a
    buyer on a day; without a day, every period. Ids of records that may be gone by now."""

    agreement_id: int | None
    partner_id: int | None
    company_id: int | None
    date: date | None
    is_payment: bool


def purchase_days(move):
    """Tell on which days counted what a document takes back, off which it comes where it is late,
    see ``rebate.measure._late_returns``; and those of what takes the document back."""
    days = set()
    # Whoever issues a return need not be allowed to read the payments of the purchase.
    move = move.sudo()
    days.update(move.reversal_move_ids.filtered("invoice_date").mapped("invoice_date"))
    origin = move.reversed_entry_id
    while origin:
        lines = origin.line_ids
        partials = lines.matched_debit_ids | lines.matched_credit_ids
        days |= {origin.invoice_date, *partials.mapped("max_date")}
        origin = origin.reversed_entry_id
    return days


def touched_agreements(env, rows):
    """Find the agreements that rows of the queue are about: those named, and those of the buyers
    and of the companies above them that include their subsidiaries.

    :param rows: of :class:`QueueRow`
    :return: the dates touched, by agreement id; the date None stands for every period
    """
    touched, purchases = {}, set()
    for row in map(QueueRow._make, rows):
        if row.agreement_id:
            touched.setdefault(row.agreement_id, set()).add(row.date)
        else:
            purchases.add(row)
    if purchases:
        for agreement_id, day in _buyers_agreements(env, purchases):
            touched.setdefault(agreement_id, set()).add(day)
    return touched


def _buyers_agreements(env, purchases):
    """Find whose purchases these are, or were when they were paid for, in one statement: up the
    companies above the buyers, and by the index of settled buyers.

    :param purchases: of :class:`QueueRow`
    :return: a list of ``(agreement id, date)``
    """
    env["rebate.agreement"].flush_model()
    env["rebate.program"].flush_model(["basis"])
    env["res.partner"].flush_model(["parent_id"])
    return env.execute_query(
        SQL(
            """
            WITH RECURSIVE purchase AS (
                SELECT * FROM unnest(%s::int[], %s::int[], %s::date[], %s::bool[])
                           AS purchase(partner_id, company_id, date, is_payment)
            ),
            above AS (
                SELECT partner.id AS buyer_id, partner.id AS partner_id, partner.parent_id
                  FROM res_partner partner
                 WHERE partner.id IN (SELECT partner_id FROM purchase)
             UNION ALL
                SELECT above.buyer_id, parent.id, parent.parent_id
                  FROM above JOIN res_partner parent ON parent.id = above.parent_id
            )
            SELECT DISTINCT agreement.id, purchase.date
              FROM purchase
              JOIN (SELECT above.buyer_id, agreement.id
                      FROM above
                      JOIN rebate_agreement agreement
                        ON agreement.partner_id = above.partner_id
                       AND (above.partner_id = above.buyer_id OR agreement.include_children)
                 UNION ALL
                    -- those that were paid for it while it stood below them
                    SELECT buyer.partner_id, accrual.agreement_id
                      FROM rebate_settlement_buyer buyer
                      JOIN rebate_settlement_line line ON line.id = buyer.settlement_line_id
                      JOIN rebate_accrual accrual ON accrual.id = line.accrual_id
                     WHERE buyer.partner_id IN (SELECT partner_id FROM purchase)
                       AND buyer.path IS NOT NULL
                   ) theirs ON theirs.buyer_id = purchase.partner_id
              JOIN rebate_agreement agreement
                ON agreement.id = theirs.id AND agreement.state IN ('active', 'ended')
              JOIN rebate_program program
                ON program.id = agreement.program_id
               AND (program.basis = 'paid' OR NOT purchase.is_payment)
              JOIN res_company branch ON branch.id = purchase.company_id
              JOIN res_company company
                ON company.id = agreement.company_id
               AND branch.parent_path LIKE company.parent_path || '%%'
            """,
            [row.partner_id for row in purchases],
            [row.company_id for row in purchases],
            [row.date for row in purchases],
            [row.is_payment for row in purchases],
        )
    )
