"""An agreement: a distributor's enrolment in a program."""

from datetime import date

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import format_date


class RebateAgreement(models.Model):
    _name = "rebate.agreement"
    _description = "Rebate Agreement"
    _inherit = ["rebate.bounds", "mail.thread", "mail.activity.mixin"]
    _order = "partner_id, date_start desc, id desc"
    _check_company_auto = True

    program_id = fields.Many2one(
        "rebate.program", required=True, ondelete="restrict", index=True, check_company=True
    )
    company_id = fields.Many2one(related="program_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="program_id.currency_id", store=True)
    partner_id = fields.Many2one(
        "res.partner",
        string="Distributor",
        required=True,
        ondelete="restrict",
        index=True,
        check_company=True,
        tracking=True,
        domain="['|', ('parent_id', '=', False), ('is_company', '=', True)]",
        help="The company whose purchases count, whichever of its contacts or addresses buys.",
    )
    include_children = fields.Boolean(
        string="Include Subsidiaries",
        tracking=True,
        help="Purchases of the companies below this one count too, unless a subsidiary has an"
        " agreement of its own in the program.",
    )
    payout_partner_id = fields.Many2one(
        "res.partner",
        string="Pay To",
        ondelete="restrict",
        check_company=True,
        tracking=True,
        help="Who receives the credit notes. Empty: the distributor.",
    )
    baseline_amount = fields.Monetary(
        string="Baseline",
        tracking=True,
        help="Purchases of a period that growth is compared with where there were none before, or"
        " where the program leaves the baseline to the agreement.",
    )
    # No money where the program counts units.
    target_amount = fields.Float(
        string="Target",
        digits=(16, 4),
        tracking=True,
        help="Purchases of a period that were agreed on, in what the program counts. Tiers may be"
        " reached by percent of it; 0: none.",
    )
    date_start = fields.Date(
        string="From",
        required=True,
        compute="_compute_date_start",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
    )
    date_end = fields.Date(
        string="Until",
        tracking=True,
        help="Last day, included. Empty: as long as the program runs.",
    )
    state = fields.Selection(
        [("draft", "Draft"), ("active", "Active"), ("ended", "Ended")],
        string="Status",
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
    )
    activated_on = fields.Date(
        readonly=True,
        copy=False,
        help="When it became active first. From then on it stays with its program and distributor.",
    )
    merged_partner_res_id = fields.Integer(
        string="Enrolled As",
        readonly=True,
        copy=False,
        help="The number of the customer who was enrolled, where it was merged into another since.",
    )
    tier_ids = fields.One2many(
        "rebate.tier",
        "agreement_id",
        string="Own Tiers",
        copy=True,
        help="Tiers agreed with this distributor. Where a rule has some here, they replace its"
        " own.",
    )
    accrual_ids = fields.One2many("rebate.accrual", "agreement_id", string="Accruals")
    earned_amount = fields.Monetary(string="Earned", compute="_compute_totals")
    settled_amount = fields.Monetary(string="Settled", compute="_compute_totals")

    # Whether any has ended, see ``rebate_measure_returns``.
    _program_end_idx = models.Index("(program_id, date_end) WHERE date_end IS NOT NULL")

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("date_start", "date_end")
    def _check_dates(self):
        for agreement in self:
            if agreement.date_end and agreement.date_end < agreement.date_start:
                raise ValidationError(
                    self.env._(
                        "The agreement of %(partner)s ends on %(end)s, before it starts on"
                        " %(start)s. Correct one of the dates.",
                        partner=agreement.partner_id.display_name,
                        start=format_date(self.env, agreement.date_start),
                        end=format_date(self.env, agreement.date_end),
                    )
                )

    @api.constrains("program_id", "partner_id", "date_start", "date_end")
    def _check_twice(self):
        """A purchase may not earn twice in one program: no two agreements at the same time."""
        rivals = self.search(
            Domain("program_id", "in", self.program_id.ids)
            & Domain("partner_id", "in", self.partner_id.ids)
        ).grouped(lambda agreement: (agreement.program_id, agreement.partner_id))
        for agreement in self:
            for other in rivals[agreement.program_id, agreement.partner_id] - agreement:
                if agreement._overlaps(other) and not agreement._is_merged_with(other):
                    raise ValidationError(
                        self.env._(
                            "%(partner)s already has an agreement in program “%(program)s” from"
                            " %(start)s. End that one first, or choose other dates.",
                            partner=agreement.partner_id.display_name,
                            program=agreement.program_id.display_name,
                            start=format_date(self.env, other.date_start),
                        )
                    )

    def _overlaps(self, other):
        return other.date_start <= (self.date_end or date.max) and self.date_start <= (
            other.date_end or date.max
        )

    @api.constrains("partner_id")
    def _check_commercial_partner(self):
        for agreement in self:
            commercial = agreement.partner_id.commercial_partner_id
            if agreement.partner_id != commercial:
                raise ValidationError(
                    self.env._(
                        "%(partner)s is a contact of %(company)s. Invoices are counted for the"
                        " whole company: choose %(company)s as distributor.",
                        partner=agreement.partner_id.display_name,
                        company=commercial.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # Computed fields
    # ------------------------------------------------------------------

    @api.depends("program_id")
    def _compute_date_start(self):
        for agreement in self:
            agreement.date_start = agreement.date_start or agreement.program_id.date_start

    @api.depends("program_id.name", "partner_id.name")
    def _compute_display_name(self):
        for agreement in self:
            agreement.display_name = self.env._(
                "%(program)s – %(partner)s",
                program=agreement.program_id.name or "",
                partner=agreement.partner_id.name or "",
            )

    @api.depends("accrual_ids.earned_amount", "accrual_ids.settled_amount")
    def _compute_totals(self):
        totals = {
            agreement: sums
            for agreement, *sums in self.env["rebate.accrual"]._read_group(
                [("agreement_id", "in", self.ids)],
                ["agreement_id"],
                ["earned_amount:sum", "settled_amount:sum"],
            )
        }
        for agreement in self:
            agreement.earned_amount, agreement.settled_amount = totals.get(agreement, (0, 0))
