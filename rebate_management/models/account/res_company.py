"""What a company decides once for all its rebates, where it books exchange differences, and when
its years end."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...tools.acting import acting
from .rebate_accounts import GRANTED, OWED, TYPES, add_account, find_account

# What a branch begins with as its parent company has it.
SHARED = (
    *(GRANTED, OWED, "rebate_payout_journal_id", "rebate_accrual_journal_id"),
    *("rebate_accrual_method", "rebate_tax_policy", "rebate_payout_product_id"),
    *("rebate_claim_reminder_days", "rebate_claim_last_reminder_days"),
    *("rebate_watch_digest", "rebate_near_percent", "rebate_quotation_print"),
)
LONGEST = 3650


class ResCompany(models.Model):
    _inherit = "res.company"

    rebate_expense_account_id = fields.Many2one(
        "account.account",
        string="Rebate Account",
        check_company=True,
        domain=[("account_type", "in", TYPES[GRANTED])],
        help="New programs post rebates to this account: a deduction from revenue, or an expense.",
    )
    rebate_liability_account_id = fields.Many2one(
        "account.account",
        check_company=True,
        domain=[("account_type", "in", TYPES[OWED])],
        help="New programs keep on this account what is owed to customers until it is paid.",
    )
    rebate_payout_journal_id = fields.Many2one(
        "account.journal",
        check_company=True,
        domain=[("type", "=", "sale")],
        help="Journal of the credit notes of new programs. Empty: the company's first sales"
        " journal.",
    )
    rebate_accrual_journal_id = fields.Many2one(
        "account.journal",
        check_company=True,
        domain=[("type", "=", "general")],
        help="Journal of the accrual entries of new programs. Empty: the company's first"
        " miscellaneous journal.",
    )
    rebate_accrual_method = fields.Selection(
        [("none", "No accrual"), ("earned", "As earned"), ("expected", "As expected")],
        string="Accrue Rebates",
        default="earned",
        required=True,
        help="How new programs put into the books what is owed but not paid yet. As earned: at"
        " the tier reached today. As expected: at the rate that the whole period is foreseen to be"
        " paid at. No accrual: rebates are an expense when they are paid.",
    )
    rebate_tax_policy = fields.Selection(
        [
            ("none", "No tax"),
            ("product", "Taxes of the payout product"),
            ("origin", "Taxes of the invoices"),
        ],
        string="Taxes of Rebates",
        default="origin",
        required=True,
        help="Which taxes the credit notes of new programs correct. Taxes of the invoices: the"
        " rebate lowers the price of what was bought, and so its taxes, each at its own rate.",
    )
    rebate_payout_product_id = fields.Many2one(
        "product.product",
        string="Rebate Product",
        check_company=True,
        domain=[("type", "=", "service")],
        help="Stands on the lines of the credit notes of new programs, and may bring its taxes.",
    )
    rebate_claim_reminder_days = fields.Integer(
        string="First Claim Reminder (Days)",
        default=30,
        help="So many days before rebates can no longer be claimed, distributors are reminded.",
    )
    rebate_claim_last_reminder_days = fields.Integer(
        string="Last Claim Reminder (Days)",
        default=7,
        help="So many days before rebates can no longer be claimed, distributors are reminded"
        " again.",
    )
    rebate_watch_digest = fields.Boolean(
        string="Weekly Rebate Digest",
        default=True,
        help="Salespeople receive each week which of their customers are near a tier, or about to"
        " fall below the one they have.",
    )
    rebate_near_percent = fields.Float(
        string="Near a Tier (%)",
        default=10,
        help="A customer is near a tier when so much of its threshold, in percent, or less is"
        " missing.",
    )
    rebate_quotation_print = fields.Boolean(
        string="Expected Rebate on Quotations",
        help="Printed quotations tell the customer what the order earns in rebates.",
    )

    @api.constrains("rebate_claim_reminder_days", "rebate_claim_last_reminder_days")
    def _check_rebate_reminders(self):
        for company in self:
            first, last = (
                company.rebate_claim_reminder_days,
                company.rebate_claim_last_reminder_days,
            )
            if not LONGEST >= first >= last >= 1:
                raise ValidationError(
                    self.env._(
                        "Company “%(company)s” reminds of claims %(first)s and %(last)s days before"
                        " their deadline. Enter 1 to %(longest)s days, the first reminder not later"
                        " than the last.",
                        company=company.name,
                        first=first,
                        last=last,
                        longest=LONGEST,
                    )
                )

    @api.constrains("rebate_near_percent")
    def _check_rebate_near_percent(self):
        for company in self:
            if not 0 <= company.rebate_near_percent <= 100:
                raise ValidationError(
                    self.env._(
                        "Company “%s” has “Near a Tier” out of range. Enter 0 to 100 percent.",
                        company.name,
                    )
                )

    @api.constrains("rebate_tax_policy", "rebate_payout_product_id")
    def _check_rebate_tax_policy(self):
        for company in self:
            if company.rebate_tax_policy == "product" and not company.rebate_payout_product_id:
                raise ValidationError(
                    self.env._(
                        "Company “%s” takes the taxes of rebates from its rebate product, but has"
                        " none. Choose a product, or other taxes.",
                        company.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        """A branch begins with the settings of its parent company."""
        for vals in vals_list:
            if parent_id := vals.get("parent_id"):
                # Whoever adds a branch may not work in the company above.
                parent = self.browse(parent_id).sudo()
                for name in SHARED:
                    field = self._fields[name]
                    vals.setdefault(name, field.convert_to_write(parent[name], parent))
        return super().create(vals_list)

    def write(self, vals):
        """Cut the periods that are not paid anew when a fiscal year ends on another day."""
        result = super().write(vals)
        if {"fiscalyear_last_day", "fiscalyear_last_month"} & vals.keys():
            # Whoever sets the fiscal year need not see rebates.
            agreements = self.env["rebate.agreement"].sudo()
            agreements = agreements.search(
                [("company_id", "child_of", self.ids), ("state", "!=", "draft")]
            )
            self.env["rebate.queue"]._append_agreements(agreements)
        return result

    @acting()
    def action_rebate_settings_reviewed(self):
        """Say that the settings are as they should be; whoever may not change them sees them."""
        self.ensure_one()
        self.env["rebate.settlement"]._require_group("rebate_management.group_rebate_manager")
        self.env["onboarding.onboarding.step"].with_company(self)._rebate_settings_reviewed()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    # ------------------------------------------------------------------
    # Accounts and journals of new programs
    # ------------------------------------------------------------------

    def _rebate_account(self, name):
        """The account that new programs take: the one that was set, or else the one of the chart
        that is meant for rebates.

        :param name: the setting, ``rebate_expense_account_id`` or ``rebate_liability_account_id``
        """
        if not self:
            return self.env["account.account"]
        self.ensure_one()
        # Settings of a parent company, which a branch's user may not read, hold for it too.
        return self.sudo()[name].sudo(False) or find_account(self, name)

    def _rebate_set_accounts(self, names=(GRANTED, OWED), add=False):
        """Set the accounts that are not set yet.

        :param names: the settings to fill
        :param add: whether to add accounts to the chart where it has none for rebates
        :return: the accounts that were added
        """
        added = self.env["account.account"]
        for company in self:
            for name in names:
                account = company._rebate_account(name)
                if not account and add:
                    account = add_account(company, name)
                    added += account
                # What is proposed to all is set by whoever starts the first program.
                settings = company.sudo()
                if account and not settings[name]:
                    settings[name] = account
        return added

    def _rebate_accrual_journal(self):
        """The journal in which new programs accrue: the one that was set, or else the first that is
        not for anything else."""
        self.ensure_one()
        # As in _rebate_account.
        company = self.sudo()
        journals = company.env["account.journal"]
        return (
            company.rebate_accrual_journal_id
            or journals.search(
                [
                    *journals._check_company_domain(self),
                    ("type", "=", "general"),
                    ("id", "!=", company.currency_exchange_journal_id.id),
                    ("id", "!=", company.tax_cash_basis_journal_id.id),
                ],
                limit=1,
            )
        ).sudo(False)

    def _rebate_reminders(self):
        """How many days before the deadline distributors are reminded to claim, the first first."""
        self.ensure_one()
        # As in _rebate_account.
        company = self.sudo()
        return company.rebate_claim_reminder_days, company.rebate_claim_last_reminder_days

    def _rebate_exchange(self):
        """The journal, gain account and loss account of exchange differences, or nothing where
        one of them is missing."""
        self.ensure_one()
        # Settings of a parent company, which a branch's accountant may not read, hold for it too.
        company = self.sudo()
        setting = (
            company.currency_exchange_journal_id,
            company.income_currency_exchange_account_id,
            company.expense_currency_exchange_account_id,
        )
        return setting if all(setting) else None
