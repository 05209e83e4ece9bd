"""An amendment: new terms for a running program, with who changed what, when, why, and what each
period became by it."""

from odoo import api, fields, models
from odoo.exceptions import LockError, UserError
from odoo.tools import format_amount, format_date

from ...tools.acting import acting
from ...tools.trust import trusted
from . import consequences
from .amending import draft_amendment
from .amendment_effects import record_effects, simulate, take_effect
from .rebate_terms import FIXED_TERMS
from .terms_compared import compare_terms, without_names


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
    consequences = fields.Json(
        readonly=True, help="What changes beside what is earned, as it was last computed."
    )
    line_ids = fields.One2many("rebate.amendment.line", "amendment_id", readonly=True)

    is_previewed = fields.Boolean(
        compute="_compute_is_previewed",
        help="Whether the effects shown are those of the terms as the draft has them now.",
    )

    changes = fields.Html(
        string="What Changes", compute="_compute_changes", sanitize=False, help="Terms that differ."
    )
    terms = fields.Html(
        string="All Terms",
        compute="_compute_changes",
        sanitize=False,
        help="The whole terms before and after.",
    )
    summary = fields.Text(string="Changes", compute="_compute_changes")
    consequences_table = fields.Html(
        string="What Else Changes",
        compute="_compute_consequences_table",
        sanitize=False,
        help="What the new terms mean for money that was earned already: deadlines, payouts,"
        " periods.",
    )

    earned_before = fields.Monetary(compute="_compute_totals")
    earned_after = fields.Monetary(compute="_compute_totals")
    difference = fields.Monetary(
        compute="_compute_totals", help="What the amendment adds to the rebates of the program."
    )
    settled_amount = fields.Monetary(string="Settled", compute="_compute_totals")
    open_amount = fields.Monetary(
        string="To Settle",
        compute="_compute_totals",
        help="What is left to be paid by the new terms; negative: to be made up by later rebates.",
    )

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

    def _compute_is_previewed(self):
        for amendment in self:
            amendment.is_previewed = amendment._shows_effects()

    @api.depends("before", "after", "draft_id", "state")
    @api.depends_context("lang")
    def _compute_changes(self):
        for amendment in self:
            changes = amendment._changes()
            amendment.changes = self._render_sections(changes)
            amendment.terms = self._render_sections(amendment._sections())
            amendment.summary = "\n".join(
                f"{section.title} · {row.label}: {row.before} → {row.after}"
                for section in changes
                for row in section.rows
            )

    @api.depends("consequences")
    @api.depends_context("lang")
    def _compute_consequences_table(self):
        for amendment in self:
            told = consequences.tell(amendment, amendment.consequences or [])
            amendment.consequences_table = told and self.env["ir.qweb"]._render(
                "rebate_management.rebate_amendment_consequences", {"rows": told}
            )

    @api.depends("line_ids.earned_before", "line_ids.earned_after", "line_ids.settled_amount")
    def _compute_totals(self):
        totals = {
            (amendment, program): sums
            for amendment, program, *sums in self.env["rebate.amendment.line"]._read_group(
                [("amendment_id", "in", self.ids)],
                ["amendment_id", "program_id"],
                ["earned_before:sum", "earned_after:sum", "settled_amount:sum"],
            )
        }
        for amendment in self:
            # Of other programs, which may be in other currencies, the lines tell.
            before, after, settled = totals.get((amendment, amendment.program_id), (0, 0, 0))
            amendment.earned_before, amendment.earned_after = before, after
            amendment.difference = after - before
            amendment.settled_amount, amendment.open_amount = settled, after - settled

    @api.ondelete(at_uninstall=False)
    def _unlink_except_applied(self):
        self._check_draft()

    def unlink(self):
        drafts = self.draft_id
        result = super().unlink()
        trusted(drafts).unlink()
        return result

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_edit_terms(self):
        """Show the draft in which the new terms are written."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "rebate_management.rebate_program_action_amend"
        )
        # The draft of a program is archived.
        return self._in_place(action | {"res_id": self.draft_id.id}, active_test=False)

    def action_open(self):
        """Show the amendment itself."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "rebate_management.rebate_amendment_action"
        )
        action |= {"res_id": self.id, "view_mode": "form", "views": [(False, "form")]}
        return self._in_place(action)

    def _in_place(self, action, **context):
        """Have draft and effects take each other's place on the screen, where one came from the
        program: the draft is gone once the amendment is applied, and no breadcrumb may lead to it.

        :param context: of the action
        """
        if not self.env.context.get("rebate_in_place"):
            return action | {"context": context}
        return {
            "type": "ir.actions.client",
            "tag": "rebate_open_in_place",
            "params": {"action": action | {"context": context | {"rebate_in_place": True}}},
        }

    @acting("write")
    def action_preview(self):
        """Compute what every period becomes by the new terms, and change nothing else.

        :raise UserError: when the terms are incomplete or may not be changed in this way
        """
        self.ensure_one()
        self._check_draft()
        self._check_amendable()
        record_effects(self, *simulate(self))
        trusted(self).write(
            {
                "previewed": self.draft_id._freeze_terms(),
                "previewed_at": fields.Datetime.now(),
            }
        )
        return self.action_open()

    @acting("write")
    def action_ask_apply(self):
        """Check all that would refuse the new terms, and only then ask whether to put them into
        force.

        :raise UserError: as :meth:`action_apply`
        """
        self.ensure_one()
        self._check_applicable()
        return {
            "type": "ir.actions.client",
            "tag": "rebate_ask",
            "params": {
                "title": self.env._("Apply these terms?"),
                "body": self._question(),
                "confirm": self.env._("Apply"),
                "model": self._name,
                "method": "action_apply",
                "ids": self.ids,
            },
        }

    def _question(self):
        """What is asked before the terms are applied: it says what they cost."""
        told = consequences.tell(self, self.consequences or [])
        if self.currency_id.is_zero(self.difference):
            earned = self.env._("What was earned stays the same.")
        else:
            earned = self.env._(
                "What was earned changes by %s.",
                format_amount(self.env, self.difference, self.currency_id),
            )
        return "\n".join(
            [
                self.env._(
                    "Every period is computed anew by them, and the amendment can then be neither"
                    " changed nor deleted."
                ),
                earned,
                *(f"{row.sentence}: {row.amount}" for row in told if row.amount),
            ]
        )

    @acting("write")
    def action_apply(self):
        """Put the new terms into force, and record who did, why, and what every period became.
        What was settled stays as it is: the next settlement pays the difference.

        :raise UserError: when the reason is missing, the terms changed since the preview, or the
            program since the amendment was begun
        """
        self.ensure_one()
        self._lock()
        self._check_applicable()
        before = self.program_id._freeze_terms()
        record_effects(self, *take_effect(self))
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
        return True

    @acting("write", "unlink")
    def action_discard(self):
        """Give the amendment up, and leave nothing of it."""
        self.ensure_one()
        program = self.program_id
        self.unlink()
        action = program._action_open()
        if self.env.context.get("rebate_in_place"):
            return {
                "type": "ir.actions.client",
                "tag": "rebate_leave",
                "params": {"action": action},
            }
        return action

    # ------------------------------------------------------------------
    # Written by its buttons alone
    # ------------------------------------------------------------------

    def _refuse_in_state(self, name):
        self._check_draft()
        return super()._refuse_in_state(name)

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
                    "draft_id": draft_amendment(program).id,
                    "before": program._freeze_terms(),
                }
            )
            .with_env(self.env)
        )

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

    def _check_applicable(self):
        """Refuse to apply what was not previewed, lacks its reason or cannot be."""
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
        now, then = program._freeze_terms(), self.before
        if program.state == "draft" or without_names(now) != without_names(then):
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
        if not self.draft_id:
            return False
        return without_names(self.previewed) == without_names(self.draft_id._freeze_terms())

    def _fixed_message(self, name, value):
        return self.env._(
            "“%(field)s” of program “%(program)s” can no longer be amended: what was earned, paid"
            " or closed rests on it. Put it back to %(value)s, or start a new program.",
            field=self.program_id._fields[name]._description_string(self.env),
            program=self.program_id.display_name,
            value=value,
        )

    # ------------------------------------------------------------------
    # Told from what is stored, and recorded
    # ------------------------------------------------------------------

    def _sections(self):
        """Tell the terms before and after; of a draft, those it would bring.

        :return: list of :class:`Section`
        """
        self.ensure_one()
        after = self.after or (self.draft_id and self.draft_id._freeze_terms()) or {}
        return compare_terms(self.env, self.before or {}, after, self.program_id.currency_id)

    def _changes(self):
        """The sections of :meth:`_sections` with the rows that differ only."""
        sections = [
            section._replace(rows=[row for row in section.rows if row.is_changed])
            for section in self._sections()
        ]
        return [section for section in sections if section.rows]

    def _render_sections(self, sections):
        return self.env["ir.qweb"]._render(
            "rebate_management.rebate_amendment_terms", {"sections": sections}
        )

    def _prepare_message(self):
        """The message that the amendment leaves on its program."""
        return self.env["ir.qweb"]._render(
            "rebate_management.rebate_amendment_message",
            {"amendment": self, "sections": self._changes()},
        )

    def _prepare_line_vals(self, was, will):
        standing = will or was
        return {
            "amendment_id": self.id,
            "company_id": self.company_id.id,
            "program_id": standing.program_id,
            "currency_id": standing.currency_id,
            "partner_id": standing.partner_id,
            "date_from": standing.date_from,
            "date_to": standing.date_to,
            "accrual_state": was and was.state,
            "earned_before": was.earned if was else 0,
            "earned_after": will.earned if will else 0,
            "settled_amount": standing.settled,
            "is_kept": bool(will and will.is_kept),
        }
