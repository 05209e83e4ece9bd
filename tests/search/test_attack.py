"""Whoever tries whatever: nothing is paid but what was computed, approved by others, and can be
shown to the cent.

Users of every role do permitted and forbidden things to records (``attack.py``), while invoices are
posted, returned and paid and rebates are settled in earnest, in a small world (``attack_world.py``)
of a company with a branch; `make attack EXAMPLES=200 STEPS=40` looks further.
"""

from collections import Counter, defaultdict
from decimal import Decimal

from hypothesis import event
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test

from odoo import fields
from odoo.tests import tagged

from .attack import Attack
from .attack_world import AttackCommon
from .effort import effort
from .money_checks import exact
from .naive import Naive
from .trade import Trade, places
from .world import days, documents, trades

PAID = "posted", "paid"
EARNEST = "settle", "decide", "claim", "post", "return", "pay"
STEPS = "action_submit", "action_approve", "action_post"


def nameless(terms):
    """Frozen terms without what records are called: a group may have another name."""
    if isinstance(terms, dict):
        return {key: nameless(value) for key, value in terms.items() if key != "name"}
    return [nameless(value) for value in terms] if isinstance(terms, list) else terms


class Attacked(Attack):
    """What goes on beside the attacks, and what holds after each step."""

    # Hypothesis leaves out some rules of each example, and every one must be attacked: one rule
    # chooses what is done. What is bought otherwise is tried by other tests.
    correct = cancel = take_payment_back = unreconcile = refresh = wait = None
    post = return_all = pay = None

    def __init__(self):
        super().__init__()
        # Whatever was merged in the example before is apart again.
        for name in ("world", "distributors", "buyers"):
            setattr(self.case, name, getattr(type(self.case), name))
        # What holds is looked at with all rights, and whatever company it is of.
        self.every = self.env(su=True, context={"active_test": False})
        # The most that was ever owed, and every document that ever paid.
        self.owed_most = {"agreement": defaultdict(Decimal), "payee": defaultdict(Decimal)}
        self.documents = self.every["account.move"]
        self.terms = {}

    @initialize(trade=trades(5), data=st.data())
    def begin(self, trade, data):
        case = self.case
        for program in case.world:
            case._enrol(program, case.parent, include_children=True)
            case._enrol(program, case.alone)
        case._enrol(case.branch_program, case.alone)
        case.world |= case.branch_program
        Trade.post(self, trade)
        case._drain()
        self.settle("2025-12-31", "final", 3)
        case.assertTrue(self.every["rebate.settlement"].search_count([("state", "=", "posted")]))
        self.settle("2026-03-31", "interim", 1)
        self.remember()
        # However few steps follow.
        for _time in range(3):
            self.attack(data)

    # ------------------------------------------------------------------
    # In earnest
    # ------------------------------------------------------------------

    @rule(data=st.data(), what=st.sampled_from(("attack",) * 6 + EARNEST))
    def step(self, data, what):
        """Attack, or do in earnest what goes on meanwhile."""
        draw = data.draw
        match what:
            case "attack":
                self.attack(data)
            case "settle":
                self.settle(
                    draw(days), draw(st.sampled_from(("final", "interim"))), draw(st.integers(0, 3))
                )
            case "decide":
                self.decide(draw(places), draw(st.sampled_from(STEPS)))
            case "claim":
                self.claim(draw(places))
            case "post":
                Trade.post(self, draw(st.lists(documents, min_size=1, max_size=2)))
            case "return":
                Trade.return_all(self, draw(places), draw(days), draw(st.booleans()))
            case "pay":
                Trade.pay(
                    self,
                    draw(places),
                    draw(days),
                    draw(st.sampled_from((50, 100))),
                    draw(st.booleans()),
                )

    def settle(self, day, kind, steps):
        """Propose, and take the proposals so many steps further."""
        self.remember()
        with self.attempt():
            proposed = self.case._settle(day, kind, post=False)
            for step in STEPS[:steps]:
                self.advance(proposed, step)

    def decide(self, place, step):
        """Take any settlement further, of whoever's making."""
        settlements = self.env["rebate.settlement"].search([], order="id")
        self.remember()
        with self.attempt():
            self.advance(self.pick(place, settlements), step)

    def advance(self, settlements, step):
        """Do it as who may: approvers approve, one after the other."""
        if step != "action_approve":
            getattr(settlements, step)()
            return
        for approver in self.case.approvers:
            approver.company_ids |= settlements.company_id
            waiting = settlements.filtered(lambda one: one.state == "submitted")
            waiting.with_user(approver).with_context(
                allowed_company_ids=approver.company_ids.ids
            ).action_approve()

    def claim(self, place):
        accruals = self.env["rebate.accrual"].search([("claim_required", "=", True)], order="id")
        with self.attempt():
            self.pick(place, accruals).action_claim()

    # ------------------------------------------------------------------
    # What is owed and paid
    # ------------------------------------------------------------------

    def remember(self):
        """Keep what is owed by now: who was owed more once may have been paid it."""
        self.case._drain()
        self.env.invalidate_all()
        for kind, owed in self.owed().items():
            most = self.owed_most[kind]
            for key, amount in owed.items():
                most[key] = max(most[key], amount)

    def owed(self):
        """What each agreement has earned, and each payee by company and currency."""
        naive, today = Naive(self.every), fields.Date.context_today(self.every["rebate.accrual"])
        plain = self.case.world.with_env(self.every) - self.amended()
        totals = {"agreement": defaultdict(Decimal), "payee": defaultdict(Decimal)}
        agreements = self.every["rebate.agreement"].search([("state", "!=", "draft")])
        for agreement in agreements:
            program = agreement.program_id
            if program in plain and program != self.case.branch_program:
                periods = naive.periods(agreement, today)
                earned = sum(
                    (exact(naive.figures(agreement, *period)["earned"]) for period in periods),
                    Decimal(0),
                )
            else:
                # Formats that the plain computation does not know.
                results = self.every["rebate.calculation"]._calculate(
                    agreement.accrual_ids._windows()
                )
                earned = sum((exact(result.earned) for result in results.values()), Decimal(0))
            payee = (agreement.payout_partner_id or agreement.partner_id).commercial_partner_id
            totals["agreement"][agreement.id] += earned
            totals["payee"][program.company_id.id, payee.id, program.currency_id.id] += earned
        return totals

    def amended(self):
        """Programs that do not have the terms any more with which they began."""
        return self.every["rebate.amendment"].search([("state", "=", "applied")]).program_id

    def merge_into(self, source, target):
        """Who was merged is owed together."""
        most = self.owed_most["payee"]
        for company_id, payee_id, currency_id in list(most):
            if payee_id == source.id:
                amount = most.pop((company_id, payee_id, currency_id))
                most[company_id, target.id, currency_id] += amount
        for name in ("distributors", "buyers"):
            left = [target if one == source else one for one in getattr(self.case, name)]
            setattr(self.case, name, left)

    # ------------------------------------------------------------------
    # What holds after each step
    # ------------------------------------------------------------------

    @invariant()
    def nothing_is_paid_but_what_was_earned(self):
        self.remember()
        case = self.case
        self.documents |= self.every["account.move"].search([("rebate_settlement_id", "!=", False)])
        paid = defaultdict(Decimal)
        for document in self.documents.exists():
            if document.state == "posted":
                sign = 1 if document.move_type in ("out_refund", "in_invoice") else -1
                payee = document.commercial_partner_id
                key = document.company_id.id, payee.id, document.currency_id.id
                paid[key] += sign * exact(document.amount_untaxed)
        for key, amount in paid.items():
            case.assertLessEqual(amount, self.owed_most["payee"][key], f"paid to {key}")
        settled = defaultdict(Decimal)
        lines = self.every["rebate.settlement.line"].search([("settlement_id.state", "in", PAID)])
        for line in lines:
            settled[line.accrual_id.agreement_id.id] += exact(line.amount)
        for agreement, amount in settled.items():
            most = self.owed_most["agreement"][agreement]
            case.assertLessEqual(amount, most, f"settled of agreement {agreement}")
        event(f"paid {bool(paid)}")

    @invariant()
    def what_was_paid_was_approved_by_others_and_adds_up(self):
        case = self.case
        for settlement in self.every["rebate.settlement"].search([("state", "in", PAID)]):
            name, total = settlement.name, exact(settlement.amount_total)
            approvals = settlement.approval_ids.filtered(lambda one: one.decision == "approved")
            own = settlement.submitted_by_id | settlement.create_uid
            case.assertTrue(approvals, f"{name} was approved by nobody")
            case.assertFalse(approvals.user_id & own, f"{name} was approved by its own")
            standing = settlement.move_ids.filtered(
                lambda move: move.state == "posted" and not move.reversed_entry_id
            )
            case.assertEqual(len(standing), 1, name)
            case.assertEqual(exact(standing.amount_untaxed), abs(total), name)
            case.assertEqual(sum(map(exact, settlement.line_ids.mapped("amount"))), total, name)
            for line in settlement.line_ids:
                rebates = sum(map(exact, line.detail_ids.mapped("rebate_amount")))
                case.assertEqual(rebates, exact(line.amount), name)

    @invariant()
    def check_settlements_finds_nothing(self):
        companies = (self.case.env.company | self.case.branch).with_env(self.every)
        _count, findings = self.every["rebate.settlement"]._check_fingerprints(companies)
        self.case.assertFalse([f"{one.name}: {one.text}" for one in findings])

    @invariant()
    def terms_change_by_amendment_alone(self):
        amendments = self.every["rebate.amendment"].search([("state", "=", "applied")])
        for program in self.every["rebate.program"].search([("state", "=", "active")]):
            applied = len(amendments.filtered(lambda one, of=program: one.program_id == of))
            now = applied, nameless(program._freeze_terms())
            then = self.terms.setdefault(program.id, now)
            if then[0] == applied:
                self.case.assertEqual(then[1], now[1], program.name)
            self.terms[program.id] = now


@tagged("post_install", "-at_install")
class TestAttack(AttackCommon):
    def test_nothing_pays_but_what_was_computed(self):
        self.counts = Counter()
        machine = type("Attacked", (Attacked,), {"case": self})
        try:
            run_state_machine_as_test(machine, settings=effort(4, steps=10))
        finally:
            for (what, outcome), count in sorted(self.counts.items()):
                print(f"{what:40}{outcome:10}{count:6}")
        self.assertTrue(self.counts)
