"""Claiming what a period earned, where the program asks for it."""

from odoo import fields
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...tools.locks import lock_all
from ...tools.trust import trusted


def held_for_claim(accruals):
    """Find the accruals that are not settled before they are claimed.

    :return: a sentence by accrual that says what to do
    """
    return {
        accrual: accrual.env._(
            "“%s” was not claimed, and its program pays only what was. Record the claim on"
            " the accrual first.",
            accrual.display_name,
        )
        for accrual in accruals
        if accrual.program_id.claim_required and not accrual.claimed_date
    }


def claim(accruals):
    """Record that the distributor claimed the periods.

    :raise UserError: when one need not be claimed, is claimed already, or cannot be any more
    """
    _require_claimer(accruals)
    lock_all(accruals)
    today = fields.Date.context_today(accruals)
    for accrual in accruals:
        if problem := _claim_problem(accrual, today):
            raise UserError(problem)
    # Nobody may write accruals but the methods that say so.
    trusted(accruals.sudo()).write({"claimed_date": today, "claimed_by_id": accruals.env.uid})
    log(accruals, accruals.env._("Claimed"))


def withdraw(accruals):
    """Take a claim back that was recorded by mistake.

    :raise UserError: when there is none, or it was settled, or its payout was proposed
    """
    _require_claimer(accruals)
    lock_all(accruals)
    for accrual in accruals:
        if not accrual.claimed_date:
            raise UserError(
                accrual.env._(
                    "“%s” was not claimed, so there is no claim to withdraw. Choose periods"
                    " that were claimed.",
                    accrual.display_name,
                )
            )
        if accrual.settlement_line_ids.filtered(
            lambda line: line.state not in ("rejected", "cancelled")
        ):
            raise UserError(
                accrual.env._(
                    "The claim for “%s” is being paid or was paid. Cancel its settlement first.",
                    accrual.display_name,
                )
            )
    # As in claim.
    trusted(accruals.sudo()).write(
        {"claimed_date": False, "claimed_by_id": False, "claim_reference": False}
    )
    log(accruals, accruals.env._("Claim withdrawn"))


def extend(accruals, day, reason):
    """Give more time to claim, also what has expired, which is owed again.

    :param day: the new deadline
    :param reason: kept on the agreements
    :raise UserError: when the user is no manager, or the day is past
    """
    accruals.env["rebate.settlement"]._require_group("rebate_management.group_rebate_manager")
    if day < fields.Date.context_today(accruals):
        raise UserError(
            accruals.env._(
                "%s is past, and nothing could be claimed any more. Choose today or a later day.",
                format_date(accruals.env, day),
            )
        )
    lock_all(accruals)
    held = accruals._held_for_claim()
    for accrual in accruals:
        if accrual not in held:
            raise UserError(
                accruals.env._(
                    "“%s” need not be claimed, or was claimed already.", accrual.display_name
                )
            )
    # As in claim.
    accruals = accruals.sudo()
    trusted(accruals).write({"claim_extended_until": day, "claim_warned": 0, "expired_on": False})
    accruals._update_state()
    log(
        accruals,
        accruals.env._(
            "To be claimed until %(day)s: %(reason)s",
            day=format_date(accruals.env, day),
            reason=reason,
        ),
    )


def _require_claimer(accruals):
    """Refuse who is neither a manager nor the distributor's salesperson."""
    user = accruals.env.user
    if accruals.env.su or user.has_group("rebate_management.group_rebate_manager"):
        return
    for accrual in accruals:
        if accrual.partner_id.user_id != user:
            raise UserError(
                accruals.env._(
                    "Claims of “%s” are recorded by its salesperson or a rebate manager. Ask"
                    " one of them.",
                    accrual.partner_id.display_name,
                )
            )


def _claim_problem(accrual, today):
    """Say why an accrual cannot be claimed on a day, or nothing."""
    if not accrual.claim_required:
        return accrual.env._(
            "“%s” need not be claimed: its program pays without.", accrual.display_name
        )
    if accrual.claimed_date:
        return accrual.env._(
            "“%(accrual)s” was claimed on %(day)s already.",
            accrual=accrual.display_name,
            day=format_date(accrual.env, accrual.claimed_date),
        )
    if accrual.expired_on or accrual.claim_until < today:
        return accrual.env._(
            "“%(accrual)s” could be claimed until %(day)s. A manager may choose “Extend the"
            " Deadline”.",
            accrual=accrual.display_name,
            day=format_date(accrual.env, accrual.claim_until),
        )
    return None


def log(accruals, what):
    """Write to the agreements what happened to the claims of which periods."""
    for accrual in accruals:
        # Salespersons may not write agreements.
        accrual.agreement_id.sudo()._message_log(body=f"{accrual._format_period()}: {what}")


def record(accruals, reference=False, attachments=None):
    """Record that the distributor claimed the periods, with what it sent; see ``action_claim``.

    :param reference: the distributor's own
    :param attachments: ``ir.attachment`` that the user may read; each period gets its own copy
    :raise UserError: as ``action_claim``
    """
    accruals.action_claim()
    # As in claim.
    trusted(accruals.sudo()).write({"claim_reference": reference})
    if attachments:
        attachments.check_access("read")
        # Whoever may claim may not write accruals otherwise,
        for accrual in accruals.sudo():
            # nor what belongs to them.
            trusted(accrual).claim_attachment_ids += attachments.sudo().copy(
                {"res_model": accruals._name, "res_id": accrual.id}
            )
