"""What must not change a rebate: the order of postings, a detour, how purchases are cut into
invoices. Through posted invoices, with a program of every format."""

from contextlib import contextmanager
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import tagged

from .effort import effort
from .world import WorldCommon, trades


@tagged("post_install", "-at_install")
class TestMetamorphic(WorldCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for program in cls.world:
            cls._enrol(program, cls.parent, include_children=True)
            cls._enrol(program, cls.alone, date_start="2024-08-15")
        cls._enrol(cls.programs["retroactive"], cls.child, date_end="2025-08-31")

    @contextmanager
    def _undone(self):
        """A world that is as before afterwards."""
        savepoint = self.env.cr.savepoint()
        try:
            yield
        finally:
            savepoint.close(rollback=True)

    def _drained_figures(self):
        self._drain()
        return self._figures()

    @effort(3)
    @given(trades(6), st.randoms(use_true_random=False))
    def test_any_order_of_the_same_postings_gives_the_same(self, trade, chance):
        with self._undone():
            moves = self._post(*map(self._vals, trade))
            for document, move in zip(trade, moves, strict=True):
                self._pay_for(document, move)
            figures = self._drained_figures()
        chance.shuffle(trade)
        with self._undone():
            for document in trade:
                self._pay_for(document, self._post(self._vals(document)))
                self._drain()
            self.assertEqual(self._figures(), figures)

    @effort(3)
    @given(trades(5))
    def test_reversing_everything_leaves_nothing(self, trade):
        """Where returns are deducted; a return counts on its own day, here the invoice's."""
        before = self._drained_figures()
        self.assertFalse(any(figures["purchases"] for figures in before.values()))
        with self._undone():
            moves = self._post(*map(self._vals, trade))
            self.assertNotEqual(self._drained_figures(), before)
            defaults = [{"invoice_date": move.invoice_date} for move in moves]
            moves._reverse_moves(defaults, cancel=True)
            self._drain()
            self.assertEqual(self._deducting(self._figures()), self._deducting(before))

    @effort(3)
    @given(trades(5))
    def test_taking_everything_back_leaves_nothing(self, trade):
        before = self._drained_figures()
        with self._undone():
            moves = self._post(*map(self._vals, trade))
            for document, move in zip(trade, moves, strict=True):
                self._pay_for(document, move)
            self._drain()
            moves.button_draft()
            self._drain()
            self.assertEqual(self._figures(), before)

    @effort(3)
    @given(trades(3), st.randoms(use_true_random=False))
    def test_splitting_an_invoice_changes_nothing(self, trade, chance):
        """Into one invoice for each line, and a line into two; paid in full or not at all, and in
        the currency of the books: the instalments of an invoice, and what it is in another
        currency, are rounded on their own, and a discount lies on what is invoiced with it."""
        whole = {"instalments": False, "euro": False, "discount": 0, "excluded": False}
        trade = [document | whole | {"paid": document["paid"] // 100 * 100} for document in trade]
        with self._undone():
            for document in trade:
                self._pay_for(document, self._post(self._vals(document)))
            figures = self._drained_figures()
        with self._undone():
            for document in trade:
                pieces = [
                    (product, piece, price)
                    for product, quantity, price in document["lines"]
                    for first in [chance.randint(0, quantity - 1)]
                    for piece in (first, quantity - first)
                    if piece
                ]
                moves = self._post(*(self._vals(document, lines=[piece]) for piece in pieces))
                for move in moves:
                    self._pay_for(document, move)
            self._drain()
            self.assertEqual(self._figures(), figures)

    @effort(3)
    @given(trades(5))
    def test_shared_out_over_the_invoice_lines_no_cent_is_lost_or_invented(self, trade):
        with self._undone():
            for document in trade:
                self._pay_for(document, self._post(self._vals(document)))
            self._drain()
            accruals = self.world.agreement_ids.accrual_ids
            self.assertTrue(accruals.line_ids)
            for line in accruals.line_ids:
                self._assert_shared_out(line)

    def _assert_shared_out(self, line):
        shares = line._share_out()
        if not shares:
            self.assertFalse(line.measured_amount)
            return
        total = sum((share.rebate for share in shares), Decimal(0))
        self.assertEqual(total, Decimal(str(line.earned_amount)), line.accrual_id.display_name)
        self.assertFalse(any(share.rebate % Decimal("0.01") for share in shares))
        amount = sum(share.amount for share in shares)
        self.assertAlmostEqual(float(amount), line.measured_amount, 2)

    def _deducting(self, figures):
        """The figures of the programs that deduct returns."""
        deducting = set(self.world.filtered("include_refunds").mapped("name"))
        return {place: held for place, held in figures.items() if place[1] in deducting}
