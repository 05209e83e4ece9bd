"""What is bought and paid in the small world of ``world.py``, for Hypothesis to do at random."""

from contextlib import contextmanager
from datetime import timedelta

from freezegun import freeze_time
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from odoo import fields
from odoo.exceptions import UserError

from .world import days, documents, lines

places = st.integers(0, 19)


class Trade(RuleBasedStateMachine):
    """``case`` is the test case whose world it is done in; all is undone at the end."""

    case = None

    def __init__(self):
        super().__init__()
        self.env = self.case.env
        self.savepoint = self.env.cr.savepoint()
        self.invoices = self.env["account.move"]
        self.payments = self.env["account.payment"]
        self.settlements = self.env["rebate.settlement"]
        self.clock = freeze_time(self.case.today)
        self.now = self.clock.start()

    def teardown(self):
        self.clock.stop()
        self.savepoint.close(rollback=True)

    @contextmanager
    def attempt(self):
        """Do something that may be refused with a sentence, and then is not done at all."""
        try:
            with self.env.cr.savepoint():
                yield
        except UserError as error:
            note(f"refused: {error}")
            self.env.invalidate_all()

    @property
    def agreements(self):
        return self.case.world.agreement_ids.sorted("id")

    def pick(self, place, records):
        """One of some records, chosen by number."""
        return records[place % len(records)] if records else records

    # ------------------------------------------------------------------
    # Invoices and payments
    # ------------------------------------------------------------------

    @rule(trade=st.lists(documents, min_size=1, max_size=3))
    def post(self, trade):
        moves = self.case._post(*map(self.case._vals, trade))
        self.invoices |= moves
        for document, move in zip(trade, moves, strict=True):
            self.payments |= self.case._pay_for(document, move)

    @rule(
        buyer=st.integers(0, 3),
        percent=st.sampled_from((33, 80, 100)),
        delivered=st.sampled_from((4, 10)),
        days=st.tuples(days, days),
        taxed=st.booleans(),
        pays=st.sampled_from((None, 0, 1)),
        pay_day=days,
    )
    def order(self, buyer, percent, delivered, days, taxed, pays, pay_day):
        """An advance that is deducted from the final invoice; one of them is paid, or none."""
        with self.attempt():
            moves = self.case._advance(buyer, percent, delivered, days, taxed).sorted("id")
            self.invoices |= moves
            if pays is not None and moves[pays].amount_residual:
                self.payments |= self.case._pay(moves[pays], pay_day)

    @precondition(lambda self: self.invoices)
    @rule(place=places, day=days, is_offset=st.booleans())
    def return_all(self, place, day, is_offset):
        """A credit note over an invoice, offset against it or open."""
        move = self.pick(place, self.invoices)
        with self.attempt():
            returned = move._reverse_moves([{"invoice_date": day}], cancel=is_offset)
            returned.filtered(lambda move: move.state == "draft").action_post()
            self.invoices |= returned

    @precondition(lambda self: self.invoices)
    @rule(place=places, buyer=st.integers(0, 3), day=days, bought=lines)
    def correct(self, place, buyer, day, bought):
        """Take an invoice back to draft and post it otherwise."""
        move = self.pick(place, self.invoices)
        with self.attempt():
            move.button_draft()
            move.write({"partner_id": self.case.buyers[buyer].id, "invoice_date": day})
            _product, quantity, price = bought[0]
            move.invoice_line_ids[:1].write({"quantity": quantity, "price_unit": price})
            move.action_post()

    @precondition(lambda self: self.invoices)
    @rule(place=places, deletes=st.booleans())
    def cancel(self, place, deletes):
        move = self.pick(place, self.invoices)
        with self.attempt():
            move.button_draft()
            move.button_cancel()
            if deletes:
                move.with_context(force_delete=True).unlink()
        self.invoices = self.invoices.exists().filtered(lambda move: move.state == "posted")

    @precondition(lambda self: self.invoices)
    @rule(
        place=places,
        day=days,
        percent=st.sampled_from((33, 50, 100)),
        writes_off=st.sampled_from((False, False, True)),
    )
    def pay(self, place, day, percent, writes_off):
        move = self.pick(place, self.invoices)
        if move.payment_state in ("not_paid", "partial") and move.amount_residual:
            amount = move.currency_id.round(move.amount_residual * percent / 100)
            with self.attempt():
                self.payments |= self.case._pay(move, day, amount, writes_off)

    @precondition(lambda self: self.payments)
    @rule(place=places, how=st.sampled_from(("action_draft", "action_cancel", "unlink")))
    def take_payment_back(self, place, how):
        payment = self.pick(place, self.payments)
        with self.attempt():
            payment.action_draft()
            if how != "action_draft":
                getattr(payment, how)()
        self.payments = self.payments.exists().filtered(lambda p: p.state in ("paid", "in_process"))

    @precondition(lambda self: self.invoices)
    @rule(place=places)
    def unreconcile(self, place):
        self.pick(place, self.invoices).line_ids.remove_move_reconcile()

    # ------------------------------------------------------------------
    # Jobs
    # ------------------------------------------------------------------

    @rule(place=places)
    def refresh(self, place):
        self.pick(place, self.agreements).action_refresh()

    @rule(later=st.sampled_from((1, 31, 92)))
    def wait(self, later):
        """Days pass, and the daily job has run."""
        self.now.move_to(fields.Datetime.now() + timedelta(days=later))
        with self.case.enter_registry_test_mode():
            self.env.ref("rebate_management.ir_cron_refresh_accruals").method_direct_trigger()
