"""An agreement: a distributor's enrolment in a program."""

from datetime import date

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_amount, format_date

from ...tools.acting import acting
from ...tools.empty_lists import empty_list_help
from ...tools.formats import format_period
from ...tools.trust import trusted
from .paid_to_others import check_paid_to_others
from .period_cutting import cut_periods, ensure_accruals


class RebateAgreement(models.Model):
    _name = "rebate.agreement"
    _description = "Rebate Agreement"
    _inherit = ["rebate.bounds", "mail.thread", "mail.activity.mixin"]
    _order = "partner_id, date_start desc, id desc"
    _check_company_auto = True

    program_id = fields.Many2one(
        "rebate.program", required=True, ondelete="restrict", index=True, check_company=True
    )
    uses_baseline = fields.Boolean(related="program_id.uses_baseline")
    uses_target = fields.Boolean(related="program_id.uses_target")
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
    earned_amount = fields.Monetary(
        string="Earned in All", compute="_compute_totals", help="What all periods have earned."
    )
    settled_amount = fields.Monetary(
        string="Settled in All", compute="_compute_totals", help="What was paid of all periods."
    )
    open_amount = fields.Monetary(
        string="Open",
        compute="_compute_totals",
        help="What all periods have earned and was not paid yet.",
    )
    salesperson_id = fields.Many2one(
        related="partner_id.user_id", string="Salesperson", groups="base.group_user"
    )
    watch_ids = fields.One2many(
        "rebate.watch",
        "agreement_id",
        string="On the Watch List",
        groups="rebate_management.group_rebate_user",
    )

    is_recut = fields.Boolean(
        readonly=True,
        copy=False,
        help="Some periods stay as they were cut when they were paid or booked, although the"
        " program's calendar changed since.",
    )

    current_period = fields.Char(string="Period", compute="_compute_current")
    current_date_from = fields.Date(string="Period From", compute="_compute_current")
    current_date_to = fields.Date(string="Period To", compute="_compute_current")
    current_measured_amount = fields.Monetary(string="Purchases", compute="_compute_current")
    current_earned_amount = fields.Monetary(
        string="Earned This Period",
        compute="_compute_current",
        help="What the running period has earned to date.",
    )
    current_expected_amount = fields.Monetary(
        string="Expected",
        compute="_compute_current",
        help="Forecast of what the whole period will earn.",
    )
    current_expected_explanation = fields.Char(
        string="How It Is Foreseen", compute="_compute_current"
    )
    current_tier_id = fields.Many2one(
        "rebate.tier", string="Tier Reached", compute="_compute_current"
    )
    current_next_tier_id = fields.Many2one(
        "rebate.tier", string="Next Tier", compute="_compute_current"
    )
    current_to_next_tier = fields.Float(digits=(16, 4), compute="_compute_current")
    current_missing = fields.Char(
        string="To Next Tier",
        compute="_compute_current",
        help="Purchases still needed in this period to reach the next tier.",
    )
    current_next_gain = fields.Monetary(
        string="Worth",
        compute="_compute_current",
        help="What reaching the next tier would add to the rebate of this period.",
    )
    current_worth_saying = fields.Char(
        string="Worth Saying",
        compute="_compute_current",
        help="How much more must be bought to earn how much more, and until when.",
    )
    current_progress = fields.Float(
        string="Progress",
        compute="_compute_current",
        digits=(5, 1),
        help="Purchases in percent of what the highest tier takes; 100 when it is reached.",
    )
    current_steps = fields.Json(
        string="Way Through the Tiers",
        compute="_compute_current",
        help="What the progress bar shows: purchases so far, what is expected, and each tier.",
    )
    current_explanation = fields.Text(string="How It Is Computed", compute="_compute_current")
    current_problem = fields.Char(
        string="Problem",
        compute="_compute_current",
        # The distributor is not told the terms of a rule.
        groups="base.group_user",
        help="Why there are no figures of the running period; empty: there is no such problem.",
    )

    pipeline_amount = fields.Monetary(
        string="In the Pipeline",
        compute="_compute_pipeline",
        # Orders are no purchases yet: the distributor is told of these alone.
        groups="base.group_user",
        help="Purchases of confirmed orders that are not invoiced yet, as if they were invoiced"
        " today. They are no part of what is shown as purchases and as earned.",
    )
    pipeline_earned_amount = fields.Monetary(
        string="Would Earn",
        compute="_compute_pipeline",
        groups="base.group_user",
        help="What these orders would add to the rebate of the running period.",
    )
    pipeline_steps = fields.Json(
        string="Pipeline Beside the Progress",
        compute="_compute_pipeline",
        groups="base.group_user",
        help="What these orders add to the way through the tiers, where a progress bar is shown.",
    )
    can_reset = fields.Boolean(
        compute="_compute_can_reset",
        help="Whether it can go back to draft: nothing was earned, paid, booked or claimed by it.",
    )
    takes_in_past = fields.Boolean(
        compute="_compute_takes_in_past",
        help="Whether periods are over already that activating it would have earned at once.",
    )
    not_counted_amount = fields.Monetary(
        string="By Subsidiaries",
        compute="_compute_not_counted",
        help="What companies below the distributor bought in the period that the agreement does not"
        " count.",
    )
    not_counted_hint = fields.Char(
        string="Subsidiaries Not Counted", compute="_compute_not_counted"
    )

    own_tiers = fields.Char(
        string="Own Tiers In Words",
        compute="_compute_own_tiers",
        store=True,
        tracking=True,
        help="In the language of whoever changed them last.",
    )

    # Whether any has ended, see ``rebate_measure_returns``.
    _program_end_idx = models.Index("(program_id, date_end) WHERE date_end IS NOT NULL")

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
        enrolled = self.search(
            Domain("program_id", "in", self.program_id.ids)
            & Domain("partner_id", "in", self.partner_id.ids)
        ).grouped(lambda agreement: (agreement.program_id, agreement.partner_id))
        for agreement in self:
            for other in enrolled[agreement.program_id, agreement.partner_id] - agreement:
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

    @api.constrains("program_id")
    def _check_program_is_offered(self):
        for program in self.program_id:
            if program.amends_id:
                raise ValidationError(program._is_amendment_message())

    @api.depends("program_id")
    def _compute_date_start(self):
        for agreement in self:
            agreement.date_start = agreement.date_start or agreement.program_id.date_start

    @api.depends("program_id.name", "partner_id.name")
    def _compute_display_name(self):
        for agreement in self:
            program, partner = agreement.program_id.name, agreement.partner_id.name
            if program and partner:
                agreement.display_name = self.env._(
                    "%(program)s – %(partner)s", program=program, partner=partner
                )
            else:
                # One that is not told yet is “New” in the web client.
                agreement.display_name = program if agreement.id else False

    @api.depends(
        "accrual_ids.earned_amount", "accrual_ids.settled_amount", "accrual_ids.open_amount"
    )
    def _compute_totals(self):
        totals = {
            agreement: sums
            for agreement, *sums in self.env["rebate.accrual"]._read_group(
                [("agreement_id", "in", self.ids)],
                ["agreement_id"],
                ["earned_amount:sum", "settled_amount:sum", "open_amount:sum"],
            )
        }
        for agreement in self:
            earned, settled, still_open = totals.get(agreement, (0, 0, 0))
            agreement.earned_amount = earned
            agreement.settled_amount = settled
            agreement.open_amount = still_open

    @api.depends_context("lang", "uid")
    @api.depends("state", "date_start", "date_end", "include_children", "program_id")
    def _compute_current(self):
        results, problems = self._live_figures()
        calculation = self.env["rebate.calculation"]
        for agreement in self:
            agreement.update(
                calculation._prepare_current_vals(agreement, *results.get(agreement, (None, None)))
                | {"current_problem": problems.get(agreement, False)}
            )

    @api.depends_context("lang")
    @api.depends("state", "date_start", "date_end", "include_children", "program_id")
    def _compute_pipeline(self):
        pipeline = self.env["rebate.selling"]._pipeline(self)
        for agreement in self:
            found = pipeline.get(agreement)
            agreement.pipeline_amount = found and float(found.amount)
            agreement.pipeline_earned_amount = found and float(found.earned)
            agreement.pipeline_steps = found and found.steps

    @api.depends("state", "accrual_ids.earned_amount")
    def _compute_can_reset(self):
        for agreement in self:
            agreement.can_reset = agreement.state != "draft" and not agreement._is_on_record()

    @api.depends("state", "date_start", "date_end", "program_id", "partner_id")
    def _compute_takes_in_past(self):
        today = fields.Date.context_today(self)
        for agreement in self:
            agreement.takes_in_past = bool(
                agreement.state == "draft"
                and agreement.date_start
                and agreement.program_id
                and any(last < today for _first, last in agreement._periods(today))
            )

    @api.depends("state", "include_children", "date_start", "date_end", "program_id", "partner_id")
    @api.depends_context("lang")
    def _compute_not_counted(self):
        asked = self.filtered(
            lambda agreement: agreement.state != "ended" and not agreement.include_children
        )
        # In a form it may be changed and not yet saved.
        found = self.env["rebate.calculation"]._not_counted(asked._origin)
        for agreement in self:
            period, amount = found.get(agreement._origin, (None, 0))
            is_asked = agreement in asked
            agreement.not_counted_amount = float(amount) if is_asked else 0
            agreement.not_counted_hint = bool(amount and is_asked) and self.env._(
                "Subsidiaries bought %(amount)s in this period (%(period)s) that this agreement"
                " does not count.",
                amount=format_amount(self.env, float(amount), agreement.currency_id),
                period=format_period(self.env, *period),
            )

    @api.depends("tier_ids.rule_id", "tier_ids.threshold", "tier_ids.rate", "tier_ids.rate_type")
    def _compute_own_tiers(self):
        for agreement in self:
            scales = agreement.tier_ids.sorted("threshold").grouped("rule_id")
            agreement.own_tiers = "; ".join(
                self.env._(
                    "%(rule)s: %(tiers)s",
                    rule=rule.display_name,
                    tiers=" · ".join(tiers.mapped("display_name")),
                )
                for rule, tiers in scales.items()
            )

    def write(self, vals):
        for name in {"program_id", "partner_id"} & vals.keys():
            for agreement in self:
                # Back in draft it stays with them too.
                if agreement.activated_on and vals[name] != agreement[name].id:
                    agreement._refuse_in_state(name)
        claims = {}
        if {"date_start", "date_end", "payout_partner_id"} & vals.keys():
            claims = {agreement: (agreement._run(), agreement._payee()) for agreement in self}
        result = super().write(vals)
        self.filtered(
            lambda agreement: agreement in claims and agreement._claims_more(*claims[agreement])
        )._check_paid_to_others()
        if {
            "date_start",
            "date_end",
            "include_children",
            "partner_id",
            "baseline_amount",
            "target_amount",
            "tier_ids",
        } & vals.keys():
            self.filtered(lambda agreement: agreement.state != "draft").action_refresh()
        if {"state", "date_start", "date_end", "include_children", "partner_id"} & vals.keys():
            # Invoices that are being posted now are not seen yet.
            self.env["rebate.queue"]._append_agreements(self)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_running(self):
        for agreement in self:
            if agreement.state != "draft" or agreement._is_on_record():
                raise UserError(
                    self.env._(
                        "The agreement “%s” has been active and is part of the record. End it"
                        " instead of deleting it.",
                        agreement.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # What an empty list and an import begin with
    # ------------------------------------------------------------------

    @api.model
    def get_empty_list_help(self, help_message):
        """How distributors are enrolled is told to those who may, and only once there is a program
        to enrol them in."""
        title = self.env._("No distributor is enrolled yet")
        # Odoo asks as superuser.
        env = self.sudo(False).env
        if not env["rebate.agreement"].has_access("create"):
            text = self.env._(
                "A rebate manager enrolls distributors in programs. From then on you follow here"
                " what each of your customers earns, and what is missing to its next tier."
            )
            help_message = empty_list_help(title, text)
        elif not env["rebate.program"].search_count([("state", "=", "active")], limit=1):
            text = self.env._(
                "First activate a program: choose Programs in the menu, and “New from Template”."
                " Then enroll the distributors to whom it is offered."
            )
            help_message = empty_list_help(title, text)
        return super().get_empty_list_help(help_message)

    @api.model
    def get_import_templates(self):
        return [
            {
                "label": self.env._("Import Template for Rebate Agreements"),
                "template": "/rebate_management/static/xls/rebate_agreements.xlsx",
            }
        ]

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    @acting("write")
    def action_activate(self):
        """Enrol the distributor: purchases count from the agreement's first day on.

        :raise UserError: when the program is not active
        """
        for agreement in self:
            program = agreement.program_id
            if program.state != "active":
                raise UserError(
                    self.env._(
                        "Program “%(program)s” is not active, so %(partner)s cannot be enrolled."
                        " Activate the program first.",
                        program=program.display_name,
                        partner=agreement.partner_id.display_name,
                    )
                )
            for rule in program.rule_ids:
                program._check_unit(rule, agreement._tiers(rule))
        # A customer may have become a contact of another since the agreement was written.
        self._check_commercial_partner()
        self._check_paid_to_others()
        today = fields.Date.context_today(self)
        begun = self.filtered(lambda agreement: not agreement.activated_on)
        # The one field that tells it was ever active is written here alone.
        trusted(begun).write({"state": "active", "activated_on": today})
        trusted(self - begun).write({"state": "active"})
        self.action_refresh()
        return True

    @acting("write")
    def action_ask_activation(self):
        """Activate, or first show what would be earned at once of periods that are over.

        :return: an action that shows it; True where there is nothing to show and it is done
        """
        return self.env["rebate.activation"]._ask(self) or self.action_activate()

    @acting("write")
    def action_include_children(self):
        """Have the purchases of the companies below the distributor count."""
        self.include_children = True
        return True

    @acting("write")
    def action_end(self):
        """End the agreement today, or leave the earlier end it already has.

        :raise UserError: when it has not begun
        """
        today = fields.Date.context_today(self)
        for agreement in self:
            if agreement.state == "draft":
                raise UserError(
                    self.env._(
                        "The agreement “%s” is a draft, so there is nothing to end. Delete it, or"
                        " activate it first.",
                        agreement.display_name,
                    )
                )
            trusted(agreement).write(
                {
                    "state": "ended",
                    "date_end": max(agreement.date_start, min(agreement.date_end or today, today)),
                }
            )
        return True

    @acting("write")
    def action_reset(self):
        """Take an agreement back to draft that was activated by mistake, before anything was earned
        by it. Its program and distributor stay.

        :raise UserError: when something was earned, proposed, paid, booked or claimed
        """
        self.action_refresh()
        for agreement in self:
            if agreement._is_on_record():
                raise UserError(
                    self.env._(
                        "By the agreement “%s” something was earned, paid, booked or claimed, so it"
                        " cannot go back to draft. End it, and make a new agreement.",
                        agreement.display_name,
                    )
                )
        trusted(self).write({"state": "draft"})
        # Nobody has the right to type accruals; these tell of nothing.
        trusted(self.sudo().accrual_ids).unlink()
        return True

    def action_refresh(self):
        """Bring the accruals of every period up to date with the invoices posted so far, and those
        of other agreements whose figures depend on these."""
        self.check_access("read")
        self._ensure_accruals()
        (self | self._dependent_agreements()).accrual_ids.refresh()
        return True

    def action_view_accruals(self):
        """Show the agreement's periods."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "rebate_management.rebate_accrual_action"
        )
        return action | {"domain": [("agreement_id", "=", self.id)], "context": {}}

    # ------------------------------------------------------------------
    # Who takes part, and by which terms
    # ------------------------------------------------------------------

    def _tiers(self, rule):
        """Find the tiers by which a rule pays this distributor, sorted.

        :param rule: a rule of the program
        """
        self.ensure_one()
        return rule._tiers_for(self.tier_ids)

    def _dependent_agreements(self):
        """Find the agreements that may lose or gain purchases or rebate when these change: those
        of the companies above and below in the same program, and those in programs that stack
        with it or are reduced by it."""
        programs = self.program_id._dependent_programs()
        partners = Domain("partner_id", "child_of", self.partner_id.ids) | Domain(
            "partner_id", "parent_of", self.partner_id.ids
        )
        return self.search(
            Domain("program_id", "in", programs.ids)
            & Domain("state", "in", ("active", "ended"))
            & partners
        )

    def _overlaps(self, other):
        return other.date_start <= (self.date_end or date.max) and self.date_start <= (
            other.date_end or date.max
        )

    def _is_merged_with(self, other):
        """Tell whether two agreements run at the same time because their distributors were merged,
        which enrolled them apart: then the first counts what both could, see :class:`Twin`."""
        self.ensure_one()
        if self.merged_partner_res_id == other.merged_partner_res_id:
            return False
        # They tell no more than that these two were there before.
        merges = self.env["rebate.partner.merge"].sudo()
        merges = merges.search(
            [
                (
                    "old_partner_res_id",
                    "in",
                    (self.merged_partner_res_id, other.merged_partner_res_id),
                )
            ]
        )
        return any(max(self.id, other.id) <= merge.last_agreement_res_id for merge in merges)

    def _merging_pairs(self, partners):
        """Pair agreements that will run at the same time when customers are merged.

        :return: ``(agreement, the one that comes first)``
        """
        agreements = self.sorted("id")
        return [
            (agreement, first)
            for place, agreement in enumerate(agreements)
            for first in agreements[:place]
            if first.program_id == agreement.program_id
            and first.partner_id != agreement.partner_id
            and first._overlaps(agreement)
        ]

    def _follow_purchases(self, text=None):
        """Have the figures follow purchases that have become another's.

        :param text: what happened, to be noted on the agreements
        """
        running = self.exists().filtered(lambda agreement: agreement.state != "draft")
        self.env["rebate.queue"]._append_agreements(running)
        for agreement in running if text else ():
            agreement.message_post(body=text)

    def _is_on_record(self):
        """Tell whether anything was earned, proposed, paid, booked or claimed by the agreement."""
        self.ensure_one()
        return bool(
            # Whatever its reader may see of it.
            self.sudo().accrual_ids.filtered(
                lambda accrual: (
                    accrual.earned_amount
                    or accrual.settlement_line_ids
                    or accrual.move_line_ids
                    or accrual.claimed_date
                    or accrual.expired_on
                )
            )
        )

    def _is_paid(self):
        """Tell whether a payout of the agreement stands or is proposed."""
        # Whatever its reader may see of it.
        lines = self.sudo().accrual_ids.settlement_line_ids
        return any(line.state not in ("rejected", "cancelled") for line in lines)

    def _refuse_in_state(self, name):
        if name in ("program_id", "partner_id"):
            raise UserError(
                self.env._(
                    "“%(field)s” of the agreement “%(agreement)s” cannot change once it has been"
                    " active. End it, and make a new agreement.",
                    field=self._fields[name]._description_string(self.env),
                    agreement=self.display_name,
                )
            )
        if name is None:
            self._unlink_except_running()
        return super()._refuse_in_state(name)

    # ------------------------------------------------------------------
    # Who is paid for which days
    # ------------------------------------------------------------------

    def _payee(self):
        """Who receives the payouts."""
        self.ensure_one()
        return self.payout_partner_id or self.partner_id

    def _claims_more(self, run, payee):
        """Tell whether the agreement runs on more days than before, or is paid to another.

        :param run: its first and last day before
        :param payee: see :meth:`_payee`
        """
        first, last = self._run()
        return self.state != "draft" and (first < run[0] or last > run[1] or payee != self._payee())

    def _check_paid_to_others(self):
        """Refuse days that somebody else was paid for, see :func:`check_paid_to_others`."""
        check_paid_to_others(self)

    # ------------------------------------------------------------------
    # Periods, each with its accrual
    # ------------------------------------------------------------------

    def _run(self):
        """The first and the last day on which the agreement runs within its program."""
        self.ensure_one()
        program = self.program_id
        return (
            max(self.date_start, program.date_start),
            min(self.date_end or date.max, program.date_end or date.max),
        )

    def _runs_in(self, window):
        """Tell whether the agreement runs on any day of a window."""
        first, last = self._run()
        return first <= window.date_to and last >= window.date_from

    def _is_replaced(self, window, twins):
        """Tell whether an agreement of the same distributor that comes first has all days of a
        window, and with them what is paid whatever was bought: a lump sum, a guarantee.

        :param twins: see :class:`Twin`
        """
        if not twins:
            return False
        first, last = self._run()
        first, last = max(first, window.date_from), min(last, window.date_to)
        return any(
            twin.first <= first
            and twin.last >= last
            and (twin.includes_children or not self.include_children)
            for twin in twins
        )

    def _periods(self, until):
        """List the periods that have begun by a day, cut by the dates of program and agreement.

        :param until: a date
        :return: list of ``(first day, last day)``
        """
        if not self.is_recut:
            return self.program_id._periods(*self._run(), until)
        cells, kept, _accruals = cut_periods(self, until)
        periods = [(accrual.date_from, accrual.date_to) for accrual in kept]
        periods += [(cell.first, cell.last) for cell in cells]
        return sorted(period for period in periods if period[0] <= until)

    def _period_on(self, day):
        """Find the period a day lies in, cut by the dates of program and agreement.

        :return: ``(first day, last day)``, or None when the agreement does not run on the day
        """
        self.ensure_one()
        return next(
            (period for period in self._periods(day) if period[0] <= day <= period[1]), None
        )

    def _whole_of(self, window):
        """Find the whole period of which a window is a part, cut by the program's dates alone."""
        program = self.program_id
        end = program.date_end or date.max
        if self.is_recut and (kept := self._kept_whole(window)):
            return max(kept[0], program.date_start), min(kept[1], end)
        wholes = program._periods(program.date_start, end, window.date_from)
        return next(whole for whole in wholes if whole[0] <= window.date_from <= whole[1])

    def _kept_whole(self, window):
        """Find the whole period that the accrual of a window was cut from, which need not be one of
        the calendar as it is now.

        :return: ``(first day, last day)``, or None
        """
        # What a period was cut from is no secret of whoever may see the agreement.
        accruals = self.sudo().accrual_ids
        accrual = accruals.filtered(lambda a: a.date_from <= window.date_from <= a.date_to)[:1]
        return (accrual.whole_from, accrual.whole_to) if accrual.whole_from else None

    def _ensure_accruals(self):
        """Give each agreement one accrual for every period that has begun, see
        :func:`ensure_accruals`."""
        ensure_accruals(self)

    # ------------------------------------------------------------------
    # Live progress
    # ------------------------------------------------------------------

    def _live_figures(self):
        """Measure and decide the running period of each agreement as of now.

        :return: see ``calculation/progress.py``
        """
        return self.env["rebate.calculation"]._live_figures(self)

    def get_course(self):
        """Measure the running period by months, for a chart.

        :return: see ``calculation/course.py``; None where no period has begun, or it has no figures
        """
        self.ensure_one()
        self.check_access("read")
        return self.env["rebate.calculation"]._course(self)
