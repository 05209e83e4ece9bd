"""The distributor is told a tier method that another addon adds."""

from odoo.tests import tagged

from odoo.addons.rebate_management.tests.program.common_choices import ABOVE, AddedChoices

from .common import RebatePortalCommon


@tagged("post_install", "-at_install")
class TestPortalAddedMethod(AddedChoices, RebatePortalCommon):
    def setUp(self):
        super().setUp()
        self._add_choices()

    def test_the_page_tells_an_added_method(self):
        agreement = self._enrol(self._program((0, 1), (1000, 10), tier_method="above"))
        self._log_in(self.dana)
        page = self._page(f"/my/rebates/{agreement.id}")
        self.assertIn(ABOVE.to_distributor, self._text(page, "//main"))
