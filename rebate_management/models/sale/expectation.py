"""What sales orders are worth in rebates: what the customer's running agreements would earn more if
that which is not invoiced of an order yet were invoiced today."""

import logging
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from odoo import fields
from odoo.fields import Domain
from odoo.tools import format_amount, format_date

from ...engine.rounding import round_half_up, round_parts
from ...engine.tiers import ZERO
from ...tools.apart import apart
from ...tools.currencies import smallest_coin
from ...tools.formats import format_number
from ..calculation.what_if import Change, what_if
from ..measure.purchases import Window
from ..measure.supposed import Supposed
from .buyers import companies_above, may_count, periods_on
from .supposing import suppose_order

_logger = logging.getLogger(__name__)


class Expected(NamedTuple):
    """What an order would earn in one program; ``rate`` converts the program's currency to that of
    the order."""

    agreement: object
    period: tuple[date, date]
    change: Change
    currency: object
    rate: Decimal
    rate_date: date

    @property
    def is_foreign(self) -> bool:
        """Tell whether the program has another currency than the order."""
        return self.currency != self.agreement.currency_id

    @property
    def amount(self) -> Decimal:
        """The gain in the order's currency."""
        if not self.is_foreign:
            return self.change.gain
        return round_half_up(self.change.gain * self.rate, smallest_coin(self.currency))

    def by_line(self) -> dict[object, Decimal]:
        """The amount, shared out over the lines of the order; see :meth:`Change.share_out`."""
        shares = self.change.share_out()
        if not self.is_foreign or not shares:
            return shares
        coin = smallest_coin(self.currency)
        exact = [part * self.rate for part in shares.values()]
        rounded = round_parts(exact, round_half_up(sum(exact, ZERO), coin), coin)
        return dict(zip(shares, rounded, strict=True))


class Expectation(NamedTuple):
    """What an order would earn, program by program, and sentences on the programs of which that
    cannot be told."""

    programs: list[Expected]
    problems: list[str]

    @property
    def amount(self) -> Decimal:
        """What all programs earn, in the order's currency."""
        return sum((one.amount for one in self.programs), ZERO)

    def by_line(self) -> dict[object, Decimal]:
        """The same by line of the order; see ``supposing.name_of``."""
        lines = {}
        for one in self.programs:
            for line, amount in one.by_line().items():
                lines[line] = lines.get(line, ZERO) + amount
        return lines


def expect(orders) -> dict[object, Expectation]:
    """Find out what orders would earn, all at once; should a program fail, each by itself.

    :param orders: saved or not; of customers without an agreement nothing is measured
    :return: by order; those that can earn nothing are absent
    """
    env = orders.env
    if not env["rebate.agreement"].has_access("read"):
        return {}
    today = fields.Date.context_today(orders)
    asked = _ask(orders, today)
    ids = sorted({window.agreement_id for window in asked.windows})
    found = {order: Expectation([], problems) for order, problems in asked.problems.items()}
    for some, changes, error in apart(
        env["rebate.agreement"].browse(ids), lambda some: _changes(some, asked)
    ):
        for window in asked.windows_of(some):
            order, agreement = window.key
            expectation = found.setdefault(order, Expectation([], []))
            if error:
                expectation.problems.append(some.program_id._error_message(error))
            elif changes[window.key].is_any:
                period = window.date_from, window.date_to
                change = changes[window.key]
                expectation.programs.append(_expected(order, agreement, period, change, today))
        if error:
            _logger.info("%s cannot be computed", some.program_id, exc_info=error)
    return found


def tell(order, expectation) -> dict:
    """Prepare what the order's form shows, in the reader's language and formats.

    :return: ``amount``, in the order's currency, ``lines``, the amounts by name of the line, and
        ``programs``, each with its ``gain`` in its own currency, a ``sentence``, its ``tone``
        (``reached`` ``near`` ``plain`` ``problem``) and ``details``, sentences that explain it;
        and a ``note`` on all of them
    """
    programs = [
        {
            "name": one.agreement.program_id.display_name,
            "amount": format_amount(order.env, float(one.amount), one.currency),
            "gain": float(one.change.gain),
            **headline(one),
            "details": explain(one),
        }
        for one in expectation.programs
    ]
    programs.sort(key=lambda told: ("reached", "near", "plain").index(told["tone"]))
    problems = [
        {"name": "", "amount": "", "tone": "problem", "sentence": problem, "details": []}
        for problem in expectation.problems
    ]
    return {
        "amount": float(expectation.amount),
        "total": format_amount(order.env, float(expectation.amount), order.currency_id),
        "lines": {line: float(amount) for line, amount in expectation.by_line().items()},
        "programs": programs + problems,
        "note": order.env._("As if all that is not invoiced yet were invoiced today."),
    }


def headline(expected: Expected) -> dict:
    """Say which tier an order reaches or nearly reaches, and what that is worth; else what it
    earns.

    :return: ``tone`` and ``sentence``
    """
    env = expected.agreement.env
    program, change = expected.agreement.program_id, expected.change
    step = change.step()
    currency = program.currency_id
    if step and (step.is_reached or _is_near(step, expected)):
        values = {
            "tier": _threshold(step, currency),
            "program": program.display_name,
            "worth": format_amount(env, float(step.worth), currency),
        }
        if step.is_reached and step.worth > 0:
            sentence = env._(
                "This order reaches tier %(tier)s of %(program)s: %(worth)s more rebate for the"
                " customer.",
                **values,
            )
            return {"tone": "reached", "sentence": sentence}
        if not step.is_reached and step.worth > 0:
            sentence = env._(
                "%(missing)s more on this order reaches tier %(tier)s of %(program)s: %(worth)s"
                " more rebate for the customer.",
                missing=step.rule.rule._format_purchases(step.missing),
                **values,
            )
            return {"tone": "near", "sentence": sentence}
    sentence = env._(
        "%(program)s: this order earns %(gain)s.",
        program=program.display_name,
        gain=format_amount(env, float(change.gain), currency),
    )
    return {"tone": "plain", "sentence": sentence}


def tell_customer(expectation) -> list[str]:
    """Tell the customer what an order earns in each program, and which tier it reaches or nearly
    reaches. Of what cannot be told nothing is said.

    :return: sentences in the language of the environment
    """
    sentences = []
    for one in expectation.programs:
        env, change = one.agreement.env, one.change
        currency, step = one.agreement.currency_id, change.step()
        values = {
            "program": one.agreement.program_id.display_name,
            "gain": format_amount(env, float(change.gain), currency),
        }
        if step:
            values["tier"] = _threshold(step, currency)
        if step and step.is_reached and change.gain > 0:
            sentences.append(
                env._(
                    "%(program)s: this order reaches the tier from %(tier)s and earns you"
                    " %(gain)s.",
                    **values,
                )
            )
        elif change.gain > 0:
            sentences.append(env._("%(program)s: this order earns you %(gain)s.", **values))
        if step and not step.is_reached and step.worth > 0 and _is_near(step, one):
            sentences.append(
                env._(
                    "%(program)s: %(missing)s more reach the tier from %(tier)s and earn you"
                    " another %(worth)s.",
                    missing=step.rule.rule._format_purchases(step.missing),
                    worth=format_amount(env, float(step.worth), currency),
                    **values,
                )
            )
    return sentences


def explain(expected: Expected) -> list[str]:
    """Explain what an order would earn in a program."""
    env = expected.agreement.env
    change, currency = expected.change, expected.agreement.currency_id

    def money(amount):
        return format_amount(env, float(amount), currency)

    sentences = [
        env._(
            "%(amount)s of this order count. With it the period from %(first)s to %(last)s earns"
            " %(with_all)s, without it %(without)s: %(gain)s more.",
            amount=money(change.amount),
            first=format_date(env, expected.period[0]),
            last=format_date(env, expected.period[1]),
            with_all=money(change.with_all.earned),
            without=money(change.without.earned),
            gain=money(change.gain),
        )
    ]
    sentences += env["rebate.calculation"]._explain_result(change.with_all, currency)
    if expected.is_foreign:
        sentences.append(
            env._(
                "In the order's currency: %(amount)s, at the rate of %(day)s (1 %(from)s ="
                " %(rate)s %(to)s).",
                **{
                    "amount": format_amount(env, float(expected.amount), expected.currency),
                    "day": format_date(env, expected.rate_date),
                    "from": currency.name,
                    "rate": format_number(env, round(expected.rate, 6)),
                    "to": expected.currency.name,
                },
            )
        )
    step = change.step()
    if step and not step.is_reached:
        sentences.append(
            env._(
                "%(missing)s more reach the tier from %(tier)s, which adds %(worth)s.",
                missing=step.rule.rule._format_purchases(step.missing),
                tier=_threshold(step, currency),
                worth=money(step.worth),
            )
        )
    if expected.agreement.program_id.basis == "paid":
        sentences.append(env._("The program counts what is paid: as if it were paid today too."))
    return sentences


def _expected(order, agreement, period, change, today):
    company = order.company_id or order.env.company
    currency = order.currency_id or company.currency_id
    rate_date = fields.Date.to_date(order.date_order) or today
    rate = Decimal(1)
    if currency != agreement.currency_id:
        rate = Decimal(
            str(
                agreement.currency_id._get_conversion_rate(
                    agreement.currency_id, currency, company, rate_date
                )
            )
        )
    return Expected(agreement, period, change, currency, rate, rate_date)


class Asked(NamedTuple):
    """Periods of agreements, each with the order as its scenario, and the lines of the orders. A
    window's key is the order and the agreement. ``problems`` are, by order, sentences on the
    programs whose periods cannot be told."""

    windows: list[Window]
    supposed: list[Supposed]
    problems: dict[object, list[str]]

    def windows_of(self, agreements) -> list[Window]:
        """Those of some agreements."""
        ids = set(agreements.ids)
        return [window for window in self.windows if window.agreement_id in ids]


def _ask(orders, today) -> Asked:
    """Ask what the running agreements of the customers earn with each order, and without."""
    companies = {
        order: companies_above(buyer)
        for order in orders
        if order.state != "cancel" and (buyer := order.partner_invoice_id or order.partner_id)
    }
    agreements = _running(orders.env, companies.values())
    periods, problems = periods_on(agreements, today)
    asked = Asked([], [], {})
    for number, (order, above) in enumerate(companies.items()):
        own = agreements.filtered(lambda one, above=above: may_count(one, above))
        if told := [problems[one] for one in own if one in problems]:
            asked.problems[order] = list(dict.fromkeys(told))
        counting = [one for one in own if one in periods]
        lines = suppose_order(order, number, today) if counting else ()
        if lines:
            asked.supposed.extend(lines)
            asked.windows.extend(
                Window((order, one), one.id, *periods[one], scenario=number) for one in counting
            )
    return asked


def _changes(agreements, asked):
    return what_if(agreements.env, asked.windows_of(agreements), asked.supposed)


def _running(env, companies):
    """The running agreements of some customers and of the companies above them."""
    ids = {partner_id for above in companies for partner_id in above}
    if not ids:
        return env["rebate.agreement"]
    return env["rebate.agreement"].search(
        Domain("partner_id", "in", list(ids))
        & Domain("state", "=", "active")
        & Domain("program_id.state", "=", "active"),
        order="program_id, id",
    )


def _is_near(step, expected):
    """Tell whether an order nearly reaches a tier: no more is missing than the part of what the
    tier asks for that the company calls near, and no more than the order itself counts."""
    change = expected.change
    # A setting of a parent company, which a branch's salesperson may not read, holds for it too.
    near = Decimal(str(expected.agreement.company_id.sudo().rebate_near_percent)) / 100
    after = step.rule.case
    before = next(rule.case for rule in change.without.rules if rule.rule == step.rule.rule)
    return 0 < step.missing <= min(after.goal(step.rule.goal) * near, after.value - before.value)


def _threshold(step, currency):
    """The threshold of the tier of a step, written as the rule counts."""
    terms = step.rule.case.terms
    position = terms.tier_ids.index(step.tier.id)
    env = step.rule.rule.env
    return env["rebate.calculation"]._explain_value(
        terms.facts, terms.scale[position].threshold, currency
    )
