"""Uninstalling warns of what is lost, and installing again knows the documents that paid."""

import json

from odoo import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ...hooks import FORMER_PAYOUTS, _keep_former_payouts, post_init_hook
from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestUninstall(RebateCommon):
    def _wizard(self, name="rebate_management"):
        module = self.env.ref(f"base.module_{name}")
        return self.env["base.module.uninstall"].create({"module_ids": [Command.set(module.ids)]})

    def _uninstall_and_install(self):
        """What both do to the documents: the column with the settlement goes, and is empty when it
        comes again."""
        with mute_logger("odoo.addons.rebate_management.hooks"):
            _keep_former_payouts(self.env)
        self.env.cr.execute("UPDATE account_move SET rebate_settlement_id = NULL")
        self.env.invalidate_all()
        post_init_hook(self.env)

    def _parameter(self):
        return self.env["ir.config_parameter"].sudo().get_param(FORMER_PAYOUTS)

    def test_uninstalling_warns_of_posted_payouts(self):
        self._enrol(self._program((0, 10)))
        self._invoice(1000)
        self.assertFalse(self._wizard().rebate_warning)
        self._settle()
        self.env.user.group_ids += self.env.ref("base.group_system")
        for name in ("rebate_management", "sale_management", "account"):
            warning = self._plain(self._wizard(name).rebate_warning)
            self.assertIn("1 rebate payouts over $ 100.00 are posted", warning)
            self.assertIn("Export the audit file", warning)
        self.assertFalse(self._wizard("rebate_portal").rebate_warning)
        form = Form(self._wizard())
        self.assertTrue(form.rebate_warning)

    def test_installed_again_it_takes_old_payouts_for_no_returns(self):
        agreement = self._enrol(self._program((0, 10), clawback_policy="invoice"))
        self._invoice(1000)
        invoice = self._invoice(500, "2025-07-01")
        paid = self._settle()
        self._invoice(500, "2025-07-02", refund=True)
        back = self._settle()
        self.assertEqual((paid.amount_total, back.amount_total), (150, -50))
        documents = (paid | back).move_ids
        self._uninstall_and_install()
        self.assertEqual(documents.mapped("rebate_was_payout"), [True, True])
        self.assertFalse(invoice.rebate_was_payout)
        self.assertFalse(self._parameter())
        agreement.action_refresh()
        self.assertEqual(sum(agreement.accrual_ids.mapped("measured_amount")), 1000)

    def test_what_reverses_an_old_payout_is_no_purchase(self):
        agreement = self._enrol(self._program((0, 10)))
        self._invoice(1000)
        first = self._settle().move_ids
        other = self._company("Other")
        self._enrol(self.env["rebate.program"].search([("name", "=", "Bonus")]), other)
        self._invoice(1000, partner=other)
        second = self._settle().move_ids
        with mute_logger("odoo.addons.rebate_management.hooks"):
            _keep_former_payouts(self.env)
        self.env.cr.execute("UPDATE account_move SET rebate_settlement_id = NULL")
        self.env.invalidate_all()
        # While the app was gone, and after it came again.
        between = first._reverse_moves()
        between.action_post()
        post_init_hook(self.env)
        after = second._reverse_moves()
        after.action_post()
        self.assertEqual((between | after).mapped("rebate_was_payout"), [True, True])
        agreement.action_refresh()
        self.assertEqual(sum(agreement.accrual_ids.mapped("measured_amount")), 1000)

    def test_a_second_time_both_generations_are_known(self):
        self._enrol(self._program((0, 10)))
        self._invoice(1000)
        first = self._settle().move_ids
        self._uninstall_and_install()
        with mute_logger("odoo.addons.rebate_management.hooks"):
            _keep_former_payouts(self.env)
        self.assertEqual(json.loads(self._parameter()), first.ids)

    def test_without_payouts_nothing_is_left_behind(self):
        self._invoice(1000)
        _keep_former_payouts(self.env)
        self.assertFalse(self._parameter())
        post_init_hook(self.env)

    def test_a_trace_that_cannot_be_read_stops_no_installation(self):
        self.env["ir.config_parameter"].sudo().set_param(FORMER_PAYOUTS, "mine")
        with self.assertLogs("odoo.addons.rebate_management.hooks", "WARNING"):
            post_init_hook(self.env(su=True))
        self.assertEqual(self._parameter(), "mine")
