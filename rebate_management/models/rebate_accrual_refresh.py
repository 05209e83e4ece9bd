"""Bringing accruals up to date: measured and decided all at once, and only what changed stored."""

from odoo import api, fields, models
from odoo.tools import SQL


class RebateAccrual(models.Model):
    _inherit = "rebate.accrual"

    def refresh(self):
        """Compute what was bought and earned from the invoices posted so far, all accruals in
        one measurement, and store what changed.

        An accrual that cannot be computed keeps its figures and says why in ``problem``.
        """
        self.check_access("read")
        # These figures are computed, never typed: no one but this method may write them.
        accruals = self.sudo().exists()
        results = accruals.env["rebate.calculation"]._calculate(accruals._windows(), forecast=True)
        computed = {}
        for accrual in accruals:
            result = results[accrual.id]
            if result.unconverted:
                accrual.problem = accrual._no_rate_message()
            elif result.unmeasured:
                accrual.problem = accrual._no_unit_message()
            else:
                computed[accrual.id] = result
        accruals._store(computed)
        accruals._update_state()

    @api.model
    def _cron_refresh(self):
        """Once a day: begin new periods, close old ones, and compute every running accrual anew."""
        agreements = self.env["rebate.agreement"].search(
            [("state", "=", "active"), ("program_id.state", "=", "active")]
        )
        agreements._ensure_accruals()
        accruals = self.search([("state", "!=", "settled")])
        remaining = len(accruals)
        self.env["ir.cron"]._commit_progress(remaining=remaining)
        for batch in range(0, remaining, 1000):
            chunk = accruals[batch : batch + 1000]
            chunk.refresh()
            if not self.env["ir.cron"]._commit_progress(len(chunk)):
                break

    def _update_state(self):
        """Move on with the calendar and with what was paid."""
        self.flush_model()
        moved = self.env.execute_query(
            SQL(
                """
                UPDATE rebate_accrual accrual
                   SET state = new.state
                  FROM (SELECT id,
                               CASE WHEN date_to >= %s THEN 'open'
                                    WHEN settled_amount <> 0 AND open_amount = 0 THEN 'settled'
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

    def _no_rate_message(self):
        self.ensure_one()
        return self.env._(
            "Program “%(program)s” is in %(currency)s, but no exchange rate of %(currency)s is"
            " known for invoices in another currency. Enter its rates under Accounting,"
            " Configuration, Currencies; until then the figures stay as they were.",
            program=self.program_id.display_name,
            currency=self.currency_id.name,
        )

    def _no_unit_message(self):
        self.ensure_one()
        return self.env._(
            "Program “%(program)s” counts in %(unit)s, but some invoice lines are in a unit of"
            " measure that cannot be converted to it, or in none. Correct the units of the products"
            " or limit the rules to products that convert; until then the figures stay as they"
            " were.",
            program=self.program_id.display_name,
            unit=self.program_id.uom_id.name,
        )
