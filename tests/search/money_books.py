"""Accruing at random: runs, entries taken back by hand, other accounts and methods, locked days,
and the jobs of each day, for the machine of ``test_stateful_money.py``."""

from datetime import timedelta

from hypothesis import event
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from odoo import fields

from .money_payouts import some
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
        return self.env["account.move"].search(
            [
                ("line_ids.rebate_accrual_id", "!=", False),
                ("move_type", "=", "entry"),
                ("state", "in", states),
                ("reversed_entry_id", "=", False),
                ("reversal_move_ids", "=", False),
            ],
            order="id",
        )

    @rule(day=days, is_today=st.booleans(), program=some, again=st.booleans())
    def accrue(self, day, is_today, program, again):
        """Up to today, or up to another day where no run came later."""
        programs = self.case.world if program is None else self.pick(program, self.case.world)
        if is_today:
            with self.expect("accrue", bool(self.accrued_later(programs))):
                self.accrue_up_to(self.today(), programs, again)
        else:
            with self.attempt():
                self.accrue_up_to(fields.Date.to_date(day), programs, again)
                self.done("accrue up to a day")

    def accrue_up_to(self, day, programs, again):
        self.case._run(day, program_ids=programs.ids)
        self.check_accrued(programs, day)
        if again:
            self.case.assertFalse(self.case._run(day, program_ids=programs.ids), "a second run")

    def accrued_later(self, programs):
        """Whether a run, not taken back since, looked further than today."""
        return self.entries("posted").filtered(
            lambda move: (
                (move.rebate_accrued_until or self.today()) > self.today()
                and move.line_ids.rebate_accrual_id.program_id & programs
            )
        )

    @precondition(lambda self: self.entries("posted", "draft"))
    @rule(
        place=places,
        how=st.sampled_from(("reverse", "draft", "cancel", "delete", "post")),
        day=days,
    )
    def change_entry(self, place, how, day):
        """Take an entry back by hand, or post one again, whatever the accruals hold."""
        entry = self.pick(place, self.entries("draft" if how == "post" else "posted"))
        self.by_hand |= entry.line_ids.rebate_accrual_id
        with self.attempt():
            if how == "reverse":
                entry._reverse_moves([{"date": day}] * len(entry), cancel=True)
            elif how == "post":
                entry.action_post()
            else:
                entry.button_draft()
                if how == "cancel":
                    entry.button_cancel()
                elif how == "delete":
                    entry.unlink()
            self.done(f"entry: {how}" if entry else "no entry")

    @rule(
        program=places,
        method=st.sampled_from((None, "none", "earned", "expected")),
        account=st.integers(0, 1),
        locked=st.sampled_from((False, "2025-03-31", "2026-01-15")),
    )
    def set_up_otherwise(self, program, method, account, locked):
        """How a program is booked may change while it runs; books are closed, and opened again."""
        if not method:
            self.case.env.company.fiscalyear_lock_date = locked
            self.done("lock" if locked else "unlock")
            return
        program = self.pick(program, self.case.world)
        self.rebooked |= program
        program.write(
            {"accrual_method": method, "liability_account_id": self.case.liabilities[account].id}
        )
        self.done("book otherwise")

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
