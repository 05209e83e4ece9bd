"""What a rule qualifies by: whose purchases choose its tier, what its thresholds are in, and what
growth pays on."""

from collections.abc import Callable
from dataclasses import dataclass

from odoo.tools.translate import LazyGettext, LazyTranslate

from ...engine.growth import REWARDS, Reward
from ...engine.qualifying import MEASURES, TierMeasure
from .choices import Choices

_lt = LazyTranslate(__name__)


@dataclass(frozen=True, eq=False)
class Qualifier:
    """Whose purchases choose the tier.

    ``function`` gives the key under which the measurement has them, from the rule: a rule's id,
    None for the whole program, or the negative id for products of the rule's second filter, which
    ``by_filter`` tells. ``is_own`` where they are just those that earn. ``sentence`` says so in a
    statement.
    """

    key: str
    label: str
    function: Callable[[object], int | None]
    sentence: LazyGettext | str = ""
    is_own: bool = False
    by_filter: bool = False


QUALIFIERS = Choices(
    "qualifier",
    Qualifier("rule", "Purchases of this rule", lambda rule: rule.id, is_own=True),
    Qualifier(
        "program",
        "Purchases of the whole program",
        lambda _rule: None,
        _lt("All purchases of the program choose the tier."),
    ),
    Qualifier(
        "domain",
        "Purchases of other products",
        lambda rule: -rule.id,
        _lt("Purchases of other products choose the tier."),
        by_filter=True,
    ),
)


@dataclass(frozen=True, eq=False)
class QualifierMeasure:
    """What the thresholds of a rule are in.

    ``function`` is how the engine compares. ``counted`` is what must be bought to reach them,
    ``amount`` or ``quantity``; empty: what the program counts. ``sentence`` says in a statement
    how the tiers are reached, where that is more than by purchases; of growth the statement tells
    the baseline and the reward instead.
    """

    key: str
    label: str
    function: TierMeasure
    counted: str = ""
    sentence: LazyGettext | str = ""


QUALIFIER_MEASURES = Choices(
    "measure of tiers",
    QualifierMeasure("amount", "Amount", MEASURES["amount"], counted="amount"),
    QualifierMeasure("quantity", "Quantity", MEASURES["quantity"], counted="quantity"),
    QualifierMeasure("growth_percent", "Growth in %", MEASURES["growth_percent"]),
    QualifierMeasure("growth_amount", "Growth", MEASURES["growth_amount"]),
    QualifierMeasure(
        "target_percent",
        "Target in %",
        MEASURES["target_percent"],
        sentence=_lt("The tiers are reached by percent of the target that was agreed."),
    ),
    engine=MEASURES,
)


@dataclass(frozen=True, eq=False)
class GrowthReward:
    """What growth pays on. ``function`` is how the engine pays, ``to_distributor`` says so on the
    distributor's own pages."""

    key: str
    label: str
    function: Reward
    to_distributor: LazyGettext | str = ""


GROWTH_REWARDS = Choices(
    "growth reward",
    GrowthReward(
        "all",
        "All purchases",
        REWARDS["all"],
        _lt("The rate your growth reaches applies to all your purchases."),
    ),
    GrowthReward(
        "excess",
        "The excess over the baseline",
        REWARDS["excess"],
        _lt("The rate your growth reaches applies to what you buy beyond the baseline."),
    ),
    GrowthReward(
        "band",
        "Each tier its part of the excess",
        REWARDS["band"],
        _lt("Each rate applies to its own part of your growth."),
    ),
    engine=REWARDS,
)
