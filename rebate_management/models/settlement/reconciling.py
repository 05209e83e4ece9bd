"""Offsetting posted credit notes against the partners' oldest open invoices."""


def reconcile_payouts(settlements):
    """Reconcile the credit notes of programs that want it with what their partners owe on the
    same account and in the same currency, the oldest invoice first; what is left stays open.
    """
    wanting = settlements.filtered(
        lambda settlement: any(line._payout_terms().is_offset for line in settlement.line_ids)
    )
    notes = wanting._documents().filtered(lambda move: move.move_type == "out_refund")
    items = notes.line_ids.filtered(
        lambda line: line.display_type == "payment_term" and not line.reconciled
    )
    if not items:
        return
    invoices = _open_invoices(settlements, items)
    plan = []
    for line in items:
        key = line.partner_id, line.account_id, line.currency_id, line.company_id
        left = -line.amount_residual_currency
        chosen = line
        for invoice, residual in invoices.get(key, {}).items():
            if line.currency_id.compare_amounts(left, 0) <= 0:
                break
            taken = min(left, residual)
            if line.currency_id.compare_amounts(taken, 0) > 0:
                # Of what the next credit note of the same partner finds.
                invoices[key][invoice] = residual - taken
                left -= taken
                chosen |= invoice
        if len(chosen) > 1:
            plan.append(chosen)
    if plan:
        settlements.env["account.move.line"]._reconcile_plan(plan)


def _open_invoices(settlements, items):
    """Find what the partners owe, in one search.

    :param items: the journal items of the credit notes to be offset
    :return: by partner, account, currency and company what is open of each invoice's journal
        item, the oldest first
    """
    found = settlements.env["account.move.line"].search(
        [
            ("parent_state", "=", "posted"),
            ("move_type", "in", ("out_invoice", "out_receipt")),
            ("display_type", "=", "payment_term"),
            ("reconciled", "=", False),
            ("partner_id", "in", items.partner_id.ids),
            ("account_id", "in", items.account_id.ids),
            ("company_id", "in", items.company_id.ids),
            ("amount_residual_currency", ">", 0),
        ],
        order="date_maturity, date, id",
    )
    return {
        key: {line: line.amount_residual_currency for line in lines}
        for key, lines in found.grouped(
            lambda line: (line.partner_id, line.account_id, line.currency_id, line.company_id)
        ).items()
    }
