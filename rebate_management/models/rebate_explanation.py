"""Every cent explains itself: a result is kept as facts, and told from them in a sentence."""

from decimal import Decimal

from odoo import api, models
from odoo.tools import format_amount

from .rebate_tier import format_quantity, format_rate


class RebateCalculation(models.AbstractModel):
    _inherit = "rebate.calculation"

    @api.model
    def _explain(self, facts: dict, currency) -> str:
        """Say in one sentence how a rebate came about, in the reader's language and formats.

        :param facts: see :class:`RuleResult`
        :param currency: the program's currency
        """
        if not facts:
            return ""
        sentences = [self._explain_earned(facts, currency)]
        sentences += [
            self.env._(
                "The amount that earns is lowered by %(amount)s, which “%(program)s” pays on it.",
                amount=format_amount(self.env, float(reduction["amount"]), currency),
                program=reduction["program"],
            )
            for reduction in facts["reductions"]
        ]
        if facts.get("baseline_days"):
            count, of, whole = facts["baseline_days"]
            sentences.append(
                self.env._(
                    "Compared by days: the baseline is that of %(days)s of the %(of)s days of the"
                    " period before, in which %(purchases)s were bought.",
                    days=count,
                    of=of,
                    purchases=self._explain_purchases(facts, whole, currency),
                )
            )
        if facts.get("baseline_years"):
            count, of = facts["baseline_years"]
            sentences.append(
                self.env._(
                    "The average is of the %(count)s of %(of)s years in which anything was bought.",
                    count=count,
                    of=of,
                )
            )
        if facts["days"]:
            sentences.append(
                self.env._(
                    "Pro rata for %(days)s of the period's %(of)s days.",
                    days=facts["days"][0],
                    of=facts["days"][1],
                )
            )
        if facts.get("unitless"):
            sentences.append(
                self.env._("Invoice lines without a unit of measure count as money, not as units.")
            )
        return " ".join(sentences)

    def _explain_earned(self, facts, currency):
        """The sentence of :meth:`_explain` that says what was earned."""
        if facts["value_in"] in ("growth_percent", "growth_amount", "target_percent"):
            return self._explain_compared(facts, currency)
        value = self._explain_bought(facts, currency)
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

    def _explain_compared(self, facts, currency):
        """The sentence of :meth:`_explain_earned` where the tiers are reached by growth over a
        baseline or by percent of a target."""
        is_growth = facts["value_in"] != "target_percent"
        against = facts["baseline" if is_growth else "target"]
        values = {
            "purchases": self._explain_bought(facts, currency),
            "against": self._explain_purchases(facts, against, currency),
            "value": self._explain_value(facts, facts["value"], currency),
            "parts": " + ".join(
                self._explain_part(facts, part, currency) for part in facts["parts"]
            ),
            "earned": format_amount(self.env, float(facts["earned"]), currency),
        }
        if Decimal(against) <= 0:
            return (
                self.env._(
                    "Purchases of %(purchases)s: there is no baseline to compare them with, so no"
                    " growth is rewarded."
                )
                if is_growth
                else self.env._(
                    "Purchases of %(purchases)s: the agreement has no target to compare them with,"
                    " so nothing is earned."
                )
            ) % values
        if is_growth and not facts["parts"]:
            return self.env._(
                "Purchases of %(purchases)s against a baseline of %(against)s, a growth of"
                " %(value)s: no tier is reached.",
                **values,
            )
        if is_growth:
            return self.env._(
                "Purchases of %(purchases)s against a baseline of %(against)s, a growth of"
                " %(value)s: %(parts)s = %(earned)s.",
                **values,
            )
        if not facts["parts"]:
            return self.env._(
                "Purchases of %(purchases)s are %(value)s of the target of %(against)s: no tier is"
                " reached.",
                **values,
            )
        return self.env._(
            "Purchases of %(purchases)s are %(value)s of the target of %(against)s: %(parts)s ="
            " %(earned)s.",
            **values,
        )

    def _explain_bought(self, facts, currency):
        """Write what chose the tier, with the number of its invoices."""
        bought = self._explain_purchases(facts, facts["bought"], currency)
        if facts["invoices"] == 1:
            return self.env._("%(purchases)s on one invoice", purchases=bought)
        if not facts["invoices"]:
            return bought
        return self.env._(
            "%(purchases)s on %(count)s invoices", purchases=bought, count=facts["invoices"]
        )

    def _applies_to_all(self, facts, part):
        """Tell whether a part was paid on just the value that reached the tier."""
        paid_in = {"percent": "amount", "per_unit": "quantity"}.get(part["rate_type"])
        same = paid_in == facts["value_in"] and Decimal(part["base"]) == Decimal(facts["value"])
        return same and Decimal(facts[paid_in]) == Decimal(facts["value"])

    def _explain_value(self, facts, value, currency):
        """Write a value of what reaches the tiers: money, units or a growth."""
        if facts["value_in"].endswith("percent"):
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
