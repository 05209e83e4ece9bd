"""The overview in a real browser, as each role opens it and clicks its figures; a console error
fails it."""

from odoo import Command, fields
from odoo.tests import tagged

from ..common_pictures import PicturesCase

ROLES = {
    "manager": ("rebate_management.group_rebate_manager", "sales_team.group_sale_manager"),
    "accountant": ("rebate_management.group_rebate_accountant",),
    "approver": ("rebate_management.group_rebate_approver",),
    "salesperson": ("rebate_management.group_rebate_user", "sales_team.group_sale_salesman"),
}


@tagged("post_install", "-at_install")
class TestOverviewTour(PicturesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = cls.env.company
        if not company.chart_template:
            cls.env["account.chart.template"].try_loading(
                "generic_coa", company, install_demo=False
            )
        for role, groups in ROLES.items():
            login = f"overview_{role}"
            user = cls.env["res.users"].create(
                {
                    "name": f"Overview {role.title()}",
                    "login": login,
                    "password": login,
                    "group_ids": [Command.link(cls.env.ref(group).id) for group in groups],
                }
            )
            setattr(cls, role, user)
        today = fields.Date.today()
        last_year = today.replace(year=today.year - 1, day=1)
        cls.distributor = cls.env["res.partner"].create(
            {
                "name": "Overview Distributor",
                "is_company": True,
                "user_id": cls.salesperson.id,
            }
        )
        cls.program = cls.env["rebate.program"].create(
            {
                "name": "Overview Bonus",
                "date_start": last_year.replace(month=1),
                "rule_ids": [
                    Command.create(
                        {
                            "name": "Purchases",
                            "tier_ids": [
                                Command.create({"threshold": 0, "rate": 10}),
                                Command.create({"threshold": 1100, "rate": 20}),
                            ],
                        }
                    )
                ],
            }
        )
        cls.program.action_activate()
        for day, amount in ((last_year, 400), (today, 1000)):
            cls.env["account.move"].create(
                {
                    "move_type": "out_invoice",
                    "partner_id": cls.distributor.id,
                    "invoice_date": day,
                    "invoice_line_ids": [
                        Command.create(
                            {"name": "Goods", "price_unit": amount, "tax_ids": [Command.clear()]}
                        )
                    ],
                }
            ).action_post()
        agreement = cls.env["rebate.agreement"].create(
            {"program_id": cls.program.id, "partner_id": cls.distributor.id}
        )
        agreement.action_activate()
        agreement.action_refresh()
        cls.settlements = (
            cls.env["rebate.settlement.run"]
            .create({"date_to": today, "kind": "interim", "partner_ids": cls.distributor.ids})
            .action_run()
        )

    def _tour(self, role):
        self.start_tour(
            "/odoo/rebates", f"rebate_overview_{role}", login=f"overview_{role}", timeout=120
        )

    def test_a_manager_follows_figures_and_comes_back(self):
        self._tour("manager")

    def test_an_approver_finds_what_waits(self):
        self.settlements.action_submit()
        self._tour("approver")

    def test_an_accountant_finds_what_is_to_be_posted(self):
        self.settlements.action_submit()
        self.settlements.with_user(self.approver).action_approve()
        self._tour("accountant")

    def test_a_salesperson_finds_their_customers(self):
        self._tour("salesperson")
