"""What Hypothesis draws for the laws of the engine: money, rates, scales."""

from decimal import Decimal

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from odoo.addons.rebate_management.engine.tiers import METHODS, Tier

# A law holds however busy the machine is that looks for its counterexamples.
settings.register_profile("laws", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("laws")

money = st.decimals(-1_000_000, 10_000_000, places=2)
purchases = st.decimals(0, 10_000_000, places=2)
rates = st.decimals(0, 100, places=3)
units = st.sampled_from([Decimal("0.01"), Decimal("0.001"), Decimal("0.05"), Decimal(1)])
caps = st.none() | st.decimals(0, 1_000_000, places=2)
methods = st.sampled_from(sorted(METHODS))
thresholds = st.lists(st.decimals(0, 1_000_000, places=2), unique=True, max_size=6).map(sorted)


@st.composite
def scales(draw, rising=False):
    """A scale of up to six tiers; with rising rates where asked for."""
    steps = draw(thresholds)
    percents = draw(st.lists(rates, min_size=len(steps), max_size=len(steps)))
    return [
        Tier(threshold, rate)
        for threshold, rate in zip(steps, sorted(percents) if rising else percents, strict=True)
    ]
