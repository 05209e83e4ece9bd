"""What becomes of an accrual's figures and status by the calendar and by what was paid, in one
statement however many there are."""

from odoo import fields
from odoo.tools import SQL


def update_settled(accruals):
    """Take over what posted settlements paid, in one statement: for whoever posts a settlement
    or takes one back. Nothing else changes it, so nothing else writes these rows for it."""
    accruals.flush_model()
    accruals.env["rebate.settlement.line"].flush_model(["accrual_id", "amount", "state"])
    accruals.env.cr.execute(
        SQL(
            """
            UPDATE rebate_accrual accrual
               SET settled_amount = paid.amount,
                   expired_amount = CASE WHEN accrual.expired_on IS NULL THEN 0
                       ELSE GREATEST(accrual.earned_amount - paid.amount, 0) END,
                   open_amount = CASE WHEN accrual.expired_on IS NULL
                       THEN accrual.earned_amount - paid.amount
                       ELSE LEAST(accrual.earned_amount - paid.amount, 0) END
                       - COALESCE(accrual.released_amount, 0)
              FROM (SELECT id, COALESCE((SELECT SUM(line.amount)
                                           FROM rebate_settlement_line line
                                          WHERE line.accrual_id = rebate_accrual.id
                                            AND line.state IN ('posted', 'paid')), 0) AS amount
                      FROM rebate_accrual
                     WHERE id = ANY(%s)) paid
             WHERE accrual.id = paid.id
            """,
            accruals.ids,
        )
    )
    accruals.invalidate_recordset(["settled_amount", "expired_amount", "open_amount"], flush=False)
    accruals.agreement_id.invalidate_recordset(["earned_amount", "settled_amount"], flush=False)
    accruals._update_state()


def state_on(day, open_amount: SQL) -> SQL:
    """Compose the status of ``accrual``.

    :param open_amount: what is still to be paid of it
    """
    return SQL(
        """
        CASE WHEN accrual.expired_on IS NOT NULL THEN 'expired'
             WHEN accrual.date_to >= %s THEN 'open'
             WHEN %s = 0 AND (accrual.settled_amount <> 0
                  OR COALESCE(accrual.released_amount, 0) <> 0) THEN 'settled'
             ELSE 'closed' END
        """,
        day,
        open_amount,
    )


def update_state(accruals):
    """Move on with the calendar and with what was paid."""
    if not accruals:
        return
    accruals.flush_model()
    moved = accruals.env.execute_query(
        SQL(
            """
            UPDATE rebate_accrual accrual
               SET state = new.state
              FROM (SELECT id, %s AS state
                      FROM rebate_accrual accrual
                     WHERE id = ANY(%s)) new
             WHERE accrual.id = new.id AND accrual.state <> new.state
         RETURNING accrual.id
            """,
            state_on(fields.Date.context_today(accruals), SQL("accrual.open_amount")),
            accruals.ids,
        )
    )
    accruals.browse(accrual_id for (accrual_id,) in moved).invalidate_recordset(
        ["state"], flush=False
    )
