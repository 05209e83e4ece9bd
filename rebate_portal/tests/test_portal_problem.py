"""A program that cannot be computed shows no figures, says so without internals, spoils none."""

from odoo.tests import tagged

from .common import RebatePortalCommon


@tagged("post_install", "-at_install")
class TestPortalProblem(RebatePortalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.good = cls._enrol(cls._program((0, 10), name="Good bonus"))
        cls.bad = cls._enrol(cls._program((0, 10), name="Bad bonus"))
        cls._invoice(1000, "2026-02-01")
        cls.env.flush_all()
        cls.env.cr.execute(
            "UPDATE rebate_rule SET product_domain = %s, is_limited = TRUE WHERE program_id = %s",
            ["[('secret_shelf', '=', 1)]", cls.bad.program_id.id],
        )
        cls.env.invalidate_all()

    def _assert_neutral(self, text):
        self.assertIn("cannot be shown at the moment", text)
        for word in ("secret_shelf", "Purchases”", "cannot be computed"):
            self.assertNotIn(word, text)

    def test_the_list_shows_the_other_programs(self):
        self._log_in(self.dana)
        response = self._get("/my/rebates")
        self.assertEqual(response.status_code, 200)
        self.assertIn("100.00", response.text)
        self._assert_neutral(response.text)

    def test_the_page_of_the_program_and_its_invoices(self):
        self._log_in(self.dana)
        response = self._get(self.bad.access_url)
        self.assertEqual(response.status_code, 200)
        self._assert_neutral(response.text)
        response = self._get(f"{self.bad.access_url}/invoices")
        self.assertEqual(response.status_code, 303)
        response = self._get(self.good.access_url)
        self.assertNotIn("cannot be shown", response.text)
        self.assertIn("100.00", response.text)

    def test_the_reason_is_not_read_by_a_distributor(self):
        fields = self.env["rebate.agreement"].with_user(self.dana).fields_get()
        self.assertNotIn("current_problem", fields)
