"""Terms before and after in words, side by side: told from what is stored, in the reader's
language, so that they stay readable whatever becomes of the program."""

from decimal import Decimal
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import format_amount, format_date

from .rebate_rule import SCOPE
from .rebate_tier import format_number

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


class RebateAmendment(models.Model):
    _inherit = "rebate.amendment"

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
