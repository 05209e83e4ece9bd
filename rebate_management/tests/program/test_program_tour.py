"""The rule editor and the tab “Performance” in a real browser; a console error fails it."""

from odoo import Command, fields
from odoo.tests import tagged

from ..common_pictures import PicturesCase


@tagged("post_install", "-at_install")
class TestProgramTour(PicturesCase):
    def setUp(self):
        super().setUp()
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
        tiers = [
            Command.create({"threshold": threshold, "rate": rate})
            for threshold, rate in ((0, 2), (10000, 3))
        ]
        self.program = self.env["rebate.program"].create(
            {"name": "Tour Bonus", "rule_ids": [Command.create({"tier_ids": tiers})]}
        )
        self.action = "/odoo/action-rebate_management.rebate_program_action"

    def _start(self, path, tour):
        self.start_tour(path, tour, login="tour_manager", timeout=120)
        self.env.invalidate_all()

    def test_a_manager_sees_what_tiers_pay_while_typing_them(self):
        self._start(f"{self.action}/{self.program.id}", "rebate_management_rule_editor")
        [first, second] = self.program.rule_ids.tier_ids.sorted("threshold")
        self.assertEqual((first.threshold, first.rate), (0, 2))
        self.assertEqual((second.threshold, second.rate), (8000, 4))
        self.assertEqual(self.program.rule_ids.qualifier_measure, "growth_percent")
        self.assertEqual(self.program.max_payout, 0)

    def test_a_manager_sees_how_a_program_goes(self):
        partner = self.env["res.partner"].create({"name": "Tour Distributor", "is_company": True})
        self.program.action_activate()
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
        self.env["rebate.agreement"].create(
            {"program_id": self.program.id, "partner_id": partner.id}
        ).action_activate()
        self._start(self.action, "rebate_management_performance")
