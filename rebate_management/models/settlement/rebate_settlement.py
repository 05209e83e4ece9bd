"""A settlement: one payout to one partner, from proposal to posted credit note."""

import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_amount, format_date, format_list

from ...reports.settlement_statement import compose_statement
from ...reports.settlement_workbook import write_workbook
from ...tools.acting import acting
from ...tools.amount_words import write_amount
from ...tools.empty_lists import empty_list_help
from ...tools.formats import format_period
from ...tools.locks import lock_all
from ...tools.numbers import draw_numbers
from ...tools.trust import trusted
from ..approval.approvers import (
    can_be_approved,
    find_askable,
    next_level,
    no_approver_message,
    no_level_message,
    require_approver,
)
from ..approval.asking import (
    approval_activities,
    close_activities,
    log_decision,
    plan_approval,
    record_decision,
    remind_approvers,
    tell_submitter,
)
from ..program.terms_in_words import rule_in_words, terms_in_words
from . import posting_checks
from .cancel_checks import check_latest, check_unpaid
from .fingerprint import read_contents, seal
from .keeping import KEPT_IN, keep_statement, kept_file, read_statement
from .reconciling import reconcile_payouts
from .verification import check_fingerprints

_logger = logging.getLogger(__name__)

STATEMENT = "rebate_management.report_rebate_settlement"
# Of a document with nothing left to pay.
PAID = ("paid", "in_payment", "reversed")


class RebateSettlement(models.Model):
    _name = "rebate.settlement"
    _description = "Rebate Settlement"
    _inherit = ["rebate.bounds", "mail.thread", "mail.activity.mixin"]
    _order = "date desc, name desc, id desc"
    _check_company_auto = True

    name = fields.Char(
        required=True, readonly=True, copy=False, default=lambda self: self.env._("New")
    )
    partner_id = fields.Many2one(
        "res.partner", required=True, readonly=True, ondelete="restrict", index=True, tracking=True
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    journal_id = fields.Many2one("account.journal", required=True, check_company=True)
    date = fields.Date(
        required=True,
        default=fields.Date.context_today,
        tracking=True,
        help="Date of the credit note.",
    )
    note = fields.Html(copy=False, help="For whoever submits, approves or posts it.")
    line_ids = fields.One2many("rebate.settlement.line", "settlement_id", readonly=True)
    amount_total = fields.Monetary(
        string="Amount", compute="_compute_amount_total", store=True, tracking=True
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "Submitted"),
            ("approved", "Approved"),
            ("posted", "Posted"),
            ("paid", "Paid"),
            ("rejected", "Rejected"),
            ("cancelled", "Cancelled"),
        ],
        string="Status",
        compute="_compute_state",
        store=True,
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
        group_expand="_expand_state",
    )
    move_ids = fields.One2many(
        "account.move", "rebate_settlement_id", string="Journal Entries", readonly=True
    )
    move_count = fields.Integer(compute="_compute_move_count")

    submitted_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    submitted_at = fields.Datetime(string="Submitted On", readonly=True, copy=False)
    approval_level_id = fields.Many2one(
        "rebate.approval.level",
        string="Waits For",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    approval_since = fields.Datetime(string="Waits Since", readonly=True, copy=False)
    reject_reason = fields.Text(string="Reason of Rejection", readonly=True, copy=False)
    approval_ids = fields.One2many("rebate.approval", "settlement_id", readonly=True)
    approver_ids = fields.Many2many(
        "res.users", string="Approvers", compute="_compute_approvers", help="Who may approve next."
    )
    can_approve = fields.Boolean(
        string="Waits for My Approval",
        compute="_compute_approvers",
        search="_search_can_approve",
    )
    can_reject = fields.Boolean(compute="_compute_approvers")

    reminded_on = fields.Date(readonly=True, copy=False)

    fingerprint = fields.Char(
        readonly=True,
        copy=False,
        help="SHA-256 over what was frozen of the settlement when it was posted, and over the"
        " fingerprint of the one the company posted before. “Check Settlements” tells whether"
        " anything was changed since.",
    )
    fingerprint_number = fields.Integer(
        string="Number in the Chain",
        readonly=True,
        copy=False,
        help="Counts the settlements that the company has posted.",
    )
    fingerprint_content = fields.Json(
        readonly=True, copy=False, prefetch=False, help="What the fingerprint was computed from."
    )

    batch_id = fields.Many2one(
        "rebate.settlement.batch",
        string="Settlement Run",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    date_due = fields.Date(
        string="Payout Date",
        readonly=True,
        copy=False,
        tracking=True,
        help="When it is to be paid: the end of what it pays for, and the days that its programs"
        " pay after it.",
    )
    pay_early = fields.Boolean(
        copy=False,
        tracking=True,
        help="The credit note may be posted before the payout date.",
    )
    amount_adjustment = fields.Monetary(
        string="Adjustments",
        compute="_compute_amount_adjustment",
        store=True,
        help="The part of the amount that corrects earlier payouts.",
    )

    program_ids = fields.Many2many(
        "rebate.program",
        string="Programs",
        compute="_compute_program_ids",
        search="_search_program_ids",
        context={"active_test": False},
    )
    date_from = fields.Date(
        string="From",
        compute="_compute_days",
        store=True,
        help="The first day of the periods that it pays for.",
    )
    date_to = fields.Date(
        string="To",
        compute="_compute_days",
        store=True,
        help="The last day that it pays for.",
    )
    period = fields.Char(compute="_compute_period", help="The days that it pays for.")
    payout_title = fields.Char(
        compute="_compute_payout_title", help="Whom it pays how much, for calendars."
    )
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    amount_company = fields.Monetary(
        string="Amount (Company Currency)",
        compute="_compute_amount_company",
        store=True,
        currency_field="company_currency_id",
        help="At the exchange rate of the date of the document.",
    )

    terms_snapshot = fields.Json(
        readonly=True,
        copy=False,
        help="The terms of the programs, what was decided by them and how, as of the proposal.",
    )

    statement_file = fields.Binary(
        string="Kept Statement",
        attachment=True,
        readonly=True,
        copy=False,
        prefetch=False,
        help="The statement as it was first printed after posting; whoever prints it later gets"
        " this very file.",
    )
    statement_hash = fields.Char(
        string="Sum of the Statement",
        readonly=True,
        copy=False,
        help="SHA-256 sum of the kept statement, by which a change of it is noticed.",
    )

    _name_unique = models.UniqueIndex(
        "(company_id, name)",
        "Another settlement of the company has this number. Leave the number out: it is given.",
    )
    _fingerprint_number_unique = models.UniqueIndex(
        "(company_id, fingerprint_number) WHERE fingerprint_number > 0",
        "Another settlement of the company was just posted. Try again.",
    )

    @api.depends("line_ids.amount")
    def _compute_amount_total(self):
        for settlement in self:
            settlement.amount_total = sum(settlement.line_ids.mapped("amount"))

    @api.depends("move_ids")
    def _compute_move_count(self):
        for settlement in self:
            # Managers and approvers may not read journal entries; how many there are is no secret.
            settlement.move_count = len(settlement.sudo().move_ids)

    @api.depends("state", "approval_ids", "date", "amount_total", "submitted_by_id", "batch_id")
    @api.depends_context("uid")
    def _compute_approvers(self):
        submitted = self.filtered(lambda settlement: settlement.state == "submitted")
        needed = self.env["rebate.approval.level"]._needed(submitted)
        for settlement in self:
            level = next_level(settlement, needed.get(settlement, ()))
            approvers = find_askable(settlement, level)
            settlement.approver_ids = approvers
            settlement.can_approve = self.env.user in approvers
            settlement.can_reject = any(
                level._is_approver(self.env.user, settlement.company_id)
                for level in needed.get(settlement, ())
            )

    @api.depends("move_ids.payment_state", "move_ids.state")
    def _compute_state(self):
        """A posted settlement is paid when its documents are, and posted again when they are not
        any more; all other steps are taken by the buttons."""
        for settlement in self:
            state = settlement.state
            if state in ("posted", "paid"):
                documents = settlement._documents()
                is_paid = documents and all(move.payment_state in PAID for move in documents)
                state = "paid" if is_paid else "posted"
            settlement.state = state

    @api.depends("line_ids.program_id")
    def _compute_program_ids(self):
        for settlement in self:
            settlement.program_ids = settlement.line_ids.program_id

    def _search_program_ids(self, operator, value):
        return Domain("line_ids.program_id", operator, value)

    def _search_can_approve(self, operator, _value):
        """Find what waits for the user, by the same rules as approving."""
        if operator != "in":
            return NotImplemented
        waiting = self.search([("state", "=", "submitted")])
        return Domain("id", "in", can_be_approved(waiting).ids)

    @api.depends("line_ids.accrual_id", "line_ids.date_until")
    def _compute_days(self):
        for settlement in self:
            spans = [(line._source_facts(), line.date_until) for line in settlement.line_ids]
            settlement.date_from = min(
                (facts.date_from for facts, _until in spans if facts.date_from), default=False
            )
            settlement.date_to = max(
                (until or facts.date_to for facts, until in spans if until or facts.date_to),
                default=False,
            )

    @api.depends("date_from", "date_to")
    @api.depends_context("lang")
    def _compute_period(self):
        for settlement in self:
            settlement.period = (
                settlement.date_from
                and settlement.date_to
                and format_period(self.env, settlement.date_from, settlement.date_to)
            )

    @api.depends("partner_id", "amount_total", "currency_id")
    @api.depends_context("lang")
    def _compute_payout_title(self):
        for settlement in self:
            amount = format_amount(self.env, settlement.amount_total, settlement.currency_id)
            settlement.payout_title = f"{amount} {settlement.partner_id.display_name or ''}"

    @api.depends("amount_total", "currency_id", "company_id", "date", "move_ids.date")
    def _compute_amount_company(self):
        for settlement in self:
            documents = settlement.move_ids.filtered(lambda move: not move.reversed_entry_id)
            settlement.amount_company = settlement.currency_id._convert(
                settlement.amount_total,
                settlement.company_id.currency_id,
                settlement.company_id,
                documents[:1].date or settlement.date,
            )

    @api.depends("line_ids.adjustment_amount")
    def _compute_amount_adjustment(self):
        for settlement in self:
            settlement.amount_adjustment = sum(settlement.line_ids.mapped("adjustment_amount"))

    @api.model
    def _expand_state(self, _states, _domain):
        """The steps that are columns of the board, also where nothing stands."""
        return ["draft", "submitted", "approved", "posted", "paid"]

    @api.model_create_multi
    def create(self, vals_list):
        self._number([vals for vals in vals_list if "name" not in vals])
        return super().create(vals_list)

    def write(self, vals):
        result = super().write(vals)
        if "state" in vals and vals["state"] != "submitted":
            approval_activities(self.filtered("approval_level_id")).unlink()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_unrecorded(self):
        """What was posted or decided is on record, whatever its status is said to be."""
        for settlement in self:
            # Managers may not read journal entries; that there are some is no secret.
            documents = settlement.sudo().move_ids
            if settlement.state not in ("draft", "rejected", "cancelled") or documents:
                text = self.env._(
                    "Settlement %s is submitted or posted and cannot be deleted. Cancel it"
                    " instead.",
                    settlement.name,
                )
            elif settlement.approval_ids:
                text = self.env._(
                    "Settlement %s was submitted, and who decided what is on record, so it"
                    " cannot be deleted. Leave it rejected or cancelled.",
                    settlement.name,
                )
            elif settlement.fingerprint:
                text = self.env._(
                    "Settlement %s was posted and cannot be deleted: those posted after it"
                    " build on its fingerprint.",
                    settlement.name,
                )
            else:
                continue
            raise UserError(text)

    # ------------------------------------------------------------------
    # What an empty list says
    # ------------------------------------------------------------------

    @api.model
    def get_empty_list_help(self, help_message):
        """Who proposes payouts is told how; others are told who does."""
        user = self.env.user
        proposers = ("group_rebate_manager", "group_rebate_accountant")
        if not any(user.has_group(f"rebate_management.{group}") for group in proposers):
            help_message = empty_list_help(
                self.env._("Nothing has been paid yet"),
                self.env._(
                    "Managers and accountants propose payouts. What was submitted for approval"
                    " stands here, and what was paid stays."
                ),
            )
        return super().get_empty_list_help(help_message)

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_view_moves(self):
        """Open the credit note, and its reversal if there is one."""
        self.ensure_one()
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Credit Notes"),
            "res_model": "account.move",
            "domain": [("id", "in", self.move_ids.ids)],
            "view_mode": "list,form",
            "context": {"create": False},
        }
        if len(self.move_ids) == 1:
            action |= {"view_mode": "form", "res_id": self.move_ids.id}
        return action

    @acting("write")
    def action_submit(self):
        """Ask for approval.

        :raise UserError: when nobody is set up to approve
        """
        lock_all(self)
        self._require_state("draft")
        for settlement, levels in self.env["rebate.approval.level"]._needed(self).items():
            if not levels:
                raise UserError(no_level_message(settlement))
        trusted(self).write(
            {
                "state": "submitted",
                "submitted_by_id": self.env.uid,
                "submitted_at": fields.Datetime.now(),
            }
        )
        record_decision(self, "submitted")
        plan_approval(self)
        return True

    @acting()
    def action_approve(self, comment=False):
        """Approve each payout on the level it waits for; the last level approves it for good.

        :param comment: kept with the approval
        :raise UserError: when the user may not approve one of them; then none is approved
        """
        # Of two approvers at once, the second begins anew and finds the first's approval.
        lock_all(self)
        self._require_state("submitted")
        needed = self.env["rebate.approval.level"]._needed(self)
        levels = {}
        for settlement in self:
            levels[settlement] = next_level(settlement, needed[settlement])
            require_approver(settlement, levels[settlement])
        record_decision(self, "approved", levels, comment)
        log_decision(self, self.env._("Approved"), levels, comment)
        close_activities(self, comment)
        approved = self.filtered(lambda settlement: not next_level(settlement, needed[settlement]))
        # Approvers need no right to write settlements otherwise.
        trusted(approved.sudo()).write({"state": "approved", "approval_level_id": False})
        plan_approval(self - approved)
        return True

    @acting()
    def action_reject(self, reason=False):
        """Refuse the payout; what it would have paid is proposed again by the next run.

        :param reason: told to whoever submitted it
        """
        lock_all(self)
        self._require_state("submitted")
        needed = self.env["rebate.approval.level"]._needed(self)
        levels = {}
        for settlement in self:
            level = next_level(settlement, needed[settlement])
            if not any(
                one._is_approver(self.env.user, settlement.company_id) for one in needed[settlement]
            ):
                raise UserError(no_approver_message(settlement, level))
            levels[settlement] = level
        record_decision(self, "rejected", levels, reason)
        log_decision(self, self.env._("Rejected"), levels, reason)
        close_activities(self, reason)
        # As in action_approve.
        trusted(self.sudo()).write(
            {"state": "rejected", "approval_level_id": False, "reject_reason": reason}
        )
        tell_submitter(self, reason)
        return True

    @acting("write")
    def action_cancel(self):
        """Give the amounts back to the accruals; what was posted is reversed.

        Only the latest settlement of an accrual can be cancelled: those after it paid the
        difference to it.

        :raise UserError: when there is a later one, or a document was paid
        """
        self._require_group("rebate_management.group_rebate_accountant")
        # As in action_post.
        lock_all(self)
        self._require_state("draft", "submitted", "approved", "posted", "paid")
        self.line_ids._lock_sources()
        check_latest(self)
        check_unpaid(self)
        documents = self._standing_documents()
        if documents:
            trusted(documents)._reverse_moves(
                [move._rebate_prepare_reversal_vals() for move in documents], cancel=True
            )
            self._book_exchange_differences()
        trusted(self).state = "cancelled"
        self.line_ids._update_sources()
        return True

    @acting("write")
    def action_post(self):
        """Create and post the document of each approved settlement, and reconcile it where its
        program says so.

        :raise UserError: when a settlement is not approved, is to be paid later, or cannot be
            posted, with the reason
        """
        self._require_group("rebate_management.group_rebate_accountant")
        # A second poster begins anew and finds the settlement posted.
        lock_all(self)
        self._require_state("approved")
        self._check_payout_date()
        # What is settled of them changes with the state below.
        self.line_ids._lock_sources()
        self._check_postable()
        days = self._open_days()
        self._accrue_missing(days)
        splits = self._tax_splits()
        moves = trusted(self.env["account.move"]).create(
            [settlement._prepare_document_vals(days[settlement], splits) for settlement in self]
        )
        # More tax is taken off than paid: the partner owes it, whatever the rebates come to.
        moves.filtered(
            lambda move: move.currency_id.compare_amounts(move.amount_total, 0) < 0
        ).action_switch_move_type()
        # Nobody else may post a document of a payout.
        moves.action_post()
        self._book_exchange_differences(days)
        self._tell_moved(days)
        trusted(self).state = "posted"
        # Of a document over nothing nothing is left to pay.
        trusted(self)._compute_state()
        self.line_ids._update_sources()
        reconcile_payouts(self)
        self._seal()
        return True

    def action_view_details(self):
        """Show the frozen invoice lines behind the settlement."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "rebate_management.rebate_settlement_detail_action"
        )
        return action | {
            "domain": [("settlement_line_id", "in", self.line_ids.ids)],
            "context": {},
        }

    def action_download_workbook(self):
        """Download the workbook of the settlement."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/rebate/settlement/{self.id}/workbook",
            "target": "download",
        }

    # ------------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------------

    @api.model
    def _number(self, vals_list):
        """Give new settlements the next numbers that are free: a sequence may have been set back.

        :param vals_list: values of settlements without a name
        """
        while vals_list:
            by_company = {}
            for vals in vals_list:
                by_company.setdefault(vals.get("company_id"), []).append(vals)
            for company_id, own in by_company.items():
                days = [vals.get("date") for vals in own]
                numbers = draw_numbers(self.env, "rebate.settlement", days, company_id=company_id)
                for vals, number in zip(own, numbers, strict=True):
                    vals["name"] = number
            # A number is taken, whoever may see by what.
            taken = self.sudo().search_fetch(
                [("name", "in", [vals["name"] for vals in vals_list])], ["name", "company_id"]
            )
            taken = {(settlement.company_id.id, settlement.name) for settlement in taken}
            vals_list = [
                vals for vals in vals_list if (vals.get("company_id"), vals["name"]) in taken
            ]

    def _require_state(self, *states):
        labels = dict(self._fields["state"]._description_selection(self.env))
        for settlement in self:
            if settlement.state not in states:
                text = self.env._(
                    "Settlement %(name)s is in status %(state)s; this needs %(needed)s.",
                    name=settlement.name,
                    state=labels[settlement.state],
                    needed=format_list(self.env, [labels[state] for state in states], style="or"),
                )
                if len(self) > 1:
                    text += " " + self.env._("Take it out of your selection.")
                raise UserError(text)

    def _require_group(self, group):
        if not (self.env.su or self.env.user.has_group(group)):
            raise UserError(
                self.env._(
                    "This needs the right “%(group)s”. Ask an administrator for it, or someone"
                    " who has it to do this.",
                    # The name of a group is no secret, and ordinary users may not read groups.
                    group=self.env.ref(group).sudo().full_name,
                )
            )

    # ------------------------------------------------------------------
    # Payouts take from the liability of the accruals, which first get what they lack
    # ------------------------------------------------------------------

    def _accrue_missing(self, days=None):
        """Accrue what the accruals lack for the payouts, one entry for all settlements of a day.

        To be called before the documents are created that pay.

        :param days: the dates of the documents by settlement, where they are not its own
        :raise UserError: when a program lacks an account, a journal or an exchange rate
        """
        for day, settlements in self._by_day(days).items():
            amounts = {}
            for line in settlements.line_ids.filtered("accrual_id"):
                amounts[line.accrual_id] = amounts.get(line.accrual_id, 0) + line.amount
            self.env["rebate.accrual"]._accrue_for_payout(amounts, day)

    def _book_exchange_differences(self, days=None):
        """Book what payouts, or their reversals, left on the liability by another exchange rate.

        To be called when the documents are posted.

        :param days: as for :meth:`_accrue_missing`
        :raise UserError: when a company has no journal or account for exchange differences
        """
        for day, settlements in self._by_day(days).items():
            settlements.line_ids.accrual_id._book_exchange_differences(day)

    def _by_day(self, days):
        return self.grouped(lambda settlement: (days or {}).get(settlement, settlement.date))

    # ------------------------------------------------------------------
    # What is kept of a decision on a payout: a record that nobody can change, and its history
    # ------------------------------------------------------------------

    def _prepare_approval_vals(self, decision, level, comment):
        self.ensure_one()
        return {
            "settlement_id": self.id,
            "company_id": self.company_id.id,
            "decision": decision,
            "level_id": level.id if level else False,
            "level_name": level.name if level else False,
            "user_id": self.env.uid,
            "amount": self.amount_total,
            "currency_id": self.currency_id.id,
            "comment": comment,
        }

    @api.model
    def _cron_remind(self):
        """Once a day: ask whoever may approve by now, and remind of what waits for too long."""
        remind_approvers(self)

    # ------------------------------------------------------------------
    # Taking a settlement back: its documents are reversed, and the next run proposes the amounts
    # ------------------------------------------------------------------

    def _standing_documents(self):
        """The posted documents that pay the settlements and were not taken back.

        :raise AccessError: when the user may not see one of them, for then it could not be reversed
        """
        # Whoever may see only some of them must not take only these back.
        documents = self.sudo()._documents().filtered(lambda move: not move._rebate_is_reversed())
        documents = documents.sudo(self.env.su)
        documents.check_access("write")
        return documents

    # ------------------------------------------------------------------
    # What keeps a settlement from being posted
    # ------------------------------------------------------------------

    def _posting_checks(self):
        """List what is checked before settlements are posted, see ``posting_checks``; another addon
        adds its own."""
        return list(posting_checks.CHECKS)

    def _check_postable(self):
        """Refuse to post what would fail half-way, or be booked wrongly.

        :raise UserError: naming the first settlement that cannot be posted, and what to do
        """
        posting_checks.check_postable(self, self._posting_checks())

    def _check_payout_date(self):
        """Post on the payout date or later, unless the accountant says so; the document has
        today's date then.

        :raise UserError: when the payout date of a settlement lies ahead
        """
        today = fields.Date.context_today(self)
        for settlement in self:
            if not settlement.date_due or settlement.date_due <= today:
                continue
            if not settlement.pay_early:
                raise UserError(
                    self.env._(
                        "Settlement %(name)s is to be paid on %(day)s. Wait until then, or tick"
                        " “Pay Early” on it to post it today.",
                        name=settlement.name,
                        day=format_date(self.env, settlement.date_due),
                    )
                )
            trusted(settlement).date = min(settlement.date, today)

    # ------------------------------------------------------------------
    # The fingerprints of what was posted
    # ------------------------------------------------------------------

    def _contents(self):
        """See :func:`.fingerprint.read_contents`."""
        return read_contents(self)

    def _seal(self):
        """See :func:`.fingerprint.seal`."""
        seal(self)

    @api.model
    def _check_fingerprints(self, companies):
        """See :func:`.verification.check_fingerprints`."""
        return check_fingerprints(self, companies)

    # ------------------------------------------------------------------
    # Paying an approved settlement: by credit note, by vendor bill, or by invoice where too much
    # was paid before
    # ------------------------------------------------------------------

    def _documents(self):
        """The posted documents that pay the settlement, without those that take them back."""
        return self.move_ids.filtered(
            lambda move: move.state == "posted" and not move.reversed_entry_id
        )

    def _paid_lines(self):
        """The lines that pay, without those that take off what was paid too much."""
        return self.line_ids.filtered(lambda line: line.amount > 0) or self.line_ids

    def _document_type(self):
        """By which kind of journal entry the settlement is paid."""
        self.ensure_one()
        if self.currency_id.compare_amounts(self.amount_total, 0) < 0:
            return "out_invoice"
        # Not of what is taken off, which another kind may have paid.
        return "in_invoice" if "vendor_bill" in self._payout_methods() else "out_refund"

    def _payout_methods(self):
        """How the lines that pay are paid."""
        return {line._payout_terms().method for line in self._paid_lines()}

    def _tax_policies(self):
        """By which policies the lines have taxes."""
        return {line._payout_terms().tax_policy for line in self.line_ids}

    def _prepare_document_vals(self, day, splits):
        """Values of the document that pays the settlement.

        :param day: its date
        :param splits: the amounts by taxes, see :meth:`_tax_splits`
        """
        self.ensure_one()
        move_type = self._document_type()
        fiscal_position = self._fiscal_position()
        vals = {
            "move_type": move_type,
            "company_id": self.company_id.id,
            "journal_id": self.journal_id.id,
            "partner_id": self.partner_id.id,
            "currency_id": self.currency_id.id,
            "invoice_date": day,
            "ref": self.name,
            "invoice_origin": self.name,
            "rebate_settlement_id": self.id,
            "invoice_line_ids": [
                command
                for line in self.line_ids
                for command in line._prepare_document_lines(
                    -1 if move_type == "out_invoice" else 1,
                    splits.get(line.id, {}),
                    fiscal_position,
                )
            ],
        }
        if fiscal_position:
            vals["fiscal_position_id"] = fiscal_position.id
        if move_type == "out_refund":
            # It can be offset or paid out at once; bills and invoices have the partner's terms.
            vals |= {"invoice_payment_term_id": False, "invoice_date_due": day}
        return vals

    def _fiscal_position(self):
        """The fiscal position of the document, where it maps the taxes of a payout product."""
        positions = self.env["account.fiscal.position"].with_company(self.company_id)
        if "product" not in self._tax_policies():
            return positions
        delivery = self.partner_id.browse(self.partner_id.address_get(["delivery"])["delivery"])
        return positions._get_fiscal_position(self.partner_id, delivery=delivery)

    def _tax_splits(self):
        """Sum up the frozen details by the taxes that the invoice lines had, in one statement.

        What lies on no invoice line has no tax.

        :return: ``{tax ids: amount}`` by id of the settlement line, of those that pay with the
            taxes of the invoices; the amounts add up to that of the line
        """
        lines = self.line_ids.filtered(lambda line: line._payout_terms().tax_policy == "origin")
        splits = {}
        for line_id, numbers, amount in self.env.execute_query(
            SQL(
                """
                SELECT settlement_line_id, COALESCE(tax_numbers, ''), SUM(rebate_amount)
                  FROM rebate_settlement_detail
                 WHERE settlement_line_id = ANY(%s)
              GROUP BY settlement_line_id, COALESCE(tax_numbers, '')
              ORDER BY settlement_line_id, COALESCE(tax_numbers, '')
                """,
                lines.ids,
            )
        ):
            tax_ids = tuple(int(number) for number in numbers.split(",") if number)
            splits.setdefault(line_id, {})[tax_ids] = float(amount)
        return splits

    # ------------------------------------------------------------------
    # Dates
    # ------------------------------------------------------------------

    def _open_days(self):
        """Find each settlement's own date, or the first open day where its books are locked."""
        days, known = {}, {}
        for settlement in self:
            has_tax = settlement._tax_policies() != {"none"}
            key = settlement.company_id, settlement.date, has_tax, settlement.journal_id
            if key not in known:
                company, day, *rest = key
                locks = company._get_violated_lock_dates(day, *rest)
                known[key] = locks[-1][0] + timedelta(days=1) if locks else day
            days[settlement] = known[key]
        return days

    def _tell_moved(self, days):
        """Say on the settlement and its document that the date has moved."""
        for settlement, day in days.items():
            if day != settlement.date:
                body = self.env._(
                    "Dated %(open_day)s, the first open day: the books are locked on %(day)s.",
                    open_day=format_date(self.env, day),
                    day=format_date(self.env, settlement.date),
                )
                settlement.message_post(body=body)
                for move in settlement._documents():
                    move.message_post(body=body)

    # ------------------------------------------------------------------
    # What the statement tells the partner, and the workbook whoever may read the settlement
    # ------------------------------------------------------------------

    def _statement(self):
        """See :func:`...reports.settlement_statement.compose_statement`."""
        return compose_statement(self)

    def _write_money(self, amount):
        return format_amount(self.env, float(amount), self.currency_id)

    def _amount_in_words(self):
        """Write what is paid, or asked back, in words of the language of the context."""
        self.ensure_one()
        return write_amount(self.env, abs(self.amount_total), self.currency_id)

    def _tax_number_label(self):
        """What the tax number of the company is called in its country."""
        country = self.company_id.account_fiscal_country_id or self.company_id.country_id
        return country.vat_label or self.env._("Tax ID")

    def _payout_day(self):
        """When it is paid, written out."""
        return format_date(self.env, max(self.date_due or self.date, self.date))

    def _kept_statement(self):
        """See :func:`.keeping.read_statement`."""
        return read_statement(self)

    def _kept_file(self):
        """See :func:`.keeping.kept_file`."""
        return kept_file(self)

    def _keep_statement(self, content):
        """See :func:`.keeping.keep_statement`."""
        return keep_statement(self, content)

    @api.model
    def _cron_keep_statements(self):
        """Each night: print the statements of what was posted, so that whoever prints or exports
        them need not wait. One by one; what fails is left to whoever prints it."""
        reports = self.env["ir.actions.report"]
        if reports.get_wkhtmltopdf_state() == "install":
            return
        waiting = self.search(
            [("state", "in", KEPT_IN), ("statement_hash", "=", False)], order="id"
        )
        remaining = len(waiting)
        for settlement in waiting:
            try:
                reports._render_qweb_pdf(STATEMENT, settlement.ids)
            except UserError as error:
                self.env.cr.rollback()
                _logger.warning("The statement of %s was not printed: %s", settlement.name, error)
            remaining -= 1
            if not self.env["ir.cron"]._commit_progress(1, remaining=remaining):
                break

    def _statement_name(self):
        """The name of the statement's file."""
        self.ensure_one()
        lang = self.partner_id.lang or self.env.lang
        number = self.name.replace("/", "_")
        return self.with_context(lang=lang).env._("Rebate statement %s", number)

    def _rebate_workbook_name(self):
        """The name of the workbook's file."""
        self.ensure_one()
        return self.env._("Rebate calculation %s", self.name.replace("/", "_")) + ".xlsx"

    def _write_rebate_workbook(self, file):
        """Write the workbook, in the reader's language.

        :param file: open for writing bytes
        """
        self.check_access("read")
        write_workbook(self, file)

    # ------------------------------------------------------------------
    # The terms of a program in sentences, as its statement tells them: from the frozen values, in
    # the language of the context
    # ------------------------------------------------------------------

    def _terms_in_words(self, frozen):
        """Tell the terms of a program, see :func:`terms_in_words`.

        :param frozen: of the settlement's snapshot, see :func:`freeze_terms`
        """
        self.ensure_one()
        return terms_in_words(self.env, frozen, self.currency_id)

    def _rule_in_words(self, rule, terms):
        """Tell what a rule counts and what reaches its tiers, see :func:`rule_in_words`.

        :param rule: of the frozen terms
        :param terms: the program's frozen terms
        """
        self.ensure_one()
        return rule_in_words(self.env, rule, terms, self.currency_id)
