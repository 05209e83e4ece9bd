"""What reaches the tiers of a rule, whose purchases, and how both are written."""

from decimal import Decimal

from odoo import models
from odoo.tools import format_amount

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
        if self._is_growth():
            return self.program_id.measure or "amount"
        return self._threshold_measure()

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
        if self._threshold_measure() == "growth_percent":
            return f"{format_number(self.env, Decimal(str(value)))} %"
        return self._format_purchases(value, **options)

    def _format_purchases(self, value, **options):
        """Write what must be bought to reach the tiers in the reader's format: money or units."""
        if self._purchase_measure() == "amount":
            # A rule that is still being written does not know its program's currency.
            currency = self.currency_id or self.env.company.currency_id
            return format_amount(self.env, float(value), currency, **options)
        return format_quantity(self.env, Decimal(str(value)), self.program_id.uom_id.name)
