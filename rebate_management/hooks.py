"""What Odoo's own installation and uninstallation leave to the addon."""

import json
import logging

from odoo.fields import Domain
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

# The ids of documents that paid rebates, from uninstalling until installing again.
FORMER_PAYOUTS = "rebate_management.former_payouts"


def post_init_hook(env):
    """Know again the documents that paid rebates before the addon was uninstalled: neither they
    nor what reversed them since are purchases or returns. And find the accounts of rebates in the
    charts that are there."""
    env["res.company"].search([("chart_template", "!=", False)])._rebate_set_accounts()
    parameters = env["ir.config_parameter"].search([("key", "=", FORMER_PAYOUTS)])
    if not parameters:
        return
    try:
        ids = [int(move_id) for move_id in json.loads(parameters.value)]
    except (TypeError, ValueError):
        # Somebody wrote it by hand; it stays, for whoever knows what it was.
        _logger.warning("%s names no documents: %s", FORMER_PAYOUTS, parameters.value[:100])
        return
    env.cr.execute(
        SQL(
            """
            WITH RECURSIVE payout(id) AS (
                SELECT unnest(%s::int[])
                 UNION
                SELECT move.id
                  FROM payout JOIN account_move move ON move.reversed_entry_id = payout.id
            )
            UPDATE account_move move
               SET rebate_was_payout = TRUE
              FROM payout
             WHERE payout.id = move.id
            """,
            ids,
        )
    )
    env["account.move"].invalidate_model(["rebate_was_payout"], flush=False)
    parameters.unlink()


def uninstall_hook(env):
    """Leave nothing behind but what a later installation must know."""
    _keep_former_payouts(env)
    _forget_names(env)


def _keep_former_payouts(env):
    """Note which documents paid rebates; the column that says so goes with the addon. Nothing is
    noted where there are none."""
    env.flush_all()
    env.cr.execute(
        "SELECT id FROM account_move"
        " WHERE rebate_settlement_id IS NOT NULL OR rebate_was_payout ORDER BY id"
    )
    ids = [move_id for (move_id,) in env.cr.fetchall()]
    if ids:
        env["ir.config_parameter"].set_param(FORMER_PAYOUTS, json.dumps(ids))
        _logger.warning(
            "Rebates were paid by %s documents, which stay in the books without their settlements."
            " The parameter %s keeps their ids.",
            len(ids),
            FORMER_PAYOUTS,
        )


def _forget_names(env):
    """Forget the names that other addons gave to parts of our models.

    The fields our models inherit, from ``mail.thread`` for example, are removed with them; the
    external ids of those fields' choices belong to the addon that defined the fields, so that
    Odoo would keep them, naming nothing, in every database we were ever installed in.
    """
    models = env["ir.model"].search([("model", "=like", "rebate.%")])
    names = [model.model.replace(".", "_") for model in models]
    env["ir.model.data"].search(
        Domain("module", "not in", ("rebate_management", "rebate_portal"))
        & Domain("model", "in", ("ir.model.fields.selection", "ir.model.inherit"))
        & Domain.OR(
            Domain("name", "=like", f"{kind}\\_\\_{name}\\_\\_%")
            for name in names
            for kind in ("selection", "model\\_inherit")
        )
    ).unlink()
