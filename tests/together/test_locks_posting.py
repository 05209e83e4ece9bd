"""Two people post or cancel one settlement at the same moment: there is one document."""

import multiprocessing
from datetime import date

from odoo import Command, api, sql_db
from odoo.exceptions import ConcurrencyError, UserError
from odoo.modules.registry import Registry
from odoo.service.model import retrying

from .case import LocksCase
from .world import YEAR

POSTERS = 4
LONGEST = 120  # seconds


def post(database, settlement_id, barrier, answers):
    """Press the button, in a process of its own, at the moment when everybody does."""
    answer = "posted"
    try:
        with Registry(database).cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            # What a transaction sees is what was there when it began.
            cr.execute("SELECT count(*) FROM account_move")
            barrier.wait(LONGEST)
            retrying(env["rebate.settlement"].browse(settlement_id).action_post, env)
    except UserError as error:
        answer = str(error)
    except Exception as error:
        answer = repr(error)
    answers.put(answer)


class TestLocksPosting(LocksCase):
    def _approved(self):
        """Commit a settlement that only needs to be posted."""
        env = self._begin()
        settlement = (
            env["rebate.settlement.run"]
            .create(
                {
                    "date_to": date(YEAR, 12, 31),
                    "program_ids": [Command.set([self.program_id])],
                }
            )
            .action_run()
        )
        settlement.action_submit()
        settlement.with_user(self.ids["approver"]).action_approve()
        env.cr.commit()
        return settlement.id

    def _settlement(self, settlement_id):
        return self._begin()["rebate.settlement"].browse(settlement_id)

    def test_processes_that_post_at_once_make_one_credit_note(self):
        self._invoice(100)
        settlement_id = self._approved()
        sql_db.close_all()
        context = multiprocessing.get_context("fork")
        barrier, answers = context.Barrier(POSTERS), context.Queue()
        posters = [
            context.Process(target=post, args=(self.database, settlement_id, barrier, answers))
            for _number in range(POSTERS)
        ]
        for poster in posters:
            poster.start()
        told = sorted(answers.get(timeout=LONGEST) for _poster in posters)
        for poster in posters:
            poster.join(LONGEST)
        self.assertEqual(told.count("posted"), 1, told)
        for answer in told:
            if answer != "posted":
                self.assertIn("is in status Posted", answer)
        settlement = self._settlement(settlement_id)
        self.assertEqual((settlement.state, len(settlement.move_ids)), ("posted", 1))
        self.assertEqual(settlement.move_ids.amount_total, 10)

    def test_who_posts_after_another_began_anew_finds_it_posted(self):
        self._invoice(100)
        settlement_id = self._approved()
        first, second = self._begin(), self._begin()
        first["rebate.settlement"].browse(settlement_id).action_post()
        with self.assertRaises(ConcurrencyError):
            second["rebate.settlement"].browse(settlement_id).action_post()
        first.cr.commit()
        second.cr.rollback()
        with self.assertRaisesRegex(UserError, "is in status Posted"):
            second["rebate.settlement"].browse(settlement_id).action_post()

    def test_cancelling_beside_posting_waits_for_its_turn(self):
        self._invoice(100)
        settlement_id = self._approved()
        posting, cancelling = self._begin(), self._begin()
        posting["rebate.settlement"].browse(settlement_id).action_post()
        with self.assertRaises(ConcurrencyError):
            cancelling["rebate.settlement"].browse(settlement_id).action_cancel()
        posting.cr.commit()
        cancelling.cr.rollback()
        cancelling["rebate.settlement"].browse(settlement_id).action_cancel()
        cancelling.cr.commit()
        settlement = self._settlement(settlement_id)
        self.assertEqual((settlement.state, len(settlement.move_ids)), ("cancelled", 2))

    def _refresh(self):
        """Somebody refreshes the figures, and is done."""
        env = self._begin()
        self._agreement(env).accrual_ids.refresh()
        env.cr.commit()

    def test_whoever_approves_is_not_disturbed_by_a_refresh(self):
        self._invoice(100)
        env = self._begin()
        run = {"date_to": date(YEAR, 12, 31), "program_ids": [Command.set([self.program_id])]}
        settlement = env["rebate.settlement.run"].create(run).action_run()
        settlement.action_submit()
        env.cr.commit()
        approving = self._begin()
        self._refresh()
        approving["rebate.settlement"].browse(settlement.id).with_user(
            self.ids["approver"]
        ).action_approve()
        approving.cr.flush()
        approving.cr.commit()
        self.assertEqual(self._settlement(settlement.id).state, "approved")

    def test_whoever_posts_too_late_comes_before_the_next_refresh(self):
        self._invoice(100)
        settlement_id = self._approved()
        posting = self._begin()
        self._refresh()
        with self.assertRaises(ConcurrencyError):
            posting["rebate.settlement"].browse(settlement_id).action_post()
        posting.cr.rollback()
        # Odoo waits for a moment and begins anew; meanwhile others go on refreshing.
        posting.cr.execute("SELECT count(*) FROM account_move")
        self._refresh()
        self.assertGreater(self._queued(), 0)
        posting["rebate.settlement"].browse(settlement_id).action_post()
        posting.cr.commit()
        self.assertEqual(self._settlement(settlement_id).state, "posted")
        # Nothing is asked for any more, so the figures follow.
        self._drain()
        self.assertEqual(self._queued(), 0)
        accrual = self._settlement(settlement_id).line_ids.accrual_id
        self.assertEqual((accrual.settled_amount, accrual.open_amount), (10, 0))

    def test_what_nobody_asks_for_any_more_is_cleared_away(self):
        self._invoice(100)
        settlement_id = self._approved()
        posting = self._begin()
        self._refresh()
        with self.assertRaises(ConcurrencyError):
            posting["rebate.settlement"].browse(settlement_id).action_post()
        posting.cr.rollback()
        posting.cr.close()
        env = self._begin()
        env.cr.execute("UPDATE rebate_lock_request SET until = until - INTERVAL '1 hour'")
        env["rebate.lock.request"]._gc_expired()
        env.cr.commit()
        self.assertFalse(self._begin()["rebate.lock.request"].search_count([]))
        self._drain()
        self._refresh()
        self.assertEqual(self._queued(), 0)
