"""Enrolling three distributors by tag and one by a spreadsheet, and renewing their program, in a
real browser; a console error fails it."""

from odoo import Command, fields
from odoo.tests import tagged

from ..common_pictures import PicturesCase


@tagged("post_install", "-at_install")
class TestEnrollTour(PicturesCase):
    def test_a_manager_enrols_many_and_renews_the_program(self):
        if not self.env.company.chart_template:
            self.env["account.chart.template"].try_loading(
                "generic_coa", self.env.company, install_demo=False
            )
        groups = ("base.group_user", "rebate_management.group_rebate_manager")
        self.env["res.users"].create(
            {
                "name": "Enrolling Manager",
                "login": "enrolling_manager",
                "password": "enrolling_manager",
                "group_ids": [Command.link(self.env.ref(group).id) for group in groups],
            }
        )
        tag = self.env["res.partner.category"].create({"name": "Tour Dealers"})
        dealers = self.env["res.partner"].create(
            [
                {
                    "name": f"Tour Dealer {number}",
                    "ref": f"TOUR-{number}",
                    "is_company": True,
                    "category_id": tag.ids if number < 4 else False,
                }
                for number in (1, 2, 3, 4)
            ]
        )
        year = fields.Date.today().year
        self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": dealers[0].id,
                "invoice_date": f"{year - 1}-06-15",
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Goods", "price_unit": 12000, "tax_ids": [Command.clear()]}
                    )
                ],
            }
        ).action_post()
        tiers = [
            Command.create({"threshold": threshold, "rate": rate})
            for threshold, rate in ((0, 5), (10000, 6))
        ]
        program = self.env["rebate.program"].create(
            {
                "name": f"Tour Bonus {year}",
                "date_start": f"{year}-01-01",
                "date_end": f"{year}-12-31",
                "rule_ids": [Command.create({"tier_ids": tiers})],
            }
        )
        program.action_activate()
        url = f"/odoo/action-rebate_management.rebate_program_action/{program.id}"
        for tour in ("enroll", "enroll_sheet", "renew"):
            self.start_tour(
                url, f"rebate_management_{tour}", login="enrolling_manager", timeout=120
            )
            self.env.invalidate_all()
            if tour == "enroll":
                self.assertEqual(program.agreement_ids.partner_id, dealers[:3])
        self.assertEqual(program.agreement_ids.partner_id, dealers)
        self.assertEqual(set(program.agreement_ids.mapped("state")), {"active"})
        renewal = program.renewal_ids
        self.assertEqual(renewal.name, f"Tour Bonus {year + 1}")
        self.assertEqual(renewal.agreement_ids.partner_id, dealers)
        self.assertEqual(renewal.rule_ids.tier_ids.mapped("threshold"), [0, 11000])
