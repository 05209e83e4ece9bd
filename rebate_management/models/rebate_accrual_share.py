"""Which invoice line has how much of what an accrual earned, all rules together."""

from decimal import Decimal

from odoo import models

from ..engine.sharing import share_rules


class RebateAccrual(models.Model):
    _inherit = "rebate.accrual"

    def _share_out(self, rule_id: int | None = None) -> dict[int, Decimal]:
        """Share out what the period earned over the invoice lines that were counted, in one
        statement whatever the number of accruals.

        :param rule_id: only what this rule earned, before the program's limits; default, what the
            period earned, to which each rule contributes what it earned within these limits
        :return: rounded money in the program's currency by invoice line id
        """
        if rule_id:
            lines = self.line_ids.filtered(lambda line: line.rule_id.id == rule_id)
            earned = {line: Decimal(str(line.earned_amount)) for line in lines}
        else:
            earned = {}
            for accrual in self:
                earned |= accrual._earned_by_rule()
        rebates = {}
        for parts in (
            self.line_ids.browse(line.id for line in earned)._share_out_each(earned).values()
        ):
            for part in parts:
                rebates[part.line_id] = rebates.get(part.line_id, 0) + part.rebate
        return rebates

    def _earned_by_rule(self):
        """Share out what the period earned over its rules.

        :return: rounded money by accrual line
        """
        self.ensure_one()
        lines = self.line_ids
        parts = share_rules(
            Decimal(str(self.earned_amount)),
            [Decimal(str(line.earned_amount)) for line in lines],
            [Decimal(str(line.measured_amount)) for line in lines],
            Decimal(str(self.currency_id.rounding)),
        )
        return dict(zip(lines, parts, strict=True))
