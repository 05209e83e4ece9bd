"""What was agreed on: the terms of a program, which change only by amendment once it runs."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.trust import is_trusted

# What a program is and stays, even by amendment.
FIXED_TERMS = ("company_id", "currency_id")


class RebateTerms(models.AbstractModel):
    """A model whose fields are terms of a program, all but those it excepts, so that a field added
    later is a term too. They are locked as soon as the program is no draft: by the table of what is
    typed (``tools/typed_fields.py``), and here where records come, go or move."""

    _name = "rebate.terms"
    _description = "Terms of a Rebate Program"
    _inherit = "rebate.bounds"
    # What names or files a record, and no distributor could insist on.
    _not_terms = frozenset()
    # What a record belongs to: locked, but no term by itself.
    _terms_parents = frozenset()

    # ------------------------------------------------------------------
    # The lock
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._check_unlocked()
        return records

    def write(self, vals):
        result = super().write(vals)
        if self._terms_parents & vals.keys():
            # What was added to a running program this way was not refused before.
            self._check_unlocked()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_locked(self):
        self._check_unlocked()

    def _refuse_in_state(self, name):
        if name is None or name in self._term_names() | self._terms_parents:
            self._check_unlocked(name)
        return super()._refuse_in_state(name)

    def _terms_programs(self):
        """The programs of which the records are terms."""
        raise NotImplementedError

    def _terms_place(self, name):
        """Say where the record holds a term, for a sentence.

        :param name: of a field, or None for the record as a whole
        """
        raise NotImplementedError

    def _check_unlocked(self, name=None):
        """Refuse what only an amendment may do.

        :param name: the field to be written, or None where records come or go
        :raise UserError: when a program of the records is no draft
        """
        if is_trusted(self.env):
            return
        for record in self:
            for program in record._terms_programs():
                if program.state != "draft":
                    raise UserError(
                        self.env._(
                            "Program “%(program)s” is no longer a draft, so its terms change only"
                            " by amendment: %(place)s cannot be changed here. Choose “Amend” on the"
                            " program, change it there and apply the amendment.",
                            program=program.display_name,
                            place=record._terms_place(name),
                        )
                    )

    # ------------------------------------------------------------------
    # Terms as values
    # ------------------------------------------------------------------

    @api.model
    def _term_names(self):
        """Name the fields that are terms."""
        return {
            name
            for name, field in self._fields.items()
            if field.store
            and (field.column_type or field.type == "many2many")
            and not (field.compute and field.readonly)
            and name not in models.MAGIC_COLUMNS
        } - (self._not_terms | self._terms_parents)

    def _term_vals(self):
        """The terms of a record as values to write to another, archived records included."""
        self.ensure_one()
        record = self.with_context(active_test=False)
        return {
            name: self._fields[name].convert_to_write(record[name], record)
            for name in self._term_names()
        }

    def _freeze_terms(self):
        """The terms of a record as they can be stored: plain values, and what these refer to by id
        and name."""
        self.ensure_one()
        # What a reader may not see is part of the terms all the same.
        record = self.sudo().with_context(active_test=False)
        return {name: record._freeze(name) for name in sorted(self._term_names())}

    def _freeze(self, name):
        value = self[name]
        if self._fields[name].relational:
            return [{"id": other.id, "name": other.display_name} for other in value.sorted("id")]
        if self._fields[name].type == "date":
            return fields.Date.to_string(value)
        return value
