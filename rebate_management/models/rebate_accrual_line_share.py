"""Which invoice line has how much of what a rule earned."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from odoo import models

from ..engine.sharing import share_out
from ..engine.tiers import Part
from .rebate_measure import LinePurchase


class LineRebate(NamedTuple):
    """What one invoice line counts for a rule, unrounded, in the program's currency and unit of
    measure, and its part of the rebate, rounded money; all negative for most returns."""

    line_id: int
    amount: Decimal
    quantity: Decimal
    rebate: Decimal


def share_over(
    bought: Sequence[LinePurchase], earned: Decimal, parts: Sequence[Part], coin: Decimal
) -> list[LineRebate]:
    """Share out what a rule earned over the invoice lines that it counted.

    Percentages and lump sums lie on the lines in proportion to their amounts, rates per unit in
    proportion to their quantities; see :mod:`..engine.sharing` for returns.

    :param bought: the lines, with what each counts
    :param earned: what to share out, a multiple of the coin
    :param parts: what earned it, as the engine decided
    :return: one entry a line, in the order given. The rebates add up to what is shared out; there
        are none where other purchases reached a lump sum and none were counted
    """
    rebates = share_out(
        earned, parts, [line.amount for line in bought], [line.quantity for line in bought], coin
    )
    return [LineRebate(*line, rebate) for line, rebate in zip(bought, rebates, strict=True)]


class RebateAccrualLine(models.Model):
    _inherit = "rebate.accrual.line"

    def _share_out(self) -> list[LineRebate]:
        """Share out what the rule earned, see :func:`share_over`.

        :return: one entry an invoice line, the latest first
        """
        self.ensure_one()
        return self._share_out_each({self: Decimal(str(self.earned_amount))})[self]

    def _share_out_each(self, earned: Mapping) -> dict[object, list[LineRebate]]:
        """As :meth:`_share_out` for any number of lines, in one statement.

        :param earned: what to share out of each, rounded money by accrual line: what is left
            within the program's limits lies on the invoice lines alike
        """
        bought = self.env["rebate.measure"]._lines_by_rule(
            self.accrual_id._windows(), set(self.rule_id.ids)
        )
        return {
            line: share_over(
                bought.get((line.accrual_id.id, line.rule_id.id), ()),
                earned[line],
                line._parts(),
                Decimal(str(line.currency_id.rounding)),
            )
            for line in self
        }

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
