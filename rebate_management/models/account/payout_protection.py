"""Documents that pay settlements are made, posted and taken back with their settlement, and neither
changed nor taken back behind its back."""

from odoo.exceptions import UserError

from ...tools.trust import is_trusted

# What says what a document pays, to whom, in which books, and whether it counts; and of its items,
# what is paid and where it is booked. Which settlement a document is of, nobody types at all.
PROTECTED = {
    "account.move": (
        "state",
        "payment_state",
        "move_type",
        "partner_id",
        "commercial_partner_id",
        "company_id",
        "journal_id",
        "currency_id",
        "invoice_currency_rate",
        "invoice_date",
        "date",
        "reversed_entry_id",
        "amount_untaxed",
        "amount_tax",
        "amount_total",
        "amount_residual",
        "amount_untaxed_signed",
        "amount_tax_signed",
        "amount_total_signed",
        "amount_residual_signed",
        "amount_total_in_currency_signed",
    ),
    "account.move.line": (
        "move_id",
        "account_id",
        "partner_id",
        "currency_id",
        "display_type",
        "product_id",
        "quantity",
        "price_unit",
        "discount",
        "price_subtotal",
        "price_total",
        "balance",
        "debit",
        "credit",
        "amount_currency",
        "amount_residual",
        "amount_residual_currency",
        "tax_ids",
        "tax_line_id",
        "tax_repartition_line_id",
        "group_tax_id",
    ),
}
# Blocking a payment, and allowing it again, takes nothing back.
BLOCKING = ("blocked", "not_paid")
# A settlement that stands no more.
ENDED = ("cancelled", "rejected")


def check_moves_written(moves, vals):
    """Refuse to change what a payout is, or to have an entry pass for its reversal.

    :param vals: as for ``write``
    :raise UserError: naming the document and its settlement
    """
    names = _protected(moves, vals)
    if not names or is_trusted(moves.env):
        return
    if vals.get("reversed_entry_id"):
        moves.browse(vals["reversed_entry_id"])._rebate_check_kept(is_taken_away=False)
    for move in moves:
        if not _settlement(move):
            continue
        changed = [name for name in names if moves._field_will_change(move, vals, name)]
        if changed == ["state"] and vals["state"] != "posted":
            move._rebate_check_kept()
        elif changed and not (changed == ["payment_state"] and vals["payment_state"] in BLOCKING):
            move._rebate_check_kept(is_taken_away=False)


def check_items_written(items, vals):
    """Refuse to change what an item of a payout pays, or to add one to it.

    :param items: journal items
    :param vals: as for ``write``
    :raise UserError: as :func:`check_moves_written`
    """
    names = _protected(items, vals)
    if not names or is_trusted(items.env):
        return
    if vals.get("move_id"):
        payouts(items.env, [vals["move_id"]])._rebate_check_kept(is_taken_away=False)
    moves = payouts(items.env, items.move_id.ids)
    for item in items.filtered(lambda item: item.move_id in moves):
        if any(moves._field_will_change(item, vals, name) for name in names):
            item.move_id._rebate_check_kept(is_taken_away=False)


def check_kept(moves, is_taken_away=True):
    """Refuse to take back or change a document of a payout by itself: its settlement would go on to
    count as paid, or as cancelled.

    :param is_taken_away: what is not in the books, and whose settlement is cancelled, may be
    :raise UserError: naming the settlement
    """
    if is_trusted(moves.env):
        return
    for move in moves:
        settlement = _settlement(move)
        if not settlement or (is_taken_away and not _has_to_stay(move)):
            continue
        if settlement.state in ENDED:
            raise UserError(
                moves.env._(
                    "%(document)s belongs to rebate settlement %(settlement)s, which is"
                    " cancelled, and stays as it is. What is due is proposed by the next"
                    " settlement run.",
                    document=move.display_name,
                    settlement=settlement.name,
                )
            )
        raise UserError(
            moves.env._(
                "%(document)s pays rebate settlement %(settlement)s and is changed or taken"
                " back with it alone. Cancel the settlement instead: the document is reversed,"
                " and the next run proposes what is due.",
                document=move.display_name,
                settlement=settlement.name,
            )
        )


def payouts(env, move_ids):
    """Those of some entries that pay settlements or take them back."""
    moves = env["account.move"].browse({move_id for move_id in move_ids if move_id})
    # Whoever may write an item may know that its entry is a payout.
    return moves.sudo().filtered("rebate_settlement_id").sudo(env.su)


def _protected(records, vals):
    return [name for name in PROTECTED[records._name] if name in vals]


def _settlement(move):
    # Users of other companies' books may write these too; who reads a move may know.
    return move.sudo().rebate_settlement_id


def _has_to_stay(move):
    """Tell whether a document pays a settlement, or takes it back, and has to stay."""
    settlement = _settlement(move)
    return settlement and (move.state == "posted" or settlement.state not in ENDED)
