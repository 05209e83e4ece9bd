"""Which invoice line has how much of what a rule earned."""

from decimal import Decimal
from typing import NamedTuple

from odoo import models

from ..engine.sharing import share_out
from ..engine.tiers import Part


class LineRebate(NamedTuple):
    """What one invoice line counts for a rule, unrounded, in the program's currency and unit of
    measure, and its part of the rebate, rounded money; all negative for most returns."""

    line_id: int
    amount: Decimal
    quantity: Decimal
    rebate: Decimal


class RebateAccrualLine(models.Model):
    _inherit = "rebate.accrual.line"

    def _share_out(self, earned: Decimal | None = None) -> list[LineRebate]:
        """Share out what the rule earned over the invoice lines that it counted.

        Percentages and lump sums lie on the lines in proportion to their amounts, rates per unit
        in proportion to their quantities; see :mod:`..engine.sharing` for returns.

        :param earned: what to share out, rounded money; default, what the rule earned. What is
            left of that within the program's limits lies on the lines alike
        :return: one entry an invoice line, the latest first. The rebates add up to what is shared
            out; there are none where other purchases reached a lump sum and none were counted
        """
        self.ensure_one()
        bought = self.env["rebate.measure"]._line_purchases(
            self.accrual_id._windows(), self.rule_id.id
        )
        rebates = share_out(
            Decimal(str(self.earned_amount)) if earned is None else earned,
            self._parts(),
            [line.amount for line in bought],
            [line.quantity for line in bought],
            Decimal(str(self.currency_id.rounding)),
        )
        return [LineRebate(*line, rebate) for line, rebate in zip(bought, rebates, strict=True)]

    def _parts(self) -> list[Part]:
        """The pieces that earned, as the engine decided them."""
        self.ensure_one()
        return [
            Part(
                Decimal(part["threshold"]),
                Decimal(part["rate"]),
                Decimal(part["base"]),
                part["rate_type"],
            )
            for part in (self.facts or {}).get("parts", ())
        ]
