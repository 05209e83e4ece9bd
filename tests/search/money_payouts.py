"""Paying at random: runs, submissions, approvals, postings, what is paid and taken back, for the
machine of ``test_stateful_money.py``. Whether a step is refused is foretold, not forgiven."""

from contextlib import contextmanager

from hypothesis import event
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from odoo import fields

from .trade import places
from .world import days

kinds = st.sampled_from(("final", "interim"))
some = st.one_of(st.none(), st.none(), places)
LIVE = "draft", "submitted", "approved", "posted", "paid"


class Payouts:
    """Steps of settlements; mixed into a machine of ``trade.py``."""

    def every(self, *states):
        """The settlements in some states, the oldest first."""
        return self.env["rebate.settlement"].search([("state", "in", states)], order="id")

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

    @rule(kind=kinds, day=days, program=some, steps=st.sampled_from((0, 2, 3, 4, 4, 4)))
    def settle(self, kind, day, program, steps):
        """A run, whose proposals are taken some steps further at once: the fourth posts."""
        self.settle_up_to(day, kind, program, steps)

    def settle_up_to(self, day, kind, program, steps):
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
    @rule(place=places, user=st.integers(0, 1), agrees=st.sampled_from((True, True, False)))
    def decide(self, place, user, agrees):
        """One step further: submitted, approved by one of two or rejected, or posted."""
        settlement = self.pick(place, self.every("draft", "submitted", "approved"))
        if agrees or settlement.state != "submitted":
            self.advance_one(settlement, user, is_blind=True)
            return
        with self.expect("reject", False):
            settlement.with_user(self.case.approvers[user]).action_reject("Not agreed on")

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

    @precondition(lambda self: self.every(*LIVE))
    @rule(place=places, is_kept=st.sampled_from((None, True, False, False)))
    def cancel_settlement(self, place, is_kept):
        """Any, or one that is kept by what came after it, or one that is not."""
        live = self.every(*LIVE)
        if is_kept is not None:
            live = live.filtered(lambda one: self.keeps(one) == is_kept) or live
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
        others = items.matched_debit_ids.debit_move_id | items.matched_credit_ids.credit_move_id
        return bool(later or others.move_id.filtered(lambda move: move.move_type == "entry"))

    # ------------------------------------------------------------------
    # Paying, and taking it back
    # ------------------------------------------------------------------

    @precondition(lambda self: self.every("posted", "paid"))
    @rule(
        place=places,
        how=st.sampled_from(("pay_out", "pay_out", "offset_payout", "open_payout")),
        percent=st.sampled_from((40, 100)),
    )
    def move_money(self, place, how, percent):
        """The document of a settlement is paid, offset or neither any more; it is not taken back
        behind its settlement's back."""
        document = self.pick(place, self.every("posted", "paid"))._documents()
        getattr(self, how)(document, percent)
        for take_back in (document.button_draft, document.button_cancel):
            with self.case.assertRefused("rebate settlement"):
                take_back()

    def pay_out(self, document, percent):
        """Money is sent for a document, or comes for one that takes too much back."""
        amount = document.currency_id.round(document.amount_residual * percent / 100)
        if amount:
            with self.expect("pay out", False):
                day = max(self.today(), document.date)
                self.payments |= self.case._pay(document, day, amount)

    def offset_payout(self, document, _percent):
        """A payout pays invoices of whoever received it."""
        items = (self.invoices | document).line_ids.filtered(
            lambda line: (
                line.account_type == "asset_receivable"
                and not line.reconciled
                and line.partner_id == document.commercial_partner_id
                and line.currency_id == document.currency_id
            )
        )
        if document in items.move_id and len(items) > 1:
            with self.expect("offset", False):
                items.reconcile()

    def open_payout(self, document, _percent):
        """Whatever paid or was paid by a document does so no more."""
        if document.line_ids.filtered(lambda line: line.matching_number):
            with self.expect("open again", False):
                document.line_ids.remove_move_reconcile()

    # ------------------------------------------------------------------
    # Claims
    # ------------------------------------------------------------------

    def claimable(self):
        return self.case.programs["claimed"].agreement_ids.accrual_ids.sorted("id")

    @precondition(lambda self: self.claimable())
    @rule(place=places, how=st.sampled_from(("claim", "claim", "claim_any", "withdraw", "revive")))
    def see_to_claims(self, place, how):
        """Claim what may be claimed, or try any; take a claim back; give more time."""
        accruals = self.claimable()
        if how == "claim":
            accruals = accruals.filtered(lambda one: not one.claimed_date and not self.is_late(one))
        elif how != "claim_any":
            name = "claimed_date" if how == "withdraw" else "expired_on"
            accruals = accruals.filtered(name)
        if accruals:
            getattr(self, how.removesuffix("_any"))(self.pick(place, accruals))

    def is_late(self, accrual):
        return bool(accrual.expired_on) or accrual.claim_until < self.today()

    def claim(self, accrual):
        with self.expect("claim", bool(accrual.claimed_date) or self.is_late(accrual)):
            accrual.action_claim()

    def withdraw(self, accrual):
        is_paid = bool(accrual.settlement_line_ids.filtered(lambda line: line.state in LIVE))
        with self.expect("withdraw claim", is_paid):
            accrual.action_withdraw_claim()

    def revive(self, accrual):
        with self.expect("revive", False):
            self.env["rebate.claim.extend"].create(
                {
                    "accrual_ids": accrual.ids,
                    "claim_until": fields.Date.add(self.today(), days=20),
                    "reason": "Goodwill",
                }
            ).action_extend()
