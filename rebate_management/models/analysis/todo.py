"""What waits for whoever reads the overview, the most urgent first."""

from datetime import date

from odoo.fields import Domain
from odoo.tools import date_utils, format_date, format_list

from .money import Adder, Amount
from .opening import opening
from .payout_calendar import Payout

# Money that expires within so many days.
SOON = 30
NAMED = 2


def list_todos(env, reader, adder: Adder, sums, payouts, runs, domain, today) -> list[dict]:
    """List what waits for a reader; what there is nothing of is left out.

    :param sums: see :class:`Sums`
    :param payouts: see :class:`Payout`
    :param runs: see :func:`last_runs`
    :param domain: of the accruals and payouts they are told of
    """
    found = []
    own = domain & Domain("company_id", "in", env.companies.ids)
    payouts = [one for one in payouts if one.company_id in env.companies.ids]
    if reader.proposes:
        found += _problems(env)
    if reader.is_approver:
        found += _to_approve(env, adder, own, today)
    if reader.is_accountant:
        found += _to_post(env, adder, payouts, own, today)
    if reader.proposes:
        found += _to_submit(env, adder, payouts, own, today)
        found += _to_settle(env, adder, sums, own, today)
    if reader.is_accountant:
        found += _to_accrue(env, sums, runs, today)
    claimed = any(one.program.claim_required for one in sums)
    if claimed and (reader.proposes or reader.is_own):
        found += _expiring(env, adder, own, today)
    return found


def _problems(env):
    programs = env["rebate.program"].search([("problem", "!=", False)])
    if not programs:
        return []
    names = programs[:NAMED].mapped("display_name")
    if len(programs) > NAMED:
        names.append(env._("%s more", len(programs) - NAMED))
    return [
        {
            "key": "problems",
            "icon": "fa-exclamation-triangle",
            "level": "danger",
            "count": len(programs),
            "label": env._("Programs that cannot be computed"),
            "detail": format_list(env, names),
            "action": opening(
                env._("Programs With Problems"), "rebate.program", [("problem", "!=", False)]
            ),
        }
    ]


def _to_approve(env, adder, own, today):
    """What has been put on the reader's list, see ``asking.py``."""
    kind = env.ref("rebate_management.mail_activity_type_approval")
    asked = Domain("state", "=", "submitted") & Domain(
        "activity_ids",
        "any",
        [("user_id", "=", env.uid), ("activity_type_id", "=", kind.id)],
    )
    domain = own & asked
    groups = env["rebate.settlement"]._read_group(
        domain, ["currency_id"], ["amount_total:sum", "__count", "date_due:min", "date:min"]
    )
    some = [
        Payout(due or day, "submitted", Amount(amount, currency, today), count, env.company.id)
        for currency, amount, count, due, day in groups
    ]
    return _payouts(
        env,
        adder,
        some,
        domain,
        today,
        key="approve",
        icon="fa-gavel",
        level="warning",
        label=env._("Payouts wait for your approval"),
    )


def _to_post(env, adder, payouts, own, today):
    due = Domain("date_due", "=", False) | Domain("date_due", "<=", today)
    return _payouts(
        env,
        adder,
        [one for one in payouts if one.status == "approved" and one.may_post],
        own & Domain("state", "=", "approved") & (due | Domain("pay_early", "=", True)),
        today,
        key="post",
        icon="fa-check-square-o",
        level="warning",
        label=env._("Approved payouts to post"),
    )


def _to_submit(env, adder, payouts, own, today):
    return _payouts(
        env,
        adder,
        [one for one in payouts if one.status == "draft"],
        own & Domain("state", "=", "draft"),
        today,
        key="submit",
        icon="fa-paper-plane-o",
        level="info",
        label=env._("Proposed payouts to submit"),
    )


def _payouts(env, adder, some, domain, today, key, icon, level, label):
    """A figure of payouts, with the day that the oldest is due.

    :param some: of which there are amounts, counts and days
    :param domain: what opens them
    """
    if not some:
        return []
    oldest = min(one.day for one in some)
    return [
        {
            "key": key,
            "icon": icon,
            "level": "danger" if oldest < today else level,
            "count": sum(one.count for one in some),
            "label": label,
            "amount": adder.total(one.amount for one in some),
            "detail": env._("overdue since %s", format_date(env, oldest))
            if oldest < today
            else env._("due on %s", format_date(env, oldest)),
            "action": opening(label, "rebate.settlement", domain),
        }
    ]


def _to_settle(env, adder, sums, own, today):
    """Periods whose payout is due and on no settlement yet."""
    late = [
        one
        for one in sums
        if one.date_to < today
        and one.due > 0
        and one.program.company_id in env.companies
        and one.program._payout_date(one.date_to) <= today
    ]
    if not late:
        return []
    periods = Domain.OR(
        Domain("program_id", "=", one.program.id) & Domain("date_to", "=", one.date_to)
        for one in late
    )
    label = env._("Periods to settle")
    return [
        {
            "key": "settle",
            "icon": "fa-money",
            "level": "warning",
            "count": sum(one.due_count for one in late),
            "label": label,
            "amount": adder.total(Amount(one.due, one.currency, today) for one in late),
            "detail": env._("over since %s", format_date(env, min(one.date_to for one in late))),
            "action": opening(
                label, "rebate.accrual", own & Domain("open_amount", ">", 0) & periods
            ),
        }
    ]


def _to_accrue(env, sums, runs, today):
    """Companies whose last month was not accrued."""
    month_end = date_utils.subtract(date_utils.start_of(today, "month"), days=1)
    accruing = {
        one.program.company_id
        for one in sums
        if one.program.accrual_method != "none" and (one.open or one.accrued)
    } & set(env.companies)
    missing = [company for company in accruing if runs.get(company, date.min) < month_end]
    if not missing:
        return []
    last = min((runs[company] for company in missing if company in runs), default=None)
    return [
        {
            "key": "accrue",
            "icon": "fa-book",
            "level": "info",
            "count": len(missing),
            "hide_count": len(accruing) == 1,
            "label": env._("Accrue %s", format_date(env, month_end, date_format="MMMM yyyy")),
            "detail": env._("last accrued up to %s", format_date(env, last))
            if last
            else env._("nothing is accrued yet"),
            "action": "rebate_management.rebate_accrual_run_action",
        }
    ]


def _expiring(env, adder, own, today):
    """Money that expires unless it is claimed."""
    accruals = env["rebate.accrual"]
    domain = (
        own
        & accruals._awaiting_claim_domain()
        & Domain("expired_on", "=", False)
        & Domain("date_to", "<", today)
        & Domain("open_amount", ">", 0)
    )
    groups = accruals._read_group(
        domain, ["currency_id"], ["open_amount:sum", "__count", "claim_until:min"]
    )
    if not groups:
        return []
    first = min(day for *_sums, day in groups)
    label = env._("Rebates to be claimed")
    return [
        {
            "key": "expiring",
            "icon": "fa-hourglass-half",
            "level": "danger"
            if (first - today).days <= 7
            else "warning"
            if (first - today).days <= SOON
            else "info",
            "count": sum(count for _currency, _amount, count, _day in groups),
            "label": label,
            "amount": adder.total(
                Amount(amount, currency, today) for currency, amount, *_rest in groups
            ),
            "detail": env._("the first expire on %s", format_date(env, first)),
            "action": opening(label, "rebate.accrual", domain),
        }
    ]
