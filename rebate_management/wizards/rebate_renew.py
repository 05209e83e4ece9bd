"""Renewing a program for its next period with its agreements, its tiers raised by a percentage:
reviewed before and after, before anything is written."""

import re
from contextlib import closing
from datetime import timedelta
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from odoo import Command, api, fields, models
from odoo.exceptions import LockError, RedirectWarning, UserError
from odoo.tools import format_date

from ..engine.raising import raise_by, raise_scale
from ..models.calculation.trial import copy_terms, decide_trials, enrol_for_trial, step_aside
from ..tools.acting import acting
from ..tools.currencies import smallest_coin
from ..tools.formats import format_period
from ..tools.trust import trusted

# To what rates are rounded: percentages, money by unit.
RATE_UNITS = {"percent": Decimal("0.01"), "per_unit": Decimal("0.0001")}


class RebateRenew(models.TransientModel):
    _name = "rebate.renew"
    _description = "Renew a Program"
    _inherit = "rebate.bounds"

    program_id = fields.Many2one(
        "rebate.program",
        required=True,
        default=lambda self: self.env.context.get("default_program_id"),
    )
    company_id = fields.Many2one(related="program_id.company_id")
    currency_id = fields.Many2one(related="program_id.currency_id")
    name = fields.Char(
        string="Name of the Renewal",
        required=True,
        compute="_compute_name",
        store=True,
        readonly=False,
        precompute=True,
    )
    date_start = fields.Date(
        string="From",
        required=True,
        compute="_compute_dates",
        store=True,
        readonly=False,
        precompute=True,
    )
    date_end = fields.Date(
        string="Until",
        compute="_compute_dates",
        store=True,
        readonly=False,
        precompute=True,
        help="Last day, included. Empty: until further notice.",
    )
    percent = fields.Float(
        string="Raise Thresholds By",
        digits=(16, 2),
        help="In percent; negative: they are lowered. Thresholds in percent of a target or of a"
        " baseline stay, for what they are compared with is raised.",
    )
    rate_percent = fields.Float(
        string="Change Rates By",
        digits=(16, 2),
        help="In percent of the rate: 10 makes 5.5 % of 5 %. 0: the rates stay.",
    )
    rounding = fields.Selection(
        [
            ("0.01", "Not"),
            ("1", "To 1"),
            ("10", "To 10"),
            ("100", "To 100"),
            ("1000", "To 1,000"),
            ("10000", "To 10,000"),
        ],
        string="Round Thresholds",
        default="100",
        required=True,
    )
    raises_targets = fields.Boolean(
        string="Raise Baselines and Targets Too",
        default=True,
        help="Those that agreements fix, by the same percentage.",
    )
    is_activated = fields.Boolean(
        string="Activate at Once",
        help="Otherwise the renewal and its agreements are drafts, to be activated when they are"
        " signed.",
    )
    tier_ids = fields.One2many("rebate.renew.tier", "renew_id")
    line_ids = fields.One2many("rebate.renew.line", "renew_id")
    is_previewed = fields.Boolean(readonly=True, copy=False)
    reference_from = fields.Date(readonly=True)
    reference_to = fields.Date(readonly=True)
    chosen_count = fields.Integer(compute="_compute_totals")
    left_out_count = fields.Integer(compute="_compute_totals")
    purchases_amount = fields.Monetary(string="Purchases", compute="_compute_totals")
    before_amount = fields.Monetary(string="Earned by the Terms So Far", compute="_compute_totals")
    after_amount = fields.Monetary(string="Earned by the New Terms", compute="_compute_totals")
    reference_hint = fields.Char(compute="_compute_reference_hint")
    overlap_hint = fields.Char(compute="_compute_overlap_hint")

    @api.constrains("date_start", "date_end")
    def _check_dates(self):
        for wizard in self:
            if wizard.date_end and wizard.date_end < wizard.date_start:
                raise UserError(
                    self.env._(
                        "The renewal ends on %(end)s, before it starts on %(start)s. Correct one of"
                        " the days.",
                        start=format_date(self.env, wizard.date_start),
                        end=format_date(self.env, wizard.date_end),
                    )
                )

    @api.constrains("percent", "rate_percent")
    def _check_percent(self):
        for wizard in self:
            if min(wizard.percent, wizard.rate_percent) <= -100:
                raise UserError(
                    self.env._("Nothing would be left. Enter a percentage of more than −100.")
                )

    @api.depends("program_id")
    def _compute_dates(self):
        for wizard in self:
            if wizard.program_id:
                wizard.date_start, wizard.date_end = wizard._next_days()

    @api.depends("program_id", "date_start")
    def _compute_name(self):
        for wizard in self:
            wizard.name = wizard.program_id and wizard._next_name(wizard.program_id.name)

    @api.depends(
        *("line_ids.is_chosen", "line_ids.purchases_amount", "line_ids.before_amount"),
        "line_ids.after_amount",
    )
    def _compute_totals(self):
        for wizard in self:
            chosen = wizard.line_ids.filtered("is_chosen")
            wizard.chosen_count = len(chosen)
            wizard.left_out_count = len(wizard.line_ids) - len(chosen)
            wizard.purchases_amount = sum(chosen.mapped("purchases_amount"))
            wizard.before_amount = sum(chosen.mapped("before_amount"))
            wizard.after_amount = sum(chosen.mapped("after_amount"))

    @api.depends("reference_from", "reference_to")
    @api.depends_context("lang")
    def _compute_reference_hint(self):
        for wizard in self:
            wizard.reference_hint = bool(wizard.reference_from) and self.env._(
                "Purchases of %s",
                format_period(self.env, wizard.reference_from, wizard.reference_to),
            )

    @api.depends("program_id", "date_start")
    def _compute_overlap_hint(self):
        for wizard in self:
            program, start = wizard.program_id, wizard.date_start
            wizard.overlap_hint = False
            if not start or (program.date_end and program.date_end < start):
                continue
            if program.date_end:
                wizard.overlap_hint = self.env._(
                    "“%(program)s” runs until %(end)s: from %(start)s to that day both pay on the"
                    " same purchases. Let the renewal begin later, or amend the last day of"
                    " “%(program)s”.",
                    program=program.name,
                    start=format_date(self.env, start),
                    end=format_date(self.env, program.date_end),
                )
            else:
                wizard.overlap_hint = self.env._(
                    "“%(program)s” has no last day: from %(start)s on both pay on the same"
                    " purchases. Give it one by “Amend”, or close it by then.",
                    program=program.name,
                    start=format_date(self.env, start),
                )

    @api.onchange("date_start", "date_end", "percent", "rate_percent", "rounding", "raises_targets")
    def _onchange_question(self):
        """What was shown answered another question."""
        self.update(
            {
                "tier_ids": [Command.clear()],
                "line_ids": [Command.clear()],
                "is_previewed": False,
            }
        )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    @acting("write")
    def action_preview(self):
        """Show thresholds, rates, baselines and targets before and after, and what the purchases
        of the last year earn by both. Nothing is renewed.

        :raise UserError: when the program cannot be renewed or computed
        """
        self.ensure_one()
        self._check_renewable(self.program_id)
        trusted(self.tier_ids).unlink()
        trusted(self.line_ids).unlink()
        first = max(self.program_id.date_start, self.date_start - relativedelta(years=1))
        last = min(self.date_start - timedelta(days=1), fields.Date.context_today(self))
        trusted(self).write(
            {"is_previewed": True, "reference_from": first, "reference_to": max(first, last)}
        )
        agreements = self._agreements()
        trusted(self.env["rebate.renew.tier"]).create(self._prepare_tiers(agreements))
        trusted(self.env["rebate.renew.line"]).create(
            [
                {"renew_id": self.id, "sequence": place, **self._prepare_line_vals(agreement)}
                for place, agreement in enumerate(agreements)
            ]
        )
        self._compare()
        return self._action_open()

    @acting("write")
    def action_update(self):
        """Compute the figures anew, for what was changed in the review."""
        self.ensure_one()
        self._check_renewable(self.program_id)
        self._compare()
        return self._action_open()

    @acting("write")
    def action_back(self):
        """Choose other dates or percentages."""
        self.ensure_one()
        trusted(self.tier_ids).unlink()
        trusted(self.line_ids).unlink()
        trusted(self).is_previewed = False
        return self._action_open()

    @acting("write")
    def action_renew(self):
        """Write the renewal with the agreements that were chosen, and open it.

        :raise UserError: when it was not reviewed
        :raise RedirectWarning: when somebody else renewed it meanwhile
        """
        self.ensure_one()
        if not self.is_previewed:
            raise UserError(
                self.env._("Look at the review first: it shows the terms before and after.")
            )
        return self._renew()._action_open() | {"target": "current"}

    # ------------------------------------------------------------------
    # The question
    # ------------------------------------------------------------------

    @api.model
    def _check_renewable(self, program):
        """Refuse programs that have no next period, or have it already.

        :raise RedirectWarning: when there is a renewal already
        """
        program.check_access("write")
        if program.amends_id:
            raise UserError(program._is_amendment_message())
        if program.state == "draft":
            raise UserError(
                self.env._(
                    "Program “%s” is a draft: nothing was offered yet that could be renewed."
                    " Change its dates and terms directly.",
                    program.display_name,
                )
            )
        if renewal := program.renewal_ids[:1]:
            raise RedirectWarning(
                self.env._(
                    "Program “%(program)s” is renewed already, by “%(renewal)s” from %(start)s."
                    " To begin anew, delete that draft and its agreements; to go on, renew the"
                    " renewal.",
                    program=program.display_name,
                    renewal=renewal.display_name,
                    start=format_date(self.env, renewal.date_start),
                ),
                renewal._action_open(),
                self.env._("Open the Renewal"),
            )

    def _next_days(self):
        """When the program runs next: as many whole years later as it lasts, or from the next
        fiscal year on where it has no last day."""
        program = self.program_id
        if not program.date_end:
            today = fields.Date.context_today(self)
            year = program.company_id.compute_fiscalyear_dates(max(today, program.date_start))
            return year["date_to"] + timedelta(days=1), False
        after = program.date_end + timedelta(days=1)
        years = 1
        while program.date_start + relativedelta(years=years) < after:
            years += 1
        return (
            program.date_start + relativedelta(years=years),
            after + relativedelta(years=years) - timedelta(days=1),
        )

    def _next_name(self, name):
        """Write the years of a name as those of the renewal; one without a year gets one."""
        shift = self.date_start.year - self.program_id.date_start.year
        if not shift:
            return name
        first, last = self.program_id.date_start.year, self.program_id.date_end
        years = range(first, (last.year if last else self.date_start.year - 1) + 1)
        renamed = re.sub(
            r"(?<!\d)\d{4}(?!\d)",
            lambda found: str(int(found[0]) + shift) if int(found[0]) in years else found[0],
            name or "",
        )
        return renamed if renamed != name else f"{name} {self.date_start.year}"

    def _agreements(self):
        """The agreements that may be renewed, one a distributor, the last one."""
        agreements = self.program_id.agreement_ids.sorted(
            lambda agreement: (agreement.state != "ended", agreement.date_start, agreement.id)
        )
        last = {agreement.partner_id: agreement for agreement in agreements}
        return agreements.browse(agreement.id for agreement in last.values()).sorted()

    # ------------------------------------------------------------------
    # Before and after
    # ------------------------------------------------------------------

    def _prepare_tiers(self, agreements):
        """Values of the tiers before and after: those of the rules, then the own ones."""
        none = self.env["rebate.agreement"]
        scales = [(none, rule, rule.tier_ids) for rule in self.program_id.rule_ids]
        for agreement in agreements:
            scales += [
                (agreement, rule, tiers)
                for rule, tiers in agreement.tier_ids.grouped("rule_id").items()
            ]
        return [
            {"renew_id": self.id, "agreement_id": agreement.id, **vals}
            for agreement, rule, tiers in scales
            for vals in self._prepare_scale(rule, tiers.sorted("threshold"))
        ]

    def _prepare_scale(self, rule, tiers):
        thresholds = [Decimal(str(tier.threshold)) for tier in tiers]
        after = thresholds
        if not rule._is_in_percent() and self.percent:
            after = raise_scale(thresholds, Decimal(str(self.percent)), Decimal(self.rounding))
        for tier, threshold in zip(tiers, after, strict=True):
            rate = Decimal(str(tier.rate))
            if self.rate_percent:
                unit = RATE_UNITS.get(tier.rate_type) or smallest_coin(self.currency_id)
                rate = raise_by(rate, Decimal(str(self.rate_percent)), unit)
            yield {
                "rule_id": rule.id,
                "tier_id": tier.id,
                "rate_type": tier.rate_type,
                "threshold_before": tier.threshold,
                "threshold": float(threshold),
                "rate_before": tier.rate,
                "rate": float(rate),
            }

    def _prepare_line_vals(self, agreement):
        """Values of an agreement before and after."""
        program = self.program_id
        note = False
        if agreement.state == "ended":
            note = self.env._("Ended")
        elif agreement.state == "draft":
            note = self.env._("Never active")
        elif not agreement.partner_id.active:
            note = self.env._("The customer is archived")
        elif agreement.date_end and (not program.date_end or agreement.date_end < program.date_end):
            note = self.env._("Ends on %s", format_date(self.env, agreement.date_end))
        return {
            "agreement_id": agreement.id,
            "is_chosen": not note,
            "note": note,
            "baseline_before": agreement.baseline_amount,
            "baseline_amount": self._raise_target(agreement.baseline_amount),
            "target_before": agreement.target_amount,
            "target_amount": self._raise_target(agreement.target_amount),
        }

    def _raise_target(self, value):
        if not (self.raises_targets and self.percent and value):
            return value
        return float(
            raise_by(Decimal(str(value)), Decimal(str(self.percent)), Decimal(self.rounding))
        )

    def _compare(self):
        """Compute what last year's purchases earn by the terms so far and by the new ones."""
        # Read together, also when the comparison has emptied the cache.
        lines = self.line_ids.browse(self.line_ids.ids)
        if not lines:
            return
        first, last = self.reference_from, self.reference_to
        program = self.program_id
        agreements = lines.agreement_id.browse(lines.agreement_id.ids)
        before = decide_trials(program, agreements, first, last)
        # Closing a savepoint rolls it back.
        with closing(self.env.cr.savepoint()):
            copy, rules = self._copy_program(
                {"date_start": program.date_start, "date_end": program.date_end}
            )
            step_aside(program)
            own = self._own_tiers(rules)
            tried = enrol_for_trial(
                copy,
                [
                    self._prepare_renewal_vals(line, copy, own)
                    | {
                        "date_start": line.agreement_id.date_start,
                        "date_end": line.agreement_id.date_end,
                    }
                    for line in lines
                ],
            )
            after = decide_trials(copy, tried, first, last)
        was = dict(zip(agreements._ids, before, strict=True))
        for line, now in zip(trusted(lines), after, strict=True):
            then = was[line.agreement_id.id]
            line.write(
                {
                    "purchases_amount": float(then.purchases),
                    "tier_before": then.tier,
                    "before_amount": float(then.earned),
                    "tier_after": now.tier,
                    "after_amount": float(now.earned),
                }
            )

    # ------------------------------------------------------------------
    # Writing the renewal, for good or for the comparison
    # ------------------------------------------------------------------

    def _copy_program(self, vals):
        """Copy the program with the tiers that were reviewed.

        :return: the copy, and its rules by those of the program
        """
        program = self.program_id
        copy = copy_terms(program, vals)
        rules = dict(zip(program.rule_ids.sorted("id"), copy.rule_ids.sorted("id"), strict=True))
        tiers = trusted(copy.rule_ids.tier_ids)
        tiers.unlink()
        tiers.create(
            [
                {"rule_id": rules[tier.rule_id].id, **tier._prepare_tier_vals()}
                for tier in self.tier_ids
                if not tier.agreement_id
            ]
        )
        return copy, rules

    def _own_tiers(self, rules):
        """Commands that write the own tiers of each agreement, by agreement.

        :param rules: of the copy, by those of the program
        """
        return {
            agreement: [
                Command.create({"rule_id": rules[tier.rule_id].id, **tier._prepare_tier_vals()})
                for tier in tiers
            ]
            for agreement, tiers in self.tier_ids.filtered("agreement_id")
            .grouped("agreement_id")
            .items()
        }

    def _prepare_renewal_vals(self, line, program, own):
        """Values of the agreement that renews another: all that is copied of it.

        :param program: the renewal
        :param own: see :meth:`_own_tiers`
        """
        (vals,) = line.agreement_id.with_context(active_test=False).copy_data(
            {
                "program_id": program.id,
                "baseline_amount": line.baseline_amount,
                "target_amount": line.target_amount,
                "tier_ids": own.get(line.agreement_id, []),
            }
        )
        return vals

    def _renew(self):
        """Write the renewal and link it to the program.

        :return: the renewal
        """
        program = self.program_id
        try:
            program.lock_for_update()
        except LockError as error:
            raise UserError(
                self.env._(
                    "Someone else is just changing program “%s”. Wait a moment and try again.",
                    program.display_name,
                )
            ) from error
        self._check_renewable(program)
        renewal, rules = self._copy_program(
            {"name": self.name, "date_start": self.date_start, "date_end": self.date_end}
        )
        trusted(renewal).write({"renewed_from_id": program.id, "template_id": False})
        self._translate_name(renewal)
        self._follow_renewals(renewal)
        own = self._own_tiers(rules)
        # One message tells it all.
        agreements = self.env["rebate.agreement"].with_context(tracking_disable=True)
        agreements = agreements.create(
            [
                self._prepare_renewal_vals(line, renewal, own)
                | {"date_start": self.date_start, "date_end": self._end_of(line.agreement_id)}
                for line in self.line_ids
                if line.is_chosen
            ]
        )
        if self.is_activated:
            renewal.action_activate()
            agreements.action_activate()
        agreements = agreements.with_env(self.env)
        agreements._message_log_batch(
            bodies=dict.fromkeys(
                agreements.ids, self.env._("Renewed with “%s”.", program.display_name)
            )
        )
        renewal.message_post(
            body=self.env._(
                "Renewal of “%(program)s” with %(count)s agreements.",
                program=program.display_name,
                count=len(agreements),
            )
        )
        program.message_post(body=self.env._("Renewed by “%s”.", renewal.display_name))
        return renewal

    def _end_of(self, agreement):
        """The last day of an agreement's renewal: the one that it has, where that comes."""
        end = agreement.date_end
        return end if end and end > (self.program_id.date_end or self.date_start) else False

    def _translate_name(self, renewal):
        """Give the renewal its name in the other languages, where it was not chosen freely."""
        if self.name != self._next_name(self.program_id.name):
            return
        spoken = {
            lang: self._next_name(self.program_id.with_context(lang=lang).name)
            for lang, _label in self.env["res.lang"].get_installed()
        }
        renewal.update_field_translations("name", spoken)

    def _follow_renewals(self, renewal):
        """Have programs that reduce each other do so in their renewals too, whichever is renewed
        first: what is still a draft follows."""
        program = self.program_id
        renewed = {
            old.id: old.renewal_ids[:1]
            for old in program.with_context(active_test=False).reduced_by_program_ids
            if old.renewal_ids
        }
        if renewed:
            trusted(renewal).reduced_by_program_ids = [
                command
                for old_id, new in renewed.items()
                for command in (Command.unlink(old_id), Command.link(new.id))
            ]
        reduced = self.env["rebate.program"].search(
            [
                ("reduced_by_program_ids", "in", program.ids),
                ("renewed_from_id", "!=", False),
                ("state", "=", "draft"),
                ("id", "!=", renewal.id),
            ]
        )
        trusted(reduced).write(
            {
                "reduced_by_program_ids": [
                    Command.unlink(program.id),
                    Command.link(renewal.id),
                ]
            }
        )

    def _action_open(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Renew"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }
