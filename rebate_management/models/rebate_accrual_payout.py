"""Taking the liability: payouts debit it, and what is never paid out is released from it."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import SQL, format_amount

from ..tools.trust import trusted


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
        """Accrue what accruals lack for a payout, so that it takes no more than is there, and take
        back what the books do not know yet that it is earned no more.

        :param amounts: by accrual, what is about to be paid, in the program's currency; negative
            where too much was paid before
        :param day: the date of the entries; where it is locked, the first open day
        :return: the posted entries, one a company and journal
        :raise UserError: when a program lacks an account, a journal or an exchange rate
        """
        accruals = (
            self.browse().union(*amounts).filtered(lambda accrual: accrual.program_id._accrues_on())
        )
        booked = accruals._booked()
        today = fields.Date.context_today(self)
        changes, changed = {}, self.browse()
        for accrual in accruals:
            account = accrual.program_id._accrues_on()
            part = booked.get(accrual, {}).get(account)
            missing = accrual.currency_id.round(amounts[accrual] - (part.amount if part else 0))
            sign = accrual.currency_id.compare_amounts(missing, 0)
            # Of a period that is over, what is more than is paid now may be earned no more.
            if amounts[accrual] < 0 or (sign < 0 and accrual.date_to < today):
                changed += accrual
            elif sign > 0 and amounts[accrual] > 0:
                changes[accrual] = {account: missing}
        corrections = changed._corrections_for_payout(amounts, booked)
        moves = self._book(changes, day, self.env._("Rebates not accrued before their payout"))
        return moves + self._book(
            corrections, day, self.env._("Rebates earned no more before their payout")
        )

    def _corrections_for_payout(self, amounts, booked):
        """Find by how much the books must change before a payout, so that afterwards they have what
        an accrual run would leave, which looks as far as the last one, or as far as anything was
        paid for.

        :param amounts: by accrual, what is about to be paid; where that is not negative, only
            periods that were accrued or paid for to their end change
        :param booked: see :meth:`_booked`
        :return: changes, see :meth:`_book`
        """
        if not self:
            return {}
        changes = {}
        until = self._booked_until()
        looked_at = self.filtered(
            lambda accrual: amounts[accrual] < 0 or until[accrual] >= accrual.date_to
        )
        for day, accruals in looked_at.grouped(until.get).items():
            earned, _problems = accruals._earned_up_to(day)
            for accrual in accruals:
                parts = booked.get(accrual, {})
                if accrual in earned:
                    owed = accrual._compare(earned[accrual], parts, amounts[accrual])
                    changes[accrual] = owed.changes
                    continue
                if amounts[accrual] >= 0:
                    continue
                # It cannot be computed: at least it leaves nothing of what it takes back.
                account = accrual.program_id._accrues_on()
                held = parts[account].amount if account in parts else 0
                surplus = accrual.currency_id.round(held - amounts[accrual])
                if surplus > 0:
                    changes[accrual] = {account: -surplus}
        return changes

    def _booked_until(self):
        """Tell up to which day the books have accruals: as far as an accrual run looked that
        stands, or as payouts paid for; in one statement.

        :return: a day by accrual
        """
        self.env.flush_all()
        rows = dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT accrual.id, GREATEST(
                               (SELECT MAX(move.rebate_accrued_until)
                                  FROM account_move_line item
                                  JOIN account_move move ON move.id = item.move_id
                                 WHERE item.rebate_accrual_id = accrual.id
                                   AND move.state = 'posted'
                                   AND NOT EXISTS (SELECT FROM account_move reversal
                                                    WHERE reversal.reversed_entry_id = move.id
                                                      AND reversal.state = 'posted')),
                               (SELECT MAX(COALESCE(line.date_until, accrual.date_to))
                                  FROM rebate_settlement_line line
                                 WHERE line.accrual_id = accrual.id
                                   AND line.state NOT IN ('rejected', 'cancelled')))
                      FROM rebate_accrual accrual
                     WHERE accrual.id = ANY(%s)
                    """,
                    self.ids,
                )
            )
        )
        return {accrual: rows[accrual.id] or accrual.date_to for accrual in self}

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

    @api.model
    def _set_released(self, changes):
        """Release accruals as too little to be paid, or owe them again, and take what is released
        back from the liability to the rebate account.

        :param changes: by accrual what is released of it in all, in the program's currency; 0 where
            all of it is owed
        """
        if not changes:
            return
        today = fields.Date.context_today(self)
        # Whoever may start a run releases by the terms; nobody types accruals or posts for it.
        accruals = trusted(self.sudo().browse(accrual.id for accrual in changes))
        for accrual, amount in zip(accruals, changes.values(), strict=True):
            accrual.write({"released_amount": amount, "released_on": bool(amount) and today})
            accrual.agreement_id._message_log(
                body=accrual.env._(
                    "%(period)s: %(amount)s released, less than the smallest payout and nothing can"
                    " follow",
                    period=accrual._format_period(),
                    amount=format_amount(accrual.env, amount, accrual.currency_id),
                )
                if amount
                else accrual.env._(
                    "%(period)s: what was released is owed again", period=accrual._format_period()
                )
            )
        accruals._update_state()
        booked = accruals._booked()
        entries = {}
        for accrual in accruals.filtered("released_amount"):
            earned = Decimal(str(accrual.earned_amount))
            accrues = accrual.program_id._accrues_on()
            owed = accrual._compare(earned if accrues else None, booked.get(accrual, {}))
            if owed.changes:
                entries[accrual] = owed.changes
        accruals._book(
            entries, today, self.env._("Rebates below the smallest payout that nothing follows")
        )
        accruals.browse(accrual.id for accrual in entries)._book_exchange_differences(today)
