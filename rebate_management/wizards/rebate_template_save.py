"""Save a program as a template, a new one or in place of another."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.acting import acting


class RebateTemplateSave(models.TransientModel):
    _name = "rebate.template.save"
    _description = "Save a Program as Template"

    program_id = fields.Many2one(
        "rebate.program", required=True, default=lambda self: self.env.context.get("active_id")
    )
    template_id = fields.Many2one(
        "rebate.template",
        string="Replace",
        help="The template that gets the terms of the program. Empty: a new one.",
    )
    name = fields.Char(
        string="Template Name",
        required=True,
        compute="_compute_texts",
        store=True,
        readonly=False,
        precompute=True,
    )
    summary = fields.Text(
        string="What It Does", compute="_compute_texts", store=True, readonly=False, precompute=True
    )
    example = fields.Text(compute="_compute_texts", store=True, readonly=False, precompute=True)
    advice = fields.Text(
        string="What to Adapt",
        compute="_compute_texts",
        store=True,
        readonly=False,
        precompute=True,
    )

    @api.depends("program_id", "template_id")
    def _compute_texts(self):
        for wizard in self:
            template = wizard.template_id
            wizard.name = template.name or wizard.program_id.name
            # What a new template does, the one its program came from may tell.
            wizard.summary = (template or wizard.program_id.template_id).summary
            wizard.example = template.example
            wizard.advice = template.advice

    @acting("write")
    def action_save(self):
        """Save the program's terms as a template and open it."""
        self.ensure_one()
        template = self.template_id
        if template and not template.has_access("write"):
            raise UserError(
                self.env._(
                    "Template “%s” is not only your company's, so it is written by who works in all"
                    " companies that use it. Leave “Replace” empty to save one of your own.",
                    template.display_name,
                )
            )
        vals = self._prepare_template_vals()
        if template:
            changed = {name: text for name, text in vals.items() if text != template[name]}
            # A figure that no longer holds is worse in any language than a text in another one.
            for lang, _label in self.env["res.lang"].get_installed():
                template.with_context(lang=lang).write(changed)
        else:
            company = self.program_id.company_id
            if company not in self.env.companies:
                # The terms of a parent company may be read, and kept in one's own.
                company = self.env.company
            template = template.create(vals | {"company_id": company.id})
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "rebate_management.rebate_template_action"
        )
        return action | {"views": [(False, "form")], "res_id": template.id}

    def _prepare_template_vals(self):
        self.ensure_one()
        return {
            "name": self.name,
            "summary": self.summary,
            "example": self.example,
            "advice": self.advice,
            "terms": self.template_id._terms_of(self.program_id),
        }
