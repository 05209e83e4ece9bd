"""What is not claimed in time: distributors are reminded, then it expires."""

from datetime import timedelta

from odoo import fields
from odoo.fields import Domain
from odoo.tools import format_amount, format_date

from ...tools.locks import lock_available
from ...tools.trust import trusted
from .claims import log


def remind_and_expire(env):
    """Once a day: remind of what can still be claimed, and let expire what cannot any more."""
    accruals = env["rebate.accrual"]
    today = fields.Date.context_today(accruals)
    # How long before is each company's own to say; the job works for all of them.
    companies = env["res.company"].sudo().search([])
    soon = today + timedelta(days=max(max(company._rebate_reminders()) for company in companies))
    accruals = accruals.search(
        accruals._awaiting_claim_domain()
        & Domain("expired_on", "=", False)
        & Domain("date_to", "<", today)
        & Domain("open_amount", ">", 0)
        & Domain("claim_until", "<=", soon),
        order="agreement_id, id",
    )
    overdue = accruals.filtered(lambda accrual: accrual.claim_until < today)
    surprised = overdue.filtered(lambda accrual: not accrual.claim_warned)
    _give_time(surprised, today)
    _remind(accruals - overdue + surprised, today)
    _expire(overdue - surprised, today)


def _give_time(accruals, today):
    """Nothing expires of which the distributor was not reminded: what was earned or amended
    only after the deadline, or while this job stood still, can be claimed a while longer."""
    for company, of_company in accruals.grouped("company_id").items():
        until = today + timedelta(days=max(company._rebate_reminders()))
        trusted(of_company).claim_extended_until = until
        log(
            of_company,
            accruals.env._(
                "To be claimed until %s: nobody was reminded of the earlier deadline",
                format_date(accruals.env, until),
            ),
        )


def _remind(accruals, today):
    """Send each distributor the reminder that is due, once."""
    due = {}
    reminders = {company: company._rebate_reminders() for company in accruals.company_id}
    for accrual in accruals:
        left = (accrual.claim_until - today).days
        days = min((days for days in reminders[accrual.company_id] if left <= days), default=None)
        if days and (not accrual.claim_warned or days < accrual.claim_warned):
            due[accrual] = days
    # Whom another transaction computes at the moment is reminded tomorrow.
    locked = lock_available(accruals.browse(accrual.id for accrual in due))
    for accrual in locked:
        trusted(accrual).claim_warned = due[accrual]
    reachable = locked.filtered(lambda accrual: accrual.partner_id.email)
    template = accruals.env.ref(
        "rebate_management.mail_template_claim_reminder", raise_if_not_found=False
    )
    if template and reachable:
        template.send_mail_batch(reachable.ids)
    log(reachable, accruals.env._("Reminded of the deadline for claims by e-mail"))
    log(
        locked - reachable,
        accruals.env._(
            "The distributor has no e-mail address and could not be reminded of the deadline"
            " for claims"
        ),
    )


def _expire(accruals, today):
    """Let expire what was not claimed. What cannot be booked waits until it can, and a to-do
    says what is missing."""
    problems = accruals.filtered("accrued_amount")._posting_problems()
    reasons = {accrual.program_id: problem for accrual, problem in problems.items()}
    accruals.program_id.browse().union(*reasons)._update_accrual_todos(reasons, is_expiry=True)
    locked = lock_available(accruals.filtered(lambda accrual: accrual not in problems))
    trusted(locked).expired_on = today
    locked._update_state()
    _release_expired(locked, today)
    for accrual in locked:
        log(
            accrual,
            accruals.env._(
                "%s expired unclaimed",
                format_amount(accruals.env, accrual.expired_amount, accrual.currency_id),
            ),
        )


def _release_expired(accruals, day):
    """Take what expired back from the liability to the rebate account, where it was accrued.

    :param day: of the entries
    """
    accruals._release(
        {accrual: accrual.expired_amount for accrual in accruals},
        day,
        accruals.env._("Rebates that expired unclaimed"),
    )
