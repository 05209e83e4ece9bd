"""The monthly accrual run, company by company: none waits for what another lacks."""

import logging

from odoo.exceptions import UserError
from odoo.fields import Domain

from ..tools.retrying import DISTURBED, retry

_logger = logging.getLogger(__name__)


def accrue_companies(env):
    """Accrue each company's rebates up to the end of last month, and commit each. What a program
    lacks is told by a to-do on it."""
    programs = env["rebate.program"].with_context(active_test=False)
    accruing = programs.search(
        Domain("state", "!=", "draft") & Domain("accrual_method", "!=", "none")
    )
    # What stands in the books of programs that no longer accrue.
    left = env["rebate.accrual"].search(
        Domain("accrued_amount", "!=", 0) & Domain("program_id", "not in", accruing.ids)
    )
    of_company = (accruing | left.program_id).grouped("company_id")
    env["ir.cron"]._commit_progress(remaining=len(of_company))
    for company, company_programs in of_company.items():
        company_programs._update_accrual_todos(_accrue_company(env, company, company_programs))
        if not env["ir.cron"]._commit_progress(1):
            return


def _accrue_company(env, company, programs):
    """Run for a company, again where others computed or paid the same accruals meanwhile, and undo
    it where it fails.

    :param programs: the company's that have something to accrue
    :return: a sentence by program that could not be accrued
    """
    try:
        return retry(env, lambda: _run(env, company, programs))
    except DISTURBED:
        reason = env._(
            "The monthly accrual run gave up, because others computed or paid the same rebates all"
            " the time. Run the accruals from the menu Payouts."
        )
    except UserError as error:
        reason = str(error)
    except Exception:
        # Whatever is wrong with one company, the others' books are to be closed.
        _logger.exception("The rebates of %s could not be accrued", company.display_name)
        reason = env._(
            "The monthly accrual run failed, and the server's log says why. Ask an administrator to"
            " look into it, then run the accruals from the menu Payouts."
        )
    return dict.fromkeys(programs, reason)


def _run(env, company, programs):
    with env.cr.savepoint():
        run = env["rebate.accrual.run"].with_company(company).create({"company_id": company.id})
        problems = run._run(is_tolerant=True).problems
        # Told before there is something to post, too.
        return programs._posting_problems() | {
            accrual.program_id: problem for accrual, problem in problems.items()
        }
