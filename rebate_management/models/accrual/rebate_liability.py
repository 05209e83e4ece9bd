"""Whether the books agree with the accruals, now or as of a day: what the liability accounts hold,
by account, program and distributor, beside what the accruals have, and the items that explain a
difference."""

from itertools import islice

from odoo import api, fields, models
from odoo.tools import SQL, format_amount, format_list

from ...reports.liability_workbook import write_workbook
from ...tools.currencies import to_company_currency
from .liability_items import find_items, liability_items

# So many items are named, of however many.
NAMED = 5


class RebateLiability(models.Model):
    _name = "rebate.liability"
    _description = "Reconciliation of Rebate Liabilities"
    _auto = False
    _order = "company_id, account_id, program_id, partner_id, id"
    _depends = {
        "account.move.line": [
            *("account_id", "amount_currency", "balance", "company_id", "currency_id"),
            *("date", "parent_state", "partner_id", "rebate_accrual_id"),
        ],
        "rebate.accrual": [
            *("accrued_amount", "company_id", "currency_id", "partner_id", "program_id"),
        ],
        "rebate.program": ["company_id", "liability_account_id"],
        "res.partner": ["commercial_partner_id"],
    }

    company_id = fields.Many2one("res.company", readonly=True)
    account_id = fields.Many2one("account.account", readonly=True)
    program_id = fields.Many2one("rebate.program", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Distributor", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    account_amount = fields.Monetary(
        string="On Account",
        readonly=True,
        # Amounts of different currencies do not add up.
        aggregator=None,
        help="What posted journal items on the liability account add up to.",
    )
    account_value = fields.Monetary(
        string="Book Value",
        readonly=True,
        currency_field="company_currency_id",
        help="The same in the currency of the company.",
    )
    accrued_amount = fields.Monetary(
        string="Accrued",
        readonly=True,
        aggregator=None,
        help="The liability that the accruals have.",
    )
    accrued_value = fields.Monetary(
        readonly=True,
        currency_field="company_currency_id",
        help="What the journal items of the accruals add up to, in the currency of the company.",
    )
    difference = fields.Monetary(
        string="Difference in Currency",
        readonly=True,
        aggregator=None,
        help="Zero, or what journal items explain that are of no accrual.",
    )
    difference_value = fields.Monetary(
        string="Difference",
        readonly=True,
        currency_field="company_currency_id",
        help="Zero, or what journal items explain that are of no accrual, in the currency of the"
        " company.",
    )
    manual_count = fields.Integer(
        string="Manual Items",
        compute="_compute_manual",
        help="Posted journal items on the liability account that are of no accrual.",
    )
    explanation = fields.Char(string="Explained By", compute="_compute_manual")

    def _compute_manual(self):
        manual = find_items(self, self._day(), is_manual=True)
        for row in self:
            items = manual[row]
            named = [row._name_item(item) for item in islice(items, NAMED)]
            if len(items) > NAMED:
                named.append(self.env._("%s more", len(items) - NAMED))
            row.manual_count = len(items)
            row.explanation = format_list(self.env, named)

    @property
    def _table_query(self):
        """What the accruals have as of a day is what they have now less what was posted for them
        since; so an accrual that says something else than its journal items shows as a difference
        on any day."""
        day = self._day()
        return SQL(
            """
            %(items)s,
            posted AS (
                SELECT rebate_accrual_id, -SUM(amount_currency) AS amount
                  FROM account_move_line
                 WHERE rebate_accrual_id IS NOT NULL AND parent_state = 'posted'
              GROUP BY rebate_accrual_id
            ),
            total AS (
                SELECT company_id, account_id, program_id, partner_id, currency_id, amount, value,
                       CASE WHEN rebate_accrual_id IS NOT NULL THEN amount ELSE 0 END AS accrued,
                       CASE WHEN rebate_accrual_id IS NOT NULL THEN value ELSE 0 END
                           AS accrued_value
                  FROM item
             UNION ALL
                SELECT accrual.company_id, program.liability_account_id, accrual.program_id,
                       accrual.partner_id, accrual.currency_id, 0, 0,
                       COALESCE(accrual.accrued_amount, 0) - COALESCE(posted.amount, 0),
                       (COALESCE(accrual.accrued_amount, 0) - COALESCE(posted.amount, 0))
                           * %(rate)s
                  FROM rebate_accrual accrual
                  JOIN rebate_program program ON program.id = accrual.program_id
             LEFT JOIN posted ON posted.rebate_accrual_id = accrual.id
                 WHERE COALESCE(accrual.accrued_amount, 0) <> COALESCE(posted.amount, 0)
            )
            SELECT ROW_NUMBER() OVER (
                       ORDER BY company_id, account_id, program_id, partner_id, currency_id
                   ) AS id,
                   company_id, account_id, program_id, partner_id, currency_id,
                   SUM(amount) AS account_amount,
                   SUM(value) AS account_value,
                   SUM(accrued) AS accrued_amount,
                   SUM(accrued_value) AS accrued_value,
                   SUM(amount) - SUM(accrued) AS difference,
                   SUM(value) - SUM(accrued_value) AS difference_value
              FROM total
          GROUP BY company_id, account_id, program_id, partner_id, currency_id
            HAVING SUM(amount) <> 0 OR SUM(value) <> 0 OR SUM(accrued) <> 0
            """,
            items=liability_items(day),
            rate=to_company_currency("accrual", SQL("%s", day or fields.Date.context_today(self))),
        )

    @api.model
    def _day(self):
        """The day as of which the books are read; None: all that is posted."""
        return fields.Date.to_date(self.env.context.get("rebate_liability_day") or None)

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_view_items(self):
        """Open all journal items of the rows, up to the day."""
        return self._open_items(self.env._("Journal Items"), find_items(self, self._day()))

    def action_view_manual_items(self):
        """Open the journal items that are of no accrual."""
        return self._open_items(
            self.env._("Manual Items"), find_items(self, self._day(), is_manual=True)
        )

    def _open_items(self, name, items):
        items = self.env["account.move.line"].union(*items.values())
        return {
            "type": "ir.actions.act_window",
            "name": name,
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

    @api.model
    def action_download_workbook(self):
        """Download the reconciliation as a workbook."""
        companies = ",".join(map(str, self.env.companies.ids))
        day = self._day()
        return {
            "type": "ir.actions.act_url",
            "url": f"/rebate/liability/workbook?companies={companies}"
            + (f"&day={day}" if day else ""),
            "target": "download",
        }

    # ------------------------------------------------------------------
    # The workbook
    # ------------------------------------------------------------------

    def _rebate_workbook_name(self):
        """The name of the workbook's file."""
        day = self._day() or fields.Date.context_today(self)
        return self.env._("Rebate liability %s", day) + ".xlsx"

    def _write_rebate_workbook(self, file):
        """Write the workbook, see :func:`write_workbook`."""
        write_workbook(self, self._day(), file)

    def _name_item(self, line):
        amount = format_amount(self.env, -line.amount_currency, line.currency_id)
        return f"{line.move_name} ({amount})"
