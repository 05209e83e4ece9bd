"""Taking the liability: payouts debit it, and what is never paid out is released from it."""

from odoo import api, models


class RebateAccrual(models.Model):
    _inherit = "rebate.accrual"

    def _payout_account(self):
        """The account that a payout debits: the liability where the program accrues, otherwise
        the rebate account."""
        self.ensure_one()
        program = self.program_id
        return program._accrues_on() or program.expense_account_id

    def _prepare_payout_line_vals(self):
        """Values that every line of a document that pays this accrual has, whatever its amount and
        its taxes: where it is booked, and that it takes from this accrual's liability."""
        self.ensure_one()
        program = self.program_id
        account = self._payout_account()
        if account == program._accrues_on():
            # The accrual was analysed when it became an expense.
            return {
                "account_id": account.id,
                "rebate_accrual_id": self.id,
                "analytic_distribution": False,
            }
        vals = {"account_id": account.id}
        if program.analytic_distribution:
            vals["analytic_distribution"] = program.analytic_distribution
        return vals

    @api.model
    def _accrue_for_payout(self, amounts, day):
        """Accrue what accruals lack for a payout, so that it takes no more than is there.

        :param amounts: by accrual, what is about to be paid, in the program's currency
        :param day: the date of the entries; where it is locked, the first open day
        :return: the posted entries, one a company and journal
        :raise UserError: when a program lacks an account, a journal or an exchange rate
        """
        accruals = (
            self.browse().union(*amounts).filtered(lambda accrual: accrual.program_id._accrues_on())
        )
        booked = accruals._booked()
        changes = {}
        for accrual in accruals:
            account = accrual.program_id._accrues_on()
            part = booked.get(accrual, {}).get(account)
            missing = accrual.currency_id.round(amounts[accrual] - (part.amount if part else 0))
            if accrual.currency_id.compare_amounts(missing, 0) > 0 and amounts[accrual] > 0:
                changes[accrual] = {account: missing}
        return self._book(changes, day, self.env._("Rebates not accrued before their payout"))

    @api.model
    def _release(self, amounts, day, reason):
        """Take liability back to the rebate account, at most what is there.

        :param amounts: by accrual, what will not be paid, in the program's currency
        :param day: the date of the entries; where it is locked, the first open day
        :param reason: what the entries are, for their reference
        :return: the posted entries, one a company and journal
        :raise UserError: when a program lacks an account, a journal or an exchange rate
        """
        changes = {}
        for accrual, accounts in self.browse().union(*amounts)._booked().items():
            left = amounts[accrual]
            for account, part in accounts.items():
                taken = accrual.currency_id.round(max(min(left, part.amount), 0))
                if taken:
                    changes.setdefault(accrual, {})[account] = -taken
                    left -= taken
        moves = self._book(changes, day, reason)
        return moves + self.browse().union(*changes)._book_exchange_differences(day)
