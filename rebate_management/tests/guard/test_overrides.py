"""Models of ours take nothing of Odoo's by accident: neither a method of the ORM by its name, nor a
name on a model of Odoo's that another addon may choose too."""

import inspect

from odoo.models import BaseModel, MetaModel
from odoo.tests import TransactionCase, tagged

ADDON = "rebate_"
# Private methods of the ORM that models of ours redefine, and why.
REDEFINED = {
    "_auto_init": "millions of lines get a column without being computed",
    "_field_to_sql": "the ORM's own way to add up what is not stored, as Odoo's journal items do",
    "_compute_display_name": "the ORM's own way to name records",
    "_search_display_name": "as above",
    "_table_query": "the ORM's own way to define a view",
    "_update_field_translations": "the guard: controllers of Odoo's write translations by it",
}
# How names on Odoo's models begin; of actions and of what a field or a constraint is computed by,
# after what Odoo wants first.
CONVENTIONS = ("action_view_", "action_download_", "action_", "_compute_", "_inverse_", "_search_")
CHECKS = ("_check_", "_onchange_", "_unlink_except_")


@tagged("post_install", "-at_install")
class TestOverrides(TransactionCase):
    def _definitions(self):
        """The classes of our addons, with what they define."""
        for addon, classes in MetaModel._module_to_models__.items():
            if addon.startswith(ADDON):
                for definition in classes:
                    yield definition, vars(definition)

    def test_no_private_method_of_the_orm_is_redefined(self):
        found = {
            f"{definition._name}.{name}"
            for definition, members in self._definitions()
            for name in members
            if name.startswith("_")
            and not name.startswith("__")
            and name not in REDEFINED
            and self._is_method(inspect.getattr_static(BaseModel, name, None))
        }
        self.assertFalse(found, "They are called by the ORM for something else.")

    def test_what_is_redefined_is_there(self):
        """The list above says nothing of methods that are gone."""
        gone = [name for name in REDEFINED if not hasattr(BaseModel, name)]
        self.assertFalse(gone)

    def test_names_on_models_of_odoos_are_ours(self):
        found = {
            f"{definition._name}.{name}"
            for definition, members in self._definitions()
            if "rebate" not in definition._name
            for name, member in members.items()
            if self._is_method(member)
            and not name.startswith("__")
            and not self._is_ours(name)
            and not self._is_theirs(definition._name, name)
        }
        self.assertFalse(found, "Begin with rebate_ or _rebate_, or name a method of Odoo's.")

    def _is_method(self, member):
        return callable(member) or isinstance(member, property | classmethod | staticmethod)

    def _is_ours(self, name):
        for prefix in (*CONVENTIONS, *CHECKS):
            if name.startswith(f"{prefix}rebate"):
                return True
        return name.startswith(("rebate_", "_rebate_"))

    def _is_theirs(self, model, name):
        """Tell whether an addon of Odoo's defines the method, so that ours extends it."""
        return any(
            name in vars(definition)
            for definition in self.env.registry[model].__mro__
            # A class of the registry, which is of no addon, defines nothing itself.
            if not (getattr(definition, "_module", None) or ADDON).startswith(ADDON)
        ) or hasattr(BaseModel, name)
