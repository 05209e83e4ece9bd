"""When money goes out: payouts that are on their way, periods that are over and on no payout yet,
and those that run, as they are foreseen."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from odoo.fields import Domain
from odoo.tools import SQL, date_utils, format_date, format_list

from .money import Adder, Amount
from .opening import opening
from .stored_sums import PENDING

# Months that the chart shows, before and after today's.
MONTHS = 6
# Of however many programs, so many are named.
NAMED = 2


class Payout(NamedTuple):
    """What is to be paid on a day. ``status`` is that of settlements, or ``due``: over, and on no
    payout yet, or ``foreseen``: the period runs. ``may_post`` tells whether approved ones may be
    posted by now."""

    day: date
    status: str
    amount: Amount
    count: int
    company_id: int
    program: object = None
    date_to: date | None = None
    may_post: bool = False


def list_payouts(env, reader, sums, domain, today) -> list[Payout]:
    """List what is to be paid, the earliest first.

    :param sums: see :class:`Sums`
    :param domain: of the payouts
    """
    found = [*_on_their_way(env, reader, domain, today), *_from_accruals(sums, today)]
    return sorted(found, key=lambda one: (one.day, one.status))


def calendar_rows(env, adder: Adder, payouts, domain, today) -> list[dict]:
    """The days on which money goes out, one row for each day and status."""
    groups = defaultdict(list)
    for payout in payouts:
        groups[payout.day, payout.status].append(payout)
    names = {
        "draft": env._("Draft"),
        "submitted": env._("Submitted"),
        "approved": env._("Approved"),
        "due": env._("Not proposed yet"),
        "foreseen": env._("Foreseen"),
    }
    return [
        {
            "date": day.isoformat(),
            "status": status,
            "status_label": names[status],
            "is_overdue": day < today,
            "label": _label(env, status, some),
            "amount": adder.total(one.amount for one in some),
            "action": _action(env, status, day, some, domain),
        }
        for (day, status), some in groups.items()
    ]


def month_bars(env, adder: Adder, payouts, domain, today) -> dict:
    """What was paid in the past months and goes out in the next ones; what is overdue stands in
    the month that runs."""
    first = date_utils.start_of(date_utils.subtract(today, months=MONTHS - 1), "month")
    months = [date_utils.add(first, months=number) for number in range(2 * MONTHS)]
    this_month = months[MONTHS - 1]
    paid, coming, foreseen = defaultdict(list), defaultdict(list), defaultdict(list)
    for month, currency_id, amount in _paid_by_month(env, domain, first):
        currency = env["res.currency"].browse(currency_id)
        # As far as anybody knows by now.
        day = min(date_utils.end_of(month, "month"), today)
        paid[month].append(Amount(amount, currency, day))
    for one in payouts:
        bars = foreseen if one.status == "foreseen" else coming
        bars[max(date_utils.start_of(one.day, "month"), this_month)].append(one.amount)
    return {
        "labels": [format_date(env, month, date_format="MMM yy") for month in months],
        "current": MONTHS - 1,
        "series": [
            {
                "key": key,
                "label": label,
                "values": [adder.total(bars[month]) for month in months],
                "actions": [
                    _month_action(env, key, month, domain) if bars[month] else False
                    for month in months
                ],
            }
            for key, label, bars in (
                ("paid", env._("Posted"), paid),
                ("coming", env._("To be paid"), coming),
                ("foreseen", env._("Foreseen"), foreseen),
            )
        ],
    }


def _month_action(env, key, month, domain):
    """Open what a bar stands for."""
    last = date_utils.end_of(month, "month")
    if key == "paid":
        in_month = Domain("date", ">=", month) & Domain("date", "<=", last)
        return opening(
            env._("Payouts"),
            "rebate.settlement",
            domain & Domain("state", "in", ("posted", "paid")) & in_month,
        )
    if key == "coming":
        return opening(
            env._("Payouts"),
            "rebate.settlement",
            domain & Domain("state", "in", PENDING) & Domain("date_due", "<=", last),
        )
    return opening(
        env._("Running Periods"),
        "rebate.accrual",
        domain & Domain("state", "=", "open") & Domain("expected_amount", ">", 0),
    )


def _on_their_way(env, reader, domain, today):
    settlements = env["rebate.settlement"]
    settlements.flush_model()
    # Whoever sells learns of a payout when it is certain.
    states = ("approved",) if reader.is_own else PENDING
    query = settlements._search(domain & Domain("state", "in", states))
    rows = env.execute_query(
        SQL(
            """
            SELECT COALESCE(rebate_settlement.date_due, rebate_settlement.date),
                   rebate_settlement.state, rebate_settlement.currency_id,
                   SUM(rebate_settlement.amount_total), COUNT(*), rebate_settlement.company_id,
                   rebate_settlement.date_due IS NULL OR rebate_settlement.date_due <= %s
                   OR rebate_settlement.pay_early IS TRUE AS may_post
              FROM %s
             WHERE %s
          GROUP BY 1, 2, 3, 6, 7
            """,
            today,
            query.from_clause,
            query.where_clause,
        )
    )
    currencies = env["res.currency"]
    return [
        Payout(
            *(day, state, Amount(amount, currencies.browse(currency_id), today), count, company_id),
            may_post=may_post,
        )
        for day, state, currency_id, amount, count, company_id, may_post in rows
    ]


def _from_accruals(sums, today):
    for one in sums:
        program = one.program
        company_id = program.company_id.id
        last = program._payout_date(one.date_to)
        if one.date_to < today or not one.has_begun:
            if one.due > 0:
                amount = Amount(one.due, one.currency, today)
                yield Payout(last, "due", amount, one.due_count, company_id, program, one.date_to)
            continue
        # Where it must be claimed nothing of a running period is on its way.
        pending = Decimal(0) if program.claim_required else one.open - one.due
        rest = one.expected - one.paid - pending
        day = _next_payout(program, one.date_to, today)
        if day != last and 0 < one.due < rest:
            amount = Amount(one.due, one.currency, today)
            yield Payout(day, "foreseen", amount, one.due_count, company_id, program, one.date_to)
            rest -= one.due
        if rest > 0:
            amount = Amount(rest, one.currency, today)
            yield Payout(last, "foreseen", amount, one.count, company_id, program, one.date_to)


def _next_payout(program, date_to, today):
    """The day on which a running period is paid next, which may be before its end."""
    if program.settlement_period == program.period_type:
        return program._payout_date(date_to)
    last = program.date_end or date.max
    spans = program._settlement_periods(program.date_start, last, today)
    return program._payout_date(min(spans[-1][1], date_to) if spans else date_to)


def _paid_by_month(env, domain, first):
    query = env["rebate.settlement"]._search(
        domain & Domain("state", "in", ("posted", "paid")) & Domain("date", ">=", first)
    )
    return env.execute_query(
        SQL(
            """
            SELECT date_trunc('month', rebate_settlement.date)::date,
                   rebate_settlement.currency_id, SUM(rebate_settlement.amount_total)
              FROM %s
             WHERE %s
          GROUP BY 1, 2
            """,
            query.from_clause,
            query.where_clause,
        )
    )


def _label(env, status, some):
    count = sum(one.count for one in some)
    if status in PENDING:
        return env._("1 payout") if count == 1 else env._("%s payouts", count)
    names = list(dict.fromkeys(one.program.display_name for one in some))
    if len(names) > NAMED:
        names = [*names[:NAMED], env._("%s more", len(names) - NAMED)]
    return format_list(env, names)


def _action(env, status, day, some, domain):
    if status in PENDING:
        on_day = Domain("date_due", "=", day) | (
            Domain("date_due", "=", False) & Domain("date", "=", day)
        )
        return opening(
            env._("Payouts"), "rebate.settlement", domain & Domain("state", "=", status) & on_day
        )
    earned = Domain("open_amount" if status == "due" else "expected_amount", ">", 0)
    periods = Domain.OR(
        Domain("program_id", "=", one.program.id) & Domain("date_to", "=", one.date_to)
        for one in some
    )
    return opening(env._("Periods to Pay"), "rebate.accrual", domain & earned & periods)
