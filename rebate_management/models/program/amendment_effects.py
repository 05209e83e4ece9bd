"""What an amendment does to each period: tried out and taken back for the preview, for good when it
is applied."""

from contextlib import closing
from datetime import date
from typing import NamedTuple

from ...tools.apart import apart
from ...tools.locks import lock_all
from ...tools.trust import trusted
from .amending import take_terms
from .consequences import find_consequences


class Standing(NamedTuple):
    """How a period stands: its days, what is settled, earned and still open, in its program's
    currency; until when it can be claimed (None: it need not be) and whether it was, whether the
    distributor was reminded of it; when it is due, and the least that is paid."""

    program_id: int
    agreement_id: int
    currency_id: int
    partner_id: int
    date_from: date
    date_to: date
    state: str
    settled: float
    earned: float
    is_kept: bool
    open: float = 0.0
    claim_until: date | None = None
    is_claimed: bool = False
    is_warned: bool = False
    expired_on: date | None = None
    due: date | None = None
    smallest: float = 0.0


def simulate(amendment):
    """Compute how periods stand before and after, and take back all that this had to write.

    :return: two dictionaries of :class:`Standing` by accrual id
    """
    # Closing a savepoint rolls it back.
    with closing(amendment.env.cr.savepoint()):
        before = _standings(_dependent_accruals(amendment))
        _take_terms(amendment)
        return before, _standings(_dependent_accruals(amendment))


def take_effect(amendment):
    """Put the terms into force, and bring the accruals up to date by them.

    :return: as :func:`simulate`
    """
    accruals = _dependent_accruals(amendment)
    before = _standings(accruals)
    _take_terms(amendment)
    # A program that shared purchases with this one may have them alone now.
    accruals = _dependent_accruals(amendment) | accruals.exists()
    # None is left to the queue: what it becomes is recorded here.
    lock_all(accruals.sudo())
    accruals.refresh()
    return before, _standings(accruals, is_computed=True)


def _take_terms(amendment):
    program = amendment.program_id
    take_terms(program, amendment.draft_id)
    for agreement in program.agreement_ids:
        if agreement.tier_ids and agreement.state != "ended":
            for rule in program.rule_ids:
                program._check_unit(rule, agreement._tiers(rule))


def _dependent_accruals(amendment):
    """Every period whose rebate may depend on the program's terms, up to today."""
    agreements = amendment.program_id._dependent_programs().agreement_ids
    agreements._ensure_accruals()
    return agreements.accrual_ids


def _standings(accruals, is_computed=False):
    """Tell how periods stand by the terms now in force.

    :param is_computed: whether the accruals are up to date; if not they are computed aside
    :return: by accrual id, :class:`Standing`
    """
    results = {}
    if not is_computed:
        for _accruals, found, error in apart(
            accruals,
            lambda some: some.env["rebate.calculation"]._calculate(some._windows()),
        ):
            # Of a program that cannot be computed there is none: its figures are kept.
            results |= found if not error else {}
    standings = {}
    for accrual in accruals:
        earned = accrual.earned_amount
        is_kept = bool(accrual.problem) or not is_computed
        if result := results.get(accrual.id):
            # As a refresh does: what cannot be computed keeps its figures.
            is_kept = bool(result.unconverted or result.unmeasured)
            earned = earned if is_kept else float(result.earned)
        standings[accrual.id] = Standing(
            program_id=accrual.program_id.id,
            agreement_id=accrual.agreement_id.id,
            currency_id=accrual.currency_id.id,
            partner_id=accrual.partner_id.id,
            date_from=accrual.date_from,
            date_to=accrual.date_to,
            state=accrual.state,
            settled=accrual.settled_amount,
            earned=earned,
            is_kept=is_kept,
            open=round(earned - accrual._no_longer_owed(), 6),
            claim_until=accrual.claim_until or None,
            is_claimed=bool(accrual.claimed_date),
            is_warned=bool(accrual.claim_warned),
            expired_on=accrual.expired_on or None,
            due=accrual.program_id._payout_date(accrual.date_to),
            smallest=accrual.program_id._smallest_payout(),
        )
    return standings


def record_effects(amendment, before, after):
    """Replace the effects on record: every period of the program, and of others those whose
    rebate changes.

    :param before: by accrual id, :class:`Standing` by the old terms
    :param after: the same by the new terms
    """
    # Effects are computed: nobody has the right to type them.
    trusted(amendment.sudo()).consequences = find_consequences(amendment, before, after)
    lines = trusted(amendment.sudo().line_ids)
    lines.unlink()
    accruals = amendment.env["rebate.accrual"].browse(before | after).exists()
    lines.create(
        [
            amendment._prepare_line_vals(before.get(accrual_id), after.get(accrual_id))
            | {"accrual_id": accrual_id if accrual_id in accruals._ids else False}
            for accrual_id in before | after
            if _is_recorded(amendment, before.get(accrual_id), after.get(accrual_id))
        ]
    )


def _is_recorded(amendment, was, will):
    """Tell whether a period is of the program, or changes."""
    here = (was or will).program_id == amendment.program_id.id
    return here or (was and was.earned) != (will and will.earned)
