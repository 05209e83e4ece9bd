"""From what is payable to proposals: one document for each who is paid, and a note of what is
carried over."""

from odoo import Command, fields, models
from odoo.tools import formatLang

from ..tools.trust import trusted


class RebateSettlementBatch(models.Model):
    _inherit = "rebate.settlement.batch"

    def _propose(self, partner_ids):
        """Propose a settlement for each of some partners who has something to receive.

        :return: the new settlements, in draft
        """
        until = self._accruals(partner_ids)
        due = self._payable(until)
        receiving = {part.payee for part in due if part.amount > 0}
        elsewhere = self._overpaid_elsewhere(receiving, until) if receiving else []
        finished = self._finished(until)
        documents, carried, rests = self._net(due, elsewhere, finished)
        self._release_rests(rests, documents, until, finished)
        self._note_carried_over(carried, until)
        settlements = trusted(self.env["rebate.settlement"]).create(
            [
                self._prepare_settlement_vals(*key, parts)
                for key, parts in self._group(documents).items()
            ]
        )
        settlements = settlements.with_env(self.env)
        self._tell_causes(settlements.line_ids, [*due, *elsewhere])
        return settlements

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

    def _group(self, documents):
        """Group what is payable into documents: one for each partner, currency, journal and kind
        of document, and one more for each payout date that lies ahead. What an agreement is paid
        stays together, with the overpayments that it makes up for.

        :param documents: by agreement and amount: the parts, those that it is paid first
        """
        today = fields.Date.context_today(self)
        groups = {}
        for agreement, amount, parts in documents:
            partner = agreement.payout_partner_id or agreement.partner_id
            program = agreement.program_id
            day = self._payout_date([part for part in parts if part.agreement == agreement])
            key = (
                partner,
                agreement.currency_id,
                program._payout_journal(amount),
                day if day > today else None,
                program._payout_group(amount),
            )
            group = groups.setdefault(key, {})
            for part in parts:
                group[part.accrual] = _together(group.get(part.accrual), part)
        return {
            key: sorted(
                parts.values(), key=lambda part: (part.agreement.id, part.accrual.date_from)
            )
            for key, parts in groups.items()
        }

    def _payout_date(self, parts):
        """Tell when all of some payables are due."""
        return max(part.accrual.program_id._payout_date(part.due) for part in parts)

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
            # What is made up for was due long ago, and need not wait for its own date.
            "date_due": self._payout_date([part for part in parts if part.amount > 0] or parts),
            "line_ids": [Command.create(self._prepare_line_vals(part, partner)) for part in parts],
        }

    def _prepare_line_vals(self, part, partner):
        """Describe the payout of one accrual in the language of the partner who receives it."""
        accrual = part.accrual.with_context(lang=partner.lang)
        calculation = self.env["rebate.calculation"].with_context(lang=partner.lang)
        texts = {"program": accrual.program_id.name, "period": accrual._format_period()}
        if part.whole:
            name = accrual.env._("Rebate %(program)s, %(period)s, part of an overpayment", **texts)
        elif accrual.settled_amount:
            name = accrual.env._("Rebate %(program)s, %(period)s, difference to date", **texts)
        else:
            name = accrual.env._("Rebate %(program)s, %(period)s", **texts)
        sentences = calculation._explain_result(part.result, accrual.currency_id)
        if part.whole:
            sentences.append(
                accrual.env._(
                    "Of %(whole)s paid too much, this makes up for %(amount)s.",
                    whole=formatLang(accrual.env, -part.whole, currency_obj=accrual.currency_id),
                    amount=formatLang(accrual.env, -part.amount, currency_obj=accrual.currency_id),
                )
            )
        return {
            "accrual_id": accrual.id,
            "amount": part.amount,
            "adjustment_amount": part.adjustment,
            "date_until": part.until,
            "measured_amount": float(part.result.purchases.amount),
            "invoice_count": part.result.purchases.invoice_count,
            "name": name,
            "explanation": "\n".join(sentences),
        }


def _together(one, other):
    """Add up two parts of what is payable of one accrual, of which the first may be none."""
    if not one:
        return other
    currency = one.accrual.currency_id
    amount = currency.round(one.amount + other.amount)
    return one._replace(
        amount=amount,
        adjustment=currency.round(one.adjustment + other.adjustment),
        whole=one.whole if currency.compare_amounts(amount, one.whole) else 0.0,
    )
