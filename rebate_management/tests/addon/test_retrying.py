"""A step of a job begins anew where another transaction was faster, and leaves nothing of a try
that failed."""

from contextlib import contextmanager

from odoo.exceptions import ConcurrencyError, UserError
from odoo.tests import TransactionCase, tagged

from ...tools.retrying import TRIES, retry


@tagged("post_install", "-at_install")
class TestRetrying(TransactionCase):
    def setUp(self):
        super().setUp()
        self.tries = 0

    @contextmanager
    def _job(self):
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            yield self.env(cr=cr)

    def _step(self, env, failures, error):
        def step():
            self.tries += 1
            env["res.country"].create({"name": f"Try {self.tries}", "code": f"{self.tries}!"})
            env.flush_all()
            if self.tries <= failures:
                raise error("Somebody was faster.")
            return self.tries

        return step

    def _error(self, env, step):
        """What a step fails with; ``assertRaises`` would take back more than the step does."""
        try:
            retry(env, step)
        except (ConcurrencyError, UserError) as error:
            return error
        return None

    def _tried(self, env):
        return env["res.country"].search([("name", "=like", "Try %")]).mapped("name")

    def test_only_the_try_that_was_undisturbed_is_left(self):
        with self._job() as env:
            self.assertEqual(retry(env, self._step(env, 2, ConcurrencyError)), 3)
            self.assertEqual(self._tried(env), ["Try 3"])

    def test_a_step_that_is_disturbed_all_the_time_is_given_up_and_taken_back(self):
        with self._job() as env:
            error = self._error(env, self._step(env, TRIES, ConcurrencyError))
            self.assertIsInstance(error, ConcurrencyError)
            self.assertEqual(self.tries, TRIES)
            self.assertFalse(self._tried(env))

    def test_what_is_wrong_by_itself_is_not_tried_again(self):
        with self._job() as env:
            error = self._error(env, self._step(env, 1, UserError))
            self.assertIsInstance(error, UserError)
            self.assertEqual(self.tries, 1)
