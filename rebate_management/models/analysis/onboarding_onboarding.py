"""The panel that leads a manager to the first payout."""

from odoo import api, models

from .first_steps import steps_done

PANEL = "rebate_management.onboarding_panel"


class OnboardingOnboarding(models.Model):
    _inherit = "onboarding.onboarding"

    @api.model
    def rebate_panel(self):
        """Tell a manager of rebates which of the first steps are done in the company.

        :return: a dictionary with the ``steps`` and how many of them are ``done``; False for
            everybody else, and once the panel was closed or all has been done for a while
        """
        if not self.env.user.has_group("rebate_management.group_rebate_manager"):
            return False
        # What panels there are and how far they are is the administrators' to read.
        panel = self.env.ref(PANEL, raise_if_not_found=False)
        panel = panel and panel.sudo()
        if not panel or panel._search_or_create_progress().is_onboarding_closed:
            return False
        done = steps_done(self.env)
        panel.step_ids.filtered(
            lambda step: (
                step.current_step_state == "not_done" and step.panel_step_open_action_name in done
            )
        ).action_set_just_done()
        values = panel._prepare_rendering_values()
        state = values["state"]
        if state.get("onboarding_state") in ("closed", "done"):
            return False
        steps = [
            {
                "id": step.id,
                "title": step.title,
                "description": step.description,
                "button": step.button_text,
                "action": step.panel_step_open_action_name,
                "done": state[step.id] != "not_done",
            }
            for step in values["steps"]
        ]
        return {"steps": steps, "done": sum(step["done"] for step in steps)}

    @api.model
    def rebate_close_panel(self):
        """Close the panel for the managers of the company."""
        self.env["rebate.settlement"]._require_group("rebate_management.group_rebate_manager")
        # As in rebate_panel.
        self.env.ref(PANEL).sudo()._search_or_create_progress().action_close()
        return True
