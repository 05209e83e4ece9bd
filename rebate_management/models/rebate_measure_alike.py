"""Questions that have one answer are asked once: most distributors are in several programs, and
those often count the same purchases."""

from datetime import date

from odoo import models
from odoo.tools import SQL

from .rebate_measure import Purchases, Window
from .rebate_measure_tables import Tally


class RebateMeasure(models.AbstractModel):
    _inherit = "rebate.measure"

    def _counted_as(self, programs) -> dict[int, int]:
        """Find programs that count the purchases of a product alike, whatever they pay.

        :return: by program id, that of the first program which counts as it does
        """
        first = {}
        return {
            program.id: first.setdefault(
                (
                    program.company_id,
                    program.currency_id,
                    program.basis,
                    program.basis == "paid" and program.early_discount_counts,
                    program.include_refunds,
                    program.count_services,
                    program.uom_id,
                    # What other programs leave to it, they leave to no other.
                    program._preceding_programs() and program,
                ),
                program.id,
            )
            for program in programs
        }

    def _questions(
        self, windows: list[Window], counted_as, owners, late=(), as_programs=None
    ) -> list[list[tuple[Window, int]]]:
        """Group windows that ask for the same purchases of the same buyer: one asks for all.

        :param counted_as: see :meth:`_counted_as`
        :param owners: see :meth:`_owners`
        :param late: see :meth:`_late_returns`; programs that have some count like no other
        :param as_programs: see :meth:`_as_programs`
        :return: in each group, the windows with the id of their program
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT agreement.id, agreement.program_id,
                       -- Which companies below the partner count depends on the program too.
                       CASE WHEN agreement.include_children THEN -agreement.id
                            ELSE agreement.partner_id END,
                       GREATEST(agreement.date_start, program.date_start),
                       LEAST(agreement.date_end, program.date_end)
                  FROM rebate_agreement agreement
                  JOIN rebate_program program ON program.id = agreement.program_id
                 WHERE agreement.id = ANY(%s)
                """,
                list({window.agreement_id for window in windows}),
            )
        )
        agreements = {agreement_id: row for agreement_id, *row in rows}
        questions = {}
        apart = {one.program_id for one in late}
        for window in windows:
            program_id, buyer, first, last = agreements[window.agreement_id]
            if owners.is_particular(window.agreement_id, program_id):
                # What other agreements of its program leave to it, they leave to no other.
                buyer = -window.agreement_id
            if window.scope:
                program_id = as_programs[program_id, window.scope]
            days = window.date_from, window.last_day
            if not window.is_baseline:
                days = max(days[0], first), min(days[1], last or date.max)
            counts_as = -program_id if program_id in apart else counted_as[program_id]
            place = (counts_as, buyer, *days)
            questions.setdefault(place, []).append((window, program_id))
        return list(questions.values())

    def _distinct(self, tallies: list[Tally], counted_as) -> list[list[Tally]]:
        """Group tallies of the same products in programs that count alike: one sums for all.

        :param counted_as: see :meth:`_counted_as`
        """
        sums = {}
        for tally in tallies:
            products = tally.products
            if products is not None:
                products = products.code, repr(products.params)
            # What takes purchases from others is of no program, and found by its name.
            place = counted_as.get(tally.program_id, tally.name), products
            sums.setdefault(place, []).append(tally)
        return list(sums.values())

    def _answers(self, answers: dict[tuple[int, int], Purchases], questions, sums):
        """Give each window its answers.

        :param answers: purchases by the places of question and sum
        :param questions: see :meth:`_questions`
        :param sums: see :meth:`_distinct`
        :return: as :meth:`_purchases`
        """
        names = [
            {
                program_id: [tally.name for tally in alike if tally.program_id == program_id]
                for program_id in {tally.program_id for tally in alike}
            }
            for alike in sums
        ]
        found = {}
        for (question, place), purchases in answers.items():
            for window, program_id in questions[question]:
                for name in names[place].get(program_id, ()):
                    key = window.key, name
                    # of days that are measured by products of their own
                    found[key] = found[key].plus(purchases) if key in found else purchases
        return found
