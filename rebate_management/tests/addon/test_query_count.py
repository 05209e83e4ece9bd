"""The number of statements does not grow with the number of agreements or lines."""

from odoo.tests import tagged

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestQueryCount(RebateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program = cls._program((0, 1), (1000, 2), (2000, 3))
        cls.agreements = cls.env["rebate.agreement"].union(
            *(cls._enrol(cls.program, cls._company(f"Customer {n}")) for n in range(20))
        )
        for agreement in cls.agreements:
            cls._invoice([(cls.goods, 500)] * 3, "2026-01-15", agreement.partner_id)

    def test_refresh(self):
        def refresh(agreements):
            agreements.accrual_ids.refresh()

        self._statements(refresh, self.agreements)
        self._invoice(1, "2026-01-16", self.agreements[0].partner_id)
        few = self._statements(refresh, self.agreements[:2])
        for agreement in self.agreements:
            self._invoice(1, "2026-01-16", agreement.partner_id)
        many = self._statements(refresh, self.agreements)
        self.assertLessEqual(many, few)

    def test_live_progress(self):
        def read(agreements):
            agreements.mapped("current_earned_amount")

        self._statements(read, self.agreements)
        self.assertEqual(
            self._statements(read, self.agreements[:2]), self._statements(read, self.agreements)
        )

    def test_beginning_periods(self):
        def ensure(agreements):
            agreements.sudo()._ensure_accruals()

        self._statements(ensure, self.agreements)
        self.assertEqual(
            self._statements(ensure, self.agreements[:2]), self._statements(ensure, self.agreements)
        )

    def test_settlement_run_proposes_in_a_bounded_number_of_statements(self):
        def run(agreements):
            self.env["rebate.settlement.run"].create(
                {
                    "date_to": self.today,
                    "kind": "interim",
                    "partner_ids": agreements.partner_id.ids,
                }
            ).action_run()

        self._statements(run, self.agreements[:1])
        few = self._statements(run, self.agreements[1:4])
        many = self._statements(run, self.agreements[4:])
        # Each settlement draws its number from a sequence and writes its first message.
        self.assertLessEqual((many - few) / (16 - 3), 6)
