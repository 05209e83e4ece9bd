"""Whether a program's accruals can be posted at all, and if not, in a sentence, why not."""

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date


class RebateProgram(models.Model):
    _inherit = "rebate.program"

    def _check_bookable(self):
        """Refuse to post for programs that cannot be posted for.

        :raise UserError: naming each program, what it lacks and the remedy
        """
        if unbookable := self._unbookable():
            raise UserError("\n".join(dict.fromkeys(unbookable.values())))

    def _unbookable(self):
        """Find programs whose accruals cannot be posted.

        :return: by program, a sentence that says why
        """
        rated = self._rated_currencies()
        reasons = {
            program: program._missing_to_accrue()
            or program._unusable_message()
            or program._unconvertible_message(rated)
            for program in self
        }
        return {program: reason for program, reason in reasons.items() if reason}

    def _unusable_message(self):
        """Say which account or journal the program does not have, or not any more."""
        self.ensure_one()
        for name in ("expense_account_id", "liability_account_id", "accrual_journal_id"):
            record = self[name]
            if record and not record.active:
                return self.env._(
                    "Program “%(program)s” has “%(record)s” as its “%(field)s”, which is archived."
                    " Unarchive it, or choose another one on the tab “Accounting”.",
                    program=self.display_name,
                    field=self._fields[name]._description_string(self.env),
                    record=record.display_name,
                )
            # The liability may stand on an account that the program has left.
            if not record and name != "liability_account_id":
                return self.env._(
                    "Program “%(program)s” cannot post: its “%(field)s” is empty. Choose one on"
                    " the tab “Accounting”.",
                    program=self.display_name,
                    field=self._fields[name]._description_string(self.env),
                )
        return None

    def _rated_currencies(self):
        """Find the currencies that have an exchange rate, in one statement.

        :return: pairs of currency and company; rates of no company are everybody's
        """
        foreign = self.filtered(lambda program: program._is_foreign())
        if not foreign:
            return set()
        currencies = foreign.currency_id | foreign.company_id.currency_id
        # A branch may not read its parent's rates, by which it converts all the same.
        rates = self.env["res.currency.rate"].sudo()
        return {
            (currency.id, company.id)
            for currency, company in rates._read_group(
                [("currency_id", "in", currencies.ids)], ["currency_id", "company_id"]
            )
        }

    def _is_foreign(self):
        """Tell whether the program is in another currency than the books."""
        self.ensure_one()
        return self.currency_id != self.company_id.currency_id

    def _unconvertible_message(self, rated):
        """Say that amounts of the program cannot be converted to the books' currency.

        :param rated: see :meth:`_rated_currencies`
        """
        self.ensure_one()
        if not self._is_foreign():
            return None
        # Where one of the two has rates, the other may be what they are measured in.
        for currency in self.currency_id | self.company_id.currency_id:
            for company_id in (self.company_id.root_id.id, False):
                if (currency.id, company_id) in rated:
                    return None
        return self.env._(
            "Program “%(program)s” is in %(currency)s, but company “%(company)s” has no exchange"
            " rate of %(currency)s. Enter its rates under Accounting, Configuration, Currencies.",
            program=self.display_name,
            currency=self.currency_id.name,
            company=self.company_id.display_name,
        )

    def _accrued_after(self, day):
        """Find programs that a run has already accrued up to a later day. What was bought since
        would seem to be owed no more, and be reversed on a day when it was not in the books yet.

        :param day: the day of the run asked about
        :return: a sentence by program
        """
        self.env["account.move"].flush_model()
        self.env["account.move.line"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT accrual.program_id, MAX(move.rebate_accrued_until)
                  FROM account_move move
                  JOIN account_move_line line ON line.move_id = move.id
                  JOIN rebate_accrual accrual ON accrual.id = line.rebate_accrual_id
                 WHERE move.rebate_accrued_until > %s
                   AND move.state = 'posted'
                   AND accrual.program_id = ANY(%s)
                   AND NOT EXISTS (SELECT FROM account_move reversal
                                    WHERE reversal.reversed_entry_id = move.id
                                      AND reversal.state = 'posted')
              GROUP BY accrual.program_id
                """,
                day,
                self.ids,
            )
        )
        programs = {program.id: program for program in self}
        return {
            programs[program_id]: self.env._(
                "Program “%(program)s” is accrued up to %(later)s already. Choose this day or a"
                " later one, or reverse its entries since %(day)s first.",
                program=programs[program_id].display_name,
                later=format_date(self.env, later),
                day=format_date(self.env, day),
            )
            for program_id, later in rows
        }
