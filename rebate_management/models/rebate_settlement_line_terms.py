"""What was decided for a line of a settlement, in numbers and with its reasons."""

from decimal import Decimal

from odoo import fields, models

from ..engine.rounding import round_half_up
from .rebate_result import Result


class RebateSettlementLine(models.Model):
    _inherit = "rebate.settlement.line"

    def _snapshot(self, result: Result, difference=None) -> dict:
        """Tell what was decided, see ``rebate.settlement._freeze_terms``.

        :param difference: what was earned less all that was settled, where the line makes up for a
            part of it
        :return: plain values; names in the language of the partner who is paid
        """
        self.ensure_one()
        accrual = self.accrual_id
        coin = Decimal(str(self.currency_id.rounding))
        amount, earned = (
            round_half_up(Decimal(str(money)), coin) for money in (self.amount, result.earned)
        )
        return {
            "line_id": self.id,
            "program_id": self.program_id.id,
            "agreement_id": accrual.agreement_id.id,
            "partner": accrual.partner_id.name,
            "date_from": fields.Date.to_string(accrual.date_from),
            "date_to": fields.Date.to_string(accrual.date_to),
            "date_until": fields.Date.to_string(self.date_until or accrual.date_to),
            "earned": str(earned),
            "settled": str(earned - (amount if difference is None else difference)),
            "amount": str(amount),
            **({} if difference is None else {"overpaid": str(amount - difference)}),
            "period": result.facts,
            "rules": [
                {
                    "rule_id": rule.rule.id,
                    "tier_id": rule.tier.id,
                    "facts": rule.facts,
                }
                for rule in result.rules
            ],
        }
