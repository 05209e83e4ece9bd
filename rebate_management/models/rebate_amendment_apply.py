"""From draft to record: an amendment is previewed, then applied in one transaction or discarded."""

from odoo import fields, models
from odoo.exceptions import LockError, UserError
from odoo.tools import format_date

from ..tools.acting import acting
from ..tools.trust import trusted
from .rebate_terms import FIXED_TERMS


def bare(frozen):
    """Frozen terms without names, which differ by language and change without any term."""
    if isinstance(frozen, dict):
        return {key: bare(value) for key, value in frozen.items() if key != "name"}
    return [bare(value) for value in frozen] if isinstance(frozen, list) else frozen


class RebateAmendment(models.Model):
    _inherit = "rebate.amendment"

    is_previewed = fields.Boolean(
        compute="_compute_is_previewed",
        help="Whether the effects shown are those of the terms as the draft has them now.",
    )

    def _compute_is_previewed(self):
        for amendment in self:
            amendment.is_previewed = amendment._shows_effects()

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_edit_terms(self):
        """Show the draft in which the new terms are written."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "rebate_management.rebate_program_action_amend"
        )
        return action | {"res_id": self.draft_id.id}

    def action_open(self):
        """Show the amendment itself."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "rebate_management.rebate_amendment_action"
        )
        return action | {"res_id": self.id, "view_mode": "form", "views": [(False, "form")]}

    @acting("write")
    def action_preview(self):
        """Compute what every period becomes by the new terms, and change nothing else.

        :raise UserError: when the terms are incomplete or may not be changed in this way
        """
        self.ensure_one()
        self._check_draft()
        self._check_amendable()
        self._record_effects(*self._simulate())
        trusted(self).write(
            {
                "previewed": self.draft_id._freeze_terms(),
                "previewed_at": fields.Datetime.now(),
            }
        )
        return self.action_open()

    @acting("write")
    def action_apply(self):
        """Put the new terms into force, and record who did, why, and what every period became.
        What was settled stays as it is: the next settlement pays the difference.

        :raise UserError: when the reason is missing, the terms changed since the preview, or the
            program since the amendment was begun
        """
        self.ensure_one()
        self._lock()
        self._check_draft()
        self._check_reason()
        self._check_amendable()
        if not self._shows_effects():
            raise UserError(
                self.env._(
                    "The terms of “%s” changed since their effects were computed, or these never"
                    " were. Choose “Preview”, read what every period becomes, then apply.",
                    self.display_name,
                )
            )
        before = self.program_id._freeze_terms()
        self._record_effects(*self._take_effect())
        draft = self.draft_id
        trusted(self).write(
            {
                "state": "applied",
                "number": 1 + max(self.program_id.amendment_ids.mapped("number")),
                "draft_id": False,
                "before": before,
                "after": self.program_id._freeze_terms(),
                "user_id": self.env.uid,
                "applied_at": fields.Datetime.now(),
            }
        )
        trusted(draft).unlink()
        self.program_id.message_post(body=self._prepare_message())
        return self.action_open() | {"target": "main"}

    @acting("write", "unlink")
    def action_discard(self):
        """Give the amendment up, and leave nothing of it."""
        self.ensure_one()
        program = self.program_id
        self.unlink()
        return program._action_open()

    # ------------------------------------------------------------------
    # What is refused
    # ------------------------------------------------------------------

    def _lock(self):
        try:
            self.lock_for_update()
            self.program_id.lock_for_update()
        except LockError as error:
            raise UserError(
                self.env._(
                    "Someone else is just changing program “%s”. Wait a moment, look at what"
                    " changed and try again.",
                    self.program_id.display_name,
                )
            ) from error

    def _check_reason(self):
        if not (self.reason or "").strip():
            raise UserError(
                self.env._(
                    "“%s” has no reason. Write down why the terms change: it is what an auditor"
                    " reads first.",
                    self.display_name,
                )
            )

    def _check_amendable(self):
        """Refuse an amendment that changes nothing, that changes what cannot be, or whose program
        is no longer what it was when the amendment was begun."""
        program, draft = self.program_id, self.draft_id
        if program.state == "draft" or bare(program._freeze_terms()) != bare(self.before):
            raise UserError(
                self.env._(
                    "Program “%s” changed since this amendment was begun. Discard the amendment"
                    " and begin again from the terms as they are now.",
                    program.display_name,
                )
            )
        for name in FIXED_TERMS:
            if draft[name] != program[name]:
                raise UserError(self._fixed_message(name, program[name].display_name))
        if program.state == "closed" and draft.date_end != program.date_end:
            raise UserError(
                self._fixed_message("date_end", format_date(self.env, program.date_end))
            )
        if not self._changes():
            raise UserError(
                self.env._(
                    "“%s” changes nothing yet. Change a term on its draft, or discard it.",
                    self.display_name,
                )
            )
        draft._check_complete()

    def _shows_effects(self):
        """Tell whether the effects on record are those of the draft as it is."""
        self.ensure_one()
        return bool(self.draft_id) and (bare(self.previewed) == bare(self.draft_id._freeze_terms()))

    def _fixed_message(self, name, value):
        return self.env._(
            "“%(field)s” of program “%(program)s” can no longer be amended: what was earned, paid"
            " or closed rests on it. Put it back to %(value)s, or start a new program.",
            field=self.program_id._fields[name]._description_string(self.env),
            program=self.program_id.display_name,
            value=value,
        )

    def _prepare_message(self):
        """The message that the amendment leaves on its program."""
        return self.env["ir.qweb"]._render(
            "rebate_management.rebate_amendment_message",
            {"amendment": self, "sections": self._changes()},
        )
