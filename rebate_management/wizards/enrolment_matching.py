"""Finding the customers that the rows of a sheet name: one statement for each way to name them,
however many rows there are."""

from typing import NamedTuple

from odoo.fields import Domain
from odoo.tools import SQL, format_list

from .enrolment_sheet import KEYS

# So many of those that a text may mean are named.
NAMED = 3


class Match(NamedTuple):
    """The customer a row names, none where it is not told, and what to do about it."""

    partner: object
    problem: str = ""


def match_rows(env, company, rows) -> list[Match]:
    """Find the distributor that each row names: by external ID, reference, tax ID, e-mail or name,
    and of a contact the company it belongs to.

    :param company: in which they must be
    :return: one for each row
    """
    texts = {kind: set() for kind in KEYS}
    for row in rows:
        for kind, text in row.keys.items():
            for one in KEYS if kind == "any" else (kind,):
                texts[one].add(text)
    known = {kind: _find(env, company, kind, found) for kind, found in texts.items() if found}
    env["res.partner"].browse(
        {partner.id for index in known.values() for some in index.values() for partner in some}
    ).commercial_partner_id.mapped("display_name")
    return [_match(env, row, known) for row in rows]


def _match(env, row, known):
    none = env["res.partner"]
    if not row.keys:
        return Match(none, env._("No distributor is named. Write its name, reference or tax ID."))
    for kind in ("id", "ref", "vat", "email", "any", "name"):
        text = row.keys.get(kind)
        if not text:
            continue
        for one in KEYS if kind == "any" else (kind,):
            partners = known[one].get(_plain(one, text), none).commercial_partner_id
            if len(partners) == 1:
                return Match(partners)
            if partners:
                return Match(none, _several(env, text, partners))
    return Match(
        none,
        env._(
            "No customer is called, or has the reference, tax ID or e-mail, “%s”. Correct it, or"
            " create the customer first.",
            next(iter(row.keys.values())),
        ),
    )


def _several(env, text, partners):
    names = [
        f"{partner.display_name} ({partner.ref})"
        if partner.ref
        else f"{partner.display_name} (#{partner.id})"
        for partner in partners[:NAMED]
    ]
    if len(partners) > NAMED:
        names.append("…")
    return env._(
        "“%(text)s” may be several customers: %(names)s. Write the reference or tax ID of the one"
        " you mean.",
        text=text,
        names=format_list(env, names, style="or"),
    )


def _find(env, company, kind, texts) -> dict[str, object]:
    """Find the customers that texts of one kind name, small letters or capitals: by the plain text.

    One scan of the customers, of which a company has fewer than it has documents.
    """
    partners = env["res.partner"]
    of_company = Domain(partners._check_company_domain(company))
    plain = {_plain(kind, text) for text in texts}
    if kind == "id":
        return _find_by_external_id(env, of_company, plain)
    partners.flush_model([kind])
    column = SQL("lower(%s)", SQL.identifier(kind))
    if kind == "vat":
        column = SQL("regexp_replace(%s, '[^[:alnum:]]', '', 'g')", column)
    else:
        column = SQL("regexp_replace(btrim(%s), '\\s+', ' ', 'g')", column)
    rows = env.execute_query(
        SQL("SELECT id FROM res_partner WHERE active AND %s = ANY(%s)", column, list(plain))
    )
    index = {}
    # Only those that the reader may see.
    for partner in partners.search(of_company & Domain("id", "in", [id_ for (id_,) in rows])):
        key = _plain(kind, partner[kind])
        index[key] = index.get(key, partners) | partner
    return index


def _find_by_external_id(env, of_company, texts):
    partners = env["res.partner"]
    # What a record is called by an import is no secret of whoever may see the record.
    names = env["ir.model.data"].sudo()
    found = names.search_fetch(
        Domain("model", "=", "res.partner")
        & Domain("name", "in", [text.rpartition(".")[2] for text in texts]),
        ["module", "name", "res_id"],
    )
    seen = set(partners.search(of_company & Domain("id", "in", found.mapped("res_id")))._ids)
    index = {}
    for one in found:
        for key in (f"{one.module}.{one.name}", one.name):
            if one.res_id in seen:
                index[key] = index.get(key, partners) | partners.browse(one.res_id)
    return index


def _plain(kind, text):
    """A text as it is compared; external IDs are what they are."""
    text = " ".join((text or "").split())
    if kind == "id":
        return text
    if kind == "vat":
        text = "".join(letter for letter in text if letter.isalnum())
    return text.lower()
