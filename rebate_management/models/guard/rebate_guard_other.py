"""The guard over fields of ours on Odoo's models, which costs next to nothing there."""

from odoo import api, models
from odoo.tools import ormcache

from ...tools.trust import is_trusted
from ...tools.typed_fields import table_of
from .refusals import differs, model_name, refuse


class RebateGuardOther(models.AbstractModel):
    """As ``rebate.guard``, for models that are not ours: names are compared once a call, and
    records are looked at only where one of ours is among them."""

    _name = "rebate.guard.other"
    _description = "Guard over Rebate Fields of Other Models"

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        for name in self._rebate_reserved() & values.keys():
            del values[name]
        return values

    @api.model_create_multi
    def create(self, vals_list):
        reserved = self._rebate_reserved()
        for vals in vals_list:
            if not reserved.isdisjoint(vals) and not is_trusted(self.env):
                for name in sorted(reserved & vals.keys()):
                    if vals[name]:
                        self.browse()._rebate_refuse(name)
        return super().create(vals_list)

    def write(self, vals):
        reserved = self._rebate_reserved()
        if not reserved.isdisjoint(vals) and not is_trusted(self.env):
            for name in sorted(reserved & vals.keys()):
                for record in self:
                    if differs(record, name, vals[name]):
                        record._rebate_refuse(name)
        return super().write(vals)

    @api.model
    @ormcache()
    def _rebate_reserved(self):
        """The stored fields of ours that nobody types."""
        return frozenset(
            name
            for name, field in self._fields.items()
            if field.store
            and field.type != "one2many"
            and field._modules
            and all(module.startswith("rebate_") for module in field._modules)
            and name not in table_of(self._name).fields
        )

    def _rebate_refuse(self, name):
        # Who may not write at all learns nothing else.
        self.check_access("write" if self else "create")
        # Told to whoever may write it; its name may rest on what they may not read.
        refuse(self, name, self.sudo().display_name if self else model_name(self))
