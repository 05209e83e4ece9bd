"""Which invoice line had how much of what was earned up to a day."""

from decimal import Decimal

from odoo import models

from ..engine.rounding import round_half_up
from ..engine.sharing import share_rules
from .rebate_accrual_line_share import share_over


class RebateAccrual(models.Model):
    _inherit = "rebate.accrual"

    def _shares_until(self, day):
        """Share out over the invoice lines what was earned up to a day, in two statements.

        :return: list of accrual, rule and a list of :class:`LineRebate`
        """
        windows = self._windows(until=day)
        results = self.env["rebate.calculation"]._calculate(windows)
        bought = self.env["rebate.measure"]._lines_by_rule(windows)
        shares = []
        for accrual in self:
            result, coin = results[accrual.id], Decimal(str(accrual.currency_id.rounding))
            earned = share_rules(
                result.earned,
                [rule.earned for rule in result.rules],
                [round_half_up(rule.purchases.amount, coin) for rule in result.rules],
                coin,
            )
            shares += [
                (
                    accrual,
                    rule.rule,
                    share_over(
                        bought.get((accrual.id, rule.rule.id), ()),
                        of_rule,
                        rule.outcome.parts,
                        coin,
                    ),
                )
                for rule, of_rule in zip(result.rules, earned, strict=True)
            ]
        return shares

    def _explain_today(self):
        """Tell how the period's rebate comes about by now."""
        self.ensure_one()
        sentences = [*self.line_ids.mapped("explanation"), self.limit_explanation]
        return " ".join(filter(None, sentences))
