"""The audit file: all that a program promised, computed, booked and paid in a period, in one ZIP
that can be read and verified without Odoo."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import date_utils, format_date

from ..reports.archive import Archive, safe
from ..reports.audit.books import write_documents, write_entries
from ..reports.audit.claims import write_claims, write_history
from ..reports.audit.readme import write_readme
from ..reports.audit.settlements import write_approvals, write_fingerprints, write_settlements
from ..reports.audit.terms import (
    write_accruals,
    write_agreements,
    write_amendments,
    write_terms,
)
from ..tools.acting import require_company


class RebateAuditExport(models.TransientModel):
    _name = "rebate.audit.export"
    _description = "Audit File of a Rebate Program"
    _inherit = "rebate.bounds"

    program_id = fields.Many2one("rebate.program", required=True)
    date_from = fields.Date(
        string="From", required=True, default=lambda self: self._default_date_from()
    )
    date_to = fields.Date(
        string="To",
        required=True,
        default=lambda self: self._default_date_from() + timedelta(days=365),
        help="Settlements and entries are in the file that are dated in the period or are of what"
        " was bought in it.",
    )

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        if self.env.context.get("active_model") == "rebate.program":
            values.setdefault("program_id", self.env.context.get("active_id"))
        return values

    @api.model
    def _default_date_from(self):
        """The first day of the fiscal year before this one: what is audited is over."""
        day = date_utils.subtract(fields.Date.context_today(self), years=1)
        return self.env.company.compute_fiscalyear_dates(day)["date_from"]

    @api.onchange("date_from")
    def _onchange_date_from(self):
        if self.date_from:
            company = self.program_id.company_id or self.env.company
            self.date_to = company.compute_fiscalyear_dates(self.date_from)["date_to"]

    def action_download(self):
        """Download the file.

        :raise UserError: when the user is no accountant, or the period ends before it begins
        """
        self.ensure_one()
        self._check_export()
        return {
            "type": "ir.actions.act_url",
            "url": f"/rebate/audit/{self.id}",
            "target": "download",
        }

    def _check_export(self):
        self.env["rebate.settlement"]._require_group("rebate_management.group_rebate_accountant")
        self.program_id.check_access("read")
        # Of another company's books only a part would be in the file.
        require_company(self.program_id)
        if self.date_to < self.date_from:
            raise UserError(
                self.env._(
                    "The period ends on %(last)s, before it begins on %(first)s. Choose a later"
                    " end.",
                    last=format_date(self.env, self.date_to),
                    first=format_date(self.env, self.date_from),
                )
            )

    def _file_name(self):
        self.ensure_one()
        name = self.program_id.code or self.program_id.name
        return safe(f"audit_{name}_{self.date_from}_{self.date_to}.zip".replace(" ", "_"))

    # ------------------------------------------------------------------
    # The file
    # ------------------------------------------------------------------

    def _write_archive(self, file):
        """Write the ZIP; documents one by one, tables in batches.

        :param file: open for writing bytes
        :raise UserError: see :meth:`action_download`
        """
        self.ensure_one()
        self._check_export()
        self.env.flush_all()
        with Archive(file) as archive:
            for write_part in self._archive_parts():
                write_part(self, archive)

    def _archive_parts(self):
        """List what writes the parts, each a function of the wizard and the archive; another addon
        adds its own."""
        return [
            write_readme,
            write_terms,
            write_amendments,
            write_agreements,
            write_accruals,
            write_settlements,
            write_fingerprints,
            write_approvals,
            write_entries,
            write_documents,
            write_claims,
            write_history,
        ]

    # ------------------------------------------------------------------
    # What is in it
    # ------------------------------------------------------------------

    def _accruals(self):
        """The program's periods that overlap the period."""
        return self.env["rebate.accrual"].search(
            [
                ("program_id", "=", self.program_id.id),
                ("date_from", "<=", self.date_to),
                ("date_to", ">=", self.date_from),
            ],
            order="date_from, partner_id, id",
        )

    def _settlements(self):
        """Settlements of the program that are dated in the period or pay for it."""
        lines = self.env["rebate.settlement.line"].search(
            Domain("program_id", "=", self.program_id.id)
            & Domain("state", "!=", "draft")
            & (
                Domain("accrual_id", "in", self._accruals().ids)
                | (
                    Domain("settlement_id.date", ">=", self.date_from)
                    & Domain("settlement_id.date", "<=", self.date_to)
                )
            )
        )
        return lines.settlement_id.sorted("id")

    def _documents(self):
        """Documents of these settlements and those that take them back, whatever their date."""
        return (
            self._settlements().move_ids.filtered(lambda move: move.state == "posted").sorted("id")
        )
