"""Whether the books agree with the accruals: what the liability accounts hold, by program and
distributor, beside what the accruals have, and the items that explain a difference."""

from itertools import islice

from odoo import fields, models
from odoo.tools import SQL, format_amount, format_list

from .liability_items import liability_items, manual_items

# So many items are named, of however many.
NAMED = 5


class RebateLiability(models.Model):
    _name = "rebate.liability"
    _description = "Reconciliation of Rebate Liabilities"
    _auto = False
    _order = "company_id, program_id, partner_id, id"
    _depends = {
        "account.move.line": [
            *("account_id", "amount_currency", "balance", "company_id", "currency_id"),
            *("parent_state", "partner_id", "rebate_accrual_id"),
        ],
        "rebate.accrual": [
            *("accrued_amount", "company_id", "currency_id", "partner_id", "program_id"),
        ],
        "rebate.program": ["company_id", "liability_account_id"],
        "res.partner": ["commercial_partner_id"],
    }

    company_id = fields.Many2one("res.company", readonly=True)
    program_id = fields.Many2one("rebate.program", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Distributor", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    account_amount = fields.Monetary(
        string="On the Account",
        readonly=True,
        help="What posted journal items on the liability account add up to.",
    )
    account_value = fields.Monetary(
        string="Book Value",
        readonly=True,
        currency_field="company_currency_id",
        help="The same in the currency of the company.",
    )
    accrued_amount = fields.Monetary(
        string="Accrued", readonly=True, help="The liability that the accruals have."
    )
    difference = fields.Monetary(
        readonly=True, help="Zero, or what journal items explain that are of no accrual."
    )
    manual_count = fields.Integer(
        string="Manual Items",
        compute="_compute_manual",
        help="Posted journal items on the liability account that are of no accrual.",
    )
    explanation = fields.Char(string="Explained By", compute="_compute_manual")

    def _compute_manual(self):
        manual = manual_items(self)
        for row in self:
            items = manual[row]
            named = [row._name_item(item) for item in islice(items, NAMED)]
            if len(items) > NAMED:
                named.append(self.env._("%s more", len(items) - NAMED))
            row.manual_count = len(items)
            row.explanation = format_list(self.env, named)

    @property
    def _table_query(self):
        return SQL(
            """
            %s,
            total AS (
                SELECT company_id, program_id, partner_id, currency_id, amount, value, 0 AS accrued
                  FROM item
             UNION ALL
                SELECT company_id, program_id, partner_id, currency_id, 0, 0, accrued_amount
                  FROM rebate_accrual
                 WHERE accrued_amount <> 0
            )
            SELECT ROW_NUMBER() OVER (
                       ORDER BY company_id, program_id, partner_id, currency_id
                   ) AS id,
                   company_id, program_id, partner_id, currency_id,
                   SUM(amount) AS account_amount,
                   SUM(value) AS account_value,
                   SUM(accrued) AS accrued_amount,
                   SUM(amount) - SUM(accrued) AS difference
              FROM total
          GROUP BY company_id, program_id, partner_id, currency_id
            HAVING SUM(amount) <> 0 OR SUM(value) <> 0 OR SUM(accrued) <> 0
            """,
            liability_items(),
        )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_view_manual_items(self):
        """Open the journal items that are of no accrual."""
        items = self.env["account.move.line"].union(*manual_items(self).values())
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Manual Items"),
            "res_model": "account.move.line",
            "view_mode": "list,form",
            "domain": [("id", "in", items.ids)],
            "context": {"create": False},
        }

    def action_view_accruals(self):
        """Open the accruals of the program and distributor."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "rebate_management.rebate_accrual_action"
        )
        return action | {
            "domain": [
                ("program_id", "in", self.program_id.ids),
                ("partner_id", "in", self.partner_id.ids),
            ],
            "context": {},
        }

    def _name_item(self, line):
        amount = format_amount(self.env, -line.amount_currency, line.currency_id)
        return f"{line.move_name} ({amount})"
