"""What accruals have in the books: the posted journal items that carry their name."""

from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class Booked(NamedTuple):
    """The liability of one accrual on one account: ``amount`` in the program's currency, ``value``
    in the company's; ``accrued`` is the amount without what payouts took."""

    amount: float
    value: float
    accrued: float


class RebateAccrual(models.Model):
    _inherit = "rebate.accrual"

    move_line_ids = fields.One2many(
        "account.move.line", "rebate_accrual_id", string="Journal Items", readonly=True
    )
    accrued_amount = fields.Monetary(
        string="In the Books",
        compute="_compute_accrued_amount",
        store=True,
        help="The liability in the books: accrual entries less what payouts and expiry took.",
    )

    @api.depends("move_line_ids.amount_currency", "move_line_ids.parent_state")
    def _compute_accrued_amount(self):
        totals = dict(
            self.env["account.move.line"]._read_group(
                [("rebate_accrual_id", "in", self.ids), ("parent_state", "=", "posted")],
                ["rebate_accrual_id"],
                ["amount_currency:sum"],
            )
        )
        for accrual in self:
            accrual.accrued_amount = -totals.get(accrual, 0)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_booked(self):
        for accrual in self:
            if accrual.move_line_ids:
                raise UserError(
                    self.env._(
                        "Accrual “%s” has journal entries and cannot be deleted. The next accrual"
                        " run reverses what is no longer owed.",
                        accrual.display_name,
                    )
                )

    def action_view_moves(self):
        """Show the entries that raised or lowered the liability."""
        return self.move_line_ids.move_id._view_rebate_entries(self.env._("Journal Entries"))

    def _booked(self):
        """Read the liability in the books, in one statement.

        :return: by accrual that has posted journal items, by account: :class:`Booked`
        """
        lines = self.env["account.move.line"]
        lines.flush_model()
        self.env["account.move"].flush_model(["rebate_settlement_id"])
        booked = {}
        rows = self.env.execute_query(
            SQL(
                """
                SELECT line.rebate_accrual_id, line.account_id,
                       -SUM(line.amount_currency), -SUM(line.balance),
                       -COALESCE(SUM(line.amount_currency)
                                     FILTER (WHERE move.rebate_settlement_id IS NULL), 0)
                  FROM account_move_line line
                  JOIN account_move move ON move.id = line.move_id
                 WHERE line.rebate_accrual_id = ANY(%s) AND line.parent_state = 'posted'
              GROUP BY line.rebate_accrual_id, line.account_id
              ORDER BY line.rebate_accrual_id, line.account_id
                """,
                self.ids,
            )
        )
        for accrual_id, account_id, *sums in rows:
            accrual = self.browse(accrual_id).with_prefetch(self._prefetch_ids)
            account = self.env["account.account"].browse(account_id)
            booked.setdefault(accrual, {})[account] = Booked(*(float(total) for total in sums))
        return booked
