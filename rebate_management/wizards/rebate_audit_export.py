"""The audit file: all that programs promised, computed, booked and paid in a period, with the
invoices that counted, in one ZIP that can be read and verified without Odoo."""

from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import date_utils, format_date, format_list

from ..reports.archive import Archive, safe
from ..reports.audit.books import write_documents, write_entries
from ..reports.audit.claims import write_claims, write_history
from ..reports.audit.index import write_index
from ..reports.audit.invoices import write_invoices
from ..reports.audit.readme import write_readme
from ..reports.audit.settlements import write_approvals, write_fingerprints, write_settlements
from ..reports.audit.terms import write_accruals, write_agreements, write_terms
from ..tools.acting import require_company


class RebateAuditExport(models.TransientModel):
    _name = "rebate.audit.export"
    _description = "Audit File of Rebate Programs"
    _inherit = "rebate.bounds"

    company_ids = fields.Many2many(
        "res.company",
        string="Companies",
        required=True,
        default=lambda self: self.env.company,
    )
    program_ids = fields.Many2many(
        "rebate.program",
        string="Programs",
        domain="[('company_id', 'in', company_ids), ('state', '!=', 'draft')]",
        help="Leave it empty for all programs of the companies that ran in the period or were"
        " settled in it.",
    )
    has_invoices = fields.Boolean(
        string="PDFs of the Invoices",
        default=True,
        help="Put the invoices that counted into the file too, as they were sent. Without it they"
        " are listed line by line all the same.",
    )
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
            programs = self.env["rebate.program"].browse(
                self.env.context.get("active_ids") or self.env.context.get("active_id") or ()
            )
            values.setdefault("program_ids", [Command.set(programs.ids)])
            if programs.company_id:
                values["company_ids"] = [Command.set(programs.company_id.ids)]
        return values

    @api.model
    def _default_date_from(self):
        """The first day of the fiscal year before this one: what is audited is over."""
        day = date_utils.subtract(fields.Date.context_today(self), years=1)
        return self.env.company.compute_fiscalyear_dates(day)["date_from"]

    @api.onchange("date_from")
    def _onchange_date_from(self):
        if self.date_from:
            company = self.program_ids.company_id[:1] or self.env.company
            self.date_to = company.compute_fiscalyear_dates(self.date_from)["date_to"]

    @api.onchange("company_ids")
    def _onchange_company_ids(self):
        # Of a company that was taken out no program is left.
        self.program_ids = self.program_ids.filtered(
            lambda program: program.company_id._origin in self.company_ids._origin
        )

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
        # Reading them leaves out what the user may not read; that is to be refused, not left out.
        self.env["rebate.program"].browse(self.sudo().program_ids.ids).check_access("read")
        # Of another company's books only a part would be in the file.
        require_company(self.program_ids)
        foreign = self.company_ids - self.env.companies
        if foreign and not self.env.su and not self.program_ids:
            raise AccessError(
                self.env._(
                    "You do not work in %s. Choose that company if you may, or take it out of the"
                    " audit file.",
                    # Its name was chosen by the user.
                    format_list(self.env, foreign.sudo().mapped("name")),
                )
            )
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
        name = self.env._("all")
        if len(self.program_ids) == 1:
            name = self.program_ids.code or self.program_ids.name
        elif self.program_ids:
            name = self.env._("%s_programs", len(self.program_ids))
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
            # It links to all that was written.
            write_index(self, archive)

    def _archive_parts(self):
        """List what writes the parts, each a function of the wizard and the archive; another addon
        adds its own."""
        return [
            write_readme,
            write_terms,
            write_agreements,
            write_accruals,
            write_settlements,
            write_fingerprints,
            write_approvals,
            write_entries,
            write_documents,
            write_invoices,
            write_claims,
            write_history,
        ]

    # ------------------------------------------------------------------
    # What is in it
    # ------------------------------------------------------------------

    def _programs(self):
        """The programs that were chosen; else all of the companies that ran in the period or have
        a settlement dated in it."""
        if self.program_ids:
            return self.program_ids.sorted(lambda program: (program.company_id.id, program.id))
        programs = self.env["rebate.program"].with_context(active_test=False)
        here = Domain("company_id", "in", self.company_ids.ids)
        settled = self.env["rebate.settlement.line"]._read_group(
            here
            & Domain("settlement_id.date", ">=", self.date_from)
            & Domain("settlement_id.date", "<=", self.date_to),
            ["program_id"],
        )
        ran = Domain("date_start", "<=", self.date_to) & (
            Domain("date_end", "=", False) | Domain("date_end", ">=", self.date_from)
        )
        ids = [program.id for (program,) in settled if program]
        return programs.search(
            here & Domain("state", "!=", "draft") & (ran | Domain("id", "in", ids)),
            order="company_id, id",
        )

    def _accruals(self):
        """The programs' periods that overlap the period."""
        return self.env["rebate.accrual"].search(
            [
                ("program_id", "in", self._programs().ids),
                ("date_from", "<=", self.date_to),
                ("date_to", ">=", self.date_from),
            ],
            order="program_id, date_from, partner_id, id",
        )

    def _agreements(self):
        """The agreements of the programs that ran in the period."""
        return self.env["rebate.agreement"].search(
            Domain("program_id", "in", self._programs().ids)
            & (
                Domain("accrual_ids", "in", self._accruals().ids)
                | (
                    Domain("date_start", "<=", self.date_to)
                    & (Domain("date_end", "=", False) | Domain("date_end", ">=", self.date_from))
                )
            ),
            order="program_id, id",
        )

    def _settlement_lines(self):
        """The lines of the programs that are dated in the period or pay for it."""
        return self.env["rebate.settlement.line"].search(
            Domain("program_id", "in", self._programs().ids)
            & Domain("state", "!=", "draft")
            & (
                Domain("accrual_id", "in", self._accruals().ids)
                | (
                    Domain("settlement_id.date", ">=", self.date_from)
                    & Domain("settlement_id.date", "<=", self.date_to)
                )
            )
        )

    def _settlements(self):
        """Settlements of the programs that are dated in the period or pay for it."""
        return self._settlement_lines().settlement_id.sorted("id")

    def _documents(self):
        """Documents of these settlements and those that take them back, whatever their date."""
        return (
            self._settlements().move_ids.filtered(lambda move: move.state == "posted").sorted("id")
        )
