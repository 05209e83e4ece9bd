"""Posting only appends to the queue; the job computes what it names."""

from datetime import date

from odoo import fields
from odoo.tests import tagged

from odoo.addons.base.tests.test_ir_cron import CronMixinCase

from ...tools.trust import trusted
from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestQueue(RebateCommon, CronMixinCase):
    def setUp(self):
        super().setUp()
        self.queue = self.env["rebate.queue"].sudo()
        self.agreement = self._enrol(self._program((0, 10), period_type="quarter"))
        trusted(self.queue.search([])).unlink()

    def _queued(self):
        """The agreements that the queue is about, and the days."""
        return self.queue._touched(
            [
                (row.agreement_res_id, row.partner_res_id, row.company_res_id, row.date, False)
                for row in self.queue.search([("is_payment", "=", False)])
            ]
        )

    def test_posting_queues_the_purchase_and_the_job_computes_it(self):
        self._invoice(100)
        self.assertEqual(self._queued(), {self.agreement.id: {date(2025, 6, 15)}})
        self.assertEqual(self._accrual(self.agreement).earned_amount, 0)
        self._drain()
        self.assertEqual(self._accrual(self.agreement).earned_amount, 10)

    def test_posting_sets_off_the_job(self):
        with self.capture_triggers("rebate_management.ir_cron_drain_queue") as captured:
            self._invoice(100)
        self.assertTrue(captured.records)

    def test_taking_an_invoice_back_is_noticed(self):
        move = self._invoice(100)
        self._drain()
        move.button_draft()
        self._drain()
        self.assertEqual(self._accrual(self.agreement).earned_amount, 0)
        move.action_post()
        self._drain()
        self.assertEqual(self._accrual(self.agreement).earned_amount, 10)
        move.button_draft()
        move.button_cancel()
        self._drain()
        self.assertEqual(self._accrual(self.agreement).earned_amount, 0)

    def test_purchases_of_a_subsidiary_queue_its_parents_agreement(self):
        subsidiary = self._company("Subsidiary", parent_id=self.distributor.id)
        self._invoice(100, partner=subsidiary)
        self.assertFalse(self._queued())
        self.agreement.include_children = True
        trusted(self.queue.search([])).unlink()
        self._invoice(100, partner=subsidiary)
        self.assertEqual(list(self._queued()), self.agreement.ids)

    def test_documents_that_are_no_purchase_of_the_agreement_compute_nothing(self):
        self.agreement.date_end = "2026-01-31"
        self._drain()
        before = fields.Datetime.to_datetime("2020-01-01")
        trusted(self.agreement.accrual_ids.sudo()).computed_at = before
        self._invoice(100, partner=self._company("Somebody else"))
        self._invoice(100, "2024-12-31")
        self._invoice(100, "2026-02-01")
        self._drain()
        self.assertEqual(set(self.agreement.accrual_ids.mapped("computed_at")), {before})

    def test_vendor_bills_and_payouts_queue_nothing(self):
        self._invoice(100, move_type="in_invoice")
        self.assertFalse(self.queue.search_count([]))
        self._invoice(100)
        self._drain()
        self._settle()
        self.assertFalse(self.queue.search_count([]))

    def test_who_is_enrolled_while_an_invoice_is_posted_misses_nothing(self):
        later = self._enrol(self._program((0, 5)), activate=False)
        self._invoice(100)
        # As one who activates the agreement without seeing the invoice.
        later.action_activate()
        trusted(later.accrual_ids.sudo()).measured_amount = 0
        self._drain()
        self.assertEqual(self._accrual(later).measured_amount, 100)

    def test_a_vanished_agreement_does_not_stop_the_job(self):
        trusted(self.queue).create({"agreement_res_id": 2**31 - 1, "date": "2025-06-15"})
        self._invoice(100)
        self._drain()
        self.assertEqual(self._accrual(self.agreement).earned_amount, 10)

    def test_the_daily_job_begins_new_periods(self):
        begun = self.agreement.accrual_ids.filtered(
            lambda accrual: accrual.date_from.isoformat() == "2026-01-01"
        )
        trusted(begun.sudo()).unlink()
        self._invoice(100, "2026-02-01")
        with self.enter_registry_test_mode():
            self.env.ref("rebate_management.ir_cron_refresh_accruals").method_direct_trigger()
        self.assertEqual(self._accrual(self.agreement, "2026-02-01").earned_amount, 10)

    def test_appending_takes_as_many_statements_for_eight_invoices_as_for_one(self):
        def statements(count):
            moves = self.env["account.move"].union(*(self._invoice(10) for _n in range(count)))
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.queue._append(moves)
            return self.env.cr.sql_log_count - before

        self.assertEqual(statements(1), statements(8))
