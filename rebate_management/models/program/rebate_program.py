"""A program: what a manufacturer offers its distributors, over which periods."""

from datetime import date, timedelta

from psycopg2 import Error as DatabaseError

from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date, format_list

from ...tools.acting import acting
from ...tools.empty_lists import empty_list_help
from ...tools.trust import is_trusted, trusted
from . import activation_checks, dependencies
from .accounting_notice import accounting_notice
from .figures import current_domain, current_figures, open_figures
from .performance import performance
from .periods import PERIODS, calendar_period, cut_periods, is_whole
from .posting_checks import accrued_after, missing_to_accrue, posting_problems
from .snapshot import snapshot
from .terms_compared import compare_terms
from .terms_in_words import live_program_in_words
from .tier_methods import TIER_METHODS
from .todos import set_period_problem, update_accrual_todos, update_problem

# The journals that documents are posted to.
JOURNAL_TYPES = {"credit_note": "sale", "vendor_bill": "purchase"}
# What names or files a program or books it, and what its buttons write.
NOT_TERMS = {
    *("name", "code", "active", "state", "amends_id", "note", "template_id"),
    "renewed_from_id",
    *("user_id", "told_scope", "problem", "period_problem", "problem_activity_id"),
    "proposed_until",
    *("journal_id", "expense_account_id"),
    *("accrual_method", "accrual_journal_id", "liability_account_id"),
    *("payout_product_id", "analytic_distribution"),
    *("tax_policy", "payout_grouping", "reconcile_payouts"),
}


class RebateProgram(models.Model):
    _name = "rebate.program"
    _description = "Rebate Program"
    _inherit = ["rebate.terms", "mail.thread", "mail.activity.mixin", "analytic.mixin"]
    _order = "sequence, name, id"
    _check_company_auto = True
    _not_terms = frozenset(NOT_TERMS)

    name = fields.Char(required=True, translate=True, tracking=True)
    code = fields.Char(copy=False, help="A short name for documents, unique in the company.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        precompute=True,
        help="Thresholds, purchases and rebates are in this currency. Invoices in another are"
        " converted at the rate of their own date.",
    )
    state = fields.Selection(
        [("draft", "Draft"), ("active", "Active"), ("closed", "Closed")],
        string="Status",
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
    )
    program_type = fields.Selection(
        [
            ("volume", "Volume"),
            ("growth", "Growth"),
            ("product", "Product"),
            ("market_development", "Market Development"),
        ],
        string="Type",
        default="volume",
        required=True,
        help="Volume rewards all that is bought, growth what is bought more than before, product"
        " only certain products; market development sets a share of purchases aside for the"
        " distributor's marketing.",
    )
    date_start = fields.Date(
        string="From",
        required=True,
        tracking=True,
        default=lambda self: fields.Date.start_of(fields.Date.context_today(self), "year"),
    )
    date_end = fields.Date(
        string="Until", tracking=True, help="Last day, included. Empty: until further notice."
    )
    period_type = fields.Selection(
        [
            ("month", "Month"),
            ("quarter", "Quarter"),
            ("half_year", "Half-Year"),
            ("year", "Year"),
            ("program", "Whole Program"),
        ],
        string="Period",
        default="year",
        required=True,
        tracking=True,
        help="Purchases are counted anew in each period. Years are the company's fiscal years,"
        " and quarters and half-years divide them.",
    )
    prorate = fields.Boolean(
        string="Pro Rata",
        tracking=True,
        help="An agreement that starts or ends within a period has its thresholds, lump sums,"
        " targets, baselines and limits for that period lowered to its share of the days.",
    )
    basis = fields.Selection(
        [("invoiced", "Invoiced"), ("paid", "Paid")],
        default="invoiced",
        required=True,
        tracking=True,
        help="Invoiced: purchases count in full on the invoice date. Paid: they count by the share"
        " of the invoice that is paid, on the date of the payment: by what was received, tax"
        " withheld, and advances, not by what was written off.",
    )
    early_discount_counts = fields.Boolean(
        string="Early Payment Discount Counts",
        help="On the paid basis, what was granted as a discount for early payment counts as paid."
        " Otherwise only what was received counts, and tax withheld.",
    )
    include_refunds = fields.Boolean(
        string="Deduct Returns",
        default=True,
        help="What is returned lowers the purchases: a negative quantity on an invoice, or a"
        " quantity on a credit note. Discounts and price allowances lower them in any case.",
    )
    measure = fields.Selection(
        [("amount", "Amount"), ("quantity", "Quantity")],
        string="Counts",
        default="amount",
        required=True,
        tracking=True,
        help="What reaches the tiers: the untaxed amount of posted invoice lines, after discount,"
        " or their quantity in the unit of measure of the program.",
    )
    uom_id = fields.Many2one(
        "uom.uom",
        string="Unit of Measure",
        help="Quantities are converted to this unit. Needed where a tier is reached by a quantity"
        " or pays for each unit.",
    )
    count_services = fields.Boolean(
        string="Count Units of Services",
        help="The quantities of services count as units too, where they are in a unit that"
        " converts. Otherwise services count as money only, as discounts and free goods do.",
    )
    tier_method = fields.Selection(
        TIER_METHODS.selection,
        string="Tiers Apply",
        default="retroactive",
        required=True,
        tracking=True,
        help="Retroactive: the rate of the highest tier reached applies to all purchases of the"
        " period. Incremental: each tier pays its rate on its own part only. Rolling: each tier"
        " below the highest pays its rate on the purchases up to the next threshold, the highest"
        " on all of them. Total: each tier reached pays its rate on all purchases.",
    )
    rule_ids = fields.One2many("rebate.rule", "program_id", string="Rules", copy=True)
    agreement_ids = fields.One2many("rebate.agreement", "program_id", string="Agreements")
    agreement_count = fields.Integer(compute="_compute_agreement_count")

    expense_account_id = fields.Many2one(
        "account.account",
        string="Rebate Account",
        domain="[('account_type', 'in', ('expense', 'expense_direct_cost', 'income',"
        " 'income_other'))]",
        compute="_compute_expense_account_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        help="Rebates are posted to this account: an expense, or a deduction from revenue.",
    )
    accrual_method = fields.Selection(
        [("none", "No accrual"), ("earned", "As earned"), ("expected", "As expected")],
        string="Accrue",
        required=True,
        compute="_compute_accrual_method",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="As earned: the accrual run owes what is earned to date, at today's tier. As expected:"
        " it owes the rate that the whole period is foreseen to be paid at on what was bought so"
        " far. No accrual: rebates are an expense when they are paid.",
    )
    accrual_journal_id = fields.Many2one(
        "account.journal",
        domain="[('type', '=', 'general')]",
        compute="_compute_accrual_journal_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        help="Journal of the accrual entries.",
    )
    liability_account_id = fields.Many2one(
        "account.account",
        domain="[('account_type', 'in', ('liability_current', 'liability_non_current'))]",
        compute="_compute_liability_account_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        help="Holds what is owed until it is paid: accrual entries credit it, credit notes debit"
        " it.",
    )

    amendment_ids = fields.One2many("rebate.amendment", "program_id", string="Amendments")
    amendment_count = fields.Integer(compute="_compute_amendments")
    is_being_amended = fields.Boolean(compute="_compute_amendments")

    claim_required = fields.Boolean(
        string="Must Be Claimed",
        tracking=True,
        help="A period is paid only once it was claimed. What is not claimed by the deadline"
        " expires.",
    )
    claim_deadline_days = fields.Integer(
        string="Claim Within (Days)",
        default=90,
        tracking=True,
        help="So many days after the end of a period, its rebate can be claimed. Distributors are"
        " reminded before, as the settings of the company say.",
    )

    payout_method = fields.Selection(
        [("credit_note", "Credit note"), ("vendor_bill", "Vendor bill")],
        string="Pays By",
        default="credit_note",
        required=True,
        tracking=True,
        help="A credit note of yours, or a bill on which you owe the partner the rebate, for"
        " whoever is paid like a supplier.",
    )
    payout_grouping = fields.Selection(
        [("partner", "One for all programs"), ("program", "One for this program")],
        string="Documents",
        default="partner",
        required=True,
        help="One document for all that a partner receives, or one of its own for this program.",
    )
    tax_policy = fields.Selection(
        [
            ("none", "No tax"),
            ("product", "Taxes of the payout product"),
            ("origin", "Taxes of the invoices"),
        ],
        required=True,
        compute="_compute_tax_policy",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="Taxes of the invoices: the rebate lowers the price of what was bought, so it is split"
        " over the taxes of the invoice lines that earned it and corrects each at its own rate.",
    )
    payout_product_id = fields.Many2one(
        "product.product",
        compute="_compute_payout_product_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        domain="[('type', '=', 'service')]",
        help="Stands on the lines of the documents, and may bring its taxes.",
    )
    clawback_policy = fields.Selection(
        [("carry_forward", "Carry forward"), ("invoice", "Invoice")],
        string="Overpaid Rebates",
        default="carry_forward",
        required=True,
        tracking=True,
        help="When a partner was paid more than is earned by now: later rebates make up for it, or"
        " it is invoiced.",
    )
    reconcile_payouts = fields.Boolean(
        string="Offset at Once",
        help="Credit notes are reconciled with the partner's oldest open invoices as soon as they"
        " are posted.",
    )
    journal_id = fields.Many2one(
        "account.journal",
        string="Payout Journal",
        domain="[('type', '=', payout_method == 'vendor_bill' and 'purchase' or 'sale')]",
        compute="_compute_journal_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        help="Journal of the credit notes or bills. Empty: the company's first one of their kind.",
    )
    default_journal_ids = fields.Json(compute="_compute_default_journal_ids")

    settlement_period = fields.Selection(
        selection=lambda self: self._fields["period_type"]._description_selection(self.env),
        string="Pays Each",
        required=True,
        compute="_compute_settlement_period",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="How often the program pays, at most as long as the period. Where it pays within a"
        " period, it pays what is earned to date, and the next payout the difference.",
    )
    max_payout = fields.Monetary(
        string="Greatest Rebate",
        tracking=True,
        help="A period earns at most this, all rules together; 0: no limit.",
    )
    guaranteed_payout = fields.Monetary(
        string="Guaranteed Rebate",
        tracking=True,
        help="A period earns at least this, whatever was bought; 0: nothing is guaranteed.",
    )
    min_payout = fields.Monetary(
        string="Smallest Payout",
        tracking=True,
        help="Less than this is not paid but carried over to the next settlement; 0: all is paid.",
    )
    final_rest = fields.Selection(
        [("release", "Not paid"), ("pay", "Paid")],
        string="Rest at the End",
        default="release",
        required=True,
        tracking=True,
        help="What becomes of less than the smallest payout when an agreement has ended and nothing"
        " can be added to it. Not paid: it is released from the liability to the rebate account."
        " Should the agreement go on, or late invoices make it enough, it is owed again.",
    )

    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        index="btree_not_null",
        tracking=True,
        help="Who is told when the program cannot be computed.",
    )
    problem = fields.Char(
        readonly=True,
        copy=False,
        help="Why the figures of some agreements could not be brought up to date; empty: they are.",
    )
    period_problem = fields.Char(
        readonly=True, copy=False, help="Why its periods could not be told; empty: they were."
    )
    told_scope = fields.Json(
        readonly=True,
        copy=False,
        prefetch=False,
        help="Which products that count otherwise than when they were settled the program has told"
        " of: the rule, the product, and whether it left.",
    )
    problem_activity_id = fields.Many2one(
        "mail.activity", ondelete="set null", readonly=True, copy=False
    )

    lacks_products = fields.Boolean(compute="_compute_lacks_products")
    uses_tier_method = fields.Boolean(
        compute="_compute_uses",
        help="Whether it matters how the tiers apply: growth says itself what it pays on.",
    )
    uses_baseline = fields.Boolean(
        compute="_compute_uses", help="Whether growth over a baseline reaches the tiers of a rule."
    )
    uses_target = fields.Boolean(
        compute="_compute_uses",
        help="Whether a target that was agreed on reaches the tiers of a rule.",
    )
    words = fields.Text(
        string="In Words",
        compute="_compute_words",
        help="The terms as the statements of distributors tell them.",
    )

    current_measured_amount = fields.Monetary(
        string="Purchases",
        compute="_compute_current",
        help="What distributors bought in the running period, as far as it counts.",
    )
    current_earned_amount = fields.Monetary(
        string="Earned",
        compute="_compute_current",
        help="What distributors have earned in the running period to date.",
    )
    current_expected_amount = fields.Monetary(
        string="Forecast",
        compute="_compute_current",
        help="What the whole running period is foreseen to earn.",
    )
    current_progress = fields.Float(
        string="Earned of Forecast",
        compute="_compute_current",
        digits=(5, 1),
        help="What is earned to date, in percent of what the whole period is foreseen to earn.",
    )
    current_earning_count = fields.Integer(
        string="Earning",
        compute="_compute_current",
        help="How many distributors have earned something in the running period.",
    )
    open_amount = fields.Monetary(
        string="Owed",
        compute="_compute_open",
        help="Earned in all periods and not yet paid.",
    )
    settled_amount = fields.Monetary(
        string="Paid", compute="_compute_open", help="What posted settlements paid in all periods."
    )
    accounting_notice = fields.Text(
        compute="_compute_accounting_notice",
        help="What an accountant will ask about the program before it is activated.",
    )

    payout_delay_days = fields.Integer(
        string="Pays After (Days)",
        tracking=True,
        help="So many days after the end of what it pays for, a payout is due. 0: at once.",
    )
    proposed_until = fields.Date(
        readonly=True,
        copy=False,
        help="The end of the last settlement period that the daily job proposed.",
    )

    stacking_group_id = fields.Many2one(
        "rebate.stacking.group",
        ondelete="restrict",
        check_company=True,
        index="btree_not_null",
        tracking=True,
        help="Of the programs in one group, only one pays. Empty: the program pays beside others.",
    )
    reduced_by_program_ids = fields.Many2many(
        "rebate.program",
        "rebate_program_reduced_by_rel",
        "program_id",
        "reducing_id",
        string="Reduced By",
        check_company=True,
        domain="[('id', '!=', id)]",
        # An archived program is hidden, and reduces as before.
        context={"active_test": False},
        help="Those of these programs that come earlier in the sequence lower the amount on which"
        " this one pays by the rebate that they earned on the same purchases.",
    )

    note = fields.Html(
        string="About This Program",
        translate=True,
        help="What the program is for and what to watch, for your colleagues.",
    )
    template_id = fields.Many2one(
        "rebate.template",
        ondelete="set null",
        index="btree_not_null",
        copy=False,
        readonly=True,
        help="The template from which the program was started.",
    )

    renewed_from_id = fields.Many2one(
        "rebate.program",
        string="Renewal Of",
        ondelete="set null",
        index="btree_not_null",
        copy=False,
        readonly=True,
        check_company=True,
        help="The program of which this one is the renewal, most often for the next year.",
    )
    renewal_ids = fields.One2many(
        "rebate.program", "renewed_from_id", string="Renewals", context={"active_test": False}
    )
    can_reset = fields.Boolean(
        compute="_compute_can_reset",
        help="Whether it can go back to draft: nobody has earned or was paid by it.",
    )
    activates_agreements = fields.Boolean(
        compute="_compute_activates_agreements",
        help="Whether distributors are enrolled in the draft whose purchases count as soon as it is"
        " active.",
    )

    amends_id = fields.Many2one(
        "rebate.program",
        string="Amended Program",
        ondelete="restrict",
        index="btree_not_null",
        copy=False,
        readonly=True,
        help="The running program for which this draft holds new terms. Such a draft is archived,"
        " and is no program by itself.",
    )

    _code_company_unique = models.UniqueIndex(
        "(company_id, code) WHERE code IS NOT NULL",
        "Another program of this company has this code. Choose a different one.",
    )

    @api.constrains("date_start", "date_end")
    def _check_dates(self):
        for program in self:
            if program.date_end and program.date_end < program.date_start:
                raise ValidationError(
                    self.env._(
                        "Program “%(program)s” ends on %(end)s, before it starts on %(start)s."
                        " Correct one of the dates.",
                        program=program.display_name,
                        start=format_date(self.env, program.date_start),
                        end=format_date(self.env, program.date_end),
                    )
                )

    @api.constrains("rule_ids")
    def _check_rules(self):
        self.rule_ids._check_tiers()

    @api.constrains(
        "state",
        "accrual_method",
        "accrual_journal_id",
        "liability_account_id",
        "expense_account_id",
    )
    def _check_accrual(self):
        for program in self:
            if (
                program.accrual_method != "none"
                and program.liability_account_id
                and program.liability_account_id == program.expense_account_id
            ):
                raise ValidationError(
                    self.env._(
                        "Program “%s” has the same account for the rebate and for the liability,"
                        " so its accruals would come to nothing. Choose two accounts on the tab"
                        " “Accounting”.",
                        program.display_name,
                    )
                )
            if program.state == "active" and (missing := program._missing_to_accrue()):
                raise ValidationError(missing)

    @api.constrains("claim_required", "claim_deadline_days")
    def _check_claim_deadline(self):
        for program in self:
            if program.claim_required and program.claim_deadline_days < 1:
                raise ValidationError(
                    self.env._(
                        "Program “%s” leaves no day to claim a rebate in. Enter how many days after"
                        " the end of a period it can be claimed, 1 or more.",
                        program.display_name,
                    )
                )

    @api.constrains("payout_method", "tax_policy", "payout_product_id", "journal_id", "state")
    def _check_payment(self):
        for program in self:
            if program.tax_policy == "origin" and program.payout_method != "credit_note":
                raise ValidationError(
                    self.env._(
                        "Program “%s” pays by vendor bill, which cannot correct the taxes of your"
                        " invoices. Pay by credit note, or choose other taxes.",
                        program.display_name,
                    )
                )
            kind = JOURNAL_TYPES[program.payout_method]
            if program.journal_id and program.journal_id.type != kind:
                raise ValidationError(
                    self.env._(
                        "Program “%(program)s” cannot pay from journal “%(journal)s”: its documents"
                        " need a journal of type %(kind)s. Choose one on the tab “Payout”, or leave"
                        " it empty.",
                        program=program.display_name,
                        journal=program.journal_id.display_name,
                        kind=program._journal_kind(kind),
                    )
                )

    @api.constrains("max_payout", "guaranteed_payout", "min_payout")
    def _check_limits(self):
        for program in self:
            if min(program.max_payout, program.guaranteed_payout, program.min_payout) < 0:
                raise ValidationError(
                    self.env._(
                        "Program “%s” has a negative limit. Enter 0 where there is none.",
                        program.display_name,
                    )
                )
            if 0 < program.max_payout < program.guaranteed_payout:
                raise ValidationError(
                    self.env._(
                        "Program “%s” guarantees more than its greatest rebate. Lower the one or"
                        " raise the other.",
                        program.display_name,
                    )
                )

    @api.constrains("period_type", "settlement_period")
    def _check_settlement_period(self):
        labels = dict(self._fields["period_type"]._description_selection(self.env))
        for program in self:
            if PERIODS.index(program.settlement_period) > PERIODS.index(program.period_type):
                raise ValidationError(
                    self.env._(
                        "Program “%(program)s” counts by %(period)s but pays by %(settlement)s."
                        " Choose a settlement period that is not longer than the period.",
                        program=program.display_name,
                        period=labels[program.period_type],
                        settlement=labels[program.settlement_period],
                    )
                )

    @api.constrains("payout_delay_days")
    def _check_payout_delay_days(self):
        for program in self:
            if program.payout_delay_days < 0:
                raise ValidationError(
                    self.env._(
                        "Program “%s” pays a negative number of days after the end of what it pays"
                        " for. Enter 0 for a payout at once, or more.",
                        program.display_name,
                    )
                )

    @api.constrains("reduced_by_program_ids", "currency_id")
    def _check_reducing_currency(self):
        for program in self:
            for other in program.reduced_by_program_ids:
                if other.currency_id != program.currency_id:
                    raise ValidationError(
                        self.env._(
                            "Program “%(program)s” is in %(currency)s and cannot be reduced by"
                            " “%(other)s”, which is in %(other_currency)s. Choose programs in one"
                            " currency.",
                            program=program.display_name,
                            currency=program.currency_id.name,
                            other=other.display_name,
                            other_currency=other.currency_id.name,
                        )
                    )

    @api.constrains("stacking_group_id", "currency_id", "period_type")
    def _check_stacking_group(self):
        for group in self.stacking_group_id.filtered(lambda group: group.method == "best"):
            programs = group._programs()
            if len(programs.currency_id) > 1 or len(set(programs.mapped("period_type"))) > 1:
                raise ValidationError(
                    self.env._(
                        "The programs of stacking group “%s” are in different currencies or count"
                        " over different periods, so the best cannot be told. Give them one"
                        " currency and one period.",
                        group.display_name,
                    )
                )

    @api.constrains("active", "state", "amends_id")
    def _check_amendment(self):
        for program in self:
            if program.amends_id and (program.active or program.state != "draft"):
                raise ValidationError(program._is_amendment_message())

    @api.depends("company_id")
    def _compute_currency_id(self):
        for program in self:
            program.currency_id = program.company_id.currency_id

    def _compute_agreement_count(self):
        counts = dict(
            self.env["rebate.agreement"]._read_group(
                [("program_id", "in", self.ids)], ["program_id"], ["__count"]
            )
        )
        for program in self:
            program.agreement_count = counts.get(program, 0)

    @api.depends("company_id")
    def _compute_expense_account_id(self):
        for company, programs in self.grouped("company_id").items():
            programs.expense_account_id = company._rebate_account("rebate_expense_account_id")

    @api.depends("company_id")
    def _compute_liability_account_id(self):
        for company, programs in self.grouped("company_id").items():
            programs.liability_account_id = company._rebate_account("rebate_liability_account_id")

    @api.depends("company_id")
    def _compute_accrual_method(self):
        for program in self:
            # What a company proposes, whoever starts the program may know; a choice stays.
            program.accrual_method = (
                program.accrual_method or program.company_id.sudo().rebate_accrual_method or "none"
            )

    @api.depends("company_id")
    def _compute_accrual_journal_id(self):
        for company, programs in self.grouped("company_id").items():
            programs.accrual_journal_id = company._rebate_accrual_journal() if company else False

    @api.depends("company_id", "payout_method")
    def _compute_tax_policy(self):
        for program in self:
            # As in _compute_accrual_method.
            company = program.company_id.sudo()
            policy = program.tax_policy or company.rebate_tax_policy or "none"
            # A bill of the partner's corrects no tax of an invoice; a running program is refused.
            is_free = program.state == "draft" and program.payout_method == "vendor_bill"
            program.tax_policy = "none" if is_free and policy == "origin" else policy

    @api.depends("company_id")
    def _compute_payout_product_id(self):
        for program in self:
            # As in _compute_accrual_method.
            program.payout_product_id = program.company_id.sudo().rebate_payout_product_id

    @api.depends("company_id", "payout_method")
    def _compute_journal_id(self):
        for program in self:
            kind = JOURNAL_TYPES[program.payout_method]
            # As in _compute_accrual_method. One that was chosen stays as long as it fits.
            proposed = program.company_id.sudo().rebate_payout_journal_id
            chosen = program.journal_id
            if chosen.type != kind or chosen.company_id not in program.company_id.parent_ids:
                program.journal_id = proposed if proposed.type == kind else False

    def _compute_amendments(self):
        counts = {
            (program, state): count
            for program, state, count in self.env["rebate.amendment"]._read_group(
                [("program_id", "in", self.ids)], ["program_id", "state"], ["__count"]
            )
        }
        for program in self:
            program.amendment_count = counts.get((program, "applied"), 0)
            program.is_being_amended = (program, "draft") in counts

    @api.depends("state", "agreement_ids.accrual_ids.earned_amount")
    def _compute_can_reset(self):
        of_these = Domain("program_id", "in", self.ids)
        has_earned = Domain("earned_amount", ">", 0) | Domain("earned_amount", "<", 0)
        kept = self.browse()
        for model, domain in (
            ("rebate.settlement.line", of_these),
            ("rebate.accrual", of_these & has_earned),
        ):
            groups = self.env[model]._read_group(domain, ["program_id"])
            kept = kept.union(*(program for (program,) in groups))
        for program in self:
            program.can_reset = program.state != "draft" and program not in kept

    @api.depends("state", "agreement_ids.state")
    def _compute_activates_agreements(self):
        drafts = self.filtered(lambda program: program.state == "draft")
        groups = self.env["rebate.agreement"]._read_group(
            [("program_id", "in", drafts.ids), ("state", "=", "active")], ["program_id"]
        )
        waiting = self.browse().union(*(program for (program,) in groups))
        for program in self:
            program.activates_agreements = program in waiting

    def _compute_default_journal_ids(self):
        """The first journal of each kind of the company, for programs that name none."""
        journals = self.env["account.journal"]
        for company, programs in self.grouped("company_id").items():
            programs.default_journal_ids = {
                kind: journals.search(
                    [*journals._check_company_domain(company), ("type", "=", kind)], limit=1
                ).id
                for kind in JOURNAL_TYPES.values()
            }

    @api.depends("period_type")
    def _compute_settlement_period(self):
        for program in self:
            program.settlement_period = program.period_type

    @api.depends(
        "program_type",
        "rule_ids.product_ids",
        "rule_ids.product_category_ids",
        "rule_ids.product_tag_ids",
        "rule_ids.product_domain",
    )
    def _compute_lacks_products(self):
        for program in self:
            program.lacks_products = bool(program._rules_without_products())

    @api.depends("measure", "rule_ids.qualifier_measure")
    def _compute_uses(self):
        for program in self:
            rules = program.rule_ids
            program.uses_baseline = any(rule._is_growth() for rule in rules)
            program.uses_target = any(rule._is_by_target() for rule in rules)
            program.uses_tier_method = not rules or not all(rule._is_growth() for rule in rules)

    @api.depends(
        *("date_start", "date_end", "period_type", "settlement_period", "basis"),
        *("early_discount_counts", "include_refunds", "measure", "uom_id", "count_services"),
        *("tier_method", "rule_ids.qualifier_measure", "rule_ids.name", "max_payout"),
        *("guaranteed_payout", "min_payout", "final_rest", "claim_required"),
        *("claim_deadline_days", "payout_method", "payout_delay_days", "clawback_policy"),
    )
    @api.depends_context("lang")
    def _compute_words(self):
        for program in self:
            program.words = "\n".join(live_program_in_words(program))

    @api.depends_context("uid")
    def _compute_current(self):
        figures = current_figures(self)
        for program in self:
            program.update(figures[program.id or program._origin.id])

    @api.depends_context("uid")
    def _compute_open(self):
        figures = open_figures(self)
        for program in self:
            program.update(figures[program.id or program._origin.id])

    @api.depends(
        *("state", "company_id", "expense_account_id"),
        *("accrual_method", "tax_policy", "payout_method"),
    )
    @api.depends_context("lang")
    def _compute_accounting_notice(self):
        for program in self:
            program.accounting_notice = accounting_notice(program)

    @api.depends("name", "amends_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        result = super()._compute_display_name()
        for program in self:
            if program.amends_id:
                program.display_name = self.env._("%s (amendment)", program.name)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_offered(self):
        """A program that was offered or amended is part of the record, and the draft of an
        amendment goes with it."""
        if is_trusted(self.env):
            return
        for program in self:
            if program.amends_id:
                raise UserError(program._is_amendment_message())
            if program.state != "draft" or program.amendment_ids:
                raise UserError(
                    self.env._(
                        "Program “%s” has been active and is part of the record. Close and"
                        " archive it instead of deleting it.",
                        program.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # What an empty list and an import begin with
    # ------------------------------------------------------------------

    @api.model
    def get_empty_list_help(self, help_message):
        """What a manager does next is told to managers only."""
        # Odoo asks as superuser.
        if not self.sudo(False).has_access("create"):
            help_message = empty_list_help(
                self.env._("No program runs yet"),
                self.env._(
                    "A rebate manager writes down what distributors are offered. Once a program is"
                    " active, it stands here with what it pays."
                ),
            )
        return super().get_empty_list_help(help_message)

    @api.model
    def get_import_templates(self):
        return [
            {
                "label": self.env._("Import Template for Rebate Programs"),
                "template": "/rebate_management/static/xls/rebate_programs.xlsx",
            }
        ]

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    @acting("write")
    def action_amend(self):
        """Open the draft in which new terms are written; nothing changes until it is applied.

        :raise UserError: when the program is a draft, whose terms are free
        """
        self.ensure_one()
        if self.amends_id:
            raise UserError(self._is_amendment_message())
        if self.state == "draft":
            raise UserError(
                self.env._(
                    "Program “%s” is a draft: change its terms directly, no amendment is needed.",
                    self.display_name,
                )
            )
        amendment = self.amendment_ids.filtered(lambda amendment: amendment.state == "draft")
        amendment = amendment or self.env["rebate.amendment"]._begin(self)
        action = amendment.with_context(rebate_in_place=False).action_edit_terms()
        return action | {"context": action["context"] | {"rebate_in_place": True}}

    @acting("write")
    def action_preview_amendment(self):
        """From the draft of an amendment: compute and show what every period becomes."""
        return self._amendment().action_preview()

    @acting("write")
    def action_discard_amendment(self):
        """From the draft of an amendment: give it up."""
        return self._amendment().action_discard()

    def action_view_amendments(self):
        """Show how the terms came to be what they are."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "rebate_management.rebate_amendment_action"
        )
        return action | {"domain": [("program_id", "=", self.id)], "context": {}}

    @acting("write")
    def action_activate(self):
        """Open the program for enrolment and start counting purchases.

        :raise UserError: when something is missing that the program needs to be paid
        """
        for program in self:
            program._add_missing_accounts()
            program._check_complete()
        trusted(self).write({"state": "active"})
        self.agreement_ids.filtered(lambda agreement: agreement.state == "active").action_refresh()
        return True

    @acting("write")
    def action_ask_activation(self):
        """Activate, or first show what distributors that are enrolled already would have earned at
        once of periods that are over.

        :return: an action that shows it; True where there is nothing to show and it is done
        """
        self.ensure_one()
        self._check_complete()
        agreements = self.agreement_ids.filtered(lambda agreement: agreement.state == "active")
        return (
            self.env["rebate.activation"]._ask(agreements, program=self) or self.action_activate()
        )

    @acting("write")
    def action_close(self):
        """End the program today, or leave the earlier end it has. What was earned until then can
        still be settled, later purchases do not count."""
        today = fields.Date.context_today(self)
        for program in self:
            end = max(program.date_start, min(program.date_end or today, today))
            trusted(program).write({"state": "closed", "date_end": end})
        self.agreement_ids.action_refresh()
        return True

    @acting("write")
    def action_reset(self):
        """Take a program back to draft to correct its terms, before anybody earned by them.

        :raise UserError: when something was earned or a settlement refers to the program
        """
        self.agreement_ids.action_refresh()
        for program in self:
            of_program = Domain("program_id", "=", program.id)
            if self.env["rebate.settlement.line"].search_count(of_program, limit=1):
                raise UserError(
                    self.env._(
                        "Program “%s” has settlements, so it cannot go back to draft. Choose"
                        " “Amend” to change its terms: the next settlement pays the difference.",
                        program.display_name,
                    )
                )
            if self.env["rebate.accrual"].search_count(
                of_program & (Domain("earned_amount", ">", 0) | Domain("earned_amount", "<", 0)),
                limit=1,
            ):
                raise UserError(
                    self.env._(
                        "Distributors have earned rebates by the terms of program “%s”, so it"
                        " cannot go back to draft. Choose “Amend” to change its terms.",
                        program.display_name,
                    )
                )
        trusted(self).write({"state": "draft"})
        return True

    @acting("write")
    def action_enroll(self):
        """Choose distributors to be enrolled, many at once."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "rebate_management.rebate_enroll_action"
        )
        return action | {"context": {"default_program_id": self.id, "dialog_size": "extra-large"}}

    @acting("write")
    def action_renew(self):
        """Prepare the program for its next period, reviewed before anything is written.

        :raise RedirectWarning: when there is a renewal already
        """
        self.ensure_one()
        self.env["rebate.renew"]._check_renewable(self)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "rebate_management.rebate_renew_action"
        )
        return action | {"context": {"default_program_id": self.id, "dialog_size": "extra-large"}}

    def action_view_agreements(self):
        """Show who is enrolled."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "rebate_management.rebate_agreement_action"
        )
        return action | {
            "domain": [("program_id", "=", self.id)],
            "context": {"default_program_id": self.id},
        }

    def action_view_current(self):
        """Show what distributors have earned in the running period."""
        return self._action_accruals(self.env._("Running Period"), current_domain(self))

    def action_view_open(self):
        """Show the periods of which something is still to be paid."""
        return self._action_accruals(self.env._("To Settle"), Domain("open_amount", "!=", 0))

    def action_view_settlements(self):
        """Show what was paid, or is proposed."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "rebate_management.rebate_settlement_action"
        )
        return action | {
            "domain": [("line_ids.accrual_id.program_id", "=", self.id)],
            "context": {},
        }

    def _action_accruals(self, title, domain):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "rebate_management.rebate_accrual_action"
        )
        return action | {
            "name": f"{self.display_name}: {title}",
            "domain": list(Domain("program_id", "=", self.id) & domain),
            "context": {},
        }

    def get_performance(self):
        """Tell how the program goes in its running period, for its tab, see :func:`performance`."""
        self.ensure_one()
        self.check_access("read")
        return performance(self)

    def action_refresh(self):
        """Compute all agreements of the program anew."""
        self.agreement_ids.action_refresh()
        return True

    # ------------------------------------------------------------------
    # Terms, and their change by amendment
    # ------------------------------------------------------------------

    def _terms_programs(self):
        return self

    def _terms_place(self, name):
        return f"“{self._fields[name]._description_string(self.env)}”"

    def _check_unlocked(self, name=None):
        # Programs that come or go are checked above.
        return super()._check_unlocked(name) if name else None

    def _refuse_in_state(self, name):
        if name is None:
            self._unlink_except_offered()
        return super()._refuse_in_state(name)

    def _freeze_terms(self):
        """The whole terms of the program, rules and tiers included, as they can be stored."""
        return {
            "terms": super()._freeze_terms(),
            "rules": [rule._freeze_terms() for rule in self.rule_ids.sorted(lambda r: r.sequence)],
        }

    def _snapshot(self) -> dict:
        """Tell the terms in force in values and in words, see :func:`snapshot`."""
        self.ensure_one()
        return snapshot(self)

    def _tell_terms(self, frozen: dict) -> list:
        """Say frozen terms section by section, see :func:`compare_terms`."""
        self.ensure_one()
        return compare_terms(self.env, frozen, frozen, self.currency_id)

    def _amendment(self):
        """The amendment whose draft the program is."""
        self.ensure_one()
        amendment = self.env["rebate.amendment"].search([("draft_id", "=", self.id)])
        if not amendment:
            raise UserError(
                self.env._(
                    "Program “%s” is not the draft of an amendment. Choose “Amend” on the program"
                    " whose terms you want to change.",
                    self.display_name,
                )
            )
        return amendment

    def _is_amendment_message(self):
        return self.env._(
            "This draft of “%s” holds the terms of an amendment. Apply the amendment or discard"
            " it; the draft is no program by itself.",
            self.name,
        )

    def _action_open(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "rebate_management.rebate_program_action"
        )
        return action | {
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "main",
        }

    # ------------------------------------------------------------------
    # What a program needs before it is offered
    # ------------------------------------------------------------------

    def _check_complete(self):
        """Refuse to offer a program that could not be computed, accrued or paid.

        :raise UserError: naming what is missing, and where it is entered
        """
        self.ensure_one()
        for check in self._activation_checks():
            check(self)

    def _add_missing_accounts(self):
        """Where the chart of the company has no account for rebates, add those that the program
        needs, and say so on it. What was emptied although there is one stays empty."""
        self.ensure_one()
        company = self.company_id
        needed = {"expense_account_id": "rebate_expense_account_id"}
        if self.accrual_method != "none":
            needed["liability_account_id"] = "rebate_liability_account_id"
        lacking = {
            name: setting
            for name, setting in needed.items()
            if not self[name] and not company._rebate_account(setting)
        }
        added = company._rebate_set_accounts(lacking.values(), add=True)
        for name, setting in lacking.items():
            self[name] = company._rebate_account(setting)
        if added:
            self.message_post(
                body=self.env._(
                    "The chart of accounts had no account for rebates, so these were added to it"
                    " and are proposed for the next programs too: %s",
                    format_list(self.env, added.mapped("display_name")),
                )
            )

    @api.model
    def _activation_checks(self):
        """What is checked before a program is offered, the first first: functions of the program
        that raise a ``UserError``. Another addon adds its own."""
        return [*activation_checks.CHECKS]

    def _check_unit(self, rule, tiers):
        """Refuse tiers that count or pay for units of no measure: they would never pay."""
        self.ensure_one()
        if not self.uom_id and rule._needs_quantity(tiers):
            raise UserError(
                self.env._(
                    "Program “%s” counts quantities, but in no unit of measure. Choose the unit to"
                    " which they are converted.",
                    self.display_name,
                )
            )

    def _rules_without_products(self):
        """Find the rules that would count everything although the program is for certain
        products."""
        self.ensure_one()
        if self.program_type != "product":
            return self.rule_ids.browse()
        return self.rule_ids.filtered(lambda rule: not rule._names_products())

    # ------------------------------------------------------------------
    # Periods, and when they are paid
    # ------------------------------------------------------------------

    def _periods(self, first, last, until):
        """List the program's periods between two days that have begun by a third, cut at both.

        :return: list of ``(first day, last day)``
        """
        return [(cell.first, cell.last) for cell in self._cells(first, last, until)]

    def _cells(self, first, last, until):
        """List the program's periods as :meth:`_periods`, with the whole ones they are cut from.

        :return: list of :class:`Cell`
        """
        self.ensure_one()
        return cut_periods(self.company_id, self.period_type, first, last, until)

    def _is_whole(self, first, last):
        """Tell whether a period is a whole one of the calendar now, see :func:`is_whole`."""
        self.ensure_one()
        return is_whole(self.company_id, self.period_type, first, last)

    def _calendar_period(self, day):
        """Find the whole period of the calendar a day lies in, see :func:`calendar_period`."""
        self.ensure_one()
        return calendar_period(self.company_id, self.period_type, day)

    def _settlement_periods(self, first, last, until):
        """List the spans within a period after each of which the program pays, as
        :meth:`_periods`."""
        self.ensure_one()
        cells = cut_periods(self.company_id, self.settlement_period, first, last, until)
        return [(cell.first, cell.last) for cell in cells]

    def _settlement_end(self, day):
        """Find the end of the last settlement period that is over by the end of a day, or None."""
        self.ensure_one()
        spans = self._settlement_periods(self.date_start, self.date_end or date.max, day)
        return max((last for _first, last in spans if last <= day), default=None)

    def _payout_date(self, until):
        """Tell when is due what is paid for the time up to a day."""
        self.ensure_one()
        return until + timedelta(days=self.payout_delay_days)

    # ------------------------------------------------------------------
    # Several programs on one purchase: which of them pay, and on what is left
    # ------------------------------------------------------------------

    def _in_sequence(self):
        """The programs, the first first."""
        return dependencies.in_sequence(self)

    def _reducing_programs(self):
        """The programs whose rebates lower the amount on which this one pays, in sequence."""
        self.ensure_one()
        return dependencies.reducing_programs(self)

    def _preceding_programs(self):
        """The programs that take purchases before any of these, by priority in a group."""
        return dependencies.preceding_programs(self)

    def _dependencies(self):
        """The programs on whose rebates this one depends."""
        self.ensure_one()
        return dependencies.dependencies_of(self)

    def _with_dependencies(self):
        """These programs, those they depend on, and so on."""
        return dependencies.with_dependencies(self)

    def _dependent_programs(self):
        """The programs whose rebates depend on these, themselves included, and so on."""
        return dependencies.dependent_programs(self)

    # ------------------------------------------------------------------
    # By which document a program pays, and what becomes of what was overpaid
    # ------------------------------------------------------------------

    def _carries_forward(self, amount) -> bool:
        """Tell whether what is payable to an agreement is carried forward instead: too little, or
        overpaid and not to be invoiced.

        :param amount: in the program's currency, negative where too much was paid before
        """
        self.ensure_one()
        if amount < 0 and self.clawback_policy != "invoice":
            return True
        return self.currency_id.compare_amounts(abs(amount), self._smallest_payout()) < 0

    def _smallest_payout(self, is_last=False):
        """The least that is paid to an agreement, or invoiced, at a time.

        :param is_last: whether nothing can follow what is paid
        """
        self.ensure_one()
        minimum = 0 if is_last and self.final_rest == "pay" else self.min_payout
        return max(minimum, self.currency_id.rounding)

    def _makes_up_for(self, overpaid) -> bool:
        """Tell whether what this program owes can make up for what another one paid too much: a
        bill of the partner's corrects no tax of your invoices and credit notes.

        :param overpaid: a program
        """
        self.ensure_one()
        return (
            self.payout_method in ("credit_note", overpaid.payout_method)
            or overpaid.tax_policy == "none"
        )

    def _payout_group(self, amount):
        """What keeps payouts to one partner apart: only what is paid by the same kind of document,
        and by none of its own, shares a settlement.

        :return: a hashable value
        """
        self.ensure_one()
        return (
            "out_invoice" if amount < 0 else self.payout_method,
            self.reconcile_payouts,
            self.id if self.payout_grouping == "program" else 0,
        )

    def _payout_journal(self, amount):
        """The journal of the document over an amount, see :meth:`_carries_forward`.

        :raise UserError: when neither the program nor its company has one
        """
        self.ensure_one()
        kind = "sale" if amount < 0 else JOURNAL_TYPES[self.payout_method]
        if self.journal_id.type == kind:
            return self.journal_id
        journal_id = (self.default_journal_ids or {}).get(kind)
        if not journal_id:
            raise UserError(
                self.env._(
                    "Company “%(company)s” has no journal of type %(kind)s for the rebates of"
                    " program “%(program)s”. Create one, or choose a journal on the program.",
                    company=self.company_id.display_name,
                    kind=self._journal_kind(kind),
                    program=self.display_name,
                )
            )
        return self.env["account.journal"].browse(journal_id)

    def _journal_kind(self, kind):
        return dict(self.env["account.journal"]._fields["type"]._description_selection(self.env))[
            kind
        ]

    # ------------------------------------------------------------------
    # Accruals: whether and where they are booked
    # ------------------------------------------------------------------

    def _accrues_on(self):
        """The account on which the program's liability is to stand; empty where it accrues
        nothing."""
        self.ensure_one()
        if self.accrual_method == "none":
            return self.env["account.account"]
        return self.liability_account_id

    def _is_foreign(self):
        """Tell whether the program is in another currency than the books."""
        self.ensure_one()
        return self.currency_id != self.company_id.currency_id

    def _missing_to_accrue(self):
        """Say what the program lacks to accrue, see :func:`missing_to_accrue`."""
        return missing_to_accrue(self)

    def _posting_problems(self):
        """Find programs whose accruals cannot be posted, see :func:`posting_problems`."""
        return posting_problems(self)

    def _accrued_after(self, day):
        """Find programs that a run has accrued up to a later day, see :func:`accrued_after`."""
        return accrued_after(self, day)

    def _prepare_rebate_expense_vals(self, partner, amount, value):
        """Values of a journal item on the rebate account.

        :param amount: in the program's currency, positive where rebates cost
        :param value: the same in the books
        """
        self.ensure_one()
        vals = {
            "name": self.env._("Rebates %s", self.name),
            "account_id": self.expense_account_id.id,
            "partner_id": partner.id,
            "currency_id": self.currency_id.id,
            "amount_currency": amount,
            "balance": value,
            "tax_ids": [Command.clear()],
        }
        # Where the program has none, the company's own distribution rules apply.
        if self.analytic_distribution:
            vals["analytic_distribution"] = self.analytic_distribution
        return vals

    # ------------------------------------------------------------------
    # What is asked of who is responsible
    # ------------------------------------------------------------------

    def _error_message(self, error):
        """Say that the program cannot be computed, and why."""
        self.ensure_one()
        if isinstance(error, DatabaseError | ArithmeticError):
            # In words of its own the database tells statements, and the machine nothing.
            error = self.env._("A number in its terms is out of range, or of the wrong kind.")
        return self.env._(
            "Program “%(program)s” cannot be computed: %(error)s Correct its rules; until then the"
            " figures stay as they were.",
            program=self.display_name,
            error=f"{error}".rstrip(" .\n") + ".",
        )

    def _set_period_problem(self, error):
        """Say that the periods of programs cannot be told, or that they can be again.

        :param error: what went wrong, or None
        """
        set_period_problem(self, error)

    def _update_problem(self):
        """Take over what the programs' accruals say is wrong with them, and tell who is
        responsible, see :func:`update_problem`."""
        update_problem(self)

    def _update_accrual_todos(self, problems, is_expiry=False):
        """Have one open to-do on each program that could not be booked, none on the others.

        :param problems: a sentence by program that could not be booked
        :param is_expiry: what expired unclaimed was to be booked, not what is owed
        """
        update_accrual_todos(self, problems, is_expiry)

    def _responsible(self):
        """Find who is told: the responsible user, or a manager where there is none any more."""
        self.ensure_one()
        managers = self.env.ref("rebate_management.group_rebate_manager").all_user_ids
        return (
            self.user_id.filtered("active")
            or managers.filtered(lambda user: user.active and self.company_id in user.company_ids)
        )[:1]

    def _with_responsible_lang(self):
        """The program in the language of who is told, whoever finds the problem."""
        self.ensure_one()
        return self.with_context(lang=self.user_id.lang)
