"""Into which journals and accounts a program posts."""

from odoo import api, fields, models


class RebateProgram(models.Model):
    _inherit = "rebate.program"

    journal_id = fields.Many2one(
        "account.journal",
        string="Credit Note Journal",
        domain="[('type', '=', 'sale')]",
        check_company=True,
        help="Journal of the credit notes. Empty: the company's first sales journal.",
    )
    expense_account_id = fields.Many2one(
        "account.account",
        string="Rebate Account",
        domain="[('account_type', 'in', ('expense', 'expense_direct_cost', 'income',"
        " 'income_other'))]",
        compute="_compute_expense_account_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        help="Credit notes are posted to this account: an expense, or a deduction from revenue.",
    )

    @api.depends("company_id")
    def _compute_expense_account_id(self):
        for program in self:
            program.expense_account_id = program.company_id.expense_account_id
