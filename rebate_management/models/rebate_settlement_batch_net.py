"""What is paid and what is carried over: overpayments come off whatever their payee is owed."""

from decimal import Decimal

from odoo import models

from ..engine.offsetting import Credit, Debt, offset


class RebateSettlementBatch(models.Model):
    _inherit = "rebate.settlement.batch"

    def _net(self, due, elsewhere, finished):
        """Take what was paid too much off what is to be paid: all that one payee is owed in one
        currency is one sum. What nobody makes up for is invoiced, where its program says so and
        the run is about it, or carried over.

        :param due: what is payable of what the run is about, see :class:`Payable`
        :param elsewhere: what was overpaid beside it, see :meth:`_overpaid_elsewhere`
        :param finished: agreements to which nothing can be added, see :meth:`_finished`
        :return: documents, as ``(agreement, amount, parts)``: what is paid to an agreement, or
            invoiced where negative; ``(reason, amount)`` by agreement that is not paid now; and
            what is never paid, by agreement
        """
        payees = {}
        for place, parts in enumerate((due, elsewhere)):
            for part in parts:
                payees.setdefault(part.payee, ([], []))[place].append(part)
        documents, carried, rests = [], {}, {}
        for own, others in payees.values():
            paid, not_now, never = self._net_payee(own, others, finished)
            documents += paid
            carried |= not_now
            rests |= never
        return documents, carried, rests

    def _net_payee(self, due, elsewhere, finished):
        """As :meth:`_net`, of one payee in one currency."""
        owed, debts = self._owed_and_overpaid(due, elsewhere)
        done = offset(
            [
                Credit(
                    agreement,
                    agreement.program_id,
                    sum(_exact(part.amount) for part in parts),
                    _exact(agreement.program_id._smallest_payout(agreement in finished)),
                )
                for agreement, parts in owed.items()
            ],
            [
                Debt(part.accrual, part.agreement, part.accrual.program_id, -_exact(part.amount))
                for part in debts
            ],
            lambda agreement, accrual: agreement.program_id._makes_up_for(accrual.program_id),
        )
        pieces = _Pieces(debts)
        documents, carried, rests = [], {}, {}
        for agreement, parts in owed.items():
            taken = done.taken.get(agreement, {})
            left = float(sum(_exact(part.amount) for part in parts) - sum(taken.values()))
            parts = parts + [pieces.take(accrual, amount) for accrual, amount in taken.items()]
            if agreement in done.short and agreement in finished:
                rests[agreement] = parts
                carried[agreement] = "released", left
            elif agreement in done.short:
                carried[agreement] = "minimum", left
            else:
                documents.append((agreement, left, parts))
        invoices, overpaid = self._rest(pieces.rest(), due, done)
        # Where nobody else is concerned, all of an agreement stays on one invoice.
        alone = {agreement for agreement, _amount, parts in invoices if parts[-1].amount > 0}
        documents = [document for document in documents if document[0] not in alone] + invoices
        return documents, carried | overpaid, rests

    def _owed_and_overpaid(self, due, elsewhere):
        """Part what is payable: what agreements are owed, and what was overpaid, oldest first."""
        owed = {}
        for part in due:
            if part.amount > 0:
                owed.setdefault(part.agreement, []).append(part)
        debts = sorted(
            (part for part in [*due, *elsewhere] if part.amount < 0),
            key=lambda part: (part.accrual.date_from, part.last.id if part.last else 0),
        )
        return owed, debts

    def _rest(self, rest, due, done):
        """Invoice what was overpaid and nothing makes up for, or carry it over.

        :param rest: the parts that are left, all negative
        :param done: what was made up, see :class:`Offset`
        :return: ``(agreement, amount, parts)`` of what is invoiced, with what the agreement is owed
            itself at the end where nobody else made up for anything; and ``(reason, amount)`` by
            agreement of what is carried over
        """
        asked = {part.accrual for part in due}
        makers = {}
        for agreement, taken in done.taken.items():
            for accrual in taken:
                makers.setdefault(accrual, set()).add(agreement)
        by_agreement = {}
        for part in rest:
            if part.accrual in asked or part.accrual in makers:
                by_agreement.setdefault(part.agreement, []).append(part)
        invoices, carried = [], {}
        for agreement, parts in by_agreement.items():
            currency = agreement.currency_id
            ours = [part for part in parts if part.accrual in asked]
            amount = currency.round(sum(part.amount for part in ours))
            if not ours or agreement.program_id._carries_forward(amount):
                amount = currency.round(sum(part.amount for part in parts))
                carried[agreement] = "negative", amount
                continue
            mine = [part for part in due if part.agreement == agreement]
            others = set().union(*(makers.get(part.accrual, ()) for part in mine)) - {agreement}
            if not others:
                ours = sorted(mine, key=lambda part: part.amount)
            invoices.append((agreement, amount, ours))
        return invoices, carried


class _Pieces:
    """Cuts off, piece by piece, what was overpaid of each accrual."""

    def __init__(self, debts):
        self.left = {part.accrual: part for part in debts}
        self.whole = {part.accrual: part.amount for part in debts}

    def take(self, accrual, amount):
        """The next piece of what was overpaid of an accrual.

        :param amount: a decimal above zero
        """
        part = self.left[accrual]
        currency = accrual.currency_id
        if currency.compare_amounts(float(amount), -part.amount) >= 0:
            del self.left[accrual]
            return self._marked(part)
        amount = -float(amount)
        # What corrects the time paid for comes before what was returned since.
        adjustment = max(part.adjustment, amount) if part.adjustment < 0 else part.adjustment
        self.left[accrual] = part._replace(
            amount=currency.round(part.amount - amount),
            adjustment=currency.round(part.adjustment - adjustment),
        )
        return self._marked(part._replace(amount=amount, adjustment=adjustment))

    def rest(self):
        """What is left of all of them."""
        return [self._marked(part) for part in self.left.values()]

    def _marked(self, part):
        """Tell the whole of what a piece is of, where it is but a piece."""
        whole = self.whole[part.accrual]
        is_piece = part.accrual.currency_id.compare_amounts(part.amount, whole)
        return part._replace(whole=whole if is_piece else 0.0)


def _exact(amount):
    return Decimal(str(amount))
