"""What the statement of a settlement tells the partner: in the partner's language and formats, from
what was frozen when it was proposed, so that it says the same whenever it is printed."""

from decimal import Decimal
from typing import NamedTuple

from odoo import models
from odoo.tools import format_amount, format_date, formatLang

from .rebate_period import format_period
from .rebate_settlement_purchases import Table
from .rebate_tier import format_quantity


class TierRow(NamedTuple):
    """A tier in words."""

    threshold: str
    rate: str
    is_reached: bool


class RulePart(NamedTuple):
    """What one rule decided for a period."""

    name: str
    tiers: list[TierRow]
    value: str
    tables: list[Table]
    by_quantity: bool


class LinePart(NamedTuple):
    """A period of a program; amounts written out."""

    line: models.Model
    partner: str
    period: str
    until: str
    rules: list[RulePart]
    explanation: list[str]
    earned: str
    settled: str
    amount: str
    is_difference: bool


class ProgramPart(NamedTuple):
    """A program with its terms in words and the periods that are paid."""

    name: str
    words: list[str]
    rules: list[tuple[str, list[str]]]
    lines: list[LinePart]


class RebateSettlement(models.Model):
    _inherit = "rebate.settlement"

    def _statement(self):
        """Tell what the settlement pays and how it came about, in the language of the context.

        :return: list of :class:`ProgramPart`
        """
        self.ensure_one()
        snapshot = self.terms_snapshot or {}
        purchases = self._purchases()
        facts = {row["line_id"]: row for row in snapshot.get("lines", ())}
        programs = {}
        for line in self.line_ids.sorted(lambda line: line.accrual_id.date_from):
            programs.setdefault(line.program_id, []).append(line)
        return [
            self._program_part(
                program,
                snapshot.get("programs", {}).get(str(program.id), {}),
                [(line, facts.get(line.id, {})) for line in lines],
                purchases,
            )
            for program, lines in programs.items()
        ]

    def _program_part(self, program, terms, lines, purchases):
        rules = {rule["id"]: rule for rule in terms.get("rules", ())}
        return ProgramPart(
            terms.get("name") or program.name,
            self._terms_in_words(terms),
            [
                (rule["name"], self._rule_in_words(rule, terms["terms"]))
                for rule in terms.get("rules", ())
            ],
            [self._line_part(line, facts, rules, purchases) for line, facts in lines],
        )

    def _line_part(self, line, facts, rules, purchases):
        of_line = {
            rule: bought for (line_id, rule), bought in purchases.items() if line_id == line.id
        }
        parts = []
        for decided in facts.get("rules", ()):
            terms = rules.get(decided["rule_id"], {})
            keys = [
                key
                for key in of_line
                if key[0] == str(decided["rule_id"]) or (not key[0] and key[1] == terms.get("name"))
            ]
            bought = [purchase for key in keys for purchase in of_line.pop(key)]
            parts.append(self._rule_part(decided, terms, bought))
        if of_line:
            # Rules that are gone, and what lies on no invoice line.
            rest = [purchase for bought in of_line.values() for purchase in bought]
            tables = self._tabulate(rest, False)
            parts.append(RulePart("", [], "", tables, False))
        earned = Decimal(facts.get("earned", str(line.amount)))
        settled = Decimal(facts.get("settled", "0"))
        accrual = line.accrual_id
        return LinePart(
            line,
            facts.get("partner") or accrual.partner_id.name,
            format_period(self.env, accrual.date_from, accrual.date_to),
            format_date(self.env, line.date_until or accrual.date_to),
            parts,
            (line.explanation or "").splitlines(),
            self._write_money(earned),
            self._write_money(settled),
            self._write_money(line.amount),
            bool(settled),
        )

    def _rule_part(self, decided, terms, bought):
        """Tell of one rule what it decided.

        :param decided: of the frozen terms, see :meth:`_freeze_terms`
        :param terms: the rule's
        :param bought: list of :class:`Purchase`
        """
        calculation = self.env["rebate.calculation"]
        facts, currency = decided["facts"], self.currency_id
        value = Decimal(facts["value"])
        scale = facts["scale"]
        reached = [tier for tier in scale if Decimal(tier["threshold"]) <= value]
        last = reached[-1] if reached and decided["tier_id"] else None
        by_quantity = facts["counted"] == "quantity"
        return RulePart(
            terms.get("name", ""),
            [
                TierRow(
                    calculation._explain_value(facts, tier["threshold"], currency),
                    calculation._explain_rate(tier, currency),
                    tier is last,
                )
                for tier in scale
            ],
            calculation._explain_value(facts, facts["value"], currency),
            self._tabulate(bought, by_quantity) if bought else [],
            by_quantity,
        )

    # ------------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------------

    def _write_amount(self, amount):
        """Write an amount as it stands in a table, without its currency."""
        return formatLang(self.env, float(amount), digits=self.currency_id.decimal_places)

    def _write_quantity(self, quantity):
        return format_quantity(self.env, Decimal(quantity), "")

    def _write_money(self, amount):
        return format_amount(self.env, float(amount), self.currency_id)

    def _amount_in_words(self):
        """Write what is paid, or asked back, in words of the language of the context."""
        self.ensure_one()
        return self.currency_id.amount_to_text(abs(self.amount_total))

    def _payout_day(self):
        """When it is paid, written out."""
        return format_date(self.env, max(self.date_due or self.date, self.date))

    def _statement_name(self):
        """The name of the statement's file."""
        self.ensure_one()
        lang = self.partner_id.lang or self.env.lang
        number = self.name.replace("/", "_")
        return self.with_context(lang=lang).env._("Rebate statement %s", number)
