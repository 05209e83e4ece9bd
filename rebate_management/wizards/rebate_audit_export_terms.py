"""Terms, amendments and who takes part, in the audit file."""

from odoo import fields, models

from ..reports.archive import FOLDER_BYTES, safe


class RebateAuditExport(models.TransientModel):
    _inherit = "rebate.audit.export"

    def _write_terms(self, archive):
        """The terms in force now, in words and in values."""
        snapshot = self.program_id._snapshot()
        sections = [(snapshot["name"], snapshot["words"])]
        sections += [
            (rule["name"], [[self.env._("Counts"), rule["counts"]], *rule["words"]])
            for rule in snapshot["rules"]
        ]
        archive.add(
            "terms/terms_in_force.html",
            self._page(self.env._("Terms of “%s”", snapshot["name"]), sections),
        )
        archive.json("terms/terms_in_force.json", snapshot)

    def _write_amendments(self, archive):
        """Every amendment that was applied, whenever: its reason, author, time, terms before and
        after, and what each period became by it."""
        for amendment in self.env["rebate.amendment"].search(
            [("program_id", "=", self.program_id.id), ("state", "=", "applied")], order="number"
        ):
            name = f"terms/amendment_{amendment.number:03}"
            # Who applied it may have left the company since.
            author = amendment.sudo().user_id
            head = [
                [
                    self.env._("Applied On"),
                    f"{fields.Datetime.to_string(amendment.applied_at)} UTC",
                ],
                [self.env._("Applied By"), f"{author.name} ({author.login})"],
                [self.env._("Reason"), amendment.reason or ""],
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
                self._page(amendment.display_name, [(self.env._("Amendment"), head), *changes]),
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
            self._write_records(archive, f"{name}_effects.csv", amendment.line_ids, names)

    def _write_agreements(self, archive):
        """Who takes part, with the terms of their own."""
        agreements = self.env["rebate.agreement"].search(
            [("program_id", "=", self.program_id.id)], order="id"
        )
        names = (
            *("partner_id", "payout_partner_id", "state", "date_start", "date_end"),
            *("include_children", "baseline_amount", "target_amount", "tier_ids"),
        )
        self._write_records(archive, "agreements.csv", agreements, names)

    def _write_accruals(self, archive):
        """What the periods earned, and what became of it."""
        names = (
            *("partner_id", "date_from", "date_to", "state", "currency_id", "measured_amount"),
            *("measured_quantity", "earned_amount", "settled_amount", "expired_amount"),
            *("open_amount", "accrued_amount", "claimed_date", "claim_until", "expired_on"),
            *("released_amount", "released_on", "problem", "computed_at"),
        )
        self._write_records(archive, "accruals.csv", self._accruals(), names)

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _write_records(self, archive, name, records, names):
        """Write fields of records as a table, their labels as titles."""
        titles = [records._fields[field]._description_string(self.env) for field in names]
        archive.table(
            name,
            [self.env._("No."), *titles],
            ([record.id, *(self._plain(record, field) for field in names)] for record in records),
        )

    def _plain(self, record, name):
        """The value of a field as it stands in a table."""
        field, value = record._fields[name], record[name]
        if field.relational:
            # What a reader may not open is part of the record all the same.
            return ", ".join(value.sudo().mapped("display_name"))
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value)
        if field.type == "boolean":
            return self.env._("Yes") if value else self.env._("No")
        if field.type == "monetary":
            currency = record[field.get_currency_field(record)]
            return f"{value:.{currency.decimal_places}f}"
        return value

    def _page(self, title, sections):
        """A page of terms that needs nothing but itself.

        :param sections: titles with rows of label and text
        """
        return self.env["ir.qweb"]._render(
            "rebate_management.rebate_audit_page",
            {"title": title, "sections": sections, "lang": (self.env.lang or "en_US")[:2]},
        )

    def _folder(self, record):
        """A record's name as a part of a path."""
        return safe(record.name, FOLDER_BYTES)
