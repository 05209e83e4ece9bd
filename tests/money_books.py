"""Accruing at random: runs, entries taken back by hand, other accounts and methods, locked days,
and the jobs of each day, for the machine of ``test_stateful_money.py``."""

from datetime import timedelta

from hypothesis import event
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from odoo import fields

from .trade import places
from .world import days

JOBS = (
    "ir_cron_drain_queue",
    "ir_cron_refresh_accruals",
    "ir_cron_claims",
    "ir_cron_run_accruals",
    "ir_cron_propose_settlements",
    "ir_cron_settlement_run",
)


class Books:
    """Steps of accruals; mixed into a machine of ``trade.py``."""

    def entries(self, *states):
        """What accrual runs posted, or what payouts lacked; no document and no reversal."""
        found = self.env["account.move"].search(
            [
                ("line_ids.rebate_accrual_id", "!=", False),
                ("move_type", "=", "entry"),
                ("state", "in", states),
                ("reversed_entry_id", "=", False),
                ("reversal_move_ids", "=", False),
            ],
            order="id",
        )
        return found

    @rule(day=days, program=st.one_of(st.none(), st.none(), places), again=st.booleans())
    def accrue(self, day, program, again):
        """Up to today, or up to another day where no run came later."""
        programs = self.case.world if program is None else self.pick(program, self.case.world)
        with self.attempt():
            self.case._run(day, program_ids=programs.ids)
            self.check_accrued(programs, fields.Date.to_date(day))
            self.done("accrue")
            if again:
                self.case.assertFalse(self.case._run(day, program_ids=programs.ids), "a second run")

    @rule(program=st.one_of(st.none(), st.none(), places))
    def accrue_today(self, program):
        programs = self.case.world if program is None else self.pick(program, self.case.world)
        with self.expect("accrue up to today", bool(self.accrued_later(programs))):
            self.case._run(self.today(), program_ids=programs.ids)
            self.check_accrued(programs, self.today())

    def accrued_later(self, programs):
        """Whether a run, not taken back since, looked further than today."""
        return self.entries("posted").filtered(
            lambda move: (
                (move.rebate_accrued_until or self.today()) > self.today()
                and move.line_ids.rebate_accrual_id.program_id & programs
            )
        )

    @precondition(lambda self: self.entries("posted"))
    @rule(place=places, how=st.sampled_from(("reverse", "draft", "cancel", "delete")), day=days)
    def take_entry_back(self, place, how, day):
        """By hand, whatever the accruals have to say to it."""
        entry = self.pick(place, self.entries("posted"))
        self.by_hand |= entry.line_ids.rebate_accrual_id
        with self.attempt():
            if how == "reverse":
                entry._reverse_moves([{"date": day}], cancel=True)
            else:
                entry.button_draft()
                if how == "cancel":
                    entry.button_cancel()
                elif how == "delete":
                    entry.unlink()
            self.done(f"entry: {how}")

    @precondition(lambda self: self.entries("draft"))
    @rule(place=places)
    def post_entry_again(self, place):
        entry = self.pick(place, self.entries("draft"))
        self.by_hand |= entry.line_ids.rebate_accrual_id
        with self.attempt():
            entry.action_post()
            self.done("entry: post again")

    @rule(
        program=places,
        method=st.sampled_from(("none", "earned", "expected")),
        account=st.integers(0, 1),
    )
    def book_otherwise(self, program, method, account):
        """How a program is booked may change while it runs."""
        program = self.pick(program, self.case.world)
        self.rebooked |= program
        program.write(
            {"accrual_method": method, "liability_account_id": self.case.liabilities[account].id}
        )
        self.done("book otherwise")

    @rule(day=st.sampled_from((False, False, "2025-03-31", "2026-01-15")))
    def lock(self, day):
        """Close the books up to a day, or open them again."""
        self.case.env.company.fiscalyear_lock_date = day
        self.done("lock" if day else "unlock")

    @rule(later=st.sampled_from((1, 8, 31, 45)))
    def wait(self, later):
        """Days pass; then all daily jobs, and the monthly one, have run."""
        self.now.move_to(fields.Datetime.now() + timedelta(days=later))
        before = {accrual: accrual.accrued_amount for accrual in self.claimable()}
        unexpired = self.claimable().filtered(lambda accrual: not accrual.expired_on)
        with self.case.enter_registry_test_mode():
            for job in JOBS:
                self.env.ref(f"rebate_management.{job}").method_direct_trigger()
                if job == "ir_cron_claims":
                    self.env.invalidate_all()
                    self.check_expired(unexpired.filtered("expired_on"), before)
        self.env.invalidate_all()
        self.done("wait")

    def done(self, what):
        event(f"{what} done")
        self.counts[what, "done"] += 1
