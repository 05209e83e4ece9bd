"""An invoice tells for which programs its lines count and what each earned: frozen where that is
settled, as computed now where it is not, expected of a draft."""

from decimal import Decimal

from odoo.tests import tagged

from .common import SaleCommon


@tagged("post_install", "-at_install")
class TestInvoiceShares(SaleCommon):
    def _shares(self, move):
        """By program and product what each line counts and has, as text, and its state."""
        found = self.env["rebate.selling"]._find_shares(move).found
        return [
            (
                share.agreement.program_id.name,
                share.line.product_id.name,
                float(round(share.amount, 2)),
                str(share.rebate),
                share.state,
            )
            for share in found
        ]

    def test_of_an_open_period_as_computed_now(self):
        self._enrol(self._program((0, 1), (1000, 5)))
        self._enrol(self._program(rules=[self._rule((0, 2), product_ids=self.other.ids)], name="B"))
        move = self._invoice([(self.goods, 300), (self.other, 100)], "2026-02-01")
        self.assertEqual(
            self._shares(move),
            [
                ("Bonus", "Goods", 300, "3.00", "running"),
                ("Bonus", "Other", 100, "1.00", "running"),
                ("B", "Other", 100, "2.00", "running"),
            ],
        )
        self._invoice(700, "2026-03-01")
        self.assertEqual(self._shares(move)[0], ("Bonus", "Goods", 300, "15.00", "running"))

    def test_of_a_settled_period_as_frozen(self):
        agreement = self._enrol(self._program((0, 1)))
        move = self._invoice([(self.goods, 300), (self.other, 100)])
        settlement = self._settle()
        self.assertEqual(self._accrual(agreement).state, "settled")
        shares = self.env["rebate.selling"]._find_shares(move).found
        self.assertEqual({share.state for share in shares}, {"settled"})
        self.assertEqual({share.settlement for share in shares}, {settlement})
        self.assertEqual(sum(share.rebate for share in shares), Decimal("4.00"))

    def test_a_credit_note_takes_its_part_back(self):
        self._enrol(self._program((0, 1)))
        self._invoice(1000, "2026-02-01")
        note = self._invoice(100, "2026-03-01", refund=True)
        self.assertEqual(self._shares(note), [("Bonus", "Goods", -100, "-1.00", "running")])

    def test_a_draft_is_expected_to_earn_what_it_then_does(self):
        agreement = self._enrol(self._program((0, 1), (1000, 5)))
        self._invoice(900.11, "2026-02-01")
        move = self._invoice([(self.goods, 77.77), (self.other, 55.55)], "2026-03-01", post=False)
        shares = self._shares(move)
        self.assertEqual({share[-1] for share in shares}, {"expected"})
        before = self._earned(agreement, self.today)
        move.action_post()
        gained = self._earned(agreement, self.today) - before
        self.assertAlmostEqual(sum(float(share[3]) for share in shares), gained, 2)

    def test_rate_that_led_there(self):
        rule = self._rule((0, 3), qualifier_measure="growth_percent", growth_reward="excess")
        self._enrol(self._program(rules=[rule], program_type="growth"))
        self._invoice(1000, "2025-06-01")
        move = self._invoice([(self.goods, 1500), (self.other, 500)], "2026-03-01")
        [program] = move.rebate_shares()["programs"]
        # 3 % on 1,000 more than last year are 30.00 on 2,000.00.
        self.assertEqual([row["rate"] for row in program["rows"]], ["1.5 % on average"] * 2)
        self.assertEqual(self._plain(program["rebate"]), "$ 30.00")
        self._enrol(self._program((0, 2), name="Flat"))
        rates = [row["rate"] for row in move.rebate_shares()["programs"][1]["rows"]]
        self.assertEqual(rates, ["2 %", "2 %"])

    def test_neither_payouts_nor_other_customers_have_any(self):
        self._enrol(self._program((0, 1)))
        self._invoice(1000)
        payout = self._settle().move_ids
        stranger = self._invoice(1000, partner=self._company("Stranger"))
        self.assertFalse(payout.rebate_may_count)
        self.assertFalse(stranger.rebate_may_count)
        self.assertEqual(self._shares(payout | stranger), [])

    def test_a_program_that_cannot_be_computed_says_so(self):
        self._enrol(self._program((0, 1)))
        broken = self._enrol(
            self._program(rules=[self._rule((0, 1), product_domain="[('name', '=', 'Goods')]")])
        )
        broken.program_id.name = "Broken"
        move = self._invoice(1000, "2026-02-01")
        self._break(broken.program_id)
        told = move.rebate_shares()
        self.assertEqual([program["program"] for program in told["programs"]], ["Bonus"])
        self.assertIn("Broken", told["problems"][0])

    def test_what_is_paid_counts_in_each_period_of_a_payment(self):
        self._enrol(self._program((0, 10), basis="paid", period_type="month"))
        move = self._invoice(1000, "2026-01-15")
        self._pay(move, "2026-01-20", amount=400)
        self._pay(move, "2026-02-20", amount=600)
        self.assertEqual([share[3] for share in self._shares(move)], ["40.00", "60.00"])

    def test_statements_do_not_grow_with_the_lines(self):
        self._enrol(self._program((0, 1)))

        def asked(count):
            move = self._invoice([(self.goods, 10)] * count, "2026-02-01")
            return self._statements(move.rebate_shares)

        asked(1)
        self.assertEqual(asked(2), asked(20))

    def test_roles(self):
        self._enrol(self._program((0, 1)))
        move = self._invoice(1000, "2026-02-01")
        self.reader.group_ids += self.env.ref("account.group_account_invoice")
        told = move.with_user(self.reader).rebate_shares()
        self.assertEqual(len(told["programs"]), 1)
        self.nobody.group_ids += self.env.ref("account.group_account_invoice")
        self.assertEqual(
            move.with_user(self.nobody).rebate_shares(), {"programs": [], "problems": []}
        )
        with self.assertNoAccess():
            move.with_user(self.nobody).read(["rebate_may_count"])

    def test_lines_with_their_program_and_rate(self):
        agreement = self._enrol(self._program((0, 5)))
        move = self._invoice([(self.goods, 300), (self.other, 100)], "2026-02-01")
        agreement.action_refresh()
        action = self._accrual(agreement, self.today).action_view_invoice_lines()
        lines = self.env["account.move.line"].with_context(**action["context"])
        lines = lines.search(action["domain"])
        self.assertEqual(lines.move_id, move)
        self.assertEqual(set(lines.mapped("rebate_program_name")), {"Bonus"})
        self.assertEqual(set(lines.mapped("rebate_rate")), {"5 %"})
