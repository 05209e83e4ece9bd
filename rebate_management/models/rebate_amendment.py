"""An amendment: new terms for a running program, with who changed what, when, why, and what each
period became by it."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.trust import trusted


class RebateAmendment(models.Model):
    """Begun by ``action_amend`` of a program, written by its buttons alone but for the reason, and
    never again once it is applied: an auditor relies on it."""

    _name = "rebate.amendment"
    _description = "Rebate Amendment"
    _order = "id desc"
    _check_company_auto = True

    program_id = fields.Many2one(
        "rebate.program", required=True, readonly=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one(related="program_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="program_id.currency_id")
    number = fields.Integer(readonly=True, help="Counts the amendments applied to the program.")
    draft_id = fields.Many2one(
        "rebate.program",
        string="Draft of the Terms",
        ondelete="restrict",
        readonly=True,
        index="btree_not_null",
        help="The copy of the program in which the new terms are written until they are applied.",
    )
    reason = fields.Text(help="Why the terms change, for whoever reads this later.")
    state = fields.Selection(
        [("draft", "Draft"), ("applied", "Applied")],
        string="Status",
        default="draft",
        required=True,
        readonly=True,
        index=True,
    )
    user_id = fields.Many2one("res.users", string="Applied By", readonly=True, ondelete="restrict")
    applied_at = fields.Datetime(string="Applied On", readonly=True)
    before = fields.Json(readonly=True, help="The terms before, whole.")
    after = fields.Json(readonly=True, help="The terms after, whole.")
    previewed = fields.Json(readonly=True, help="The terms that the last preview showed.")
    previewed_at = fields.Datetime(readonly=True)
    line_ids = fields.One2many("rebate.amendment.line", "amendment_id", readonly=True)

    _one_draft = models.UniqueIndex(
        "(program_id) WHERE state = 'draft'",
        "An amendment of this program is being prepared already. Open that one.",
    )
    _number_unique = models.UniqueIndex(
        "(program_id, number) WHERE state = 'applied'",
        "Another amendment of this program was just applied. Try again.",
    )

    @api.depends("number", "state", "program_id.name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for amendment in self:
            if amendment.state == "draft":
                amendment.display_name = self.env._(
                    "Draft amendment of %s", amendment.program_id.name or ""
                )
            else:
                amendment.display_name = self.env._(
                    "Amendment %(number)s of %(program)s",
                    number=amendment.number,
                    program=amendment.program_id.name or "",
                )

    # ------------------------------------------------------------------
    # Written by its buttons alone
    # ------------------------------------------------------------------

    def _refuse_in_state(self, name):
        self._check_draft()
        return super()._refuse_in_state(name)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_applied(self):
        self._check_draft()

    def unlink(self):
        drafts = self.draft_id
        result = super().unlink()
        trusted(drafts).unlink()
        return result

    def _check_draft(self):
        for amendment in self:
            if amendment.state != "draft":
                raise UserError(
                    self.env._(
                        "“%s” is applied and part of the record: it can be neither changed nor"
                        " deleted. To change the terms again, amend the program again.",
                        amendment.display_name,
                    )
                )

    @api.model
    def _begin(self, program):
        """Begin an amendment: copy the program for its terms to be changed aside.

        :param program: a program that is no draft and has no amendment in preparation
        """
        return (
            trusted(self)
            .create(
                {
                    "program_id": program.id,
                    "draft_id": program._draft_amendment().id,
                    "before": program._freeze_terms(),
                }
            )
            .with_env(self.env)
        )
