"""What growth over a baseline pays: the published case, boundaries, limits."""

from decimal import Decimal

import pytest

from odoo.addons.rebate_management.engine.growth import decide_growth, growth
from odoo.addons.rebate_management.engine.rounding import round_half_up
from odoo.addons.rebate_management.engine.tiers import Measure, Tier


def scale(*tiers):
    return [Tier(Decimal(t), Decimal(rate), *rest) for t, rate, *rest in tiers]


# Enable, growth rebates
ENABLE = scale((10, 2), (15, 3), (20, 4))


def grown(actual, baseline, tiers=ENABLE, kind="growth_percent", reward="all", measure=None):
    actual = Decimal(actual)
    bought = Measure(actual) if measure is None else measure
    return decide_growth(actual, Decimal(baseline), tiers, kind, reward, bought)


@pytest.mark.parametrize(("reward", "rebate"), [("all", 70500), ("excess", 10500), ("band", 3500)])
def test_enable_pays_for_growing_from_2000000_to_2350000(reward, rebate):
    outcome = grown(2350000, 2000000, reward=reward)
    assert outcome.earned == rebate
    assert (outcome.value, outcome.reached, outcome.following) == (Decimal("17.5"), 1, 2)


def test_growth_is_told_in_percent_of_the_baseline_or_in_money():
    assert growth(Decimal(230), Decimal(200), "growth_percent") == 15
    assert growth(Decimal(230), Decimal(200), "growth_amount") == 30
    assert growth(Decimal(150), Decimal(200), "growth_percent") == -25
    assert growth(Decimal(1), Decimal("0.5"), "growth_percent") == 100


@pytest.mark.parametrize("baseline", [0, -1])
def test_without_a_baseline_no_growth_is_told_and_none_is_paid(baseline):
    message = rf"^No growth can be told from a baseline of {baseline}\.$"
    with pytest.raises(ValueError, match=message):
        growth(Decimal(100), Decimal(baseline), "growth_percent")
    outcome = grown(100, baseline, scale((0, 5)))
    assert (outcome.value, outcome.reached, outcome.following) == (0, None, None)
    assert (outcome.parts, outcome.earned) == ((), 0)


def test_a_baseline_of_a_cent_is_one():
    assert grown(100, "0.01").earned == 4


def test_growth_reaches_a_tier_to_the_cent():
    assert grown("109.99", 100).earned == 0
    assert grown(110, 100).earned == Decimal("2.2")


@pytest.mark.parametrize("reward", ["all", "excess", "band"])
def test_who_buys_less_than_before_earns_nothing(reward):
    assert grown(90, 100, reward=reward).earned == 0
    assert grown(0, 100, reward=reward).earned == 0
    assert grown(-10, 100, scale((0, 5)), reward=reward).earned == 0


def test_a_tier_from_no_growth_pays_on_all_of_it_but_of_no_excess():
    assert grown(100, 100, scale((0, 5))).earned == 5
    assert grown(100, 100, scale((0, 5)), reward="excess").earned == 0
    assert grown(100, 100, scale((0, 5)), reward="band").earned == 0


def test_bands_of_growth_in_money_pay_on_their_own_part_of_the_excess():
    tiers = scale((0, 1), (1000, 2))
    outcome = grown(6500, 5000, tiers, "growth_amount", "band")
    assert [(part.threshold, part.base) for part in outcome.parts] == [(0, 1000), (1000, 500)]


def test_a_band_pays_to_the_cent_however_many_digits_the_growth_has():
    # 10 % to 15 % over 16,510 is 825.50; 1 % of it is half a cent more than 8.25.
    outcome = grown("19526.80", 16510, scale((10, 1), (15, 2)), reward="band")
    assert round_half_up(outcome.parts[0].rebate, Decimal("0.01")) == Decimal("8.26")


def test_all_of_it_is_all_of_it_however_many_digits_the_growth_has():
    assert [part.base for part in grown(4, 3).parts] == [4]
    limited = Measure(Decimal("4538.50")).limited("amount", Decimal(83))
    outcome = grown(4, 3, scale((10, "2.5")), measure=limited)
    assert [part.base for part in outcome.parts] == [83]


def test_less_than_one_unit_can_grow_too():
    assert grown("0.9", "0.8", scale((10, 50)), reward="excess").earned == Decimal("0.05")


def test_units_grow_and_money_earns():
    # 120 units after 100; a sixth of what they cost is the excess.
    bought = Measure(Decimal(6000), Decimal(120))
    assert grown(120, 100, reward="excess", measure=bought).earned == 40
    per_unit = scale((10, "0.5", "per_unit"))
    assert grown(120, 100, per_unit, reward="excess", measure=bought).earned == 10
    assert grown(120, 100, per_unit, reward="all", measure=bought).earned == 60


def test_a_limit_is_one_of_what_earns():
    bought = Measure(Decimal(2350000)).limited("amount", Decimal(400000))
    assert grown(2350000, 2000000, measure=bought).earned == 12000
    # The excess, 350,000, is within the limit; of a greater one the limit earns.
    assert grown(2350000, 2000000, reward="excess", measure=bought).earned == 10500
    bought = Measure(Decimal(2350000)).limited("amount", Decimal(100000))
    assert grown(2350000, 2000000, reward="excess", measure=bought).earned == 3000


def test_an_unknown_reward_is_refused_even_without_a_baseline():
    with pytest.raises(ValueError, match=r"^Unknown growth reward 'some'\.$"):
        grown(100, 0, reward="some")
