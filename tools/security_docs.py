"""Write the tables of docs/security.md: what each role can type, field by field.

    tools/odoo shell -d test --no-http < tools/security_docs.py

What stands above the mark is written by hand. A test (tests/product/test_security_docs.py) tells
when the tables are not those of the code any more.
"""

import sys
from pathlib import Path

from odoo.addons.rebate_management.tools.typed_fields import table_of

MARK = "<!-- Generated: tools/odoo shell -d test --no-http < tools/security_docs.py -->"
NOBODY = "–"
ROLES = {
    "User": "rebate_management.group_rebate_user",
    "Manager": "rebate_management.group_rebate_manager",
    "Approver": "rebate_management.group_rebate_approver",
    "Accountant": "rebate_management.group_rebate_accountant",
    "Administrator": "base.group_system",
}


def render(env):
    """Compose the generated part.

    :return: Markdown
    """
    env = env(context={"lang": "en_US"}, su=True)
    ours = [
        env[name]
        for name, model in sorted(env.registry.items())
        if model._original_module.startswith("rebate_") and not model._abstract
    ]
    others = [
        env[name]
        for name, model in sorted(env.registry.items())
        if not model._original_module.startswith("rebate_")
        and not model._abstract
        and stored(env[name])
    ]
    parts = [MARK]
    for title, models in (
        ("Documents and master data", [m for m in ours if not m._transient and editable(m)]),
        ("Wizards", [m for m in ours if m._transient and editable(m)]),
        ("Fields on Odoo's models", others),
    ):
        parts.append(f"## {title}")
        for model in models:
            parts += section(env, model, table_of(model._name))
    parts.append("## Typed by nobody")
    parts.append(
        "Whole models that the methods of the addon write alone, whoever asks: "
        + ", ".join(
            f"{label(env, model)} (`{model._name}`)" for model in ours if not editable(model)
        )
        + "."
    )
    return "\n\n".join(parts) + "\n"


def editable(model):
    table = table_of(model._name)
    return bool(table.fields or table.create)


def stored(model):
    """Name the fields of a model that are ours and stored, in the order they are declared."""
    return [
        name
        for name, field in model._fields.items()
        if field.store
        and field.type != "one2many"
        and field._modules
        and all(module.startswith("rebate_") for module in field._modules)
        and name not in ("id", "create_uid", "create_date", "write_uid", "write_date")
    ]


def label(env, model):
    return env["ir.model"]._get(model._name).name


def section(env, model, table):
    """The table of one model: a row a field, a column a role."""
    names = sorted({*stored(model), *table.fields}, key=list(model._fields).index)
    typed = [name for name in names if name in table.fields]
    rows = []
    if model._original_module.startswith("rebate_"):
        rows += [
            ["*create*", *(cell(env, model, role, table.create, "create") for role in ROLES)],
            ["*delete*", *(cell(env, model, role, table.unlink, "unlink") for role in ROLES)],
        ]
    rows += [
        [
            f"{model._fields[name]._description_string(env)} `{name}`",
            *(cell(env, model, role, table.fields[name]) for role in ROLES),
        ]
        for name in typed
    ]
    never = [f"`{name}`" for name in names if name not in table.fields]
    parts = [f"### {label(env, model)} (`{model._name}`)"]
    if rows:
        head = ["", *ROLES]
        lines = [head, ["---"] * len(head), *rows]
        parts.append("\n".join(f"| {' | '.join(line)} |" for line in lines))
    if never:
        parts.append(f"Nobody types {', '.join(never)}.")
    return parts


def cell(env, model, role, typed, way=None):
    """When a role may type a field, create or delete."""
    if typed is None:
        return NOBODY
    if not typed.by:
        return "who may write it"
    group = env.ref(ROLES[role])
    has = group | group.all_implied_ids
    if not any(env.ref(one) in has for one in typed.by):
        return NOBODY
    new = typed.new and way in (None, "create") and may(env, model, has, "create")
    later = typed.later and way in (None, "unlink") and may(env, model, has, way or "write")
    states = ", ".join(state_label(env, model, state) for state in typed.states or ())
    if states and "." in table_of(model._name).state:
        # The state of what the record belongs to, which a new one has already.
        return states if new or later else NOBODY
    if way:
        return ("yes" if not states or way == "create" else states) if new or later else NOBODY
    if not later:
        return "new" if new else NOBODY
    if not states:
        return "yes" if new else "later"
    return f"new; {states}" if new else states


def state_label(env, model, state):
    """The label of a state of a record, or of what it belongs to."""
    for name in table_of(model._name).state.split("."):
        field = model._fields[name]
        if field.relational:
            model = env[field.comodel_name]
    return dict(field._description_selection(env)).get(state, state)


def may(env, model, groups, way):
    """Tell whether groups have the right to do something to a model."""
    return bool(
        env["ir.model.access"].search_count(
            [
                ("model_id.model", "=", model._name),
                ("group_id", "in", [*groups.ids, False]),
                (f"perm_{way}", "=", True),
            ],
            limit=1,
        )
    )


def rewrite(env, path):
    """Replace the generated part of the document."""
    by_hand = path.read_text().partition(MARK)[0]
    path.write_text(by_hand + render(env))


if "env" in globals():  # in the Odoo shell
    rewrite(globals()["env"], Path("docs/security.md"))
    sys.stdout.write("docs/security.md is written.\n")
