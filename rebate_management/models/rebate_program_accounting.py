"""Into which journals and accounts a program posts."""

from odoo import Command, api, fields, models
from odoo.exceptions import ValidationError


class RebateProgram(models.Model):
    _name = "rebate.program"
    _inherit = ["rebate.program", "analytic.mixin"]

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
        help="Rebates are posted to this account: an expense, or a deduction from revenue.",
    )
    accrual_method = fields.Selection(
        [("none", "No accrual"), ("earned", "As earned"), ("expected", "As expected")],
        string="Accrue",
        default="none",
        required=True,
        tracking=True,
        help="As earned: the accrual run owes what is earned to date, at today's tier. As expected:"
        " it owes the rate that the whole period is foreseen to be paid at on what was bought so"
        " far. No accrual: rebates are an expense when they are paid.",
    )
    accrual_journal_id = fields.Many2one(
        "account.journal",
        domain="[('type', '=', 'general')]",
        compute="_compute_accrual_journal_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        help="Journal of the accrual entries.",
    )
    liability_account_id = fields.Many2one(
        "account.account",
        domain="[('account_type', 'in', ('liability_current', 'liability_non_current'))]",
        check_company=True,
        help="Holds what is owed until it is paid: accrual entries credit it, credit notes debit"
        " it.",
    )

    @api.depends("company_id")
    def _compute_expense_account_id(self):
        for program in self:
            program.expense_account_id = program.company_id.expense_account_id

    @api.depends("company_id")
    def _compute_accrual_journal_id(self):
        journals = self.env["account.journal"]
        for company, programs in self.grouped("company_id").items():
            programs.accrual_journal_id = journals.search(
                [
                    *journals._check_company_domain(company),
                    ("type", "=", "general"),
                    ("id", "!=", company.currency_exchange_journal_id.id),
                    ("id", "!=", company.tax_cash_basis_journal_id.id),
                ],
                limit=1,
            )

    @api.constrains(
        "state",
        "accrual_method",
        "accrual_journal_id",
        "liability_account_id",
        "expense_account_id",
    )
    def _check_accrual(self):
        for program in self:
            if (
                program.accrual_method != "none"
                and program.liability_account_id
                and program.liability_account_id == program.expense_account_id
            ):
                raise ValidationError(
                    self.env._(
                        "Program “%s” has the same account for the rebate and for the liability,"
                        " so its accruals would come to nothing. Choose two accounts on the tab"
                        " “Accounting”.",
                        program.display_name,
                    )
                )
            if program.state == "active" and (missing := program._missing_to_accrue()):
                raise ValidationError(missing)

    def _accrues_on(self):
        """The account on which the program's liability is to stand; empty where it accrues
        nothing."""
        self.ensure_one()
        if self.accrual_method == "none":
            return self.env["account.account"]
        return self.liability_account_id

    def _missing_to_accrue(self):
        """Say what a program lacks to accrue, or nothing."""
        self.ensure_one()
        if self.accrual_method == "none":
            return None
        for name in ("liability_account_id", "accrual_journal_id"):
            if not self[name]:
                return self.env._(
                    "Program “%(program)s” is to accrue, but its “%(field)s” is empty. Choose one"
                    " on the tab “Accounting”, or choose not to accrue.",
                    program=self.display_name,
                    field=self._fields[name]._description_string(self.env),
                )
        return None

    def _prepare_rebate_expense_vals(self, partner, amount, value):
        """Values of a journal item on the rebate account.

        :param amount: in the program's currency, positive where rebates cost
        :param value: the same in the books
        """
        self.ensure_one()
        vals = {
            "name": self.env._("Rebates %s", self.name),
            "account_id": self.expense_account_id.id,
            "partner_id": partner.id,
            "currency_id": self.currency_id.id,
            "amount_currency": amount,
            "balance": value,
            "tax_ids": [Command.clear()],
        }
        # Where the program has none, the company's own distribution rules apply.
        if self.analytic_distribution:
            vals["analytic_distribution"] = self.analytic_distribution
        return vals
