"""A tier: from a threshold of purchases on, a rate."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_amount, formatLang

from ..engine.tiers import Tier


def format_rate(env, rate: Decimal) -> str:
    """Write a percentage in the reader's format with as many decimals as it has: 2,5 not 2,500000.

    :param rate: percent
    """
    decimals = max(0, -rate.normalize().as_tuple().exponent)
    return formatLang(env, float(rate), digits=decimals)


class RebateTier(models.Model):
    _name = "rebate.tier"
    _description = "Rebate Tier"
    _order = "rule_id, threshold, id"
    _check_company_auto = True

    rule_id = fields.Many2one("rebate.rule", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="rule_id.company_id", store=True)
    currency_id = fields.Many2one(related="rule_id.currency_id")
    threshold = fields.Float(
        string="From",
        digits=(16, 4),
        help="Purchases from which the tier is reached, this value included.",
    )
    rate_type = fields.Selection(
        [("percent", "% of purchases")],
        default="percent",
        required=True,
        help="What the rate means.",
    )
    rate = fields.Float(
        digits=(16, 6), help="What the tier pays, in percent of the purchases it applies to."
    )

    @api.constrains("threshold", "rate")
    def _check_values(self):
        for tier in self:
            if tier.threshold < 0:
                raise ValidationError(
                    self.env._(
                        "Rule “%(rule)s”: the threshold %(threshold)s is negative. Enter the"
                        " purchases from which the tier is reached, 0 for the first unit bought.",
                        rule=tier.rule_id.display_name,
                        threshold=tier._format_threshold(),
                    )
                )
            if not 0 <= tier.rate <= 100:
                raise ValidationError(
                    self.env._(
                        "Rule “%(rule)s”, tier from %(threshold)s: the rate %(rate)s is not a"
                        " percentage. Enter a number from 0 to 100.",
                        rule=tier.rule_id.display_name,
                        threshold=tier._format_threshold(),
                        rate=tier.rate,
                    )
                )

    @api.constrains("threshold", "rule_id")
    def _check_duplicate(self):
        for rule in self.rule_id:
            seen = set()
            for tier in rule.tier_ids:
                if tier.threshold in seen:
                    raise ValidationError(
                        self.env._(
                            "Rule “%(rule)s” has two tiers from %(threshold)s. Change the"
                            " threshold of one of them, or delete it.",
                            rule=rule.display_name,
                            threshold=tier._format_threshold(),
                        )
                    )
                seen.add(tier.threshold)

    @api.depends("threshold", "rate", "currency_id")
    def _compute_display_name(self):
        for tier in self:
            tier.display_name = self.env._(
                "%(rate)s %% from %(threshold)s",
                rate=tier._format_rate(),
                threshold=tier._format_threshold(),
            )

    def _format_threshold(self):
        """Write the threshold in the reader's format, with the program's currency."""
        # A rule that is still being written does not know its program's currency.
        currency = self.currency_id or self.env.company.currency_id
        return format_amount(self.env, self.threshold, currency)

    def _format_rate(self):
        """Write the rate in the reader's format, without needless zeros."""
        return format_rate(self.env, Decimal(str(self.rate)))

    def _to_engine(self):
        """Turn sorted tiers into the engine's exact numbers."""
        return [
            Tier(threshold=Decimal(str(tier.threshold)), rate=Decimal(str(tier.rate)))
            for tier in self.sorted("threshold")
        ]
