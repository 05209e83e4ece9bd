"""An accrual: what one agreement bought and earned in one period, and what was settled of it."""

import json
import logging
from datetime import timedelta
from decimal import Decimal
from hashlib import blake2b
from typing import NamedTuple

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_amount, format_date, format_list, plaintext2html

from ...engine.accruing import change, owed_so_far
from ...engine.rounding import round_half_up
from ...engine.sharing import share_rules
from ...engine.tiers import ZERO
from ...tools.acting import acting
from ...tools.apart import apart
from ...tools.formats import format_period
from ...tools.locks import lock_all, lock_available
from ...tools.trust import trusted
from ..measure.purchases import Window
from .rebate_accrual_line import share_over

# Farther back than any period, to make way for another.
AWAY = 500_000
# Days before the deadline on which a distributor is reminded, the last one last.
REMINDERS = (30, 7)


class Booked(NamedTuple):
    """The liability of one accrual on one account: ``amount`` in the program's currency, ``value``
    in the company's; ``accrued`` is the amount without what payouts took."""

    amount: float
    value: float
    accrued: float


class Owed(NamedTuple):
    """What is owed by an accrual, what the books have, and the change by account; all amounts in
    the program's currency."""

    owed: float
    in_books: float
    changes: dict

    @property
    def change(self):
        """By how much the liability changes, all accounts together."""
        return sum(self.changes.values())


_logger = logging.getLogger(__name__)
# The columns of what is stored of a period and of a rule, beside their digest.
PERIOD = {
    "measured_amount": "numeric",
    "measured_quantity": "numeric",
    "earned_amount": "numeric",
    "expected_amount": "numeric",
    "next_tier_id": "int",
    "to_next_tier": "numeric",
    "facts": "jsonb",
}
RULE = {
    "qualifying_value": "numeric",
    "measured_amount": "numeric",
    "measured_quantity": "numeric",
    "tier_id": "int",
    "rate": "numeric",
    "earned_amount": "numeric",
    "terms_id": "int",
    "decided": "jsonb",
}
to_json = json.JSONEncoder(separators=(",", ":")).encode
# So many products are named, of however many.
NAMED = 10


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

    def _compute_scope_note(self):
        changes = {}
        for _accruals, found, _error in apart(self, lambda some: some._scope_changes()):
            # Why a program cannot be computed is told by its problem.
            changes |= found or {}
        for accrual in self:
            accrual.scope_note = "\n".join(
                dict.fromkeys(
                    self._scope_sentence(settlement_id, name, product_ids, has_left)
                    for settlement_id, name, product_ids, has_left in changes.get(accrual.id, ())
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

    @acting()
    def action_claim(self):
        """Record that the distributor claimed the periods; the next settlement run pays them.

        :raise UserError: when one need not be claimed, is claimed already, or cannot be any more
        """
        self._require_claimer()
        lock_all(self)
        today = fields.Date.context_today(self)
        for accrual in self:
            if problem := accrual._claim_problem(today):
                raise UserError(problem)
        # Nobody may write accruals but the methods that say so.
        trusted(self.sudo()).write({"claimed_date": today, "claimed_by_id": self.env.uid})
        self._log_claim(self.env._("Claimed"))
        return True

    @acting()
    def action_withdraw_claim(self):
        """Take a claim back that was recorded by mistake.

        :raise UserError: when there is none, or it was settled, or its payout was proposed
        """
        self._require_claimer()
        lock_all(self)
        for accrual in self:
            if not accrual.claimed_date:
                raise UserError(
                    self.env._(
                        "“%s” was not claimed, so there is no claim to withdraw. Choose periods"
                        " that were claimed.",
                        accrual.display_name,
                    )
                )
            if accrual.settlement_line_ids.filtered(
                lambda line: line.state not in ("rejected", "cancelled")
            ):
                raise UserError(
                    self.env._(
                        "The claim for “%s” is being paid or was paid. Cancel its settlement"
                        " first.",
                        accrual.display_name,
                    )
                )
        # As in action_claim.
        trusted(self.sudo()).write(
            {"claimed_date": False, "claimed_by_id": False, "claim_reference": False}
        )
        self._log_claim(self.env._("Claim withdrawn"))
        return True

    def action_view_moves(self):
        """Show the entries that raised or lowered the liability."""
        return self.move_line_ids.move_id._view_rebate_entries(self.env._("Journal Entries"))

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
    # Claiming what a period earned, where the program asks for it, and what was never claimed
    # ------------------------------------------------------------------

    def _awaits_claim(self):
        """Tell whether the period is not paid before it is claimed."""
        self.ensure_one()
        return self.program_id.claim_required and not self.claimed_date

    @acting()
    def _extend_claim(self, day, reason):
        """Give more time to claim, also what has expired, which is owed again.

        :param day: the new deadline
        :param reason: kept on the agreements
        :raise UserError: when the user is no manager, or the day is past
        """
        self.env["rebate.settlement"]._require_group("rebate_management.group_rebate_manager")
        if day < fields.Date.context_today(self):
            raise UserError(
                self.env._(
                    "%s is past, and nothing could be claimed any more. Choose today or a later"
                    " day.",
                    format_date(self.env, day),
                )
            )
        lock_all(self)
        for accrual in self:
            if not accrual._awaits_claim():
                raise UserError(
                    self.env._(
                        "“%s” need not be claimed, or was claimed already.", accrual.display_name
                    )
                )
        # As in action_claim.
        accruals = self.sudo()
        trusted(accruals).write(
            {"claim_extended_until": day, "claim_warned": 0, "expired_on": False}
        )
        accruals._update_state()
        self._log_claim(
            self.env._(
                "To be claimed until %(day)s: %(reason)s",
                day=format_date(self.env, day),
                reason=reason,
            )
        )

    def _require_claimer(self):
        """Refuse who is neither a manager nor the distributor's salesperson."""
        user = self.env.user
        if self.env.su or user.has_group("rebate_management.group_rebate_manager"):
            return
        for accrual in self:
            if accrual.partner_id.user_id != user:
                raise UserError(
                    self.env._(
                        "Claims of “%s” are recorded by its salesperson or a rebate manager. Ask"
                        " one of them.",
                        accrual.partner_id.display_name,
                    )
                )

    def _claim_problem(self, today):
        if not self.claim_required:
            return self.env._(
                "“%s” need not be claimed: its program pays without.", self.display_name
            )
        if self.claimed_date:
            return self.env._(
                "“%(accrual)s” was claimed on %(day)s already.",
                accrual=self.display_name,
                day=format_date(self.env, self.claimed_date),
            )
        if self.expired_on or self.claim_until < today:
            return self.env._(
                "“%(accrual)s” could be claimed until %(day)s. A manager may choose “Extend the"
                " Deadline”.",
                accrual=self.display_name,
                day=format_date(self.env, self.claim_until),
            )
        return None

    def _log_claim(self, what):
        """Write to the agreements what happened to the claims of which periods."""
        for accrual in self:
            # Salespersons may not write agreements.
            accrual.agreement_id.sudo()._message_log(body=f"{accrual._format_period()}: {what}")

    # ------------------------------------------------------------------
    # What is kept of a claim: who recorded it, the distributor's reference, and its documents
    # ------------------------------------------------------------------

    @acting()
    def _record_claim(self, reference=False, attachments=None):
        """Record that the distributor claimed the periods, with what it sent; see ``action_claim``.

        :param reference: the distributor's own
        :param attachments: ``ir.attachment`` that the user may read; each period gets its own copy
        :raise UserError: as ``action_claim``
        """
        self.action_claim()
        # As in action_claim.
        trusted(self.sudo()).write({"claim_reference": reference})
        if attachments:
            attachments.check_access("read")
            # Whoever may claim may not write accruals otherwise,
            for accrual in self.sudo():
                # nor what belongs to them.
                trusted(accrual).claim_attachment_ids += attachments.sudo().copy(
                    {"res_model": self._name, "res_id": accrual.id}
                )

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
        """What accruals that stay as they were cut leave of a period.

        :param cell: see :class:`Cell`
        :return: its parts, in order
        """
        parts, first = [], cell.first
        for accrual in self.sorted("date_from"):
            if accrual.date_to < first or accrual.date_from > cell.last:
                continue
            if accrual.date_from > first:
                parts.append(cell._replace(first=first, last=accrual.date_from - timedelta(days=1)))
            first = accrual.date_to + timedelta(days=1)
        return [*parts, cell._replace(first=first)] if first <= cell.last else parts

    def _match(self, cells, settled):
        """Find the accrual of each period.

        :param cells: see :class:`Cell`
        :param settled: those of the accruals that are paid or in the books: they keep to what they
            were cut from
        :return: by period, its accrual; periods without one are absent
        """
        matched, spare = {}, self
        for is_same_whole in (True, False):
            for accrual in [*(spare & settled), *(spare - settled)]:
                for cell in cells:
                    whole = accrual.whole_from or False, accrual.whole_to or False
                    is_same = whole == cell[:2] or accrual._is_within([cell])
                    if (
                        cell not in matched
                        and accrual.date_from <= cell.last
                        and accrual.date_to >= cell.first
                        and (is_same if is_same_whole else accrual not in settled)
                    ):
                        matched[cell] = accrual
                        spare -= accrual
                        break
        return matched

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
        """Put accruals aside whose first day another will have, until they have theirs: no two of
        an agreement begin on one day, not even in between.

        :param moved: the period that each will have, see :class:`Cell`
        """
        begins = {(accrual.agreement_id, accrual.date_from): accrual for accrual in self}
        in_way = self.browse().union(
            *(
                other
                for accrual, cell in moved.items()
                if (other := begins.get((accrual.agreement_id, cell.first))) and other != accrual
            )
        )
        if in_way:
            self.flush_model(["date_from"])
            self.env.cr.execute(
                SQL(
                    "UPDATE rebate_accrual SET date_from = date_from - %s WHERE id = ANY(%s)",
                    AWAY,
                    in_way.ids,
                )
            )
            in_way.invalidate_recordset(["date_from"], flush=False)

    # ------------------------------------------------------------------
    # Posting changes of the liability: one entry a company and journal, in it one liability line an
    # accrual and one expense line a partner and program
    # ------------------------------------------------------------------

    @api.model
    def _book(self, changes, day, ref, accrued_until=False):
        """Post changes of the liability against the rebate accounts of the programs.

        :param changes: by accrual, by liability account: the amount in the program's currency by
            which the liability rises, negative where it falls
        :param day: the date of the entries; where it is locked, the first open day
        :param ref: what the entries are, for their reference
        :param accrued_until: the day up to which an accrual run looked
        :return: the posted entries
        :raise UserError: when a program lacks an account, a journal or an exchange rate
        """
        accruals = self.browse().union(*(accrual for accrual, change in changes.items() if change))
        accruals.program_id._check_bookable()
        groups = accruals.grouped(
            lambda accrual: (accrual.company_id, accrual.program_id.accrual_journal_id)
        )
        vals_list = []
        for (company, journal), group in groups.items():
            vals = self._prepare_entry_vals(company, journal, day, ref)
            vals["rebate_accrued_until"] = accrued_until
            vals["line_ids"] = [
                Command.create(line)
                for line in group._prepare_entry_lines(changes, company, vals["date"])
            ]
            vals_list.append(vals)
        return self._post_entries(vals_list)

    @api.model
    def _post_entries(self, vals_list):
        """Create and post entries; one that was moved to another day says so in its chatter too."""
        moves = trusted(self.env["account.move"]).create(vals_list).with_env(self.env)
        moves.action_post()
        for move, vals in zip(moves, vals_list, strict=True):
            if vals["narration"]:
                move.message_post(body=vals["narration"])
        return moves

    @api.model
    def _prepare_entry_vals(self, company, journal, day, ref):
        """Values of an entry but for its lines, dated the first open day from the day on."""
        # Every lock date on or after the day, the latest one last.
        locks = company._get_violated_lock_dates(day, False, journal)
        open_day = locks[-1][0] + timedelta(days=1) if locks else day
        notice = locks and self.env._(
            "This entry is of %(day)s, but is dated %(open_day)s, the first open day: the books"
            " are locked up to %(lock_day)s.",
            day=format_date(self.env, day),
            open_day=format_date(self.env, open_day),
            lock_day=format_date(self.env, locks[-1][0]),
        )
        return {
            "move_type": "entry",
            "company_id": company.id,
            "journal_id": journal.id,
            "date": open_day,
            "ref": ref,
            "narration": plaintext2html(notice) if notice else False,
        }

    def _prepare_entry_lines(self, changes, company, day):
        """Values of the lines of an entry, each expense before the liabilities it is of.

        :param changes: as for :meth:`_book`
        :param day: whose exchange rate gives the value in the books
        """
        books = company.currency_id
        rates = {
            currency: currency._get_conversion_rate(currency, books, company, day)
            for currency in self.currency_id
        }
        payees = self.grouped(lambda accrual: (accrual.program_id, accrual._payee()))
        lines = []
        for (program, payee), accruals in payees.items():
            liabilities = [
                accrual._prepare_liability_vals(
                    account, amount, books.round(amount * rates[accrual.currency_id])
                )
                for accrual in accruals
                for account, amount in changes[accrual].items()
            ]
            expense = program._prepare_rebate_expense_vals(
                payee,
                program.currency_id.round(-sum(line["amount_currency"] for line in liabilities)),
                books.round(-sum(line["balance"] for line in liabilities)),
            )
            if expense["amount_currency"] or expense["balance"]:
                lines.append(expense)
            lines += liabilities
        return lines

    def _prepare_liability_vals(self, account, amount, value):
        """Values of a journal item that raises the liability.

        :param amount: in the program's currency
        :param value: the same in the books
        """
        self.ensure_one()
        return {
            "name": self.env._(
                "Rebate %(program)s, %(period)s",
                program=self.program_id.name,
                period=self._format_period(),
            ),
            "account_id": account.id,
            "partner_id": self._payee().id,
            "rebate_accrual_id": self.id,
            "currency_id": self.currency_id.id,
            "amount_currency": -amount,
            "balance": -value,
            "tax_ids": [Command.clear()],
            # Costs are analysed where they are an expense.
            "analytic_distribution": False,
        }

    def _payee(self):
        """Whose liability it is in the partner ledger: who is paid in the end."""
        self.ensure_one()
        agreement = self.agreement_id
        return (agreement.payout_partner_id or agreement.partner_id).commercial_partner_id

    # ------------------------------------------------------------------
    # Exchange differences: what is paid or released in a program's currency leaves nothing in the
    # books' own
    # ------------------------------------------------------------------

    def _book_exchange_differences(self, day):
        """Close liabilities that are nothing in the program's currency, but something in the
        books': they were booked at one rate and taken at another.

        :param day: the date of the entries; where it is locked, the first open day
        :return: the posted entries, one a company
        :raise UserError: when a company has no journal or account for exchange differences
        """
        foreign = self.filtered(lambda accrual: accrual.program_id._is_foreign())
        if not foreign:
            return self.env["account.move"]
        left = {}
        for accrual, accounts in foreign._booked().items():
            for account, part in accounts.items():
                value = accrual.company_id.currency_id.round(part.value)
                if accrual.currency_id.is_zero(part.amount) and value:
                    left.setdefault(accrual.company_id, []).append((accrual, account, value))
        return self._post_entries(
            [
                self._prepare_exchange_vals(company, differences, day)
                for company, differences in left.items()
            ]
        )

    def _prepare_exchange_vals(self, company, differences, day):
        """Values of the entry that closes exchange differences of a company.

        :param differences: a list of ``(accrual, liability account, value left in the books)``
        """
        # A branch keeps its books as its company does.
        settings = next(
            (above for above in company.parent_ids[::-1] if above._rebate_exchange()),
            None,
        )
        if not settings:
            raise UserError(
                self.env._(
                    "Company “%s” has no journal, gain account or loss account for exchange"
                    " differences, and rebates in another currency leave one. Choose them in the"
                    " settings of Accounting, under Default Accounts.",
                    company.display_name,
                )
            )
        journal, gain, loss = settings._rebate_exchange()
        vals = self._prepare_entry_vals(
            company, journal, day, self.env._("Exchange differences of rebate accruals")
        )
        lines = []
        for accrual, account, value in differences:
            liability = accrual._prepare_liability_vals(account, 0, -value)
            lines += [
                liability,
                liability
                | {
                    "account_id": (gain if value > 0 else loss).id,
                    "rebate_accrual_id": False,
                    "balance": -value,
                },
            ]
        vals["line_ids"] = [Command.create(line) for line in lines]
        return vals

    # ------------------------------------------------------------------
    # What is not claimed in time: distributors are reminded, then it expires
    # ------------------------------------------------------------------

    @api.model
    def _cron_claims(self):
        """Once a day: remind of what can still be claimed, and let expire what cannot any more."""
        today = fields.Date.context_today(self)
        waiting = [
            ("program_id.claim_required", "=", True),
            ("claimed_date", "=", False),
            ("expired_on", "=", False),
            ("date_to", "<", today),
            ("open_amount", ">", 0),
        ]
        soon = today + timedelta(days=max(REMINDERS))
        accruals = self.search([*waiting, ("claim_until", "<=", soon)], order="agreement_id, id")
        overdue = accruals.filtered(lambda accrual: accrual.claim_until < today)
        surprised = overdue.filtered(lambda accrual: not accrual.claim_warned)
        surprised._give_time(today)
        (accruals - overdue + surprised)._remind(today)
        (overdue - surprised)._expire(today)

    def _give_time(self, today):
        """Nothing expires of which the distributor was not reminded: what was earned or amended
        only after the deadline, or while this job stood still, can be claimed a while longer."""
        trusted(self).claim_extended_until = today + timedelta(days=max(REMINDERS))
        self._log_claim(
            self.env._(
                "To be claimed until %s: nobody was reminded of the earlier deadline",
                format_date(self.env, today + timedelta(days=max(REMINDERS))),
            )
        )

    def _remind(self, today):
        """Send each distributor the reminder that is due, once."""
        due = {}
        for accrual in self:
            left = (accrual.claim_until - today).days
            days = min(days for days in REMINDERS if left <= days)
            if not accrual.claim_warned or days < accrual.claim_warned:
                due[accrual] = days
        # Whom another transaction computes at the moment is reminded tomorrow.
        locked = lock_available(self.browse(accrual.id for accrual in due))
        for accrual in locked:
            trusted(accrual).claim_warned = due[accrual]
        reachable = locked.filtered(lambda accrual: accrual.partner_id.email)
        template = self.env.ref(
            "rebate_management.mail_template_claim_reminder", raise_if_not_found=False
        )
        if template and reachable:
            template.send_mail_batch(reachable.ids)
        reachable._log_claim(self.env._("Reminded of the deadline for claims by e-mail"))
        (locked - reachable)._log_claim(
            self.env._(
                "The distributor has no e-mail address and could not be reminded of the deadline"
                " for claims"
            )
        )

    def _expire(self, today):
        """Let expire what was not claimed. What cannot be booked waits until it can, and a to-do
        says what is missing."""
        booked = self.filtered("accrued_amount").program_id
        unbookable = booked._unbookable()
        booked.browse().union(*unbookable)._report_unaccrued(unbookable, is_expiry=True)
        locked = lock_available(
            self.filtered(
                lambda accrual: not accrual.accrued_amount or accrual.program_id not in unbookable
            )
        )
        trusted(locked).expired_on = today
        locked._update_state()
        locked._release_expired(today)
        for accrual in locked:
            accrual._log_claim(
                self.env._(
                    "%s expired unclaimed",
                    format_amount(self.env, accrual.expired_amount, accrual.currency_id),
                )
            )

    def _release_expired(self, day):
        """Take what expired back from the liability to the rebate account, where it was accrued.

        :param day: of the entries
        """
        self._release(
            {accrual: accrual.expired_amount for accrual in self},
            day,
            self.env._("Rebates that expired unclaimed"),
        )

    # ------------------------------------------------------------------
    # What accruals have in the books: the posted journal items that carry their name
    # ------------------------------------------------------------------

    def _booked(self):
        """Read the liability in the books, in one statement.

        :return: by accrual that has posted journal items, by account: :class:`Booked`
        """
        lines = self.env["account.move.line"]
        lines.flush_model()
        self.env["account.move"].flush_model(["rebate_settlement_id"])
        booked = {}
        rows = self.env.execute_query(
            SQL(
                """
                SELECT line.rebate_accrual_id, line.account_id,
                       -SUM(line.amount_currency), -SUM(line.balance),
                       -COALESCE(SUM(line.amount_currency)
                                     FILTER (WHERE move.rebate_settlement_id IS NULL), 0)
                  FROM account_move_line line
                  JOIN account_move move ON move.id = line.move_id
                 WHERE line.rebate_accrual_id = ANY(%s) AND line.parent_state = 'posted'
              GROUP BY line.rebate_accrual_id, line.account_id
              ORDER BY line.rebate_accrual_id, line.account_id
                """,
                self.ids,
            )
        )
        for accrual_id, account_id, *sums in rows:
            accrual = self.browse(accrual_id).with_prefetch(self._prefetch_ids)
            account = self.env["account.account"].browse(account_id)
            booked.setdefault(accrual, {})[account] = Booked(*(float(total) for total in sums))
        return booked

    # ------------------------------------------------------------------
    # What is owed by accruals up to a day, and how the books must change for it
    # ------------------------------------------------------------------

    def _find_owed(self, day):
        """Compare what is owed up to a day with the books. Nothing is stored.

        :return: by accrual, :class:`Owed`; and sentences that name what cannot be computed
        """
        accruing = self.filtered(lambda accrual: accrual.program_id.accrual_method != "none")
        problems = {accrual: accrual.problem for accrual in accruing if accrual.problem}
        problems |= accruing._paid_beyond(day)
        earned, uncomputed = (accruing - self.browse().union(*problems))._earned_up_to(day)
        problems |= uncomputed
        booked = self._booked()
        owed = {}
        for accrual in self:
            if accrual in problems:
                continue
            owed[accrual] = accrual._compare(earned.get(accrual), booked.get(accrual, {}))
        return owed, list(dict.fromkeys(problems.values()))

    def _paid_beyond(self, day):
        """Find what was paid for a time beyond a day. Less the payout, nothing would seem to be
        owed on a day when the books did not have the payout yet.

        :return: a sentence by accrual
        """
        lines = self.env["rebate.settlement.line"].search(
            Domain("accrual_id", "in", self.ids)
            & Domain("state", "in", ("posted", "paid"))
            & (
                Domain("date_until", ">", day)
                | (Domain("date_until", "=", False) & Domain("accrual_id.date_to", ">", day))
            ),
            order="date_until, id",
        )
        return {
            line.accrual_id: self.env._(
                "“%(accrual)s” was paid up to %(until)s already by %(settlement)s, and accrued for"
                " it. Its accrual is corrected by a run for this day or a later one.",
                accrual=line.accrual_id.display_name,
                until=format_date(self.env, line.date_until or line.accrual_id.date_to),
                settlement=line.settlement_id.name,
            )
            for line in lines
        }

    def _earned_up_to(self, day):
        """Compute what each accrual owes before anything is paid, by its program's method; should
        one program fail, each by itself.

        :return: amounts by accrual, and sentences by accrual that cannot be computed
        """
        earned, problems = {}, {}
        for accruals, results, error in apart(self, lambda some: some._results_up_to(day)):
            if error:
                problems |= dict.fromkeys(accruals, accruals._error_message(error))
                continue
            for accrual in accruals:
                if problem := accrual._find_problem(results[accrual.id]):
                    problems[accrual] = problem
                else:
                    earned[accrual] = accrual._earned_by_method(results[accrual.id])
        return earned, problems

    def _results_up_to(self, day):
        """Compute what was earned, and foresee the rest of the period only where that is asked."""
        calculation = self.env["rebate.calculation"]
        expecting = self.filtered(lambda accrual: accrual.program_id.accrual_method == "expected")
        results = {}
        if self - expecting:
            results |= calculation._calculate((self - expecting)._windows(until=day))
        if expecting:
            results |= calculation._calculate(expecting._windows(until=day), forecast=True)
        return results

    def _earned_by_method(self, result):
        """What is owed for a period before anything is paid.

        :param result: see :class:`Result`
        """
        self.ensure_one()
        if not result.forecast or self.program_id.accrual_method != "expected":
            return result.earned
        if result.guarantee and Decimal(result.forecast["so_far"]) <= ZERO:
            # Nothing was bought: what is guaranteed is owed by the days, as it is paid.
            return result.earned
        return owed_so_far(
            result.expected,
            Decimal(result.forecast["so_far"]),
            Decimal(result.forecast["value"]),
            Decimal(str(self.currency_id.rounding)),
        )

    def _no_longer_owed(self):
        """What was earned but is owed no more, in the program's currency: paid, expired, or
        released as too little to be paid."""
        self.ensure_one()
        return self.settled_amount + self.expired_amount + self.released_amount

    def _compare(self, earned, booked, payout=0):
        """Find the change that leads from the books to what is owed.

        :param earned: a decimal, or None where the program accrues nothing
        :param booked: :class:`Booked` by account
        :param payout: what is about to be taken from the liability, and settled by it
        """
        self.ensure_one()
        coin = Decimal(str(self.currency_id.rounding))

        def exact(amount):
            return round_half_up(Decimal(str(amount)), coin)

        in_books = sum((exact(part.amount) for part in booked.values()), ZERO)
        accrued = sum((exact(part.accrued) for part in booked.values()), ZERO)
        owed = ZERO if earned is None else earned - exact(self._no_longer_owed())
        # What lies on an account the program has left moves over.
        changes = {account: -exact(part.amount) for account, part in booked.items()}
        account = self.program_id._accrues_on()
        if account:
            moved = changes.pop(account, ZERO) + in_books
            taken = exact(payout)
            changes[account] = moved + change(owed - taken, in_books - taken, accrued)
        return Owed(
            float(owed),
            float(in_books),
            {account: float(amount) for account, amount in changes.items() if amount},
        )

    # ------------------------------------------------------------------
    # Taking the liability: payouts debit it, and what is never paid out is released from it
    # ------------------------------------------------------------------

    def _payout_account(self):
        """The account that a payout debits: the liability where the program accrues, otherwise
        the rebate account."""
        self.ensure_one()
        program = self.program_id
        return program._accrues_on() or program.expense_account_id

    def _prepare_payout_line_vals(self):
        """Values that every line of a document that pays this accrual has, whatever its amount and
        its taxes: where it is booked, and that it takes from this accrual's liability."""
        self.ensure_one()
        program = self.program_id
        account = self._payout_account()
        if account == program._accrues_on():
            # The accrual was analysed when it became an expense.
            return {
                "account_id": account.id,
                "rebate_accrual_id": self.id,
                "analytic_distribution": False,
            }
        vals = {"account_id": account.id}
        if program.analytic_distribution:
            vals["analytic_distribution"] = program.analytic_distribution
        return vals

    @api.model
    def _accrue_for_payout(self, amounts, day):
        """Accrue what accruals lack for a payout, so that it takes no more than is there, and take
        back what the books do not know yet that it is earned no more.

        :param amounts: by accrual, what is about to be paid, in the program's currency; negative
            where too much was paid before
        :param day: the date of the entries; where it is locked, the first open day
        :return: the posted entries, one a company and journal
        :raise UserError: when a program lacks an account, a journal or an exchange rate
        """
        accruals = (
            self.browse().union(*amounts).filtered(lambda accrual: accrual.program_id._accrues_on())
        )
        booked = accruals._booked()
        today = fields.Date.context_today(self)
        changes, changed = {}, self.browse()
        for accrual in accruals:
            account = accrual.program_id._accrues_on()
            part = booked.get(accrual, {}).get(account)
            missing = accrual.currency_id.round(amounts[accrual] - (part.amount if part else 0))
            sign = accrual.currency_id.compare_amounts(missing, 0)
            # Of a period that is over, what is more than is paid now may be earned no more.
            if amounts[accrual] < 0 or (sign < 0 and accrual.date_to < today):
                changed += accrual
            elif sign > 0 and amounts[accrual] > 0:
                changes[accrual] = {account: missing}
        corrections = changed._corrections_for_payout(amounts, booked)
        moves = self._book(changes, day, self.env._("Rebates not accrued before their payout"))
        return moves + self._book(
            corrections, day, self.env._("Rebates earned no more before their payout")
        )

    def _corrections_for_payout(self, amounts, booked):
        """Find by how much the books must change before a payout, so that afterwards they have what
        an accrual run would leave, which looks as far as the last one, or as far as anything was
        paid for.

        :param amounts: by accrual, what is about to be paid; where that is not negative, only
            periods that were accrued or paid for to their end change
        :param booked: see :meth:`_booked`
        :return: changes, see :meth:`_book`
        """
        if not self:
            return {}
        changes = {}
        until = self._booked_until()
        looked_at = self.filtered(
            lambda accrual: amounts[accrual] < 0 or until[accrual] >= accrual.date_to
        )
        for day, accruals in looked_at.grouped(until.get).items():
            earned, _problems = accruals._earned_up_to(day)
            for accrual in accruals:
                parts = booked.get(accrual, {})
                if accrual in earned:
                    owed = accrual._compare(earned[accrual], parts, amounts[accrual])
                    changes[accrual] = owed.changes
                    continue
                if amounts[accrual] >= 0:
                    continue
                # It cannot be computed: at least it leaves nothing of what it takes back.
                account = accrual.program_id._accrues_on()
                held = parts[account].amount if account in parts else 0
                surplus = accrual.currency_id.round(held - amounts[accrual])
                if surplus > 0:
                    changes[accrual] = {account: -surplus}
        return changes

    def _booked_until(self):
        """Tell up to which day the books have accruals: as far as an accrual run looked that
        stands, or as payouts paid for; in one statement.

        :return: a day by accrual
        """
        self.env.flush_all()
        rows = dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT accrual.id, GREATEST(
                               (SELECT MAX(move.rebate_accrued_until)
                                  FROM account_move_line item
                                  JOIN account_move move ON move.id = item.move_id
                                 WHERE item.rebate_accrual_id = accrual.id
                                   AND move.state = 'posted'
                                   AND NOT EXISTS (SELECT FROM account_move reversal
                                                    WHERE reversal.reversed_entry_id = move.id
                                                      AND reversal.state = 'posted')),
                               (SELECT MAX(COALESCE(line.date_until, accrual.date_to))
                                  FROM rebate_settlement_line line
                                 WHERE line.accrual_id = accrual.id
                                   AND line.state NOT IN ('rejected', 'cancelled')))
                      FROM rebate_accrual accrual
                     WHERE accrual.id = ANY(%s)
                    """,
                    self.ids,
                )
            )
        )
        return {accrual: rows[accrual.id] or accrual.date_to for accrual in self}

    @api.model
    def _release(self, amounts, day, reason):
        """Take liability back to the rebate account, at most what is there.

        :param amounts: by accrual, what will not be paid, in the program's currency
        :param day: the date of the entries; where it is locked, the first open day
        :param reason: what the entries are, for their reference
        :return: the posted entries, one a company and journal
        :raise UserError: when a program lacks an account, a journal or an exchange rate
        """
        changes = {}
        for accrual, accounts in self.browse().union(*amounts)._booked().items():
            left = amounts[accrual]
            for account, part in accounts.items():
                taken = accrual.currency_id.round(max(min(left, part.amount), 0))
                if taken:
                    changes.setdefault(accrual, {})[account] = -taken
                    left -= taken
        moves = self._book(changes, day, reason)
        return moves + self.browse().union(*changes)._book_exchange_differences(day)

    @api.model
    def _set_released(self, changes):
        """Release accruals as too little to be paid, or owe them again, and take what is released
        back from the liability to the rebate account.

        :param changes: by accrual what is released of it in all, in the program's currency; 0 where
            all of it is owed
        """
        if not changes:
            return
        today = fields.Date.context_today(self)
        # Whoever may start a run releases by the terms; nobody types accruals or posts for it.
        accruals = trusted(self.sudo().browse(accrual.id for accrual in changes))
        for accrual, amount in zip(accruals, changes.values(), strict=True):
            accrual.write({"released_amount": amount, "released_on": bool(amount) and today})
            accrual.agreement_id._message_log(
                body=accrual.env._(
                    "%(period)s: %(amount)s released, less than the smallest payout and nothing can"
                    " follow",
                    period=accrual._format_period(),
                    amount=format_amount(accrual.env, amount, accrual.currency_id),
                )
                if amount
                else accrual.env._(
                    "%(period)s: what was released is owed again", period=accrual._format_period()
                )
            )
        accruals._update_state()
        booked = accruals._booked()
        entries = {}
        for accrual in accruals.filtered("released_amount"):
            earned = Decimal(str(accrual.earned_amount))
            accrues = accrual.program_id._accrues_on()
            owed = accrual._compare(earned if accrues else None, booked.get(accrual, {}))
            if owed.changes:
                entries[accrual] = owed.changes
        accruals._book(
            entries, today, self.env._("Rebates below the smallest payout that nothing follows")
        )
        accruals.browse(accrual.id for accrual in entries)._book_exchange_differences(today)

    # ------------------------------------------------------------------
    # Accruals that cannot be computed: each says why, and stops no other program's
    # ------------------------------------------------------------------

    def _refresh_apart(self):
        """Refresh all at once; should one program fail, each program by itself."""
        for accruals, _done, error in apart(self, lambda some: some._refresh(), is_written=True):
            if error:
                _logger.warning("%s cannot be computed", accruals.program_id, exc_info=error)
                accruals._flag(error)

    def _flag(self, error):
        """Say that the accruals, all of one program, cannot be computed.

        :param error: why
        """
        # Found by whoever looks or runs; the accruals tell it whatever their rights.
        trusted(self.sudo()).problem = self._error_message(error)

    def _find_problem(self, result):
        """Say why a result is not to be relied on.

        :param result: see :class:`Result`
        :return: a sentence, or False where nothing is wrong with it
        """
        self.ensure_one()
        if problem := self.program_id.period_problem:
            return problem
        if result.unconverted:
            return self._no_rate_message()
        return result.unmeasured and self._no_unit_message()

    def _error_message(self, error):
        return self.program_id._speaking_to_responsible()._error_message(error)

    def _no_rate_message(self):
        program = self.program_id._speaking_to_responsible()
        return program.env._(
            "Program “%(program)s” is in %(currency)s, but no exchange rate of %(currency)s is"
            " known for invoices in another currency. Enter its rates under Accounting,"
            " Configuration, Currencies; until then the figures stay as they were.",
            program=program.display_name,
            currency=program.currency_id.name,
        )

    def _no_unit_message(self):
        program = self.program_id._speaking_to_responsible()
        return program.env._(
            "Program “%(program)s” counts in %(unit)s, but some invoice lines are in a unit of"
            " measure that cannot be converted to it. Correct the units of the products"
            " or limit the rules to products that convert; until then the figures stay as they"
            " were.",
            program=program.display_name,
            unit=program.uom_id.name,
        )

    # ------------------------------------------------------------------
    # Bringing accruals up to date: measured and decided all at once, and only what changed stored
    # ------------------------------------------------------------------

    def refresh(self):
        """Compute what was bought and earned from the invoices posted so far, all accruals in
        one measurement, and store what changed.

        An accrual that cannot be computed keeps its figures and says why in ``problem``. What
        another transaction computes at the moment is queued, to be computed after both.
        """
        self.check_access("read")
        # These figures are computed, never typed: no one but this method may write them.
        accruals = self.sudo()
        locked = lock_available(accruals, is_written=True)
        locked._refresh_apart()
        # All others of them are written when they are stored.
        lock_available(locked.search([("id", "in", locked.ids), ("problem", "!=", False)]))
        locked.program_id._update_problem()
        self.env["rebate.queue"]._append_agreements((accruals - locked).exists().agreement_id)

    def _refresh(self):
        """Measure, decide and store."""
        results = self.env["rebate.calculation"]._calculate(self._windows(), forecast=True)
        computed = {}
        for accrual in self:
            if problem := accrual._find_problem(results[accrual.id]):
                trusted(accrual).problem = problem
            else:
                computed[accrual.id] = results[accrual.id]
        self._store(computed)
        self._update_state()
        self._tell_scope_changes()

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
        """Take over what posted settlements paid, in one statement: for whoever posts a settlement
        or takes one back. Nothing else changes it, so nothing else writes these rows for it."""
        self.flush_model()
        self.env["rebate.settlement.line"].flush_model(["accrual_id", "amount", "state"])
        self.env.cr.execute(
            SQL(
                """
                UPDATE rebate_accrual accrual
                   SET settled_amount = paid.amount,
                       expired_amount = CASE WHEN accrual.expired_on IS NULL THEN 0
                           ELSE GREATEST(accrual.earned_amount - paid.amount, 0) END,
                       open_amount = CASE WHEN accrual.expired_on IS NULL
                           THEN accrual.earned_amount - paid.amount
                           ELSE LEAST(accrual.earned_amount - paid.amount, 0) END
                           - COALESCE(accrual.released_amount, 0)
                  FROM (SELECT id, COALESCE((SELECT SUM(line.amount)
                                               FROM rebate_settlement_line line
                                              WHERE line.accrual_id = rebate_accrual.id
                                                AND line.state IN ('posted', 'paid')), 0) AS amount
                          FROM rebate_accrual
                         WHERE id = ANY(%s)) paid
                 WHERE accrual.id = paid.id
                """,
                self.ids,
            )
        )
        self.invalidate_recordset(["settled_amount", "expired_amount", "open_amount"], flush=False)
        self.agreement_id.invalidate_recordset(["earned_amount", "settled_amount"], flush=False)
        self._update_state()

    def _update_state(self):
        """Move on with the calendar and with what was paid."""
        self.flush_model()
        moved = self.env.execute_query(
            SQL(
                """
                UPDATE rebate_accrual accrual
                   SET state = new.state
                  FROM (SELECT id,
                               CASE WHEN expired_on IS NOT NULL THEN 'expired'
                                    WHEN date_to >= %s THEN 'open'
                                    WHEN open_amount = 0 AND (settled_amount <> 0
                                         OR COALESCE(released_amount, 0) <> 0) THEN 'settled'
                                    ELSE 'closed' END AS state
                          FROM rebate_accrual
                         WHERE id = ANY(%s)) new
                 WHERE accrual.id = new.id AND accrual.state <> new.state
             RETURNING accrual.id
                """,
                fields.Date.context_today(self),
                self.ids,
            )
        )
        self.browse(accrual_id for (accrual_id,) in moved).invalidate_recordset(
            ["state"], flush=False
        )

    # ------------------------------------------------------------------
    # The rows in which what was computed goes to the database: numbers as text
    # ------------------------------------------------------------------

    def _prepare_period(self, result):
        """Values of an accrual, as text that the database reads exactly."""
        nearest = result.nearest
        amount = result.purchases.amount
        facts = result.facts
        return {
            "measured_amount": str(
                round_half_up(amount, nearest.case.terms.coin) if nearest else amount
            ),
            "measured_quantity": str(round(result.purchases.quantity, 4)),
            "earned_amount": str(result.earned),
            "expected_amount": str(result.earned if result.expected is None else result.expected),
            "next_tier_id": self._or_null(
                nearest and nearest.tier_id_at(nearest.outcome.following)
            ),
            "to_next_tier": str(round(nearest.to_next, 4) if nearest else ZERO),
            "facts": to_json(facts) if facts else "null",
        }

    def _prepare_rule(self, part, terms_id):
        """Values of an accrual line, as in :meth:`_prepare_period`."""
        return {
            "qualifying_value": str(round(part.outcome.value, 4)),
            "measured_amount": str(round_half_up(part.purchases.amount, part.case.terms.coin)),
            "measured_quantity": str(round(part.purchases.quantity, 4)),
            "tier_id": self._or_null(part.tier_id_at(part.outcome.reached)),
            "rate": str(part.rate),
            "earned_amount": str(part.earned),
            "terms_id": str(terms_id),
            "decided": to_json(part.decided),
        }

    def _or_null(self, record_id):
        return str(record_id) if record_id else "NULL"

    def _digest(self, vals):
        return blake2b("|".join(vals.values()).encode(), digest_size=16).hexdigest()

    def _rows(self, columns, rows) -> SQL:
        """Compose a table of rows, whose names and types are those of the columns.

        :param columns: types by name
        :param rows: values by column, as text
        """

        def values(name, kind):
            column = ",".join([row[name] for row in rows])
            if kind == "jsonb":
                return SQL("jsonb_array_elements(%s::jsonb)", f"[{column}]")
            return SQL("unnest(%s::%s[])", f"{{{column}}}", SQL(kind))

        return SQL(
            "(SELECT * FROM ROWS FROM (%s) AS new(%s))",
            SQL(", ").join(values(name, kind) for name, kind in columns.items()),
            SQL(", ").join(map(SQL.identifier, columns)),
        )

    def _assigned(self, columns) -> SQL:
        """Compose the assignments of columns of ``new``."""
        return SQL(", ").join(
            SQL("%s = %s", SQL.identifier(name), SQL.identifier("new", name)) for name in columns
        )

    # ------------------------------------------------------------------
    # What was settled keeps its scope, and where master data changed since, it says so
    # ------------------------------------------------------------------

    def _scope_changes(self):
        """Find what counts otherwise today than when days of the periods were paid for.

        :return: by accrual id, ``(settlement id, name of the sum, product ids, whether they left)``
        """
        measure = self.env["rebate.measure"]
        windows = self._windows()
        if not windows or not (paid := measure._paid_days(windows)):
            return {}
        programs = self.program_id
        kept = {part for spans in paid.values() for one in spans for part in one.scope}
        differing = measure._scope_changes(programs, kept)
        return {
            window.key: [
                (one.settlement_id, part.name, sorted(product_ids), has_left)
                for one in paid.get(window.agreement_id, ())
                if one.period_from == window.date_from
                for part in one.scope
                for product_ids, has_left in zip(differing[part], (True, False), strict=True)
                if product_ids
            ]
            for window in windows
        }

    def _scope_sentence(self, settlement_id, name, product_ids, has_left):
        # Whoever may read the period may read what it counted.
        settlement = self.env["rebate.settlement"].sudo().browse(settlement_id)
        rule = self.env["rebate.rule"].sudo().browse(abs(name))
        products = self.env["product.product"].sudo().browse(product_ids)
        names = products[:NAMED].mapped("display_name")
        if len(products) > NAMED:
            names.append(self.env._("%s more", len(products) - NAMED))
        vals = {
            "settlement": settlement.name,
            "products": format_list(self.env, names),
            "rule": rule.display_name,
        }
        if name < 0 and has_left:
            return self.env._(
                "Since settlement %(settlement)s, purchases of %(products)s no longer choose the"
                " tier of rule “%(rule)s”: for the days that are paid for they still do, open"
                " periods follow.",
                **vals,
            )
        if name < 0:
            return self.env._(
                "Since settlement %(settlement)s, purchases of %(products)s choose the tier of rule"
                " “%(rule)s”: for the days that are paid for they do not, open periods follow.",
                **vals,
            )
        if has_left:
            return self.env._(
                "Since settlement %(settlement)s, %(products)s no longer count for rule “%(rule)s”:"
                " the days that are paid for keep them, open periods follow.",
                **vals,
            )
        return self.env._(
            "Since settlement %(settlement)s, %(products)s count for rule “%(rule)s”: the days that"
            " are paid for leave them out, open periods follow.",
            **vals,
        )

    def _tell_scope_changes(self):
        """Tell each program once of products that count otherwise than when they were settled."""
        changes = self._scope_changes()
        if not any(changes.values()):
            return
        found = {}
        for accrual in self:
            for settlement_id, name, product_ids, has_left in changes.get(accrual.id, ()):
                by_place = found.setdefault(accrual.program_id, {})
                for product_id in product_ids:
                    # told of the first settlement alone
                    by_place.setdefault((name, product_id, has_left), settlement_id)
        news = {
            program: untold
            for program, places in found.items()
            if (untold := places.keys() - {tuple(place) for place in program.told_scope or ()})
        }
        # Another transaction that refreshes the program at the moment tells it.
        for program in lock_available(self.program_id.filtered(lambda program: program in news)):
            sentences = {}
            for place in sorted(news[program]):
                name, product_id, has_left = place
                sentences.setdefault((found[program][place], name, has_left), []).append(product_id)
            # A reader who refreshes tells it too; it is the program's word.
            program_sudo = trusted(program.sudo())
            speaking = self.with_context(lang=program.user_id.lang)
            for (settlement_id, name, has_left), product_ids in sentences.items():
                program_sudo.message_post(
                    body=speaking._scope_sentence(settlement_id, name, product_ids, has_left)
                )
            told = {tuple(place) for place in program.told_scope or ()}
            program_sudo.told_scope = sorted(told | news[program])

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
            Decimal(str(self.currency_id.rounding)),
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
            result, coin = results[accrual.id], Decimal(str(accrual.currency_id.rounding))
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

    # ------------------------------------------------------------------
    # Storing what was computed: one statement each for periods and rules, however many are computed
    # at once. Only what is new goes to the database, column by column: to read a document of all of
    # it would take longer than to measure what it tells
    # ------------------------------------------------------------------

    def _store(self, results):
        """Store the figures of some accruals and of their rules.

        :param results: by accrual id, see :class:`Result`
        """
        self.flush_model()
        self.env["rebate.accrual.line"].flush_model()
        self._store_periods(results)
        self._store_rules(results)
        self.invalidate_model(flush=False)
        self.env["rebate.accrual.line"].invalidate_model(flush=False)
        self.env["rebate.agreement"].invalidate_model(
            ["earned_amount", "settled_amount"], flush=False
        )

    def _store_periods(self, results):
        """Write every row, with news or without: see :func:`lock_available`."""
        stored = dict(
            self.env.execute_query(
                SQL("SELECT id, digest FROM rebate_accrual WHERE id = ANY(%s)", list(results))
            )
        )
        news, same = [], []
        for accrual_id, result in results.items():
            vals = self._prepare_period(result)
            digest = self._digest(vals)
            if digest == stored.get(accrual_id):
                same.append(accrual_id)
            else:
                news.append(vals | {"id": str(accrual_id), "digest": digest})
        now = fields.Datetime.now()
        if same:
            self.env.cr.execute(
                SQL(
                    "UPDATE rebate_accrual SET problem = NULL, computed_at = %s WHERE id = ANY(%s)",
                    now,
                    same,
                )
            )
        if news:
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE rebate_accrual accrual
                       SET %s,
                           -- what was not claimed in time is owed no more, whatever it comes to
                           expired_amount = CASE WHEN accrual.expired_on IS NULL THEN 0
                               ELSE GREATEST(new.earned_amount - %s, 0) END,
                           open_amount = CASE WHEN accrual.expired_on IS NULL
                               THEN new.earned_amount - %s
                               ELSE LEAST(new.earned_amount - %s, 0) END
                               - COALESCE(accrual.released_amount, 0),
                           problem = NULL,
                           computed_at = %s
                      FROM %s new
                     WHERE accrual.id = new.id
                    """,
                    self._assigned([*PERIOD, "digest"]),
                    *[SQL("COALESCE(accrual.settled_amount, 0)")] * 3,
                    now,
                    self._rows({"id": "int", **PERIOD, "digest": "text"}, news),
                )
            )

    def _store_rules(self, results):
        stored = {
            (accrual_id, rule_id): (line_id, digest)
            for line_id, accrual_id, rule_id, digest in self.env.execute_query(
                SQL(
                    "SELECT id, accrual_id, rule_id, digest FROM rebate_accrual_line"
                    " WHERE accrual_id = ANY(%s)",
                    list(results),
                )
            )
        }
        terms = self.env["rebate.accrual.terms"]._keep(
            {part.case.terms for result in results.values() for part in result.rules}
        )
        begun, changed = [], []
        for accrual_id, result in results.items():
            for part in result.rules:
                line_id, known = stored.pop((accrual_id, part.rule.id), (None, None))
                vals = self._prepare_rule(part, terms[part.case.terms])
                digest = self._digest(vals)
                if digest != known and line_id:
                    changed.append(vals | {"digest": digest, "id": str(line_id)})
                elif digest != known:
                    key = {"accrual_id": str(accrual_id), "rule_id": str(part.rule.id)}
                    begun.append(vals | {"digest": digest} | key)
        if stored:
            # what rules earned that the program no longer has
            obsolete = [line_id for line_id, _digest in stored.values()]
            self.env.cr.execute(SQL("DELETE FROM rebate_accrual_line WHERE id = ANY(%s)", obsolete))
        columns = {**RULE, "digest": "text"}
        if changed:
            self.env.cr.execute(
                SQL(
                    "UPDATE rebate_accrual_line line SET %s FROM %s new WHERE line.id = new.id",
                    self._assigned(columns),
                    self._rows({"id": "int", **columns}, changed),
                )
            )
        if begun:
            columns |= {"accrual_id": "int", "rule_id": "int"}
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO rebate_accrual_line (%s, company_id)
                    SELECT %s, accrual.company_id
                      FROM %s new
                      JOIN rebate_accrual accrual ON accrual.id = new.accrual_id
                    """,
                    SQL(", ").join(map(SQL.identifier, columns)),
                    SQL(", ").join(SQL.identifier("new", name) for name in columns),
                    self._rows(columns, begun),
                )
            )
