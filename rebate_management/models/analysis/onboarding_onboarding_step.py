"""What the first steps of rebates open."""

from odoo import api, models

SETTINGS_STEP = "rebate_management.onboarding_step_settings"


class OnboardingOnboardingStep(models.Model):
    _inherit = "onboarding.onboarding.step"

    @api.model
    def action_rebate_open_settings(self):
        """Open the settings; for whoever may not change them, what they say."""
        if self.env.user.has_group("base.group_system"):
            return self._rebate_action("res_config_settings_action")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Rebate Settings"),
            "res_model": "res.company",
            "res_id": self.env.company.id,
            "views": [
                (self.env.ref("rebate_management.res_company_view_form_rebate").id, "form"),
            ],
            "target": "new",
        }

    @api.model
    def action_rebate_open_program(self):
        """Choose what the first program starts from."""
        return self._rebate_action("rebate_template_action_choose")

    @api.model
    def action_rebate_open_agreement(self):
        """Open the newest running program, on which distributors are enrolled."""
        programs = self.env["rebate.program"]
        program = programs.search(
            [("company_id", "=", self.env.company.id), ("state", "=", "active")],
            order="id desc",
            limit=1,
        )
        if not program:
            return self.action_rebate_open_program()
        action = self._rebate_action("rebate_program_action")
        return action | {"views": [(False, "form")], "res_id": program.id}

    @api.model
    def action_rebate_open_settlement(self):
        """Propose the payouts of what was earned."""
        return self._rebate_action("rebate_settlement_run_action")

    def _rebate_action(self, name):
        return self.env["ir.actions.act_window"]._for_xml_id(f"rebate_management.{name}")

    @api.model
    def _rebate_settings_reviewed(self):
        """Take the first step as done in the company."""
        # Whoever reviews the settings may not write how far panels are.
        self.sudo().action_validate_step(SETTINGS_STEP)
