"""One guard over what is typed: every model of ours asks the table before it is written."""

from odoo import api, models
from odoo.tools import clean_context, format_list, ormcache

from ...tools.trust import is_trusted
from ...tools.typed_fields import FRAMEWORK, table_of
from .refusals import differs, is_same, refuse

# By which Odoo marks the uninstallation, during which `@api.ondelete` may be left out.
UNINSTALLING = "_force_unlink"
# A value that is not known.
CHANGED = object()


class RebateGuard(models.AbstractModel):
    """Refuses whatever comes of a keyboard, a client or an import and is not in the table of
    ``tools/typed_fields.py``, whoever asks; what our own methods write comes through ``trusted``.

    Every way in ends here: ``web_save``, ``load``, ``copy`` and the x2many commands of other
    models call :meth:`create`, :meth:`write` and :meth:`unlink`, and defaults of a context or of
    ``ir.default`` come through :meth:`default_get`. It stands first in the method resolution order
    of its models (see ``tools/guarding.py``), so that it sees what was typed and not what our
    methods add.
    """

    _name = "rebate.guard"
    _description = "Guard over Typed Fields"

    @api.model
    def default_get(self, fields):
        """Leave out defaults of the context and of users for what may not be typed."""
        values = super().default_get(fields)
        guarded = self._guarded_names()
        for name in guarded & values.keys():
            if not self._may_type_new(name):
                del values[name]
                if self._fields[name].default:
                    values[name] = self._own_default(name)
        return values

    @api.model_create_multi
    def create(self, vals_list):
        if not is_trusted(self.env):
            self.browse()._check_typed_new(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        if not is_trusted(self.env):
            self._check_typed(vals)
        return super().write(vals)

    def unlink(self):
        is_uninstalling = self.env.su and self.env.context.get(UNINSTALLING)
        if not self or is_uninstalling or is_trusted(self.env):
            return super().unlink()
        self._check_deletable()
        # Who sends the mark of an uninstallation along would evade what is refused below.
        return super(RebateGuard, self.with_context(**{UNINSTALLING: False})).unlink()

    def _update_field_translations(self, field_name, translations, digest=None, source_lang=""):
        if not is_trusted(self.env) and field_name in self._guarded_names():
            self._check_typed_name(field_name)
        return super()._update_field_translations(field_name, translations, digest, source_lang)

    # ------------------------------------------------------------------
    # What the table says
    # ------------------------------------------------------------------

    @api.model
    @ormcache()
    def _guarded_names(self):
        """The stored fields that are asked for: all but those of Odoo's own mixins and those that
        users made. Commands on lines end in the guard of the lines."""
        framework = set(models.MAGIC_COLUMNS).union(
            *(self.env[name]._fields for name in FRAMEWORK if name in self.env)
        )
        return frozenset(
            name
            for name, field in self._fields.items()
            if field.store
            and field.type != "one2many"
            and not field.manual
            and (name not in framework or name in table_of(self._name).fields)
        )

    @api.model
    def _may(self, typed):
        """Tell whether the user may do what an entry of the table allows."""
        return bool(typed) and (
            self.env.su or not typed.by or any(self.env.user.has_group(group) for group in typed.by)
        )

    @api.model
    def _may_type_new(self, name):
        typed = table_of(self._name).fields.get(name)
        return bool(typed) and typed.new and self._may(typed)

    # ------------------------------------------------------------------
    # Refusals
    # ------------------------------------------------------------------

    @api.model
    def _check_typed_new(self, vals_list):
        """Refuse new records that may not be typed, or with values that may not.

        :raise UserError: with the remedy
        """
        # Who may not create at all learns nothing else.
        self.check_access("create")
        table = table_of(self._name)
        if vals_list and not self._may(table.create):
            self._refuse(table.create, None)
        names = self._guarded_names().intersection(*[set().union(*vals_list)])
        for name in sorted(names):
            if self._may_type_new(name):
                continue
            own = self._own_default(name)
            for vals in vals_list:
                if name in vals and not is_same(self, name, vals[name], own):
                    self._refuse(table.fields.get(name), name)

    def _check_typed(self, vals):
        """Refuse values that may not be typed; what a record has already is no change.

        :raise UserError: with the remedy
        """
        for name in sorted(self._guarded_names() & vals.keys()):
            self._check_typed_name(name, vals[name])

    def _check_typed_name(self, name, value=CHANGED):
        typed = table_of(self._name).fields.get(name)
        if typed and typed.later and self._may(typed):
            if typed.states is None:
                return
            closed = self.filtered(lambda record: record._typing_state() not in typed.states)
        else:
            closed = self
        if not closed:
            return
        # Who may not write at all learns nothing else.
        self.check_access("write")
        for record in closed:
            if value is CHANGED or differs(record, name, value):
                record._refuse(typed, name)

    def _check_deletable(self):
        """Refuse to delete what is on record.

        :raise UserError: with the remedy
        """
        typed = table_of(self._name).unlink
        if typed and typed.states is None and self._may(typed):
            return
        self.check_access("unlink")
        for record in self:
            if not self._may(typed) or record._typing_state() not in typed.states:
                record._refuse(typed, None)

    def _refuse(self, typed, name):
        """Refuse to have something typed: by nobody, not by this user, or not in this state.

        :param typed: the entry of the table, or None where nobody may
        :param name: of the field; None where records come or go
        :raise UserError: naming the record, the field and the remedy
        """
        remedy = None
        if typed and not self._may(typed):
            # Nor is the name of a group a secret.
            groups = [self.env.ref(group).sudo().full_name for group in typed.by]
            remedy = self.env._(
                "This needs the right “%(groups)s”. Ask an administrator for it, or someone who has"
                " it to do this.",
                groups=format_list(self.env, groups, style="or"),
            )
        elif self:
            self._refuse_in_state(name)
        refuse(self, name, self._typing_name() if self else "", remedy)

    # ------------------------------------------------------------------
    # Values
    # ------------------------------------------------------------------

    @api.model
    def _own_default(self, name):
        """The default that the field itself has, whatever the context says."""
        field = self._fields[name]
        model = self.with_context(clean_context(self.env.context))
        if not field.default:
            return False
        value = field.convert_to_cache(field.default(model), model, validate=False)
        return field.convert_to_write(field.convert_to_record(value, model), model)
