"""What is less than the smallest payout when nothing can be added any more: released, or paid, as
the program says."""

from odoo import api, fields, models
from odoo.tools import SQL


class RebateSettlementBatch(models.Model):
    _inherit = "rebate.settlement.batch"

    def _finished(self, until):
        """Find the agreements to which nothing can be added: their last day within the program is
        past, the run is about all of their periods to the end, and none can still be claimed or is
        not computed. Other agreements add nothing: each has its own smallest payout.

        :param until: see :meth:`_accruals`
        :return: a set
        """
        today = fields.Date.context_today(self)
        agreements = self.env["rebate.agreement"].union(
            *(accrual.agreement_id for accrual in until if accrual.program_id.min_payout)
        )
        bookable = self._bookable(agreements.program_id)
        return {
            agreement
            for agreement in agreements
            if agreement.program_id in bookable
            and agreement._run()[1] < today
            and all(
                until.get(accrual, accrual.date_from) >= accrual.date_to
                and not accrual.problem
                and (accrual.expired_on or not accrual._awaits_claim())
                for accrual in agreement.accrual_ids
            )
        }

    def _bookable(self, programs):
        """Those of some programs whose liability can be released, where there is any."""
        accruing = programs.filtered(lambda program: program.accrual_method != "none")
        return programs - programs.browse(program.id for program in accruing._unbookable())

    def _release_rests(self, rests, documents, until, finished):
        """Release what is never paid, and owe again what is paid or carried over after all.

        :param rests: parts by agreement, see :meth:`_net`
        :param documents: what is paid, see :meth:`_net`
        :param until: the accruals that the run is about
        :param finished: see :meth:`_finished`
        """
        today = fields.Date.context_today(self)
        released = {}
        for parts in rests.values():
            for part in parts:
                released[part.accrual] = released.get(part.accrual, 0) + part.amount
        paid = {part.accrual for _agreement, _amount, parts in documents for part in parts}
        changes = {}
        for accrual in dict.fromkeys([*until, *paid]):
            amount = accrual.currency_id.round(released.get(accrual, 0))
            if not accrual.currency_id.compare_amounts(accrual.released_amount, amount):
                continue
            if (
                accrual in paid
                or accrual.agreement_id in finished
                or accrual.agreement_id._run()[1] >= today
            ):
                changes[accrual] = amount
        self.env["rebate.accrual"]._set_released(changes)

    # ------------------------------------------------------------------
    # By the calendar
    # ------------------------------------------------------------------

    @api.model
    def _begin_last_payouts(self, yesterday):
        """Begin a run in each company for the agreements that have ended with less than their
        smallest payout, where no run of the calendar comes to them any more; and owe again what was
        released of those that go on.

        :return: whether there are any
        """
        accruals = self.env["rebate.accrual"]
        released = accruals.search([("released_amount", "!=", 0)])
        accruals._set_released(
            {accrual: 0.0 for accrual in released if accrual.agreement_id._run()[1] > yesterday}
        )
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT agreement.company_id, agreement.program_id, agreement.partner_id
                  FROM rebate_agreement agreement
                  JOIN rebate_program program ON program.id = agreement.program_id
                  JOIN rebate_accrual accrual ON accrual.agreement_id = agreement.id
                 WHERE agreement.state IN ('active', 'ended')
                   AND program.state <> 'draft'
                   AND program.min_payout > 0
                   AND LEAST(agreement.date_end, program.date_end) <= %s
              GROUP BY agreement.id, program.id
                HAVING SUM(accrual.open_amount) > 0
                   AND SUM(accrual.open_amount) < program.min_payout
                   AND bool_and(accrual.problem IS NULL)
                   AND bool_and(NOT COALESCE(program.claim_required, FALSE)
                                OR accrual.claimed_date IS NOT NULL
                                OR accrual.expired_on IS NOT NULL)
                   -- What is proposed waits, and what was rejected is no business of the calendar.
                   AND NOT EXISTS (
                           SELECT
                             FROM rebate_settlement_line line
                             JOIN rebate_accrual own ON own.id = line.accrual_id
                            WHERE own.agreement_id = agreement.id
                              AND line.state NOT IN ('posted', 'paid')
                              AND line.create_date > LEAST(agreement.date_end, program.date_end)
                       )
                """,
                yesterday,
            )
        )
        by_company = {}
        for company_id, program_id, partner_id in rows:
            by_company.setdefault(company_id, set()).add((program_id, partner_id))
        begun = False
        for company_id, pairs in by_company.items():
            programs = self.env["rebate.program"].browse({program_id for program_id, _ in pairs})
            programs = self._bookable(programs)
            partner_ids = [partner for program_id, partner in pairs if program_id in programs.ids]
            if partner_ids:
                begun = True
                self._begin(
                    company_id=company_id,
                    date_to=yesterday,
                    kind="final",
                    program_ids=programs.ids,
                    partner_ids=partner_ids,
                    is_automatic=True,
                )
        return begun
