"""How the tiers of a scale apply: the one list of methods that engine, form, template, statement
and portal read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from odoo.tools.translate import LazyGettext, LazyTranslate

from ...engine.tiers import METHODS
from .choices import Choices

_lt = LazyTranslate(__name__)


@dataclass(frozen=True, eq=False)
class TierMethod:
    """A method with its words.

    ``function`` gives for each tier that is reached the part of the value on which it pays, None
    where it pays nothing, from the thresholds reached, the value, and how much of it may earn.
    ``sentence`` says so in a statement, ``to_distributor`` on the distributor's own pages (where
    there is none, the statement's). ``is_stepped`` where each tier pays on a part of its own, as
    the picture of a template shows.
    """

    key: str
    label: str
    function: Callable[[Sequence[Decimal], Decimal, Decimal], Sequence[Decimal | None]]
    sentence: LazyGettext | str
    to_distributor: LazyGettext | str = ""
    is_stepped: bool = False


TIER_METHODS = Choices(
    "tier method",
    TierMethod(
        "retroactive",
        "Retroactive",
        METHODS["retroactive"],
        _lt("The rate of the highest tier reached applies to all purchases of the period."),
        _lt("The rate of the highest tier you reach applies to all your purchases of the period."),
    ),
    TierMethod(
        "incremental",
        "Incremental",
        METHODS["incremental"],
        _lt("Each tier's rate applies to the purchases from its threshold up to the next."),
        _lt("Each rate applies to the part of your purchases that lies within its tier."),
        is_stepped=True,
    ),
    TierMethod(
        "rolling",
        "Rolling",
        METHODS["rolling"],
        _lt(
            "The highest tier reached pays its rate on all purchases, and each one below it"
            " pays its own on its upper threshold."
        ),
        _lt(
            "The rate of the highest tier you reach applies to all your purchases; each lower"
            " rate applies to the purchases up to the next tier."
        ),
        is_stepped=True,
    ),
    TierMethod(
        "total",
        "Total",
        METHODS["total"],
        _lt("Every tier reached pays its rate on all purchases."),
        _lt("The rate of each tier you reach applies to all your purchases of the period."),
    ),
    engine=METHODS,
)
