"""Two clicks from the list of programs to a draft that is filled in, in a real browser."""

from odoo import Command
from odoo.tests import tagged

from ..common_pictures import PicturesCase


@tagged("post_install", "-at_install")
class TestTemplateTour(PicturesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = cls.env.company
        if not company.chart_template:
            cls.env["account.chart.template"].try_loading(
                "generic_coa", company, install_demo=False
            )
        groups = ("base.group_user", "rebate_management.group_rebate_manager")
        cls.env["res.users"].create(
            {
                "name": "Template Manager",
                "login": "template_manager",
                "password": "template_manager",
                "group_ids": [Command.link(cls.env.ref(group).id) for group in groups],
            }
        )

    def test_a_manager_starts_from_a_template_and_keeps_one_of_his_own(self):
        volume = self.env.ref("rebate_management.rebate_template_volume")
        domain = [("template_id", "=", volume.id)]
        before = self.env["rebate.program"].search(domain)
        self.start_tour("/odoo", "rebate_management_template", login="template_manager")
        started = self.env["rebate.program"].search(domain) - before
        self.assertRecordValues(started, [{"state": "active", "tier_method": "retroactive"}])
        own = self.env["rebate.template"].search([("name", "=", "Tour Template")])
        self.assertEqual(own.terms["rule_ids"][0]["tier_ids"][2]["rate"], 5)
