"""What keeps a settlement from being posted, each told in a sentence with its remedy."""

from odoo import models
from odoo.exceptions import UserError


class RebateSettlement(models.Model):
    _inherit = "rebate.settlement"

    def _check_postable(self):
        """Refuse to post what would fail half-way, or be booked wrongly.

        :raise UserError: naming the first settlement that cannot be posted, and what to do
        """
        without_rate = self._currencies_without_rate()
        for settlement in self:
            for problem in (
                settlement._journal_problem(),
                settlement._account_problem(),
                settlement._partner_problem(),
                settlement._currency_problem(without_rate),
                settlement._payout_problem(),
            ):
                if problem:
                    raise UserError(
                        self.env._(
                            "Settlement %(name)s cannot be posted. %(problem)s",
                            name=settlement.name,
                            problem=problem,
                        )
                    )

    def _journal_problem(self):
        journal = self.journal_id
        if not journal.active:
            return self.env._(
                "Its journal “%s” is archived. Unarchive the journal, or choose another one on the"
                " program, cancel the settlement and run it again.",
                journal.display_name,
            )
        kind = "purchase" if self._document_type() == "in_invoice" else "sale"
        if journal.type != kind:
            return self.env._(
                "Its journal “%(journal)s” is not of type %(kind)s, which its document needs."
                " Cancel the settlement and run it again.",
                journal=journal.display_name,
                kind=self.line_ids.program_id[:1]._journal_kind(kind),
            )
        return None

    def _account_problem(self):
        for program in self.line_ids.program_id:
            account = program.expense_account_id
            if not account:
                return self.env._(
                    "Program “%s” has no rebate account. Choose one on its tab “Accounting”.",
                    program.display_name,
                )
            if not account.active:
                return self.env._(
                    "The rebate account “%(account)s” of program “%(program)s” is archived. Choose"
                    " another one on the tab “Accounting” of the program, or unarchive it.",
                    account=account.display_name,
                    program=program.display_name,
                )
            liability = program._accrues_on()
            if liability and not liability.active:
                return self.env._(
                    "The liability account “%(account)s” of program “%(program)s” is archived."
                    " Choose another one on the tab “Accounting” of the program, or unarchive it.",
                    account=liability.display_name,
                    program=program.display_name,
                )
        return None

    def _partner_problem(self):
        partner = self.partner_id.with_company(self.company_id)
        name = (
            "property_account_payable_id"
            if self._document_type() == "in_invoice"
            else "property_account_receivable_id"
        )
        account = partner[name]
        if account and account.active:
            return None
        label = partner._fields[name]._description_string(self.env)
        if account:
            return self.env._(
                "“%(field)s” of partner “%(partner)s”, %(account)s, is archived. Choose another"
                " account on the partner's tab “Accounting”.",
                field=label,
                partner=partner.display_name,
                account=account.display_name,
            )
        return self.env._(
            "Partner “%(partner)s” has no “%(field)s” in company “%(company)s”. Choose one on the"
            " partner's tab “Accounting”.",
            partner=partner.display_name,
            field=label,
            company=self.company_id.display_name,
        )

    def _currencies_without_rate(self):
        """Find, in one query, who pays in a foreign currency that has no exchange rate.

        :return: a set of ``(company, currency)``
        """
        pairs = {
            (settlement.company_id, settlement.currency_id)
            for settlement in self
            if settlement.currency_id != settlement.company_id.currency_id
        }
        if not pairs:
            return pairs
        # Rates are kept by the root company, which the poster need not be allowed to enter.
        rates = self.env["res.currency.rate"].sudo()
        known = rates._read_group(
            [("currency_id", "in", [currency.id for _company, currency in pairs])],
            ["company_id", "currency_id"],
        )
        known = {(company.id, currency.id) for company, currency in known}
        return {
            (company, currency)
            for company, currency in pairs
            # As above.
            if (company.sudo().root_id.id, currency.id) not in known
            and (False, currency.id) not in known
        }

    def _currency_problem(self, without_rate):
        if (self.company_id, self.currency_id) not in without_rate:
            return None
        return self.env._(
            "There is no exchange rate between %(currency)s and %(books)s. Enter one under"
            " Accounting › Configuration › Currencies.",
            currency=self.currency_id.name,
            books=self.company_id.currency_id.name,
        )

    def _payout_problem(self):
        paid = self._paid_lines()
        for accrual in paid.accrual_id:
            if accrual._awaits_claim():
                return self.env._(
                    "“%s” was not claimed, and its program pays only what was. Record the claim on"
                    " the accrual first.",
                    accrual.display_name,
                )
        for program in self.line_ids.program_id:
            if program.tax_policy == "product" and not program.payout_product_id:
                return self.env._(
                    "Program “%s” takes the taxes of its payout product, but has none. Choose a"
                    " product on its tab “Payout”.",
                    program.display_name,
                )
        if len(set(paid.program_id.mapped("payout_method"))) > 1:
            return self.env._(
                "It pays programs by credit note and by vendor bill. Cancel it and run it again:"
                " there will be one for each."
            )
        return None
