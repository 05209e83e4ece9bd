"""Enrolling many distributors in a program at once: chosen by what they have in common or by a
spreadsheet, previewed with what last year's purchases would have earned."""

import base64
import binascii
import io
from datetime import date

from dateutil.relativedelta import relativedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_amount, format_date

from ..models.calculation.trial import try_enrolments
from ..reports.workbook import Book, Column
from ..tools.acting import acting
from ..tools.formats import format_period
from ..tools.trust import trusted
from .enrolment_matching import match_rows
from .enrolment_sheet import read_sheet


class RebateEnroll(models.TransientModel):
    _name = "rebate.enroll"
    _description = "Enroll Distributors"
    _inherit = "rebate.bounds"
    _check_company_auto = True

    program_id = fields.Many2one(
        "rebate.program",
        required=True,
        default=lambda self: self.env.context.get("default_program_id"),
    )
    company_id = fields.Many2one(related="program_id.company_id")
    currency_id = fields.Many2one(related="program_id.currency_id")
    program_state = fields.Selection(related="program_id.state")
    choice = fields.Selection(
        [
            ("criteria", "By what they have in common"),
            ("partners", "One by one"),
            ("file", "From a spreadsheet"),
        ],
        string="Choose Distributors",
        default="criteria",
        required=True,
    )
    category_ids = fields.Many2many(
        "res.partner.category", string="Tags", help="Customers with any of these tags."
    )
    country_ids = fields.Many2many("res.country", string="Countries")
    user_ids = fields.Many2many("res.users", string="Salespeople", domain=[("share", "=", False)])
    pricelist_ids = fields.Many2many("product.pricelist", string="Pricelists", check_company=True)
    partner_ids = fields.Many2many(
        "res.partner",
        string="Distributors",
        check_company=True,
        domain="['|', ('parent_id', '=', False), ('is_company', '=', True)]",
    )
    file = fields.Binary(
        string="Spreadsheet",
        attachment=False,
        help="Excel (.xlsx) or CSV, with a column that has the name, reference, tax ID, e-mail or"
        " external ID of each distributor. Columns From, Until, Baseline, Target and Include"
        " Subsidiaries are taken over where there are any.",
    )
    file_name = fields.Char()

    date_start = fields.Date(
        string="Enrolled From",
        required=True,
        compute="_compute_dates",
        store=True,
        readonly=False,
        precompute=True,
        help="First day of the agreements. Purchases from then on count, also where that is past.",
    )
    date_end = fields.Date(
        string="Enrolled Until", help="Last day, included. Empty: as long as the program runs."
    )
    include_children = fields.Boolean(
        string="Include Subsidiaries",
        help="Purchases of the companies below each distributor count too. It can be changed for"
        " each in the preview.",
    )
    is_activated = fields.Boolean(
        string="Activate at Once",
        compute="_compute_is_activated",
        store=True,
        readonly=False,
        precompute=True,
        help="Otherwise the agreements are drafts, to be activated when they are signed.",
    )
    reference_from = fields.Date(
        string="Compare with Purchases From",
        required=True,
        compute="_compute_dates",
        store=True,
        readonly=False,
        precompute=True,
        help="The preview shows what the distributors bought between these days by the rules of the"
        " program, the tier they would have reached and the rebate it would have paid.",
    )
    reference_to = fields.Date(
        string="Compare with Purchases Until",
        required=True,
        compute="_compute_dates",
        store=True,
        readonly=False,
        precompute=True,
    )

    line_ids = fields.One2many("rebate.enroll.line", "enroll_id")
    is_previewed = fields.Boolean(readonly=True, copy=False)
    new_count = fields.Integer(compute="_compute_counts")
    enrolled_count = fields.Integer(compute="_compute_counts")
    refused_count = fields.Integer(compute="_compute_counts")
    purchases_amount = fields.Monetary(string="Purchases", compute="_compute_counts")
    rebate_amount = fields.Monetary(string="Rebate", compute="_compute_counts")
    not_counted_hint = fields.Char(compute="_compute_counts")
    has_subsidiaries = fields.Boolean(compute="_compute_counts")
    past_hint = fields.Char(compute="_compute_past_hint")
    reference_hint = fields.Char(compute="_compute_reference_hint")
    titles = fields.Json(readonly=True, copy=False, help="Of the columns of the spreadsheet.")
    refused_file = fields.Binary(
        string="Rows Not Taken",
        compute="_compute_refused_file",
        help="The rows that named no distributor, or several, with what to do about each.",
    )
    refused_file_name = fields.Char(compute="_compute_refused_file")

    @api.constrains("reference_from", "reference_to")
    def _check_reference(self):
        for wizard in self:
            if wizard.reference_to < wizard.reference_from:
                raise UserError(
                    self.env._(
                        "The purchases to compare with end on %(end)s, before they begin on"
                        " %(start)s. Correct one of the days.",
                        start=format_date(self.env, wizard.reference_from),
                        end=format_date(self.env, wizard.reference_to),
                    )
                )

    @api.depends("program_id")
    def _compute_dates(self):
        for wizard in self:
            program = wizard.program_id
            wizard.date_start = wizard.date_start or program.date_start
            first, last = wizard._reference_days()
            wizard.reference_from = wizard.reference_from or first
            wizard.reference_to = wizard.reference_to or last

    @api.depends("program_id")
    def _compute_is_activated(self):
        for wizard in self:
            wizard.is_activated = wizard.program_id.state == "active"

    @api.depends("line_ids.is_chosen", "line_ids.state", "line_ids.include_children")
    def _compute_counts(self):
        for wizard in self:
            lines = wizard.line_ids.grouped("state")
            none = wizard.line_ids.browse()
            chosen = lines.get("new", none).filtered("is_chosen")
            wizard.new_count = len(chosen)
            wizard.enrolled_count = len(lines.get("enrolled", none))
            wizard.refused_count = len(lines.get("refused", none))
            wizard.purchases_amount = sum(chosen.mapped("purchases_amount"))
            wizard.rebate_amount = sum(chosen.mapped("rebate_amount"))
            wizard.has_subsidiaries = any(
                line.not_counted_amount or line.include_children for line in lines.get("new", ())
            )
            missed = chosen.filtered(
                lambda line: line.not_counted_amount and not line.include_children
            )
            wizard.not_counted_hint = bool(missed) and self.env._(
                "Subsidiaries of %(count)s distributors bought %(amount)s that would not count.",
                count=len(missed),
                amount=format_amount(
                    self.env, sum(missed.mapped("not_counted_amount")), wizard.currency_id
                ),
            )

    @api.depends("program_id", "date_start", "is_activated", "program_state", "line_ids")
    def _compute_past_hint(self):
        today = fields.Date.context_today(self)
        for wizard in self:
            program = wizard.program_id
            wizard.past_hint = False
            if not (wizard.is_activated and program.state == "active" and wizard.line_ids):
                continue
            first = min(wizard.line_ids.mapped("date_start") or [wizard.date_start])
            last = wizard.date_end or program.date_end or date.max
            over = [
                period
                for period in program._periods(max(first, program.date_start), last, today)
                if period[1] < today
            ]
            if over:
                wizard.past_hint = self.env._(
                    "Periods that are over count too, from %(start)s to %(end)s, and are earned at"
                    " once. To leave them out, enroll from a later day, or look at each draft"
                    " before you activate it.",
                    start=format_date(self.env, over[0][0]),
                    end=format_date(self.env, over[-1][1]),
                )

    @api.depends("reference_from", "reference_to")
    @api.depends_context("lang")
    def _compute_reference_hint(self):
        for wizard in self:
            wizard.reference_hint = self.env._(
                "Purchases of %s",
                format_period(self.env, wizard.reference_from, wizard.reference_to),
            )

    @api.depends("line_ids.state", "titles")
    def _compute_refused_file(self):
        for wizard in self:
            refused = wizard.line_ids.filtered(lambda line: line.state == "refused")
            is_any = bool(refused)
            wizard.refused_file_name = is_any and self.env._("rows not taken.xlsx")
            wizard.refused_file = is_any and base64.b64encode(wizard._refused_workbook(refused))

    @api.onchange(
        *("choice", "category_ids", "country_ids", "user_ids", "pricelist_ids", "partner_ids"),
        *("file", "date_start", "date_end", "reference_from", "reference_to", "include_children"),
    )
    def _onchange_question(self):
        """What was shown answered another question."""
        self.update({"line_ids": [Command.clear()], "is_previewed": False, "titles": False})

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    @acting("write")
    def action_preview(self):
        """Show who would be enrolled, what each bought and would have earned. No agreement is
        written.

        :raise UserError: when nobody is chosen, or the program cannot be computed
        """
        self.ensure_one()
        self._check_program()
        lines = self._prepare_lines()
        if not lines:
            raise UserError(self._nobody_message())
        self._add_trials(lines)
        trusted(self.line_ids).unlink()
        trusted(self.env["rebate.enroll.line"]).create(lines)
        trusted(self).is_previewed = True
        return self._action_open()

    @acting("write")
    def action_include_subsidiaries(self):
        """Have the subsidiaries count of all distributors of which some bought."""
        self.ensure_one()
        self.line_ids.filtered("not_counted_amount").include_children = True
        self._update_trials()
        return self._action_open()

    @acting("write")
    def action_update(self):
        """Compute the figures anew, for what was changed in the preview."""
        self.ensure_one()
        self._check_program()
        self._update_trials()
        return self._action_open()

    @acting("write")
    def action_back(self):
        """Choose others."""
        self.ensure_one()
        trusted(self.line_ids).unlink()
        trusted(self).is_previewed = False
        return self._action_open()

    @acting("write")
    def action_enroll(self):
        """Enrol those who are chosen, all or none, and show their agreements.

        :raise UserError: when nobody is chosen, or one of them cannot be enrolled
        """
        self.ensure_one()
        self._check_program()
        agreements = self._enroll()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "rebate_management.rebate_agreement_action"
        )
        return action | {
            "name": self.env._("Enrolled in %s", self.program_id.name),
            "domain": [("id", "in", agreements.ids)],
            "context": {"default_program_id": self.program_id.id},
        }

    # ------------------------------------------------------------------
    # Who is chosen
    # ------------------------------------------------------------------

    def _chosen_domain(self):
        """Compose by what customers are chosen that have something in common.

        Another addon adds its own criteria here, as the members of a segment.

        :return: a domain on customers; None where nothing was chosen by
        """
        self.ensure_one()
        criteria = {
            "category_id": self.category_ids,
            "country_id": self.country_ids,
            "user_id": self.user_ids,
        }
        domains = [Domain(name, "in", found.ids) for name, found in criteria.items() if found]
        if not domains and not self.pricelist_ids:
            return None
        return Domain.AND(domains)

    def _find_partners(self):
        """Find the customers that have in common what was chosen."""
        domain = self._chosen_domain()
        partners = self.env["res.partner"].with_company(self.company_id)
        if domain is None:
            return partners
        partners = partners.search(
            domain
            & self._customer_domain()
            # who was only ever bought from is no customer
            & (Domain("customer_rank", ">", 0) | Domain("supplier_rank", "=", 0))
        )
        if self.pricelist_ids:
            partners = partners.filtered(
                lambda partner: partner.property_product_pricelist in self.pricelist_ids
            )
        return partners.with_env(self.env)

    def _customer_domain(self):
        """Companies and people by themselves, none of our own."""
        partners = self.env["res.partner"]
        # Whose address is a company's of ours tells nothing of it.
        own = self.env["res.company"].sudo().search([("partner_id", "!=", False)]).partner_id
        return (
            Domain(partners._check_company_domain(self.company_id))
            & (Domain("parent_id", "=", False) | Domain("is_company", "=", True))
            & Domain("partner_share", "=", True)
            & Domain("id", "not in", own.ids)
        )

    def _prepare_lines(self):
        """Values of the preview, one line a distributor or a row that names none."""
        if self.choice == "file":
            lines = self._prepare_file_lines()
        else:
            partners = (
                self._find_partners()
                if self.choice == "criteria"
                else self.partner_ids.commercial_partner_id
            )
            lines = [{"partner_id": partner.id, "state": "new"} for partner in partners]
        for place, line in enumerate(lines):
            line.setdefault("date_start", fields.Date.to_string(self.date_start))
            line.setdefault("date_end", fields.Date.to_string(self.date_end))
            line.setdefault("include_children", self.include_children)
            line |= {"enroll_id": self.id, "sequence": place}
        self._mark_enrolled(lines)
        for line in lines:
            line["is_chosen"] = line["state"] == "new"
        return lines

    def _prepare_file_lines(self):
        """Values of the preview by the rows of the spreadsheet."""
        try:
            content = base64.b64decode(self.file or b"", validate=True)
        except binascii.Error:
            content = b""
        sheet = read_sheet(self.env, content, self.file_name or self.env._("Spreadsheet"))
        trusted(self).titles = sheet.titles
        matches = match_rows(self.env, self.company_id, sheet.rows)
        lines, first = [], {}
        for row, (partner, problem) in zip(sheet.rows, matches, strict=True):
            problems = [*filter(None, [problem]), *row.problems]
            if partner and not problems:
                number = first.setdefault(partner, row.number)
                if number != row.number:
                    problems.append(
                        self.env._(
                            "%(partner)s stands in row %(row)s already. Keep one of the two rows.",
                            partner=partner.display_name,
                            row=number,
                        )
                    )
            problems = problems or self._date_problems(row)
            line = {"row": row.number, "cells": row.cells}
            if problems:
                line |= {"state": "refused", "note": " ".join(problems)}
            else:
                line |= {"state": "new", "partner_id": partner.id, **row.vals}
            lines.append(line)
        return lines

    def _date_problems(self, row):
        first = row.vals.get("date_start") or self.date_start
        last = row.vals.get("date_end") or self.date_end
        if last and last < first:
            return [
                self.env._(
                    "It ends on %(end)s, before it starts on %(start)s. Correct one of the days.",
                    start=format_date(self.env, first),
                    end=format_date(self.env, last),
                )
            ]
        return []

    def _mark_enrolled(self, lines):
        """Tell who has an agreement in the program at that time already."""
        agreements = self.env["rebate.agreement"].search(
            Domain("program_id", "=", self.program_id.id)
            & Domain("partner_id", "in", [line.get("partner_id", False) for line in lines])
        )
        by_partner = agreements.grouped(lambda agreement: agreement.partner_id.id)
        for line in lines:
            first = fields.Date.to_date(line["date_start"])
            last = fields.Date.to_date(line["date_end"])
            for agreement in by_partner.get(line.get("partner_id"), ()):
                if (not last or agreement.date_start <= last) and (
                    not agreement.date_end or agreement.date_end >= first
                ):
                    line |= {
                        "state": "enrolled",
                        "note": self.env._(
                            "Enrolled from %s already",
                            format_date(self.env, agreement.date_start),
                        ),
                    }

    def _nobody_message(self):
        if self.choice == "criteria" and self._chosen_domain() is None:
            return self.env._(
                "Choose by what the distributors are found: tags, countries, salespeople or"
                " pricelists."
            )
        if self.choice == "partners":
            return self.env._("Choose the distributors to be enrolled.")
        return self.env._(
            "No customer has all that was chosen in common. Choose fewer criteria, or other ones."
        )

    # ------------------------------------------------------------------
    # What they would have earned
    # ------------------------------------------------------------------

    def _reference_days(self):
        """The days whose purchases are compared: the last fiscal year that is over, or those of
        a program that counts over its whole run, some years before."""
        program = self.program_id
        company = program.company_id or self.env.company
        today = fields.Date.context_today(self)
        if program.period_type == "program" and program.date_start and program.date_end:
            years = 1 + max(0, program.date_end.year - today.year)
            return tuple(
                day - relativedelta(years=years) for day in (program.date_start, program.date_end)
            )
        year = company.compute_fiscalyear_dates(today - relativedelta(years=1))
        return year["date_from"], year["date_to"]

    def _add_trials(self, lines):
        """Add to values of new lines what their purchases would have earned."""
        new = [line for line in lines if line["state"] == "new"]
        trials = try_enrolments(
            self.program_id,
            [
                {
                    "partner_id": line["partner_id"],
                    "include_children": line["include_children"],
                    "baseline_amount": line.get("baseline_amount", 0),
                    "target_amount": line.get("target_amount", 0),
                }
                for line in new
            ],
            self.reference_from,
            self.reference_to,
        )
        for line, trial in zip(new, trials, strict=True):
            line |= {
                "purchases_amount": float(trial.purchases),
                "rebate_amount": float(trial.earned),
                "tier": trial.tier,
                "not_counted_amount": float(trial.not_counted),
            }

    def _update_trials(self):
        """Compute anew what those would have earned who are shown, as they are to be enrolled."""
        lines = self.line_ids.browse(self.line_ids.ids).filtered(lambda line: line.state == "new")
        values = [
            {
                "state": line.state,
                "partner_id": line.partner_id.id,
                "include_children": line.include_children,
                "baseline_amount": line.baseline_amount,
                "target_amount": line.target_amount,
            }
            for line in lines
        ]
        self._add_trials(values)
        for line, vals in zip(trusted(lines), values, strict=True):
            line.write(vals)

    # ------------------------------------------------------------------
    # Enrolling
    # ------------------------------------------------------------------

    def _check_program(self):
        """Refuse those who may not enrol, and a program in which nobody can be.

        :raise UserError: when the program is closed, or the draft of an amendment
        """
        program = self.program_id
        program.check_access("write")
        if program.amends_id:
            raise UserError(program._is_amendment_message())
        if program.state == "closed":
            raise UserError(
                self.env._(
                    "Program “%s” is closed, so nobody can be enrolled any more. Renew it, or"
                    " choose another program.",
                    program.display_name,
                )
            )

    def _enroll(self):
        """Create the agreements of those who are chosen.

        :return: the agreements
        """
        if not self.is_previewed:
            raise UserError(
                self.env._("Look at the preview first: it shows who would be enrolled.")
            )
        lines = self.line_ids.filtered(lambda line: line.is_chosen and line.state == "new")
        if not lines:
            raise UserError(
                self.env._("Nobody is chosen. Tick the distributors that are to be enrolled.")
            )
        # Each change of each would be a message of its own: one tells it all.
        agreements = self.env["rebate.agreement"].with_context(tracking_disable=True)
        agreements = agreements.create([line._prepare_agreement_vals() for line in lines])
        if self.is_activated:
            agreements.action_activate()
        agreements = agreements.with_env(self.env)
        text = self.env._(
            "Enrolled together with %(count)s distributors in “%(program)s”.",
            count=len(agreements),
            program=self.program_id.display_name,
        )
        agreements._message_log_batch(bodies=dict.fromkeys(agreements.ids, text))
        return agreements

    # ------------------------------------------------------------------
    # Showing
    # ------------------------------------------------------------------

    def _refused_workbook(self, lines):
        """Write the rows that were not taken as they stood, with what to do about each."""
        file = io.BytesIO()
        titles = self.titles or []
        # In the order of the sheet, so that it can be corrected and uploaded again.
        columns = [
            *(Column(title, "text", 24) for title in titles),
            Column(self.env._("Row"), "whole", 8),
            Column(self.env._("What To Do"), "text", 100),
        ]
        with Book(file, self.currency_id.decimal_places) as book:
            sheet = book.sheet(self.env._("Rows Not Taken"), columns)
            sheet.heading()
            for line in lines:
                cells = [cell or None for cell in line.cells or ()]
                cells += [None] * (len(titles) - len(cells))
                sheet.add(*cells[: len(titles)], line.row, line.note)
        return file.getvalue()

    def _action_open(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Enroll Distributors"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }
