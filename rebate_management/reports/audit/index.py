"""The page that opens first: what is in the audit file, with a link to every file of it. It needs
nothing but itself."""

from urllib.parse import quote

from odoo import fields
from odoo.tools import format_list

from ..archive import MANIFEST
from .tables import amount_text

INDEX = "index.html"


def write_index(export, archive):
    """Write the page; to be called when all else is written."""
    env = export.env
    sections = _sections(env, archive)
    linked = {path for section in sections for _cells, links in section[2] for _text, path in links}
    rest = [
        ([], [[name, name]])
        for name in [*archive.names, MANIFEST]
        if name not in linked and not name.startswith("invoices/")
    ]
    invoices = [([], [[name, name]]) for name in archive.names if name.startswith("invoices/")]
    if invoices:
        sections.append((env._("Invoices That Counted"), [env._("File")], invoices))
    sections.append((env._("All Other Files"), [env._("File")], rest))
    archive.add(
        INDEX,
        env["ir.qweb"]._render(
            "rebate_management.rebate_audit_index",
            {
                "lang": (env.lang or "en_US")[:2],
                "title": env._("Audit File of Rebate Programs"),
                "facts": _facts(export),
                "sums": _sums(export),
                "sections": [
                    (
                        title,
                        heads,
                        [
                            (cells, [(text, quote(path)) for text, path in links])
                            for cells, links in rows
                        ],
                    )
                    for title, heads, rows in sections
                    if rows
                ],
            },
        ),
    )


def _facts(export):
    env = export.env
    return [
        (env._("Company"), format_list(env, export._programs().company_id.mapped("name"))),
        (
            env._("Period"),
            env._(
                "%(first)s to %(last)s",
                first=fields.Date.to_string(export.date_from),
                last=fields.Date.to_string(export.date_to),
            ),
        ),
        (
            env._("Made"),
            env._(
                "on %(time)s UTC by %(user)s",
                time=fields.Datetime.to_string(fields.Datetime.now()),
                user=env.user.name,
            ),
        ),
    ]


def _sums(export):
    """What the periods of the file earned, by program and, below, by currency."""
    env = export.env
    rows, totals = [], {}
    for program, *amounts in env["rebate.accrual"]._read_group(
        [("id", "in", export._accruals().ids)],
        ["program_id"],
        ["earned_amount:sum", "settled_amount:sum", "expired_amount:sum"],
    ):
        currency = program.currency_id
        rows.append([program.display_name, *(amount_text(amount, currency) for amount in amounts)])
        sums = totals.setdefault(currency, [0, 0, 0])
        totals[currency] = [sum(pair) for pair in zip(sums, amounts, strict=True)]
    totals = [
        [
            env._("Total in %s", currency.name),
            *(amount_text(amount, currency) for amount in amounts),
        ]
        for currency, amounts in totals.items()
    ]
    heads = [env._("Program"), env._("Earned"), env._("Settled"), env._("Expired")]
    return heads, rows, totals


def _sections(env, archive):
    """The rows that the parts listed: title, heads, and cells with links."""
    known = [
        (
            "programs",
            env._("Programs and Their Terms"),
            [env._("Program"), env._("Company"), env._("Files")],
        ),
        (
            "settlements",
            env._("Settlements"),
            [
                env._("Number"),
                env._("Partner"),
                env._("Program"),
                env._("Date"),
                env._("Amount"),
                env._("Status"),
                env._("Files"),
            ],
        ),
        (
            "documents",
            env._("Credit Notes, Bills and Their Reversals"),
            [
                env._("Partner"),
                env._("Date"),
                env._("Amount"),
                env._("Settlement"),
                env._("Files"),
            ],
        ),
    ]
    sections = [
        (
            title,
            heads,
            [
                (cells, [[text, path] for text, path in paths.items() if path])
                for cells, paths in archive.listed.get(name, ())
            ],
        )
        for name, title, heads in known
    ]
    tables = {
        "invoice_lines.csv": env._("Every invoice line that counted, with its program"),
        "invoices.csv": env._("The invoices these lines are of"),
        "accruals.csv": env._("What each period earned, and what became of it"),
        "agreements.csv": env._("Who takes part, with terms of their own"),
        "entries.csv": env._("Journal items that accrued, paid or released rebates"),
        "documents.csv": env._("Credit notes, bills and their reversals"),
        "approvals.csv": env._("Who submitted, approved or rejected what, and when"),
        "status_history.csv": env._("Every change of status of the settlements"),
        "fingerprints.csv": env._("Fingerprints, and whether anything was altered since posting"),
        "claims.csv": env._("What had to be claimed, and what was"),
        "agreement_history.csv": env._("What was done to the agreements, by whom and when"),
        "README.txt": env._("What is in the file, and how it is verified"),
    }
    rows = [([text], [[name, name]]) for name, text in tables.items() if name in archive]
    return [(env._("Tables"), [env._("Content"), env._("File")], rows), *sections]
