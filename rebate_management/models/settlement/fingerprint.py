"""The fingerprint of a posted settlement: a hash over all that is sealed of it and over the
fingerprint of the settlement that the company posted before."""

import json
from hashlib import sha256

from odoo.tools import SQL

from .sealed import FORMATS, contents_query, latest_format


def fingerprint_of(content: dict) -> str:
    """Hash a content: SHA-256 of its JSON with sorted keys, no spaces, in UTF-8.

    :return: hexadecimal digits
    """
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(text.encode()).hexdigest()


def read_contents(settlements, sealed=None) -> dict:
    """Read what fingerprints are computed from, in one statement.

    :param sealed: the format, see ``sealed``; the latest where none is given
    :return: by id plain values, amounts as decimal text
    """
    settlements.env.flush_all()
    sealed = sealed or FORMATS[latest_format()]
    return dict(settlements.env.execute_query(contents_query(settlements.ids, sealed)))


def seal(settlements):
    """Add posted settlements to the chains of their companies; in few statements, whatever
    their number. To be called last: others who post wait from now on."""
    settlements = settlements.filtered(lambda settlement: not settlement.fingerprint).sorted("id")
    if not settlements:
        return
    chains = settlements.env["rebate.settlement.chain"]
    ends = chains._take(settlements.company_id)
    number = latest_format()
    contents = read_contents(settlements, FORMATS[number])
    rows = []
    for settlement in settlements:
        count, previous = ends[settlement.company_id.id]
        content = contents[settlement.id] | {
            "number": count + 1,
            "previous": previous,
            "format": number,
        }
        fingerprint = fingerprint_of(content)
        ends[settlement.company_id.id] = count + 1, fingerprint
        rows.append(
            {
                "id": settlement.id,
                "number": count + 1,
                "fingerprint": fingerprint,
                "content": content,
            }
        )
    settlements.env.cr.execute(
        SQL(
            """
            UPDATE rebate_settlement settlement
               SET fingerprint = new.fingerprint,
                   fingerprint_number = new.number,
                   fingerprint_content = new.content
              FROM jsonb_to_recordset(%s)
                   AS new(id int, number int, fingerprint varchar, content jsonb)
             WHERE settlement.id = new.id
            """,
            json.dumps(rows),
        )
    )
    chains._extend(ends)
    settlements.invalidate_recordset(
        ["fingerprint", "fingerprint_number", "fingerprint_content"], flush=False
    )
