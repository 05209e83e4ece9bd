"""Builders for the tests of templates: what a click on a card gives, what the dialog saves."""

from ..common import RebateCommon


class TemplateCommon(RebateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.templates = cls.env["rebate.template"]
        cls.brand = cls.env["product.category"].create({"name": "Brand"})
        cls.branded = cls.env["product.product"].create(
            {"name": "Branded", "categ_id": cls.brand.id, "taxes_id": False}
        )

    def _template(self, name):
        return self.env.ref(f"rebate_management.rebate_template_{name}")

    def _start(self, template):
        """The draft program that a click on a card opens."""
        action = template.action_create_program()
        self.assertEqual(action["views"], [(False, "form")])
        return self.env[action["res_model"]].browse(action["res_id"])

    def _save(self, program, **vals):
        """Save a program as a template through the dialog."""
        action = (
            self.env["rebate.template.save"]
            .with_context(active_id=program.id)
            .create(vals)
            .action_save()
        )
        return self.templates.browse(action["res_id"])
