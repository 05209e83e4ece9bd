"""Two transactions that overlap, step by step: whoever comes first and whoever ends first, no
figure is set back, nothing is paid twice, and nobody waits."""

import unittest
from datetime import date

from odoo import Command, api
from odoo.exceptions import ConcurrencyError

from .together.database import copy_database, drop_database, open_database
from .together.world import YEAR, make_world, post_invoice

DAY = date(YEAR, 6, 15)


class TestTurns(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.database = copy_database()
        cls.addClassCleanup(drop_database, cls.database)
        cls.registry = open_database(cls.database)
        with cls.registry.cursor() as cr:
            cls.ids = make_world(api.Environment(cr, api.SUPERUSER_ID, {}))

    def setUp(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            self.ids["buyer"] = env["res.partner"].create({"name": "Buyer", "is_company": True}).id
            program = env["rebate.program"].create(
                {
                    "name": "Bonus",
                    "date_start": date(YEAR, 1, 1),
                    "date_end": date(YEAR, 12, 31),
                    "period_type": "half_year",
                    "rule_ids": [
                        Command.create(
                            {
                                "name": "All",
                                "tier_ids": [Command.create({"threshold": 0, "rate": 10})],
                            }
                        )
                    ],
                }
            )
            program.action_activate()
            agreement = env["rebate.agreement"].create(
                {"program_id": program.id, "partner_id": self.ids["buyer"]}
            )
            agreement.action_activate()
            self.program_id, self.agreement_id = program.id, agreement.id
        self._drain()

    def _begin(self):
        """A transaction that sees the database as it is now, and fails rather than wait."""
        cr = self.registry.cursor()
        self.addCleanup(cr.close)
        cr.execute("SET LOCAL lock_timeout = '2s'")
        cr.execute("SELECT count(*) FROM account_move")
        return api.Environment(cr, api.SUPERUSER_ID, {})

    def _agreement(self, env):
        return env["rebate.agreement"].browse(self.agreement_id)

    def _invoice(self, amount, env=None):
        """Post an invoice, or a credit note over a negative amount; commit where no transaction is
        given."""
        own = env or self._begin()
        post_invoice(own, self.ids, "buyer", DAY, abs(amount), is_refund=amount < 0)
        if not env:
            own.cr.commit()

    def _drain(self):
        env = self._begin()
        env["rebate.queue"]._cron_drain()
        env.cr.commit()

    def _measured(self):
        """What the half-year of all invoices has stored."""
        accruals = self._agreement(self._begin()).accrual_ids
        return accruals.filtered(lambda a: a.date_from == date(YEAR, 1, 1)).measured_amount

    def _queued(self):
        return self._begin()["rebate.queue"].search_count([])

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
        self._agreement(env).state = "draft"
        env.cr.commit()
        self._drain()

    def test_a_period_begins_once_whoever_looks_first(self):
        env = self._begin()
        self._agreement(env).accrual_ids.unlink()
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

    # --- problems ---

    def test_two_who_each_solve_one_of_two_problems_solve_the_program(self):
        env = self._begin()
        first, second = self._agreement(env).accrual_ids
        (first | second).problem = "No rate."
        self._program(env)._update_problem()
        env.cr.commit()
        self.assertEqual(self._program(self._begin()).problem, "No rate.")
        one, other = self._begin(), self._begin()
        one["rebate.accrual"].browse(first.id).refresh()
        other["rebate.accrual"].browse(second.id).refresh()
        one.cr.commit()
        other.cr.commit()
        self._drain()
        program = self._program(self._begin())
        self.assertFalse(program.problem)
        self.assertFalse(program.activity_ids)

    def _program(self, env):
        return env["rebate.program"].browse(self.program_id)
