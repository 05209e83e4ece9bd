"""Bringing accruals up to date: measured and decided all at once, and only what changed stored."""

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.trust import trusted
from .rebate_turns import take_turn


class RebateAccrual(models.Model):
    _inherit = "rebate.accrual"

    def refresh(self):
        """Compute what was bought and earned from the invoices posted so far, all accruals in
        one measurement, and store what changed.

        An accrual that cannot be computed keeps its figures and says why in ``problem``. What
        another transaction computes at the moment is queued, to be computed after both.
        """
        self.check_access("read")
        # These figures are computed, never typed: no one but this method may write them.
        accruals = self.sudo()
        in_turn = take_turn(accruals, is_written=True)
        in_turn._refresh_apart()
        # All others of them are written when they are stored.
        take_turn(in_turn.search([("id", "in", in_turn.ids), ("problem", "!=", False)]))
        in_turn.program_id._update_problem()
        self.env["rebate.queue"]._append_agreements((accruals - in_turn).exists().agreement_id)

    def _refresh(self):
        """Measure, decide and store."""
        results = self.env["rebate.calculation"]._calculate(self._windows(), forecast=True)
        computed = {}
        for accrual in self:
            if problem := accrual._find_problem(results[accrual.id]):
                trusted(accrual).problem = problem
            else:
                computed[accrual.id] = results[accrual.id]
        self._store(computed)
        self._update_state()
        self._tell_scope_changes()

    @api.model
    def _cron_refresh(self):
        """Once a day: begin new periods, close old ones, and compute every running accrual anew."""
        agreements = self.env["rebate.agreement"].search(
            [("state", "=", "active"), ("program_id.state", "=", "active")]
        )
        agreements._ensure_accruals()
        accruals = self.search(["|", ("state", "!=", "settled"), ("problem", "!=", False)])
        remaining = len(accruals)
        self.env["ir.cron"]._commit_progress(remaining=remaining)
        for batch in range(0, remaining, 1000):
            chunk = accruals[batch : batch + 1000]
            chunk.refresh()
            if not self.env["ir.cron"]._commit_progress(len(chunk)):
                return
        # Of which nothing is left to be refreshed.
        programs = self.env["rebate.program"].with_context(active_test=False)
        programs.search([("problem", "!=", False)])._update_problem()

    def _update_settled(self):
        """Take over what posted settlements paid, in one statement: for whoever posts a settlement
        or takes one back. Nothing else changes it, so nothing else writes these rows for it."""
        self.flush_model()
        self.env["rebate.settlement.line"].flush_model(["accrual_id", "amount", "state"])
        self.env.cr.execute(
            SQL(
                """
                UPDATE rebate_accrual accrual
                   SET settled_amount = paid.amount,
                       expired_amount = CASE WHEN accrual.expired_on IS NULL THEN 0
                           ELSE GREATEST(accrual.earned_amount - paid.amount, 0) END,
                       open_amount = CASE WHEN accrual.expired_on IS NULL
                           THEN accrual.earned_amount - paid.amount
                           ELSE LEAST(accrual.earned_amount - paid.amount, 0) END
                           - COALESCE(accrual.released_amount, 0)
                  FROM (SELECT id, COALESCE((SELECT SUM(line.amount)
                                               FROM rebate_settlement_line line
                                              WHERE line.accrual_id = rebate_accrual.id
                                                AND line.state IN ('posted', 'paid')), 0) AS amount
                          FROM rebate_accrual
                         WHERE id = ANY(%s)) paid
                 WHERE accrual.id = paid.id
                """,
                self.ids,
            )
        )
        self.invalidate_recordset(["settled_amount", "expired_amount", "open_amount"], flush=False)
        self.agreement_id.invalidate_recordset(["earned_amount", "settled_amount"], flush=False)
        self._update_state()

    def _update_state(self):
        """Move on with the calendar and with what was paid."""
        self.flush_model()
        moved = self.env.execute_query(
            SQL(
                """
                UPDATE rebate_accrual accrual
                   SET state = new.state
                  FROM (SELECT id,
                               CASE WHEN expired_on IS NOT NULL THEN 'expired'
                                    WHEN date_to >= %s THEN 'open'
                                    WHEN open_amount = 0 AND (settled_amount <> 0
                                         OR COALESCE(released_amount, 0) <> 0) THEN 'settled'
                                    ELSE 'closed' END AS state
                          FROM rebate_accrual
                         WHERE id = ANY(%s)) new
                 WHERE accrual.id = new.id AND accrual.state <> new.state
             RETURNING accrual.id
                """,
                fields.Date.context_today(self),
                self.ids,
            )
        )
        self.browse(accrual_id for (accrual_id,) in moved).invalidate_recordset(
            ["state"], flush=False
        )
