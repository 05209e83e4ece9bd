"""Measures what distributors bought, from posted invoice lines, in one statement.

This is the only place that reads invoice lines for a rebate. How the statement is composed is told
by ``statement.py``; each other module beside this one knows one thing about it.
"""

from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal

from odoo import api, models

from .deduplication import counted_as, group_sums, group_windows, hand_out
from .discounts import line_discounts
from .enrolments import agreements_of, programs_of, read_enrolments
from .owners import Owners, find_members, find_owners
from .products import requested_sums
from .purchases import LinePurchase, PurchaseKey, Purchases, Window
from .question import Question
from .returns import LateReturn, find_late_returns
from .settled_scopes import (
    Paid,
    cut,
    former_programs,
    may_change,
    paid_days,
    scope_changes,
    scopes_now,
)
from .sources import Invoiced, Source
from .sources import Paid as PaidSource
from .statement import line_query, purchase_query, shared_query
from .subsidiaries import purchases_not_counted
from .supposed import Counted, Supposed, count_supposed, of_scenario, supposed_tables


class RebateMeasure(models.AbstractModel):
    _name = "rebate.measure"
    _description = "Measurement of Purchases"

    # ------------------------------------------------------------------
    # What other rooms ask
    # ------------------------------------------------------------------

    @api.model
    def _purchases(self, windows: Iterable[Window]) -> dict[PurchaseKey, Purchases]:
        """Measure what was bought in each window, by rule and in all.

        :param windows: agreements and dates; keys must be unique
        :return: what counts for a rule, for the qualifying products that a rule names, and for at
            least one rule of the program. Windows without purchases are absent.
        """
        return self._answer(self._question(list(windows)))

    def _answer(self, question: Question) -> dict[PurchaseKey, Purchases]:
        """As :meth:`_purchases`, of a question that was composed already."""
        if not question.windows:
            return {}
        programs = question.programs
        numbers = counted_as(programs)
        numbers |= {number: number for number in question.former.values()}
        question = question._replace(counted_as=numbers)
        groups = group_windows(question)
        sums = group_sums(requested_sums(programs, question.former), numbers)
        rows = self.env.execute_query(
            purchase_query(
                question.asking([group[0][0] for group in groups]),
                [group[0]._replace(program_id=numbers.get(group[0].program_id)) for group in sums],
            )
        )
        answers = {
            (group, place): Purchases(Decimal(total), Decimal(units), *counts)
            for group, place, total, units, *counts in rows
        }
        return self._with_totals(hand_out(answers, groups, sums), programs)

    def _with_totals(self, purchases, programs):
        """Add what all rules count together where that is what the only rule counts."""
        only = {program.rule_ids.id: None for program in programs if len(program.rule_ids) == 1}
        totals = {
            PurchaseKey(key): bought for (key, name), bought in purchases.items() if name in only
        }
        return purchases | totals

    def _suppose(self, question: Question, lines: Sequence[Supposed]) -> Counted:
        """Count purchases that are supposed, by the conditions of :meth:`_purchases`, in those
        windows of a question that have their scenario."""
        windows = [window for window in question.windows if window.scenario is not None]
        if not windows or not lines:
            return Counted({}, {})
        question = question.asking(windows)
        sums = requested_sums(question.programs, question.former)
        purchases, counted = count_supposed(question, sums, lines)
        return Counted(self._with_totals(purchases, question.programs), counted)

    @api.model
    def _lines_by_rule(
        self, windows: Iterable[Window], rule_ids: Collection[int] | None = None
    ) -> dict[tuple[object, int], list[LinePurchase]]:
        """Name the invoice lines that each rule counts, by the conditions of :meth:`_purchases`.

        One statement, whatever the number of windows and rules; it needs the index of
        :class:`AccountMove` on customer and invoice date.

        :param windows: agreements and dates; keys must be unique
        :param rule_ids: only what these rules count; default, every rule
        :return: by ``(key, rule id)`` the lines and what each of them adds, the latest invoice
            first; rules that count no line in a window are absent
        """
        windows = list(windows)
        if not windows:
            return {}
        question = self._question(windows)
        sums = requested_sums(question.programs, question.former)
        rows = self.env.execute_query(
            line_query(
                question,
                sums,
                [
                    place
                    for place, each in enumerate(sums)
                    if each.is_rule and (rule_ids is None or each.name in rule_ids)
                ],
            )
        )
        lines = {}
        for window, place, line_id, total, units in rows:
            of_rule = lines.setdefault((question.windows[window].key, sums[place].name), {})
            line = LinePurchase(line_id, Decimal(total), Decimal(units))
            if other := of_rule.get(line_id):
                # paid for on days that are measured by products of their own
                line = line._replace(
                    amount=line.amount + other.amount, quantity=line.quantity + other.quantity
                )
            of_rule[line_id] = line
        return {key: list(of_rule.values()) for key, of_rule in lines.items()}

    @api.model
    def _line_ids(
        self,
        windows: Iterable[Window],
        rule_ids: Collection[int] | None = None,
        model: str = "account.move.line",
    ) -> list[int]:
        """Name the lines of a model that any rule counts, see :meth:`_lines_by_rule`: invoice
        lines, unless another source is asked for."""
        windows = list(windows)
        models = self._line_models(windows)
        windows = [window for window in windows if models[window.agreement_id] == model]
        lines = self._lines_by_rule(windows, rule_ids).values()
        return list({line.line_id for of_rule in lines for line in of_rule})

    @api.model
    def _shared_purchases(
        self, pairs: Iterable[tuple[Window, Window]], supposed: Sequence[Supposed] | None = None
    ) -> dict[tuple[object, object, int, int], Decimal]:
        """Measure what the first window of each pair counts of what the second counts: the
        purchases on which the rebate of the one lowers that of the other.

        Products alone do not tell: the agreements may differ in whose purchases they count, in
        returns, in the days, and one may count what is invoiced and the other what is paid of it.

        :param pairs: windows whose keys are unique
        :param supposed: lines to measure in place of those that were posted
        :return: by ``(key, other key, rule id, other rule id)``, the amount as the second counts
            it, unrounded, in the currency of its program; pairs without such purchases are absent
        """
        pairs = self._of_one_model(list(pairs))
        if not pairs:
            return {}
        windows = list({window.key: window for pair in pairs for window in pair}.values())
        place_of = {window.key: place for place, window in enumerate(windows)}
        question = self._question(windows)
        sums = requested_sums(question.programs, question.former)
        keys = [place_of[window.key] for window in question.windows]
        others = ()
        if supposed is not None:
            tables, scenarios = supposed_tables(question, sums, supposed, keys)
            others = tables, of_scenario(windows, scenarios)
        rows = self.env.execute_query(
            shared_query(
                question,
                sums,
                keys,
                [(place_of[ours.key], place_of[theirs.key]) for ours, theirs in pairs],
                *others,
            )
        )
        return {
            (
                *(window.key for window in pairs[pair - 1]),
                sums[ours].name,
                sums[theirs].name,
            ): Decimal(shared)
            for pair, ours, theirs, shared in rows
        }

    @api.model
    def _purchases_not_counted(self, windows: Iterable[Window]) -> dict[object, Decimal]:
        """Measure what subsidiaries bought that windows leave out, see
        :func:`~.subsidiaries.purchases_not_counted`."""
        return purchases_not_counted(self.env, windows)

    def _of_one_model(self, pairs):
        """Those pairs of windows that count lines of one model, and so may count the same."""
        models = self._line_models(window for pair in pairs for window in pair)
        return [
            (ours, theirs)
            for ours, theirs in pairs
            if models[ours.agreement_id] == models[theirs.agreement_id]
        ]

    # ------------------------------------------------------------------
    # What is asked, and what is particular about it
    # ------------------------------------------------------------------

    def _question(self, windows: list[Window], enrolments=None) -> Question:
        """Find all that is particular about some windows.

        :param enrolments: their agreements, see :func:`~.enrolments.read_enrolments`, where they
            were read already
        """
        agreements = agreements_of(self.env, windows)
        if enrolments is None:
            enrolments = read_enrolments(agreements)
        programs = programs_of(self.env, enrolments)
        parts = cut(windows, self._paid_days(windows, programs))
        return Question(
            parts,
            enrolments,
            programs,
            self._owners(agreements, programs),
            self._late_returns(agreements, programs),
            former_programs(parts, enrolments),
            {},
        )

    def _owners(self, agreements, programs) -> Owners:
        """Find what others of their programs have of that which agreements could claim."""
        return find_owners(agreements, programs)

    def _members(self, agreements, inclusive=None):
        """Find whose invoices count, see :func:`~.owners.find_members`."""
        return find_members(agreements, inclusive)

    def _late_returns(self, agreements, programs) -> list[LateReturn]:
        """Find the returns that come after the end of the agreements that had the purchases."""
        return find_late_returns(agreements, programs)

    def _paid_days(self, windows: list[Window], programs) -> dict[int, list[Paid]]:
        """Find the days of some windows that are paid for and would be measured otherwise today."""
        return paid_days(windows, programs)

    def _may_scope_change(self, programs) -> bool:
        """Tell whether products that count may change without any term changing."""
        return may_change(programs)

    def _scopes_now(self, programs) -> dict[int, tuple[str, list[int]]]:
        """Find the products that count now, see :func:`~.settled_scopes.scopes_now`."""
        return scopes_now(programs)

    def _scope_changes(self, programs, kept):
        """Compare what counted with what counts now, see :func:`~.settled_scopes.scope_changes`."""
        return scope_changes(programs, kept)

    def _line_discounts(self, line_ids) -> dict[int, list]:
        """Find the discounts that some invoice lines bear, see
        :func:`~.discounts.line_discounts`."""
        return line_discounts(self.env, line_ids)

    # ------------------------------------------------------------------
    # What purchases are made of
    # ------------------------------------------------------------------

    def _sources(self) -> dict[str, Source]:
        """What purchases are made of, by value of ``basis``.

        Another addon adds a value of ``basis`` by ``selection_add`` and its source here, most
        often a :class:`~.sources.LineSource`.
        """
        return {"invoiced": Invoiced(), "paid": PaidSource()}

    def _sources_of(self, programs) -> dict[str, Source]:
        """Those that some programs ask, in the order of their numbers in the statement."""
        sources = self._sources()
        return {basis: sources[basis] for basis in sorted(set(programs.mapped("basis")))}

    def _line_model(self, program) -> str:
        """The model of the lines that a program counts."""
        return self._sources()[program.basis or "invoiced"].line_model

    def _line_models(self, windows: Iterable[Window]) -> dict[int, str]:
        """The model of the lines that count, by agreement id of some windows."""
        enrolments = read_enrolments(agreements_of(self.env, windows))
        programs = programs_of(self.env, enrolments)
        models = {program.id: self._line_model(program) for program in programs}
        return {agreement_id: models[one.program_id] for agreement_id, one in enrolments.items()}

    def _by_source(self, records) -> list:
        """Part records that have a ``program_id`` by what purchases are made of.

        :return: pairs of a :class:`~.sources.Source` and the records
        """
        sources = self._sources()
        parts = records.grouped(lambda record: sources[record.program_id.basis].line_model)
        return [(sources[some[0].program_id.basis], some) for some in parts.values()]

    def _flush_sources(self):
        """Write what the ORM still holds of the tables that the statements read."""
        for model in (
            "account.move",
            "account.move.line",
            "account.partial.reconcile",
            "account.account",
            "account.journal",
            "account.payment",
            "account.payment.method.line",
            "account.tax.repartition.line",
            "product.product",
            "product.template",
            "rebate.agreement",
            "rebate.program",
            "rebate.rule",
            "res.company",
            "res.currency.rate",
            "res.partner",
            "uom.uom",
            *(name for source in self._sources().values() for name in source.flushed),
        ):
            self.env[model].flush_model()
