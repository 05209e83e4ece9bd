"""The fingerprint of a posted settlement: a hash over all that is frozen of it and over the
fingerprint of the settlement that the company posted before."""

import json
from hashlib import sha256

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..tools.settlement_checks import FORMAT_APPROVED_BY_OTHERS


def fingerprint_of(content: dict) -> str:
    """Hash a content: SHA-256 of its JSON with sorted keys, no spaces, in UTF-8.

    :return: hexadecimal digits
    """
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(text.encode()).hexdigest()


class RebateSettlement(models.Model):
    """The chain follows the order of posting. What was hashed is kept beside the hash, so that a
    check can tell what differs; only the frozen details and terms, which may be large, are in it as
    hashes of their own. A fingerprint stays with a settlement that is cancelled: it was posted."""

    _inherit = "rebate.settlement"

    fingerprint = fields.Char(
        readonly=True,
        copy=False,
        help="SHA-256 over what was frozen of the settlement when it was posted, and over the"
        " fingerprint of the one the company posted before. “Check Settlements” tells whether"
        " anything was changed since.",
    )
    fingerprint_number = fields.Integer(
        string="Number in the Chain",
        readonly=True,
        copy=False,
        help="Counts the settlements that the company has posted.",
    )
    fingerprint_content = fields.Json(
        readonly=True, copy=False, prefetch=False, help="What the fingerprint was computed from."
    )

    _fingerprint_number_unique = models.UniqueIndex(
        "(company_id, fingerprint_number) WHERE fingerprint_number > 0",
        "Another settlement of the company was just posted. Try again.",
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sealed(self):
        for settlement in self:
            if settlement.fingerprint:
                raise UserError(
                    self.env._(
                        "Settlement %s was posted and cannot be deleted: those posted after it"
                        " build on its fingerprint.",
                        settlement.name,
                    )
                )

    # ------------------------------------------------------------------
    # Sealing
    # ------------------------------------------------------------------

    def _seal(self):
        """Add posted settlements to the chains of their companies; in few statements, whatever
        their number. To be called last: others who post wait from now on."""
        settlements = self.filtered(lambda settlement: not settlement.fingerprint).sorted("id")
        if not settlements:
            return
        chains = self.env["rebate.settlement.chain"]
        ends = chains._take(settlements.company_id)
        contents = settlements._contents()
        rows = []
        for settlement in settlements:
            count, previous = ends[settlement.company_id.id]
            content = contents[settlement.id] | {
                "number": count + 1,
                "previous": previous,
                "format": FORMAT_APPROVED_BY_OTHERS,
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
        self.env.cr.execute(
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
