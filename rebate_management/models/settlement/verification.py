"""Whether posted settlements are still what they were: each is compared with what its fingerprint
was computed from, and the chain with itself."""

from typing import NamedTuple

from odoo import models

from .contradictions import find_contradictions
from .differences import tell_differences
from .fingerprint import read_contents
from .keeping import find_altered
from .sealed import format_of

# Settlements that are read at once.
BATCH = 1000

# What is wrong with the chain itself, and with the statement that is kept.
CHAIN = "chain"
STATEMENT = "statement"


class Finding(NamedTuple):
    """What is wrong, in a sentence; ``settlement`` is empty where it is gone, or where an accrual
    is wrong. ``topic`` says what it is about, see :mod:`.contradictions`."""

    settlement: models.Model
    name: str
    text: str
    topic: str = CHAIN


def check_fingerprints(settlements, companies):
    """Compare all posted settlements of companies with their fingerprints.

    :param settlements: of the user, none of them named
    :param companies: companies whose settlements the user may read
    :return: the number of settlements that were compared, and a list of :class:`Finding`, empty
        where all is as it was
    """
    count, findings = 0, []
    for company in companies:
        chain = settlements.search(
            [("company_id", "=", company.id), ("fingerprint_number", ">", 0)],
            order="fingerprint_number",
        )
        findings += _check_chain(chain, company)
        count += len(chain)
    findings += _find_unsealed(settlements, companies)
    return count, findings + _find_contradictions(settlements, companies, findings)


def _check_chain(settlements, company):
    """Compare all settlements of a company, given in the order of the chain."""
    number, fingerprint, last = 0, None, settlements.browse()
    for start in range(0, len(settlements), BATCH):
        batch = settlements[start : start + BATCH]
        batch.fetch(
            [
                *("name", "state", "fingerprint", "fingerprint_number", "fingerprint_content"),
                "statement_hash",
            ]
        )
        contents = _read_in_own_formats(batch)
        altered = find_altered(batch)
        for settlement in batch:
            then = settlement.fingerprint_content or {}
            if settlement.fingerprint_number > number + 1:
                yield _missing(settlements, company, number + 1, settlement.fingerprint_number - 1)
            elif then and then.get("previous") != fingerprint:
                yield _does_not_follow(settlement, last)
            for topic, text in tell_differences(settlement, contents.get(settlement.id)):
                yield Finding(settlement, settlement.name, text, topic)
            if settlement in altered:
                yield _altered_statement(settlement)
            number, fingerprint, last = (
                settlement.fingerprint_number,
                settlement.fingerprint,
                settlement,
            )
        # What was read of them is large, and not needed any more.
        batch.invalidate_recordset(["fingerprint_content"], flush=False)
    yield from _check_end(settlements, company, number, fingerprint, last)


def _read_in_own_formats(settlements):
    """Read what is sealed of settlements as it is now, each in the format that it was sealed in;
    one statement a format.

    :return: by id; without those whose format is none that is known
    """
    contents = {}
    for sealed, some in settlements.grouped(
        lambda settlement: format_of(settlement.fingerprint_content or {})
    ).items():
        if sealed:
            contents |= read_contents(some, sealed)
    return contents


def _check_end(settlements, company, number, fingerprint, last):
    """Compare the last settlement with what the company's chain says of it."""
    # Only posting reads and writes it otherwise; it tells no more than the settlements do.
    chain = settlements.env["rebate.settlement.chain"].sudo()
    chain = chain.search([("company_id", "=", company.id)])
    if chain.settlement_count > number:
        yield _missing(settlements, company, number + 1, chain.settlement_count)
    elif (chain.settlement_count, chain.fingerprint or None) != (number, fingerprint):
        yield Finding(
            last,
            last.name,
            settlements.env._(
                "The chain of %s does not end with it: one of both was changed.", company.name
            ),
        )


def _find_unsealed(settlements, companies):
    """Find what was posted and is in no chain."""
    unsealed = settlements.search(
        [
            ("company_id", "in", companies.ids),
            ("state", "in", ("posted", "paid")),
            "|",
            ("fingerprint", "=", False),
            ("fingerprint_number", "<=", 0),
        ]
    )
    text = settlements.env._(
        "It is posted but has no fingerprint, so its changes cannot be noticed."
    )
    return [Finding(settlement, settlement.name, text) for settlement in unsealed]


def _find_contradictions(settlements, companies, findings):
    """Find what contradicts itself, whether it was sealed or not.

    What a fingerprint tells of a settlement is not told again on the same topic, nor what
    follows for an accrual from anything that is told of its settlements.

    :param findings: what is found already
    :return: a list of :class:`Finding`
    """
    told = {(finding.settlement.id, finding.topic) for finding in findings}
    # Accruals are looked at last.
    concerned = {settlement_id for settlement_id, _topic in told}
    odd = []
    accruals = settlements.env["rebate.accrual"]
    for contradiction in find_contradictions(settlements.env, companies.ids):
        settlement = settlements.browse(contradiction.settlement_id or ())
        name = settlement.name
        if contradiction.accrual_id:
            accrual = accruals.browse(contradiction.accrual_id)
            # Also what a reader may not open follows from a finding.
            if concerned & set(accrual.sudo().settlement_line_ids.settlement_id.ids):
                continue
            name = name or accrual.display_name
        elif (settlement.id, contradiction.topic) in told:
            continue
        concerned.add(settlement.id)
        odd.append(Finding(settlement, name, contradiction.text, contradiction.topic))
    return odd


def _altered_statement(settlement):
    text = settlement.env._(
        "The statement that was kept of it is missing, or is not the file that was made."
    )
    return Finding(settlement, settlement.name, text, STATEMENT)


def _missing(settlements, company, first, last):
    env = settlements.env
    names = {"first": first, "last": last, "company": company.name}
    if first == last:
        name = env._("No. %(first)s", **names)
        text = env._("It was posted as no. %(first)s of %(company)s and is gone.", **names)
    else:
        name = env._("No. %(first)s to %(last)s", **names)
        text = env._(
            "They were posted as no. %(first)s to %(last)s of %(company)s and are gone.",
            **names,
        )
    return Finding(settlements.browse(), name, text)


def _does_not_follow(settlement, before):
    env = settlement.env
    if before:
        text = env._(
            "It was built on another fingerprint than %s has now: one of both was replaced.",
            before.name,
        )
    else:
        text = env._("It was built on another settlement, but is the first of the chain.")
    return Finding(settlement, settlement.name, text)
