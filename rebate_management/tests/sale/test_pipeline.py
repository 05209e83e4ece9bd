"""Orders that are not invoiced yet are in the pipeline: told apart from what was bought and earned,
as if they were invoiced today, and for any number of agreements at once."""

from odoo.tests import tagged

from .common import SaleCommon


@tagged("post_install", "-at_install")
class TestPipeline(SaleCommon):
    def _pipeline(self, agreement):
        agreement.invalidate_recordset()
        return agreement.pipeline_amount, agreement.pipeline_earned_amount

    def test_confirmed_orders_are_in_the_pipeline_until_they_are_invoiced(self):
        agreement = self._enrol(self._program((0, 1), (1000, 5)))
        self._invoice(600, "2026-02-01")
        order = self._quote((self.goods, 10, 50))
        self.assertEqual(self._pipeline(agreement), (0, 0))
        order.action_confirm()
        # 5 % of 1,100 are 55, of which 6 are earned without the order.
        self.assertEqual(self._pipeline(agreement), (500, 49))
        self.assertEqual(agreement.pipeline_steps["pipeline"], 500)
        label = self._plain(agreement.pipeline_steps["pipeline_label"])
        self.assertEqual(label, "$ 500.00 in the pipeline")
        self.assertEqual(agreement.current_measured_amount, 600)
        self.assertEqual(agreement.current_earned_amount, 6)
        invoice = order._create_invoices()
        invoice.invoice_line_ids.quantity = 4
        self.assertEqual(self._pipeline(agreement), (500, 49))
        invoice.invoice_date = self.today
        invoice.action_post()
        # 5 % of 1,100 again, but 8 of it earned by now.
        self.assertEqual(self._pipeline(agreement), (300, 47))
        self.assertEqual(agreement.current_measured_amount, 800)

    def test_all_orders_of_all_who_buy(self):
        below = self._company("Below", parent_id=self.distributor.id)
        agreement = self._enrol(self._program((0, 10)), include_children=True)
        for partner in self.distributor, below, self._company("Stranger"):
            self._quote((self.goods, 1, 100), partner_id=partner.id).action_confirm()
        self.assertEqual(self._pipeline(agreement), (200, 20))

    def test_only_what_the_program_counts(self):
        rule = self._rule((0, 10), product_ids=self.other.ids)
        agreement = self._enrol(self._program(rules=[rule]))
        self._quote((self.goods, 1, 100), (self.other, 1, 30)).action_confirm()
        self.assertEqual(self._pipeline(agreement), (30, 3))

    def test_a_reader_sees_orders_that_others_took(self):
        agreement = self._enrol(self._program((0, 10)))
        self._quote((self.goods, 1, 100)).action_confirm()
        [values] = agreement.with_user(self.reader).read(["pipeline_amount"])
        self.assertEqual(values["pipeline_amount"], 100)

    def test_a_program_that_cannot_be_computed_has_none_and_stops_no_other(self):
        rule = self._rule((0, 1), product_domain="[('name', '=', 'Goods')]")
        broken = self._enrol(self._program(rules=[rule], name="Broken"))
        agreement = self._enrol(self._program((0, 10)))
        self._quote((self.goods, 1, 100)).action_confirm()
        self._break(broken.program_id)
        self.assertEqual((broken | agreement).mapped("pipeline_amount"), [0, 100])

    def test_any_number_at_once(self):
        program = self._program((0, 10))
        agreements = self.env["rebate.agreement"]
        for number in range(8):
            partner = self._company(f"Buyer {number}")
            agreements += self._enrol(program, partner)
            self._quote((self.goods, 1, 100), partner_id=partner.id).action_confirm()

        def asked(some):
            return self._statements(some.mapped, "pipeline_amount")

        asked(agreements)
        self.assertEqual(asked(agreements[:2]), asked(agreements))
