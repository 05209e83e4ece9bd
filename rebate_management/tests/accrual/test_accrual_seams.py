"""What other addons may add to accruals: reasons not to post one, and reasons to hold it back."""

from contextlib import contextmanager
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import AccrualCommon


@tagged("post_install", "-at_install")
class TestAccrualSeams(AccrualCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program = cls._accruing()
        cls.other = cls._company("Other")
        cls.agreements = cls._enrol(cls.program) + cls._enrol(cls.program, cls.other)
        cls._invoice(1000)
        cls._invoice(500, partner=cls.other)
        cls.agreements.action_refresh()
        cls.held, cls.free = (cls._accrual(agreement) for agreement in cls.agreements)

    @contextmanager
    def _adding(self, name):
        """Have an addon that adds a reason for one accrual to what a method tells."""
        model = self.env.registry["rebate.accrual"]
        original = getattr(model, name)

        def told(accruals):
            return original(accruals) | dict.fromkeys(accruals & self.held, "It is disputed.")

        with patch.object(model, name, told):
            yield

    def test_a_reason_not_to_post_one_accrual_refuses_the_run(self):
        with self._adding("_posting_problems"), self.assertRaisesRegex(UserError, "is disputed"):
            self._run()
        self._run()
        self._assert_books_agree(150)

    def test_the_monthly_run_leaves_it_out_and_tells_it(self):
        with self._adding("_posting_problems"):
            outcome = self._wizard()._run(is_tolerant=True)
        self.assertEqual(self.free.accrued_amount, 50)
        self.assertFalse(self.held.accrued_amount)
        self.assertEqual(outcome.left_out, ["It is disputed."])
        self.assertEqual(outcome.problems, {self.held: "It is disputed."})

    def test_nothing_is_released_of_it_either(self):
        self._run()
        with self._adding("_posting_problems"), self.assertRaisesRegex(UserError, "is disputed"):
            self.held._release({self.held: 100}, self._day("2025-12-31"), "Released")

    def test_what_is_held_back_is_not_settled(self):
        with self._adding("_held_for_claim"):
            settlement = self._settle()
            self.assertEqual(settlement.line_ids.accrual_id, self.free)
        self.assertEqual(self._settle().line_ids.accrual_id, self.held)

    def test_what_is_held_back_is_told_at_once_for_many(self):
        """The reasons of several accruals take no more statements than that of one."""
        program = self._program((0, 10), name="Claims", claim_required=True, claim_deadline_days=60)
        agreements = self._enrol(program) + self._enrol(program, self.other)
        agreements.action_refresh()
        held = self.env["rebate.accrual"].search([("agreement_id", "in", agreements.ids)])

        def statements(accruals):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(len(accruals._held_for_claim()), len(accruals))
            return self.env.cr.sql_log_count - before

        # What Odoo itself reads once.
        statements(held)
        self.assertEqual(statements(held[0]), statements(held))

    def test_what_is_paid_without_an_accrual_touches_no_liability(self):
        """An approved claim will be paid by a line of no accrual, beside those of accruals."""
        self._run()
        nothing = self.env["rebate.accrual"]
        day = self._day("2025-12-31")
        self.assertFalse(nothing._accrue_for_payout({nothing: 70, self.held: 100}, day))
        self.assertFalse(nothing._book_exchange_differences(day))
        nothing._update_settled()
        self._assert_books_agree(150)
