"""An accrual: what one agreement bought and earned in one period, and what was settled of it."""

import logging
from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.rounding import round_half_up
from ...engine.sharing import share_rules
from ...tools.acting import acting
from ...tools.apart import apart
from ...tools.arrays import any_of
from ...tools.currencies import smallest_coin, to_company_currency
from ...tools.formats import format_period
from ...tools.locks import lock_available
from ...tools.trust import trusted
from ..measure.purchases import Window
from . import (
    booking,
    claims,
    exchange,
    expiry,
    owed,
    payouts,
    problems,
    recutting,
    scope_changes,
    states,
    storing,
)
from .rebate_accrual_line import share_over

_logger = logging.getLogger(__name__)

# Amounts in the currency of the company, and what each is of.
VALUES = {
    "measured_value": "measured_amount",
    "earned_value": "earned_amount",
    "settled_value": "settled_amount",
    "open_value": "open_amount",
    "accrued_value": "accrued_amount",
}


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

    claim_required = fields.Boolean(related="program_id.claim_required")
    claimed_date = fields.Date(string="Claimed On", readonly=True, copy=False)
    claim_extended_until = fields.Date(readonly=True, copy=False)
    claim_until = fields.Date(
        string="To Be Claimed Until",
        compute="_compute_claim_until",
        store=True,
        help="What is not claimed by then expires.",
    )
    claim_warned = fields.Integer(
        readonly=True,
        copy=False,
        help="How many days before the deadline the distributor was last reminded; 0: not yet.",
    )
    expired_on = fields.Date(readonly=True, copy=False)
    expired_amount = fields.Monetary(
        string="Expired",
        compute="_compute_expired_amount",
        store=True,
        help="Earned, but not claimed by the deadline.",
    )

    claimed_by_id = fields.Many2one(
        "res.users", string="Claim Recorded By", readonly=True, copy=False
    )
    claim_reference = fields.Char(
        readonly=True, copy=False, help="Under which the distributor claimed."
    )
    claim_attachment_ids = fields.Many2many(
        "ir.attachment", string="Claim Documents", readonly=True, copy=False
    )

    move_line_ids = fields.One2many(
        "account.move.line", "rebate_accrual_id", string="Journal Items", readonly=True
    )
    accrued_amount = fields.Monetary(
        string="In the Books",
        compute="_compute_accrued_amount",
        store=True,
        help="The liability in the books: accrual entries less what payouts and expiry took.",
    )

    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    measured_value = fields.Monetary(
        string="Purchases (Company Currency)",
        compute="_compute_values",
        currency_field="company_currency_id",
        help="At the exchange rate of the period's last day, or of today while it runs.",
    )
    earned_value = fields.Monetary(
        string="Earned (Company Currency)",
        compute="_compute_values",
        currency_field="company_currency_id",
        help="At the exchange rate of the period's last day, or of today while it runs.",
    )
    settled_value = fields.Monetary(
        string="Settled (Company Currency)",
        compute="_compute_values",
        currency_field="company_currency_id",
        help="At the exchange rate of the period's last day, or of today while it runs.",
    )
    open_value = fields.Monetary(
        string="To Settle (Company Currency)",
        compute="_compute_values",
        currency_field="company_currency_id",
        help="At the exchange rate of the period's last day, or of today while it runs.",
    )
    accrued_value = fields.Monetary(
        string="In the Books (Company Currency)",
        compute="_compute_values",
        currency_field="company_currency_id",
        help="At the exchange rate of the period's last day, or of today while it runs.",
    )

    scope_note = fields.Text(
        string="Counted as Settled",
        compute="_compute_scope_note",
        help="Products that count otherwise by now than when days of the period were paid for;"
        " these keep them as they were.",
    )

    _agreement_period_unique = models.UniqueIndex(
        "(agreement_id, date_from)", "An agreement has one accrual a period."
    )

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

    @api.depends(
        "date_to",
        "claim_extended_until",
        "program_id.claim_required",
        "program_id.claim_deadline_days",
    )
    def _compute_claim_until(self):
        for accrual in self:
            program = accrual.program_id
            accrual.claim_until = program.claim_required and (
                accrual.claim_extended_until
                or accrual.date_to + timedelta(days=program.claim_deadline_days)
            )

    @api.depends("earned_amount", "settled_amount", "expired_on")
    def _compute_expired_amount(self):
        for accrual in self:
            accrual.expired_amount = accrual.expired_on and max(
                accrual.earned_amount - accrual.settled_amount, 0
            )

    @api.depends("move_line_ids.amount_currency", "move_line_ids.parent_state")
    def _compute_accrued_amount(self):
        totals = dict(
            self.env["account.move.line"]._read_group(
                [("rebate_accrual_id", "in", self.ids), ("parent_state", "=", "posted")],
                ["rebate_accrual_id"],
                ["amount_currency:sum"],
            )
        )
        for accrual in self:
            accrual.accrued_amount = -totals.get(accrual, 0)

    @api.depends(*VALUES.values(), "currency_id", "date_to")
    def _compute_values(self):
        rows = {}
        if self.ids:
            self.flush_recordset()
            rows = {
                accrual_id: values
                for accrual_id, *values in self.env.execute_query(
                    SQL(
                        "SELECT accrual.id, %s FROM rebate_accrual accrual WHERE accrual.id = %s",
                        SQL(", ").join(self._value_to_sql("accrual", name) for name in VALUES),
                        any_of(self.ids),
                    )
                )
            }
        for accrual in self:
            for name, value in zip(VALUES, rows.get(accrual.id, (0,) * len(VALUES)), strict=True):
                accrual[name] = value

    def _field_to_sql(self, alias, field_expr, query=None):
        """Amounts in the company's currency are not stored, and are added up all the same."""
        if field_expr in VALUES:
            self._check_field_access(self._fields[field_expr], "read")
            return self._value_to_sql(alias, field_expr)
        return super()._field_to_sql(alias, field_expr, query)

    def _value_to_sql(self, alias, name):
        """Compose an amount in the company's currency."""
        day = SQL(
            "LEAST(%s, %s)", SQL.identifier(alias, "date_to"), fields.Date.context_today(self)
        )
        return SQL(
            "(COALESCE(%s, 0) * %s)",
            SQL.identifier(alias, VALUES[name]),
            to_company_currency(alias, day),
        )

    def _compute_scope_note(self):
        changes = {}
        for _accruals, found, _error in apart(self, lambda some: some._scope_changes()):
            # Why a program cannot be computed is told by its problem.
            changes |= found or {}
        for accrual in self:
            accrual.scope_note = "\n".join(
                dict.fromkeys(
                    scope_changes.sentence(self.env, change)
                    for change in changes.get(accrual.id, ())
                )
            )

    def init(self):
        # Figures are rewritten often: with room beside them, their indexes need not be.
        self.env.cr.execute(SQL("ALTER TABLE rebate_accrual SET (fillfactor = 50)"))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_booked(self):
        for accrual in self:
            if accrual.move_line_ids:
                raise UserError(
                    self.env._(
                        "Accrual “%s” has journal entries and cannot be deleted. The next accrual"
                        " run reverses what is no longer owed.",
                        accrual.display_name,
                    )
                )

    def write(self, vals):
        """Whatever else is written than what was computed, the next computation stores all anew."""
        return super().write({"digest": False, **vals})

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_refresh(self):
        """Recompute on demand."""
        self.refresh()
        return True

    def action_view_invoice_lines(self):
        """Show the posted invoice lines that were counted, or what else the program counts."""
        rule_id = self.env.context.get("rebate_rule_id")
        model = self.env["rebate.measure"]._line_model(self.program_id[:1])
        line_ids = []
        for accruals, found, error in apart(
            self,
            lambda some: self.env["rebate.measure"]._line_ids(
                some._windows(), rule_id and [rule_id], model
            ),
        ):
            if error and accruals == self:
                raise UserError(self.program_id._error_message(error)) from error
            line_ids += found or []
        if model != "account.move.line":
            return {
                "type": "ir.actions.act_window",
                "name": self.env[model]._description,
                "res_model": model,
                "view_mode": "list,form",
                "domain": [("id", "in", line_ids)],
                "context": {"create": False, "edit": False},
            }
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

    @acting()
    def action_claim(self):
        """Record that the distributor claimed the periods; the next settlement run pays them.

        :raise UserError: when one need not be claimed, is claimed already, or cannot be any more
        """
        claims.claim(self)
        return True

    @acting()
    def action_withdraw_claim(self):
        """Take a claim back that was recorded by mistake.

        :raise UserError: when there is none, or it was settled, or its payout was proposed
        """
        claims.withdraw(self)
        return True

    def action_view_moves(self):
        """Show the entries that raised or lowered the liability."""
        return self.move_line_ids.move_id._rebate_view_entries(self.env._("Journal Entries"))

    # ------------------------------------------------------------------
    # The period
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
                "SELECT id, agreement_id, date_from, date_to FROM rebate_accrual WHERE id = %s",
                any_of(self.ids),
            )
        )
        today = fields.Date.context_today(self)

        if not until:
            found = {row[0]: Window(*row) for row in rows}
            return [found[accrual_id] for accrual_id in self.ids]

        def last_day(date_to):
            # All of a period that is over needs no day; of one that runs even its last says whether
            # its whole guarantee is owed.
            if date_to <= min(until, today):
                return None
            return min(until, date_to)

        found = {row[0]: Window(*row, until=last_day(row[3])) for row in rows}
        return [found[accrual_id] for accrual_id in self.ids]

    def _depends_on(self, day):
        """Tell whether an invoice of a day may change the figures."""
        self.ensure_one()
        if self.program_id._dependencies():
            # What others earn changes with days outside this period too.
            return True
        if any(rule._is_growth() for rule in self.program_id.rule_ids):
            return day <= self.date_to
        return self.date_from <= day <= self.date_to

    def _format_period(self):
        self.ensure_one()
        return format_period(self.env, self.date_from, self.date_to)

    # ------------------------------------------------------------------
    # Claiming what a period earned, where the program asks for it; what is not claimed expires
    # ------------------------------------------------------------------

    def _held_for_claim(self):
        """Find which of the accruals are not settled yet, because a claim of them is awaited. To be
        extended by who settles claims otherwise; what is held back expires when its deadline is
        over.

        :return: by accrual that is held back, a sentence that says why and what to do
        """
        return claims.held_for_claim(self)

    @api.model
    def _awaiting_claim_domain(self):
        """Find the accruals of :meth:`_held_for_claim` in the database; to be extended with it."""
        return Domain("program_id.claim_required", "=", True) & Domain("claimed_date", "=", False)

    @acting()
    def _extend_claim(self, day, reason):
        """Give more time to claim, see :func:`claims.extend`."""
        claims.extend(self, day, reason)

    @acting()
    def _record_claim(self, reference=False, attachments=None):
        """Record a claim with what the distributor sent, see :func:`claims.record`."""
        claims.record(self, reference, attachments)

    @api.model
    def _cron_claims(self):
        """Once a day: remind of what can still be claimed, and let expire what cannot any more."""
        expiry.remind_and_expire(self.env)

    # ------------------------------------------------------------------
    # The days of an accrual: cut from the calendar of its program, and left as they are once they
    # are paid or in the books
    # ------------------------------------------------------------------

    def _is_cut_for_good(self):
        """Tell whether the period is paid, proposed to be, or in the books."""
        self.ensure_one()
        return bool(self.move_line_ids) or any(
            line.state not in ("rejected", "cancelled") for line in self.settlement_line_ids
        )

    def _stays(self):
        """Tell whether anything refers to the accrual, so that it cannot be deleted."""
        self.ensure_one()
        return bool(self.settlement_line_ids or self.move_line_ids)

    def _is_within(self, cells):
        """Tell whether the accrual, of which it is not known what it was cut from, lies within one
        of some periods."""
        self.ensure_one()
        return not self.whole_from and any(
            cell.whole_from and cell.whole_from <= self.date_from and self.date_to <= cell.whole_to
            for cell in cells
        )

    def _leave_of(self, cell):
        """What accruals that stay as they were cut leave of a period, see
        :func:`recutting.leave_of`."""
        return recutting.leave_of(self, cell)

    def _match(self, cells, settled):
        """Find the accrual of each period, see :func:`recutting.match`."""
        return recutting.match(self, cells, settled)

    def _prepare_cell_vals(self, cell):
        """Values that cut an accrual.

        :param cell: see :class:`Cell`
        """
        return {
            "date_from": cell.first,
            "date_to": cell.last,
            "whole_from": cell.whole_from,
            "whole_to": cell.whole_to,
        }

    def _make_way(self, moved):
        """Put accruals aside whose first day another will have, see :func:`recutting.make_way`."""
        recutting.make_way(self, moved)

    # ------------------------------------------------------------------
    # The liability in the books, and how it changes
    # ------------------------------------------------------------------

    def _posting_problems(self):
        """Find what keeps entries of the accruals from being posted. To be extended by checks of
        other addons; jobs leave out what has a problem and report it.

        :return: a sentence by accrual, with the remedy
        """
        problems = self.program_id._posting_problems()
        return {
            accrual: problems[accrual.program_id]
            for accrual in self
            if accrual.program_id in problems
        }

    def _check_postable(self):
        """Refuse to post entries of accruals that have a problem, see :meth:`_posting_problems`.

        :raise UserError: naming each problem once
        """
        if reasons := self._posting_problems():
            raise UserError("\n".join(dict.fromkeys(reasons.values())))

    @api.model
    def _book(self, changes, day, ref, accrued_until=False):
        """Post changes of the liability, see :func:`booking.book`."""
        return booking.book(self.env, changes, day, ref, accrued_until=accrued_until)

    @api.model
    def _prepare_entries(self, changes, day, ref):
        """Values of the entries that would be posted, see :func:`booking.prepare_entries`."""
        return booking.prepare_entries(self.env, changes, day, ref)

    @api.model
    def _prepare_entry_vals(self, company, journal, day, ref):
        """Values of an entry but for its lines, see :func:`booking.entry_vals`."""
        return booking.entry_vals(self.env, company, journal, day, ref)

    def _prepare_liability_vals(self, account, amount, value):
        """Values of a journal item that raises the liability, see
        :func:`booking.liability_vals`."""
        self.ensure_one()
        return booking.liability_vals(self, account, amount, value)

    def _payee(self):
        """Whose liability it is in the partner ledger: who is paid in the end."""
        self.ensure_one()
        agreement = self.agreement_id
        return (agreement.payout_partner_id or agreement.partner_id).commercial_partner_id

    def _book_exchange_differences(self, day):
        """Close liabilities that only the books' currency has, see
        :func:`exchange.book_differences`."""
        return exchange.book_differences(self, day)

    @api.model
    def _prepare_exchange_vals(self, company, differences, day):
        """Values of an entry that closes them, see :func:`exchange.difference_vals`."""
        return exchange.difference_vals(self.env, company, differences, day)

    def _find_owed(self, day):
        """Compare what is owed up to a day with the books, see :func:`owed.find_owed`."""
        return owed.find_owed(self, day)

    def _no_longer_owed(self):
        """What was earned but is owed no more, in the program's currency: paid, expired, or
        released as too little to be paid."""
        self.ensure_one()
        return self.settled_amount + self.expired_amount + self.released_amount

    # ------------------------------------------------------------------
    # Payouts take from the liability, and what is never paid out is released from it
    # ------------------------------------------------------------------

    def _prepare_payout_line_vals(self):
        """Values that every line of a document that pays this accrual has, whatever its amount and
        its taxes: it debits the liability where the program accrues, otherwise the rebate
        account."""
        self.ensure_one()
        program = self.program_id
        if account := program._accrues_on():
            # The accrual was analysed when it became an expense.
            return {
                "account_id": account.id,
                "rebate_accrual_id": self.id,
                "analytic_distribution": False,
            }
        vals = {"account_id": program.expense_account_id.id}
        if program.analytic_distribution:
            vals["analytic_distribution"] = program.analytic_distribution
        return vals

    @api.model
    def _accrue_for_payout(self, amounts, day):
        """Accrue what accruals lack for a payout, see :func:`payouts.accrue_for_payout`."""
        return payouts.accrue_for_payout(self.env, amounts, day)

    @api.model
    def _release(self, amounts, day, reason):
        """Take liability back to the rebate account, see :func:`payouts.release`."""
        return payouts.release(self.env, amounts, day, reason)

    @api.model
    def _set_released(self, changes):
        """Release accruals as too little to be paid, or owe them again, see
        :func:`payouts.set_released`."""
        payouts.set_released(self.env, changes)

    # ------------------------------------------------------------------
    # Accruals that cannot be computed: each says why, and stops no other program's
    # ------------------------------------------------------------------

    def _refresh_apart(self):
        """Refresh all at once; should one program fail, each program by itself.

        :return: the result by id of those that were computed
        """
        results = {}
        for accruals, computed, error in apart(self, lambda some: some._refresh(), is_written=True):
            if error:
                _logger.warning("%s cannot be computed", accruals.program_id, exc_info=error)
                accruals._flag(error)
            else:
                results |= computed
        return results

    def _flag(self, error):
        """Say that the accruals, all of one program, cannot be computed.

        :param error: why
        """
        problems.flag(self, error)

    def _find_problem(self, result):
        """Say why a result is not to be relied on, see :func:`problems.find_problem`."""
        self.ensure_one()
        return problems.find_problem(self, result)

    # ------------------------------------------------------------------
    # Bringing accruals up to date: measured and decided all at once, and only what changed stored
    # ------------------------------------------------------------------

    def refresh(self):
        """Compute what was bought and earned from the invoices posted so far, all accruals in
        one measurement, and store what changed.

        An accrual that cannot be computed keeps its figures and says why in ``problem``. What
        another transaction computes at the moment is queued, to be computed after both.
        """
        self._refresh_results()

    def _refresh_results(self):
        """As :meth:`refresh`, for who needs what was decided, too.

        :return: the result by accrual id; without those that cannot be computed, or are another
            transaction's
        """
        self.check_access("read")
        # These figures are computed, never typed: no one but this method may write them.
        accruals = self.sudo()
        locked = lock_available(accruals, is_written=True)
        results = locked._refresh_apart()
        programs, left = locked._programs_and_problems()
        # All others of them are written when they are stored.
        lock_available(left)
        programs._update_problem()
        self.env["rebate.queue"]._append_agreements((accruals - locked).exists().agreement_id)
        return results

    def _refresh(self):
        """Measure, decide and store.

        :return: the result by id of those that can be relied on
        """
        results = self.env["rebate.calculation"]._calculate(self._windows(), forecast=True)
        programs = self.env["rebate.program"].union(*{one.program for one in results.values()})
        has_problem = {program for program in programs if program.period_problem}
        # Of most there is nothing to be said, and they may be as many as there are distributors.
        doubtful = self.browse(
            accrual_id
            for accrual_id, result in results.items()
            if result.unconverted or result.unmeasured or result.program in has_problem
        )
        left = self.browse()
        for accrual in doubtful:
            if problem := accrual._find_problem(results[accrual.id]):
                trusted(accrual).problem = problem
                del results[accrual.id]
                left += accrual
        self._store(results)
        left._update_state()
        if self.env["rebate.measure"]._may_scope_change(programs):
            self._tell_scope_changes()
        return results

    def _store(self, results):
        """Store figures, see :func:`storing.store`."""
        storing.store(self, results)

    def _programs_and_problems(self):
        """The programs of accruals, of which there may be many, and those of them that have a
        problem."""
        self.flush_model(["program_id", "problem"])
        rows = self.env.execute_query(
            SQL(
                "SELECT program_id, array_agg(id) FILTER (WHERE problem IS NOT NULL)"
                " FROM rebate_accrual WHERE id = %s GROUP BY program_id ORDER BY program_id",
                any_of(self.ids),
            )
        )
        programs = self.env["rebate.program"].browse(program_id for program_id, _ids in rows)
        return programs, self.browse(one for _program_id, ids in rows for one in ids or ())

    @api.model
    def _cron_refresh(self):
        """Once a day: begin new periods, close old ones, and compute every running accrual anew."""
        agreements = self.env["rebate.agreement"].search(
            [("state", "=", "active"), ("program_id.state", "=", "active")]
        )
        agreements._ensure_accruals()
        accruals = self.search(["|", ("state", "!=", "settled"), ("problem", "!=", False)])
        remaining = len(accruals)
        self.env["ir.cron"]._commit_progress(remaining=remaining)
        for batch in range(0, remaining, 1000):
            chunk = accruals[batch : batch + 1000]
            chunk.refresh()
            if not self.env["ir.cron"]._commit_progress(len(chunk)):
                return
        # Of which nothing is left to be refreshed.
        programs = self.env["rebate.program"].with_context(active_test=False)
        programs.search([("problem", "!=", False)])._update_problem()

    def _update_settled(self):
        """Take over what posted settlements paid, see :func:`states.update_settled`."""
        states.update_settled(self)

    def _update_state(self):
        """Move on with the calendar and with what was paid."""
        states.update_state(self)

    # ------------------------------------------------------------------
    # What was settled keeps its scope, and where master data changed since, it says so
    # ------------------------------------------------------------------

    def _scope_changes(self):
        """Find what counts otherwise today than when days of the periods were paid for, see
        :func:`scope_changes.find_changes`."""
        return scope_changes.find_changes(self)

    def _tell_scope_changes(self):
        """Tell each program once of products that count otherwise than when they were settled."""
        scope_changes.tell_changes(self)

    # ------------------------------------------------------------------
    # Which invoice line has how much of what an accrual earned, all rules together
    # ------------------------------------------------------------------

    def _share_out(self, rule_id: int | None = None) -> dict[int, Decimal]:
        """Share out what the period earned over the invoice lines that were counted, in one
        statement whatever the number of accruals.

        :param rule_id: only what this rule earned, before the program's limits; default, what the
            period earned, to which each rule contributes what it earned within these limits
        :return: rounded money in the program's currency by invoice line id
        """
        if rule_id:
            lines = self.line_ids.filtered(lambda line: line.rule_id.id == rule_id)
            earned = {line: Decimal(str(line.earned_amount)) for line in lines}
        else:
            earned = {}
            for accrual in self:
                earned |= accrual._earned_by_rule()
        rebates = {}
        for parts in (
            self.line_ids.browse(line.id for line in earned)._share_out_each(earned).values()
        ):
            for part in parts:
                rebates[part.line_id] = rebates.get(part.line_id, 0) + part.rebate
        return rebates

    def _earned_by_rule(self):
        """Share out what the period earned over its rules.

        :return: rounded money by accrual line
        """
        self.ensure_one()
        lines = self.line_ids
        parts = share_rules(
            Decimal(str(self.earned_amount)),
            [Decimal(str(line.earned_amount)) for line in lines],
            [Decimal(str(line.measured_amount)) for line in lines],
            smallest_coin(self.currency_id),
        )
        return dict(zip(lines, parts, strict=True))

    # ------------------------------------------------------------------
    # Which invoice line had how much of what was earned up to a day
    # ------------------------------------------------------------------

    def _shares_until(self, day):
        """Share out over the invoice lines what was earned up to a day, in two statements.

        :return: list of accrual, rule and a list of :class:`LineRebate`
        """
        windows = self._windows(until=day)
        results = self.env["rebate.calculation"]._calculate(windows)
        bought = self.env["rebate.measure"]._lines_by_rule(windows)
        shares = []
        for accrual in self:
            result, coin = results[accrual.id], smallest_coin(accrual.currency_id)
            earned = share_rules(
                result.earned,
                [rule.earned for rule in result.rules],
                [round_half_up(rule.purchases.amount, coin) for rule in result.rules],
                coin,
            )
            shares += [
                (
                    accrual,
                    rule.rule,
                    share_over(
                        bought.get((accrual.id, rule.rule.id), ()),
                        of_rule,
                        rule.outcome.parts,
                        coin,
                    ),
                )
                for rule, of_rule in zip(result.rules, earned, strict=True)
            ]
        return shares

    def _explain_today(self):
        """Tell how the period's rebate comes about by now."""
        self.ensure_one()
        sentences = [*self.line_ids.mapped("explanation"), self.limit_explanation]
        return " ".join(filter(None, sentences))
