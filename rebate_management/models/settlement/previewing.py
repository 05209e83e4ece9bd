"""What a settlement run would propose, and whom it would leave out and why; nothing is proposed."""

from typing import NamedTuple

from odoo.tools import format_amount, format_date, format_list

from ...tools.trust import trusted
from .netting import due_date, group_by_payout

# So many partners are decided on together.
PARTNERS_AT_ONCE = 100
PENDING = ("draft", "submitted", "approved")


class Preview(NamedTuple):
    """``settlements`` and ``left_out``: values of the preview's lines; ``idle``: how many
    agreements have nothing that is not paid."""

    settlements: list[dict]
    left_out: list[dict]
    idle: int


def preview_run(env, begin):
    """Decide as a run does, and take back all that was stored for it: figures brought up to date,
    periods cut. No number of a settlement is drawn.

    :param begin: called without arguments, begins the run and returns it
    :return: :class:`Preview`
    """
    settlements, left_out, idle = [], [], 0
    with env.cr.savepoint() as savepoint:
        batch = begin()
        while partner_ids := batch._payout_partners(PARTNERS_AT_ONCE):
            decision = batch._decide(partner_ids)
            settlements += _settlements(batch, decision)
            rows, others = _left_out(batch, partner_ids, decision)
            left_out += rows
            idle += others
            # Written by the run alone; it is taken back.
            trusted(batch.sudo()).last_partner = max(partner_ids)
        savepoint.rollback()
    return Preview(settlements, left_out, idle)


def _settlements(batch, decision):
    """Values of what would be proposed, in its order."""
    company = batch.company_id
    rows = []
    for payout, parts in group_by_payout(decision.netted.documents, decision.today).items():
        currency = payout.currency
        amount = currency.round(sum(part.amount for part in parts))
        day = payout.ahead or decision.today
        kind, *_apart = payout.group
        rows.append(
            {
                "partner_id": payout.partner.id,
                "program_ids": list(dict.fromkeys(part.accrual.program_id.id for part in parts)),
                "date_from": min(part.accrual.date_from for part in parts),
                "date_to": max(part.until for part in parts),
                "document": DOCUMENTS[kind] if amount >= 0 else "out_invoice",
                "journal_id": payout.journal.id,
                "date": day,
                "date_due": due_date(parts),
                "currency_id": currency.id,
                "amount": amount,
                "adjustment": currency.round(sum(part.adjustment for part in parts)),
                "value": currency._convert(amount, company.currency_id, company, day),
            }
        )
    return rows


# By what keeps payouts apart, see ``rebate.program._payout_group``.
DOCUMENTS = {
    "credit_note": "out_refund",
    "vendor_bill": "in_invoice",
    "out_invoice": "out_invoice",
}


def _left_out(batch, partner_ids, decision):
    """Values of who would not be paid, and why.

    :return: the values; and how many agreements have nothing that is not paid
    """
    agreements = batch._agreements(partner_ids)
    held = batch.env["rebate.accrual"].union(*decision.until)._held_for_claim()
    rows = []
    for agreement, reason, amount in batch._carried_over(decision.netted.carried, decision.until):
        accruals = [each for each in decision.until if each.agreement_id == agreement]
        rows.append((agreement, reason, amount, _note(agreement, reason, accruals, held)))
    rows += _proposed(batch, agreements)
    rows += _not_due(batch, agreements, decision)
    paid = {part.agreement for document in decision.netted.documents for part in document.parts} | {
        agreement for agreement, *_rest in rows
    }
    return [
        {"agreement_id": agreement.id, "reason": reason, "amount": amount, "note": note}
        for agreement, reason, amount, note in rows
    ], len(set(agreements) - paid)


def _note(agreement, reason, accruals, held):
    """Tell more of why an agreement is left out."""
    env, program = agreement.env, agreement.program_id
    if reason in ("minimum", "released"):
        smallest = format_amount(env, program.min_payout, program.currency_id)
        return env._("The smallest payout is %s.", smallest)
    if reason == "claim":
        days = [accrual.claim_until for accrual in accruals if accrual in held]
        return env._("To be claimed until %s.", format_date(env, min(filter(None, days))))
    if reason == "problem":
        return next((accrual.problem for accrual in accruals if accrual.problem), "")
    return ""


def _proposed(batch, agreements):
    """Tell what waits for approval or posting already."""
    lines = batch.env["rebate.settlement.line"].search(
        [
            ("accrual_id.agreement_id", "in", agreements.ids),
            ("accrual_id.date_from", "<=", batch.date_to),
            ("state", "in", PENDING),
        ],
        order="settlement_id, id",
    )
    return [
        (
            agreement,
            "proposed",
            agreement.currency_id.round(sum(its.mapped("amount"))),
            format_list(batch.env, its.settlement_id.mapped("name")),
        )
        for agreement, its in lines.grouped(lambda line: line.accrual_id.agreement_id).items()
    ]


def _not_due(batch, agreements, decision):
    """Tell what was earned in periods that the run does not come to, because none of their
    settlement periods is over."""
    env = batch.env
    running = env["rebate.accrual"].search(
        [
            ("agreement_id", "in", agreements.ids),
            ("date_from", "<=", batch.date_to),
            ("id", "not in", [accrual.id for accrual in decision.until]),
        ],
        order="agreement_id, date_from",
    )
    running.refresh()
    rows = []
    for agreement, accruals in running.grouped("agreement_id").items():
        currency, program = agreement.currency_id, agreement.program_id
        pending = accruals.settlement_line_ids.filtered(lambda line: line.state in PENDING)
        amount = currency.round(sum(accruals.mapped("open_amount")) - sum(pending.mapped("amount")))
        if currency.is_zero(amount):
            continue
        first = accruals[0]
        ends = [
            last
            for _first, last in program._settlement_periods(
                first.date_from, first.date_to, first.date_to
            )
            if last > batch.date_to
        ]
        day = program._payout_date(min(ends, default=first.date_to))
        rows.append(
            (agreement, "not_due", amount, env._("To be paid on %s.", format_date(env, day)))
        )
    return rows
