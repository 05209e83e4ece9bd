"""The money, whatever people do and in whatever order: the liability in the books is what is owed,
nothing is paid twice, and what was paid stays explained.

Hypothesis buys and sells (``trade.py``), amends (``deals.py``), accrues (``money_books.py``) and
pays (``money_payouts.py``) at random in a small world, a few times here; ``money_checks.py`` and
``money_laws.py`` say what holds after each step. `make search EXAMPLES=100 STEPS=30` looks further,
and tells how often what was done or refused.
"""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test

from odoo import fields
from odoo.tests import tagged

from .deals import Deals, meant, new_terms
from .effort import effort
from .money_books import Books
from .money_checks import Checks
from .money_laws import Laws
from .money_payouts import Payouts
from .money_story import DONE, REFUSED, tell
from .money_world import MoneyCommon
from .trade import places
from .world import trades


class Money(Laws, Checks, Payouts, Books, Deals):
    """All of it, among those of the deals that change what is earned."""

    # Of programs that this world does not have, or of little concern to the money.
    agree_on_amounts = change_children = correct_terms = enrol = renew = close = None
    refresh = unreconcile = end = agree_on_own_tiers = None

    def __init__(self):
        super().__init__()
        self.counts = self.case.counts
        # Accruals of which entries were taken back or posted again since the last run.
        self.by_hand = self.env["rebate.accrual"]
        # Programs that were booked otherwise at a time.
        self.rebooked = self.env["rebate.program"]
        # What each accrual had in the books after the last step.
        self.lowest = {}
        self.frozen = {}

    @initialize(
        trade=trades(8),
        alone=st.booleans(),
        accrued=st.booleans(),
        steps=st.sampled_from((None, 0, 2, 4, 4, 4)),
    )
    def begin(self, trade, alone, accrued, steps):
        """Who is enrolled, what was bought, and what of it was accrued and paid."""
        case = self.case
        for program in case.world:
            case._enrol(program, case.parent, include_children=True)
            if alone:
                case._enrol(program, case.alone)
        self.post(trade)
        case._drain()
        if accrued:
            self.accrue("2025-06-30", False, None, again=True)
        if steps is not None:
            self.settle_up_to("2025-06-30", "final", None, steps)

    @rule(program=places, tier=places, terms=new_terms, is_meant=meant)
    def amend(self, program, tier, terms, is_meant):
        """As in any deal, when the figures are up to date."""
        self.case._drain()
        before = len(self.case.world.amendment_ids)
        super().amend(program, tier, terms, is_meant)
        outcome = "done" if len(self.case.world.amendment_ids) > before else "dropped or refused"
        self.counts["amend", outcome] += 1

    def today(self):
        return fields.Date.context_today(self.env["rebate.accrual"])


@tagged("post_install", "-at_install")
class TestStatefulMoney(MoneyCommon):
    def setUp(self):
        super().setUp()
        self.counts = Counter()
        self.machine = type("Money", (Money,), {"case": self})

    def test_liability_and_payouts_follow_whatever_is_done(self):
        try:
            run_state_machine_as_test(self.machine, settings=effort(2, steps=14))
        finally:
            for (what, outcome), count in sorted(self.counts.items()):
                print(f"{what:24}{outcome:20}{count:6}")

    def test_every_step_is_taken_and_none_breaks_the_law(self):
        @settings(max_examples=1, database=None, deadline=None)
        @given(st.none())
        def once(_nothing):
            machine = self.machine()
            try:
                tell(machine)
            finally:
                machine.teardown()

        once()
        self.assertLessEqual({(what, "done") for what in DONE}, self.counts.keys())
        self.assertLessEqual({(what, "refused") for what in REFUSED}, self.counts.keys())
