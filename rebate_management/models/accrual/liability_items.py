"""What stands on the liability accounts: the posted journal items, each with the program and
distributor it is of."""

from typing import NamedTuple

from odoo.tools import SQL


class Key(NamedTuple):
    """What a row of the reconciliation is of; None where items are of no one program or partner."""

    company_id: int | None
    account_id: int | None
    program_id: int | None
    partner_id: int | None
    currency_id: int | None


def liability_items(day=None) -> SQL:
    """Compose the posted items of all liability accounts, each with the program and partner it
    is of. An item of no accrual is of the program whose account it is on, where that account
    serves one program only, and otherwise of none. Scans the liability accounts' items.

    :param day: leave out what is dated later
    """
    return SQL(
        """
        WITH used AS (
            SELECT company_id, liability_account_id AS account_id, id AS program_id
              FROM rebate_program
             WHERE liability_account_id IS NOT NULL AND amends_id IS NULL
         UNION
            SELECT accrual.company_id, line.account_id, accrual.program_id
              FROM account_move_line line
              JOIN rebate_accrual accrual ON accrual.id = line.rebate_accrual_id
        ),
        liability AS (
            SELECT company_id, account_id,
                   CASE WHEN COUNT(program_id) = 1 THEN MIN(program_id) END AS program_id
              FROM used
          GROUP BY company_id, account_id
        ),
        item AS (
            SELECT line.id, line.rebate_accrual_id, line.company_id, line.account_id,
                   line.currency_id,
                   COALESCE(accrual.program_id, liability.program_id) AS program_id,
                   COALESCE(accrual.partner_id, partner.commercial_partner_id) AS partner_id,
                   -line.amount_currency AS amount,
                   -line.balance AS value
              FROM liability
              JOIN account_move_line line
                ON line.account_id = liability.account_id
               AND line.company_id = liability.company_id
               AND line.parent_state = 'posted'
               AND %s
         LEFT JOIN rebate_accrual accrual ON accrual.id = line.rebate_accrual_id
         LEFT JOIN res_partner partner ON partner.id = line.partner_id
        )
        """,
        SQL("line.date <= %s", day) if day else SQL("TRUE"),
    )


def find_items(rows, day=None, is_manual=False):
    """Find the items behind rows of the reconciliation, in one statement.

    :param rows: ``rebate.liability``
    :param day: as for :func:`liability_items`
    :param is_manual: those that are of no accrual alone
    :return: journal items by row
    """
    found = rows.env.execute_query(
        SQL(
            """
            %s
            SELECT company_id, account_id, program_id, partner_id, currency_id,
                   ARRAY_AGG(id ORDER BY id)
              FROM item
             WHERE company_id = ANY(%s) AND (rebate_accrual_id IS NULL OR NOT %s)
          GROUP BY company_id, account_id, program_id, partner_id, currency_id
            """,
            liability_items(day),
            rows.company_id.ids,
            is_manual,
        )
    )
    by_key = {Key(*key): item_ids for *key, item_ids in found}
    every = [item_id for item_ids in by_key.values() for item_id in item_ids]
    items = rows.env["account.move.line"]
    by_row = {}
    for row in rows:
        key = Key(*(row[name].id or None for name in Key._fields))
        by_row[row] = items.browse(by_key.get(key, ())).with_prefetch(every)
    return by_row
