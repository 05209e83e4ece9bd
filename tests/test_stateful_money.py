"""The money, whatever people do and in whatever order: the liability in the books is what is owed,
nothing is paid twice, and what was paid stays explained.

Hypothesis buys and sells (``trade.py``), amends (``deals.py``), accrues (``money_books.py``) and
pays (``money_payouts.py``) at random in a small world, a few times here; ``money_laws.py`` says what
holds after each step. `make search EXAMPLES=100 STEPS=30` looks further.
"""

from collections import Counter

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test

from odoo import fields
from odoo.tests import tagged

from .deals import Deals, meant, new_terms
from .money_books import Books
from .money_laws import Laws
from .money_payouts import Payouts
from .money_world import MoneyCommon
from .search import effort
from .trade import places
from .world import trades


class Money(Laws, Payouts, Books, Deals):
    """All of it, among those of the deals that change what is earned."""

    # Of programs that this world does not have, or of no concern to the money.
    agree_on_amounts = change_children = correct_terms = enrol = renew = close = None

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

    @initialize(trade=trades(8), alone=st.booleans())
    def begin(self, trade, alone):
        case = self.case
        for program in case.world:
            case._enrol(program, case.parent, include_children=True)
            if alone:
                case._enrol(program, case.alone)
        self.post(trade)
        case._drain()

    @rule(program=places, tier=places, terms=new_terms, is_meant=meant)
    def amend(self, program, tier, terms, is_meant):
        """As in any deal, when the figures are up to date."""
        self.case._drain()
        super().amend(program, tier, terms, is_meant)

    def today(self):
        return fields.Date.context_today(self.env["rebate.accrual"])


@tagged("post_install", "-at_install")
class TestStatefulMoney(MoneyCommon):
    def test_liability_and_payouts_follow_whatever_is_done(self):
        self.counts = Counter()
        machine = type("Money", (Money,), {"case": self})
        import sys; self.addCleanup(lambda: print(*sorted(self.counts.items()), sep="\n", file=sys.__stderr__))
        run_state_machine_as_test(machine, settings=effort(3, steps=14) if not __import__("os").environ.get("QUICK") else __import__("hypothesis").settings(effort(3), phases=[__import__("hypothesis").Phase.generate]))
