"""Whoever is to approve a payout has it on their list and is reminded of it; what was decided is on
record, and whoever asked learns of a refusal."""

from datetime import timedelta

from markupsafe import Markup

from odoo import fields
from odoo.tools import plaintext2html

from ...tools.trust import trusted
from .approvers import find_askable, next_level

ACTIVITY = "rebate_management.mail_activity_type_approval"


def approval_activities(settlements):
    """The open requests to approve the settlements."""
    return (
        settlements.env["mail.activity"]
        # An activity on another's list is none of a user's business, but for this.
        .sudo()
        .search(
            [
                ("res_model", "=", settlements._name),
                ("res_id", "in", settlements.ids),
                ("activity_type_id", "=", settlements.env.ref(ACTIVITY).id),
            ]
        )
    )


def plan_approval(settlements):
    """Have an activity on the list of everybody who may approve next, and of nobody else."""
    needed = settlements.env["rebate.approval.level"]._needed(settlements)
    asked = approval_activities(settlements).grouped("res_id")
    # As in approval_activities.
    surplus = settlements.env["mail.activity"].sudo()
    nobody = settlements.browse()
    moved, missing = {}, {}
    for settlement in settlements:
        level = next_level(settlement, needed[settlement])
        users = find_askable(settlement, level)
        is_same = level == settlement.approval_level_id
        if not is_same:
            moved[level] = moved.get(level, nobody) | settlement
        for activity in asked.get(settlement.id, surplus.browse()):
            if is_same and activity.user_id in users:
                users -= activity.user_id
            else:
                surplus |= activity
        for user in users:
            missing[level, user] = missing.get((level, user), nobody) | settlement
    for level, its in moved.items():
        # Approvers need no right to write settlements otherwise.
        trusted(its.sudo()).write(
            {
                "approval_level_id": level.id,
                "approval_since": fields.Datetime.now(),
                "reminded_on": False,
            }
        )
    surplus.unlink()
    for (level, user), its in missing.items():
        _ask(its, level, user)


def _ask(settlements, level, user):
    """Put settlements on the list of a user who may approve them on a level."""
    today = fields.Date.context_today(settlements)
    _planning(settlements).with_context(
        # Asked for in bulk; a mail for each would bury them. They are reminded by one for all.
        mail_activity_quick_update=True
    ).activity_schedule(
        ACTIVITY,
        # It waits from now on; reminders have days of their own.
        date_deadline=today,
        summary=settlements.with_context(lang=user.lang).env._(
            "Approve the payout (%s)", level.with_context(lang=user.lang).name
        ),
        user_id=user.id,
    )


def _planning(settlements):
    """The settlements as activities are planned on them, whatever a client asks to skip."""
    # Who submits or decides needs no right to plan other people's work otherwise.
    return settlements.sudo().with_context(mail_activity_automation_skip=False)


def close_activities(settlements, comment=False):
    """Mark what the user was asked for as done, and ask nobody else."""
    activities = approval_activities(settlements)
    own = activities.filtered(lambda activity: activity.user_id == settlements.env.user)
    own.action_archive()
    if comment:
        own.feedback = comment
    (activities - own).unlink()


def tell_submitter(settlements, reason):
    """Put a refusal on the list of whoever submitted it."""
    decider = settlements.env.user
    for user, its in settlements.grouped("submitted_by_id").items():
        if user.active and user != decider:
            _planning(its).activity_schedule(
                "mail.mail_activity_data_todo",
                summary=its.with_context(lang=user.lang).env._(
                    "Payout rejected by %s", decider.name
                ),
                note=reason and plaintext2html(reason),
                user_id=user.id,
            )


def record_decision(settlements, decision, levels=None, comment=False):
    """Keep who decided what: a record that nobody can change.

    :param decision: ``submitted``, ``approved`` or ``rejected``
    :param levels: on which level, by settlement
    """
    # Nobody may write approvals but the decision itself.
    trusted(settlements.env["rebate.approval"].sudo()).create(
        [
            settlement._prepare_approval_vals(
                decision, levels[settlement] if levels else None, comment
            )
            for settlement in settlements
        ]
    )


def log_decision(settlements, decision, levels, comment):
    """Write the decision to the history of each settlement."""
    settlements._message_log_batch(
        {
            settlement.id: Markup("%s (%s)%s")
            % (
                decision,
                levels[settlement].name or "",
                Markup("<br/>%s") % comment if comment else "",
            )
            for settlement in settlements
        }
    )


def _waits_for(settlement):
    """Tell for how many days a settlement has waited on its level."""
    return (fields.Datetime.now() - settlement.approval_since) // timedelta(days=1)


def _remind(settlements, user):
    """Send a user a list of the settlements that wait for their approval."""
    settlements = settlements.with_context(lang=user.lang)
    env = settlements.env
    rows = Markup().join(
        Markup('<li><a href="/mail/view?model=%s&amp;res_id=%s">%s</a>, %s: %s</li>')
        % (
            settlement._name,
            settlement.id,
            settlement.name,
            settlement.partner_id.display_name,
            settlement.currency_id.format(settlement.amount_total),
        )
        for settlement in settlements
    )
    env["mail.thread"].message_notify(
        partner_ids=user.partner_id.ids,
        subject=env._("%s payouts wait for your approval", len(settlements)),
        body=Markup("<p>%s</p><ul>%s</ul>")
        % (env._("These payouts wait for your approval:"), rows),
    )


def remind_approvers(settlements):
    """Ask whoever may approve by now, and remind of what waits for too long: once a day at most,
    each of them in one message for all."""
    waiting = settlements.search([("state", "=", "submitted")])
    # Levels and their approvers may have changed since it was submitted.
    plan_approval(waiting)
    today = fields.Date.context_today(settlements)
    late = waiting.filtered(
        lambda settlement: (
            settlement.approval_level_id.reminder_days
            and settlement.reminded_on != today
            and _waits_for(settlement) >= settlement.approval_level_id.reminder_days
        )
    )
    by_approver = {}
    for settlement in late:
        for user in settlement.approver_ids:
            by_approver[user] = by_approver.get(user, late.browse()) | settlement
    for user, its in by_approver.items():
        _remind(its, user)
    trusted(late).reminded_on = today
