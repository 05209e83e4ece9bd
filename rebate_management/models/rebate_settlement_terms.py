"""The terms in force when a settlement was proposed, kept on it in words and numbers."""

import json

from odoo import fields, models
from odoo.tools import SQL


class RebateSettlement(models.Model):
    _inherit = "rebate.settlement"

    terms_snapshot = fields.Json(
        readonly=True,
        copy=False,
        help="The terms of the programs, what was decided by them and how, as of the proposal.",
    )

    def action_view_details(self):
        """Show the frozen invoice lines behind the settlement."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "rebate_management.rebate_settlement_detail_action"
        )
        return action | {
            "domain": [("settlement_line_id", "in", self.line_ids.ids)],
            "context": {},
        }

    def _freeze_terms(self, results, partial):
        """Keep the terms, and what was decided by them, of each settlement; in one statement.

        The snapshot has two keys. ``programs``: by id (as text) what ``rebate.program._snapshot``
        tells, in the partner's language. ``lines``: one entry a settlement line, with ``line_id``,
        ``program_id``, ``agreement_id``, ``partner`` (the distributor), ``date_from``, ``date_to``,
        ``date_until``; what was ``earned`` by then, ``settled`` before and the ``amount``, with
        what stays ``overpaid`` where it makes up for a part;
        ``period``, the facts of the whole period (limits), and ``rules``, each with the tier
        reached and the facts from which its explanation is told: scale (pro rata and own tiers
        included), purchases, baseline, parts. Money is decimal text in the settlement's currency.

        :param results: what was decided, by settlement line
        :param partial: see :meth:`_partial` of the lines
        """
        programs, lines = {}, {}
        for line, result in results.items():
            settlement, program = line.settlement_id, line.program_id
            key = program, settlement.partner_id.lang
            if key not in programs:
                programs[key] = program.with_context(lang=key[1])._snapshot()
            row = lines.setdefault(settlement.id, {"programs": {}, "lines": []})
            row["programs"][program.id] = programs[key]
            row["lines"].append(line._snapshot(result, partial.get(line)))
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE rebate_settlement settlement
                   SET terms_snapshot = jsonb_build_object(
                           'programs',
                           COALESCE(terms_snapshot -> 'programs', '{}') || new.programs,
                           'lines', COALESCE(terms_snapshot -> 'lines', '[]') || new.lines)
                  FROM jsonb_to_recordset(%s) AS new(id int, programs jsonb, lines jsonb)
                 WHERE settlement.id = new.id
                """,
                json.dumps([{"id": settlement_id, **row} for settlement_id, row in lines.items()]),
            )
        )
        self.browse(lines).invalidate_recordset(["terms_snapshot"], flush=False)
