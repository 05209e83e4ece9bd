"""Freezing what a settlement pays when it is proposed: each invoice line with its part, and the
terms in force with what was decided by them."""

import json
from decimal import Decimal

from odoo import fields
from odoo.tools import SQL

from ...engine.rounding import round_half_up
from ...engine.sharing import share_rules
from ...engine.tiers import ZERO
from ...tools.currencies import smallest_coin
from ..accrual.rebate_accrual_line import share_over
from ..calculation.result import Result
from ..measure.purchases import Window
from .detail_storing import FrozenShare, find_earlier, store_details


def freeze(lines, results):
    """Freeze the invoice lines behind each line, and the terms in force on the settlement.

    :param results: what accruals were found to earn, by id of the line; what is missing is computed
    """
    missing = lines.filtered(lambda line: line.accrual_id and line.id not in results)
    if missing:
        results = results | lines.env["rebate.calculation"]._calculate(_windows(missing))
    for some in _rounds(lines):
        earlier = find_earlier(some)
        partial = _partial(some, results, earlier)
        freeze_terms(some, results, partial)
        store_details(some, some._shares(results), earlier, partial)
    lines.invalidate_recordset(["detail_ids"], flush=False)


def _rounds(lines):
    """Part the lines so that none is frozen with another of the same period: what was paid too
    much may be made up by several documents, and each is the difference to those before."""
    rounds = []
    seen = {}
    for line in lines.sorted("id"):
        source = line._source() or line
        place = seen[source] = seen.get(source, -1) + 1
        rounds += [lines.browse()] if place == len(rounds) else []
        rounds[place] += line
    return rounds


def _partial(lines, results, earlier):
    """Find the lines that make up for but a part of what was paid too much.

    :param results: by id of the line
    :param earlier: see :func:`.detail_storing.find_earlier`
    :return: by line what was earned less all that was settled before, a decimal
    """
    before = {other.id: other for other in lines.browse({pair[1] for pair in earlier})}
    settled = {}
    for line_id, earlier_id in earlier:
        amount = Decimal(str(before[earlier_id].amount))
        settled[line_id] = settled.get(line_id, ZERO) + amount
    partial = {}
    for line in lines.filtered(lambda line: line.id in settled):
        coin = smallest_coin(line.currency_id)
        difference = round_half_up(results[line.id].earned - settled[line.id], coin)
        if difference < round_half_up(Decimal(str(line.amount)), coin) < 0:
            partial[line] = difference
    return partial


def _windows(lines):
    """Ask for the periods that the lines pay, up to the day that they pay for."""
    lines.accrual_id.fetch(["agreement_id", "date_from", "date_to"])
    return [
        Window(
            line.id,
            line.accrual_id.agreement_id.id,
            line.accrual_id.date_from,
            line.accrual_id.date_to,
            until=line.date_until or None,
        )
        for line in lines
    ]


def share_out(lines, results):
    """Share out what the periods earned over the invoice lines, in one statement.

    :param lines: of accruals
    :param results: by id of the settlement line, see ``rebate.calculation._calculate``
    :return: an iterator of :class:`FrozenShare`
    """
    bought = lines.env["rebate.measure"]._lines_by_rule(_windows(lines))
    for line in lines:
        result = results[line.id]
        coin = smallest_coin(line.currency_id)
        earned = share_rules(
            result.earned,
            [rule.earned for rule in result.rules],
            [round_half_up(rule.purchases.amount, coin) for rule in result.rules],
            coin,
        )
        for rule, of_rule in zip(result.rules, earned, strict=True):
            rate, rate_type = str(rule.rate), rule.tier.rate_type or "percent"
            for part in share_over(
                bought.get((line.id, rule.rule.id), ()), of_rule, rule.outcome.parts, coin
            ):
                yield FrozenShare(
                    line.id,
                    rule.rule.id,
                    part.line_id,
                    str(part.amount),
                    str(part.quantity),
                    rate,
                    rate_type,
                    str(part.rebate),
                )


def freeze_terms(settlement_lines, results, partial):
    """Keep the terms, and what was decided by them, of each settlement; in one statement.

    The snapshot has two keys. ``programs``: by id (as text) what ``rebate.program._snapshot``
    tells, in the partner's language. ``lines``: one entry a settlement line, with ``line_id``,
    ``program_id``, ``agreement_id``, ``partner`` (the distributor), ``date_from``, ``date_to``,
    ``date_until``; what was ``earned`` by then, ``settled`` before and the ``amount``, with
    what stays ``overpaid`` where it makes up for a part;
    ``period``, the facts of the whole period (limits), and ``rules``, each with the tier
    reached and the facts from which its explanation is told: scale (pro rata and own tiers
    included), purchases, baseline, parts. Money is decimal text in the settlement's currency.

    A line that comes from no accrual has what ``_prepare_snapshot_vals`` tells of it, and at least
    ``line_id``, ``amount`` and ``rules``.

    :param results: what was decided, by id of the line
    :param partial: see :func:`_partial`
    """
    programs, lines = {}, {}
    for line in settlement_lines:
        settlement, program = line.settlement_id, line.program_id
        row = lines.setdefault(settlement.id, {"programs": {}, "lines": []})
        key = program, settlement.partner_id.lang
        if program and key not in programs:
            programs[key] = program.with_context(lang=key[1])._snapshot()
        if program:
            row["programs"][program.id] = programs[key]
        row["lines"].append(line._prepare_snapshot_vals(results.get(line.id), partial.get(line)))
    settlements = settlement_lines.settlement_id
    settlements.env.flush_all()
    settlements.env.cr.execute(
        SQL(
            """
            UPDATE rebate_settlement settlement
               SET terms_snapshot = jsonb_build_object(
                       'programs',
                       COALESCE(terms_snapshot -> 'programs', '{}') || new.programs,
                       'lines', COALESCE(terms_snapshot -> 'lines', '[]') || new.lines)
              FROM jsonb_to_recordset(%s) AS new(id int, programs jsonb, lines jsonb)
             WHERE settlement.id = new.id
            """,
            json.dumps([{"id": settlement_id, **row} for settlement_id, row in lines.items()]),
        )
    )
    settlements.browse(lines).invalidate_recordset(["terms_snapshot"], flush=False)


def prepare_plain_snapshot(line) -> dict:
    """Tell what is paid of what comes from no accrual, see :func:`freeze_terms`."""
    amount = str(round_half_up(Decimal(str(line.amount)), smallest_coin(line.currency_id)))
    return {
        "line_id": line.id,
        "program_id": line.program_id.id or None,
        "partner": line._source_facts().partner.name,
        "earned": amount,
        "settled": "0",
        "amount": amount,
        "period": {},
        "rules": [],
    }


def prepare_snapshot(line, result: Result, difference=None) -> dict:
    """Tell what was decided for what comes from an accrual, see :func:`freeze_terms`.

    :param difference: what was earned less all that was settled, where the line makes up for a
        part of it
    :return: plain values; names in the language of the partner who is paid
    """
    line.ensure_one()
    accrual = line.accrual_id
    coin = smallest_coin(line.currency_id)
    amount, earned = (
        round_half_up(Decimal(str(money)), coin) for money in (line.amount, result.earned)
    )
    return {
        "line_id": line.id,
        "program_id": line.program_id.id,
        "agreement_id": accrual.agreement_id.id,
        "partner": accrual.partner_id.name,
        "date_from": fields.Date.to_string(accrual.date_from),
        "date_to": fields.Date.to_string(accrual.date_to),
        "date_until": fields.Date.to_string(line.date_until or accrual.date_to),
        "earned": str(earned),
        "settled": str(earned - (amount if difference is None else difference)),
        "amount": str(amount),
        **({} if difference is None else {"overpaid": str(amount - difference)}),
        "period": result.facts,
        "rules": [
            {
                "rule_id": rule.rule.id,
                "tier_id": rule.tier.id,
                "facts": rule.facts,
            }
            for rule in result.rules
        ],
    }
