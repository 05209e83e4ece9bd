"""Several programs on one purchase: which of them pay, and on what is left."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class RebateProgram(models.Model):
    _inherit = "rebate.program"

    stacking_group_id = fields.Many2one(
        "rebate.stacking.group",
        ondelete="restrict",
        check_company=True,
        index="btree_not_null",
        tracking=True,
        help="Of the programs in one group, only one pays. Empty: the program pays beside others.",
    )
    reduced_by_program_ids = fields.Many2many(
        "rebate.program",
        "rebate_program_reduced_by_rel",
        "program_id",
        "reducing_id",
        string="Reduced By",
        check_company=True,
        domain="[('id', '!=', id)]",
        # An archived program is hidden, and reduces as before.
        context={"active_test": False},
        help="Those of these programs that come earlier in the sequence lower the amount on which"
        " this one pays by the rebate that they earned on the same purchases.",
    )

    @api.constrains("reduced_by_program_ids", "currency_id")
    def _check_reducing_currency(self):
        for program in self:
            for other in program.reduced_by_program_ids:
                if other.currency_id != program.currency_id:
                    raise ValidationError(
                        self.env._(
                            "Program “%(program)s” is in %(currency)s and cannot be reduced by"
                            " “%(other)s”, which is in %(other_currency)s. Choose programs in one"
                            " currency.",
                            program=program.display_name,
                            currency=program.currency_id.name,
                            other=other.display_name,
                            other_currency=other.currency_id.name,
                        )
                    )

    @api.constrains("stacking_group_id", "currency_id", "period_type")
    def _check_stacking_group(self):
        for group in self.stacking_group_id.filtered(lambda group: group.method == "best"):
            programs = group._programs()
            if len(programs.currency_id) > 1 or len(set(programs.mapped("period_type"))) > 1:
                raise ValidationError(
                    self.env._(
                        "The programs of stacking group “%s” are in different currencies or count"
                        " over different periods, so the best cannot be told. Give them one"
                        " currency and one period.",
                        group.display_name,
                    )
                )

    def _earlier(self, programs):
        """Those of some programs that come before this one, first things first."""
        self.ensure_one()
        return programs._in_sequence().filtered(
            lambda program: (program.sequence, program.id) < (self.sequence, self.id)
        )

    def _in_sequence(self):
        return self.sorted(lambda program: (program.sequence, program.id))

    def _reducing_programs(self):
        """The programs whose rebates lower the amount on which this one pays, in sequence."""
        self.ensure_one()
        return self._earlier(self.reduced_by_program_ids).filtered(lambda p: p.state != "draft")

    def _preceding_programs(self):
        """The programs that take purchases before any of these, by priority in a group."""
        preceding = self.browse()
        for program in self:
            if program.stacking_group_id.method == "priority":
                preceding |= program._earlier(program.stacking_group_id._programs())
        return preceding.filtered(lambda program: program.state != "draft")

    def _related(self):
        """The programs on whose rebates this one depends: those that reduce it, and those of a
        group of which only the best pays."""
        self.ensure_one()
        related = self._reducing_programs()
        if self.stacking_group_id.method == "best":
            programs = self.stacking_group_id._programs()
            related |= programs.filtered(lambda program: program.state != "draft")
        return related - self

    def _with_related(self):
        """These programs, those they depend on, and so on."""
        programs = self
        while new := self.union(*(program._related() for program in programs)) - programs:
            programs |= new
        return programs

    def _affected(self):
        """These programs, those that stack with them or are reduced by them, and so on: archived
        ones too, which are hidden and nothing else, and no drafts of amendments."""
        programs = self
        while (
            new := (programs.stacking_group_id._programs() | programs._reducing_others()) - programs
        ):
            programs |= new
        return programs

    def _reducing_others(self):
        """The programs of which some of these lower the amount."""
        # The drafts of amendments are archived, and are no programs.
        return (
            self.with_context(active_test=False)
            .search([("reduced_by_program_ids", "in", self.ids), ("amends_id", "=", False)])
            .with_env(self.env)
        )
