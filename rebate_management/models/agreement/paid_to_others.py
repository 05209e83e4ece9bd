"""Who is paid for which days: none is paid for days that somebody else was paid for."""

from odoo.exceptions import UserError
from odoo.tools import SQL, format_date


def check_paid_to_others(agreements):
    """Refuse days whose purchases were paid for already to somebody else: what is overpaid is
    made up by what the same payee is owed, and by nobody else.

    :raise UserError: when another agreement of the program was paid for them
    """
    if not agreements:
        return
    for model in ("agreement", "accrual", "settlement", "settlement.line"):
        agreements.env[f"rebate.{model}"].flush_model()
    rows = agreements.env.execute_query(
        SQL(
            """
            SELECT DISTINCT ON (mine.id) mine.id, settlement.id, paid.until
              FROM rebate_agreement mine
              JOIN (SELECT accrual.agreement_id, accrual.program_id,
                           buyer.partner_id AS buyer_id, accrual.date_from,
                           COALESCE(line.date_until, accrual.date_to) AS until,
                           line.settlement_id
                      FROM rebate_settlement_line line
                      JOIN rebate_accrual accrual ON accrual.id = line.accrual_id
                      JOIN (SELECT settlement_line_id, partner_id
                              FROM rebate_settlement_buyer
                             WHERE path IS NOT NULL
                         UNION ALL
                            SELECT line.id, accrual.partner_id
                              FROM rebate_settlement_line line
                              JOIN rebate_accrual accrual ON accrual.id = line.accrual_id
                           ) buyer ON buyer.settlement_line_id = line.id
                     WHERE line.state NOT IN ('rejected', 'cancelled')
                   ) paid
                ON paid.program_id = mine.program_id
               AND paid.buyer_id = mine.partner_id
               AND paid.agreement_id <> mine.id
               AND paid.until >= mine.date_start
               AND (mine.date_end IS NULL OR paid.date_from <= mine.date_end)
              JOIN rebate_settlement settlement ON settlement.id = paid.settlement_id
             WHERE mine.id = ANY(%s)
               AND settlement.partner_id <> COALESCE(mine.payout_partner_id, mine.partner_id)
          ORDER BY mine.id, paid.until DESC
            """,
            agreements.ids,
        )
    )
    for agreement_id, settlement_id, until in rows:
        agreement = agreements.browse(agreement_id)
        # Who enrols is told who was paid, also where he may not open the settlement.
        settlement = agreements.env["rebate.settlement"].sudo().browse(settlement_id)
        raise UserError(
            agreements.env._(
                "Purchases of %(partner)s in program “%(program)s” were paid for up to"
                " %(until)s by settlement %(settlement)s, to %(payee)s. Let the agreement start"
                " after that day, pay it to %(payee)s too, or cancel that settlement first.",
                partner=agreement.partner_id.display_name,
                program=agreement.program_id.display_name,
                until=format_date(agreements.env, until),
                settlement=settlement.name,
                payee=settlement.partner_id.display_name,
            )
        )
