"""Who pays within a stacking group is a term of the programs in it."""

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_list


class RebateStackingGroup(models.Model):
    _inherit = "rebate.stacking.group"

    def write(self, vals):
        if "method" in vals:
            for group in self:
                if group.method != vals["method"]:
                    group._check_no_program_runs()
        return super().write(vals)

    def _check_no_program_runs(self):
        running = self._programs().filtered(lambda program: program.state != "draft")
        if running:
            raise UserError(
                self.env._(
                    "“%(field)s” of stacking group “%(group)s” is a term of programs that are no"
                    " longer drafts: %(programs)s. Make another group and amend each program to"
                    " join it.",
                    field=self._fields["method"]._description_string(self.env),
                    group=self.display_name,
                    programs=format_list(self.env, running.mapped("display_name")),
                )
            )
