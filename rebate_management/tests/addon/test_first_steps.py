"""How one begins: the panel of first steps, empty lists, addresses, import templates."""

import re

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools.misc import file_path

from ..common import RebateCommon

MODULE = "rebate_management"


@tagged("post_install", "-at_install")
class TestFirstSteps(RebateCommon):
    # ------------------------------------------------------------------
    # The panel
    # ------------------------------------------------------------------

    def _panel(self, user=None):
        return self.env["onboarding.onboarding"].with_user(user or self.manager).rebate_panel()

    def _done(self):
        return [step["done"] for step in self._panel()["steps"]]

    def test_each_step_is_done_when_the_records_say_so(self):
        self.assertEqual(self._done(), [False, False, False, False])
        program = self._program((0, 10), activate=False)
        self.assertEqual(self._done(), [False, False, False, False])
        program.action_activate()
        self.assertEqual(self._done(), [False, True, False, False])
        self._enrol(program)
        self.assertEqual(self._done(), [False, True, True, False])
        self.env.company.with_user(self.manager).action_rebate_settings_reviewed()
        self.assertEqual(self._done(), [True, True, True, False])
        self._invoice(1000)
        self._settle()
        self.assertEqual(self._panel()["done"], 4)
        # Once seen complete, it is gone.
        self.assertFalse(self._panel())

    def test_it_is_for_managers_of_the_company_and_can_be_closed(self):
        for user in (self.reader, self.accountant, self.approver, self.nobody):
            self.assertFalse(self._panel(user))
            with self.assertRaises(UserError):
                self.env["onboarding.onboarding"].with_user(user).rebate_close_panel()
        self.assertTrue(self._panel())
        other = self.setup_other_company()["company"]
        self.env["onboarding.onboarding"].with_user(self.manager).rebate_close_panel()
        self.assertFalse(self._panel())
        self.manager.company_ids += other
        there = self.env["onboarding.onboarding"].with_user(self.manager).with_company(other)
        self.assertTrue(there.rebate_panel())

    def test_each_step_opens_what_it_names(self):
        steps = self.env["onboarding.onboarding.step"].with_user(self.manager)
        opened = [getattr(steps, step["action"])() for step in self._panel()["steps"]]
        self.assertEqual(
            [action["res_model"] for action in opened],
            ["res.company", "rebate.template", "rebate.template", "rebate.settlement.run"],
        )
        program = self._program((0, 10))
        self.assertEqual(steps.action_rebate_open_agreement()["res_id"], program.id)
        admin = self._user("admin_of_steps", "base.group_system")
        settings = steps.with_user(admin).action_rebate_open_settings()
        self.assertEqual(settings["res_model"], "res.config.settings")

    def test_only_a_manager_says_that_the_settings_are_right(self):
        for user in (self.reader, self.accountant):
            with self.assertRaises(UserError):
                self.env.company.with_user(user).action_rebate_settings_reviewed()
        self.assertEqual(self._done()[0], False)

    # ------------------------------------------------------------------
    # Empty lists
    # ------------------------------------------------------------------

    def _help(self, model, user):
        # Odoo's controller reads actions as superuser.
        records = self.env[model].with_user(user).sudo()
        return str(records.get_empty_list_help("<p>As the action says</p>"))

    def test_an_empty_list_tells_each_role_what_is_theirs_to_do(self):
        for model, doers, others in (
            ("rebate.program", (self.manager,), (self.reader, self.accountant)),
            ("rebate.settlement", (self.manager, self.accountant), (self.reader, self.approver)),
        ):
            for user in doers:
                self.assertIn("As the action says", self._help(model, user))
            for user in others:
                self.assertNotIn("As the action says", self._help(model, user))
                self.assertIn("anager", self._help(model, user))

    def test_distributors_are_enrolled_once_there_is_a_program(self):
        self.env["rebate.program"].sudo().search([("state", "=", "active")]).action_archive()
        self.assertIn("First activate a program", self._help("rebate.agreement", self.manager))
        self._program((0, 10))
        self.assertIn("As the action says", self._help("rebate.agreement", self.manager))
        other = self.setup_other_company()["company"]
        elsewhere = self._user("elsewhere", f"{MODULE}.group_rebate_manager", companies=other)
        self.assertIn("First activate a program", self._help("rebate.agreement", elsewhere))
        self.assertIn("A rebate manager enrolls", self._help("rebate.agreement", self.seller))

    def test_each_list_of_ours_says_something_when_it_is_empty(self):
        for action in self._actions():
            if set(action.view_mode.split(",")) - {"form"} and action.target != "new":
                with self.subTest(action.xml_id):
                    self.assertIn("o_view_nocontent", action.help or "")

    # ------------------------------------------------------------------
    # Addresses
    # ------------------------------------------------------------------

    def _actions(self):
        names = (
            self.env["ir.model.data"]
            .sudo()
            .search([("module", "=like", "rebate_%"), ("model", "=", "ir.actions.act_window")])
        )
        return self.env["ir.actions.act_window"].sudo().browse(names.mapped("res_id"))

    def test_each_page_has_an_address_that_can_be_read(self):
        pages = self._actions().filtered(
            lambda action: (
                action.target != "new"
                and action.res_model.startswith("rebate.")
                and action.view_mode != "form"
            )
        )
        self.assertGreater(len(pages), 10)
        for page in pages:
            with self.subTest(page.xml_id):
                self.assertRegex(page.path or "", r"^rebates?(-[a-z]+)*$")
        paths = pages.mapped("path")
        self.assertEqual(len(paths), len(set(paths)))

    # ------------------------------------------------------------------
    # Import templates
    # ------------------------------------------------------------------

    def _import(self, model, **options):
        """Import the template of a model, as it stands, through Odoo's import.

        :return: the records
        """
        records = self.env[model].with_user(self.manager)
        (template,) = records.get_import_templates()
        with open(file_path(template["template"].lstrip("/")), "rb") as file:
            content = file.read()
        wizard = (
            self.env["base_import.import"]
            .with_user(self.manager)
            .create(
                {
                    "res_model": model,
                    "file": content,
                    "file_name": template["template"].rsplit("/", 1)[1],
                    "file_type": (
                        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
                    ),
                }
            )
        )
        options = {"has_headers": True, "keep_matches": False, **options}
        preview = wizard.parse_preview(options)
        self.assertNotIn("error", preview)
        paths = ["/".join(preview["matches"][i]) for i in range(len(preview["headers"]))]
        result = wizard.execute_import(paths, preview["headers"], {**options, **preview["options"]})
        self.assertFalse(result["messages"], result["messages"])
        return records.browse(result["ids"])

    def test_the_templates_are_imported_as_they_stand(self):
        programs = self._import("rebate.program")
        self.assertRecordValues(
            programs,
            [
                {
                    "name": "Volume Bonus 2027",
                    "code": "VOL27",
                    "state": "draft",
                    "period_type": "year",
                    "tier_method": "retroactive",
                },
                {
                    "name": "Quarterly Ladder 2027",
                    "code": "LAD27",
                    "state": "draft",
                    "period_type": "quarter",
                    "tier_method": "incremental",
                },
            ],
        )
        thresholds = programs[0].rule_ids.tier_ids.mapped("threshold")
        self.assertEqual(thresholds, [100000, 250000, 500000])
        self.assertEqual(programs[1].rule_ids.tier_ids.mapped("rate"), [1, 2, 4])
        programs.action_activate()
        # As “Create new values” on the page of the import.
        self.manager.group_ids += self.env.ref("base.group_partner_manager")
        agreements = self._import(
            "rebate.agreement", name_create_enabled_fields={"partner_id": True}
        )
        self.assertEqual(agreements.program_id, programs)
        self.assertEqual(agreements.mapped("include_children"), [True, False, True])
        self.assertEqual(len(agreements.partner_id), 2)
        agreements.action_activate()

    # ------------------------------------------------------------------
    # Apps
    # ------------------------------------------------------------------

    def test_the_page_of_the_app_shows_only_what_is_there(self):
        page = file_path(f"{MODULE}/static/description/index.html")
        with open(page) as file:
            text = file.read()
        pictures = re.findall(r'<img[^>]*src="([^"]+)"[^>]*>', text)
        self.assertGreaterEqual(len(pictures), 4)
        for picture in pictures:
            file_path(f"{MODULE}/static/description/{picture}")
        for tag in re.findall(r"<img[^>]*>", text):
            self.assertRegex(tag, r'alt="[^"]+"')
        self.assertNotIn("<script", text)

    def test_a_search_for_rebate_finds_both_apps(self):
        modules = self.env["ir.module.module"].sudo()
        found = modules.search(
            ["|", ("shortdesc", "ilike", "rebate"), ("summary", "ilike", "rebate")]
        ).filtered("application")
        self.assertLessEqual({"rebate_management"}, set(found.mapped("name")))
        if modules.search([("name", "=", "rebate_portal")]):
            self.assertIn("rebate_portal", found.mapped("name"))
