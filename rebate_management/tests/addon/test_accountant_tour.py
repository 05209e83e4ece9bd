"""The accountant's and the approver's day in a real browser; a console error fails it."""

from odoo import Command, fields
from odoo.tests import tagged
from odoo.tools import date_utils

from ..common_pictures import PicturesCase

# What stands on a view when it is drawn.
DRAWN = {
    "list": ".o_data_row",
    "kanban": ".o_kanban_record",
    "calendar": ".fc-daygrid-day",
    "pivot": ".o_pivot td",
    "graph": ".o_graph_renderer canvas",
}
ACTION = "/odoo/action-rebate_management.rebate_{}_action"


@tagged("post_install", "-at_install")
class TestAccountantTour(PicturesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = cls.env.company
        if not company.chart_template:
            cls.env["account.chart.template"].try_loading(
                "generic_coa", company, install_demo=False
            )
        users = {}
        for role in ("accountant", "approver"):
            login = f"tour_day_{role}"
            users[role] = cls.env["res.users"].create(
                {
                    "name": f"Tour {role.title()}",
                    "login": login,
                    "password": login,
                    "group_ids": [
                        Command.link(cls.env.ref(f"rebate_management.group_rebate_{role}").id)
                    ],
                }
            )
        cls.accountant, cls.approver = users.values()
        cls.env.ref("rebate_management.approval_level_default").write(
            {"group_id": False, "user_ids": [Command.set(cls.approver.ids)]}
        )
        cls.liability = cls.env["account.account"].create(
            {"name": "Tour liability", "code": "219777", "account_type": "liability_current"}
        )
        expense = cls.env["account.account"].search(
            [("account_type", "=", "expense"), ("company_ids", "in", company.ids)], limit=1
        )
        today = fields.Date.today()
        cls.day = date_utils.subtract(date_utils.start_of(today, "quarter"), days=1)
        programs = cls.env["rebate.program"].create(
            [
                {
                    "name": name,
                    "date_start": date_utils.start_of(cls.day, "year"),
                    "period_type": "month",
                    "settlement_period": "month",
                    "accrual_method": "earned",
                    "liability_account_id": cls.liability.id,
                    "expense_account_id": expense.id,
                    "min_payout": least,
                    "rule_ids": [
                        Command.create(
                            {
                                "name": "Purchases",
                                "tier_ids": [Command.create({"threshold": 0, "rate": 10})],
                            }
                        )
                    ],
                }
                for name, least in (("Tour Monthly", 0), ("Tour Least", 50))
            ]
        )
        programs.action_activate()
        for program, name, amount in zip(
            programs, ("Tour Customer", "Tour Little"), (2000, 100), strict=True
        ):
            partner = cls.env["res.partner"].create({"name": name, "is_company": True})
            cls.env["rebate.agreement"].create(
                {"program_id": program.id, "partner_id": partner.id}
            ).action_activate()
            cls.env["account.move"].create(
                {
                    "move_type": "out_invoice",
                    "partner_id": partner.id,
                    "invoice_date": cls.day,
                    "invoice_line_ids": [
                        Command.create(
                            {"name": "Goods", "price_unit": amount, "tax_ids": [Command.clear()]}
                        )
                    ],
                }
            ).action_post()

    def test_an_accountant_previews_posts_and_proposes_and_an_approver_approves(self):
        accountant, approver = self.accountant.login, self.approver.login
        self.start_tour(
            ACTION.format("accrual_run"), "rebate_management_accrual_run", login=accountant
        )
        entry = self.env["account.move"].search(
            [("line_ids.account_id", "=", self.liability.id)], limit=1
        )
        self.assertRecordValues(entry, [{"state": "posted", "amount_total": 210}])
        self.start_tour(
            ACTION.format("accrual_run"), "rebate_management_accrual_run_earlier", login=accountant
        )
        self.start_tour(
            ACTION.format("liability"), "rebate_management_liability_day", login=accountant
        )
        self.start_tour(
            ACTION.format("settlement_run"), "rebate_management_settlement_run", login=accountant
        )
        settlement = self.env["rebate.settlement"].search(
            [("partner_id.name", "=", "Tour Customer")]
        )
        self.assertRecordValues(settlement, [{"state": "submitted", "amount_total": 200}])
        self.start_tour(ACTION.format("settlement"), "rebate_management_to_approve", login=approver)
        self.assertEqual(settlement.state, "approved")

    def test_lists_boards_calendars_and_charts_open_without_an_error(self):
        self.env["rebate.settlement.run"].create({"date_to": self.day}).action_run()
        for action in ("settlement", "settlement_analysis", "accrual", "accrual_analysis"):
            views = self.env.ref(f"rebate_management.rebate_{action}_action").view_mode
            for view in set(views.split(",")) - {"form"}:
                with self.subTest(action=action, view=view):
                    self.browser_js(
                        f"{ACTION.format(action)}?view_type={view}",
                        "console.log('test successful')",
                        f"!!document.querySelector('{DRAWN[view]}')",
                        login=self.accountant.login,
                    )
