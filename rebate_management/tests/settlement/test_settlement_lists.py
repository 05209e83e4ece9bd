"""What lists, boards, calendars and charts of settlements show of them."""

from odoo import fields
from odoo.tests import tagged

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestSettlementLists(RebateCommon):
    def test_programs_and_period_are_those_of_the_lines(self):
        yearly = self._program((0, 10))
        quarterly = self._program((0, 5), name="Quarterly", period_type="quarter")
        for program in (yearly, quarterly):
            self._enrol(program)
        self._invoice(1000, "2025-06-15")
        self._invoice(1000, "2025-11-15")
        settlement = self._settle(post=False)
        self.assertRecordValues(
            settlement,
            [
                {
                    "program_ids": (yearly + quarterly).ids,
                    "date_from": self._date("2025-01-01"),
                    "date_to": self._date("2025-12-31"),
                    "period": "2025",
                }
            ],
        )
        settlements = self.env["rebate.settlement"]
        self.assertEqual(self._plain(settlement.payout_title), "$ 300.00 Distributor")
        self.assertIn(settlement, settlements.search([("program_ids", "in", quarterly.ids)]))
        self.assertIn(settlement, settlements.search([("program_ids", "ilike", "Quarterly")]))
        other = self._program((0, 1), name="Other")
        self.assertFalse(settlements.search([("program_ids", "in", other.ids)]))

    @staticmethod
    def _date(text):
        return fields.Date.to_date(text)

    def test_many_rows_take_the_statements_of_few(self):
        program = self._program((0, 10))
        for number in range(12):
            partner = self._company(f"Customer {number}")
            self._enrol(program, partner)
            self._invoice(1000, partner=partner)
        settlements = self._settle(post=False)
        accruals = settlements.line_ids.accrual_id
        for records, columns in (
            (settlements, ["program_ids", "period", "amount_company", "state"]),
            (accruals, ["earned_value", "open_value", "period"]),
        ):
            with self.subTest(records._name):
                # As a list finds them: what hangs on other records is fetched with these.
                records = records.browse(records.ids)
                records.read(columns)
                few = self._statements(records[:3].read, columns)
                self.assertLessEqual(self._statements(records.read, columns), few)

    def _euros(self):
        self.eur.active = True
        self.eur.rate_ids.unlink()
        # One euro is 2 dollars, from February on 4.
        self.env["res.currency.rate"].create(
            [
                {"currency_id": self.eur.id, "name": day, "rate": rate}
                for day, rate in (("2025-01-01", 0.5), ("2026-02-01", 0.25))
            ]
        )
        program = self._program((0, 10), currency_id=self.eur.id)
        return program, self._enrol(program)

    def test_amounts_of_several_currencies_add_up_in_the_companys(self):
        self._euros()
        self._invoice(1000, currency_id=self.eur.id)
        dollars = self._program((0, 10), name="Dollars")
        self._enrol(dollars, self._company("Other"))
        self._invoice(500, partner=self.env["res.partner"].search([("name", "=", "Other")]))
        settlements = self._settle(post=False)
        self.assertEqual(sorted(settlements.mapped("amount_total")), [50, 100])
        # 100 EUR at the rate of the document's day, and 50 USD.
        self.assertEqual(sorted(settlements.mapped("amount_company")), [50, 400])
        groups = self.env["rebate.settlement"]._read_group(
            [("id", "in", settlements.ids)], ["date_due:month"], ["amount_company:sum"]
        )
        self.assertEqual([total for _month, total in groups], [450])
        euros = settlements.filtered(lambda settlement: settlement.currency_id == self.eur)
        euros.date = "2026-01-15"
        self.assertEqual(euros.amount_company, 200)

    def test_what_accruals_earned_adds_up_in_the_companys_currency(self):
        program, agreement = self._euros()
        self._invoice(1000, currency_id=self.eur.id)
        self._invoice(100, "2026-03-01", currency_id=self.eur.id)
        agreement.action_refresh()
        accruals = agreement.accrual_ids.sorted("date_from")
        # At the last day of the year that is over, and at today's rate for the one that runs.
        self.assertEqual(accruals.mapped("earned_value"), [200, 40])
        self.assertEqual(accruals.mapped("measured_value"), [2000, 400])
        groups = self.env["rebate.accrual"]._read_group(
            [("program_id", "=", program.id)],
            ["program_id"],
            ["earned_value:sum", "open_value:sum", "accrued_value:sum"],
        )
        self.assertEqual([tuple(map(float, sums)) for _program, *sums in groups], [(240, 240, 0)])
        shown = self.env["rebate.accrual"].fields_get(["earned_value"], ["aggregator"])
        self.assertEqual(shown["earned_value"]["aggregator"], "sum")

    def test_the_board_has_a_column_for_each_step(self):
        self._enrol(self._program((0, 10)))
        self._invoice(1000)
        self._settle(post=False)
        states = self.env["rebate.settlement"]._read_group([], ["state"])
        self.assertEqual(states, [("draft",)])
        groups = (
            self.env["rebate.settlement"]
            .with_context(read_group_expand=True)
            .formatted_read_group([], ["state"], ["__count"])
        )
        self.assertEqual(
            [(group["state"], group["__count"]) for group in groups],
            [("draft", 1), ("submitted", 0), ("approved", 0), ("posted", 0), ("paid", 0)],
        )

    def test_readers_see_the_columns(self):
        self._enrol(self._program((0, 10)))
        self._invoice(1000)
        settlement = self._settle()
        for user in (self.reader, self.manager, self.accountant, self.approver):
            with self.subTest(user.login):
                row = settlement.with_user(user).read(
                    ["program_ids", "period", "amount_company", "date_due", "can_approve"]
                )
                self.assertEqual(row[0]["amount_company"], 100)
