"""For which programs the lines of an invoice count, and what each of them earned: frozen where the
period is settled, of a period that is not the line's share of what is computed now, and of a draft
what it is expected to earn.
"""

import logging
from decimal import Decimal
from typing import NamedTuple

from odoo import fields
from odoo.fields import Domain
from odoo.tools import format_amount

from ...engine.rounding import round_half_up
from ...engine.sharing import share_rules
from ...engine.tiers import ZERO
from ...tools.apart import apart
from ...tools.currencies import smallest_coin
from ...tools.formats import format_period
from ...tools.rates import rate_that_led
from ..accrual.rebate_accrual_line import share_over
from ..calculation.what_if import what_if
from ..measure.purchases import Window
from .buyers import companies_above, may_count, periods_on
from .supposing import suppose_invoice

_logger = logging.getLogger(__name__)


class Share(NamedTuple):
    """What an invoice line counts for a rule in a period, unrounded, in the program's currency and
    unit, and what it earned there, rounded money. ``state`` is ``settled``, ``running`` or
    ``expected``; ``settlement`` froze it."""

    line: object
    agreement: object
    accrual: object
    period: tuple
    rule_name: str
    amount: Decimal
    quantity: Decimal
    rate: Decimal
    rate_type: str
    rebate: Decimal
    state: str
    explanation: str = ""
    settlement: object = None


class Shares(NamedTuple):
    """What was found, and sentences on the programs of which it cannot be told."""

    found: list[Share]
    problems: list[str]


def find_shares(moves) -> Shares:
    """Find what lines of customer invoices and credit notes earn, of any number of them at once.

    :param moves: payouts have none
    """
    agreements = agreements_of(moves)
    shares = Shares([], [])
    if not agreements:
        return shares
    moves = moves.filtered(lambda move: move in agreements)
    _find_posted(moves.filtered(lambda move: move.state == "posted"), agreements, shares)
    _find_expected(moves.filtered(lambda move: move.state == "draft"), agreements, shares)
    shares.found.sort(key=_place)
    return shares


def _place(share):
    """As programs come one after another, and the lines on their document."""
    program, line = share.agreement.program_id, share.line
    return program.sequence, program.id, share.period, line.move_id.id, line.sequence, line.id


def agreements_of(moves) -> dict[object, object]:
    """The agreements that may count some documents, ended ones too.

    :return: by document; those without are absent, and so are payouts and what is no sale
    """
    agreements = moves.env["rebate.agreement"]
    above = {
        move: companies_above(move.partner_id)
        for move in moves
        if move.partner_id
        and move.is_sale_document(include_receipts=True)
        and not move.rebate_settlement_id
        and not move.rebate_was_payout
    }
    ids = {partner_id for companies in above.values() for partner_id in companies}
    if not ids or not agreements.has_access("read"):
        return {}
    agreements = agreements.search(
        Domain("partner_id", "in", list(ids)) & Domain("state", "in", ("active", "ended"))
    )
    return {
        move: counting
        for move, companies in above.items()
        if (counting := agreements.filtered(lambda one, above=companies: may_count(one, above)))
    }


def tell_shares(move) -> dict:
    """Prepare the tab of an invoice, in the reader's language and formats.

    :return: ``programs``, each with the period, its state, the explanation, its ``rows`` and their
        ``total``, and what opens its figures; and ``problems``
    """
    env = move.env
    labels = {
        "settled": env._("Settled"),
        "running": env._("Not settled yet"),
        "expected": env._("Expected"),
    }
    shares = find_shares(move)
    groups = {}
    for share in shares.found:
        key = share.agreement, share.period, share.state, share.settlement
        groups.setdefault(key, []).append(share)
    programs = []
    for (agreement, period, state, settlement), of_group in groups.items():
        currency = agreement.currency_id
        programs.append(
            {
                "program": agreement.program_id.display_name,
                "agreement_id": agreement.id,
                "period": format_period(env, *period),
                "state": state,
                "state_label": labels[state],
                "settlement": settlement and {"id": settlement.id, "name": settlement.name},
                "explanations": list(
                    dict.fromkeys(filter(None, (s.explanation for s in of_group)))
                ),
                "rows": [_row(env, share, currency) for share in of_group],
                "amount": _money(env, sum((s.amount for s in of_group), ZERO), currency),
                "rebate": _money(env, sum((s.rebate for s in of_group), ZERO), currency),
            }
        )
    return {"programs": programs, "problems": shares.problems}


def earned_by_order_line(lines) -> dict[object, float]:
    """Add up what the posted invoice lines of order lines earned, in the currency of each order.

    :return: by order line; those without invoices are absent
    """
    # Who sees an order sees what it earned, whoever invoiced it.
    invoiced = {line: line._origin.sudo().invoice_lines for line in lines}
    items = lines.env["account.move.line"].sudo().union(*invoiced.values())
    moves = items.move_id.filtered(lambda move: move.state == "posted")
    if not moves or not lines.env["rebate.agreement"].has_access("read"):
        return {}
    by_item = {}
    for share in find_shares(moves).found:
        by_item.setdefault(share.line, []).append(share)
    return {
        line: sum(
            share.agreement.currency_id._convert(
                float(share.rebate),
                line.currency_id,
                line.company_id,
                line.order_id.date_order or fields.Date.today(),
            )
            for item in own
            for share in by_item.get(item, ())
        )
        for line, own in invoiced.items()
        if own
    }


def _row(env, share, currency):
    line = share.line
    return {
        "id": line.id,
        "line": line.product_id.display_name or (line.name or "").split("\n")[0],
        "rule": share.rule_name,
        "amount": _money(env, share.amount, currency),
        "rate": rate_that_led(
            env,
            share.rate,
            share.rate_type,
            (share.amount, share.quantity),
            share.rebate,
            currency,
        ),
        "rebate": _money(env, share.rebate, currency),
    }


def _money(env, amount, currency):
    return format_amount(env, float(amount), currency)


# ----------------------------------------------------------------------
# Posted documents: the accruals that count them
# ----------------------------------------------------------------------


def _find_posted(moves, agreements, shares):
    accruals = _accruals(moves, agreements)
    lines = moves.invoice_line_ids
    frozen = _frozen(accruals.filtered(lambda accrual: accrual.state == "settled"), lines)
    shares.found.extend(frozen)
    # Of what was settled before details were kept none are frozen.
    running = accruals.filtered(
        lambda accrual: not any(share.accrual == accrual for share in frozen)
    )
    for some, found, error in apart(running, lambda some: _running(some, lines)):
        if error:
            _logger.info("%s cannot be computed", some.program_id, exc_info=error)
            shares.problems.append(some.program_id._error_message(error))
        shares.found.extend(found or ())


def _accruals(moves, agreements):
    """The accruals that may count some documents."""
    env = moves.env
    ids = {agreement.id for move in moves for agreement in agreements.get(move, ())}
    if not ids:
        return env["rebate.accrual"]
    accruals = env["rebate.accrual"].search(
        Domain("agreement_id", "in", list(ids))
        & Domain("date_to", ">=", min(_first_day(move) for move in moves)),
        order="program_id, date_from, id",
    )

    def counts(accrual, move):
        if accrual.agreement_id not in agreements.get(move, ()):
            return False
        if accrual.program_id.basis == "paid":
            return accrual.date_to >= _first_day(move)
        # A return may count on the day of its purchase.
        days = {move.invoice_date, _first_day(move)}
        return any(accrual.date_from <= day <= accrual.date_to for day in days)

    return accruals.filtered(lambda accrual: any(counts(accrual, move) for move in moves))


def _first_day(move):
    """The first day on which a document may count."""
    origin = move.reversed_entry_id.invoice_date
    return min(move.invoice_date, origin) if origin else move.invoice_date


def _frozen(accruals, lines):
    """What settlements keep of some invoice lines, the last of each period."""
    details = lines.env["rebate.settlement.detail"].search(
        Domain("settlement_line_id.accrual_id", "in", accruals.ids)
        & Domain("move_line_id", "in", lines.ids)
        & Domain("settlement_line_id.state", "in", ("posted", "paid")),
        order="settlement_line_id, id",
    )
    last = {
        (detail.settlement_line_id.accrual_id, detail.move_line_id, detail.rule_name): detail
        for detail in details
    }
    return [
        Share(
            line,
            accrual.agreement_id,
            accrual,
            (accrual.date_from, accrual.date_to),
            rule_name or "",
            Decimal(str(detail.amount)),
            Decimal(str(detail.quantity)),
            Decimal(str(detail.rate)),
            detail.rate_type or "percent",
            Decimal(str(detail.earned_amount)),
            "settled",
            detail.settlement_line_id.explanation or "",
            settlement=detail.settlement_id,
        )
        for (accrual, line, rule_name), detail in last.items()
    ]


def _running(accruals, lines):
    """What some invoice lines have of that which periods have earned by now."""
    env = accruals.env
    windows = accruals._windows()
    results = env["rebate.calculation"]._calculate(windows)
    bought = env["rebate.measure"]._lines_by_rule(windows)
    by_id = {line.id: line for line in lines}
    return [
        Share(
            by_id[part.line_id],
            accrual.agreement_id,
            accrual,
            (accrual.date_from, accrual.date_to),
            rule.rule.display_name,
            part.amount,
            part.quantity,
            rule.rate,
            rule.tier.rate_type or "percent",
            part.rebate,
            "running",
            env["rebate.calculation"]._explain(rule.facts, accrual.currency_id),
        )
        for accrual in accruals
        for rule, of_rule in _by_rule(results[accrual.id])
        for part in share_over(
            bought.get((accrual.id, rule.rule.id), ()),
            of_rule,
            rule.outcome.parts,
            smallest_coin(accrual.currency_id),
        )
        if part.line_id in by_id
    ]


def _by_rule(result):
    """Pair the rules of a result with what each has of the rebate of the period."""
    coin = smallest_coin(result.program.currency_id)
    earned = share_rules(
        result.earned,
        [rule.earned for rule in result.rules],
        [round_half_up(rule.purchases.amount, coin) for rule in result.rules],
        coin,
    )
    return zip(result.rules, earned, strict=True)


# ----------------------------------------------------------------------
# Drafts: what they would earn
# ----------------------------------------------------------------------


def _find_expected(moves, agreements, shares):
    today = fields.Date.context_today(moves)
    windows, supposed = [], []
    for move in moves:
        day = move.invoice_date or today
        supposed += suppose_invoice(move, move.id, day)
        periods, problems = periods_on(agreements[move], day)
        shares.problems.extend(dict.fromkeys(problems.values()))
        windows += [
            Window((move, agreement), agreement.id, *period, scenario=move.id)
            for agreement, period in periods.items()
        ]
    asked = moves.env["rebate.agreement"].browse(
        sorted({window.agreement_id for window in windows})
    )

    def compute(some):
        ids = set(some.ids)
        return what_if(some.env, [w for w in windows if w.agreement_id in ids], supposed)

    for some, changes, error in apart(asked, compute):
        if error:
            _logger.info("%s cannot be computed", some.program_id, exc_info=error)
            shares.problems.append(some.program_id._error_message(error))
            continue
        for (_move, agreement), change in changes.items():
            shares.found.extend(_expected(moves, agreement, change))


def _expected(moves, agreement, change):
    """What lines of drafts would earn of an agreement."""
    window_rules = {rule.rule.id: rule for rule in change.with_all.rules}
    lines = {str(line.id): line for line in moves.invoice_line_ids}
    period = change.period
    rebates = change.share_out_by_rule()
    for rule_id, rule in window_rules.items():
        counted = {one.line_id: one for one in change.lines.get(rule_id, ())}
        of_rule = rebates.get(rule_id, {})
        for name in dict.fromkeys([*counted, *of_rule]):
            one = counted.get(name)
            yield Share(
                lines[name],
                agreement,
                None,
                period,
                rule.rule.display_name,
                one.amount if one else ZERO,
                one.quantity if one else ZERO,
                rule.rate,
                rule.tier.rate_type or "percent",
                of_rule.get(name, ZERO),
                "expected",
                agreement.env["rebate.calculation"]._explain(rule.facts, agreement.currency_id),
            )
