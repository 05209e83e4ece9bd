"""Accruals that cannot be computed: each says why, and stops no other program's."""

import logging

from psycopg2 import DataError

from odoo import models
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)

# What terms can bring about that were sound when they were saved: a filter over a field that is
# gone, a unit without content.
BAD_TERMS = (ArithmeticError, DataError, UserError, ValueError)


class RebateAccrual(models.Model):
    _inherit = "rebate.accrual"

    def _refresh_apart(self):
        """Refresh all at once; should one program fail, each program by itself."""
        try:
            with self.env.cr.savepoint():
                self._refresh()
        except BAD_TERMS as error:
            programs = self.grouped("program_id")
            if len(programs) > 1:
                for accruals in programs.values():
                    accruals._refresh_apart()
                return
            _logger.warning("%s cannot be computed", self.program_id, exc_info=True)
            self.problem = self._error_message(error)

    def _find_problem(self, result):
        """Say why a result is not to be relied on.

        :param result: see :class:`Result`
        :return: a sentence, or False where nothing is wrong with it
        """
        self.ensure_one()
        if result.unconverted:
            return self._no_rate_message()
        return result.unmeasured and self._no_unit_message()

    def _error_message(self, error):
        program = self.program_id._speaking_to_responsible()
        return program.env._(
            "Program “%(program)s” cannot be computed: %(error)s Correct its rules; until then the"
            " figures stay as they were.",
            program=program.display_name,
            error=f"{error}".rstrip(" .\n") + ".",
        )

    def _no_rate_message(self):
        program = self.program_id._speaking_to_responsible()
        return program.env._(
            "Program “%(program)s” is in %(currency)s, but no exchange rate of %(currency)s is"
            " known for invoices in another currency. Enter its rates under Accounting,"
            " Configuration, Currencies; until then the figures stay as they were.",
            program=program.display_name,
            currency=program.currency_id.name,
        )

    def _no_unit_message(self):
        program = self.program_id._speaking_to_responsible()
        return program.env._(
            "Program “%(program)s” counts in %(unit)s, but some invoice lines are in a unit of"
            " measure that cannot be converted to it. Correct the units of the products"
            " or limit the rules to products that convert; until then the figures stay as they"
            " were.",
            program=program.display_name,
            unit=program.uom_id.name,
        )
