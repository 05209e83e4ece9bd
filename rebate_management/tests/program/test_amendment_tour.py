"""Amending a program in a real browser; a console error fails it."""

from odoo import Command, fields
from odoo.tests import tagged

from ..common_pictures import PicturesCase


@tagged("post_install", "-at_install")
class TestAmendmentTour(PicturesCase):
    def test_a_manager_amends_a_running_program(self):
        if not self.env.company.chart_template:
            self.env["account.chart.template"].try_loading(
                "generic_coa", self.env.company, install_demo=False
            )
        self.env["res.users"].create(
            {
                "name": "Tour Manager",
                "login": "tour_manager",
                "password": "tour_manager",
                "group_ids": [
                    Command.link(self.env.ref(group).id)
                    for group in ("base.group_user", "rebate_management.group_rebate_manager")
                ],
            }
        )
        partner = self.env["res.partner"].create({"name": "Tour Distributor", "is_company": True})
        tiers = [
            Command.create({"threshold": threshold, "rate": rate})
            for threshold, rate in ((0, 5), (10000, 6))
        ]
        program = self.env["rebate.program"].create(
            {
                "name": "Tour Bonus",
                "rule_ids": [Command.create({"tier_ids": tiers})],
            }
        )
        program.action_activate()
        self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": partner.id,
                "invoice_date": fields.Date.today(),
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Goods", "price_unit": 12000, "tax_ids": [Command.clear()]}
                    )
                ],
            }
        ).action_post()
        agreement = self.env["rebate.agreement"].create(
            {"program_id": program.id, "partner_id": partner.id}
        )
        agreement.action_activate()
        self.assertEqual(agreement.earned_amount, 720)
        action = "rebate_management.rebate_program_action"
        self.start_tour(
            f"/odoo/action-{action}/{program.id}",
            "rebate_management_amendment",
            login="tour_manager",
            timeout=120,
        )
        self.env.invalidate_all()
        self.assertEqual(agreement.earned_amount, 960)
        self.assertEqual(program.amendment_ids.user_id.login, "tour_manager")
        self.assertFalse(
            self.env["rebate.program"]
            .with_context(active_test=False)
            .search_count([("amends_id", "=", program.id)])
        )
