"""Two transactions that overlap: a problem is neither forgotten nor kept beyond its solution."""

from .case import OTHER_DAY, LocksCase


class TestLocksProblem(LocksCase):
    def setUp(self):
        # What is sold by the piece does not convert.
        with self.registry.cursor() as cr:
            cr.execute("SELECT res_id FROM ir_model_data WHERE name = 'product_uom_kgm'")
            self.program_vals = {"measure": "quantity", "uom_id": cr.fetchone()[0]}
        super().setUp()

    def _program(self, env):
        return env["rebate.program"].browse(self.program_id)

    def _has_problem(self):
        """Whether program and accrual have one; they must agree."""
        env = self._begin()
        accruals = self._agreement(env).accrual_ids
        self.assertEqual(any(accruals.mapped("problem")), bool(self._program(env).problem))
        return any(accruals.mapped("problem"))

    def _take_back(self):
        env = self._begin()
        env["account.move"].search([("partner_id", "=", self.ids["buyer"])]).filtered(
            lambda move: move.state == "posted"
        ).button_draft()
        env.cr.commit()

    def test_a_refresh_that_saw_less_does_not_forget_a_problem_that_remained(self):
        self._invoice(100)
        self._drain()
        self._take_back()
        stale = self._begin()
        self._invoice(100)
        # The same problem: the job has no news to store.
        self._drain()
        self._agreement(stale).action_refresh()
        stale.cr.commit()
        self.assertTrue(self._has_problem())
        self._drain()
        self.assertTrue(self._has_problem())

    def test_two_who_each_solve_one_of_two_problems_solve_the_program(self):
        self._invoice(100)
        self._invoice(100, day=OTHER_DAY)
        self._drain()
        self._take_back()
        first, second = self._begin(), self._begin()
        one, other = self._agreement(first).accrual_ids
        self.assertTrue(one.problem and other.problem)
        one.refresh()
        second["rebate.accrual"].browse(other.id).refresh()
        first.cr.commit()
        second.cr.commit()
        self._drain()
        program = self._program(self._begin())
        self.assertFalse(program.problem)
        self.assertFalse(program.activity_ids)
