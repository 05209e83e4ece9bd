"""A settlement run that is killed at any moment, and approvals at the same moment: each partner is
settled exactly once, each level approved once.

Real processes on a database of their own. KILLS and PARTNERS in the environment say how much of it
(``make faults``).
"""

import os
import random
import time
import unittest
from collections import Counter

from odoo import Command, api

from .database import copy_database, drop_database, open_database
from .faults import (
    approve,
    at_once,
    begin,
    carry_on,
    forget_settlements,
    kill_after,
    make_partners,
    run_at_once,
)
from .world import make_world

KILLS = int(os.environ.get("KILLS", "3"))
PARTNERS = int(os.environ.get("PARTNERS", "210"))
APPROVER = "rebate_management.group_rebate_approver"


class TestFaults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.database = copy_database()
        cls.addClassCleanup(drop_database, cls.database)
        cls.registry = open_database(cls.database)
        with cls.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            cls.partner_ids = make_partners(env, make_world(env), PARTNERS)
            cls.approver_ids = [cls._user(env, login) for login in ("first", "second")]
        cls.random = random.Random(os.environ.get("SEED", "rebates"))

    @classmethod
    def _user(cls, env, login):
        groups = env.ref("base.group_user") | env.ref(APPROVER)
        return (
            env["res.users"]
            .create({"name": login, "login": login, "group_ids": [Command.set(groups.ids)]})
            .id
        )

    def setUp(self):
        self.addCleanup(forget_settlements, self.database)

    def _assert_settled_once(self):
        with self.registry.cursor() as cr:
            cr.execute(
                """
                SELECT settlement.partner_id, line.amount, settlement.amount_total
                  FROM rebate_settlement settlement
                  JOIN rebate_settlement_line line ON line.settlement_id = settlement.id
                """
            )
            rows = cr.fetchall()
        counts = Counter(partner_id for partner_id, *_amounts in rows)
        self.assertEqual(counts, Counter(self.partner_ids))
        self.assertEqual({tuple(amounts) for _id, *amounts in rows}, {(10, 10)})

    def _state(self):
        with self.registry.cursor() as cr:
            batches = api.Environment(cr, api.SUPERUSER_ID, {})["rebate.settlement.batch"]
            return [(batch.id, batch.state, batch.done) for batch in batches.search([])]

    def test_a_run_that_is_killed_goes_on_and_settles_everybody_once(self):
        begin(self.database)
        began = time.monotonic()
        carry_on(self.database)
        whole = time.monotonic() - began
        self._assert_settled_once()
        killed = halfway = 0
        while killed < KILLS:
            forget_settlements(self.database)
            begin(self.database)
            moment = self.random.uniform(0, whole)
            if not kill_after(moment, carry_on, self.database):
                # It is done sooner today than it was; look for its end anew.
                whole *= 0.9
                continue
            killed += 1
            ((_batch_id, state, done),) = self._state()
            halfway += 0 < done < PARTNERS
            with self.subTest(kill=killed, moment=moment, state=state, done=done):
                carry_on(self.database)
                self._assert_settled_once()
                self.assertEqual([state for _id, state, _done in self._state()], ["done"])
        print(f"{killed} runs were killed, {halfway} of them between two steps")

    def test_after_a_kill_a_new_run_settles_only_who_is_left(self):
        begin(self.database)
        kill_after(1, carry_on, self.database)
        begin(self.database)
        carry_on(self.database)
        self._assert_settled_once()
        self.assertEqual({state for _id, state, _done in self._state()}, {"done"})

    def test_two_runs_at_once_settle_everybody_once(self):
        begin(self.database)
        begin(self.database)
        failures = at_once((carry_on, self.database), (carry_on, self.database))
        self.assertEqual(failures, [None, None])
        # Who was disturbed for too long left the rest to the next job.
        carry_on(self.database)
        self._assert_settled_once()
        self.assertEqual({state for _id, state, _done in self._state()}, {"done"})

    def test_the_wizard_beside_the_job_settles_everybody_once(self):
        begin(self.database)
        failures = at_once((carry_on, self.database), (run_at_once, self.database))
        self.assertEqual(failures, [None, None])
        carry_on(self.database)
        self._assert_settled_once()

    def test_two_approvers_at_once_approve_once(self):
        for settlement_id in self._submitted(3):
            with self.subTest(settlement_id):
                failures = at_once(
                    *((approve, self.database, user, settlement_id) for user in self.approver_ids)
                )
                # Who comes second is told that it is approved.
                self.assertEqual(sum(failure is None for failure in failures), 1, failures)
                self.assertIn("Approved", next(filter(None, failures)))
                with self.registry.cursor() as cr:
                    env = api.Environment(cr, api.SUPERUSER_ID, {})
                    settlement = env["rebate.settlement"].browse(settlement_id)
                    self.assertEqual(settlement.state, "approved")
                    self.assertEqual(
                        settlement.approval_ids.mapped("decision"), ["submitted", "approved"]
                    )
        self._forget_approvals()

    def _submitted(self, count):
        run_at_once(self.database)
        with self.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            settlements = env["rebate.settlement"].search([], limit=count)
            settlements.action_submit()
            return settlements.ids

    def _forget_approvals(self):
        with self.registry.cursor() as cr:
            cr.execute("DELETE FROM rebate_approval")
