"""Who may approve a payout: whoever is named on the level that it waits for, and nobody what they
proposed, submitted or approved on another level."""

from odoo.exceptions import UserError
from odoo.tools import format_list


def next_level(settlement, needed):
    """Find the first of the levels needed that has not approved yet.

    :return: a level, or an empty recordset
    """
    approvals = settlement.approval_ids.filtered(lambda approval: approval.decision == "approved")
    none = settlement.env["rebate.approval.level"]
    return next((level for level in needed if level not in approvals.level_id), none)


def find_askable(settlement, level):
    """Find who may approve next: nobody what they proposed or submitted, and nobody two
    levels."""
    if not level:
        return settlement.env["res.users"]
    approved = settlement.approval_ids.filtered(lambda approval: approval.decision == "approved")
    # Who submitted or approved may have left the reader's companies since.
    others = _proposers(settlement) | settlement.sudo().submitted_by_id | approved.sudo().user_id
    # Only taken away from those who may, who are known without it too.
    return level._approvers(settlement.company_id) - others.sudo(False)


def can_be_approved(settlements):
    """Those of some settlements that the user may approve now. One whose levels cannot be told, for
    want of an exchange rate, is none of them, and keeps nobody from the others."""
    try:
        return settlements.filtered("can_approve")
    except UserError:
        if len(settlements) <= 1:
            return settlements.browse()
        half = len(settlements) // 2
        return can_be_approved(settlements[:half]) | can_be_approved(settlements[half:])


def _proposers(settlement):
    """Find who proposed the payout by beginning a run; nobody did what the calendar began."""
    # Whoever it was may have left the reader's companies since.
    settlement = settlement.sudo()
    if settlement.batch_id.is_automatic:
        # As the others are returned.
        return settlement.env["res.users"].sudo()
    return settlement.create_uid | settlement.batch_id.user_id


def require_approver(settlement, level):
    """Refuse whoever may not approve on a level, and say who may."""
    settlement.ensure_one()
    env, user = settlement.env, settlement.env.user
    if not level:
        raise UserError(no_level_message(settlement))
    if not level._is_approver(user, settlement.company_id):
        raise UserError(no_approver_message(settlement, level))
    others = find_askable(settlement, level)
    remedy = (
        env._("Ask %s.", format_list(env, others.mapped("name"), style="or"))
        if others
        else env._(
            "Have an administrator name another approver on approval level “%s”.", level.name
        )
    )
    if user == settlement.submitted_by_id:
        raise UserError(
            env._(
                "You submitted settlement %(name)s, and nobody approves what they submitted."
                " %(remedy)s",
                name=settlement.name,
                remedy=remedy,
            )
        )
    if user in _proposers(settlement):
        raise UserError(
            env._(
                "You began the run that proposed settlement %(name)s, and nobody approves what"
                " they proposed or submitted. %(remedy)s",
                name=settlement.name,
                remedy=remedy,
            )
        )
    if user not in others and user in settlement.approval_ids.user_id:
        raise UserError(
            env._(
                "You approved settlement %(name)s on another level, and nobody approves two"
                " levels. %(remedy)s",
                name=settlement.name,
                remedy=remedy,
            )
        )


def no_approver_message(settlement, level):
    """Say who approves on a level, to who does not."""
    return settlement.env._(
        "Settlement %(name)s is approved on level “%(level)s” by %(who)s. Ask them, or have an"
        " administrator name you on that level.",
        name=settlement.name,
        level=level.name,
        who=level._approver_names(),
    )


def no_level_message(settlement):
    """Say that nobody could approve a settlement, and who can change that."""
    return settlement.env._(
        "No approval level of company “%(company)s” covers settlement %(name)s, so nobody could"
        " approve it. Have an administrator add one under Rebates › Configuration › Approval"
        " Levels.",
        company=settlement.company_id.display_name,
        name=settlement.name,
    )
