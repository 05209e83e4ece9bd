"""Numbers and days beyond their bounds are refused where they are typed."""

from decimal import Decimal

from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from ...tools.bounds import BOUNDS, is_within, read
from ...tools.formats import format_number


class RebateBounds(models.AbstractModel):
    """A model of whose fields some have bounds, see :mod:`..tools.bounds`: they are checked before
    anything is computed from them, in the form, in an import and in a call alike."""

    _name = "rebate.bounds"
    _description = "Bounds of What Is Typed"

    @api.model
    def default_get(self, fields):
        self._check_bounds(
            {
                name.removeprefix("default_"): value
                for name, value in self.env.context.items()
                if name.startswith("default_")
            }
        )
        return super().default_get(fields)

    @api.model_create_multi
    def create(self, vals_list):
        # What a default says of a field is typed too, by whoever set it.
        defaults = self.default_get(self._bounded_names()) if vals_list else {}
        for vals in vals_list:
            self._check_bounds({**defaults, **vals})
        return super().create(vals_list)

    def write(self, vals):
        self._check_bounds(vals)
        return super().write(vals)

    def onchange(self, values, field_names, fields_spec):
        self._check_bounds(values)
        return super().onchange(values, field_names, fields_spec)

    @api.model
    def _bounded_names(self):
        """The fields that have bounds, and those of lines that have."""
        bounds = BOUNDS.get(self._name, {})
        return [
            name
            for name, field in self._fields.items()
            if name in bounds or (field.type == "one2many" and field.comodel_name in BOUNDS)
        ]

    def _check_bounds(self, vals):
        """Refuse values beyond their bounds, also of lines that are written along with a record.

        :param vals: as for :meth:`create` or :meth:`write`
        :raise ValidationError: naming the record, the field and what it may be
        """
        bounds = BOUNDS.get(self._name, {})
        for name, value in vals.items():
            field = self._fields.get(name)
            if name in bounds:
                if remedy := self._beyond(field, value, bounds[name]):
                    raise ValidationError(
                        self.env._(
                            "%(record)s: “%(field)s” cannot be %(value)s. %(remedy)s",
                            record=self._bounds_label(vals),
                            field=field._description_string(self.env),
                            value=str(value)[:40],
                            remedy=remedy,
                        )
                    )
            elif field and field.type == "one2many" and field.comodel_name in BOUNDS:
                for _command, _line, line_vals in self._commands(value):
                    self.env[field.comodel_name]._check_bounds(line_vals)

    @api.model
    def _commands(self, value):
        """Those commands on lines that bring values."""
        commands = value if isinstance(value, list | tuple) else ()
        return [
            command
            for command in commands
            if isinstance(command, list | tuple)
            and len(command) == 3
            and isinstance(command[2], dict)
        ]

    @api.model
    def _beyond(self, field, value, bound):
        """Say what to enter instead of a value that is none, or beyond its bound; None where all is
        well."""
        is_day = field.type == "date"
        try:
            number = read(value, field.type)
        except ValueError:
            return self.env._("Enter a day.") if is_day else self.env._("Enter a number.")
        if number is None or is_within(number, bound):
            return None
        if is_day:
            first, last = (format_date(self.env, day) for day in bound)
            return self.env._("Enter a day from %(first)s to %(last)s.", first=first, last=last)
        low, high = (format_number(self.env, Decimal(str(limit))) for limit in bound)
        if number > bound.high:
            return self.env._("Enter %s or less.", high)
        return self.env._("Enter %s or more.", low)

    def _bounds_label(self, vals):
        """Name what has a value beyond its bounds; it need not exist yet."""
        model = self.env["ir.model"]._get(self._name).name
        name = vals.get("name") or ", ".join(self[:3].mapped("display_name"))
        return self.env._("%(model)s “%(name)s”", model=model, name=name) if name else model
