"""An agreement: a distributor's enrolment in a program."""

import logging
from datetime import date
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ...tools.acting import acting
from ...tools.apart import apart
from ...tools.locks import lock_available
from ...tools.trust import trusted

_logger = logging.getLogger(__name__)


class PeriodChanges(NamedTuple):
    """How an agreement's accruals differ from the periods that have begun: the periods without an
    accrual, those that moved by accrual, accruals without a period, and accruals that stay as they
    were cut although the calendar changed."""

    begun: list
    moved: dict
    obsolete: models.Model
    kept: models.Model
    is_marked_anew: bool

    @property
    def is_any(self):
        """Tell whether there is anything to do."""
        return bool(self.begun or self.moved or self.obsolete or self.is_marked_anew)

    @property
    def touched(self):
        """The accruals that are to be written or deleted."""
        return self.obsolete.union(*self.moved)


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
    current_earned_amount = fields.Monetary(string="Earned To Date", compute="_compute_current")
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
    current_progress = fields.Float(
        string="Progress",
        compute="_compute_current",
        digits=(5, 1),
        help="Purchases in percent of the next tier's threshold; 100 when the highest is reached.",
    )
    current_explanation = fields.Text(string="How It Is Computed", compute="_compute_current")
    current_problem = fields.Char(
        string="Problem",
        compute="_compute_current",
        # The distributor is not told the terms of a rule.
        groups="base.group_user",
        help="Why there are no figures of the running period; empty: there is no such problem.",
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
    # Business methods
    # ------------------------------------------------------------------

    def _overlaps(self, other):
        return other.date_start <= (self.date_end or date.max) and self.date_start <= (
            other.date_end or date.max
        )

    # ------------------------------------------------------------------
    # The life of an agreement: enrolled, running, ended; its figures follow each change
    # ------------------------------------------------------------------

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
        """Refuse days whose purchases were paid for already to somebody else: what is overpaid is
        made up by what the same payee is owed, and by nobody else.

        :raise UserError: when another agreement of the program was paid for them
        """
        if not self:
            return
        for model in ("agreement", "accrual", "settlement", "settlement.line"):
            self.env[f"rebate.{model}"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (mine.id) mine.id, settlement.id, paid.until
                  FROM rebate_agreement mine
                  JOIN (SELECT accrual.agreement_id, accrual.program_id,
                               buyer.partner_id AS buyer_id, accrual.date_from,
                               COALESCE(line.date_until, accrual.date_to) AS until,
                               line.settlement_id
                          FROM rebate_settlement_line line
                          JOIN rebate_accrual accrual ON accrual.id = line.accrual_id
                          JOIN (SELECT settlement_line_id, partner_id
                                  FROM rebate_settlement_buyer
                                 WHERE path IS NOT NULL
                             UNION ALL
                                SELECT line.id, accrual.partner_id
                                  FROM rebate_settlement_line line
                                  JOIN rebate_accrual accrual ON accrual.id = line.accrual_id
                               ) buyer ON buyer.settlement_line_id = line.id
                         WHERE line.state NOT IN ('rejected', 'cancelled')
                       ) paid
                    ON paid.program_id = mine.program_id
                   AND paid.buyer_id = mine.partner_id
                   AND paid.agreement_id <> mine.id
                   AND paid.until >= mine.date_start
                   AND (mine.date_end IS NULL OR paid.date_from <= mine.date_end)
                  JOIN rebate_settlement settlement ON settlement.id = paid.settlement_id
                 WHERE mine.id = ANY(%s)
                   AND settlement.partner_id <> COALESCE(mine.payout_partner_id, mine.partner_id)
              ORDER BY mine.id, paid.until DESC
                """,
                self.ids,
            )
        )
        for agreement_id, settlement_id, until in rows:
            agreement = self.browse(agreement_id)
            # Who enrols is told who was paid, also where he may not open the settlement.
            settlement = self.env["rebate.settlement"].sudo().browse(settlement_id)
            raise UserError(
                self.env._(
                    "Purchases of %(partner)s in program “%(program)s” were paid for up to"
                    " %(until)s by settlement %(settlement)s, to %(payee)s. Let the agreement start"
                    " after that day, pay it to %(payee)s too, or cancel that settlement first.",
                    partner=agreement.partner_id.display_name,
                    program=agreement.program_id.display_name,
                    until=format_date(self.env, until),
                    settlement=settlement.name,
                    payee=settlement.partner_id.display_name,
                )
            )

    def _is_paid(self):
        """Tell whether a payout of the agreement stands or is proposed."""
        # Whatever its reader may see of it.
        lines = self.sudo().accrual_ids.settlement_line_ids
        return any(line.state not in ("rejected", "cancelled") for line in lines)

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

    # ------------------------------------------------------------------
    # The periods of an agreement, each with its accrual
    # ------------------------------------------------------------------

    def _period_on(self, day):
        """Find the period a day lies in, cut by the dates of program and agreement.

        :return: ``(first day, last day)``, or None when the agreement does not run on the day
        """
        self.ensure_one()
        return next(
            (period for period in self._periods(day) if period[0] <= day <= period[1]), None
        )

    def _periods(self, until):
        """List the periods that have begun by a day, cut by the dates of program and agreement.

        :param until: a date
        :return: list of ``(first day, last day)``
        """
        if not self.is_recut:
            return self.program_id._periods(*self._run(), until)
        cells, kept, _accruals = self._cut(until)
        periods = [(accrual.date_from, accrual.date_to) for accrual in kept]
        periods += [(cell.first, cell.last) for cell in cells]
        return sorted(period for period in periods if period[0] <= until)

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

    # ------------------------------------------------------------------
    # An accrual for each period
    # ------------------------------------------------------------------

    def _ensure_accruals(self):
        """Give each agreement one accrual for every period that has begun, no more and no less.

        A period whose dates moved keeps its accrual; one that fell away loses it, unless it was
        paid or is in the books: then the accrual stays, to carry the difference. Where the calendar
        of the program changed, what is paid or in the books stays as it was cut, and the new
        periods take the days that are left.

        A program whose periods cannot be told says so, and stops no other.
        """
        # Periods begin by themselves, whoever looks first; nobody has the right to type accruals.
        agreements = self.sudo().filtered(lambda agreement: agreement.state != "draft")
        for some, _done, error in apart(agreements, lambda a: a._cut_accruals(), is_written=True):
            programs = some.program_id
            if error:
                _logger.warning("The periods of %s cannot be cut", programs, exc_info=error)
            else:
                programs = programs.filtered("period_problem")
            if programs:
                programs._set_period_problem(error)

    def _cut_accruals(self):
        """Bring the accruals in line with the periods that have begun."""
        today = fields.Date.context_today(self)
        changes = {
            agreement: change
            for agreement in self
            if (change := agreement._period_changes(today)) and change.is_any
        }
        changing = self.browse(agreement.id for agreement in changes)
        # Who looks second at the same moment leaves it to the first.
        locked = lock_available(changing)
        touched = self.env["rebate.accrual"].union(
            *(change.touched for agreement, change in changes.items() if agreement in locked)
        )
        # All of an agreement's periods, or none: they must neither overlap nor leave gaps.
        late = (touched - lock_available(touched)).agreement_id
        locked -= late
        changes = {agreement: changes[agreement] for agreement in locked}
        for value in (True, False):
            marked = locked.filtered(
                lambda agreement, value=value: (
                    agreement.is_recut != value and bool(changes[agreement].kept) == value
                )
            )
            trusted(marked).write({"is_recut": value})
        none = touched.browse()
        trusted(none.union(*(change.obsolete for change in changes.values()))).unlink()
        moved = {
            accrual: cell for change in changes.values() for accrual, cell in change.moved.items()
        }
        none.union(*moved)._make_way(moved)
        for accrual, cell in moved.items():
            trusted(accrual).write(accrual._prepare_cell_vals(cell))
        trusted(none).create(
            [
                {"agreement_id": agreement.id, **none._prepare_cell_vals(cell)}
                for agreement, change in changes.items()
                for cell in change.begun
            ]
        )
        self.env["rebate.queue"]._append_agreements(changing - locked)

    def _period_changes(self, today):
        """Compare the accruals with the periods that have begun.

        :return: :class:`PeriodChanges`
        """
        self.ensure_one()
        cells = self.program_id._cells(*self._run(), today)
        accruals = self.accrual_ids
        if not self.is_recut and len(cells) == len(accruals):
            found = {(a.whole_from, a.whole_to, a.date_from, a.date_to) for a in accruals}
            if found == set(cells):
                return None
        cells, kept, matched = self._cut(today)
        begun = [cell for cell in cells if cell not in matched]
        moved = {
            accrual: cell
            for cell, accrual in matched.items()
            if (accrual.whole_from, accrual.whole_to, accrual.date_from, accrual.date_to) != cell
        }
        spare = accruals - kept - accruals.browse().union(*matched.values())
        obsolete = spare.filtered(lambda accrual: not accrual._stays())
        return PeriodChanges(begun, moved, obsolete, kept, bool(kept) != self.is_recut)

    def _cut(self, until):
        """Cut the periods that have begun by a day, around those that stay as they were cut.

        :return: the periods, the accruals that stay, and the accrual of each period that has one
        """
        self.ensure_one()
        program = self.program_id
        whole_cells = program._cells(*self._run(), until)
        # Whatever their reader may see of them.
        accruals = self.sudo().accrual_ids.sorted("date_from")
        settled = accruals.filtered(lambda accrual: accrual._is_cut_for_good())
        kept = settled.filtered(
            lambda accrual: (
                not (
                    program._is_whole(accrual.whole_from, accrual.whole_to)
                    or accrual._is_within(whole_cells)
                )
            )
        )
        while True:
            cells = [part for cell in whole_cells for part in kept._leave_of(cell)]
            matched = (accruals - kept)._match(cells, settled)
            left = accruals - kept - accruals.browse().union(*matched.values())
            # What cannot go, and has no period of its own, stays where it is.
            staying = left.filtered(
                lambda accrual, cells=cells: (
                    accrual._stays()
                    and any(
                        cell.first <= accrual.date_to and cell.last >= accrual.date_from
                        for cell in cells
                    )
                )
            )
            if not staying:
                return cells, kept, matched
            kept |= staying

    # ------------------------------------------------------------------
    # Live progress
    # ------------------------------------------------------------------

    def _live_figures(self):
        """Measure and decide the running period of each agreement as of now.

        :return: see ``calculation/progress.py``
        """
        return self.env["rebate.calculation"]._live_figures(self)

    # ------------------------------------------------------------------
    # Terms agreed with one distributor leave a trace on its agreement when they change
    # ------------------------------------------------------------------

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
