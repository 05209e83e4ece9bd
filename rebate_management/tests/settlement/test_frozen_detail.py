"""What a settlement paid for which invoice line: frozen when it is proposed, to the cent."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..common import RebateCommon
from ..common_kept import ROLE


@tagged("post_install", "-at_install")
class TestFrozenDetail(RebateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["product.product"].create(
            {"name": "Other", "default_code": "OTH", "taxes_id": False}
        )

    def _rebates(self, settlement):
        """The parts of the lines in the order of the invoices, which add up."""
        details = settlement.line_ids.detail_ids
        for line in settlement.line_ids:
            self.assertEqual(
                line.currency_id.compare_amounts(
                    sum(line.detail_ids.mapped("rebate_amount")), line.amount
                ),
                0,
            )
        for detail in details:
            self.assertAlmostEqual(
                detail.earned_amount - detail.settled_amount, detail.rebate_amount
            )
        return details.mapped("rebate_amount")

    def test_each_invoice_line_is_kept_with_what_it_says(self):
        program = self._program((0, 10))
        self._enrol(program)
        invoice = self._invoice(
            [],
            invoice_line_ids=[
                Command.create({"product_id": self.other.id, "quantity": 3, "price_unit": 33.33}),
                Command.create({"name": "Transport", "quantity": 1, "price_unit": 0.05}),
            ],
        )
        settlement = self._settle()
        of_product, of_text = settlement.line_ids.detail_ids.sorted("amount", reverse=True)
        self.assertRecordValues(
            of_product,
            [
                {
                    "settlement_id": settlement.id,
                    "rule_id": program.rule_ids.id,
                    "rule_name": "Purchases",
                    "move_line_id": invoice.invoice_line_ids[0].id,
                    "line_number": invoice.invoice_line_ids[0].id,
                    "invoice_name": invoice.name,
                    "invoice_date": invoice.invoice_date,
                    "product_id": self.other.id,
                    "product_name": "Other",
                    "product_code": "OTH",
                    "quantity": 3,
                    "uom_name": "Units",
                    "amount": 99.99,
                    "rate": 10,
                    "rate_type": "percent",
                    "rate_text": "10 %",
                    "earned_amount": 10,
                    "settled_amount": 0,
                    "rebate_amount": 10,
                }
            ],
        )
        self.assertRecordValues(
            of_text, [{"product_id": False, "product_name": "Transport", "rebate_amount": 0}]
        )
        self.assertEqual(sorted(self._rebates(settlement)), [0, 10])

    def test_a_later_change_of_the_invoice_alters_nothing(self):
        self._enrol(self._program((0, 10)))
        invoice = self._invoice([(self.goods, 100), (self.other, 50)])
        settlement = self._settle()
        before = settlement.line_ids.detail_ids.read(["amount", "invoice_name", "product_name"])
        invoice.button_draft()
        invoice.invoice_line_ids[0].price_unit = 7
        invoice.invoice_line_ids[1].unlink()
        self.other.name = "Renamed"
        invoice.action_post()
        details = settlement.line_ids.detail_ids
        self.env.invalidate_all()
        self.assertEqual(
            details.read(["amount", "invoice_name", "product_name"]),
            before,
        )
        self.assertEqual(details.move_line_id, invoice.invoice_line_ids)
        self.assertEqual(sorted(self._rebates(settlement)), [5, 10])

    def test_a_difference_is_told_line_by_line(self):
        self._enrol(self._program((0, 1), (1000, 5)))
        self._invoice(500, "2026-01-15")
        first = self._settle("2026-01-31", "interim")
        self._invoice(1500, "2026-02-15")
        second = self._settle("2026-02-28", "interim")
        self.assertEqual(self._rebates(first), [5])
        self.assertRecordValues(
            second.line_ids.detail_ids,
            [
                {"amount": 500, "earned_amount": 25, "settled_amount": 5, "rebate_amount": 20},
                {"amount": 1500, "earned_amount": 75, "settled_amount": 0, "rebate_amount": 75},
            ],
        )
        self.assertEqual(self._rebates(second), [20, 75])

    def test_only_invoices_up_to_the_day_of_the_run_are_kept(self):
        self._enrol(self._program((0, 1)))
        self._invoice(500, "2026-01-15")
        self._invoice(700, "2026-02-15")
        self.assertEqual(self._rebates(self._settle("2026-01-31", "interim")), [5])

    def test_an_invoice_line_that_is_gone_gives_its_part_back(self):
        self._enrol(self._program((0, 10)))
        invoice = self._invoice([(self.goods, 100), (self.other, 50)])
        self._settle()
        invoice.button_draft()
        invoice.invoice_line_ids[1].unlink()
        invoice.action_post()
        self._invoice(1000)
        settlement = self._settle()
        self.assertEqual(settlement.amount_total, 95)
        self.assertEqual(sorted(self._rebates(settlement)), [-5, 0, 100])
        self._invoice(10)
        self.assertEqual(sorted(self._rebates(self._settle())), [0, 0, 1], "but once only")

    def test_a_rejected_settlement_settled_nothing(self):
        self._enrol(self._program((0, 10)))
        self._invoice(100)
        rejected = self._settle(post=False)
        rejected.action_submit()
        rejected.action_reject()
        self.assertEqual(self._rebates(self._settle()), [10])

    def test_what_lies_on_no_invoice_line_has_a_row_without_one(self):
        self._enrol(self._program((0, 10), guaranteed_payout=100))
        first = self._settle()
        self.assertEqual(self._rebates(first), [100])
        self.assertFalse(first.line_ids.detail_ids.line_number)
        self._invoice(2000)
        second = self._settle()
        self.assertRecordValues(
            second.line_ids.detail_ids.sorted("rebate_amount"),
            [
                {"move_line_id": False, "settled_amount": 100, "rebate_amount": -100},
                {
                    "move_line_id": self.env["account.move.line"]
                    .search([("price_unit", "=", 2000)])
                    .id,
                    "settled_amount": 0,
                    "rebate_amount": 200,
                },
            ],
        )

    def test_rules_and_limits_add_up_to_the_cent(self):
        rules = [
            self._rule((0, 10), name="Goods", product_ids=self.goods.ids),
            self._rule((0, 7), name="All"),
        ]
        self._enrol(self._program(rules=rules, max_payout=10))
        self._invoice([(self.goods, 99.99), (self.other, 33.33)])
        self._invoice([(self.other, 11.11)], refund=True)
        settlement = self._settle()
        self.assertEqual(settlement.amount_total, 10)
        self.assertEqual(len(self._rebates(settlement)), 4)

    def test_the_terms_in_force_are_kept(self):
        program = self._program((0, 1), (1000, 5), max_payout=70, code="VOL")
        self._enrol(program)
        self._invoice(2000)
        settlement = self._settle()
        program.name = "Renamed"
        snapshot = settlement.terms_snapshot
        kept = snapshot["programs"][str(program.id)]
        self.assertEqual((kept["name"], kept["code"]), ("Bonus", "VOL"))
        self.assertEqual(kept["terms"]["max_payout"], 70)
        self.assertEqual([tier["terms"]["rate"] for tier in kept["rules"][0]["tiers"]], [1, 5])
        self.assertIn(["Tiers Apply", "Retroactive"], kept["words"])
        self.assertIn("5 %", [self._plain(text) for _label, text in kept["rules"][0]["words"]])
        (line,) = snapshot["lines"]
        self.assertEqual((line["earned"], line["settled"]), ("70.00", "0.00"))
        self.assertEqual(line["amount"], "70.00")
        self.assertEqual((line["date_from"], line["date_until"]), ("2025-01-01", "2025-12-31"))
        self.assertEqual(line["period"]["total"], "100.00")
        self.assertEqual(line["rules"][0]["facts"]["bought"], "2000.00")

    # ------------------------------------------------------------------
    # Nobody alters it
    # ------------------------------------------------------------------

    def test_nobody_writes_what_is_frozen(self):
        self._enrol(self._program((0, 10)))
        self._invoice(100)
        settlement = self._settle()
        line = settlement.sudo().line_ids
        for refused in (
            lambda: line.detail_ids.write({"amount": 1}),
            line.detail_ids.unlink,
            lambda: line.detail_ids.create({"settlement_line_id": line.id, "rebate_amount": 1}),
            lambda: line.write({"amount": 1}),
            line.unlink,
            lambda: settlement.sudo().write({"line_ids": [Command.clear()]}),
        ):
            with self.assertRefused("frozen"):
                refused()
        with self.assertRefused(settlement.name, "part of the record"):
            settlement.sudo().write({"terms_snapshot": {}})
        self.assertEqual(self._rebates(settlement), [10])

    def test_a_user_reads_details_of_the_own_company_only(self):
        self._enrol(self._program((0, 10)))
        self._invoice(100)
        details = self._settle().line_ids.detail_ids
        self.assertEqual(details.with_user(self.reader).rebate_amount, 10)
        company = self.env["res.company"].create({"name": "Elsewhere"})
        foreigner = self._user("foreigner", ROLE + "user", companies=company)
        for stranger in (foreigner, self.nobody, self.env.ref("base.public_user")):
            with self.assertRaises(AccessError):
                details.with_user(stranger).read(["rebate_amount"])

    # ------------------------------------------------------------------
    # In few statements
    # ------------------------------------------------------------------

    def test_freezing_takes_as_many_statements_for_many_as_for_few(self):
        program = self._program((0, 1), (1000, 2))
        agreements = self.env["rebate.agreement"].union(
            *(self._enrol(program, self._company(f"Customer {n}")) for n in range(9))
        )
        for agreement in agreements:
            self._invoice([(self.goods, 500)] * 3, partner=agreement.partner_id)

        def count(agreements):
            lines = self._settle(post=False, partner_ids=agreements.partner_id.ids).line_ids
            self.assertEqual(len(lines), len(agreements))
            return self._statements(lines.browse(lines.ids)._freeze)

        count(agreements[:1])
        self.assertEqual(count(agreements[1:3]), count(agreements[3:]))

    def test_shares_of_many_accruals_are_one_measurement(self):
        program = self._program((0, 1), (1000, 2))
        for number in range(6):
            self._enrol(program, partner := self._company(f"Customer {number}"))
            self._invoice([(self.goods, 500)] * 3, partner=partner)
        accruals = program.agreement_ids.accrual_ids
        accruals.refresh()

        def count(accruals, bought):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(len(accruals.browse(accruals.ids)._share_out()), bought)
            return self.env.cr.sql_log_count - before

        count(accruals[:2], 3)
        self.assertEqual(count(accruals[:4], 6), count(accruals, 18))
