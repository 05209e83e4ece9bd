"""What distributors ordered and nobody invoiced yet: in the pipeline, apart from what they have
earned."""

import logging
from decimal import Decimal
from typing import NamedTuple

from odoo import fields
from odoo.tools import SQL

from ...tools.apart import apart
from ..calculation.what_if import what_if
from ..measure.enrolments import read_enrolments
from ..measure.purchases import Window
from .buyers import periods_on
from .supposing import suppose_order

_logger = logging.getLogger(__name__)


class Pipeline(NamedTuple):
    """What confirmed orders would add to the running period, invoiced today, in the program's
    currency: purchases, unrounded, and what they earn; ``steps`` adds them to a progress bar."""

    amount: Decimal
    earned: Decimal
    steps: dict


def find(agreements) -> dict[object, Pipeline]:
    """Find what is in the pipeline of each agreement that runs, all at once; should a program fail,
    each by itself.

    :return: by agreement; those without are absent
    """
    today = fields.Date.context_today(agreements)
    running = agreements.filtered(
        lambda agreement: (
            agreement.id and agreement.state == "active" and agreement.program_id.state == "active"
        )
    )
    lines = _open_lines(running)
    if not lines:
        return {}
    supposed = []
    for order, of_order in lines.grouped("order_id").items():
        supposed += suppose_order(order, "pipeline", today, of_order)
    periods, _problems = periods_on(running, today)
    windows = {
        agreement.id: Window(agreement.id, agreement.id, *period, scenario="pipeline")
        for agreement, period in periods.items()
    }
    found = {}
    for some, changes, error in apart(
        running.browse(windows),
        lambda some: what_if(
            some.env, [windows[agreement_id] for agreement_id in some.ids], supposed
        ),
    ):
        if error:
            _logger.info("%s cannot be computed", some.program_id, exc_info=error)
            continue
        found |= {
            agreement: Pipeline(change.amount, change.gain, _steps(change))
            for agreement in some
            if (change := changes[agreement.id]).lines
        }
    return found


def _steps(change):
    """What a progress bar shows beside what was bought, in what reaches the tiers of the rule that
    it shows; see ``prepare_steps``."""
    shown = change.without.nearest
    if not shown:
        return {}
    with_all = next(one for one in change.with_all.rules if one.rule == shown.rule)
    ordered = with_all.case.value - shown.case.value
    if ordered <= 0:
        return {}
    return {
        "pipeline": float(ordered),
        "pipeline_label": shown.rule.env._(
            "%s in the pipeline", shown.rule._format_purchases(ordered)
        ),
    }


def _open_lines(agreements):
    """The lines of confirmed orders that may be on no posted invoice, of whoever buys for the
    agreements."""
    # Purchases count whoever sold them: so do orders. What of them is told is a sum.
    lines = agreements.env["sale.order.line"].sudo()
    if not agreements:
        return lines
    members, _company_of = agreements.env["rebate.measure"]._members(agreements)
    buyers = {partner_id for _agreement, partner_id, _below in members}
    buyers |= {one.partner_id for one in read_enrolments(agreements).values()}
    for model in ("sale.order", "sale.order.line", "account.move.line", "res.partner"):
        lines.env[model].flush_model()
    rows = lines.env.execute_query(
        SQL(
            """
            SELECT line.id
              FROM res_partner partner
              JOIN sale_order sale ON sale.partner_invoice_id = partner.id
              JOIN sale_order_line line ON line.order_id = sale.id
             WHERE partner.commercial_partner_id = ANY(%s)
               AND sale.state = 'sale'
               AND line.display_type IS NULL
               AND line.is_downpayment IS NOT TRUE
               AND (line.qty_invoiced IS DISTINCT FROM line.product_uom_qty
                    OR EXISTS (SELECT 1
                                 FROM sale_order_line_invoice_rel link
                                 JOIN account_move_line item ON item.id = link.invoice_line_id
                                WHERE link.order_line_id = line.id
                                  AND item.parent_state = 'draft'))
          ORDER BY line.order_id, line.sequence, line.id
            """,
            sorted(buyers),
        )
    )
    return lines.browse(line_id for (line_id,) in rows)
