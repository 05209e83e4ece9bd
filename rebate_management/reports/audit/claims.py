"""Claims with their documents, in the audit file."""

from odoo import fields
from odoo.tools import html2plaintext

from ..archive import safe
from .tables import BATCH, write_records


def write_claims(export, archive):
    """Which periods were claimed, by whom recorded, and what the distributor sent."""
    accruals = export._accruals().filtered("claim_required")
    names = (
        *("program_id", "partner_id", "date_from", "date_to", "currency_id", "earned_amount"),
        *("claim_until", "claimed_date", "claimed_by_id", "claim_reference", "expired_on"),
        *("expired_amount", "claim_attachment_ids"),
    )
    write_records(archive, "claims.csv", accruals, names)
    for accrual in accruals:
        for place, file in enumerate(accrual.claim_attachment_ids.sorted("id"), start=1):
            archive.add(f"claims/{accrual.id}/{place:02}_{safe(file.name)}", file.raw or b"")


def write_history(export, archive):
    """What was written to the agreements, among it every step of a claim: who and when."""
    env = export.env
    agreements = export._agreements()
    messages = env["mail.message"].search(
        [("model", "=", "rebate.agreement"), ("res_id", "in", agreements.ids)], order="id"
    )
    names = {agreement.id: agreement.display_name for agreement in agreements}
    archive.table(
        "agreement_history.csv",
        [
            env._("Agreement"),
            env._("When (UTC)"),
            env._("Who"),
            env._("What"),
        ],
        (
            [
                names[message.res_id],
                fields.Datetime.to_string(message.date),
                message.author_id.name or message.email_from,
                _tell_message(message),
            ]
            for start in range(0, len(messages), BATCH)
            for message in messages[start : start + BATCH]
        ),
    )


def _tell_message(message):
    """What a message says, and which values it tells were changed."""
    # What was tracked is shown to whoever reads the record; as values only to administrators.
    tracked = message.sudo().tracking_value_ids
    changes = [
        f"{change['fieldInfo']['changedField']}: {change['oldValue'] or '–'} →"
        f" {change['newValue'] or '–'}"
        for change in tracked._tracking_value_format()
    ]
    return "\n".join(filter(None, [html2plaintext(message.body or ""), *changes]))
