"""From what is payable to proposals: one document for each who is paid, and a note of what is
carried over."""

from odoo import Command, fields, models
from odoo.exceptions import UserError


class RebateSettlementBatch(models.Model):
    _inherit = "rebate.settlement.batch"

    def _propose(self, partner_ids):
        """Propose a settlement for each of some partners who has something to receive.

        :return: the new settlements, in draft
        """
        until = self._accruals(partner_ids)
        due = {}
        for payable in self._payable(until):
            due.setdefault(payable.accrual.agreement_id, []).append(payable)
        carried = self._carried_over(due)
        self._note_carried_over(carried, until)
        paid = {agreement: parts for agreement, parts in due.items() if agreement not in carried}
        causes = self._causes([part for parts in paid.values() for part in parts])
        return self.env["rebate.settlement"].create(
            [
                self._prepare_settlement_vals(*key, parts, causes)
                for key, parts in self._group(paid).items()
            ]
        )

    # ------------------------------------------------------------------
    # What is carried over
    # ------------------------------------------------------------------

    def _carried_over(self, due):
        """Find what is too little to pay, or overpaid: nothing is paid until it is made up.

        :param due: what is payable, by agreement
        :return: ``(reason, amount)`` by agreement
        """
        carried = {}
        for agreement, parts in due.items():
            currency = agreement.currency_id
            amount = currency.round(sum(part.amount for part in parts))
            minimum = max(agreement.program_id.min_payout, currency.rounding)
            if currency.compare_amounts(amount, minimum) < 0:
                is_too_little = currency.compare_amounts(amount, 0) > 0
                carried[agreement] = "minimum" if is_too_little else "negative", amount
        return carried

    def _note_carried_over(self, carried, until):
        """Note who is not paid now: carried over, or flagged because it cannot be computed."""
        flagged = {accrual.agreement_id for accrual in until if accrual.problem}
        rows = [(agreement, *noted) for agreement, noted in carried.items()]
        rows += [(agreement, "problem", 0) for agreement in flagged if agreement not in carried]
        # Written by the run alone, see the run.
        self.env["rebate.settlement.carryover"].sudo().create(
            [
                {
                    "batch_id": self.id,
                    "agreement_id": agreement.id,
                    "reason": reason,
                    "amount": amount,
                }
                for agreement, reason, amount in rows
            ]
        )

    # ------------------------------------------------------------------
    # Documents
    # ------------------------------------------------------------------

    def _group(self, due):
        """Group what is payable into documents: one for each partner, currency and journal, and
        one more for each payout date that lies ahead. What an agreement is paid stays together.

        :param due: what is payable, by agreement
        """
        today = fields.Date.context_today(self)
        default_journal = self.env["account.journal"].search(
            [
                *self.env["account.journal"]._check_company_domain(self.company_id),
                ("type", "=", "sale"),
            ],
            limit=1,
        )
        groups = {}
        for agreement, parts in due.items():
            partner = agreement.payout_partner_id or agreement.partner_id
            journal = agreement.program_id.journal_id or default_journal
            day = self._payout_date(parts)
            key = partner, agreement.currency_id, journal, day if day > today else None
            groups.setdefault(key, []).extend(parts)
        if groups and not all(journal for _partner, _currency, journal, _day in groups):
            raise UserError(
                self.env._(
                    "Company “%s” has no sales journal for the credit notes. Create one, or choose"
                    " a journal on each program.",
                    self.company_id.display_name,
                )
            )
        return groups

    def _payout_date(self, parts):
        """Tell when all of some payables are due."""
        return max(part.accrual.program_id._payout_date(part.until) for part in parts)

    def _prepare_settlement_vals(self, partner, currency, journal, ahead, parts, causes):
        """Values of a proposal.

        :param ahead: its payout date, where it lies ahead
        :param parts: what it pays
        :param causes: why what was settled before is corrected, by accrual
        """
        return {
            "partner_id": partner.id,
            "company_id": self.company_id.id,
            "currency_id": currency.id,
            "journal_id": journal.id,
            "batch_id": self.id,
            "date": ahead or fields.Date.context_today(self),
            "date_due": self._payout_date(parts),
            "line_ids": [
                Command.create(
                    self._prepare_line_vals(part, partner, causes.get(part.accrual, False))
                )
                for part in parts
            ],
        }

    def _prepare_line_vals(self, part, partner, cause):
        """Describe the payout of one accrual in the language of the partner who receives it."""
        accrual = part.accrual.with_context(lang=partner.lang)
        calculation = self.env["rebate.calculation"].with_context(lang=partner.lang)
        texts = {"program": accrual.program_id.name, "period": accrual._format_period()}
        if accrual.settled_amount:
            name = accrual.env._("Rebate %(program)s, %(period)s, difference to date", **texts)
        else:
            name = accrual.env._("Rebate %(program)s, %(period)s", **texts)
        return {
            "accrual_id": accrual.id,
            "amount": part.amount,
            "adjustment_amount": part.adjustment,
            "cause": cause,
            "date_until": part.until,
            "measured_amount": float(part.result.purchases.amount),
            "invoice_count": part.result.purchases.invoice_count,
            "name": name,
            "explanation": "\n".join(calculation._explain_result(part.result, accrual.currency_id)),
        }
