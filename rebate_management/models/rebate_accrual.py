"""An accrual: what one agreement bought and earned in one period, and what was settled of it."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..tools.apart import apart
from .rebate_measure import Window
from .rebate_period import format_period


class RebateAccrual(models.Model):
    _name = "rebate.accrual"
    _description = "Rebate Accrual"
    _order = "date_from desc, agreement_id, id"
    _check_company_auto = True

    agreement_id = fields.Many2one(
        "rebate.agreement", required=True, ondelete="cascade", index=True, readonly=True
    )
    program_id = fields.Many2one(related="agreement_id.program_id", store=True, index=True)
    partner_id = fields.Many2one(related="agreement_id.partner_id", store=True, index=True)
    company_id = fields.Many2one(related="agreement_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="agreement_id.currency_id", store=True)
    date_from = fields.Date(string="From", required=True, readonly=True)
    date_to = fields.Date(string="To", required=True, readonly=True)
    whole_from = fields.Date(
        readonly=True,
        copy=False,
        help="The first day of the whole period of the calendar that it was cut from; empty: of the"
        " program's whole run.",
    )
    whole_to = fields.Date(
        readonly=True, copy=False, help="The last day of the whole period that it was cut from."
    )
    period = fields.Char(compute="_compute_period")
    state = fields.Selection(
        [
            ("open", "Open"),
            ("closed", "Closed"),
            ("settled", "Settled"),
            ("expired", "Expired"),
        ],
        string="Status",
        default="open",
        required=True,
        readonly=True,
        index=True,
        help="Open while the period runs, closed when it is over, settled when all it earned is"
        " paid or released, expired when it was not claimed in time.",
    )
    line_ids = fields.One2many("rebate.accrual.line", "accrual_id", readonly=True)
    settlement_line_ids = fields.One2many("rebate.settlement.line", "accrual_id", readonly=True)
    measured_amount = fields.Monetary(string="Purchases", readonly=True)
    measured_quantity = fields.Float(string="Quantity", digits=(16, 4), readonly=True)
    uom_id = fields.Many2one(related="program_id.uom_id")
    earned_amount = fields.Monetary(string="Earned", readonly=True)
    expected_amount = fields.Monetary(
        string="Expected",
        readonly=True,
        help="Forecast of what the whole period will earn.",
    )
    settled_amount = fields.Monetary(
        string="Settled",
        readonly=True,
        default=0,
        copy=False,
        help="What posted settlements paid of it.",
    )
    released_amount = fields.Monetary(
        string="Released",
        readonly=True,
        default=0,
        copy=False,
        help="Less than the smallest payout when the agreement had ended: it is not paid, and was"
        " taken back to the rebate account. It is owed again when it comes to enough.",
    )
    released_on = fields.Date(readonly=True, copy=False)
    open_amount = fields.Monetary(string="To Settle", compute="_compute_open_amount", store=True)
    facts = fields.Json(
        readonly=True,
        prefetch=False,
        help="The numbers behind the period's explanation, see the lines for theirs.",
    )
    limit_explanation = fields.Char(compute="_compute_explanations")
    expected_explanation = fields.Char(string="How It Is Foreseen", compute="_compute_explanations")
    next_tier_id = fields.Many2one("rebate.tier", ondelete="set null", readonly=True)
    to_next_tier = fields.Float(
        digits=(16, 4), readonly=True, help="Missing to the next tier, in what reaches it."
    )
    missing = fields.Char(compute="_compute_missing", help="Missing to the next tier.")
    problem = fields.Char(
        readonly=True, help="Why the figures could not be brought up to date; empty: they are."
    )
    computed_at = fields.Datetime(readonly=True)
    digest = fields.Char(
        readonly=True,
        prefetch=False,
        help="Of what was stored last, to tell whether computing brings news.",
    )

    _agreement_period_unique = models.UniqueIndex(
        "(agreement_id, date_from)", "An agreement has one accrual a period."
    )

    def init(self):
        # Figures are rewritten often: with room beside them, their indexes need not be.
        self.env.cr.execute(SQL("ALTER TABLE rebate_accrual SET (fillfactor = 50)"))

    @api.depends("earned_amount", "settled_amount", "expired_amount", "released_amount")
    def _compute_open_amount(self):
        for accrual in self:
            accrual.open_amount = accrual.earned_amount - accrual._no_longer_owed()

    @api.depends("facts")
    @api.depends_context("lang")
    def _compute_explanations(self):
        calculation = self.env["rebate.calculation"]
        for accrual in self:
            facts = accrual.facts or {}
            currency = accrual.currency_id
            accrual.limit_explanation = " ".join(calculation._explain_limits(facts, currency))
            accrual.expected_explanation = calculation._explain_forecast(
                facts.get("forecast"), currency
            )

    @api.depends("next_tier_id", "to_next_tier")
    @api.depends_context("lang")
    def _compute_missing(self):
        for accrual in self:
            rule = accrual.next_tier_id.rule_id
            accrual.missing = rule._format_purchases(accrual.to_next_tier) if rule else False

    @api.depends("date_from", "date_to")
    @api.depends_context("lang")
    def _compute_period(self):
        for accrual in self:
            accrual.period = accrual._format_period()

    @api.depends("agreement_id", "date_from", "date_to")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for accrual in self:
            accrual.display_name = self.env._(
                "%(agreement)s, %(period)s",
                agreement=accrual.agreement_id.display_name,
                period=accrual._format_period(),
            )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_refresh(self):
        """Recompute on demand."""
        self.refresh()
        return True

    def action_view_invoice_lines(self):
        """Show the posted invoice lines that were counted."""
        rule_id = self.env.context.get("rebate_rule_id")
        line_ids = []
        for accruals, found, error in apart(
            self,
            lambda some: self.env["rebate.measure"]._line_ids(
                some._windows(), rule_id and [rule_id]
            ),
        ):
            if error and accruals == self:
                raise UserError(self.program_id._error_message(error)) from error
            line_ids += found or []
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Counted Invoice Lines"),
            "res_model": "account.move.line",
            "view_mode": "list,form",
            "search_view_id": [
                self.env.ref("rebate_management.account_move_line_view_search_rebate").id
            ],
            "views": [
                (self.env.ref("rebate_management.account_move_line_view_list_rebate").id, "list"),
                (False, "form"),
            ],
            "domain": [("id", "in", line_ids)],
            # what each of them has of the rebate, see AccountMoveLine.rebate_share
            "context": {
                "create": False,
                "edit": False,
                "rebate_accrual_ids": self.ids,
                "rebate_rule_id": rule_id,
            },
        }

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _windows(self, until=None):
        """Ask for the accruals' own periods, optionally only up to a day."""
        if not self:
            return []
        self.check_access("read")
        self.flush_model(["agreement_id", "date_from", "date_to"])
        # Plain rows: there may be as many accruals as a program has distributors.
        rows = self.env.execute_query(
            SQL(
                "SELECT id, agreement_id, date_from, date_to"
                " FROM rebate_accrual WHERE id = ANY(%s)",
                self.ids,
            )
        )
        today = fields.Date.context_today(self)

        def last_day(date_to):
            # All of a period that is over needs no day; of one that runs even its last says whether
            # its whole guarantee is owed.
            if not until or date_to <= min(until, today):
                return None
            return min(until, date_to)

        found = {row[0]: Window(*row, until=last_day(row[3])) for row in rows}
        return [found[accrual_id] for accrual_id in self.ids]

    def _depends_on(self, day):
        """Tell whether an invoice of a day may change the figures."""
        self.ensure_one()
        if self.program_id._related():
            # What others earn changes with days outside this period too.
            return True
        if any(rule._is_growth() for rule in self.program_id.rule_ids):
            return day <= self.date_to
        return self.date_from <= day <= self.date_to

    def _format_period(self):
        self.ensure_one()
        return format_period(self.env, self.date_from, self.date_to)
