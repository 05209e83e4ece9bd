"""A tier: from a threshold of purchases on, a rate."""

from decimal import Decimal
from itertools import pairwise

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_amount, formatLang

from ..engine.tiers import Tier
from ..tools.bounds import PERCENT


def format_number(env, number: Decimal) -> str:
    """Write a number in the reader's format with as many decimals as it has: 2,5 not 2,500000."""
    decimals = max(0, -number.normalize().as_tuple().exponent)
    return formatLang(env, float(number), digits=decimals)


def format_quantity(env, quantity: Decimal, unit: str) -> str:
    """Write a quantity in the reader's format with the name of its unit of measure."""
    return f"{format_number(env, round(quantity, 4))} {unit or ''}".rstrip()


def format_rate(env, rate: Decimal, rate_type: str, currency) -> str:
    """Write a rate in the reader's format with what it is: 5 %, 0.20 € per unit, 500.00 €.

    :param rate: percent, or money in the currency
    """
    if rate_type == "percent":
        return f"{format_number(env, rate)} %"
    if rate_type == "per_unit":
        # It may be finer than the smallest coin.
        decimals = max(currency.decimal_places, -rate.normalize().as_tuple().exponent)
        pieces = [formatLang(env, float(rate), digits=decimals), currency.symbol]
        if currency.position == "before":
            pieces.reverse()
        return env._("%s per unit", "\N{NO-BREAK SPACE}".join(pieces))
    return format_amount(env, float(rate), currency)


class RebateTier(models.Model):
    _name = "rebate.tier"
    _description = "Rebate Tier"
    _order = "rule_id, threshold, id"
    _check_company_auto = True

    rule_id = fields.Many2one("rebate.rule", required=True, ondelete="cascade", index=True)
    agreement_id = fields.Many2one(
        "rebate.agreement",
        ondelete="cascade",
        index="btree_not_null",
        check_company=True,
        help="The agreement that has this tier of its own. Empty: it is the rule's, for all.",
    )
    company_id = fields.Many2one(related="rule_id.company_id", store=True)
    currency_id = fields.Many2one(related="rule_id.currency_id")
    threshold = fields.Float(
        string="From",
        digits=(16, 4),
        help="Purchases from which the tier is reached, this value included.",
    )
    rate_type = fields.Selection(
        [("percent", "%"), ("per_unit", "per unit"), ("fixed", "lump sum")],
        string="Rate Is",
        default="percent",
        required=True,
        help="A percentage of the purchases it applies to, money for each unit bought, or a lump"
        " sum for reaching the tier.",
    )
    rate = fields.Float(
        digits=(16, 6), help="What the tier pays: a percentage, or money in the program's currency."
    )

    @api.constrains("threshold", "rate", "rate_type")
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
            if tier.rate < 0:
                raise ValidationError(
                    self.env._(
                        "Rule “%(rule)s”, tier from %(threshold)s: the rate is negative, %(rate)s."
                        " Enter what the tier pays, 0 or more.",
                        rule=tier.rule_id.display_name,
                        threshold=tier._format_threshold(),
                        rate=tier.rate,
                    )
                )
            in_percent = tier.rule_id._threshold_measure().endswith("percent")
            if in_percent and tier.threshold > PERCENT.high:
                raise ValidationError(
                    self.env._(
                        "Rule “%(rule)s”: the tier from %(threshold)s cannot be reached. Enter"
                        " %(high)s %% or less.",
                        rule=tier.rule_id.display_name,
                        threshold=tier._format_threshold(),
                        high=format_number(self.env, Decimal(str(PERCENT.high))),
                    )
                )
            if tier.rate_type == "percent" and tier.rate > 100:
                raise ValidationError(
                    self.env._(
                        "Rule “%(rule)s”, tier from %(threshold)s: the rate %(rate)s is not a"
                        " percentage. Enter a number from 0 to 100.",
                        rule=tier.rule_id.display_name,
                        threshold=tier._format_threshold(),
                        rate=tier.rate,
                    )
                )

    @api.constrains("agreement_id", "rule_id")
    def _check_agreement(self):
        for tier in self:
            program = tier.agreement_id.program_id
            if program and tier.rule_id.program_id != program:
                raise ValidationError(
                    self.env._(
                        "The agreement “%(agreement)s” has a tier of the rule “%(rule)s”, which is"
                        " not of its program. Choose a rule of %(program)s.",
                        agreement=tier.agreement_id.display_name,
                        rule=tier.rule_id.display_name,
                        program=program.display_name,
                    )
                )

    @api.constrains("threshold", "rule_id", "agreement_id")
    def _check_duplicate(self):
        tiers = self.search([("rule_id", "in", self.rule_id.ids)])
        for (rule, _agreement), scale in tiers.grouped(
            lambda tier: (tier.rule_id, tier.agreement_id)
        ).items():
            for low, high in pairwise(scale.sorted("threshold")):
                if low.threshold == high.threshold:
                    raise ValidationError(
                        self.env._(
                            "Rule “%(rule)s” has two tiers from %(threshold)s. Change the"
                            " threshold of one of them, or delete it.",
                            rule=rule.display_name,
                            threshold=low._format_threshold(),
                        )
                    )

    @api.depends("threshold", "rate", "rate_type", "currency_id")
    def _compute_display_name(self):
        for tier in self:
            tier.display_name = self.env._(
                "%(rate)s from %(threshold)s",
                rate=tier._format_rate(),
                threshold=tier._format_threshold(),
            )

    def _format_threshold(self, **options):
        """Write the threshold in the reader's format: money or units.

        :param options: see :func:`odoo.tools.format_amount`
        """
        return self.rule_id._format_measure(self.threshold, **options)

    def _format_rate(self):
        """Write the rate in the reader's format, with what it is."""
        rate = Decimal(str(self.rate))
        currency = self.currency_id or self.env.company.currency_id
        return format_rate(self.env, rate, self.rate_type, currency)

    def _to_engine(self):
        """Turn sorted tiers into the engine's exact numbers."""
        return [
            Tier(Decimal(str(tier.threshold)), Decimal(str(tier.rate)), tier.rate_type)
            for tier in self.sorted("threshold")
        ]
