"""The pages ask the database as often for many records as for few."""

from odoo.tests import tagged

from .common import RebatePortalCommon


@tagged("post_install", "-at_install")
class TestPortalQueryCount(RebatePortalCommon):
    def _queries(self, path):
        return self._statements(self._page, path)

    def test_the_list_asks_as_often_for_twelve_programs_as_for_two(self):
        counts = []
        self._log_in(self.dana)
        for number in (2, 10):
            for _time in range(number):
                self._enrol(self._program((0, 1), (1000, 2)))
            self._page("/my/rebates")  # fills the caches
            counts.append(self._queries("/my/rebates"))
        self.assertEqual(counts[0], counts[1])

    def test_a_program_asks_as_often_for_many_documents_as_for_few(self):
        agreement = self._enrol(self._program((0, 1), (1000, 2), period_type="month"))
        counts = []
        self._log_in(self.dana)
        for months in (range(1, 3), range(3, 11)):
            for month in months:
                self._invoice(1000, f"2025-{month:02}-10")
                self._invoice(10, f"2026-01-{month:02}")
                self._settle("2025-12-31")
            self._page(agreement.access_url)  # fills the caches and gives each note its token
            counts.append(self._queries(agreement.access_url))
        self.assertEqual(counts[0], counts[1])
