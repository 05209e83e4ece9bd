"""Which invoice line has how much of what an accrual earned, all rules together."""

from decimal import Decimal

from odoo import models

from ..engine.rounding import share


class RebateAccrual(models.Model):
    _inherit = "rebate.accrual"

    def _share_out(self, rule_id: int | None = None) -> dict[int, Decimal]:
        """Share out what the period earned over the invoice lines that were counted.

        :param rule_id: only what this rule earned, before the program's limits; default, what the
            period earned, to which each rule contributes what it earned within these limits
        :return: rounded money in the program's currency by invoice line id
        """
        rebates = {}
        for accrual in self:
            lines = accrual.line_ids
            earned = accrual._earned_by_rule()
            if rule_id:
                lines = lines.filtered(lambda line: line.rule_id.id == rule_id)
                earned = {line: Decimal(str(line.earned_amount)) for line in lines}
            for line in lines:
                for part in line._share_out(earned[line]):
                    rebates[part.line_id] = rebates.get(part.line_id, 0) + part.rebate
        return rebates

    def _earned_by_rule(self):
        """Share out what the period earned over its rules: by what they earned, or what only the
        guarantee pays by what they counted.

        :return: rounded money by accrual line
        """
        self.ensure_one()
        lines = self.line_ids
        for name in ("earned_amount", "measured_amount"):
            weights = [max(Decimal(str(line[name])), Decimal(0)) for line in lines]
            if any(weights):
                break
        else:
            weights = [Decimal(1) for _line in lines]
        coin = Decimal(str(self.currency_id.rounding))
        parts = share(Decimal(str(self.earned_amount)), weights, coin) if lines else []
        return dict(zip(lines, parts, strict=True))
