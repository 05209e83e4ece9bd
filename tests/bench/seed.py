"""Makes the benchmark's data in an Odoo shell: posted invoices of three years, ten lines each.

One invoice is posted through Odoo; the others are copies of its rows, made by SQL, because posting
a million lines one by one would measure Odoo and take a day.
"""

import os
from datetime import date

from odoo import Command
from odoo.tools import SQL

LINES = int(os.environ["LINES"])
PER_INVOICE = 10
PARTNERS = 1000
PRODUCTS = 200
MARK = f"BENCH {LINES}"


def columns(table, **overrides):
    """The columns of a table but its id, and what to select for each from its alias ``t``."""
    names = [
        name
        for (name,) in env.execute_query(
            SQL(
                "SELECT column_name FROM information_schema.columns"
                " WHERE table_name = %s AND table_schema = 'public' AND column_name <> 'id'"
                " AND is_generated = 'NEVER'",
                table,
            )
        )
    ]
    return (
        SQL(", ").join(SQL.identifier(name) for name in names),
        SQL(", ").join(overrides.get(name, SQL.identifier("t", name)) for name in names),
    )


def template():
    """A posted invoice of one line over 1.00, through Odoo."""
    company = env.company
    if not company.chart_template:
        env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)
    partners = env["res.partner"].create(
        [{"name": f"Bench {number:05}", "is_company": True} for number in range(PARTNERS)]
    )
    products = env["product.product"].create(
        [{"name": f"Bench {number:04}", "taxes_id": False} for number in range(PRODUCTS)]
    )
    move = env["account.move"].create(
        {
            "move_type": "out_invoice",
            "partner_id": partners[0].id,
            "invoice_date": date(2023, 1, 1),
            "ref": MARK,
            "invoice_line_ids": [
                Command.create({"product_id": products[0].id, "quantity": 1, "price_unit": 1})
            ],
        }
    )
    move.action_post()
    env.flush_all()
    return move, partners, products


def seed():
    move, partners, products = template()
    invoices = LINES // PER_INVOICE
    first_partner, first_product = min(partners.ids), min(products.ids)
    day = SQL("(DATE '2023-01-01' + (n * 1096 / %s)::int)", invoices)
    # A step that shares no factor with the number of partners scatters them over the days.
    partner = SQL("(%s + (n * 7) %% %s)", first_partner, PARTNERS)
    names, values = columns(
        "account_move",
        name=SQL("'BENCH/' || n"),
        invoice_date=day,
        date=day,
        invoice_date_due=day,
        partner_id=partner,
        commercial_partner_id=partner,
        partner_shipping_id=partner,
        access_token=SQL("NULL"),
        payment_reference=SQL("'BENCH/' || n"),
        sequence_number=SQL("n"),
    )
    env.cr.execute(
        SQL(
            "INSERT INTO account_move (%s) SELECT %s FROM account_move t, generate_series(1, %s) n"
            " WHERE t.id = %s",
            names,
            values,
            invoices,
            move.id,
        )
    )
    of_invoice = {
        "move_id": SQL("copy.id"),
        "move_name": SQL("copy.name"),
        "date": SQL("copy.date"),
        "invoice_date": SQL("copy.invoice_date"),
        "partner_id": SQL("copy.commercial_partner_id"),
    }
    amount = SQL("(10 + (copy.id * 31 + n * 17) %% 490 + 0.25)")
    product_line = move.line_ids.filtered(lambda line: line.display_type == "product")
    names, values = columns(
        "account_move_line",
        **of_invoice,
        product_id=SQL("(%s + (copy.id * 13 + n) %% %s)", first_product, PRODUCTS),
        balance=SQL("-%s", amount),
        amount_currency=SQL("-%s", amount),
        credit=amount,
        debit=SQL("0"),
        price_unit=amount,
        price_subtotal=amount,
        price_total=amount,
    )
    env.cr.execute(
        SQL(
            "INSERT INTO account_move_line (%s) SELECT %s FROM account_move copy"
            " JOIN account_move_line t ON t.id = %s, generate_series(1, %s) n"
            " WHERE copy.name LIKE 'BENCH/%%'",
            names,
            values,
            product_line.id,
            PER_INVOICE,
        )
    )
    receivable = move.line_ids - product_line
    total = SQL(
        "(SELECT SUM(-l.balance) FROM account_move_line l WHERE l.move_id = copy.id"
        " AND l.display_type = 'product')"
    )
    names, values = columns(
        "account_move_line",
        **of_invoice,
        date_maturity=SQL("copy.date"),
        balance=total,
        amount_currency=total,
        debit=total,
        credit=SQL("0"),
        amount_residual=total,
        amount_residual_currency=total,
    )
    env.cr.execute(
        SQL(
            "INSERT INTO account_move_line (%s) SELECT %s FROM account_move copy"
            " JOIN account_move_line t ON t.id = %s WHERE copy.name LIKE 'BENCH/%%'",
            names,
            values,
            receivable.id,
        )
    )
    env.cr.commit()
    env.cr._cnx.autocommit = True
    env.cr.execute("VACUUM ANALYZE account_move")
    env.cr.execute("VACUUM ANALYZE account_move_line")


if env["account.move"].search_count([("ref", "=", MARK), ("name", "not like", "BENCH/")]):
    print(f"{MARK} stands.")
elif env["account.move"].search_count([("name", "like", "BENCH/")], limit=1):
    raise SystemExit("The database holds another number of lines. Run with DB=bench_" + str(LINES))
else:
    seed()
    print(f"{MARK} made.")
