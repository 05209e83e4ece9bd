"""What both guards say and compare: whether a value is another than the one a record has, and in
what words it is refused."""

from odoo.exceptions import UserError

from ...tools.typed_fields import table_of


def is_same(record, name, value, other):
    """Tell whether a value that is to be written to a field is what another one is.

    :param record: of the field's model
    :param value: as for ``write``
    :param other: as the record has it
    """
    field = record._fields[name]
    try:
        value = field.convert_to_cache(value, record)
    except (TypeError, ValueError):
        return False
    other = field.convert_to_cache(other, record)
    return value == other or not (value or other)


def differs(record, name, value):
    """Tell whether a value that is to be written to a field is another than the one it has."""
    # What a reader may not see is what the record has all the same.
    record = record.sudo().with_context(active_test=False)
    return not is_same(record, name, value, record[name])


def refuse(records, name, called, remedy=None):
    """Refuse to have something typed.

    :param records: a record; none where it is new
    :param name: of the field; None where records come or go
    :param called: what the record is called; of a new one what stands for it, or nothing
    :param remedy: what to do instead; default: that of the table
    :raise UserError: naming the record, the field and the remedy
    """
    env = records.env
    texts = {
        "record": called,
        "model": model_name(records),
        "field": name and records._fields[name]._description_string(env),
        "remedy": remedy or env._(table_of(records._name).remedy),
    }
    if name and (records or called):
        text = env._("“%(field)s” of “%(record)s” cannot be typed. %(remedy)s", **texts)
    elif records:
        text = env._("“%(record)s” (%(model)s) cannot be deleted. %(remedy)s", **texts)
    elif name:
        text = env._("“%(field)s” of a new record (%(model)s) cannot be typed. %(remedy)s", **texts)
    else:
        text = env._("%(model)s: a new record cannot be typed. %(remedy)s", **texts)
    raise UserError(text)


def model_name(records):
    # What a model is called is no secret, and ordinary users may not read models.
    return records.env["ir.model"]._get(records._name).sudo().name
