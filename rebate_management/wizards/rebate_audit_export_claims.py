"""Claims with their documents, in the audit file."""

from odoo import fields, models
from odoo.tools import html2plaintext

from ..reports.archive import safe


class RebateAuditExport(models.TransientModel):
    _inherit = "rebate.audit.export"

    def _write_claims(self, archive):
        """Which periods were claimed, by whom recorded, and what the distributor sent."""
        accruals = self._accruals().filtered("claim_required")
        names = (
            *("partner_id", "date_from", "date_to", "currency_id", "earned_amount"),
            *("claim_until", "claimed_date", "claimed_by_id", "claim_reference", "expired_on"),
            *("expired_amount", "claim_attachment_ids"),
        )
        self._write_records(archive, "claims.csv", accruals, names)
        for accrual in accruals:
            for place, file in enumerate(accrual.claim_attachment_ids.sorted("id"), start=1):
                archive.add(f"claims/{accrual.id}/{place:02}_{safe(file.name)}", file.raw or b"")

    def _write_history(self, archive):
        """What was written to the agreements, among it every step of a claim: who and when."""
        agreements = self.env["rebate.agreement"].search(
            [("program_id", "=", self.program_id.id)], order="id"
        )
        messages = self.env["mail.message"].search(
            [("model", "=", "rebate.agreement"), ("res_id", "in", agreements.ids)], order="id"
        )
        names = {agreement.id: agreement.display_name for agreement in agreements}
        archive.table(
            "agreement_history.csv",
            [
                self.env._("Agreement"),
                self.env._("When (UTC)"),
                self.env._("Who"),
                self.env._("What"),
            ],
            (
                [
                    names[message.res_id],
                    fields.Datetime.to_string(message.date),
                    message.author_id.name or message.email_from,
                    self._told(message),
                ]
                for message in messages
            ),
        )

    def _told(self, message):
        """What a message says, and which values it tells were changed."""
        # What was tracked is shown to whoever reads the record; as values only to administrators.
        tracked = message.sudo().tracking_value_ids
        changes = [
            f"{change['fieldInfo']['changedField']}: {change['oldValue'] or '–'} →"
            f" {change['newValue'] or '–'}"
            for change in tracked._tracking_value_format()
        ]
        return "\n".join(filter(None, [html2plaintext(message.body or ""), *changes]))
