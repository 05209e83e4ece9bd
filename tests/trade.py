"""What people do in the small world of ``world.py``, for Hypothesis to do at random."""

from contextlib import contextmanager
from datetime import timedelta

from freezegun import freeze_time
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from odoo import Command, fields
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

    @initialize(alone=st.booleans(), child=st.booleans(), trade=st.lists(documents, max_size=8))
    def begin(self, alone, child, trade):
        case = self.case
        for program in case.world:
            case._enrol(program, case.parent, include_children=True, target_amount=1000)
            if alone:
                case._enrol(program, case.alone)
        if child:
            case._enrol(case.programs["second"], case.child)
        self.post(trade)

    @rule(trade=st.lists(documents, min_size=1, max_size=3))
    def post(self, trade):
        moves = self.case._post(*map(self.case._vals, trade))
        self.invoices |= moves
        for document, move in zip(trade, moves, strict=True):
            self.payments |= self.case._pay_for(document, move)

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
    @rule(place=places, day=days, percent=st.sampled_from((33, 50, 100)))
    def pay(self, place, day, percent):
        move = self.pick(place, self.invoices)
        if move.payment_state in ("not_paid", "partial") and move.amount_residual:
            amount = move.currency_id.round(move.amount_residual * percent / 100)
            with self.attempt():
                self.payments |= self.case._pay(move, day, amount)

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
    # Agreements and programs
    # ------------------------------------------------------------------

    @rule(
        program=places,
        distributor=st.integers(0, 2),
        day=days,
        until=st.one_of(st.none(), days),
        children=st.booleans(),
    )
    def enrol(self, program, distributor, day, until, children):
        with self.attempt():
            self.case._enrol(
                self.pick(program, self.case.world),
                self.case.distributors[distributor],
                date_start=day,
                date_end=until,
                include_children=children,
                target_amount=300,
            )

    @rule(place=places, day=days, children=st.booleans())
    def renew(self, place, day, children):
        """A new agreement from a day on in place of the one until then."""
        agreement = self.pick(place, self.agreements)
        day = fields.Date.to_date(day)
        with self.attempt():
            agreement.date_end = day - timedelta(days=1)
            self.case._enrol(
                agreement.program_id,
                agreement.partner_id,
                date_start=day,
                include_children=children,
            )

    @rule(place=places)
    def end(self, place):
        self.pick(place, self.agreements).action_end()

    @rule(place=places, day=days, name=st.sampled_from(("date_start", "date_end")))
    def change_dates(self, place, day, name):
        with self.attempt():
            self.pick(place, self.agreements).write({name: day})

    @rule(
        place=places,
        program=st.sampled_from(("growth", "average", "target")),
        amount=st.sampled_from((0, 100, 5000)),
    )
    def agree_on_amounts(self, place, program, amount):
        agreement = self.pick(place, self.case.programs[program].agreement_ids)
        agreement.write({"baseline_amount": amount, "target_amount": amount})

    @rule(place=places)
    def change_children(self, place):
        agreement = self.pick(place, self.agreements)
        agreement.include_children = not agreement.include_children

    @rule(place=places, rate=st.sampled_from((0, 1.5, 7)))
    def agree_on_own_tiers(self, place, rate):
        agreement = self.pick(place, self.agreements)
        terms = agreement.program_id.rule_ids[:1]
        own = {"rule_id": terms.id, "threshold": 50, "rate": rate}
        agreement.tier_ids = [Command.clear(), Command.create(own)]

    @rule(program=places, rate=st.sampled_from((0.5, 2, 12)))
    def correct_terms(self, program, rate):
        """Before anything is paid, a program may be taken back and offered otherwise."""
        program = self.pick(program, self.case.world)
        with self.attempt():
            program.action_reset()
            program.rule_ids.tier_ids.sorted("threshold")[:1].rate = rate
            program.action_activate()

    @rule(place=places)
    def close(self, place):
        self.pick(place, self.case.world).action_close()

    @rule(place=places)
    def refresh(self, place):
        self.pick(place, self.agreements).action_refresh()

    @rule(later=st.sampled_from((1, 31, 92)))
    def wait(self, later):
        """Days pass, and the daily job has run."""
        self.now.move_to(fields.Datetime.now() + timedelta(days=later))
        with self.case.enter_registry_test_mode():
            self.env.ref("rebate_management.ir_cron_refresh_accruals").method_direct_trigger()
