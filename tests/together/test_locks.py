"""Two transactions that overlap: whoever comes first and whoever ends first, no figure is set back,
nothing is paid twice, and nobody waits."""

from datetime import date

from odoo import Command
from odoo.exceptions import ConcurrencyError

from odoo.addons.rebate_management.tools.trust import trusted

from .case import LocksCase
from .world import YEAR


class TestLocks(LocksCase):
    # --- figures ---

    def test_a_refresh_that_saw_less_does_not_set_back_what_the_job_left_as_it_was(self):
        self._invoice(100)
        self._drain()
        self._invoice(50)
        stale = self._begin()
        self._invoice(-50)
        # 100 once more: the job has no news to store.
        self._drain()
        self._agreement(stale).action_refresh()
        stale.cr.commit()
        self.assertEqual(self._measured(), 100)
        self._drain()
        self.assertEqual(self._measured(), 100)

    def test_a_refresh_that_ends_after_the_job_does_not_take_an_invoice_back(self):
        stale = self._begin()
        self._invoice(100)
        self._agreement(stale).action_refresh()
        self._drain()
        stale.cr.commit()
        self._drain()
        self.assertEqual(self._measured(), 100)

    def test_a_refresh_without_news_leaves_nothing_behind(self):
        self._invoice(100)
        self._drain()
        env = self._begin()
        self._agreement(env).action_refresh()
        env.cr.commit()
        self.assertEqual(self._queued(), 0)

    def test_two_refreshes_at_once_both_succeed(self):
        self._invoice(100)
        first, second = self._begin(), self._begin()
        self._agreement(first).action_refresh()
        self._agreement(second).action_refresh()
        second.cr.commit()
        first.cr.commit()
        self.assertEqual(self._measured(), 100)
        self._drain()
        self.assertEqual(self._measured(), 100)
        self.assertEqual(self._queued(), 0)

    # --- the queue ---

    def test_two_jobs_at_once_share_the_queue_and_a_crash_returns_it(self):
        self._invoice(100)
        crashing = self._begin()
        last = crashing["rebate.queue"].search([], order="id desc", limit=1).id
        self.assertEqual(crashing["rebate.queue"]._drain_batch(last), 1)
        self._drain()
        self.assertEqual(self._queued(), 1)
        crashing.cr.rollback()
        self._drain()
        self.assertEqual(self._measured(), 100)

    def test_a_job_that_began_before_another_ended_takes_what_is_left(self):
        self._invoice(100)
        late = self._begin()
        self._drain()
        self._invoice(50)
        late["rebate.queue"]._cron_drain()
        late.cr.commit()
        self._drain()
        self.assertEqual(self._measured(), 150)
        self.assertEqual(self._queued(), 0)

    def test_who_is_enrolled_while_an_invoice_is_posted_misses_nothing(self):
        for enrolment_ends_first in (True, False):
            with self.subTest(enrolment_ends_first=enrolment_ends_first):
                self._reset_to_draft()
                posting, enrolling = self._begin(), self._begin()
                self._invoice(100, posting)
                self._agreement(enrolling).action_activate()
                for env in (enrolling, posting)[:: 1 if enrolment_ends_first else -1]:
                    env.cr.commit()
                    self._drain()
                self.assertEqual(self._measured(), 100)
                self._invoice(-100)

    def _reset_to_draft(self):
        env = self._begin()
        # Which no button does, since something was earned.
        trusted(self._agreement(env)).state = "draft"
        env.cr.commit()
        self._drain()

    def test_a_period_begins_once_whoever_looks_first(self):
        env = self._begin()
        trusted(self._agreement(env).accrual_ids).unlink()
        env.cr.commit()
        first, second = self._begin(), self._begin()
        self._agreement(first).action_refresh()
        self._agreement(second).action_refresh()
        first.cr.commit()
        second.cr.commit()
        self._drain()
        self.assertEqual(len(self._agreement(self._begin()).accrual_ids), 2)

    # --- settlements ---

    def _run(self, env):
        return (
            env["rebate.settlement.run"]
            .create(
                {
                    "date_to": date(YEAR, 12, 31),
                    "program_ids": [Command.set([self.program_id])],
                }
            )
            .action_run()
        )

    def test_two_settlement_runs_at_once_propose_once(self):
        self._invoice(100)
        first, second = self._begin(), self._begin()
        self.assertEqual(self._run(first).amount_total, 10)
        # Odoo answers this by beginning the request anew.
        with self.assertRaises(ConcurrencyError):
            self._run(second)
        first.cr.commit()
        second.cr.rollback()
        self.assertFalse(self._run(second))

    def test_two_settlement_runs_that_end_one_after_the_other_propose_once(self):
        self._invoice(100)
        first, second = self._begin(), self._begin()
        self._run(first)
        first.cr.commit()
        with self.assertRaises(ConcurrencyError):
            self._run(second)

    def test_a_run_beside_the_job_pays_what_it_sees(self):
        self._invoice(100)
        job = self._begin()
        self._agreement(job).action_refresh()
        env = self._begin()
        self.assertEqual(self._run(env).amount_total, 10)
        env.cr.commit()
        job.cr.commit()
        self._drain()
        self.assertEqual(self._measured(), 100)
