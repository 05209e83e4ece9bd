"""Accrual runs, payouts and entries taken back at the same time: nothing is accrued twice, and
nothing is lost."""

from datetime import date

from odoo import Command
from odoo.exceptions import ConcurrencyError

from .case import LocksCase
from .world import YEAR


class TestLocksAccrual(LocksCase):
    def setUp(self):
        super().setUp()
        env = self._begin()
        account = env["account.account"].create(
            {
                "name": "Rebates owed",
                "code": f"2190{self.program_id}",
                "account_type": "liability_current",
            }
        )
        program = env["rebate.program"].browse(self.program_id)
        program.write({"accrual_method": "earned", "liability_account_id": account.id})
        self.account_id = account.id
        env.cr.commit()

    def _run(self, env):
        moves = (
            env["rebate.accrual.run"]
            .create(
                {
                    "date": date(YEAR, 12, 31),
                    "program_ids": [Command.set([self.program_id])],
                }
            )
            .action_run()
        )
        env.cr.flush()
        return moves

    def _propose(self, env):
        settlements = (
            env["rebate.settlement.run"]
            .create(
                {
                    "date_to": date(YEAR, 12, 31),
                    "program_ids": [Command.set([self.program_id])],
                }
            )
            .action_run()
        )
        settlements.action_submit()
        settlements.with_user(self.ids["approver"]).action_approve()
        return settlements.ids

    def _liability(self):
        """What the account has and what the accruals have, which must be the same."""
        env = self._begin()
        lines = env["account.move.line"].search(
            [("account_id", "=", self.account_id), ("parent_state", "=", "posted")]
        )
        accrued = sum(self._agreement(env).accrual_ids.mapped("accrued_amount"))
        self.assertEqual(-sum(lines.mapped("balance")), accrued)
        return accrued

    def test_two_runs_at_once_accrue_once(self):
        self._invoice(100)
        first, second = self._begin(), self._begin()
        self.assertEqual(self._run(first).amount_total, 10)
        # Odoo answers this by beginning the request anew.
        with self.assertRaises(ConcurrencyError):
            self._run(second)
        first.cr.commit()
        second.cr.rollback()
        self.assertFalse(self._run(second))
        second.cr.commit()
        self.assertEqual(self._liability(), 10)

    def test_two_runs_that_end_one_after_the_other_accrue_once(self):
        self._invoice(100)
        first, second = self._begin(), self._begin()
        self._run(first)
        first.cr.commit()
        with self.assertRaises(ConcurrencyError):
            self._run(second)
        second.cr.rollback()
        self.assertFalse(self._run(second))
        self.assertEqual(self._liability(), 10)

    def test_a_run_that_did_not_see_a_payout_begins_anew(self):
        self._invoice(100)
        env = self._begin()
        settlement_ids = self._propose(env)
        env.cr.commit()
        stale, paying = self._begin(), self._begin()
        paying["rebate.settlement"].browse(settlement_ids).action_post()
        paying.cr.commit()
        with self.assertRaises(ConcurrencyError):
            self._run(stale)
        stale.cr.rollback()
        self.assertFalse(self._run(stale))
        stale.cr.commit()
        self.assertEqual(self._liability(), 0)

    def test_a_payout_that_did_not_see_a_run_begins_anew(self):
        self._invoice(100)
        env = self._begin()
        settlement_ids = self._propose(env)
        env.cr.commit()
        stale, running = self._begin(), self._begin()
        self._run(running)
        running.cr.commit()
        with self.assertRaises(ConcurrencyError):
            stale["rebate.settlement"].browse(settlement_ids).action_post()
        stale.cr.rollback()
        stale["rebate.settlement"].browse(settlement_ids).action_post()
        stale.cr.commit()
        self.assertEqual(self._liability(), 0)

    def test_two_entries_taken_back_at_once_are_both_counted(self):
        self._invoice(100)
        env = self._begin()
        self._run(env)
        env.cr.commit()
        self._invoice(100)
        env = self._begin()
        self._run(env)
        env.cr.commit()
        moves = self._agreement(self._begin()).accrual_ids.move_line_ids.move_id
        self.assertEqual(len(moves), 2)
        first, second = self._begin(), self._begin()
        first["account.move"].browse(moves[0].id).button_draft()
        first.cr.commit()
        with self.assertRaises(ConcurrencyError):
            second["account.move"].browse(moves[1].id).button_draft()
        second.cr.rollback()
        second["account.move"].browse(moves[1].id).button_draft()
        second.cr.commit()
        self.assertEqual(self._liability(), 0)

    def test_the_monthly_run_begins_anew_where_others_came_first(self):
        self._invoice(100)
        stale, first = self._begin(), self._begin()
        self._run(first)
        first.cr.commit()
        self._invoice(50)
        stale["rebate.accrual.run"]._cron_run()
        stale.cr.commit()
        self.assertEqual(self._liability(), 15)
        program = self._begin()["rebate.program"].browse(self.program_id)
        self.assertFalse(program.activity_ids)
