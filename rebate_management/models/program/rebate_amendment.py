"""An amendment: new terms for a running program, with who changed what, when, why, and what each
period became by it."""

from contextlib import closing
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import LockError, UserError
from odoo.tools import format_amount, format_date

from ...tools.acting import acting
from ...tools.apart import apart
from ...tools.formats import format_number
from ...tools.locks import lock_all
from ...tools.trust import trusted
from .rebate_rule import SCOPE
from .rebate_terms import FIXED_TERMS


def bare(frozen):
    """Frozen terms without names, which differ by language and change without any term."""
    if isinstance(frozen, dict):
        return {key: bare(value) for key, value in frozen.items() if key != "name"}
    return [bare(value) for value in frozen] if isinstance(frozen, list) else frozen


NOTHING = "–"


class Row(NamedTuple):
    """A term in words, before and after."""

    label: str
    before: str
    after: str

    @property
    def is_changed(self):
        return self.before != self.after


class Section(NamedTuple):
    """What belongs together: the program itself, or one rule."""

    title: str
    rows: list[Row]


class Standing(NamedTuple):
    """How a period stands: its days, and what is settled and earned, in its program's currency."""

    program_id: int
    currency_id: int
    partner_id: int
    date_from: date
    date_to: date
    state: str
    settled: float
    earned: float
    is_kept: bool


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
    # Written by its buttons alone
    # ------------------------------------------------------------------

    def _refuse_in_state(self, name):
        self._check_draft()
        return super()._refuse_in_state(name)

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

    # ------------------------------------------------------------------
    # From draft to record: an amendment is previewed, then applied in one transaction or discarded
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

    # ------------------------------------------------------------------
    # Terms before and after in words, side by side: told from what is stored, in the reader's
    # language, so that they stay readable whatever becomes of the program
    # ------------------------------------------------------------------

    def _render_sections(self, sections):
        return self.env["ir.qweb"]._render(
            "rebate_management.rebate_amendment_terms", {"sections": sections}
        )

    def _changes(self):
        """The sections of :meth:`_sections` with the rows that differ only."""
        sections = [
            section._replace(rows=[row for row in section.rows if row.is_changed])
            for section in self._sections()
        ]
        return [section for section in sections if section.rows]

    def _sections(self):
        """Tell the terms before and after; of a draft, those it would bring.

        :return: list of :class:`Section`
        """
        self.ensure_one()
        before = self.before or {}
        after = self.after or (self.draft_id and self.draft_id._freeze_terms()) or {}
        programs = self._thaw(before), self._thaw(after)
        sections = [
            Section(
                self.env._("Program"),
                self._term_rows(programs[0], before.get("terms", {}), after.get("terms", {})),
            )
        ]
        old, new = (
            {rule["id"]: rule for rule in side.get("rules", [])} for side in (before, after)
        )
        for rule_id in old | new:
            was, will = old.get(rule_id), new.get(rule_id)
            sections.append(
                Section(
                    self.env._("Rule “%s”", (was or will)["name"]),
                    self._rule_rows(programs, was, will),
                )
            )
        return sections

    def _thaw(self, frozen):
        """A program in memory that has the frozen terms its formats need."""
        terms = frozen.get("terms", {})
        unit = terms.get("uom_id")
        return self.env["rebate.program"].new(
            {
                "currency_id": self.program_id.currency_id.id,
                "measure": terms.get("measure"),
                "uom_id": unit[0]["id"] if unit else False,
            }
        )

    # ------------------------------------------------------------------
    # Rows
    # ------------------------------------------------------------------

    def _rule_rows(self, programs, was, will):
        rules = [
            program.rule_ids.new(
                {
                    "program_id": program,
                    "qualifier_measure": (side or will or was)["terms"].get("qualifier_measure"),
                }
            )
            for program, side in zip(programs, (was, will), strict=True)
        ]
        sides = [side["terms"] if side else {} for side in (was, will)]
        if all(map(self._tells_scope, sides)):
            # That certain products count is told by naming them.
            sides = [
                {name: value for name, value in side.items() if name != "is_limited"}
                for side in sides
            ]
        terms = self._term_rows(rules[0], *sides)
        return [*terms, *self._tier_rows(rules, was, will)]

    def _tells_scope(self, terms):
        """Tell whether a rule is limited just if it names something, by its frozen terms."""
        named = any(terms.get(name) not in (None, False, "", "[]", []) for name in SCOPE)
        return bool(terms.get("is_limited")) == named

    def _term_rows(self, record, was, will):
        """Rows of the terms of a program or rule, in the order of its fields; of a term that is no
        field any more, its technical name."""
        names = was | will
        known = [name for name in record._fields if name in names]
        return [
            self._row(record, name, was.get(name), will.get(name))
            for name in [*known, *(name for name in names if name not in known)]
        ]

    def _row(self, record, name, was, will):
        field = record._fields.get(name)
        label = field._description_string(self.env) if field else name
        return Row(label, *(self._tell(field, record, value) for value in (was, will)))

    def _tell(self, field, record, value):
        """Write a frozen value in the reader's language and formats."""
        if value is None or (not value and not isinstance(value, bool)) or value == "[]":
            return NOTHING
        if isinstance(value, list):
            return ", ".join(other["name"] for other in value)
        kind = field.type if field else ""
        if kind == "boolean":
            return self.env._("Yes") if value else self.env._("No")
        if value is False:
            return NOTHING
        if kind == "selection":
            return dict(field._description_selection(self.env)).get(value, value)
        if kind == "date":
            return format_date(self.env, value)
        if kind == "monetary":
            return format_amount(self.env, value, record.currency_id)
        return format_number(self.env, Decimal(str(value))) if kind == "float" else str(value)

    def _tier_rows(self, rules, was, will):
        """Rows of the tiers of a rule: one tier is what has one threshold, or had it before."""
        old, new = ([*side["tiers"]] if side else [] for side in (was, will))
        pairs = []
        for same in (
            lambda a, b: a["terms"]["threshold"] == b["terms"]["threshold"],
            lambda a, b: a["id"] == b["id"],
        ):
            for tier in [*old]:
                other = next((other for other in new if same(tier, other)), None)
                if other:
                    old.remove(tier)
                    new.remove(other)
                    pairs.append((tier, other))
        pairs += [(tier, None) for tier in old] + [(None, tier) for tier in new]
        pairs.sort(key=lambda pair: (pair[0] or pair[1])["terms"]["threshold"])
        return [self._tier_row(rules, *pair) for pair in pairs]

    def _tier_row(self, rules, *pair):
        tiers = [
            rule.tier_ids.new(
                {"rule_id": rule}
                | {name: tier["terms"][name] for name in ("threshold", "rate", "rate_type")}
            )
            if tier
            else None
            for rule, tier in zip(rules, pair, strict=True)
        ]
        thresholds = {tier._format_threshold() for tier in tiers if tier}
        if len(thresholds) == 1:
            return Row(
                self.env._("From %s", *thresholds),
                *(tier._format_rate() if tier else NOTHING for tier in tiers),
            )
        return Row(self.env._("Tier"), *(tier.display_name for tier in tiers))

    # ------------------------------------------------------------------
    # What an amendment does to each period: tried out and taken back for the preview, for good when
    # it is applied
    # ------------------------------------------------------------------

    def _simulate(self):
        """Compute how periods stand before and after, and take back all that this had to write.

        :return: two dictionaries of :class:`Standing` by accrual id
        """
        self.ensure_one()
        # Closing a savepoint rolls it back.
        with closing(self.env.cr.savepoint()):
            before = self._standings(self._accruals())
            self._take_terms()
            return before, self._standings(self._accruals())

    def _take_effect(self):
        """Put the terms into force, and bring the accruals up to date by them.

        :return: as :meth:`_simulate`
        """
        self.ensure_one()
        accruals = self._accruals()
        before = self._standings(accruals)
        self._take_terms()
        # A program that shared purchases with this one may have them alone now.
        accruals = self._accruals() | accruals.exists()
        # None is left to the queue: what it becomes is recorded here.
        lock_all(accruals.sudo())
        accruals.refresh()
        return before, self._standings(accruals, is_computed=True)

    def _take_terms(self):
        program = self.program_id
        program._take_terms(self.draft_id)
        for agreement in program.agreement_ids:
            if agreement.tier_ids and agreement.state != "ended":
                for rule in program.rule_ids:
                    program._check_unit(rule, agreement._tiers(rule))

    def _accruals(self):
        """Every period whose rebate may depend on the program's terms, up to today."""
        agreements = self.program_id._dependent_programs().agreement_ids
        agreements._ensure_accruals()
        return agreements.accrual_ids

    def _standings(self, accruals, is_computed=False):
        """Tell how periods stand by the terms now in force.

        :param is_computed: whether the accruals are up to date; if not they are computed aside
        :return: by accrual id, :class:`Standing`
        """
        results = {}
        if not is_computed:
            for _accruals, found, error in apart(
                accruals,
                lambda some: self.env["rebate.calculation"]._calculate(some._windows()),
            ):
                # Of a program that cannot be computed there is none: its figures are kept.
                results |= found if not error else {}
        standings = {}
        for accrual in accruals:
            earned = accrual.earned_amount
            is_kept = bool(accrual.problem) or not is_computed
            if result := results.get(accrual.id):
                # As a refresh does: what cannot be computed keeps its figures.
                is_kept = bool(result.unconverted or result.unmeasured)
                earned = earned if is_kept else float(result.earned)
            standings[accrual.id] = Standing(
                accrual.program_id.id,
                accrual.currency_id.id,
                accrual.partner_id.id,
                accrual.date_from,
                accrual.date_to,
                accrual.state,
                accrual.settled_amount,
                earned,
                is_kept,
            )
        return standings

    def _record_effects(self, before, after):
        """Replace the effects on record: every period of the program, and of others those whose
        rebate changes.

        :param before: by accrual id, :class:`Standing` by the old terms
        :param after: the same by the new terms
        """
        # Effects are computed: nobody has the right to type them.
        lines = trusted(self.sudo().line_ids)
        lines.unlink()
        accruals = self.env["rebate.accrual"].browse(before | after).exists()
        lines.create(
            [
                self._prepare_line_vals(before.get(accrual_id), after.get(accrual_id))
                | {"accrual_id": accrual_id if accrual_id in accruals._ids else False}
                for accrual_id in before | after
                if self._is_affected(before.get(accrual_id), after.get(accrual_id))
            ]
        )

    def _is_affected(self, was, will):
        here = (was or will).program_id == self.program_id.id
        return here or (was and was.earned) != (will and will.earned)

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
