"""How hard the tests look that search for a counterexample."""

import os

import freezegun
from hypothesis import HealthCheck, Phase, settings

# It stops making a counterexample smaller after some minutes, on its own clock.
freezegun.configure(extend_ignore_list=["hypothesis"])


def effort(examples, steps=50):
    """Settings of a test through posted invoices: the same few examples each time, or as many new
    ones as EXAMPLES and STEPS say (`make search`); only then is a counterexample made smaller,
    which posts for minutes."""
    asked = int(os.environ.get("EXAMPLES", "0"))
    return settings(
        max_examples=asked or examples,
        stateful_step_count=int(os.environ.get("STEPS", "0")) or steps,
        deadline=None,
        derandomize=not asked,
        print_blob=bool(asked),
        suppress_health_check=list(HealthCheck),
        phases=[Phase.reuse, Phase.generate, *[Phase.shrink] * bool(asked)],
    )
