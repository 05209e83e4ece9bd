"""Tables and pages of the audit file."""

from ..archive import FOLDER_BYTES, safe

# Records that are held at once.
BATCH = 1000


def write_records(archive, name, records, names):
    """Write fields of records as a table, their labels as titles."""
    env = records.env
    titles = [records._fields[field]._description_string(env) for field in names]
    archive.table(
        name,
        [env._("No."), *titles],
        _rows(records, names),
    )


def _rows(records, names):
    for start in range(0, len(records), BATCH):
        batch = records[start : start + BATCH]
        for record in batch:
            yield [record.id, *(_plain(record, field) for field in names)]
        # However many they are, little is held at once.
        batch.invalidate_recordset()


def _plain(record, name):
    """The value of a field as it stands in a table."""
    env = record.env
    field, value = record._fields[name], record[name]
    if field.relational:
        # What a reader may not open is part of the record all the same.
        return ", ".join(value.sudo().mapped("display_name"))
    if field.type == "selection":
        return dict(field._description_selection(env)).get(value)
    if field.type == "boolean":
        return env._("Yes") if value else env._("No")
    if field.type == "monetary":
        return f"{value:.{record[field.get_currency_field(record)].decimal_places}f}"
    return value


def amount_text(amount, currency):
    """Write an amount as it stands in a page that is read everywhere."""
    return f"{amount:,.{currency.decimal_places}f} {currency.name}"


def render_page(env, title, sections):
    """A page of terms that needs nothing but itself.

    :param sections: titles with rows of label and text
    """
    return env["ir.qweb"]._render(
        "rebate_management.rebate_audit_page",
        {"title": title, "sections": sections, "lang": (env.lang or "en_US")[:2]},
    )


def folder_name(record):
    """A record's name as a part of a path."""
    return safe(record.name, FOLDER_BYTES)
