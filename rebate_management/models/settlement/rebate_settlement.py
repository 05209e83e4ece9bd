"""A settlement: one payout to one partner, from proposal to posted credit note."""

import json
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import NamedTuple

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_amount, format_date, format_list, formatLang, plaintext2html

from ...reports.workbook import LONGEST, Book, Column, Formula, add_up
from ...tools.acting import acting
from ...tools.formats import format_period, format_quantity
from ...tools.locks import lock_all
from ...tools.rows import iterate
from ...tools.settlement_checks import (
    APPROVALS,
    CONTENT,
    DOCUMENTS,
    FORMAT_APPROVED_BY_OTHERS,
    STATE,
    find_oddities,
)
from ...tools.trust import trusted
from ..program.terms_in_words import rule_in_words, terms_in_words

ACTIVITY = "rebate_management.mail_activity_type_approval"
# Settlements that are read at once.
BATCH = 1000
# What is wrong with the chain itself.
CHAIN = "chain"


class Finding(NamedTuple):
    """What is wrong, in a sentence; ``settlement`` is empty where it is gone, or where an accrual
    is wrong. ``topic`` says what it is about, see ``tools.settlement_checks``."""

    settlement: models.Model
    name: str
    text: str
    topic: str = CHAIN


# Keys of the content by the field that they are of.
FIELDS = {
    "name": "name",
    "partner": "partner_id",
    "company": "company_id",
    "currency": "currency_id",
    "journal": "journal_id",
    "date": "date",
    "due": "date_due",
    "amount": "amount_total",
    "number": "fingerprint_number",
}
LINE_FIELDS = {
    "accrual": "accrual_id",
    "name": "name",
    "explanation": "explanation",
    "until": "date_until",
    "amount": "amount",
    "adjustment": "adjustment_amount",
    "cause": "cause",
}
APPROVAL_FIELDS = {
    "decision": "decision",
    "level": "level_name",
    "user": "user_id",
    "at": "decided_at",
    "amount": "amount",
    "comment": "comment",
}


def fingerprint_of(content: dict) -> str:
    """Hash a content: SHA-256 of its JSON with sorted keys, no spaces, in UTF-8.

    :return: hexadecimal digits
    """
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(text.encode()).hexdigest()


# Of a document with nothing left to pay.
PAID = ("paid", "in_payment", "reversed")
# Months that stand side by side on a page.
MONTHS = 6
# Products that have a row of their own; the workbook has all of them.
PRODUCTS = 150


class Purchase(NamedTuple):
    """A product in a month, of one rule of one settlement line; ``month`` is its first day, or None
    where nothing was invoiced."""

    settlement_line_id: int
    rule: tuple
    product: str
    code: str
    unit: str
    month: date | None
    amount: Decimal
    quantity: Decimal
    rebate: Decimal


class Row(NamedTuple):
    """A product's row of a table: purchases by month, all together, and their rebate."""

    product: str
    unit: str
    cells: list[str]
    total: str
    rebate: str


class Table(NamedTuple):
    """Purchases of at most six months; ``is_last`` where totals and rebates stand."""

    months: list[str]
    rows: list[Row]
    sums: Row
    is_last: bool


class TierRow(NamedTuple):
    """A tier in words."""

    threshold: str
    rate: str
    is_reached: bool


class RulePart(NamedTuple):
    """What one rule decided for a period."""

    name: str
    tiers: list[TierRow]
    value: str
    tables: list[Table]
    by_quantity: bool


class LinePart(NamedTuple):
    """A period of a program; amounts written out."""

    line: models.Model
    partner: str
    period: str
    until: str
    rules: list[RulePart]
    explanation: list[str]
    earned: str
    settled: str
    amount: str
    is_difference: bool


class ProgramPart(NamedTuple):
    """A program with its terms in words and the periods that are paid."""

    name: str
    words: list[str]
    rules: list[tuple[str, list[str]]]
    lines: list[LinePart]


class Part(NamedTuple):
    """What one rule has in one settlement line: how many details, and what they add up to."""

    number: int
    line_id: int
    rule_id: int | None
    rule_name: str
    count: int
    amount: float
    quantity: float
    earned: float
    settled: float
    rebate: float


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
    can_approve = fields.Boolean(compute="_compute_approvers")
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

    terms_snapshot = fields.Json(
        readonly=True,
        copy=False,
        help="The terms of the programs, what was decided by them and how, as of the proposal.",
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
            level = settlement._next_level(needed.get(settlement, ()))
            approvers = settlement._askable(level)
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

    @api.depends("line_ids.adjustment_amount")
    def _compute_amount_adjustment(self):
        for settlement in self:
            settlement.amount_adjustment = sum(settlement.line_ids.mapped("adjustment_amount"))

    @api.model_create_multi
    def create(self, vals_list):
        self._number([vals for vals in vals_list if "name" not in vals])
        return super().create(vals_list)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        for settlement in self:
            # Managers may not read journal entries; that there are some is no secret.
            documents = settlement.sudo().move_ids
            if settlement.state not in ("draft", "rejected", "cancelled") or documents:
                raise UserError(
                    self.env._(
                        "Settlement %s is submitted or posted and cannot be deleted. Cancel it"
                        " instead.",
                        settlement.name,
                    )
                )

    def write(self, vals):
        result = super().write(vals)
        if "state" in vals and vals["state"] != "submitted":
            self.filtered("approval_level_id")._approval_activities().unlink()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_recorded(self):
        for settlement in self:
            if settlement.approval_ids:
                raise UserError(
                    self.env._(
                        "Settlement %s was submitted, and who decided what is on record, so it"
                        " cannot be deleted. Leave it rejected or cancelled.",
                        settlement.name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sealed(self):
        for settlement in self:
            if settlement.fingerprint:
                raise UserError(
                    self.env._(
                        "Settlement %s was posted and cannot be deleted: those posted after it"
                        " build on its fingerprint.",
                        settlement.name,
                    )
                )

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
                raise UserError(settlement._no_level_message())
        trusted(self).write(
            {
                "state": "submitted",
                "submitted_by_id": self.env.uid,
                "submitted_at": fields.Datetime.now(),
            }
        )
        self._record("submitted")
        self._plan_approval()
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
            levels[settlement] = settlement._next_level(needed[settlement])
            settlement._require_approver(levels[settlement])
        self._record("approved", levels, comment)
        self._log_decision(self.env._("Approved"), levels, comment)
        self._close_activities(comment)
        approved = self.filtered(lambda settlement: not settlement._next_level(needed[settlement]))
        # Approvers need no right to write settlements otherwise.
        trusted(approved.sudo()).write({"state": "approved", "approval_level_id": False})
        (self - approved)._plan_approval()
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
            level = settlement._next_level(needed[settlement])
            if not any(
                one._is_approver(self.env.user, settlement.company_id) for one in needed[settlement]
            ):
                raise UserError(settlement._no_approver_message(level))
            levels[settlement] = level
        self._record("rejected", levels, reason)
        self._log_decision(self.env._("Rejected"), levels, reason)
        self._close_activities(reason)
        # As in action_approve.
        trusted(self.sudo()).write(
            {"state": "rejected", "approval_level_id": False, "reject_reason": reason}
        )
        self._tell_submitter(reason)
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
        lock_all(self.line_ids.accrual_id)
        self._check_latest()
        self._check_unpaid()
        documents = self._standing_documents()
        if documents:
            trusted(documents)._reverse_moves(
                [move._prepare_rebate_reversal_vals() for move in documents], cancel=True
            )
            self._book_exchange_differences()
        trusted(self).state = "cancelled"
        # Accountants may not write accruals.
        self.line_ids.accrual_id.sudo()._update_settled()
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
        lock_all(self.line_ids.accrual_id)
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
        # What is settled of the accruals follows; accountants may not write accruals.
        self.line_ids.accrual_id.sudo()._update_settled()
        self._offset()
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
            for vals in vals_list:
                vals["name"] = (
                    self.env["ir.sequence"]
                    .with_company(vals.get("company_id"))
                    .next_by_code("rebate.settlement", sequence_date=vals.get("date"))
                )
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
            for line in settlements.line_ids:
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
    # Who asks for a payout, and who approves or refuses it
    # ------------------------------------------------------------------

    def _next_level(self, needed):
        """Find the first of the levels needed that has not approved yet.

        :return: a level, or an empty recordset
        """
        approvals = self.approval_ids.filtered(lambda approval: approval.decision == "approved")
        none = self.env["rebate.approval.level"]
        return next((level for level in needed if level not in approvals.level_id), none)

    def _askable(self, level):
        """Find who may approve next: nobody what they proposed or submitted, and nobody two
        levels."""
        if not level:
            return self.env["res.users"]
        approved = self.approval_ids.filtered(lambda approval: approval.decision == "approved")
        # Who submitted or approved may have left the reader's companies since.
        others = self._proposers() | self.sudo().submitted_by_id | approved.sudo().user_id
        # Only taken away from those who may, who are known without it too.
        return level._approvers(self.company_id) - others.sudo(False)

    def _proposers(self):
        """Find who proposed the payout by beginning a run; nobody did what the calendar began."""
        # Whoever it was may have left the reader's companies since.
        settlement = self.sudo()
        if settlement.batch_id.is_automatic:
            # As the others are returned.
            return self.env["res.users"].sudo()
        return settlement.create_uid | settlement.batch_id.user_id

    def _require_approver(self, level):
        """Refuse whoever may not approve on a level, and say who may."""
        self.ensure_one()
        user = self.env.user
        if not level:
            raise UserError(self._no_level_message())
        if not level._is_approver(user, self.company_id):
            raise UserError(self._no_approver_message(level))
        others = self._askable(level)
        remedy = (
            self.env._("Ask %s.", format_list(self.env, others.mapped("name"), style="or"))
            if others
            else self.env._(
                "Have an administrator name another approver on approval level “%s”.", level.name
            )
        )
        if user == self.submitted_by_id:
            raise UserError(
                self.env._(
                    "You submitted settlement %(name)s, and nobody approves what they submitted."
                    " %(remedy)s",
                    name=self.name,
                    remedy=remedy,
                )
            )
        if user in self._proposers():
            raise UserError(
                self.env._(
                    "You began the run that proposed settlement %(name)s, and nobody approves what"
                    " they proposed or submitted. %(remedy)s",
                    name=self.name,
                    remedy=remedy,
                )
            )
        if user not in others and user in self.approval_ids.user_id:
            raise UserError(
                self.env._(
                    "You approved settlement %(name)s on another level, and nobody approves two"
                    " levels. %(remedy)s",
                    name=self.name,
                    remedy=remedy,
                )
            )

    def _no_approver_message(self, level):
        return self.env._(
            "Settlement %(name)s is approved on level “%(level)s” by %(who)s. Ask them, or have an"
            " administrator name you on that level.",
            name=self.name,
            level=level.name,
            who=level._approver_names(),
        )

    def _no_level_message(self):
        return self.env._(
            "No approval level of company “%(company)s” covers settlement %(name)s, so nobody could"
            " approve it. Have an administrator add one under Rebates › Configuration › Approval"
            " Levels.",
            company=self.company_id.display_name,
            name=self.name,
        )

    # ------------------------------------------------------------------
    # Whoever is to approve a payout has it on their list, and whoever asked learns of a refusal
    # ------------------------------------------------------------------

    def _approval_activities(self):
        """The open requests to approve the settlements."""
        return (
            self.env["mail.activity"]
            # An activity on another's list is none of a user's business, but for this.
            .sudo()
            .search(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "in", self.ids),
                    ("activity_type_id", "=", self.env.ref(ACTIVITY).id),
                ]
            )
        )

    def _plan_approval(self):
        """Have an activity on the list of everybody who may approve next, and of nobody else."""
        needed = self.env["rebate.approval.level"]._needed(self)
        asked = self._approval_activities().grouped("res_id")
        surplus = self.env["mail.activity"].sudo()  # as in _approval_activities
        moved = {}
        vals_list = []
        for settlement in self:
            level = settlement._next_level(needed[settlement])
            missing = settlement._askable(level)
            is_same = level == settlement.approval_level_id
            if not is_same:
                moved[level] = moved.get(level, self.browse()) | settlement
            for activity in asked.get(settlement.id, surplus.browse()):
                if is_same and activity.user_id in missing:
                    missing -= activity.user_id
                else:
                    surplus |= activity
            vals_list += [settlement._prepare_approval_activity_vals(level, u) for u in missing]
        for level, settlements in moved.items():
            # Approvers need no right to write settlements otherwise.
            trusted(settlements.sudo()).write(
                {
                    "approval_level_id": level.id,
                    "approval_since": fields.Datetime.now(),
                    "reminded_on": False,
                }
            )
        surplus.unlink()
        # Asked for in bulk; a mail for each would bury them. They are reminded by one for all.
        self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True).create(
            vals_list
        )

    def _prepare_approval_activity_vals(self, level, user):
        self.ensure_one()
        waits = timedelta(days=level.reminder_days)
        return {
            "res_model_id": self.env["ir.model"]._get_id(self._name),
            "res_id": self.id,
            "activity_type_id": self.env.ref(ACTIVITY).id,
            "summary": self.with_context(lang=user.lang).env._(
                "Approve the payout (%s)", level.with_context(lang=user.lang).name
            ),
            "user_id": user.id,
            "date_deadline": fields.Date.context_today(self) + waits,
            "automated": True,
        }

    def _close_activities(self, comment=False):
        """Mark what the user was asked for as done, and ask nobody else."""
        activities = self._approval_activities()
        own = activities.filtered(lambda activity: activity.user_id == self.env.user)
        own.action_archive()
        if comment:
            own.feedback = comment
        (activities - own).unlink()

    def _tell_submitter(self, reason):
        """Put a refusal on the list of whoever submitted it."""
        todo = self.env.ref("mail.mail_activity_data_todo", raise_if_not_found=False)
        vals_list = []
        for settlement in self:
            user = settlement.submitted_by_id
            if user.active and user != self.env.user:
                vals_list.append(
                    {
                        "res_model_id": self.env["ir.model"]._get_id(self._name),
                        "res_id": settlement.id,
                        "activity_type_id": todo and todo.id,
                        "summary": settlement.with_context(lang=user.lang).env._(
                            "Payout rejected by %s", self.env.user.name
                        ),
                        "note": reason and plaintext2html(reason),
                        "user_id": user.id,
                        "automated": True,
                    }
                )
        # Approvers need no right to plan other people's work otherwise.
        self.env["mail.activity"].sudo().create(vals_list)

    # ------------------------------------------------------------------
    # What is kept of a decision on a payout: a record that nobody can change, and its history
    # ------------------------------------------------------------------

    def _record(self, decision, levels=None, comment=False):
        """Keep who decided what."""
        # Nobody may write approvals but the decision itself.
        trusted(self.env["rebate.approval"].sudo()).create(
            [
                settlement._prepare_approval_vals(
                    decision, levels[settlement] if levels else None, comment
                )
                for settlement in self
            ]
        )

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

    def _log_decision(self, decision, levels, comment):
        """Write the decision to the history of each settlement."""
        self._message_log_batch(
            {
                settlement.id: Markup("%s (%s)%s")
                % (
                    decision,
                    levels[settlement].name or "",
                    Markup("<br/>%s") % comment if comment else "",
                )
                for settlement in self
            }
        )

    # ------------------------------------------------------------------
    # Approvers are reminded of what waits for them, once a day at most, all in one message
    # ------------------------------------------------------------------

    @api.model
    def _cron_remind(self):
        """Once a day: ask whoever may approve by now, and remind of what waits for too long."""
        waiting = self.search([("state", "=", "submitted")])
        # Levels and their approvers may have changed since it was submitted.
        waiting._plan_approval()
        today = fields.Date.context_today(self)
        late = waiting.filtered(
            lambda settlement: (
                settlement.approval_level_id.reminder_days
                and settlement.reminded_on != today
                and settlement._waits_for() >= settlement.approval_level_id.reminder_days
            )
        )
        by_approver = {}
        for settlement in late:
            for user in settlement.approver_ids:
                by_approver[user] = by_approver.get(user, self.browse()) | settlement
        for user, settlements in by_approver.items():
            settlements._remind(user)
        trusted(late).reminded_on = today

    def _waits_for(self):
        """Tell for how many days a settlement has waited on its level."""
        return (fields.Datetime.now() - self.approval_since) // timedelta(days=1)

    def _remind(self, user):
        """Send a user a list of the settlements that wait for their approval."""
        settlements = self.with_context(lang=user.lang)
        env = settlements.env
        rows = Markup().join(
            Markup('<li><a href="/mail/view?model=%s&amp;res_id=%s">%s</a>, %s: %s</li>')
            % (
                settlement._name,
                settlement.id,
                settlement.name,
                settlement.partner_id.display_name,
                settlement.currency_id.format(settlement.amount_total),
            )
            for settlement in settlements
        )
        env["mail.thread"].message_notify(
            partner_ids=user.partner_id.ids,
            subject=env._("%s payouts wait for your approval", len(settlements)),
            body=Markup("<p>%s</p><ul>%s</ul>")
            % (env._("These payouts wait for your approval:"), rows),
        )

    # ------------------------------------------------------------------
    # Taking a settlement back: its documents are reversed, and the next run proposes the amounts
    # ------------------------------------------------------------------

    def _standing_documents(self):
        """The posted documents that pay the settlements and were not taken back.

        :raise AccessError: when the user may not see one of them, for then it could not be reversed
        """
        # Whoever may see only some of them must not take only these back.
        documents = self.sudo()._documents().filtered(lambda move: not move._is_rebate_reversed())
        documents = documents.sudo(self.env.su)
        documents.check_access("write")
        return documents

    def _check_latest(self):
        """Refuse to cancel a settlement before those that paid the difference to it."""
        first = {}
        for line in self.line_ids.sorted("id"):
            first.setdefault(line.accrual_id, line)
        # What was paid later binds, whoever may see it.
        others = (
            self.env["rebate.settlement.line"]
            .sudo()
            .search(
                [
                    ("accrual_id", "in", [accrual.id for accrual in first]),
                    ("settlement_id", "not in", self.ids),
                    ("state", "not in", ("rejected", "cancelled")),
                ],
                order="id desc",
            )
        )
        for line in others:
            own = first[line.accrual_id]
            if line.id > own.id:
                raise UserError(
                    self.env._(
                        "Settlement %(later)s was made after %(name)s and pays the difference to it"
                        " for “%(accrual)s”. Cancel %(later)s first.",
                        later=line.settlement_id.name,
                        name=own.settlement_id.name,
                        accrual=line.accrual_id.display_name,
                    )
                )

    def _check_unpaid(self):
        """Refuse to cancel what was paid out: what the invoices were offset with is opened again,
        but money that was sent stays sent."""
        # A payment stands in the way, whoever may see it.
        documents = self.sudo()._documents()
        terms = documents.line_ids.filtered(lambda line: line.display_type == "payment_term")
        for line in terms:
            partials = line.matched_debit_ids | line.matched_credit_ids
            counterparts = (partials.debit_move_id | partials.credit_move_id).move_id - line.move_id
            payments = counterparts.filtered(
                lambda move: move.state == "posted" and not move.is_invoice(include_receipts=True)
            )
            if payments:
                raise UserError(
                    self.env._(
                        "%(document)s of settlement %(name)s was paid by %(payments)s. Take the"
                        " payment back first, or undo its reconciliation with the document, and"
                        " cancel the settlement then.",
                        document=line.move_id.display_name,
                        name=line.move_id.rebate_settlement_id.name,
                        payments=format_list(self.env, payments.mapped("display_name")),
                    )
                )

    # ------------------------------------------------------------------
    # Whether posted settlements are still what they were: each is compared with what its
    # fingerprint was computed from, and the chain with itself
    # ------------------------------------------------------------------

    @api.model
    def _check_fingerprints(self, companies):
        """Compare all posted settlements of companies with their fingerprints.

        :param companies: companies whose settlements the user may read
        :return: the number of settlements that were compared, and a list of :class:`Finding`, empty
            where all is as it was
        """
        count, findings = 0, []
        for company in companies:
            settlements = self.search(
                [("company_id", "=", company.id), ("fingerprint_number", ">", 0)],
                order="fingerprint_number",
            )
            findings += settlements._check_chain(company)
            count += len(settlements)
        findings += self._find_unsealed(companies)
        return count, findings + self._find_oddities(companies, findings)

    @api.model
    def _find_oddities(self, companies, findings):
        """Find what contradicts itself, whether it was sealed or not.

        What a fingerprint tells of a settlement is not told again on the same topic, nor what
        follows for an accrual from anything that is told of its settlements.

        :param findings: what is found already
        :return: a list of :class:`Finding`
        """
        told = {(finding.settlement.id, finding.topic) for finding in findings}
        # Accruals are looked at last.
        concerned = {settlement_id for settlement_id, _topic in told}
        odd = []
        accruals = self.env["rebate.accrual"]
        for oddity in find_oddities(self.env, companies.ids):
            settlement = self.browse(oddity.settlement_id or ())
            name = settlement.name
            if oddity.accrual_id:
                accrual = accruals.browse(oddity.accrual_id)
                # Also what a reader may not open follows from a finding.
                if concerned & set(accrual.sudo().settlement_line_ids.settlement_id.ids):
                    continue
                name = name or accrual.display_name
            elif (settlement.id, oddity.topic) in told:
                continue
            concerned.add(settlement.id)
            odd.append(Finding(settlement, name, oddity.text, oddity.topic))
        return odd

    def _check_chain(self, company):
        """Compare all settlements of a company, given in the order of the chain."""
        number, fingerprint, last = 0, None, self.browse()
        for start in range(0, len(self), BATCH):
            batch = self[start : start + BATCH]
            batch.fetch(
                ["name", "state", "fingerprint", "fingerprint_number", "fingerprint_content"]
            )
            contents = batch._contents()
            for settlement in batch:
                then = settlement.fingerprint_content or {}
                if settlement.fingerprint_number > number + 1:
                    yield self._missing(company, number + 1, settlement.fingerprint_number - 1)
                elif then and then.get("previous") != fingerprint:
                    yield settlement._does_not_follow(last)
                for topic, text in settlement._differences(contents[settlement.id]):
                    yield Finding(settlement, settlement.name, text, topic)
                number, fingerprint, last = (
                    settlement.fingerprint_number,
                    settlement.fingerprint,
                    settlement,
                )
            # What was read of them is large, and not needed any more.
            batch.invalidate_recordset(["fingerprint_content"], flush=False)
        yield from self._check_end(company, number, fingerprint, last)

    @api.model
    def _check_end(self, company, number, fingerprint, last):
        """Compare the last settlement with what the company's chain says of it."""
        # Only posting reads and writes it otherwise; it tells no more than the settlements do.
        chain = self.env["rebate.settlement.chain"].sudo()
        chain = chain.search([("company_id", "=", company.id)])
        if chain.settlement_count > number:
            yield self._missing(company, number + 1, chain.settlement_count)
        elif (chain.settlement_count, chain.fingerprint or None) != (number, fingerprint):
            yield Finding(
                last,
                last.name,
                self.env._(
                    "The chain of %s does not end with it: one of both was changed.", company.name
                ),
            )

    @api.model
    def _find_unsealed(self, companies):
        """Find what was posted and is in no chain."""
        unsealed = self.search(
            [
                ("company_id", "in", companies.ids),
                ("state", "in", ("posted", "paid")),
                "|",
                ("fingerprint", "=", False),
                ("fingerprint_number", "<=", 0),
            ]
        )
        text = self.env._("It is posted but has no fingerprint, so its changes cannot be noticed.")
        return [Finding(settlement, settlement.name, text) for settlement in unsealed]

    def _missing(self, company, first, last):
        names = {"first": first, "last": last, "company": company.name}
        if first == last:
            name = self.env._("No. %(first)s", **names)
            text = self.env._("It was posted as no. %(first)s of %(company)s and is gone.", **names)
        else:
            name = self.env._("No. %(first)s to %(last)s", **names)
            text = self.env._(
                "They were posted as no. %(first)s to %(last)s of %(company)s and are gone.",
                **names,
            )
        return Finding(self.browse(), name, text)

    def _does_not_follow(self, before):
        if before:
            text = self.env._(
                "It was built on another fingerprint than %s has now: one of both was replaced.",
                before.name,
            )
        else:
            text = self.env._("It was built on another settlement, but is the first of the chain.")
        return Finding(self, self.name, text)

    # ------------------------------------------------------------------
    # What the fingerprint of a settlement is computed from, read by one statement
    # ------------------------------------------------------------------

    def _contents(self):
        """Read what fingerprints are computed from, in one statement.

        Names of partners, programs and products may change later: what is told of them is frozen
        in the details and terms, otherwise their number stands for them.

        :return: by id plain values, amounts as decimal text
        """
        self.env.flush_all()
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT settlement.id, json_build_object(
                               'name', settlement.name,
                               'partner', settlement.partner_id,
                               'company', settlement.company_id,
                               'currency', settlement.currency_id,
                               'journal', settlement.journal_id,
                               'date', to_char(settlement.date, 'YYYY-MM-DD'),
                               'due', to_char(settlement.date_due, 'YYYY-MM-DD'),
                               'amount', trim_scale(settlement.amount_total)::text,
                               'terms', encode(sha256(convert_to(
                                   settlement.terms_snapshot::text, 'UTF8')), 'hex'),
                               'lines', COALESCE(line.contents, '[]'),
                               'documents', COALESCE(document.contents, '[]'),
                               'approvals', COALESCE(approval.contents, '[]'))
                      FROM rebate_settlement settlement
                 LEFT JOIN LATERAL (%(lines)s) line ON TRUE
                 LEFT JOIN LATERAL (%(documents)s) document ON TRUE
                 LEFT JOIN LATERAL (%(approvals)s) approval ON TRUE
                     WHERE settlement.id = ANY(%(ids)s)
                    """,
                    lines=self._line_contents(),
                    documents=self._document_contents(),
                    approvals=self._approval_contents(),
                    ids=self.ids,
                )
            )
        )

    def _line_contents(self) -> SQL:
        """Compose the contents of the lines of ``settlement``, each with a hash over the hashes of
        its details: so however many they are, little is held at once.

        What a detail refers to may be deleted later, so it counts by name and number only.
        """
        return SQL(
            """
            SELECT json_agg(json_build_object(
                       'id', line.id,
                       'accrual', line.accrual_id,
                       'name', line.name,
                       'explanation', line.explanation,
                       'until', to_char(line.date_until, 'YYYY-MM-DD'),
                       'amount', trim_scale(line.amount)::text,
                       'adjustment', trim_scale(line.adjustment_amount)::text,
                       'cause', line.cause,
                       'detail_count', detail.count,
                       'detail_amount', trim_scale(detail.amount)::text,
                       'details', detail.digest
                   ) ORDER BY line.id) AS contents
              FROM rebate_settlement_line line
              JOIN LATERAL (
                       SELECT COUNT(*) AS count,
                              COALESCE(SUM(detail.rebate_amount), 0) AS amount,
                              encode(sha256(COALESCE(string_agg(sha256(convert_to(
                                  json_build_array(
                                      detail.id, detail.rule_name, detail.line_number,
                                      detail.invoice_name,
                                      to_char(detail.invoice_date, 'YYYY-MM-DD'),
                                      detail.product_name, detail.product_code,
                                      trim_scale(detail.quantity)::text, detail.uom_name,
                                      detail.tax_numbers, trim_scale(detail.amount)::text,
                                      trim_scale(detail.rate)::text, detail.rate_type,
                                      trim_scale(detail.earned_amount)::text,
                                      trim_scale(detail.settled_amount)::text,
                                      trim_scale(detail.rebate_amount)::text
                                  )::text, 'UTF8')), ''::bytea ORDER BY detail.id), '')), 'hex')
                              AS digest
                         FROM rebate_settlement_detail detail
                        WHERE detail.settlement_line_id = line.id
                   ) detail ON TRUE
             WHERE line.settlement_id = settlement.id
            """
        )

    def _document_contents(self) -> SQL:
        """Compose the contents of the documents that pay ``settlement``; what takes them back comes
        later and is none of them."""
        return SQL(
            """
            SELECT json_agg(json_build_object(
                       'id', move.id,
                       'type', move.move_type,
                       'amount', trim_scale(move.amount_total)::text
                   ) ORDER BY move.id) AS contents
              FROM account_move move
             WHERE move.rebate_settlement_id = settlement.id
               AND move.state = 'posted'
               AND move.reversed_entry_id IS NULL
            """
        )

    def _approval_contents(self) -> SQL:
        """Compose who decided on ``settlement``, all of which was before it was posted."""
        return SQL(
            """
            SELECT json_agg(json_build_object(
                       'id', approval.id,
                       'decision', approval.decision,
                       'level', approval.level_name,
                       'user', approval.user_id,
                       'at', to_char(approval.decided_at, 'YYYY-MM-DD HH24:MI:SS'),
                       'amount', trim_scale(approval.amount)::text,
                       'comment', approval.comment
                   ) ORDER BY approval.id) AS contents
              FROM rebate_approval approval
             WHERE approval.settlement_id = settlement.id
            """
        )

    # ------------------------------------------------------------------
    # What differs between a settlement and what its fingerprint was computed from, in sentences
    # ------------------------------------------------------------------

    def _differences(self, now):
        """Tell what differs.

        :param now: see :meth:`_contents`
        :return: pairs of a topic, see ``tools.settlement_checks``, and a sentence; none where
            nothing does
        """
        self.ensure_one()
        then = self.fingerprint_content
        if not then or fingerprint_of(then) != self.fingerprint:
            text = self.env._("Its fingerprint is not that of its record: one of both was changed.")
            return [(CONTENT, text)]
        now = now | {"number": self.fingerprint_number}
        return [
            (topic, text)
            for topic, texts in (
                (CONTENT, self._tell_changes(self, FIELDS, self._as_merged(then, now), now)),
                (CONTENT, self._tell_terms(then, now)),
                (CONTENT, self._tell_lines(then["lines"], now["lines"])),
                (DOCUMENTS, self._tell_documents(then["documents"], now["documents"])),
                (APPROVALS, self._tell_approvals(then["approvals"], now["approvals"])),
                (STATE, self._tell_state()),
            )
            for text in texts
        ]

    def _as_merged(self, then, now):
        """What a settlement was, with the customer that its own was merged into since."""
        if then["partner"] == now["partner"]:
            return then
        successors = self.env["rebate.partner.merge"]._successors([then["partner"]])
        return then | {"partner": successors.get(then["partner"], then["partner"])}

    def _tell_changes(self, record, names, then, now):
        for key, name in names.items():
            # Which the later of two of one name got when names became unique.
            if record and key == "name" and now[key] == f"{then[key]}-{record.id}":
                continue
            if then[key] != now[key]:
                field = record._fields[name]
                yield self.env._(
                    "“%(field)s” was %(then)s and is %(now)s.",
                    field=field._description_string(self.env),
                    then=self._tell_value(field, then[key]),
                    now=self._tell_value(field, now[key]),
                )

    def _tell_value(self, field, value):
        if value is None:
            return "–"
        if field.type != "many2one":
            return str(value)
        # Whoever checks is told what it was, also of another company.
        record = self.env[field.comodel_name].sudo().browse(value).exists()
        return record.display_name if record else self.env._("no. %s, which is gone", value)

    def _tell_terms(self, then, now):
        if then["terms"] != now["terms"]:
            yield self.env._("The terms that were frozen with it were changed.")

    def _tell_lines(self, then, now):
        lines = self.env["rebate.settlement.line"]
        then, now = ({line["id"]: line for line in lines} for lines in (then, now))
        for line_id, line in (then | now).items():
            if line_id not in now:
                yield self.env._("Its line “%s” is gone.", line["name"])
            elif line_id not in then:
                yield self.env._("Its line “%s” was added.", line["name"])
            else:
                was = then[line_id]
                for text in self._tell_changes(lines, LINE_FIELDS, was, line):
                    yield self.env._("Line “%(line)s”: %(text)s", line=was["name"], text=text)
                if was["details"] != line["details"]:
                    yield self._tell_details(was, line)

    def _tell_details(self, then, now):
        return self.env._(
            "Line “%(line)s”: its invoice lines were changed. There were %(count)s, of which the"
            " rebates add up to %(amount)s; there are %(count_now)s, adding up to %(amount_now)s.",
            line=then["name"],
            count=then["detail_count"],
            amount=then["detail_amount"],
            count_now=now["detail_count"],
            amount_now=now["detail_amount"],
        )

    def _tell_approvals(self, then, now):
        then, now = ({row["id"]: row for row in rows} for rows in (then, now))
        for approval_id, row in (then | now).items():
            if approval_id not in now:
                text = self.env._("It is gone.")
            elif approval_id not in then:
                text = self.env._("It was added.")
            else:
                changes = self._tell_changes(
                    self.env["rebate.approval"], APPROVAL_FIELDS, then[approval_id], row
                )
                text = " ".join(changes)
            if text:
                yield self.env._("Approval of %(time)s: %(text)s", time=row["at"], text=text)

    def _tell_documents(self, then, now):
        if then != now:
            yield self.env._(
                "The documents that pay it were %(then)s and are %(now)s.",
                then=self._name_documents(then),
                now=self._name_documents(now),
            )

    def _name_documents(self, documents):
        # As in _tell_value.
        moves = self.env["account.move"].sudo()
        names = {
            move.id: move.display_name
            for move in moves.browse(document["id"] for document in documents).exists()
        }
        return (
            ", ".join(
                self.env._(
                    "%(name)s over %(amount)s",
                    name=names.get(document["id"]) or self.env._("no. %s", document["id"]),
                    amount=document["amount"],
                )
                for document in documents
            )
            or "–"
        )

    def _tell_state(self):
        """What a posted settlement may become is cancelled, with its documents taken back."""
        if self.state == "cancelled":
            standing = (
                # As in _tell_value.
                self.sudo()._documents().filtered(lambda move: not move._is_rebate_reversed())
            )
            for move in standing:
                yield self.env._(
                    "It is cancelled, but %s that pays it was not reversed.", move.display_name
                )
        elif self.state not in ("posted", "paid"):
            yield self.env._(
                "It was posted, but its status is “%s”.",
                dict(self._fields["state"]._description_selection(self.env))[self.state],
            )

    # ------------------------------------------------------------------
    # The fingerprint of a posted settlement: a hash over all that is frozen of it and over the
    # fingerprint of the settlement that the company posted before
    # ------------------------------------------------------------------

    def _seal(self):
        """Add posted settlements to the chains of their companies; in few statements, whatever
        their number. To be called last: others who post wait from now on."""
        settlements = self.filtered(lambda settlement: not settlement.fingerprint).sorted("id")
        if not settlements:
            return
        chains = self.env["rebate.settlement.chain"]
        ends = chains._take(settlements.company_id)
        contents = settlements._contents()
        rows = []
        for settlement in settlements:
            count, previous = ends[settlement.company_id.id]
            content = contents[settlement.id] | {
                "number": count + 1,
                "previous": previous,
                "format": FORMAT_APPROVED_BY_OTHERS,
            }
            fingerprint = fingerprint_of(content)
            ends[settlement.company_id.id] = count + 1, fingerprint
            rows.append(
                {
                    "id": settlement.id,
                    "number": count + 1,
                    "fingerprint": fingerprint,
                    "content": content,
                }
            )
        self.env.cr.execute(
            SQL(
                """
                UPDATE rebate_settlement settlement
                   SET fingerprint = new.fingerprint,
                       fingerprint_number = new.number,
                       fingerprint_content = new.content
                  FROM jsonb_to_recordset(%s)
                       AS new(id int, number int, fingerprint varchar, content jsonb)
                 WHERE settlement.id = new.id
                """,
                json.dumps(rows),
            )
        )
        chains._extend(ends)
        settlements.invalidate_recordset(
            ["fingerprint", "fingerprint_number", "fingerprint_content"], flush=False
        )

    # ------------------------------------------------------------------
    # Offsetting a posted credit note against the partner's oldest open invoices
    # ------------------------------------------------------------------

    def _offset(self):
        """Reconcile the credit notes of programs that want it with what their partners owe on the
        same account and in the same currency, the oldest invoice first; what is left stays open.
        """
        wanting = self.filtered(
            lambda settlement: any(settlement.line_ids.program_id.mapped("reconcile_payouts"))
        )
        notes = wanting._documents().filtered(lambda move: move.move_type == "out_refund")
        items = notes.line_ids.filtered(
            lambda line: line.display_type == "payment_term" and not line.reconciled
        )
        if not items:
            return
        invoices = self._open_invoices(items)
        plan = []
        for line in items:
            key = line.partner_id, line.account_id, line.currency_id, line.company_id
            left = -line.amount_residual_currency
            chosen = line
            for invoice, residual in invoices.get(key, {}).items():
                if line.currency_id.compare_amounts(left, 0) <= 0:
                    break
                taken = min(left, residual)
                if line.currency_id.compare_amounts(taken, 0) > 0:
                    # Of what the next credit note of the same partner finds.
                    invoices[key][invoice] = residual - taken
                    left -= taken
                    chosen |= invoice
            if len(chosen) > 1:
                plan.append(chosen)
        if plan:
            self.env["account.move.line"]._reconcile_plan(plan)

    def _open_invoices(self, items):
        """Find what the partners owe, in one search.

        :param items: the journal items of the credit notes to be offset
        :return: by partner, account, currency and company what is open of each invoice's journal
            item, the oldest first
        """
        found = self.env["account.move.line"].search(
            [
                ("parent_state", "=", "posted"),
                ("move_type", "in", ("out_invoice", "out_receipt")),
                ("display_type", "=", "payment_term"),
                ("reconciled", "=", False),
                ("partner_id", "in", items.partner_id.ids),
                ("account_id", "in", items.account_id.ids),
                ("company_id", "in", items.company_id.ids),
                ("amount_residual_currency", ">", 0),
            ],
            order="date_maturity, date, id",
        )
        return {
            key: {line: line.amount_residual_currency for line in lines}
            for key, lines in found.grouped(
                lambda line: (line.partner_id, line.account_id, line.currency_id, line.company_id)
            ).items()
        }

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
        methods = self._paid_lines().program_id.mapped("payout_method")
        return "in_invoice" if "vendor_bill" in methods else "out_refund"

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
        if "product" not in self.line_ids.program_id.mapped("tax_policy"):
            return positions
        delivery = self.partner_id.browse(self.partner_id.address_get(["delivery"])["delivery"])
        return positions._get_fiscal_position(self.partner_id, delivery=delivery)

    def _tax_splits(self):
        """Sum up the frozen details by the taxes that the invoice lines had, in one statement.

        What lies on no invoice line has no tax.

        :return: ``{tax ids: amount}`` by id of the settlement line, of those that pay with the
            taxes of the invoices; the amounts add up to that of the line
        """
        lines = self.line_ids.filtered(lambda line: line.program_id.tax_policy == "origin")
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
            policies = set(settlement.line_ids.program_id.mapped("tax_policy"))
            has_tax = policies != {"none"}
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
    # When a settlement is to be paid, and what of it corrects earlier ones
    # ------------------------------------------------------------------

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
    # What was bought, by product and month, as frozen with a settlement
    # ------------------------------------------------------------------

    def _purchases(self):
        """Sum up the frozen details by product and month, in one statement.

        :return: :class:`Purchase` by settlement line id and rule, a rule by its number and name
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT settlement_line_id,
                       ARRAY[COALESCE(rule_id::text, ''), COALESCE(rule_name, '')] AS rule,
                       COALESCE(product_name, ''), COALESCE(product_code, ''),
                       COALESCE(uom_name, ''), date_trunc('month', invoice_date)::date AS month,
                       SUM(amount)::text, SUM(quantity)::text, SUM(rebate_amount)::text
                  FROM rebate_settlement_detail
                 WHERE settlement_line_id = ANY(%s)
              GROUP BY 1, 2, 3, 4, 5, 6
              ORDER BY 1, 2, 3, 4, 5, 6
                """,
                self.line_ids.ids,
            )
        )
        purchases = {}
        for line_id, rule, *texts, amount, quantity, rebate in rows:
            numbers = Decimal(amount), Decimal(quantity), Decimal(rebate)
            purchase = Purchase(line_id, tuple(rule), *texts, *numbers)
            purchases.setdefault((line_id, tuple(rule)), []).append(purchase)
        return purchases

    def _tabulate(self, purchases, by_quantity):
        """Arrange purchases of one rule as tables that fit on a page.

        :param purchases: list of :class:`Purchase`
        :param by_quantity: show quantities, not amounts
        :return: list of :class:`Table`, in the language of the context
        """
        self.ensure_one()
        products = {}
        for purchase in purchases:
            key = purchase.product, purchase.code, purchase.unit
            products.setdefault(key, []).append(purchase)
        products = self._limit_products(products)
        months = sorted({purchase.month for purchase in purchases if purchase.month})
        chunks = [months[start : start + MONTHS] for start in range(0, len(months), MONTHS)] or [[]]
        return [
            Table(
                [format_date(self.env, month, date_format="MMM yyyy") for month in chunk],
                [
                    self._purchase_row(*key[::2], own, chunk, by_quantity)
                    for key, own in products.items()
                ],
                self._purchase_row(self.env._("Total"), "", purchases, chunk, by_quantity),
                chunk is chunks[-1],
            )
            for chunk in chunks
        ]

    def _limit_products(self, products):
        """Keep those that were bought most, and the others as one.

        :param products: lists of :class:`Purchase` by name, code and unit
        """
        if len(products) <= PRODUCTS:
            return products
        largest = sorted(
            products, key=lambda key: -abs(sum(purchase.amount for purchase in products[key]))
        )[: PRODUCTS - 1]
        kept = {key: own for key, own in products.items() if key in set(largest)}
        others = [purchase for key, own in products.items() if key not in kept for purchase in own]
        name = self.env._("%s other products", len(products) - len(kept))
        return kept | {(name, "", ""): others}

    def _purchase_row(self, product, unit, purchases, months, by_quantity):
        def write(parts):
            if not parts:
                return "–"
            if by_quantity:
                return self._write_quantity(sum(part.quantity for part in parts))
            return self._write_amount(sum(part.amount for part in parts))

        return Row(
            product or self.env._("Not on an invoice line"),
            unit,
            [
                write([purchase for purchase in purchases if purchase.month == month])
                for month in months
            ],
            write(purchases),
            self._write_amount(sum(purchase.rebate for purchase in purchases)),
        )

    # ------------------------------------------------------------------
    # What keeps a settlement from being posted, each told in a sentence with its remedy
    # ------------------------------------------------------------------

    def _check_postable(self):
        """Refuse to post what would fail half-way, or be booked wrongly.

        :raise UserError: naming the first settlement that cannot be posted, and what to do
        """
        without_rate = self._currencies_without_rate()
        for settlement in self:
            for problem in (
                settlement._journal_problem(),
                settlement._account_problem(),
                settlement._partner_problem(),
                settlement._currency_problem(without_rate),
                settlement._payout_problem(),
            ):
                if problem:
                    raise UserError(
                        self.env._(
                            "Settlement %(name)s cannot be posted. %(problem)s",
                            name=settlement.name,
                            problem=problem,
                        )
                    )

    def _journal_problem(self):
        journal = self.journal_id
        if not journal.active:
            return self.env._(
                "Its journal “%s” is archived. Unarchive the journal, or choose another one on the"
                " program, cancel the settlement and run it again.",
                journal.display_name,
            )
        kind = "purchase" if self._document_type() == "in_invoice" else "sale"
        if journal.type != kind:
            return self.env._(
                "Its journal “%(journal)s” is not of type %(kind)s, which its document needs."
                " Cancel the settlement and run it again.",
                journal=journal.display_name,
                kind=self.line_ids.program_id[:1]._journal_kind(kind),
            )
        return None

    def _account_problem(self):
        for program in self.line_ids.program_id:
            account = program.expense_account_id
            if not account:
                return self.env._(
                    "Program “%s” has no rebate account. Choose one on its tab “Accounting”.",
                    program.display_name,
                )
            if not account.active:
                return self.env._(
                    "The rebate account “%(account)s” of program “%(program)s” is archived. Choose"
                    " another one on the tab “Accounting” of the program, or unarchive it.",
                    account=account.display_name,
                    program=program.display_name,
                )
            liability = program._accrues_on()
            if liability and not liability.active:
                return self.env._(
                    "The liability account “%(account)s” of program “%(program)s” is archived."
                    " Choose another one on the tab “Accounting” of the program, or unarchive it.",
                    account=liability.display_name,
                    program=program.display_name,
                )
        return None

    def _partner_problem(self):
        partner = self.partner_id.with_company(self.company_id)
        name = (
            "property_account_payable_id"
            if self._document_type() == "in_invoice"
            else "property_account_receivable_id"
        )
        account = partner[name]
        if account and account.active:
            return None
        label = partner._fields[name]._description_string(self.env)
        if account:
            return self.env._(
                "“%(field)s” of partner “%(partner)s”, %(account)s, is archived. Choose another"
                " account on the partner's tab “Accounting”.",
                field=label,
                partner=partner.display_name,
                account=account.display_name,
            )
        return self.env._(
            "Partner “%(partner)s” has no “%(field)s” in company “%(company)s”. Choose one on the"
            " partner's tab “Accounting”.",
            partner=partner.display_name,
            field=label,
            company=self.company_id.display_name,
        )

    def _currencies_without_rate(self):
        """Find, in one query, who pays in a foreign currency that has no exchange rate.

        :return: a set of ``(company, currency)``
        """
        pairs = {
            (settlement.company_id, settlement.currency_id)
            for settlement in self
            if settlement.currency_id != settlement.company_id.currency_id
        }
        if not pairs:
            return pairs
        # Rates are kept by the root company, which the poster need not be allowed to enter.
        rates = self.env["res.currency.rate"].sudo()
        known = rates._read_group(
            [("currency_id", "in", [currency.id for _company, currency in pairs])],
            ["company_id", "currency_id"],
        )
        known = {(company.id, currency.id) for company, currency in known}
        return {
            (company, currency)
            for company, currency in pairs
            # As above.
            if (company.sudo().root_id.id, currency.id) not in known
            and (False, currency.id) not in known
        }

    def _currency_problem(self, without_rate):
        if (self.company_id, self.currency_id) not in without_rate:
            return None
        return self.env._(
            "There is no exchange rate between %(currency)s and %(books)s. Enter one under"
            " Accounting › Configuration › Currencies.",
            currency=self.currency_id.name,
            books=self.company_id.currency_id.name,
        )

    def _payout_problem(self):
        paid = self._paid_lines()
        for accrual in paid.accrual_id:
            if accrual._awaits_claim():
                return self.env._(
                    "“%s” was not claimed, and its program pays only what was. Record the claim on"
                    " the accrual first.",
                    accrual.display_name,
                )
        for program in self.line_ids.program_id:
            if program.tax_policy == "product" and not program.payout_product_id:
                return self.env._(
                    "Program “%s” takes the taxes of its payout product, but has none. Choose a"
                    " product on its tab “Payout”.",
                    program.display_name,
                )
        if len(set(paid.program_id.mapped("payout_method"))) > 1:
            return self.env._(
                "It pays programs by credit note and by vendor bill. Cancel it and run it again:"
                " there will be one for each."
            )
        return None

    # ------------------------------------------------------------------
    # What the statement of a settlement tells the partner: in the partner's language and formats,
    # from what was frozen when it was proposed, so that it says the same whenever it is printed
    # ------------------------------------------------------------------

    def _statement(self):
        """Tell what the settlement pays and how it came about, in the language of the context.

        :return: list of :class:`ProgramPart`
        """
        self.ensure_one()
        snapshot = self.terms_snapshot or {}
        purchases = self._purchases()
        facts = {row["line_id"]: row for row in snapshot.get("lines", ())}
        programs = {}
        for line in self.line_ids.sorted(lambda line: line.accrual_id.date_from):
            programs.setdefault(line.program_id, []).append(line)
        return [
            self._program_part(
                program,
                snapshot.get("programs", {}).get(str(program.id), {}),
                [(line, facts.get(line.id, {})) for line in lines],
                purchases,
            )
            for program, lines in programs.items()
        ]

    def _program_part(self, program, terms, lines, purchases):
        rules = {rule["id"]: rule for rule in terms.get("rules", ())}
        return ProgramPart(
            terms.get("name") or program.name,
            self._terms_in_words(terms),
            [
                (rule["name"], self._rule_in_words(rule, terms["terms"]))
                for rule in terms.get("rules", ())
            ],
            [self._line_part(line, facts, rules, purchases) for line, facts in lines],
        )

    def _line_part(self, line, facts, rules, purchases):
        of_line = {
            rule: bought for (line_id, rule), bought in purchases.items() if line_id == line.id
        }
        parts = []
        for decided in facts.get("rules", ()):
            terms = rules.get(decided["rule_id"], {})
            keys = [
                key
                for key in of_line
                if key[0] == str(decided["rule_id"]) or (not key[0] and key[1] == terms.get("name"))
            ]
            bought = [purchase for key in keys for purchase in of_line.pop(key)]
            parts.append(self._rule_part(decided, terms, bought))
        if of_line:
            # Rules that are gone, and what lies on no invoice line.
            rest = [purchase for bought in of_line.values() for purchase in bought]
            tables = self._tabulate(rest, False)
            parts.append(RulePart("", [], "", tables, False))
        earned = Decimal(facts.get("earned", str(line.amount)))
        settled = Decimal(facts.get("settled", "0"))
        accrual = line.accrual_id
        return LinePart(
            line,
            facts.get("partner") or accrual.partner_id.name,
            format_period(self.env, accrual.date_from, accrual.date_to),
            format_date(self.env, line.date_until or accrual.date_to),
            parts,
            (line.explanation or "").splitlines(),
            self._write_money(earned),
            self._write_money(settled),
            self._write_money(line.amount),
            bool(settled),
        )

    def _rule_part(self, decided, terms, bought):
        """Tell of one rule what it decided.

        :param decided: of the frozen terms, see :meth:`_freeze_terms`
        :param terms: the rule's
        :param bought: list of :class:`Purchase`
        """
        calculation = self.env["rebate.calculation"]
        facts, currency = decided["facts"], self.currency_id
        value = Decimal(facts["value"])
        scale = facts["scale"]
        reached = [tier for tier in scale if Decimal(tier["threshold"]) <= value]
        last = reached[-1] if reached and decided["tier_id"] else None
        by_quantity = facts["counted"] == "quantity"
        return RulePart(
            terms.get("name", ""),
            [
                TierRow(
                    calculation._explain_value(facts, tier["threshold"], currency),
                    calculation._explain_rate(tier, currency),
                    tier is last,
                )
                for tier in scale
            ],
            calculation._explain_value(facts, facts["value"], currency),
            self._tabulate(bought, by_quantity) if bought else [],
            by_quantity,
        )

    # ------------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------------

    def _write_amount(self, amount):
        """Write an amount as it stands in a table, without its currency."""
        return formatLang(self.env, float(amount), digits=self.currency_id.decimal_places)

    def _write_quantity(self, quantity):
        return format_quantity(self.env, Decimal(quantity), "")

    def _write_money(self, amount):
        return format_amount(self.env, float(amount), self.currency_id)

    def _amount_in_words(self):
        """Write what is paid, or asked back, in words of the language of the context."""
        self.ensure_one()
        return self.currency_id.amount_to_text(abs(self.amount_total))

    def _payout_day(self):
        """When it is paid, written out."""
        return format_date(self.env, max(self.date_due or self.date, self.date))

    def _statement_name(self):
        """The name of the statement's file."""
        self.ensure_one()
        lang = self.partner_id.lang or self.env.lang
        number = self.name.replace("/", "_")
        return self.with_context(lang=lang).env._("Rebate statement %s", number)

    # ------------------------------------------------------------------
    # The terms in force when a settlement was proposed, kept on it in words and numbers
    # ------------------------------------------------------------------

    def _freeze_terms(self, results, partial):
        """Keep the terms, and what was decided by them, of each settlement; in one statement.

        The snapshot has two keys. ``programs``: by id (as text) what ``rebate.program._snapshot``
        tells, in the partner's language. ``lines``: one entry a settlement line, with ``line_id``,
        ``program_id``, ``agreement_id``, ``partner`` (the distributor), ``date_from``, ``date_to``,
        ``date_until``; what was ``earned`` by then, ``settled`` before and the ``amount``, with
        what stays ``overpaid`` where it makes up for a part;
        ``period``, the facts of the whole period (limits), and ``rules``, each with the tier
        reached and the facts from which its explanation is told: scale (pro rata and own tiers
        included), purchases, baseline, parts. Money is decimal text in the settlement's currency.

        :param results: what was decided, by settlement line
        :param partial: see :meth:`_partial` of the lines
        """
        programs, lines = {}, {}
        for line, result in results.items():
            settlement, program = line.settlement_id, line.program_id
            key = program, settlement.partner_id.lang
            if key not in programs:
                programs[key] = program.with_context(lang=key[1])._snapshot()
            row = lines.setdefault(settlement.id, {"programs": {}, "lines": []})
            row["programs"][program.id] = programs[key]
            row["lines"].append(line._snapshot(result, partial.get(line)))
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE rebate_settlement settlement
                   SET terms_snapshot = jsonb_build_object(
                           'programs',
                           COALESCE(terms_snapshot -> 'programs', '{}') || new.programs,
                           'lines', COALESCE(terms_snapshot -> 'lines', '[]') || new.lines)
                  FROM jsonb_to_recordset(%s) AS new(id int, programs jsonb, lines jsonb)
                 WHERE settlement.id = new.id
                """,
                json.dumps([{"id": settlement_id, **row} for settlement_id, row in lines.items()]),
            )
        )
        self.browse(lines).invalidate_recordset(["terms_snapshot"], flush=False)

    # ------------------------------------------------------------------
    # The terms of a program in sentences, as its statement tells them: from the frozen values, in
    # the language of the context
    # ------------------------------------------------------------------

    def _terms_in_words(self, frozen):
        """Tell the terms of a program, see :func:`terms_in_words`.

        :param frozen: of the settlement's snapshot, see :meth:`_freeze_terms`
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

    # ------------------------------------------------------------------
    # The workbook of a settlement: its total is the sum of its lines, each the sum of its invoice
    # lines, by formulas that anybody can follow
    # ------------------------------------------------------------------

    def _rebate_workbook_name(self):
        """The name of the workbook's file."""
        self.ensure_one()
        return self.env._("Rebate calculation %s", self.name.replace("/", "_")) + ".xlsx"

    def _write_rebate_workbook(self, file):
        """Write the workbook, in the reader's language.

        :param file: open for writing bytes
        """
        self.ensure_one()
        self.check_access("read")
        self.env.flush_all()
        parts = self._parts()
        with Book(file, self.currency_id.decimal_places) as book:
            summary = book.sheet(self.env._("Summary"), self._summary_columns())
            calculation = book.sheet(self.env._("Calculation"), self._calculation_columns())
            sheets = self._detail_sheets(book, sum(part.count for part in parts))
            lines = self._write_calculation(calculation, parts, sheets)
            self._write_summary(summary, calculation, lines, parts)
            self._write_details(sheets, {part[1:4]: part.number for part in parts})

    def _parts(self):
        """Count and sum up the frozen details, in one statement."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT settlement_line_id, rule_id, COALESCE(rule_name, ''), COUNT(*),
                       SUM(amount), SUM(quantity), SUM(earned_amount), SUM(settled_amount),
                       SUM(rebate_amount)
                  FROM rebate_settlement_detail
                 WHERE settlement_line_id = ANY(%s)
              GROUP BY 1, 2, 3
              ORDER BY 1, 2 NULLS LAST, 3
                """,
                self.line_ids.ids,
            )
        )
        return [Part(number, *row) for number, row in enumerate(rows, start=1)]

    # ------------------------------------------------------------------
    # Summary
    # ------------------------------------------------------------------

    def _summary_columns(self):
        return [
            Column(self.env._("Line"), "whole", 18),
            Column(self.env._("Rebate"), "text", 46),
            Column(self.env._("Program"), "text", 28),
            Column(self.env._("Distributor"), "text", 28),
            Column(self.env._("From"), "date", 12),
            Column(self.env._("Earned Up To"), "date", 14),
            Column(self.env._("Earned"), "money", 16),
            Column(self.env._("Settled Before"), "money", 16),
            Column(self.env._("Amount"), "money", 16),
            Column(self.env._("Of Which Adjustment"), "money", 16),
            Column(self.env._("Explanation"), "text", 90),
            Column(self.env._("Adjusts, Because"), "text", 60),
        ]

    def _write_summary(self, sheet, calculation, lines, parts):
        """Write the summary, of which all sums are formulas.

        :param lines: first and last row of the calculation's parts
        """
        sheet.title(self.env._("Rebate settlement %s", self.name))
        states = dict(self._fields["state"]._description_selection(self.env))
        for label, value, kind in (
            (self.env._("Partner"), self.partner_id.display_name, "text"),
            (self.env._("Company"), self.company_id.name, "text"),
            (self.env._("Date"), self.date, "date"),
            (self.env._("Payout Date"), self.date_due or self.date, "date"),
            (self.env._("Status"), states[self.state], "text"),
            (self.env._("Currency"), self.currency_id.name, "text"),
            (self.env._("Fingerprint"), self.fingerprint or "–", "text"),
        ):
            sheet.note(label, value, kind)
        sheet.skip()
        sheet.heading(is_filter=True)
        first = sheet.row
        for number, line in enumerate(self.line_ids, start=1):
            own = [part for part in parts if part.line_id == line.id]
            sums = [
                add_up(
                    [(calculation, lines)],
                    place,
                    number,
                    sum(getattr(part, name) for part in own),
                    by=1,
                )
                for place, name in ((6, "earned"), (7, "settled"), (8, "rebate"))
            ]
            accrual = line.accrual_id
            sheet.add(
                number,
                line.name,
                line.program_id.display_name,
                accrual.partner_id.display_name,
                accrual.date_from,
                line.date_until or accrual.date_to,
                *sums,
                line.adjustment_amount,
                (line.explanation or "").replace("\n", " "),
                line.cause or None,
            )
        sheet.finish()
        self._write_totals(sheet, first, parts)

    def _write_totals(self, sheet, first, parts):
        total = sum(part.rebate for part in parts)
        last = sheet.row - 1
        row = sheet.add(
            None,
            self.env._("Total"),
            *[None] * 6,
            Formula(f"SUM({sheet.cell(first, 8)}:{sheet.cell(last, 8)})", total),
            *[None] * 3,
            is_sum=True,
        )
        frozen = sheet.add(
            None,
            self.env._("Amount of the settlement"),
            *[None] * 6,
            self.amount_total,
            *[None] * 3,
        )
        sheet.add(
            None,
            self.env._("Difference"),
            *[None] * 6,
            Formula(
                f"ROUND({sheet.cell(row, 8)}-{sheet.cell(frozen, 8)},"
                f"{self.currency_id.decimal_places})",
                round(total - self.amount_total, self.currency_id.decimal_places),
            ),
            *[None] * 3,
        )

    # ------------------------------------------------------------------
    # The calculation and the invoice lines in the workbook of a settlement
    # ------------------------------------------------------------------

    def _calculation_columns(self):
        return [
            Column(self.env._("Part"), "whole", 8),
            Column(self.env._("Line"), "whole", 8),
            Column(self.env._("Rebate"), "text", 46),
            Column(self.env._("Rule"), "text", 28),
            Column(self.env._("Purchases"), "money", 16),
            Column(self.env._("Quantity"), "number", 14),
            Column(self.env._("Earned"), "money", 16),
            Column(self.env._("Settled Before"), "money", 16),
            Column(self.env._("Rebate Amount"), "money", 16),
        ]

    def _write_calculation(self, sheet, parts, details):
        """Write what each rule adds, summed up from the invoice lines by formulas; below, how its
        tiers came to what the period earned.

        :param details: sheets with the first and last row of the invoice lines
        :return: the first and the last row of the parts
        """
        numbers = {line.id: number for number, line in enumerate(self.line_ids, start=1)}
        names = {line.id: line.name for line in self.line_ids}
        sheet.heading(is_filter=True)
        first = sheet.row
        for part in parts:
            sums = [
                add_up(details, place, part.number, getattr(part, name))
                for place, name in (
                    (8, "amount"),
                    (6, "quantity"),
                    (11, "earned"),
                    (12, "settled"),
                    (13, "rebate"),
                )
            ]
            sheet.add(
                part.number,
                numbers[part.line_id],
                names[part.line_id],
                part.rule_name or self.env._("Not on an invoice line"),
                *sums,
            )
        last = max(sheet.row - 1, first)
        sheet.finish()
        self._write_tiers(sheet, numbers)
        return first, last

    def _write_tiers(self, sheet, numbers):
        """Write how tiers earned, from the frozen facts: each on its base at its rate."""
        rates = dict(self.env["rebate.tier"]._fields["rate_type"]._description_selection(self.env))
        names = {
            rule["id"]: rule["name"]
            for program in (self.terms_snapshot or {}).get("programs", {}).values()
            for rule in program.get("rules", ())
        }
        sheet.skip()
        sheet.heading(
            [
                Column(""),
                Column(self.env._("Line"), "whole"),
                Column(self.env._("Rule")),
                Column(self.env._("Rate Is")),
                Column(self.env._("Tier From"), "number"),
                Column(self.env._("Rate"), "rate"),
                Column(self.env._("On"), "number"),
                Column(self.env._("Earned by the Tier"), "number"),
                Column(""),
            ]
        )
        for line in (self.terms_snapshot or {}).get("lines", ()):
            for rule in line["rules"]:
                for part in rule["facts"]["parts"]:
                    rate, base = sheet.cell(sheet.row, 5), sheet.cell(sheet.row, 6)
                    formula = {"percent": f"{base}*{rate}/100", "per_unit": f"{base}*{rate}"}
                    sheet.add(
                        None,
                        numbers.get(line["line_id"]),
                        names.get(rule["rule_id"], ""),
                        rates[part["rate_type"]],
                        float(Decimal(part["threshold"])),
                        float(Decimal(part["rate"])),
                        float(Decimal(part["base"])),
                        Formula(
                            formula.get(part["rate_type"], rate), float(Decimal(part["rebate"]))
                        ),
                        None,
                    )

    # ------------------------------------------------------------------
    # Invoice lines
    # ------------------------------------------------------------------

    def _detail_columns(self):
        return [
            Column(self.env._("Part"), "whole", 8),
            Column(self.env._("Rule"), "text", 24),
            Column(self.env._("Invoice"), "text", 20),
            Column(self.env._("Invoice Date"), "date", 12),
            Column(self.env._("Internal Reference"), "text", 18),
            Column(self.env._("Product"), "text", 40),
            Column(self.env._("Quantity"), "number", 12),
            Column(self.env._("Unit"), "text", 10),
            Column(self.env._("Counted"), "money", 16),
            Column(self.env._("Rate"), "rate", 10),
            Column(self.env._("Rate Is"), "text", 10),
            Column(self.env._("Earned"), "money", 14),
            Column(self.env._("Settled Before"), "money", 14),
            Column(self.env._("Rebate Amount"), "money", 14),
        ]

    def _detail_sheets(self, book, count):
        """Add a sheet for the invoice lines, or several where Excel would not open one.

        :return: ``(sheet, (first row, last row))``
        """
        columns = self._detail_columns()
        sheets = []
        for place, start in enumerate(range(0, max(count, 1), LONGEST)):
            name = self.env._("Invoice Lines")
            sheet = book.sheet(f"{name} {place + 1}" if place else name, columns)
            sheets.append((sheet, (1, max(min(count - start, LONGEST), 1))))
        return sheets

    def _write_details(self, sheets, numbers):
        """Write every invoice line as it was frozen.

        :param numbers: of the parts by settlement line, rule and its name
        """
        rates = dict(self.env["rebate.tier"]._fields["rate_type"]._description_selection(self.env))
        rows = self._detail_rows()
        for sheet, (_first, last) in sheets:
            sheet.heading(is_filter=True)
            for line_id, rule_id, rule_name, *values in rows:
                day, kind = values[1], values[8]
                values[1] = day if isinstance(day, date) else None
                values[8] = rates.get(kind)
                sheet.add(numbers[line_id, rule_id, rule_name], rule_name, *values)
                if sheet.row > last:
                    break
            sheet.finish()

    def _detail_rows(self):
        return iterate(
            self.env,
            SQL(
                """
                SELECT settlement_line_id, rule_id, COALESCE(rule_name, ''), invoice_name,
                       invoice_date, product_code, product_name, quantity, uom_name, amount, rate,
                       rate_type, earned_amount, settled_amount, rebate_amount
                  FROM rebate_settlement_detail
                 WHERE settlement_line_id = ANY(%s)
              ORDER BY settlement_line_id, rule_id NULLS LAST, invoice_date, invoice_name, id
                """,
                self.line_ids.ids,
            ),
        )
