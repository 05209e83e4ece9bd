"""What reaches the tiers of a rule, whose purchases, and how both are written."""

from dataclasses import replace
from decimal import Decimal

from odoo import models
from odoo.tools import format_amount

from ..engine.prorate import prorate_tiers
from .rebate_case import QUANTITY_UNIT, Days, Terms
from .rebate_tier import format_number, format_quantity


class RebateRule(models.Model):
    _inherit = "rebate.rule"

    def _qualifier_key(self):
        """Under which key the measurement has the purchases that choose the tier."""
        self.ensure_one()
        return {"rule": self.id, "program": None, "domain": -self.id}[self.qualifier]

    def _threshold_measure(self):
        """What the thresholds of the tiers are in, a value of ``qualifier_measure``."""
        self.ensure_one()
        return self.qualifier_measure or self.program_id.measure or "amount"

    def _is_growth(self):
        """Tell whether growth over a baseline reaches the tiers."""
        return self._threshold_measure().startswith("growth")

    def _purchase_measure(self):
        """What must be bought to reach the tiers: ``amount`` or ``quantity``."""
        measure = self._threshold_measure()
        if measure in ("amount", "quantity"):
            return measure
        return self.program_id.measure or "amount"

    def _needs_quantity(self, tiers):
        """Tell whether a quantity chooses a tier or is paid for.

        :param tiers: those by which the rule pays, which may be an agreement's own
        """
        self.ensure_one()
        return "quantity" in (self._purchase_measure(), self.program_id.measure) or (
            "per_unit" in tiers.mapped("rate_type")
        )

    def _format_measure(self, value, **options):
        """Write a value of what reaches the tiers in the reader's format.

        :param options: see :func:`odoo.tools.format_amount`
        """
        if self._threshold_measure().endswith("percent"):
            return f"{format_number(self.env, Decimal(str(value)))} %"
        return self._format_purchases(value, **options)

    def _format_purchases(self, value, **options):
        """Write what must be bought to reach the tiers in the reader's format: money or units."""
        if self._purchase_measure() == "amount":
            # A rule that is still being written does not know its program's currency.
            currency = self.currency_id or self.env.company.currency_id
            return format_amount(self.env, float(value), currency, **options)
        return format_quantity(self.env, Decimal(str(value)), self.program_id.uom_id.name)

    def _tiers_for(self, own):
        """The tiers by which the rule pays, sorted.

        :param own: tiers of an agreement, which replace those of the rules they are for
        """
        self.ensure_one()
        own = own.filtered(lambda tier: tier.rule_id == self)
        return (own or self.tier_ids).sorted("threshold")

    def _terms(self, tiers, days: Days | None) -> Terms:
        """Collect what the rule pays by.

        :param tiers: the rule's tiers, or an agreement's own
        :param days: the share of the period that counts, where the terms are pro rata
        """
        self.ensure_one()
        program = self.program_id
        coin = Decimal(str(self.currency_id.rounding))
        counted = self._purchase_measure()
        value_in = self._threshold_measure()
        scale = tiers._to_engine()
        if days and scale:
            scale = prorate_tiers(
                scale,
                *days,
                coin,
                scale_thresholds=not value_in.endswith("percent"),
                threshold_unit=coin if counted == "amount" else QUANTITY_UNIT,
            )
        terms = Terms(
            rule=self,
            tiers=tiers,
            scale=tuple(scale),
            method=program.tier_method,
            value_in=value_in,
            counted=counted,
            qualifier_key=self._qualifier_key(),
            reward=self.growth_reward if self._is_growth() else "",
            limited=program.measure,
            max_measure=Decimal(str(self.max_measure)),
            unit=coin,
            uom=program.uom_id.name or "",
            days=days,
            counts_units=self._needs_quantity(tiers),
        )
        return replace(terms, max_measure=terms.prorated(terms.max_measure, program.measure))
