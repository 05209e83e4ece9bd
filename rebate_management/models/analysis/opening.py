"""Actions that open the records behind a figure."""

from collections.abc import Collection
from datetime import date

from odoo import fields
from odoo.fields import Domain


def opening(name: str, model: str, domain, res_id: int | None = None, **context) -> dict:
    """An action that opens records, as a client can follow it at once.

    :param domain: of the records; days may be dates
    :param res_id: of the one record to open, instead
    """
    action = {
        "type": "ir.actions.act_window",
        "name": name,
        "res_model": model,
        "target": "current",
        "context": {"create": False, **context},
    }
    if res_id:
        return action | {"res_id": res_id, "views": [(False, "form")]}
    return action | {
        "domain": _written(domain),
        "views": [(False, "list"), (False, "form")],
    }


def _written(domain):
    """A domain as it can be sent: days as texts."""
    return [_written_term(term) for term in Domain(domain)]


def _written_term(term):
    if not isinstance(term, tuple):
        return term
    name, operator, value = term
    if isinstance(value, Domain):
        return (name, operator, _written(value))
    if isinstance(value, date):
        return (name, operator, fields.Date.to_string(value))
    many = isinstance(value, Collection) and not isinstance(value, str)
    return (name, operator, list(value) if many else value)
