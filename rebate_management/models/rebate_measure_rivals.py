"""Stacking by priority: of the programs of a group, the first that counts a purchase takes it."""

from datetime import date

from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL


class RebateMeasure(models.AbstractModel):
    _inherit = "rebate.measure"

    def _rival_table(self, programs, tallies, partner_ids, as_programs) -> SQL:
        """Compose ``rival``: which programs take whose purchases on which days before the programs
        asked about. Empty where no program comes before another."""
        rivals = programs._preceding_programs()
        if not rivals:
            return SQL()
        # Whoever may see a program must see the figures that the others leave to it.
        agreements_sudo = self.env["rebate.agreement"].sudo()
        agreements = agreements_sudo.search(
            Domain("program_id", "in", rivals.ids) & Domain("state", "in", ("active", "ended"))
        )
        places = {tally.name: place for place, tally in enumerate(tallies)}
        numbers = {program: [program.id] for program in programs}
        for (program_id, _scope), number in as_programs.items():
            numbers[programs.browse(program_id)].append(number)
        branches, _roots = self._branches(agreements.company_id)
        owners = self._owners(agreements)
        members, _company_of = self._members(agreements)
        days = {}
        for agreement_id, partner_id, _below in members:
            days.setdefault(agreement_id, {}).setdefault(partner_id, []).extend(
                owners.open_spans(agreement_id, date.min, date.max)
            )
        for kept in owners.kept:
            spans = days.setdefault(kept.agreement_id, {}).setdefault(kept.buyer_id, [])
            spans.append((kept.first, kept.last))
        rows = [
            (
                number,
                rival.id,
                buyer_id,
                max(first, agreement.date_start, rival.date_start),
                min(last, agreement.date_end or date.max, rival.date_end or date.max),
                branches[agreement.company_id.id],
                places["taken by", rival.id, number if number < 0 else None],
            )
            for program in programs
            for number in numbers[program]
            for rival in program._preceding_programs()
            for agreement in agreements.filtered(lambda a, rival=rival: a.program_id == rival)
            for buyer_id in days[agreement.id].keys() & set(partner_ids)
            for first, last in sorted(set(days[agreement.id][buyer_id]))
        ]
        return SQL(
            """
            rival AS (
                SELECT rival.program_id, rival.rival_id, rival.buyer_id,
                       rival.date_from, rival.date_to,
                       string_to_array(rival.branch_ids, ',')::int[] AS branch_ids, rival.place
                  FROM unnest(%s::int[], %s::int[], %s::int[], %s::date[], %s::date[], %s::text[],
                              %s::int[])
                       AS rival(program_id, rival_id, buyer_id, date_from, date_to, branch_ids,
                                place)
            ),
            """,
            *([list(column) for column in zip(*rows, strict=True)] or [[]] * 7),
        )

    def _not_taken(self, late=()) -> SQL:
        """Compose the condition that no program which comes first has taken ``bought``.

        What is returned stays with the program that had the purchase, even one that does not
        deduct returns.

        :param late: see :meth:`_late_returns`
        """
        return SQL(
            """
            AND NOT EXISTS (
                    SELECT 1
                      FROM rival JOIN tally ON tally.place = rival.place
                     WHERE rival.program_id = asked.counted_as
                       AND rival.buyer_id = bought.partner_id
                       AND %(day)s BETWEEN rival.date_from AND rival.date_to
                       AND bought.company_id = ANY(rival.branch_ids)
                       AND tally.class_id = bought.class_id
                )
            """,
            day=self._counted_day(late, SQL("ANY(ARRAY[asked.program_id, rival.rival_id])")),
        )
