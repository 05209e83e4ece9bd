"""What a guarded model says of itself, where it says nothing else."""

from odoo import models

from ...tools.typed_fields import table_of


class RebateGuarded(models.AbstractModel):
    """The other half of ``rebate.guard``: that one stands first in the method resolution order of
    a model, this one last, so that the model overrides what is asked of it here."""

    _name = "rebate.guarded"
    _description = "Guarded Model"

    def _typing_state(self):
        """The state of a record that the states of the table are of."""
        self.ensure_one()
        # Whether something may be typed depends on no right to read.
        return next(iter(self.sudo().mapped(table_of(self._name).state)), False)

    def _typing_name(self):
        """What a record is called in a refusal."""
        self.ensure_one()
        # Only told to who may write it.
        return next(iter(self.sudo().mapped(table_of(self._name).called)), False) or ""

    def _refuse_in_state(self, name):
        """Refuse with a sentence of the model's own what may not be typed, or deleted; without one
        the remedy of the table is told.

        :param name: of the field; None where records are deleted
        """
