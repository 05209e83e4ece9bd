"""Terms, amendments and who takes part, in the audit file: those that hold for its period, not
every version that there ever was."""

from odoo import fields

from ..archive import FOLDER_BYTES, safe
from .tables import render_page, write_records


def write_terms(export, archive):
    """By program: the terms that hold for the period, in words and in values, and the amendments
    that made them."""
    env = export.env
    lines = _lines_in_period(export)
    for program in export._programs():
        folder = archive.folder(f"terms/{safe(program.code or program.name, FOLDER_BYTES)}")
        applied, terms = _find_terms(export, program, lines)
        title = env._("Terms of “%s”", program.name)
        paths = {
            env._("Terms"): archive.add(
                f"{folder}/terms.html", render_page(env, title, _sections(program, terms))
            ),
            env._("As Values"): archive.json(f"{folder}/terms.json", terms),
        }
        for amendment in applied:
            own = lines.filtered(lambda line, one=amendment: line.amendment_id == one)
            page = _write_amendment(archive, folder, amendment, own)
            paths[amendment.display_name] = page
        archive.list_files("programs", [program.display_name, program.company_id.name], paths)


def _lines_in_period(export):
    """What amendments did to periods that the file is of."""
    return export.env["rebate.amendment.line"].search(
        [
            ("amendment_id.program_id", "in", export._programs().ids),
            ("amendment_id.state", "=", "applied"),
            ("date_from", "<=", export.date_to),
            ("date_to", ">=", export.date_from),
        ],
        order="id",
    )


def _find_terms(export, program, lines):
    """Find the amendments that hold for the period, and the terms that they made: an amendment
    holds when it was applied in the period, or when a period of its days earned otherwise by it or
    was not settled yet.

    :return: amendments by number, and frozen terms as of :meth:`rebate.program._snapshot`
    """
    amendments = export.env["rebate.amendment"].search(
        [("program_id", "=", program.id), ("state", "=", "applied")], order="number"
    )
    changed = lines.filtered(
        lambda line: (
            line.earned_before != line.earned_after
            or line.accrual_state not in ("settled", "expired")
        )
    ).amendment_id
    applied = amendments.filtered(
        lambda amendment: (
            amendment in changed
            or export.date_from <= amendment.applied_at.date() <= export.date_to
        )
    )
    last = applied[-1:].number
    later = amendments.filtered(
        lambda amendment: amendment.number > last and amendment.applied_at.date() > export.date_to
    )[:1]
    now = program._snapshot()
    if not later:
        return applied, now
    # What was agreed since is none of the period's business.
    return applied, {
        "name": now["name"],
        "code": now["code"],
        "type": now["type"],
        **(later.before or {}),
    }


def _sections(program, terms):
    env = program.env
    if "words" in terms:
        rules = [
            (rule["name"], [[env._("Counts"), rule["counts"]], *rule["words"]])
            for rule in terms["rules"]
        ]
        return [(terms["name"], terms["words"]), *rules]
    return [
        (section.title, [[row.label, row.after] for row in section.rows])
        for section in program._tell_terms(terms)
    ]


def _write_amendment(archive, folder, amendment, lines):
    """Write an amendment: its reason, author, time, terms before and after, and what each period of
    the file became by it.

    :return: the path of its page
    """
    env = amendment.env
    name = f"{folder}/amendment_{amendment.number:03}"
    # Who applied it may have left the company since.
    author = amendment.sudo().user_id
    head = [
        [env._("Applied On"), f"{fields.Datetime.to_string(amendment.applied_at)} UTC"],
        [env._("Applied By"), f"{author.name} ({author.login})"],
        [env._("Reason"), amendment.reason or ""],
    ]
    changes = [
        (section.title, [[row.label, f"{row.before} → {row.after}"] for row in section.rows])
        for section in amendment._changes()
    ]
    page = archive.add(
        f"{name}.html",
        render_page(env, amendment.display_name, [(env._("Amendment"), head), *changes]),
    )
    archive.json(
        f"{name}.json",
        {
            "number": amendment.number,
            "applied_at": amendment.applied_at,
            "applied_by": {"login": author.login, "name": author.name},
            "reason": amendment.reason,
            "before": amendment.before,
            "after": amendment.after,
        },
    )
    names = (
        *("partner_id", "date_from", "date_to", "accrual_state", "earned_before"),
        *("earned_after", "settled_amount", "open_amount"),
    )
    write_records(archive, f"{name}_effects.csv", lines, names)
    return page


def write_agreements(export, archive):
    """Who takes part, with the terms of their own."""
    names = (
        *("program_id", "partner_id", "payout_partner_id", "state", "date_start", "date_end"),
        *("include_children", "baseline_amount", "target_amount", "tier_ids"),
    )
    write_records(archive, "agreements.csv", export._agreements(), names)


def write_accruals(export, archive):
    """What the periods earned, and what became of it."""
    names = (
        *("program_id", "partner_id", "date_from", "date_to", "state", "currency_id"),
        *("measured_amount", "measured_quantity", "earned_amount", "settled_amount"),
        *("expired_amount", "open_amount", "accrued_amount", "claimed_date", "claim_until"),
        *("expired_on", "released_amount", "released_on", "problem", "computed_at"),
    )
    write_records(archive, "accruals.csv", export._accruals(), names)
