"""Puts the guard in front of every model of ours, and of Odoo's models that have fields of ours.

Plain inheritance would not do: Odoo puts the class of a model before all that it inherits, so that
a guard among these would see what ``create`` and ``write`` of the model itself add, after they have
acted on what was typed. Of several classes of one model the one that is defined last comes first;
so each model gets one more, when all else of the addon is imported, that inherits the guard first.
It is made here and not written beside each model, lest one is forgotten, and so that the model has
one class to read.
"""

from odoo import models

from .typed_fields import TABLES


def guard_models(addon):
    """Have a last class of each model of an addon that inherits the guard first, and of each of
    Odoo's models that the addon declared. To be called when all else of the addon is imported.

    :param addon: its technical name
    """
    definitions = list(models.MetaModel._module_to_models__[addon])
    for definition in definitions:
        if definition._name not in definition._inherit and not definition._abstract:
            kind = models.TransientModel if definition._transient else models.Model
            _put_first(["rebate.guard", definition._name, "rebate.guarded"], kind, addon)
    transient = {definition._name for definition in definitions if definition._transient}
    for name, table in TABLES.items():
        if table.addon == addon and not name.startswith("rebate."):
            kind = models.TransientModel if name in transient else models.Model
            _put_first(["rebate.guard.other", name], kind, addon)


def _put_first(inherit, kind, addon):
    # Odoo makes the class of a model of all definitions of its name, those that come later first.
    name = inherit[1]
    type(kind)(
        "Guarded" + name.title().replace(".", ""),
        (kind,),
        {"__module__": f"odoo.addons.{addon}", "_name": name, "_inherit": inherit},
    )
