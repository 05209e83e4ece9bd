"""Makes the benchmark's data in an Odoo shell: posted invoices of YEARS years, ten lines each.

The years lie around 2024, the year that is measured. One invoice is posted through Odoo; the others
are copies of its rows, made by SQL, because posting a million lines one by one would measure Odoo
and take a day.
"""

import os
from datetime import date

from odoo import Command
from odoo.tools import SQL

LINES = int(os.environ["LINES"])
PER_INVOICE = 10
PARTNERS = int(os.environ.get("SEED_PARTNERS") or max(1000, int(os.environ["AGREEMENTS"])))
PRODUCTS = 200
YEARS = int(os.environ["YEARS"])
FIRST_DAY = date(2024 - YEARS // 2, 1, 1)
DAYS = (date(FIRST_DAY.year + YEARS, 1, 1) - FIRST_DAY).days
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
            "invoice_date": FIRST_DAY,
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
    day = SQL("(%s::date + ((n - 1)::bigint * %s / %s)::int)", FIRST_DAY, DAYS, invoices)
    # A step that shares no factor with the number of partners scatters them over the days.
    partner = SQL("(%s + (n * 7) %% %s)", first_partner, PARTNERS)
    # Numbered by year, as Odoo does; it would search all invoices for the last of other numbers.
    prefix = SQL("to_char(%s, '\"INV\"/YYYY/')", day)
    name = SQL("%s || to_char(n + 1, 'FM000000')", prefix)
    names, values = columns(
        "account_move",
        name=name,
        invoice_date=day,
        date=day,
        invoice_date_due=day,
        partner_id=partner,
        commercial_partner_id=partner,
        partner_shipping_id=partner,
        access_token=SQL("NULL"),
        payment_reference=name,
        sequence_prefix=prefix,
        sequence_number=SQL("n + 1"),
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
            " WHERE copy.ref = %s AND copy.id <> %s",
            names,
            values,
            product_line.id,
            PER_INVOICE,
            MARK,
            move.id,
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
            " JOIN account_move_line t ON t.id = %s WHERE copy.ref = %s AND copy.id <> %s",
            names,
            values,
            receivable.id,
            MARK,
            move.id,
        )
    )
    env.cr.commit()
    env.cr._cnx.autocommit = True
    env.cr.execute("VACUUM ANALYZE account_move")
    env.cr.execute("VACUUM ANALYZE account_move_line")


if env["account.move"].search_count([("ref", "=", MARK)], limit=1):
    print(f"{MARK} stands.")
elif env["account.move"].search_count([("ref", "=like", "BENCH %")], limit=1):
    raise SystemExit("The database holds another number of lines. Choose another one with DB=.")
else:
    seed()
    print(f"{MARK} made.")
