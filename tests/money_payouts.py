"""Paying at random: runs, submissions, approvals, postings, what is paid and taken back, for the
machine of ``test_stateful_money.py``. Whether a step is refused is foretold, not forgiven."""

from contextlib import contextmanager

from hypothesis import event
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from odoo import fields
from odoo.exceptions import UserError

from .trade import places
from .world import days

LIVE = "draft", "submitted", "approved", "posted", "paid"


class Payouts:
    """Steps of settlements; mixed into a machine of ``trade.py``."""

    def every(self, *states):
        """The settlements in some states, the oldest first."""
        found = self.env["rebate.settlement"].search([("state", "in", states)], order="id")
        return found

    @contextmanager
    def expect(self, what, is_refused):
        """Do what is refused with a sentence if it is so foretold, and only then."""
        self.env.flush_all()
        event(f"{what} {'refused' if is_refused else 'done'}")
        self.counts[what, "refused" if is_refused else "done"] += 1
        if not is_refused:
            yield
            return
        with self.case.assertRefused():
            yield
        self.env.invalidate_all()

    # ------------------------------------------------------------------
    # Proposing and deciding
    # ------------------------------------------------------------------

    @rule(
        kind=st.sampled_from(("final", "interim")),
        day=days,
        program=st.one_of(st.none(), places),
        steps=st.sampled_from((0, 1, 3, 4, 4, 4)),
    )
    def settle(self, kind, day, program, steps):
        """A run, whose proposals are taken some of the steps to the books at once."""
        programs = self.case.world if program is None else self.pick(program, self.case.world)
        ahead = fields.Date.to_date(day) > self.today()
        proposed = self.env["rebate.settlement"]
        with self.expect("run", ahead):
            proposed = self.case._settle(day, kind, post=False, program_ids=programs.ids)
        self.counts["settlement", "proposed"] += len(proposed)
        self.check_proposed(proposed)
        for settlement in proposed:
            for _step in range(steps):
                if settlement.state in ("draft", "submitted", "approved"):
                    self.advance_one(settlement, 0)

    @precondition(lambda self: self.every("draft", "submitted", "approved"))
    @rule(place=places, user=st.integers(0, 1))
    def advance(self, place, user):
        """One step further: submitted, approved by one of two, or posted."""
        self.advance_one(
            self.pick(place, self.every("draft", "submitted", "approved")), user, is_blind=True
        )

    def advance_one(self, settlement, user, is_blind=False):
        """Take a step.

        :param user: who approves, of the two
        :param is_blind: whoever approved already tries again, as do who submitted
        """
        case, state = self.case, settlement.state
        if state == "draft":
            with self.expect("submit", False):
                settlement.action_submit()
        elif state == "submitted":
            approver = case.approvers[user]
            approved = settlement.approval_ids.filtered(lambda one: one.decision == "approved")
            if approver in approved.user_id and not is_blind:
                approver = case.approvers[1 - user]
            if is_blind:
                with case.assertRefused("submitted"):
                    settlement.action_approve()
            with self.expect("approve", approver in approved.user_id):
                case._approve_as(approver, settlement)
        else:
            with self.expect("post", bool(self.unclaimed(settlement))):
                settlement.action_post()
                self.check_posted(settlement)

    def unclaimed(self, settlement):
        return settlement.line_ids.accrual_id.filtered(
            lambda accrual: accrual.claim_required and not accrual.claimed_date
        )

    @precondition(lambda self: self.every("submitted"))
    @rule(place=places, user=st.integers(0, 1))
    def reject(self, place, user):
        settlement = self.pick(place, self.every("submitted"))
        with self.expect("reject", False):
            settlement.with_user(self.case.approvers[user]).action_reject("Not agreed on")

    @precondition(lambda self: self.every(*LIVE))
    @rule(place=places, is_latest=st.booleans())
    def cancel_settlement(self, place, is_latest):
        """Any, or one of those that may be: the latest of their accruals that are not paid out."""
        live = self.every(*LIVE)
        if is_latest:
            live = live.filtered(lambda one: not self.keeps(one)) or live
        settlement = self.pick(place, live)
        with self.expect("cancel", self.keeps(settlement)):
            settlement.action_cancel()
            self.check_exchange(settlement.line_ids.accrual_id)

    def keeps(self, settlement):
        """Whether a settlement is kept by a later one, or by the money that was sent."""
        lines = self.every(*LIVE).line_ids
        later = [
            line
            for own in settlement.line_ids
            for line in lines
            if line.accrual_id == own.accrual_id
            and line.settlement_id != settlement
            and line.id > min((settlement.line_ids & own.accrual_id.settlement_line_ids).ids)
        ]
        items = settlement._documents().line_ids
        others = (items.matched_debit_ids.debit_move_id | items.matched_credit_ids.credit_move_id)
        return bool(later or others.move_id.filtered(lambda move: move.move_type == "entry"))

    # ------------------------------------------------------------------
    # Paying, and taking it back
    # ------------------------------------------------------------------

    @precondition(lambda self: self.every("posted"))
    @rule(place=places, percent=st.sampled_from((40, 100, 100)))
    def pay_out(self, place, percent):
        """Money is sent for a document, or comes for one that takes too much back."""
        document = self.pick(place, self.every("posted"))._documents()
        if document.amount_residual:
            with self.expect("pay out", False):
                amount = document.currency_id.round(document.amount_residual * percent / 100)
                day = max(self.today(), document.date)
                self.payments |= self.case._pay(document, day, amount or None)

    @precondition(lambda self: self.every("posted") and self.invoices)
    @rule(place=places)
    def offset_payout(self, place):
        """A payout pays invoices of whoever received it."""
        document = self.pick(place, self.every("posted"))._documents()
        items = (self.invoices | document).line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
            and not line.reconciled
            and line.partner_id == document.commercial_partner_id
            and line.currency_id == document.currency_id
        )
        if document in items.move_id and len(items) > 1:
            with self.expect("offset", False):
                items.reconcile()

    @precondition(lambda self: self.every("posted", "paid"))
    @rule(place=places)
    def open_payout(self, place):
        """Whatever paid or was paid by a document does so no more."""
        documents = self.pick(place, self.every("posted", "paid"))._documents()
        with self.expect("open again", False):
            documents.line_ids.remove_move_reconcile()

    @precondition(lambda self: self.every("posted", "paid"))
    @rule(place=places, how=st.sampled_from(("button_draft", "button_cancel")))
    def take_document_back(self, place, how):
        """Not behind its settlement's back."""
        document = self.pick(place, self.every("posted", "paid"))._documents()
        with self.case.assertRaises(UserError), self.env.cr.savepoint():
            getattr(document, how)()
        self.env.invalidate_all()

    # ------------------------------------------------------------------
    # Claims
    # ------------------------------------------------------------------

    def claimable(self):
        return self.case.programs["claimed"].agreement_ids.accrual_ids.sorted("id")

    @precondition(lambda self: self.claimable())
    @rule(place=places, is_open=st.booleans())
    def claim(self, place, is_open):
        """One that waits for it, or any."""
        waiting = self.claimable().filtered(
            lambda accrual: not accrual.claimed_date and not accrual.expired_on
        )
        accrual = self.pick(place, (is_open and waiting) or self.claimable())
        is_late = bool(accrual.expired_on) or accrual.claim_until < self.today()
        with self.expect("claim", bool(accrual.claimed_date) or is_late):
            accrual.action_claim()

    @precondition(lambda self: self.claimable().filtered("claimed_date"))
    @rule(place=places)
    def withdraw_claim(self, place):
        accrual = self.pick(place, self.claimable().filtered("claimed_date"))
        is_paid = bool(accrual.settlement_line_ids.filtered(lambda line: line.state in LIVE))
        with self.expect("withdraw claim", is_paid):
            accrual.action_withdraw_claim()

    @precondition(lambda self: self.claimable().filtered("expired_on"))
    @rule(place=places)
    def revive(self, place):
        accrual = self.pick(place, self.claimable().filtered("expired_on"))
        with self.expect("revive", False):
            self.env["rebate.claim.extend"].create(
                {
                    "accrual_ids": accrual.ids,
                    "claim_until": fields.Date.add(self.today(), days=20),
                    "reason": "Goodwill",
                }
            ).action_extend()
