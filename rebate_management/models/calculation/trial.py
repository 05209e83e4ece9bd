"""What distributors would have earned on days that are over by the terms of a program: enrolled for
a trial, measured and decided as all others are, and taken back."""

from collections.abc import Iterable
from contextlib import closing
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from odoo.exceptions import UserError
from odoo.fields import Domain

from ...engine.tiers import ZERO
from ...tools.apart import apart
from ...tools.trust import trusted
from ..measure.purchases import Window
from ..measure.subsidiaries import find_with_subsidiaries

FIRST_DAY = date(1900, 1, 1)


class Trial(NamedTuple):
    """What a distributor would have earned: ``purchases`` that count and what they ``earned``, in
    the program's currency, the ``tier`` that was reached in the reader's words, and what
    subsidiaries bought that does not count."""

    purchases: Decimal = ZERO
    earned: Decimal = ZERO
    tier: str = ""
    not_counted: Decimal = ZERO


def try_enrolments(program, vals_list: list[dict], first: date, last: date) -> list[Trial]:
    """Compute what distributors would have earned between two days by the terms of a program as
    they are now.

    :param vals_list: values of an agreement each, without program and dates
    :return: one for each, in this order
    :raise UserError: when the program cannot be computed
    """
    if not vals_list:
        return []
    # Closing a savepoint rolls it back.
    with closing(program.env.cr.savepoint()):
        copy = copy_terms(program, {"date_start": first, "date_end": last})
        step_aside(program)
        agreements = enrol_for_trial(
            copy,
            [vals | {"date_start": first} for vals in vals_list],
            _others_below(program, vals_list),
        )
        return decide_trials(copy, agreements, first, last)


def copy_terms(program, vals):
    """Copy a program with its terms, to be tried or renewed.

    :param vals: what of it is otherwise
    """
    # Products that the manager may not see are part of the terms all the same.
    copy = trusted(program.sudo().with_context(tracking_disable=True)).copy(
        {"name": program.name, **vals}
    )
    return program.browse(copy.id)


def step_aside(program):
    """Have a program take no purchases from its copy in a trial."""
    trusted(program.with_context(tracking_disable=True)).stacking_group_id = False


def enrol_for_trial(program, vals_list: Iterable[dict], others=()):
    """Enrol distributors in the copy of a program.

    :param vals_list: values of an agreement each, without program and state
    :param others: of agreements that only have what is theirs
    :return: the agreements of the former
    """
    agreements = trusted(program.env["rebate.agreement"].with_context(tracking_disable=True))
    made = agreements.create(
        [vals | {"program_id": program.id, "state": "active"} for vals in [*vals_list, *others]]
    )
    return made[: len(made) - len(others)].with_env(program.env)


def _others_below(program, vals_list):
    """Find who is enrolled already below those who are to be tried, and has its own purchases."""
    tried = program.env["res.partner"].browse(vals["partner_id"] for vals in vals_list)
    above = find_with_subsidiaries(tried)
    if not above:
        return []
    enrolled = program.env["rebate.agreement"].search(
        Domain("program_id", "=", program.id)
        & Domain("state", "in", ("active", "ended"))
        & Domain("partner_id", "child_of", above.ids)
        & Domain("partner_id", "not in", tried.ids)
    )
    inclusive = enrolled.filtered("include_children").partner_id
    return [
        {
            "partner_id": partner.id,
            "include_children": partner in inclusive,
            # What it had of its own then cannot be told from today: all is its own.
            "date_start": FIRST_DAY,
        }
        for partner in enrolled.partner_id
    ]


def decide_trials(program, agreements, first: date, last: date) -> list[Trial]:
    """Decide what the agreements of one program earned in the periods between two days.

    :return: one for each, in this order
    :raise UserError: when the program cannot be computed
    """
    periods = {}
    windows = [
        Window((agreement.id, place), agreement.id, *period)
        for agreement in agreements
        for place, period in enumerate(_periods(agreement, first, last, periods))
    ]
    calculation = program.env["rebate.calculation"]
    ((_agreements, found, error),) = apart(
        agreements,
        lambda _some: (
            calculation._calculate(windows),
            program.env["rebate.measure"]._purchases_not_counted(windows),
        ),
    )
    if error:
        raise UserError(program._error_message(error)) from error
    results, not_counted = found
    by_agreement = {}
    for window in windows:
        by_agreement.setdefault(window.agreement_id, []).append(window.key)
    words = _TierWords(program)
    return [
        Trial(
            sum((results[key].purchases.amount for key in keys), ZERO),
            sum((results[key].earned for key in keys), ZERO),
            words.of([results[key] for key in keys]),
            sum((not_counted.get(key, ZERO) for key in keys), ZERO),
        )
        for keys in (by_agreement.get(agreement.id, ()) for agreement in agreements)
    ]


def _periods(agreement, first, last, known):
    """The periods of an agreement that begin by one day and end after another."""
    if agreement.is_recut:
        periods = agreement._periods(last)
    else:
        run = agreement._run()
        if run not in known:
            known[run] = agreement._periods(last)
        periods = known[run]
    return [period for period in periods if period[1] >= first]


class _TierWords:
    """Writes which tiers were reached, each once."""

    def __init__(self, program):
        self.env = program.env
        self.has_rules = len(program.rule_ids) > 1
        self.names = {}

    def of(self, results):
        """Name the highest tier that each rule reached in any of some periods, and in how many."""
        reached = {}
        for result in results:
            for part in result.rules:
                if part.outcome.reached is not None:
                    reached.setdefault(part.rule, []).append(part)
        return "; ".join(self._name(rule, parts, len(results)) for rule, parts in reached.items())

    def _name(self, rule, parts, count):
        best = max(parts, key=lambda part: part.outcome.reached)
        tier = best.tier
        if tier not in self.names:
            self.names[tier] = self.env._(
                "%(rate)s from %(threshold)s",
                rate=tier._format_rate(),
                threshold=tier._format_threshold(trailing_zeroes=False),
            )
        texts = {"tier": self.names[tier], "rule": rule.display_name}
        text = self.names[tier]
        if self.has_rules:
            text = self.env._("%(rule)s: %(tier)s", **texts)
        if count > 1:
            times = sum(part.tier == tier for part in parts)
            text = self.env._("%(tier)s (%(times)s/%(count)s)", tier=text, times=times, count=count)
        return text
