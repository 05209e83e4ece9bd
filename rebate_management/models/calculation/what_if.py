"""What if more were bought: what agreements earn with purchases that are supposed, and without
them. Whoever asks says which purchases: an order, all orders, what somebody thinks of buying.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from ...engine.rounding import round_half_up, share
from ...engine.sharing import share_out, share_rules
from ...engine.tiers import ZERO
from ...tools.currencies import smallest_coin
from ..measure.purchases import LinePurchase, Window
from ..measure.supposed import Supposed
from .result import Result, RuleResult


class Step(NamedTuple):
    """What the supposed purchases do to the tier of one rule. ``is_reached`` tells that they reach
    a tier that is not reached without them; else it is the next one, and ``missing`` what must be
    bought beyond them, in money or units. ``worth`` is what that adds to the rebate."""

    rule: RuleResult
    tier: object
    is_reached: bool
    missing: Decimal
    worth: Decimal


class Change(NamedTuple):
    """What a ``window`` earns ``without`` the supposed purchases, and ``with_all`` of them;
    ``lines`` are those of them that it counts, by the name of the sum."""

    window: Window
    without: Result
    with_all: Result
    lines: dict[object, list[LinePurchase]]

    @property
    def gain(self) -> Decimal:
        """What the purchases add to the rebate, in the program's currency; less than nothing where
        they take something back."""
        return self.with_all.earned - self.without.earned

    @property
    def period(self) -> tuple[date, date]:
        """The first and the last day of the window."""
        return self.window.date_from, self.window.date_to

    @property
    def is_any(self) -> bool:
        """Tell whether any of the purchases counts or changes what is earned."""
        return bool(self.lines or self.gain)

    @property
    def amount(self) -> Decimal:
        """What of the purchases counts, unrounded, in the program's currency."""
        return self.with_all.purchases.amount - self.without.purchases.amount

    @property
    def gain_by_rule(self) -> list[Decimal]:
        """What each rule has of the gain, within the program's limits: they add up to it."""
        coin = smallest_coin(self.with_all.program.currency_id)
        with_all, without = (_by_rule(result, coin) for result in (self.with_all, self.without))
        return [after - before for after, before in zip(with_all, without, strict=True)]

    def share_out(self) -> dict[object, Decimal]:
        """Share the gain out over the supposed lines, to the last coin.

        What a rule has of the gain lies on the lines that it counts as what it earns lies on
        invoice lines: percentages and lump sums by amount, rates per unit by quantity. Where a
        rule counts none of them (its tier is chosen by other products, or another program lowers
        it), it lies on those that the program counts.

        :return: rounded money in the program's currency by name of the line; it adds up to the
            gain unless the program counts no line at all
        """
        shares = {}
        for of_rule in self.share_out_by_rule().values():
            for line, part in of_rule.items():
                shares[line] = shares.get(line, ZERO) + part
        return shares

    def share_out_by_rule(self) -> dict[int, dict[object, Decimal]]:
        """The same by rule id."""
        coin = smallest_coin(self.with_all.program.currency_id)
        shares = {}
        for rule, gain in zip(self.with_all.rules, self.gain_by_rule, strict=True):
            lines = self._lines_of(rule) if gain else ()
            parts = _spread(gain, rule, lines, coin)
            shares[rule.case.terms.rule_id] = {
                line.line_id: part for line, part in zip(lines, parts, strict=True)
            }
        return shares

    def _lines_of(self, rule):
        terms = rule.case.terms
        for name in (terms.rule_id, terms.qualifier_key, None):
            if lines := self.lines.get(name):
                return lines
        # What all rules count together is no sum of its own where there is but one rule.
        return next(iter(self.lines.values()), ())

    def step(self) -> Step | None:
        """Tell which tier the purchases reach, or which comes next: of several rules the greatest
        step, or the nearest."""
        if self.with_all.beaten_by:
            return None
        pairs = list(zip(self.without.rules, self.with_all.rules, strict=True))
        reached = [
            after
            for before, after in pairs
            if after.outcome.reached is not None
            and (before.outcome.reached is None or before.outcome.reached < after.outcome.reached)
        ]
        if reached:
            gains = dict(zip(map(id, self.with_all.rules), self.gain_by_rule, strict=True))
            rule = max(reached, key=lambda one: gains[id(one)])
            return Step(rule, rule.tier, True, ZERO, self.gain)
        moved = [
            after
            for before, after in pairs
            if after.next_tier and after.case.value != before.case.value
        ]
        if not moved:
            return None
        rule = min(moved, key=lambda one: one.to_next)
        return Step(rule, rule.next_tier, False, rule.to_next, self.with_all.gain(rule))


def what_if(env, windows: Iterable[Window], supposed: Sequence[Supposed]) -> dict[object, Change]:
    """Decide what windows earn with the purchases of their scenario, and without them.

    One measurement of what was posted, whatever the number of windows and scenarios: those that
    differ in the scenario alone ask for the same purchases.

    :param windows: each with a scenario
    :param supposed: what is bought in the scenarios
    :return: by window key
    """
    windows = list(windows)
    plain = {
        window.key: window._replace(key=("without", *window[1:-1]), scenario=None)
        for window in windows
    }
    asked = {window.key: window for window in plain.values()}
    results, counted = env["rebate.calculation"]._calculate_supposing(
        [*windows, *asked.values()], supposed
    )
    lines = {}
    for (key, name), bought in counted.lines.items():
        lines.setdefault(key, {})[name] = bought
    changes = {
        window.key: Change(
            window, results[plain[window.key].key], results[window.key], lines.get(window.key, {})
        )
        for window in windows
    }
    for change in changes.values():
        # What a next tier out of range would add is told by no number.
        change.step()
    return changes


def _by_rule(result, coin):
    return share_rules(
        result.earned,
        [rule.earned for rule in result.rules],
        [round_half_up(rule.purchases.amount, coin) for rule in result.rules],
        coin,
    )


def _spread(gain, rule, lines, coin):
    """Share the gain of a rule out over lines."""
    if not lines:
        return []
    amounts = [line.amount for line in lines]
    parts = rule.outcome.parts
    if sum((part.rebate for part in parts), ZERO) > 0:
        return share_out(gain, parts, amounts, [line.quantity for line in lines], coin)
    # Less than before, of which nothing is left to tell how it was earned.
    weights = amounts if sum(amounts) else [Decimal(1)] * len(lines)
    return share(gain, weights, coin)
