"""Terms before and after in words, side by side: told from what is stored, in the language of the
environment, so that they stay readable whatever becomes of the program."""

from decimal import Decimal
from typing import NamedTuple

from odoo.tools import format_amount, format_date

from ...tools.formats import format_number

# What limits a rule to certain products.
SCOPE = ("product_ids", "product_category_ids", "product_tag_ids", "product_domain")
NOTHING = "–"


class Row(NamedTuple):
    """A term in words, before and after."""

    label: str
    before: str
    after: str

    @property
    def is_changed(self):
        """Whether the words differ."""
        return self.before != self.after


class Section(NamedTuple):
    """What belongs together: the program itself, or one rule."""

    title: str
    rows: list[Row]


def without_names(frozen):
    """Frozen terms without names, which differ by language and change without any term."""
    if isinstance(frozen, dict):
        return {key: without_names(value) for key, value in frozen.items() if key != "name"}
    return [without_names(value) for value in frozen] if isinstance(frozen, list) else frozen


def compare_terms(env, before: dict, after: dict, currency) -> list[Section]:
    """Tell the frozen terms of a program before and after: first its own, then rule by rule.

    :param currency: the program's, which no amendment changes
    """
    programs = _thaw(env, before, currency), _thaw(env, after, currency)
    sections = [
        Section(
            env._("Program"),
            term_rows(env, programs[0], before.get("terms", {}), after.get("terms", {})),
        )
    ]
    old, new = ({rule["id"]: rule for rule in side.get("rules", [])} for side in (before, after))
    for rule_id in old | new:
        was, will = old.get(rule_id), new.get(rule_id)
        sections.append(
            Section(
                env._("Rule “%s”", (was or will)["name"]),
                rule_rows(env, programs, was, will),
            )
        )
    return sections


def _thaw(env, frozen, currency):
    """A program in memory that has the frozen terms its formats need."""
    terms = frozen.get("terms", {})
    unit = terms.get("uom_id")
    return env["rebate.program"].new(
        {
            "currency_id": currency.id,
            "measure": terms.get("measure"),
            "uom_id": unit[0]["id"] if unit else False,
        }
    )


def rule_rows(env, programs, was: dict, will: dict) -> list[Row]:
    """Rows of a rule with its tiers.

    :param programs: that have the formats of both sides
    :param was: the frozen rule before, or None
    :param will: the same after
    """
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
    if all(map(_tells_scope, sides)):
        # That certain products count is told by naming them.
        sides = [
            {name: value for name, value in side.items() if name != "is_limited"} for side in sides
        ]
    terms = term_rows(env, rules[0], *sides)
    return [*terms, *_tier_rows(env, rules, was, will)]


def _tells_scope(terms):
    """Tell whether a rule is limited just if it names something, by its frozen terms."""
    named = any(terms.get(name) not in (None, False, "", "[]", []) for name in SCOPE)
    return bool(terms.get("is_limited")) == named


def term_rows(env, record, was: dict, will: dict) -> list[Row]:
    """Rows of the terms of a program or rule, in the order of its fields; of a term that is no
    field any more, its technical name."""
    names = was | will
    known = [name for name in record._fields if name in names]
    return [
        _row(env, record, name, was.get(name), will.get(name))
        for name in [*known, *(name for name in names if name not in known)]
    ]


def _row(env, record, name, was, will):
    field = record._fields.get(name)
    label = field._description_string(env) if field else name
    return Row(label, *(_tell(env, field, record, value) for value in (was, will)))


def _tell(env, field, record, value):
    """Write a frozen value in the reader's language and formats."""
    if value is None or (not value and not isinstance(value, bool)) or value == "[]":
        return NOTHING
    if isinstance(value, list):
        return ", ".join(other["name"] for other in value)
    kind = field.type if field else ""
    if kind == "boolean":
        return env._("Yes") if value else env._("No")
    if value is False:
        return NOTHING
    if kind == "selection":
        return dict(field._description_selection(env)).get(value, value)
    if kind == "date":
        return format_date(env, value)
    if kind == "monetary":
        return format_amount(env, value, record.currency_id)
    return format_number(env, Decimal(str(value))) if kind == "float" else str(value)


def _tier_rows(env, rules, was, will):
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
    return [_tier_row(env, rules, *pair) for pair in pairs]


def _tier_row(env, rules, *pair):
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
            env._("From %s", *thresholds),
            *(tier._format_rate() if tier else NOTHING for tier in tiers),
        )
    return Row(env._("Tier"), *(tier.display_name for tier in tiers))
