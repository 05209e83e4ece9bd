"""The audit file: all that a program promised, computed, booked and paid in a period, in one ZIP
that can be read and verified without Odoo."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import date_utils, format_date

from ..reports.archive import MANIFEST, Archive, safe
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

    def _write(self, file):
        """Write the ZIP; documents one by one, tables in batches.

        :param file: open for writing bytes
        :raise UserError: see :meth:`action_download`
        """
        self.ensure_one()
        self._check_export()
        self.env.flush_all()
        with Archive(file) as archive:
            for write_part in self._parts():
                write_part(archive)

    def _parts(self):
        """List the methods that write the parts; an extension adds its own. Each is called with the
        archive."""
        return [
            self._write_readme,
            self._write_terms,
            self._write_amendments,
            self._write_agreements,
            self._write_accruals,
            self._write_settlements,
            self._write_fingerprints,
            self._write_approvals,
            self._write_entries,
            self._write_documents,
            self._write_claims,
            self._write_history,
        ]

    def _write_readme(self, archive):
        archive.add(
            "README.txt",
            "\n".join(
                [
                    self.env._("Audit file of rebate program “%s”", self.program_id.display_name),
                    self.env._("Company: %s", self.program_id.company_id.name),
                    self.env._(
                        "Period: %(first)s to %(last)s",
                        first=fields.Date.to_string(self.date_from),
                        last=fields.Date.to_string(self.date_to),
                    ),
                    self.env._(
                        "Made on %(time)s UTC by %(user)s",
                        time=fields.Datetime.to_string(fields.Datetime.now()),
                        user=self.env.user.name,
                    ),
                    "",
                    self.env._(
                        "terms/: the terms in force, and each amendment with its reason, author,"
                        " time and effects; as pages and as JSON"
                    ),
                    self.env._("agreements.csv: who takes part; accruals.csv: what periods earned"),
                    self.env._(
                        "claims.csv: what had to be claimed; claims/: what the distributors sent,"
                        " by number of the period; agreement_history.csv: who did what, and when"
                    ),
                    self.env._(
                        "settlements/: by settlement its statement, its workbook and, as JSON, what"
                        " was frozen of it"
                    ),
                    self.env._(
                        "fingerprints.csv: the chain of fingerprints, and whether any settlement of"
                        " the company was altered since it was posted"
                    ),
                    self.env._("approvals.csv, status_history.csv: who decided what, and when"),
                    self.env._("entries.csv: journal items that accrued, paid or released rebates"),
                    self.env._("documents/: credit notes, bills and their reversals"),
                    "",
                    self.env._(
                        "Amounts have a decimal point, days are written year-month-day. Where text"
                        " in a CSV file begins like a formula, an apostrophe stands before it."
                    ),
                    self.env._(
                        "%s has the SHA-256 sum of every file: sha256sum -c verifies them.",
                        MANIFEST,
                    ),
                    "",
                ]
            ),
        )

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
