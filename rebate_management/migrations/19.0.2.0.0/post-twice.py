"""What tells, from now on, that no day is paid twice: the whole period each accrual was cut from,
the companies that standing payouts counted, and when agreements became active."""

from odoo import SUPERUSER_ID, api
from odoo.tools import SQL

BATCH = 10_000


def migrate(cr, version):
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    cr.execute(
        "UPDATE rebate_agreement SET activated_on = create_date::date"
        " WHERE state <> 'draft' AND activated_on IS NULL"
    )
    # The calendar of each program is still the one by which all its periods were cut.
    cells = {}
    rows = env.execute_query(
        SQL(
            "SELECT id, program_id, date_from, date_to FROM rebate_accrual WHERE whole_from IS NULL"
        )
    )
    wholes = []
    for accrual_id, program_id, first, last in rows:
        place = program_id, first
        if place not in cells:
            program = env["rebate.program"].browse(program_id)
            cells[place] = program._cells(first, last, first)[:1]
        wholes += [
            (accrual_id, cell.whole_from, cell.whole_to)
            for cell in cells[place]
            if cell.whole_from and cell.whole_from <= first and last <= cell.whole_to
        ]
    for start in range(0, len(wholes), BATCH):
        cr.execute(
            SQL(
                "UPDATE rebate_accrual accrual"
                " SET whole_from = whole.first, whole_to = whole.last"
                " FROM unnest(%s::int[], %s::date[], %s::date[]) AS whole(id, first, last)"
                " WHERE accrual.id = whole.id",
                *map(list, zip(*wholes[start : start + BATCH], strict=True)),
            )
        )
    env.invalidate_all()
    lines = env["rebate.settlement.line"].search([("state", "not in", ("rejected", "cancelled"))])
    env["rebate.settlement.buyer"]._keep(lines)
