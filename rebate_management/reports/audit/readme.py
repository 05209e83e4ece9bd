"""What is in the audit file, for whoever opens it."""

from odoo import fields

from ..archive import MANIFEST


def write_readme(export, archive):
    """What is in the file, and how it is verified."""
    env, programs = export.env, export._programs()
    archive.add(
        "README.txt",
        "\n".join(
            [
                env._(
                    "Audit file of rebate programs: %s",
                    ", ".join(programs.mapped("display_name")),
                ),
                env._("Company: %s", ", ".join(programs.company_id.mapped("name"))),
                env._(
                    "Period: %(first)s to %(last)s",
                    first=fields.Date.to_string(export.date_from),
                    last=fields.Date.to_string(export.date_to),
                ),
                env._(
                    "Made on %(time)s UTC by %(user)s",
                    time=fields.Datetime.to_string(fields.Datetime.now()),
                    user=env.user.name,
                ),
                "",
                env._("index.html: open it in a browser; it links to every file"),
                env._(
                    "terms/: by program the terms that hold for the period, and each amendment"
                    " that made them, with its reason, author, time and effects; as pages and as"
                    " JSON"
                ),
                env._("agreements.csv: who takes part; accruals.csv: what periods earned"),
                env._(
                    "claims.csv: what had to be claimed; claims/: what the distributors sent,"
                    " by number of the period; agreement_history.csv: who did what, and when"
                ),
                env._(
                    "settlements/: by settlement its statement, its workbook and, as JSON, what"
                    " was frozen of it"
                ),
                env._(
                    "fingerprints.csv: the chain of fingerprints, and whether any settlement of"
                    " the company was altered since it was posted"
                ),
                env._("approvals.csv, status_history.csv: who decided what, and when"),
                env._("entries.csv: journal items that accrued, paid or released rebates"),
                env._("documents/: credit notes, bills and their reversals"),
                env._(
                    "invoice_lines.csv: every invoice line that counted, with its program; as it"
                    " was frozen by a settlement, and without one as it counts now for periods"
                    " that are not settled for good"
                ),
                env._(
                    "invoices.csv: the invoices these lines are of, amounts in the company's"
                    " currency; invoices/: their PDFs, where they were sent or filed"
                ),
                "",
                env._(
                    "Amounts have a decimal point, days are written year-month-day. Where text"
                    " in a CSV file begins like a formula, an apostrophe stands before it."
                ),
                env._(
                    "%s has the SHA-256 sum of every file: sha256sum -c verifies them.",
                    MANIFEST,
                ),
                "",
            ]
        ),
    )
