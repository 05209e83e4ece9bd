"""A distributor sees its own programs; nobody else sees them without the link."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import RebatePortalCommon


@tagged("post_install", "-at_install")
class TestPortalAccess(RebatePortalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rival = cls._company("Rival")
        program = cls._program((0, 1), (1000, 5))
        cls.agreement = cls._enrol(program)
        cls.rivals_agreement = cls._enrol(program, cls.rival)
        cls.draft = cls._enrol(cls._program((0, 2), name="In the making"), activate=False)
        cls._invoice(500, "2026-02-01")
        cls._invoice(900, "2026-02-01", partner=cls.rival)

    def _assert_closed(self, path):
        response = self._get(path)
        self.assertEqual(response.status_code, 303, path)
        self.assertURLEqual(response.headers["Location"], "/my")

    def test_a_distributor_opens_its_own_pages(self):
        self._log_in(self.dana)
        for path in ("", "/invoices", "/invoices?day=2026-01-01", "/invoices/page/3"):
            self._page(self.agreement.access_url + path)

    def test_anothers_pages_lead_back_home(self):
        self._log_in(self.dana)
        self._assert_closed(self.rivals_agreement.access_url)
        self._assert_closed(self.rivals_agreement.access_url + "/invoices")

    def test_drafts_and_unknown_programs_lead_back_home(self):
        self._log_in(self.dana)
        self._assert_closed(self.draft.access_url)
        self._assert_closed(f"/my/rebates/{max(self.env['rebate.agreement'].search([]).ids) + 1}")

    def test_a_token_opens_one_program_to_whom_has_the_link(self):
        self._page(self.agreement.get_portal_url())
        self._page(self.agreement.get_portal_url("/invoices"))

    def test_a_wrong_token_leads_back_home(self):
        self.agreement._portal_ensure_token()
        self._assert_closed(self.agreement.access_url + "?access_token=nonsense")
        self._assert_closed(self.agreement.access_url + "?access_token=")
        other = self.rivals_agreement._portal_ensure_token()
        self._assert_closed(f"{self.agreement.access_url}?access_token={other}")
        self._assert_closed(f"{self.agreement.access_url}/invoices?access_token={other}")

    def test_a_token_does_not_open_a_draft(self):
        self._assert_closed(self.draft.get_portal_url())

    def test_visitors_are_asked_to_log_in(self):
        self._assert_closed(self.agreement.access_url)
        for path in ("/my", "/my/rebates"):
            response = self._get(path)
            self.assertEqual(response.status_code, 303)
            self.assertIn("/web/login", response.headers["Location"])

    def test_an_employee_without_rebate_rights_sees_no_program(self):
        self._log_in(self.nobody)
        self._assert_closed(self.agreement.access_url)
        self.assertFalse(self._page("/my/rebates").xpath("//div[hasclass('o_rebate_card')]"))

    def test_an_employee_with_rebate_rights_previews_the_page(self):
        action = self.agreement.with_user(self.reader).action_preview()
        self._log_in(self.reader)
        self.assertIn("Bonus", self._text(self._page(action["url"])))
        self.assertFalse(
            self._page("/my/rebates").xpath("//div[hasclass('o_rebate_card')]"),
            "one's own programs are listed, not everybody's",
        )

    def test_records_are_limited_like_pages(self):
        agreements = self.env["rebate.agreement"].with_user(self.dana)
        self.assertEqual(agreements.search([]), self.agreement)
        with self.assertRaises(AccessError):
            self.rivals_agreement.with_user(self.dana).read(["partner_id"])
        for operation in ("create", "write", "unlink"):
            self.assertFalse(agreements.has_access(operation), operation)

    def test_nothing_else_of_a_program_is_open_to_the_portal(self):
        for name in (
            "rebate.program",
            "rebate.rule",
            "rebate.tier",
            "rebate.accrual",
            "rebate.accrual.line",
            "rebate.settlement",
            "rebate.settlement.line",
            "rebate.settlement.detail",
            "rebate.claim.extend",
            "rebate.settlement.run",
            "rebate.queue",
        ):
            self.assertFalse(self.env[name].with_user(self.dana).has_access("read"), name)

    def test_another_companys_programs_stay_with_its_own_logins(self):
        other = self.setup_other_company()["company"]
        self.dana.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        self.assertFalse(self.env["rebate.agreement"].with_user(self.dana).search([]))
