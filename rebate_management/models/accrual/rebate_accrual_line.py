"""A line of an accrual: what one rule of the program earned, and the sentence that says how."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

from ...engine.sharing import share_out
from ...engine.tiers import Part
from ...tools.currencies import smallest_coin
from ..measure.purchases import LinePurchase


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
    _name = "rebate.accrual.line"
    _description = "Rebate Accrual Line"
    _order = "accrual_id, rule_id, id"

    accrual_id = fields.Many2one("rebate.accrual", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="accrual_id.company_id", store=True)
    currency_id = fields.Many2one(related="accrual_id.currency_id")
    rule_id = fields.Many2one("rebate.rule", required=True, ondelete="cascade", index=True)
    qualifying_value = fields.Float(
        digits=(16, 4), help="The purchases that chose the tier, in money or units."
    )
    measured_amount = fields.Monetary(string="Purchases")
    measured_quantity = fields.Float(string="Quantity", digits=(16, 4))
    tier_id = fields.Many2one("rebate.tier", string="Tier Reached", ondelete="set null")
    rate = fields.Float(digits=(16, 6))
    earned_amount = fields.Monetary(string="Earned")
    terms_id = fields.Many2one("rebate.accrual.terms", ondelete="cascade", index=True)
    decided = fields.Json(prefetch=False, help="What of the facts the terms alone do not tell.")
    facts = fields.Json(
        compute="_compute_facts",
        help="The numbers behind the explanation, enough to compute it again.",
    )
    digest = fields.Char(readonly=True, prefetch=False, help="As that of the accrual.")
    explanation = fields.Char(compute="_compute_explanation")

    _accrual_rule_unique = models.UniqueIndex(
        "(accrual_id, rule_id)", "A rule earns once in a period."
    )

    @api.depends("terms_id.facts", "decided")
    def _compute_facts(self):
        for line in self:
            line.facts = {**(line.terms_id.facts or {}), **(line.decided or {})}

    @api.depends("facts", "currency_id")
    @api.depends_context("lang")
    def _compute_explanation(self):
        for line in self:
            line.explanation = self.env["rebate.calculation"]._explain(line.facts, line.currency_id)

    def init(self):
        # As in the accruals.
        self.env.cr.execute(SQL("ALTER TABLE rebate_accrual_line SET (fillfactor = 50)"))

    def write(self, vals):
        # As in the accruals.
        return super().write({"digest": False, **vals})

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_view_invoice_lines(self):
        """Show the posted invoice lines that this rule counted."""
        self.ensure_one()
        return self.accrual_id.with_context(
            rebate_rule_id=self.rule_id.id
        ).action_view_invoice_lines()

    # ------------------------------------------------------------------
    # Which invoice line has how much of what a rule earned
    # ------------------------------------------------------------------

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
                smallest_coin(line.currency_id),
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
