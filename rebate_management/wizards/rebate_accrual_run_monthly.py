"""The monthly accrual run, company by company: none waits for what another lacks."""

import logging

from odoo import api, models
from odoo.exceptions import ConcurrencyError, UserError
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

_logger = logging.getLogger(__name__)

TRIES = 5


class RebateAccrualRun(models.TransientModel):
    _inherit = "rebate.accrual.run"

    @api.model
    def _cron_run(self):
        """Accrue each company's rebates up to the end of last month, and commit each."""
        programs = self.env["rebate.program"].with_context(active_test=False)
        accruing = programs.search(
            Domain("state", "!=", "draft") & Domain("accrual_method", "!=", "none")
        )
        # What stands in the books of programs that no longer accrue.
        left = self.env["rebate.accrual"].search(
            Domain("accrued_amount", "!=", 0) & Domain("program_id", "not in", accruing.ids)
        )
        of_company = (accruing | left.program_id).grouped("company_id")
        self.env["ir.cron"]._commit_progress(remaining=len(of_company))
        for company, company_programs in of_company.items():
            reasons = self._run_undisturbed(company, company_programs)
            company_programs._report_unaccrued(reasons)
            if not self.env["ir.cron"]._commit_progress(1):
                return

    def _run_undisturbed(self, company, programs):
        """Run for a company, again where others computed or paid the same accruals meanwhile.

        :param programs: the company's that have something to accrue
        :return: a sentence by program that could not be accrued
        """
        for _try in range(TRIES):
            reasons = self._run_company(company, programs)
            if reasons is not None:
                return reasons
        return dict.fromkeys(programs, self._disturbed_message())

    def _run_company(self, company, programs):
        """Run for a company, and undo it where it fails.

        :return: as :meth:`_run_undisturbed`, or None where others computed the same
        """
        try:
            with self.env.cr.savepoint():
                run = self.with_company(company).create({"company_id": company.id})
                run._run(is_tolerant=True)
                return programs._unbookable()
        except (ConcurrencyError, *PG_CONCURRENCY_EXCEPTIONS_TO_RETRY):
            # A new transaction sees what they did.
            self.env.cr.rollback()
            return None
        except UserError as error:
            return dict.fromkeys(programs, str(error))
        except Exception:
            # Whatever is wrong with one company, the others' books are to be closed.
            _logger.exception("The rebates of %s could not be accrued", company.display_name)
            return dict.fromkeys(programs, self._failed_message())

    def _failed_message(self):
        return self.env._(
            "The monthly accrual run failed, and the server's log says why. Ask an administrator to"
            " look into it, then run the accruals from the menu Payouts."
        )

    def _disturbed_message(self):
        return self.env._(
            "The monthly accrual run gave up, because others computed or paid the same rebates all"
            " the time. Run the accruals from the menu Payouts."
        )
