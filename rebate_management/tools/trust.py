"""Telling what our own methods write from what comes of a keyboard, a client or an import."""

from odoo.tools import clean_context

# An object of this process: no client can send it along in a context, superuser or not.
_TOKEN = object()


def trusted(records):
    """Records whose computed and recorded fields may be written.

    For the methods alone that compute or record them. What is written inherits the trust through
    its context, so hand nothing on that a user named: ``with_env(self.env)`` takes it away again.
    Defaults that a client sent along are left behind.

    :param records: a recordset, or an empty one of a model to create records of
    :return: the same records
    """
    return records.with_context(clean_context(records.env.context), rebate_trust=_TOKEN)


def is_trusted(env) -> bool:
    """Tell whether one of our own methods is writing, see :func:`trusted`."""
    return env.context.get("rebate_trust") is _TOKEN
