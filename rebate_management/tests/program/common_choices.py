"""Another addon's choices, added for the time of a test: a tier method, and a measure of tiers."""

from unittest.mock import patch

from odoo import fields, models
from odoo.orm.model_classes import add_to_registry

from ...engine.qualifying import MEASURES, TierMeasure
from ...engine.tiers import METHODS
from ...models.program.qualifiers import (
    QUALIFIER_MEASURES,
    QualifierMeasure,
)
from ...models.program.tier_methods import TIER_METHODS, TierMethod


def above_threshold(thresholds, _value, earning):
    """The highest tier reached pays on what exceeds its threshold."""
    return [None] * (len(thresholds) - 1) + [earning - start for start in thresholds[-1:]]


ABOVE = TierMethod(
    "above",
    "Above the threshold",
    above_threshold,
    "The highest tier reached pays its rate above its threshold.",
    "You are paid above the highest threshold you reach.",
    is_stepped=True,
)
DOZENS = QualifierMeasure(
    "dozens",
    "Dozens",
    TierMeasure(lambda units, _none: units / 12, lambda threshold, _none: threshold * 12),
    counted="quantity",
    sentence="The tiers are reached by dozens.",
)


class Program(models.Model):
    _module = None
    _name = "rebate.program"
    _inherit = ["rebate.program"]

    tier_method = fields.Selection(
        selection_add=[(ABOVE.key, ABOVE.label)], ondelete={ABOVE.key: "set default"}
    )


class Rule(models.Model):
    _module = None
    _name = "rebate.rule"
    _inherit = ["rebate.rule"]

    qualifier_measure = fields.Selection(selection_add=[(DOZENS.key, DOZENS.label)])


class AddedChoices:
    """Mixed into a test case that has set up its own."""

    def _add_choices(self):
        for registry in (METHODS, MEASURES, TIER_METHODS, QUALIFIER_MEASURES):
            restored = patch.dict(registry)
            restored.start()
            self.addCleanup(restored.stop)
        TIER_METHODS.register(ABOVE)
        QUALIFIER_MEASURES.register(DOZENS)
        names = [definition._name for definition in (Program, Rule)]
        for definition in (Program, Rule):
            model = self.registry[definition._name]
            bases = model._base_classes__
            self.addCleanup(setattr, model, "_base_classes__", bases)
            add_to_registry(self.registry, definition)
        self._set_up(names)
        # Taken back last, thus after the bases.
        self._cleanups.insert(0, (self._set_up, (names,), {}))

    def _set_up(self, names):
        self.env.flush_all()
        self.registry._setup_models__(self.env.cr, names)
        # What is done after the tables are made concerns addons that are installed.
        with patch.object(type(self.registry), "post_init"):
            self.env["ir.model.fields.selection"]._reflect_selections(names)
        self.registry.clear_all_caches()
