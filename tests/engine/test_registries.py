"""What the engine can be asked for stands in registries, to which other addons add."""

from decimal import Decimal

import pytest

from odoo.addons.rebate_management.engine.growth import REWARDS, decide_growth
from odoo.addons.rebate_management.engine.qualifying import MEASURES
from odoo.addons.rebate_management.engine.registry import Registry
from odoo.addons.rebate_management.engine.tiers import METHODS, Measure, Tier, decide

SCALE = [Tier(Decimal(0), Decimal(1)), Tier(Decimal(1000), Decimal(5))]


@pytest.mark.parametrize("registry", [METHODS, MEASURES, REWARDS], ids=lambda each: each.what)
def test_the_unknown_and_the_second_of_a_key_are_refused(registry):
    with pytest.raises(ValueError, match=r"Unknown .* 'nonesuch'"):
        registry["nonesuch"]
    key = next(iter(registry))
    with pytest.raises(ValueError, match="already"):
        registry.add(key, None)
    assert registry[key] is not None


def test_an_added_method_decides_as_the_others():
    methods = Registry(METHODS.what, METHODS)
    methods.add("nothing", lambda thresholds, _value, _earning: [None for _each in thresholds])
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(METHODS, "nothing", methods["nothing"])
        outcome = decide(Decimal(2000), SCALE, "nothing")
    assert (outcome.reached, outcome.earned) == (1, 0)
    with pytest.raises(ValueError, match="nothing"):
        decide(Decimal(2000), SCALE, "nothing")


def test_an_unknown_reward_or_measure_of_growth_is_refused():
    bought = Decimal(1200), Decimal(1000), SCALE
    for kind, reward in (("growth_percent", "nonesuch"), ("nonesuch", "all")):
        with pytest.raises(ValueError, match="nonesuch"):
            decide_growth(*bought, kind, reward, Measure(Decimal(1200)))


@pytest.mark.parametrize("key", MEASURES)
def test_what_a_threshold_takes_reaches_it(key):
    measure, against = MEASURES[key], Decimal(800)
    for threshold in map(Decimal, (0, 10, 250)):
        assert measure.value(measure.goal(threshold, against), against) == threshold
