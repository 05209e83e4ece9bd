"""Amending a program: its terms are changed aside, looked at, and put into force."""

from odoo import fields, models
from odoo.exceptions import UserError

from ..tools.acting import acting


class RebateProgram(models.Model):
    _inherit = "rebate.program"

    amendment_ids = fields.One2many("rebate.amendment", "program_id", string="Amendments")
    amendment_count = fields.Integer(compute="_compute_amendments")
    is_being_amended = fields.Boolean(compute="_compute_amendments")

    def _compute_amendments(self):
        counts = {
            (program, state): count
            for program, state, count in self.env["rebate.amendment"]._read_group(
                [("program_id", "in", self.ids)], ["program_id", "state"], ["__count"]
            )
        }
        for program in self:
            program.amendment_count = counts.get((program, "applied"), 0)
            program.is_being_amended = (program, "draft") in counts

    @acting("write")
    def action_amend(self):
        """Open the draft in which new terms are written; nothing changes until it is applied.

        :raise UserError: when the program is a draft, whose terms are free
        """
        self.ensure_one()
        if self.amends_id:
            raise UserError(self._is_amendment_message())
        if self.state == "draft":
            raise UserError(
                self.env._(
                    "Program “%s” is a draft: change its terms directly, no amendment is needed.",
                    self.display_name,
                )
            )
        amendment = self.amendment_ids.filtered(lambda amendment: amendment.state == "draft")
        return (amendment or self.env["rebate.amendment"]._begin(self)).action_edit_terms()

    @acting("write")
    def action_preview_amendment(self):
        """From the draft of an amendment: compute and show what every period becomes."""
        return self._amendment().action_preview()

    @acting("write")
    def action_discard_amendment(self):
        """From the draft of an amendment: give it up."""
        return self._amendment().action_discard()

    def action_view_amendments(self):
        """Show how the terms came to be what they are."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "rebate_management.rebate_amendment_action"
        )
        return action | {"domain": [("program_id", "=", self.id)], "context": {}}

    def _action_open(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "rebate_management.rebate_program_action"
        )
        return action | {
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "main",
        }

    def _amendment(self):
        """The amendment whose draft the program is."""
        self.ensure_one()
        amendment = self.env["rebate.amendment"].search([("draft_id", "=", self.id)])
        if not amendment:
            raise UserError(
                self.env._(
                    "Program “%s” is not the draft of an amendment. Choose “Amend” on the program"
                    " whose terms you want to change.",
                    self.display_name,
                )
            )
        return amendment

    def _entangled(self):
        """The programs whose rebates depend on the terms of these, themselves included: those that
        share a stacking group, and those reduced by what one of them earns, on and on."""
        return self._affected()
