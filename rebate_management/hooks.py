"""What Odoo's own uninstallation leaves to the addon."""

from odoo.fields import Domain


def uninstall_hook(env):
    """Forget the names that other addons gave to parts of our models.

    The fields our models inherit, from ``mail.thread`` for example, are removed with them; the
    external ids of those fields' choices belong to the addon that defined the fields, so that
    Odoo would keep them, naming nothing, in every database we were ever installed in.
    """
    models = env["ir.model"].search([("model", "=like", "rebate.%")])
    names = [model.model.replace(".", "_") for model in models]
    env["ir.model.data"].search(
        Domain("module", "not in", ("rebate_management", "rebate_portal"))
        & Domain("model", "in", ("ir.model.fields.selection", "ir.model.inherit"))
        & Domain.OR(
            Domain("name", "=like", f"{kind}\\_\\_{name}\\_\\_%")
            for name in names
            for kind in ("selection", "model\\_inherit")
        )
    ).unlink()
