"""Terms, amendments and who takes part, in the audit file."""

from odoo import fields

from .tables import render_page, write_records


def write_terms(export, archive):
    """The terms in force now, in words and in values."""
    env = export.env
    snapshot = export.program_id._snapshot()
    sections = [(snapshot["name"], snapshot["words"])]
    sections += [
        (rule["name"], [[env._("Counts"), rule["counts"]], *rule["words"]])
        for rule in snapshot["rules"]
    ]
    archive.add(
        "terms/terms_in_force.html",
        render_page(env, env._("Terms of “%s”", snapshot["name"]), sections),
    )
    archive.json("terms/terms_in_force.json", snapshot)


def write_amendments(export, archive):
    """Every amendment that was applied, whenever: its reason, author, time, terms before and
    after, and what each period became by it."""
    env = export.env
    for amendment in env["rebate.amendment"].search(
        [("program_id", "=", export.program_id.id), ("state", "=", "applied")], order="number"
    ):
        name = f"terms/amendment_{amendment.number:03}"
        # Who applied it may have left the company since.
        author = amendment.sudo().user_id
        head = [
            [
                env._("Applied On"),
                f"{fields.Datetime.to_string(amendment.applied_at)} UTC",
            ],
            [env._("Applied By"), f"{author.name} ({author.login})"],
            [env._("Reason"), amendment.reason or ""],
        ]
        changes = [
            (
                section.title,
                [[row.label, f"{row.before} → {row.after}"] for row in section.rows],
            )
            for section in amendment._changes()
        ]
        archive.add(
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
        write_records(archive, f"{name}_effects.csv", amendment.line_ids, names)


def write_agreements(export, archive):
    """Who takes part, with the terms of their own."""
    agreements = export.env["rebate.agreement"].search(
        [("program_id", "=", export.program_id.id)], order="id"
    )
    names = (
        *("partner_id", "payout_partner_id", "state", "date_start", "date_end"),
        *("include_children", "baseline_amount", "target_amount", "tier_ids"),
    )
    write_records(archive, "agreements.csv", agreements, names)


def write_accruals(export, archive):
    """What the periods earned, and what became of it."""
    names = (
        *("partner_id", "date_from", "date_to", "state", "currency_id", "measured_amount"),
        *("measured_quantity", "earned_amount", "settled_amount", "expired_amount"),
        *("open_amount", "accrued_amount", "claimed_date", "claim_until", "expired_on"),
        *("released_amount", "released_on", "problem", "computed_at"),
    )
    write_records(archive, "accruals.csv", export._accruals(), names)
