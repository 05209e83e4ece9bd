"""The terms of a template: what of a program they are, as JSON and as values of a new program."""

from odoo import Command, api, models
from odoo.exceptions import UserError, ValidationError

from .rebate_rule import FILTERS

# The lines of each model that are terms too.
LINES = {"rebate.program": "rule_ids", "rebate.rule": "tier_ids"}
# Each program has its own of these.
OWN = {"rebate.program": {"name", "code", "sequence", "active"}}
PLAIN = {"boolean", "char", "float", "integer", "monetary", "selection", "text"}
# What companies have in common; accounts, journals and other programs are not terms.
SHARED = {"product.category", "product.product", "product.tag", "res.currency", "uom.uom"}
SCOPE = ("product_ids", "product_category_ids", "product_tag_ids")


class RebateTemplate(models.Model):
    _inherit = "rebate.template"

    @api.constrains("terms")
    def _check_terms(self):
        for template in self:
            if odd := template._odd_term():
                raise ValidationError(
                    self.env._(
                        "Template “%(template)s” has a term that no program can have: %(term)s."
                        " Save the template anew from a program.",
                        template=template.display_name,
                        term=odd,
                    )
                )
            template._check_filters()

    def _check_filters(self):
        """Refuse filters that the user could not write in a rule.

        :raise ValidationError: naming template, rule, filter, field and remedy
        """
        self.ensure_one()
        rules = self.env["rebate.rule"]
        try:
            for rule in (self.terms or {}).get("rule_ids", ()):
                for name in FILTERS:
                    rules._check_text(name, rule.get(name), rule.get("name"))
        except ValidationError as error:
            raise ValidationError(
                self.env._(
                    "Template “%(template)s”: %(error)s", template=self.display_name, error=error
                )
            ) from error

    def _odd_term(self):
        """Find a term that no program can have, as a text; None where all is well."""
        self.ensure_one()
        return next(
            (
                f"{name or '–'}: {value}"
                for model, name, value in self._walk(self.env["rebate.program"], self.terms or {})
                if not self._is_term(model, name, value)
            ),
            None,
        )

    @api.model
    def _terms_of(self, record):
        """Write down the terms of a program, a rule or a tier as plain values.

        What a program will be duplicated with is a term, so that a new field is one too.

        :param record: one program, rule or tier
        :return: a dictionary that JSON can hold
        """
        terms = {
            name: field.convert_to_read(record[name], record, use_display_name=False)
            for name, field in self._term_fields(record).items()
        }
        if lines := LINES.get(record._name):
            terms[lines] = [self._terms_of(line) for line in record[lines]]
        if terms.get("currency_id") == record.company_id.currency_id.id:
            # Amounts in the currency of the company stand for those of whoever uses them.
            del terms["currency_id"]
        return terms

    def _usable_terms(self):
        """Turn the terms into values of a program, without the products that are gone.

        :raise UserError: when a rule names nothing else, so that it would count everything
        """
        self.ensure_one()
        self._check_terms()
        program = self.env["rebate.program"]
        named = {}
        for model, name, value in self._walk(program, self.terms):
            comodel = model._fields[name].comodel_name
            if comodel and value:
                ids = value if isinstance(value, list) else [value]
                named[comodel] = named.get(comodel, self.env[comodel]).union(
                    self.env[comodel].browse(ids)
                )
        there = {comodel: set(records.exists().ids) for comodel, records in named.items()}
        return self._terms_to_vals(program, self.terms, there)

    @api.model
    def _terms_to_vals(self, model, terms, there=None):
        """Turn plain values into those that create a record with its lines.

        :param model: the empty recordset to which the terms belong
        :param there: of each model, the ids of the records that are not gone; None: all of them
        """
        vals = {}
        for name, value in terms.items():
            field = model._fields[name]
            kept = None if there is None else there.get(field.comodel_name, set())
            if field.type == "one2many":
                lines = self.env[field.comodel_name]
                value = [Command.create(self._terms_to_vals(lines, line, there)) for line in value]
            elif field.type == "many2many":
                value = [Command.set([key for key in value if kept is None or key in kept])]
            elif field.type == "many2one" and kept is not None and value not in kept:
                continue
            vals[name] = value
        if there is not None and model._name == "rebate.rule":
            self._check_scope(terms, vals)
        return vals

    def _check_scope(self, terms, vals):
        """Refuse a rule of which all that limited it is gone."""
        if (
            any(terms.get(name) for name in SCOPE)
            and not any(vals[name][0][2] for name in SCOPE if name in vals)
            and (terms.get("product_domain") or "[]").strip() == "[]"
        ):
            raise UserError(
                self.env._(
                    "Template “%(template)s”: the products that rule “%(rule)s” counts no longer"
                    " exist, so it would count everything. Save the template anew from a program,"
                    " or archive it.",
                    template=self.display_name,
                    rule=terms.get("name") or "",
                )
            )

    # ------------------------------------------------------------------
    # What is a term
    # ------------------------------------------------------------------

    @api.model
    def _term_fields(self, model):
        """Those fields of a program, a rule or a tier that are terms, lines aside."""
        return {
            name: field
            for name, field in model._fields.items()
            if field.store
            and field.copy
            and name not in (*models.MAGIC_COLUMNS, *OWN.get(model._name, ()))
            and (field.type in PLAIN or field.comodel_name in SHARED)
        }

    @api.model
    def _is_term(self, model, name, value):
        """Tell whether a program, a rule or a tier can have a value."""
        field = self._term_fields(model).get(name)
        if field is None:
            return False
        if field.comodel_name:
            keys = value if field.type == "many2many" else [value]
            return isinstance(keys, list) and all(isinstance(key, int) for key in keys)
        try:
            model._check_bounds({name: value})
            field.convert_to_cache(value, model)
        except (TypeError, ValueError, OverflowError, ValidationError):
            return False
        return True

    @api.model
    def _walk(self, model, terms):
        """Go through the terms of a program and of its lines.

        :return: ``(empty recordset, name, value)`` of each; what is no term at all has no name
        """
        if not isinstance(terms, dict):
            yield model, None, terms
            return
        for name, value in terms.items():
            if name == LINES.get(model._name):
                lines = self.env[model._fields[name].comodel_name]
                for line in value if isinstance(value, list) else [value]:
                    yield from self._walk(lines, line)
            else:
                yield model, name, value
