"""A stacking group: programs of which only one pays."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_list


class RebateStackingGroup(models.Model):
    _name = "rebate.stacking.group"
    _description = "Rebate Stacking Group"
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    method = fields.Selection(
        [("priority", "The first program takes the purchase"), ("best", "The best program pays")],
        string="Who Pays",
        default="priority",
        required=True,
        help="First: of the programs that count an invoice line, the first in the sequence has it"
        " alone. Best: of the programs that a distributor takes part in, only the one that pays"
        " most for the period pays.",
    )
    program_ids = fields.One2many(
        "rebate.program",
        "stacking_group_id",
        string="Programs",
        domain=[("amends_id", "=", False)],
        # An archived program is hidden, and stands in the group as before.
        context={"active_test": False},
    )

    @api.constrains("method")
    def _check_programs(self):
        self._programs()._check_stacking_group()

    def write(self, vals):
        if "method" in vals:
            for group in self:
                if group.method != vals["method"]:
                    group._check_no_program_runs()
        return super().write(vals)

    # ------------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------------

    def _programs(self):
        """The programs of the groups, whoever asks: archived ones too, which are hidden and nothing
        else, and no drafts of amendments."""
        return self.program_ids.filtered(lambda program: not program.amends_id)

    # ------------------------------------------------------------------
    # Who pays within a stacking group is a term of the programs in it
    # ------------------------------------------------------------------

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
