"""Whatever people do, in whatever order: the accruals held are those that a computation from
scratch gives, and what is paid is what was earned by the day that is paid up to.

Hypothesis does things at random in a small world (``trade.py``, ``deals.py``, ``world.py``), a few
of them here; `make search EXAMPLES=100 STEPS=30` looks further.
"""

from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from odoo import fields
from odoo.tests import tagged

from .deals import Deals
from .effort import effort
from .naive import Naive
from .trade import places
from .world import WorldCommon, days


class Rebates(Deals):
    """Trade and deals, their settlements, and what holds all the same."""

    def today(self):
        return fields.Date.context_today(self.env["rebate.accrual"])

    # ------------------------------------------------------------------
    # Settlements
    # ------------------------------------------------------------------

    @rule(
        kind=st.sampled_from(("final", "interim")),
        day=days,
        program=st.one_of(st.none(), places),
    )
    def settle(self, kind, day, program):
        world = self.case.world
        programs = world if program is None else self.pick(program, world)
        with self.attempt():
            settlements = self.case._settle(day, kind, program_ids=programs.ids)
            self.settlements |= settlements
            self.check_payout(settlements, kind, fields.Date.to_date(day))

    @precondition(lambda self: self.settlements)
    @rule(place=places)
    def cancel_settlement(self, place):
        settlement = self.pick(place, self.settlements)
        with self.attempt():
            settlement.action_cancel()
        self.settlements = self.settlements.filtered(lambda s: s.state == "posted")

    @precondition(lambda self: self.settlements and self.invoices)
    @rule(settlement=places, place=places)
    def offset_payout(self, settlement, place):
        """A payout pays an invoice of whoever received it."""
        documents = self.pick(settlement, self.settlements).move_ids
        invoice = self.pick(place, self.invoices)
        if invoice.commercial_partner_id == documents.commercial_partner_id:
            (documents | invoice).line_ids.filtered(
                lambda line: (
                    line.account_type == "asset_receivable"
                    and not line.reconciled
                    and line.currency_id == self.case.usd
                )
            ).reconcile()

    def check_payout(self, settlements, kind, day):
        """Each payout brings what was settled of its periods up to what was earned by the day that
        it pays up to: all, or of what is due the end of a settlement period, or a later day that
        was paid for before. Returns after that day are made up by the next. What was paid too much
        is made up by whatever the same payee is owed, or all of that makes up for a part of it."""
        now = Naive(self.env)
        for accrual in settlements.line_ids.accrual_id:
            name = accrual.display_name
            period = accrual.agreement_id, accrual.date_from, accrual.date_to
            lines = accrual.settlement_line_ids.filtered(
                lambda line: line.state not in ("rejected", "cancelled")
            )
            until = max(lines.mapped("date_until"))
            expected = Naive(self.env, until).figures(*period)["earned"]
            paid = (lines & settlements.line_ids).filtered(lambda line: line.amount > 0)
            if paid:
                due = day if kind == "interim" else now.paid_until(*period, day)
                self.case.assertGreaterEqual(until, min(due, accrual.date_to), name)
            if not paid and accrual.settled_amount != expected:
                self.case.assertGreater(accrual.settled_amount, expected, name)
                payees = (lines & settlements.line_ids).settlement_id.partner_id
                others = settlements.filtered_domain([("partner_id", "in", payees.ids)])
                self.case.assertFalse(any(others.mapped("amount_total")), name)
            else:
                self.case.assertEqual(accrual.settled_amount, expected, name)
        for settlement in settlements:
            self.case.assertGreaterEqual(settlement.amount_total, 0, settlement.name)

    # ------------------------------------------------------------------
    # What holds after each step
    # ------------------------------------------------------------------

    @rule(place=st.integers(0, 100))
    def share_out(self, place):
        """Over the invoice lines of a period in which some were counted."""
        counted = self.agreements.accrual_ids.line_ids.filtered("measured_amount")
        line = self.pick(place, counted)
        total = sum((share.rebate for share in line and line._share_out()), Decimal(0))
        self.case.assertEqual(total, Decimal(str(line.earned_amount)))

    @rule()
    def look(self):
        """Whoever looks sees the figures of the running period, and how they came about."""
        self.agreements.accrual_ids.line_ids.mapped("explanation")
        today = self.today()
        for agreement in self.agreements:
            if agreement.current_date_from:
                running = agreement.accrual_ids.filtered(
                    lambda accrual: accrual.date_from <= today <= accrual.date_to
                )
                self.case.assertEqual(
                    (agreement.current_earned_amount, agreement.current_date_from),
                    (running.earned_amount, running.date_from),
                )

    @invariant()
    def accruals_are_what_was_bought(self):
        self.case._drain()
        today, naive = self.today(), Naive(self.env)
        accruals = self.agreements.accrual_ids
        results = self.env["rebate.calculation"]._calculate(accruals._windows())
        for agreement in self.agreements:
            self.check_periods(agreement, set(naive.periods(agreement, today)))
        for accrual in accruals:
            self.check_figures(accrual, results[accrual.id], naive)

    def check_periods(self, agreement, due):
        """One accrual a period that has begun; beside those only what settlements refer to."""
        held = [(accrual.date_from, accrual.date_to) for accrual in agreement.accrual_ids]
        referred = agreement.accrual_ids.filtered("settlement_line_ids")
        self.case.assertEqual(len(held), len(set(held)), agreement.display_name)
        self.case.assertLessEqual(due, set(held), agreement.display_name)
        self.case.assertLessEqual(
            set(held) - due,
            {(accrual.date_from, accrual.date_to) for accrual in referred},
            agreement.display_name,
        )

    def check_figures(self, accrual, result, naive):
        """An accrual holds what its purchases earn, computed again and in another way."""
        case, coin = self.case, accrual.currency_id
        name = f"{accrual.display_name} ({accrual.date_from} – {accrual.date_to})"
        held = {
            "purchases": accrual.measured_amount,
            "quantity": accrual.measured_quantity,
            "earned": accrual.earned_amount,
            "rules": {line.rule_id: line.earned_amount for line in accrual.line_ids},
        }
        again = {
            "purchases": coin.round(float(result.purchases.amount)),
            "quantity": float(round(result.purchases.quantity, 4)),
            "earned": float(result.earned),
            "rules": {part.rule: float(part.earned) for part in result.rules},
        }
        case.assertEqual(held, again, f"{name}: held, and computed again")
        plain = naive.figures(accrual.agreement_id, accrual.date_from, accrual.date_to)
        case.assertEqual(held, plain, f"{name}: held, and computed another way")
        posted = accrual.settlement_line_ids.filtered(lambda line: line.state == "posted")
        settled = coin.round(sum(posted.mapped("amount")))
        case.assertEqual(accrual.settled_amount, settled, name)
        case.assertEqual(accrual.open_amount, coin.round(accrual.earned_amount - settled), name)


@tagged("post_install", "-at_install")
class TestStateful(WorldCommon):
    def test_accruals_follow_whatever_is_done(self):
        machine = type("Rebates", (Rebates,), {"case": self})
        run_state_machine_as_test(machine, settings=effort(3, steps=12))
