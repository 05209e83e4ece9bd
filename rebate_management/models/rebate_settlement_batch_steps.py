"""How a settlement run goes on: so many partners at a time, each step committed, by a job that
carries on wherever it was interrupted."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ..tools.trust import trusted
from .rebate_turns import take_turn

PARTNERS_A_STEP = 100
UNDER_WAY = ("waiting", "running")
TRIES = 5
# Seconds until the job looks again at a run that it could not go on with.
PAUSE = 60


class RebateSettlementBatch(models.Model):
    _inherit = "rebate.settlement.batch"

    @api.model
    def _begin(self, **vals):
        """Begin a run for the current user.

        :param vals: ``company_id``, ``date_to``, ``kind``, and what limits the run
        """
        # Whoever may start a run does so by its wizard; nobody writes one by hand.
        batch = trusted(self.sudo()).create({"user_id": self.env.uid, **vals})
        batch.total = len(batch._payout_partners())
        return batch.with_env(self.env)

    def _step(self, limit=None):
        """Propose what is payable to the next partners, and note that they are done.

        :param limit: so many partners; None: all that are left
        :return: their number
        """
        self.ensure_one()
        partner_ids = self._payout_partners(limit)
        self._propose(partner_ids)
        is_over = limit is None or len(partner_ids) < limit
        # As in _begin.
        trusted(self.sudo()).write(
            {
                "done": self.done + len(partner_ids),
                "last_partner": max(partner_ids, default=self.last_partner),
                "state": "done" if is_over else "running",
                "finished_at": is_over and fields.Datetime.now(),
            }
        )
        return len(partner_ids)

    # ------------------------------------------------------------------
    # The jobs
    # ------------------------------------------------------------------

    @api.model
    def _cron_run(self):
        """Carry on with every run that is under way, until it is done."""
        for batch in self.search([("state", "in", UNDER_WAY)], order="id"):
            if not batch._carry_on():
                return

    @api.model
    def _cron_propose(self):
        """Once a day: begin a run in each company for the programs of which a settlement period
        is over since the last time."""
        yesterday = fields.Date.context_today(self) - timedelta(days=1)
        programs = self.env["rebate.program"].with_context(active_test=False)
        due = programs
        for program in programs.search([("state", "!=", "draft"), ("amends_id", "=", False)]):
            end = program._settlement_end(yesterday)
            if end and (not program.proposed_until or end > program.proposed_until):
                trusted(program).proposed_until = end
                due |= program
        for company, company_programs in due.grouped("company_id").items():
            self._begin(
                company_id=company.id,
                date_to=yesterday,
                kind="final",
                program_ids=company_programs.ids,
                is_automatic=True,
            )
        if self._begin_last_payouts(yesterday) or due:
            self._wake()

    @api.model
    def _wake(self, seconds=0):
        """Have the job carry on with the runs."""
        # Whoever may start a run sets off its job, and sees or changes no job.
        job = self.env.ref("rebate_management.ir_cron_settlement_run").sudo()
        job._trigger(fields.Datetime.now() + timedelta(seconds=seconds))

    def _carry_on(self):
        """Take step after step, each committed, as the user who began the run.

        :return: whether there is time left for more
        """
        disturbed = 0
        while disturbed < TRIES and self.state in UNDER_WAY:
            try:
                # Another process that is at it goes on with it alone, unless that one has just been
                # killed, and the database only does not know it yet.
                if not take_turn(self):
                    self.env.cr.rollback()
                    self._wake(PAUSE)
                    # Not told as remaining: it may well be another's.
                    return self.env["ir.cron"]._commit_progress()
                settled = self._as_starter()._step(PARTNERS_A_STEP)
                self.env.flush_all()
            except (*PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, ConcurrencyError):
                # Somebody computes one of the agreements. Nothing of the step is stored.
                self.env.cr.rollback()
                disturbed += 1
                continue
            except UserError as error:
                self.env.cr.rollback()
                settled = 0
                trusted(self).write({"state": "failed", "problem": str(error)})
            if not self._commit(settled):
                return False
        if disturbed == TRIES:
            self._wake(PAUSE)
            self._commit()
        return True

    def _commit(self, settled=0):
        """Commit, and tell the job how many partners are left.

        :return: the seconds left to the job
        """
        waiting = self.search([("state", "in", UNDER_WAY)])
        remaining = sum(max(batch.total - batch.done, 1) for batch in waiting)
        left = self.env["ir.cron"]._commit_progress(settled, remaining=remaining)
        # What others did meanwhile, for example stop the run.
        self.env.invalidate_all()
        return left

    def _as_starter(self):
        """The run with the rights of who began it, in its company."""
        return self.with_user(self.user_id).with_context(allowed_company_ids=self.company_id.ids)
