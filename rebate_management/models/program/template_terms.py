"""The terms of a template: what of a program they are, as plain values that JSON can hold, and as
values of a new program."""

from odoo import Command, models
from odoo.exceptions import ValidationError

# The lines of each model that are terms too.
LINES = {"rebate.program": "rule_ids", "rebate.rule": "tier_ids"}
# Each program has its own of these.
OWN = {"rebate.program": {"name", "code", "sequence", "active"}}
PLAIN = {"boolean", "char", "float", "integer", "monetary", "selection", "text"}
# What companies have in common; accounts, journals and other programs are not terms.
SHARED = {"product.category", "product.product", "product.tag", "res.currency", "uom.uom"}


def terms_of(record) -> dict:
    """Write down the terms of a program, a rule or a tier as plain values.

    What a program will be duplicated with is a term, so that a new field is one too.

    :param record: one program, rule or tier
    :return: a dictionary that JSON can hold
    """
    terms = {
        name: field.convert_to_read(record[name], record, use_display_name=False)
        for name, field in _term_fields(record).items()
    }
    if lines := LINES.get(record._name):
        terms[lines] = [terms_of(line) for line in record[lines]]
    if terms.get("currency_id") == record.company_id.currency_id.id:
        # Amounts in the currency of the company stand for those of whoever uses them.
        del terms["currency_id"]
    return terms


def terms_to_vals(model, terms: dict, there=None) -> dict:
    """Turn plain values into those that create a record with its lines.

    :param model: the empty recordset to which the terms belong
    :param there: of each model, the ids of the records that are not gone; None: all of them
    """
    vals = {}
    for name, value in terms.items():
        field = model._fields[name]
        kept = None if there is None else there.get(field.comodel_name, set())
        if field.type == "one2many":
            lines = model.env[field.comodel_name]
            value = [Command.create(terms_to_vals(lines, line, there)) for line in value]
        elif field.type == "many2many":
            value = [Command.set([key for key in value if kept is None or key in kept])]
        elif field.type == "many2one" and kept is not None and value not in kept:
            continue
        vals[name] = value
    return vals


def walk(model, terms):
    """Go through the terms of a program and of its lines.

    :return: ``(empty recordset, name, value)`` of each; what is no term at all has no name
    """
    if not isinstance(terms, dict):
        yield model, None, terms
        return
    for name, value in terms.items():
        if name == LINES.get(model._name):
            lines = model.env[model._fields[name].comodel_name]
            for line in value if isinstance(value, list) else [value]:
                yield from walk(lines, line)
        else:
            yield model, name, value


def is_term(model, name, value) -> bool:
    """Tell whether a program, a rule or a tier can have a value."""
    field = _term_fields(model).get(name)
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


def _term_fields(model):
    """Those fields of a program, a rule or a tier that are terms, lines aside."""
    return {
        name: field
        for name, field in model._fields.items()
        if field.store
        and field.copy
        and name not in (*models.MAGIC_COLUMNS, *OWN.get(model._name, ()))
        and (field.type in PLAIN or field.comodel_name in SHARED)
    }
