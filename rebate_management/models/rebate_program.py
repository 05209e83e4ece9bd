"""A program: what a manufacturer offers its distributors, over which periods."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date


class RebateProgram(models.Model):
    _name = "rebate.program"
    _description = "Rebate Program"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "sequence, name, id"
    _check_company_auto = True

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
        [
            ("retroactive", "Retroactive"),
            ("incremental", "Incremental"),
            ("rolling", "Rolling"),
            ("total", "Total"),
        ],
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
    _code_company_unique = models.UniqueIndex(
        "(company_id, code) WHERE code IS NOT NULL",
        "Another program of this company has this code. Choose a different one.",
    )

    # ------------------------------------------------------------------
    # Computed fields
    # ------------------------------------------------------------------

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

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

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
