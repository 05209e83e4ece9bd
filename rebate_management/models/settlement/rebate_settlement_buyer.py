"""Whose purchases a settlement line was computed from, kept as it was when it was proposed."""

from odoo import fields, models
from odoo.tools import SQL


class RebateSettlementBuyer(models.Model):
    """A company counted by an agreement that includes subsidiaries. Companies are moved, sold and
    merged: what was paid for stays with who was paid, see :class:`Kept`. Written by the run alone,
    in one statement, and never changed."""

    _name = "rebate.settlement.buyer"
    _description = "Company Counted by a Settlement Line"
    _log_access = False

    settlement_line_id = fields.Many2one(
        "rebate.settlement.line", required=True, readonly=True, ondelete="cascade", index=True
    )
    partner_id = fields.Many2one(
        "res.partner", required=True, readonly=True, ondelete="restrict", index=True
    )
    path = fields.Char(
        readonly=True,
        help="The numbers of the companies from just below the distributor down to this one; empty"
        " for the distributor itself.",
    )

    def _keep(self, lines):
        """Keep the companies counted now by agreements that include subsidiaries.

        :param lines: new settlement lines
        """
        agreements = lines.accrual_id.agreement_id.filtered("include_children")
        if not agreements:
            return
        members, _company_of = self.env["rebate.measure"]._members(agreements)
        buyers = {}
        for agreement_id, partner_id, path in members:
            buyers.setdefault(agreement_id, []).append((partner_id, path))
        rows = [
            (line.id, *buyer)
            for line in lines
            for buyer in buyers.get(line.accrual_id.agreement_id.id, ())
        ]
        self.env.cr.execute(
            SQL(
                "INSERT INTO rebate_settlement_buyer (settlement_line_id, partner_id, path)"
                " SELECT * FROM unnest(%s::int[], %s::int[], %s::text[])",
                *map(list, zip(*rows, strict=True)),
            )
        )
        self.invalidate_model(flush=False)
