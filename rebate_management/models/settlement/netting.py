"""What is paid and what is carried over: overpayments come off whatever their payee is owed."""

from decimal import Decimal
from typing import NamedTuple

from ...engine.offsetting import Credit, Debt, offset


class Document(NamedTuple):
    """What is paid to an agreement by one document, or invoiced where ``amount`` is negative:
    ``parts`` (:class:`.payable.Payable`), in the agreement's currency."""

    agreement: object
    amount: float
    parts: list


class Netted(NamedTuple):
    """What became of all that is payable: ``documents``; what is ``carried`` over, ``(reason,
    amount)`` by agreement that is not paid now; and what is never paid, the parts by agreement."""

    documents: list[Document]
    carried: dict
    rests: dict


class Decision(NamedTuple):
    """What a run decides about some partners: up to which day it pays for each accrual
    (``until``), all that is ``payable`` (:class:`.payable.Payable`), what became of it
    (``netted``), the agreements to which nothing can be added (``finished``), and ``today``."""

    until: dict
    payable: list
    netted: Netted
    finished: set
    today: object


class Payout(NamedTuple):
    """What settlements are told apart by: whom they pay and from which journal, the payout date
    where it lies ``ahead``, and what the program wants paid together."""

    partner: object
    currency: object
    journal: object
    ahead: object
    group: object


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


def offset_overpaid(due, elsewhere, finished):
    """Take what was paid too much off what is to be paid: all that one payee is owed in one
    currency is one sum. What nobody makes up for is invoiced, where its program says so and
    the run is about it, or carried over.

    :param due: what is payable of what the run is about, see :class:`.payable.Payable`
    :param elsewhere: what was overpaid beside it, see :func:`.payable.find_overpaid_elsewhere`
    :param finished: agreements to which nothing can be added, see
        :func:`.final_rests.find_finished`
    :return: :class:`Netted`
    """
    payees = {}
    for place, parts in enumerate((due, elsewhere)):
        for part in parts:
            payees.setdefault(part.payee, ([], []))[place].append(part)
    netted = Netted([], {}, {})
    for own, others in payees.values():
        of_payee = _net_payee(own, others, finished)
        netted.documents.extend(of_payee.documents)
        netted.carried.update(of_payee.carried)
        netted.rests.update(of_payee.rests)
    return netted


def _net_payee(due, elsewhere, finished):
    """As :func:`offset_overpaid`, of one payee in one currency."""
    owed, debts = _owed_and_overpaid(due, elsewhere)
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
            documents.append(Document(agreement, left, parts))
    invoices, overpaid = _invoice_or_carry_over(pieces.rest(), due, done)
    # Where nobody else is concerned, all of an agreement stays on one invoice.
    alone = {invoice.agreement for invoice in invoices if invoice.parts[-1].amount > 0}
    documents = [document for document in documents if document.agreement not in alone]
    return Netted(documents + invoices, carried | overpaid, rests)


def _owed_and_overpaid(due, elsewhere):
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


def _invoice_or_carry_over(rest, due, done):
    """Invoice what was overpaid and nothing makes up for, or carry it over.

    :param rest: the parts that are left, all negative
    :param done: what was made up, see :class:`Offset`
    :return: :class:`Document` of what is invoiced, with what the agreement is owed
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
        invoices.append(Document(agreement, amount, ours))
    return invoices, carried


def group_by_payout(documents, today):
    """Group documents into settlements: one for each partner, currency, journal and kind of
    document, and one more for each payout date that lies ahead. What an agreement is paid stays
    together, with the overpayments that it makes up for.

    :param documents: list of :class:`Document`
    :param today: the user's
    :return: by :class:`Payout` the parts, those of an agreement together
    """
    groups = {}
    for agreement, amount, parts in documents:
        program = agreement.program_id
        day = max(part.due_date for part in parts if part.agreement == agreement)
        payout = Payout(
            agreement.payout_partner_id or agreement.partner_id,
            agreement.currency_id,
            program._payout_journal(amount),
            day if day > today else None,
            program._payout_group(amount),
        )
        group = groups.setdefault(payout, {})
        for part in parts:
            group[part.accrual] = _together(group.get(part.accrual), part)
    return {
        payout: sorted(parts.values(), key=lambda part: (part.agreement.id, part.accrual.date_from))
        for payout, parts in groups.items()
    }


def due_date(parts):
    """When a settlement is to be paid, that pays some parts."""
    # What is made up for was due long ago, and need not wait for its own date.
    paying = [part for part in parts if part.amount > 0] or parts
    return max(part.due_date for part in paying)


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
