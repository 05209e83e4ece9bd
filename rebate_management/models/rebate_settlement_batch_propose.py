"""From what is payable to proposals: one document for each who is paid, and a note of what is
carried over."""

from odoo import Command, fields, models

from ..tools.trust import trusted


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
        settlements = trusted(self.env["rebate.settlement"]).create(
            [self._prepare_settlement_vals(*key, parts) for key, parts in self._group(paid).items()]
        )
        settlements = settlements.with_env(self.env)
        self._tell_causes(settlements.line_ids, [part for parts in paid.values() for part in parts])
        return settlements

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
            if agreement.program_id._carries_forward(amount):
                is_too_little = currency.compare_amounts(amount, 0) > 0
                carried[agreement] = "minimum" if is_too_little else "negative", amount
        return carried

    def _note_carried_over(self, carried, until):
        """Note who is not paid now: carried over, not claimed yet, or flagged because it cannot be
        computed."""
        flagged = {accrual.agreement_id for accrual in until if accrual.problem}
        unclaimed = {}
        for accrual in until:
            if accrual._awaits_claim() and accrual.state != "expired" and not accrual.problem:
                agreement = accrual.agreement_id
                unclaimed[agreement] = unclaimed.get(agreement, 0) + accrual.open_amount
        rows = [(agreement, *noted) for agreement, noted in carried.items()]
        rows += [(agreement, "problem", 0) for agreement in flagged if agreement not in carried]
        rows += [(agreement, "claim", amount) for agreement, amount in unclaimed.items() if amount]
        # Written by the run alone, see the run.
        trusted(self.env["rebate.settlement.carryover"].sudo()).create(
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
        """Group what is payable into documents: one for each partner, currency, journal and kind
        of document, and one more for each payout date that lies ahead. What an agreement is paid
        stays together.

        :param due: what is payable, by agreement
        """
        today = fields.Date.context_today(self)
        groups = {}
        for agreement, parts in due.items():
            partner = agreement.payout_partner_id or agreement.partner_id
            program = agreement.program_id
            amount = agreement.currency_id.round(sum(part.amount for part in parts))
            day = self._payout_date(parts)
            key = (
                partner,
                agreement.currency_id,
                program._payout_journal(amount),
                day if day > today else None,
                program._payout_group(amount),
            )
            groups.setdefault(key, []).extend(parts)
        return groups

    def _payout_date(self, parts):
        """Tell when all of some payables are due."""
        return max(part.accrual.program_id._payout_date(part.until) for part in parts)

    def _prepare_settlement_vals(self, partner, currency, journal, ahead, _group, parts):
        """Values of a proposal.

        :param ahead: its payout date, where it lies ahead
        :param parts: what it pays
        """
        return {
            "partner_id": partner.id,
            "company_id": self.company_id.id,
            "currency_id": currency.id,
            "journal_id": journal.id,
            "batch_id": self.id,
            "date": ahead or fields.Date.context_today(self),
            "date_due": self._payout_date(parts),
            "line_ids": [Command.create(self._prepare_line_vals(part, partner)) for part in parts],
        }

    def _prepare_line_vals(self, part, partner):
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
            "date_until": part.until,
            "measured_amount": float(part.result.purchases.amount),
            "invoice_count": part.result.purchases.invoice_count,
            "name": name,
            "explanation": "\n".join(calculation._explain_result(part.result, accrual.currency_id)),
        }
