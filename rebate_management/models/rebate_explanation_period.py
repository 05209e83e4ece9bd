"""What changed or will change the rebate of a period as a whole, kept as facts and told in
sentences: limits, a better program, the forecast."""

from decimal import Decimal

from odoo import api, models
from odoo.tools import format_amount

from .rebate_result import Result
from .rebate_tier import format_quantity


class RebateCalculation(models.AbstractModel):
    _inherit = "rebate.calculation"

    @api.model
    def _explain_result(self, result: Result, currency) -> list[str]:
        """Say how the rebate of a window came about, rule by rule and as a whole.

        :return: sentences in the reader's language
        """
        sentences = [self._explain(rule.facts, currency) for rule in result.rules]
        return [*sentences, *self._explain_limits(result.facts, currency)]

    @api.model
    def _explain_limits(self, facts: dict, currency) -> list[str]:
        """Say what changed the sum of the rules: a limit of the program, or a better program.

        :param facts: see :class:`Result`
        :return: no sentence or one
        """
        if not facts:
            return []
        if facts["beaten_by"]:
            return [
                self.env._(
                    "“%s” pays more for the period, and of its stacking group only the best"
                    " program pays.",
                    facts["beaten_by"],
                )
            ]
        total, earned = Decimal(facts["total"]), Decimal(facts["earned"])
        if total == earned:
            return []
        if total < earned and (guarantee := facts.get("guarantee")):
            days, of_days = guarantee["days"]
            return [
                self.env._(
                    "The program guarantees %(whole)s for the period: %(limit)s for %(days)s of its"
                    " %(of_days)s days.",
                    whole=format_amount(self.env, float(guarantee["whole"]), currency),
                    limit=format_amount(self.env, float(earned), currency),
                    days=days,
                    of_days=of_days,
                )
            ]
        sentence = (
            self.env._("The program pays at most %(limit)s for the period.")
            if total > earned
            else self.env._("The program guarantees %(limit)s for the period.")
        )
        return [sentence % {"limit": format_amount(self.env, float(earned), currency)}]

    @api.model
    def _explain_forecast(self, forecast: dict, currency) -> str:
        """Say how the purchases at the end of the period are foreseen, and from what."""
        if not forecast:
            return ""

        def write(value):
            if forecast["measure"] == "amount":
                return format_amount(self.env, float(value), currency)
            return format_quantity(self.env, Decimal(value), forecast["unit"])

        values = {
            "so_far": write(forecast["so_far"]),
            "value": write(forecast["value"]),
            "elapsed": forecast["elapsed"],
            "days": forecast["days"],
            "before_so_far": write(forecast["before"][0]),
            "before": write(forecast["before"][1]),
        }
        if forecast["method"] == "seasonal":
            return self.env._(
                "Last year %(before_so_far)s of %(before)s were bought by this day; %(so_far)s so"
                " far make %(value)s by the end of the period.",
                **values,
            )
        if forecast["method"] == "run_rate":
            return self.env._(
                "%(so_far)s in %(elapsed)s of %(days)s days make %(value)s by the end of the"
                " period.",
                **values,
            )
        return self.env._("Nothing is foreseen beyond the purchases of %(so_far)s.", **values)
