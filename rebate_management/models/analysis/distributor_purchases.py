"""What the distributors of active agreements bought of late, by invoice: enough to see whose
purchases grow or fall, and where the year stands. What counts for rebates is measured elsewhere."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from odoo.fields import Domain
from odoo.tools import SQL, date_utils, format_date

from .money import Adder, Amount
from .opening import opening

# Days that are compared with the same days a year before.
DAYS = 90
# Months that the chart shows, today's included.
MONTHS = 12
SHOWN = 5
TYPES = ("out_invoice", "out_receipt", "out_refund")


class Bought(NamedTuple):
    """Net purchases, in the company's currency, of a distributor in the last days and in the same
    days a year before."""

    partner_id: int
    now: float
    before: float

    @property
    def change(self) -> float:
        """By how much they grew."""
        return self.now - self.before


def list_purchases(env, adder: Adder, domain, today) -> tuple[list[Bought], dict[date, float]]:
    """Add up the invoices of distributors in one statement, those of two years.

    It needs the index of :class:`AccountMove` on customer and invoice date.

    :param domain: of agreements
    :return: by distributor, and by month
    """
    first = date_utils.start_of(date_utils.subtract(today, months=2 * MONTHS - 1), "month")
    enrolled = env["rebate.agreement"]._search(domain & Domain("state", "=", "active"))
    env["account.move"].flush_model()
    rows = env.execute_query(
        SQL(
            """
            SELECT move.commercial_partner_id,
                   date_trunc('month', move.invoice_date::timestamp)::date,
                   company.currency_id,
                   SUM(move.amount_untaxed_signed),
                   SUM(move.amount_untaxed_signed) FILTER (
                       WHERE move.invoice_date > %(today)s - %(days)s
                   ),
                   SUM(move.amount_untaxed_signed) FILTER (
                       WHERE move.invoice_date > %(ago)s - %(days)s
                         AND move.invoice_date <= %(ago)s
                   )
              FROM account_move move
              JOIN res_company company ON company.id = move.company_id
             WHERE move.commercial_partner_id = ANY(ARRAY(
                       SELECT DISTINCT partner_id FROM (%(partners)s) enrolled
                   ))
               AND move.invoice_date BETWEEN %(first)s AND %(today)s
               AND move.state = 'posted'
               AND move.move_type IN %(types)s
               AND move.company_id IN %(companies)s
               -- not our own payouts, nor what reverses them
               AND (move.rebate_settlement_id > 0) IS NOT TRUE
               AND move.rebate_was_payout IS NOT TRUE
          GROUP BY GROUPING SETS (
                       (move.commercial_partner_id, company.currency_id),
                       (date_trunc('month', move.invoice_date::timestamp), company.currency_id)
                   )
            """,
            today=today,
            ago=date_utils.subtract(today, years=1),
            days=DAYS,
            first=first,
            partners=enrolled.select("partner_id"),
            companies=tuple(env.companies.ids),
            types=TYPES,
        )
    )
    # What is in one currency needs no adding up, and there may be very many distributors.
    rates = {}
    by_partner, by_month = {}, {}
    for partner_id, month, currency_id, whole, now, before in rows:
        if currency_id not in rates:
            one = Amount(Decimal(1), env["res.currency"].browse(currency_id), today)
            rates[currency_id] = adder.rate(one)
        rate = rates[currency_id]
        if partner_id:
            told = by_partner.get(partner_id, (0, 0))
            by_partner[partner_id] = (
                told[0] + (now or 0) * rate,
                told[1] + (before or 0) * rate,
            )
        else:
            by_month[month] = by_month.get(month, 0) + whole * rate
    coin = adder.currency.round
    return (
        [Bought(partner_id, *told) for partner_id, told in by_partner.items()],
        {month: coin(amount) for month, amount in by_month.items()},
    )


def movers(env, bought: list[Bought], today) -> dict:
    """Those whose purchases grew and fell most, by what they changed."""
    changed = sorted(bought, key=lambda one: (-one.change, one.partner_id))
    grown = [one for one in changed if one.change > 0][:SHOWN]
    fallen = [one for one in reversed(changed) if one.change < 0][:SHOWN]
    # Of a partner Odoo would read some sixty columns.
    partners = env["res.partner"].browse(one.partner_id for one in (*grown, *fallen))
    partners.fetch(["complete_name"])
    names = {partner.id: partner.complete_name for partner in partners}
    actions = _mover_actions(env, names, today)
    coin = env.company.currency_id.round
    return {
        key: [
            {
                "partner_id": one.partner_id,
                "name": names[one.partner_id],
                "now": coin(one.now),
                "before": coin(one.before),
                "change": coin(one.change),
                "percent": 100 * one.change / one.before if one.before > 0 else False,
                "action": actions[one.partner_id],
            }
            for one in some
        ]
        for key, some in (("up", grown), ("down", fallen))
    }


def month_lines(env, by_month: dict, domain, today) -> dict:
    """Purchases by month of a year, beside those of the year before.

    :param domain: of agreements
    """
    first = date_utils.start_of(date_utils.subtract(today, months=MONTHS - 1), "month")
    months = [date_utils.add(first, months=number) for number in range(MONTHS)]
    # Before the first invoice there is nothing to compare with.
    begun = min(by_month, default=today)

    def bought(month):
        return by_month.get(month, 0) if month >= begun else None

    return {
        "labels": [format_date(env, month, date_format="MMM yy") for month in months],
        "current": MONTHS - 1,
        "series": [
            {
                "key": key,
                "label": label,
                "values": [bought(date_utils.subtract(month, years=years)) for month in months],
                "actions": _month_actions(
                    env, [date_utils.subtract(month, years=years) for month in months], domain
                ),
            }
            for key, label, years in (
                ("now", env._("Last 12 months"), 0),
                ("before", env._("A year before"), 1),
            )
        ],
    }


def _may_read_invoices(env):
    """Tell whether the reader may open all invoices; salespeople see some of them at most."""
    return env.user.has_groups("account.group_account_readonly,account.group_account_invoice")


def _month_actions(env, months, domain):
    """Open the invoices of each month."""
    if not _may_read_invoices(env):
        return [False] * len(months)
    agreements = domain & Domain("state", "=", "active")
    action = opening(
        env._("Invoices"),
        "account.move",
        Domain("commercial_partner_id.rebate_agreement_ids", "any", agreements) & _invoices(),
    )
    # What is the same for all months is composed once.
    return [
        action
        | {
            "domain": [
                *action["domain"],
                ("invoice_date", ">=", month.isoformat()),
                ("invoice_date", "<=", date_utils.end_of(month, "month").isoformat()),
            ]
        }
        for month in months
    ]


def _invoices():
    """What is a purchase, of the documents of a customer: our own payouts are none."""
    return (
        Domain("move_type", "in", TYPES)
        & Domain("state", "=", "posted")
        & Domain("rebate_settlement_id", "=", False)
        & Domain("rebate_was_payout", "=", False)
    )


def _mover_actions(env, names, today):
    """By partner, open the invoices, or for whom these are none of their business the
    agreements."""
    if not _may_read_invoices(env):
        return {
            partner_id: opening(name, "rebate.agreement", Domain("partner_id", "=", partner_id))
            for partner_id, name in names.items()
        }
    days = Domain.OR(
        Domain("invoice_date", ">", date_utils.subtract(last, days=DAYS))
        & Domain("invoice_date", "<=", last)
        for last in (today, date_utils.subtract(today, years=1))
    )
    # What is the same for all is composed once.
    action = opening("", "account.move", _invoices() & days)
    return {
        partner_id: action
        | {
            "name": name,
            "domain": [("commercial_partner_id", "=", partner_id), *action["domain"]],
        }
        for partner_id, name in names.items()
    }
