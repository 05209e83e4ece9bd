"""Accruals that cannot be computed: each says why, and stops no other program's."""

import logging

from odoo import models

from ..tools.apart import apart
from ..tools.trust import trusted

_logger = logging.getLogger(__name__)


class RebateAccrual(models.Model):
    _inherit = "rebate.accrual"

    def _refresh_apart(self):
        """Refresh all at once; should one program fail, each program by itself."""
        for accruals, _done, error in apart(self, lambda some: some._refresh(), is_written=True):
            if error:
                _logger.warning("%s cannot be computed", accruals.program_id, exc_info=error)
                accruals._flag(error)

    def _flag(self, error):
        """Say that the accruals, all of one program, cannot be computed.

        :param error: why
        """
        # Found by whoever looks or runs; the accruals tell it whatever their rights.
        trusted(self.sudo()).problem = self._error_message(error)

    def _find_problem(self, result):
        """Say why a result is not to be relied on.

        :param result: see :class:`Result`
        :return: a sentence, or False where nothing is wrong with it
        """
        self.ensure_one()
        if problem := self.program_id.period_problem:
            return problem
        if result.unconverted:
            return self._no_rate_message()
        return result.unmeasured and self._no_unit_message()

    def _error_message(self, error):
        return self.program_id._speaking_to_responsible()._error_message(error)

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
