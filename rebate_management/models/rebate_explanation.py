"""Every cent explains itself: a result is kept as facts, and told from them in a sentence."""

from decimal import Decimal

from odoo import api, models
from odoo.tools import format_amount

from .rebate_calculation import Result, RuleResult
from .rebate_tier import format_quantity, format_rate


class RebateCalculation(models.AbstractModel):
    _inherit = "rebate.calculation"

    @api.model
    def _facts(self, result: RuleResult) -> dict:
        """Keep the reasons of a result in a form that can be stored and computed again: numbers
        as decimal text, money in the program's currency."""
        outcome = result.outcome
        rule = result.rule
        return {
            "method": rule.program_id.tier_method,
            "value_in": rule._threshold_measure(),
            "value": str(outcome.value),
            "baseline": str(result.baseline),
            "reward": rule.growth_reward if rule._is_growth() else "",
            "counted": rule._purchase_measure(),
            "amount": str(result.purchases.amount),
            "quantity": str(result.purchases.quantity),
            "unit": rule.program_id.uom_id.name or "",
            "limited": rule.program_id.measure,
            "max_measure": str(rule.max_measure),
            "lines": result.purchases.line_count,
            "scale": [
                {
                    "threshold": str(tier.threshold),
                    "rate": str(tier.rate),
                    "rate_type": tier.rate_type,
                }
                for tier in result.tiers._to_engine()
            ],
            "parts": [
                {
                    "threshold": str(part.threshold),
                    "rate": str(part.rate),
                    "rate_type": part.rate_type,
                    "base": str(part.base),
                    "rebate": str(part.rebate),
                }
                for part in outcome.parts
            ],
            "earned": str(result.earned),
        }

    @api.model
    def _explain_result(self, result: Result, currency) -> list[str]:
        """Say how the rebate of a window came about, rule by rule and as a whole.

        :return: sentences in the reader's language
        """
        sentences = [self._explain(self._facts(rule), currency) for rule in result.rules]
        return [*sentences, *self._explain_limits(result.total, result.earned, currency)]

    @api.model
    def _explain_limits(self, total, earned, currency) -> list[str]:
        """Say which of the program's limits changed what its rules add up to."""
        if currency.compare_amounts(float(total), float(earned)) > 0:
            sentence = self.env._("The program pays at most %(limit)s for the period.")
        elif currency.compare_amounts(float(total), float(earned)) < 0:
            sentence = self.env._("The program guarantees %(limit)s for the period.")
        else:
            return []
        return [sentence % {"limit": format_amount(self.env, float(earned), currency)}]

    @api.model
    def _explain(self, facts: dict, currency) -> str:
        """Say in one sentence how a rebate came about, in the reader's language and formats.

        :param facts: see :meth:`_facts`
        :param currency: the program's currency
        """
        if not facts:
            return ""
        if facts["reward"]:
            return self._explain_growth(facts, currency)
        value = self._explain_value(facts, facts["value"], currency)
        if not facts["scale"]:
            return self.env._("Purchases of %(value)s; there are no tiers.", value=value)
        threshold = facts["scale"][0]["threshold"]
        if Decimal(facts["value"]) < Decimal(threshold):
            return self.env._(
                "Purchases of %(value)s have not reached the first tier, %(threshold)s.",
                value=value,
                threshold=self._explain_value(facts, threshold, currency),
            )
        earned = format_amount(self.env, float(facts["earned"]), currency)
        parts = facts["parts"]
        if len(parts) == 1 and self._applies_to_all(facts, parts[0]):
            return self.env._(
                "Purchases of %(value)s reached the tier from %(threshold)s; %(rate)s on all of it"
                " = %(earned)s.",
                value=value,
                threshold=self._explain_value(facts, parts[0]["threshold"], currency),
                rate=self._explain_rate(parts[0], currency),
                earned=earned,
            )
        return self.env._(
            "Purchases of %(value)s: %(parts)s = %(earned)s.",
            value=value,
            parts=" + ".join(self._explain_part(facts, part, currency) for part in parts)
            or format_amount(self.env, 0, currency),
            earned=earned,
        )

    def _explain_growth(self, facts, currency):
        """The sentence of :meth:`_explain` where growth reaches the tiers."""
        values = {
            "purchases": self._explain_purchases(facts, facts[facts["counted"]], currency),
            "baseline": self._explain_purchases(facts, facts["baseline"], currency),
        }
        if Decimal(facts["baseline"]) <= 0:
            return self.env._(
                "Purchases of %(purchases)s: there is no baseline to compare them with, so no"
                " growth is rewarded.",
                **values,
            )
        values["growth"] = self._explain_value(facts, facts["value"], currency)
        if not facts["parts"]:
            return self.env._(
                "Purchases of %(purchases)s against a baseline of %(baseline)s, a growth of"
                " %(growth)s: no tier is reached.",
                **values,
            )
        return self.env._(
            "Purchases of %(purchases)s against a baseline of %(baseline)s, a growth of %(growth)s:"
            " %(parts)s = %(earned)s.",
            parts=" + ".join(self._explain_part(facts, part, currency) for part in facts["parts"]),
            earned=format_amount(self.env, float(facts["earned"]), currency),
            **values,
        )

    def _applies_to_all(self, facts, part):
        """Tell whether a part was paid on just the value that reached the tier."""
        paid_in = {"percent": "amount", "per_unit": "quantity"}.get(part["rate_type"])
        same = paid_in == facts["value_in"] and Decimal(part["base"]) == Decimal(facts["value"])
        return same and Decimal(facts[paid_in]) == Decimal(facts["value"])

    def _explain_value(self, facts, value, currency):
        """Write a value of what reaches the tiers: money, units or a growth."""
        if facts["value_in"] == "growth_percent":
            return format_rate(self.env, round(Decimal(value), 2), "percent", currency)
        return self._explain_purchases(facts, value, currency)

    def _explain_purchases(self, facts, value, currency):
        """Write what was bought, money or units."""
        if facts["counted"] == "amount":
            return format_amount(self.env, float(value), currency)
        return format_quantity(self.env, Decimal(value), facts["unit"])

    def _explain_rate(self, part, currency):
        return format_rate(self.env, Decimal(part["rate"]), part["rate_type"], currency)

    def _explain_part(self, facts, part, currency):
        """Write what one tier paid on: 5 % on 1,000.00 €, 0.20 € per unit on 70 kg, 500.00 €."""
        rate = self._explain_rate(part, currency)
        if part["rate_type"] == "fixed":
            return rate
        if part["rate_type"] == "percent":
            base = format_amount(self.env, float(part["base"]), currency)
        else:
            base = format_quantity(self.env, Decimal(part["base"]), facts["unit"])
        return self.env._("%(rate)s on %(base)s", rate=rate, base=base)
