"""Between the models and the engine: purchases are measured, the engine decides, and the
decision is kept with its reasons. Nothing is stored here."""

from collections.abc import Iterable
from decimal import Decimal

from odoo import api, models

from ..engine.rounding import round_half_up
from .rebate_measure import NOTHING, Window
from .rebate_result import Case, Result, RuleResult

ZERO = Decimal(0)


class RebateCalculation(models.AbstractModel):
    _name = "rebate.calculation"
    _description = "Calculation of Rebates"

    @api.model
    def _calculate(self, windows: Iterable[Window], forecast=False) -> dict[object, Result]:
        """Decide what agreements earn in the given windows, all at once.

        :param windows: agreements and dates, see :class:`Window`
        :param forecast: also tell what running periods will have earned at their end
        :return: a result for every window, by its key
        """
        asked = list(windows)
        windows = [*asked, *self._related_windows(asked)]
        baselines = self._baseline_windows(windows)
        reducing = self._reducing(windows)
        shared = self._shared_windows(windows, reducing)
        seasons = self._season_windows([*windows, *shared]) if forecast else {}
        purchases = self.env["rebate.measure"]._purchases(
            [*windows, *baselines, *shared, *(past for pair in seasons.values() for past in pair)]
        )
        results = self._decide_all(windows, reducing, purchases)
        if seasons:
            forecasts, expected = self._forecast(seasons, purchases)
            then = self._decide_all(windows, reducing, expected)
            results = {
                key: result._replace(expected=then[key].earned, forecast=forecasts.get(key))
                for key, result in results.items()
            }
        return {window.key: results[window.key] for window in asked}

    def _baseline_windows(self, windows):
        """The earlier periods that growth in some windows is compared with."""
        agreements = self.env["rebate.agreement"]
        return [
            baseline
            for window in windows
            for rule in agreements.browse(window.agreement_id).program_id.rule_ids
            if rule._is_growth()
            for baseline in rule._baseline_windows(window)
        ]

    def _decide_all(self, windows, reducing, purchases) -> dict[object, Result]:
        """Decide what every window earns, programs that reduce others first.

        :param windows: those asked for and those they depend on
        :param reducing: who lowers whose amount, see :meth:`_reducing`
        :param purchases: what was measured, see :meth:`_purchases` of ``rebate.measure``
        """
        agreements = self.env["rebate.agreement"].browse(w.agreement_id for w in windows)
        pairs = sorted(
            zip(windows, agreements, strict=True),
            key=lambda pair: (pair[1].program_id.sequence, pair[1].program_id.id),
        )
        terms = {}

        def decide(beaten):
            results = {}
            for window, agreement in pairs:
                reductions = self._reductions(
                    agreement.program_id, reducing.get(window.key, ()), purchases, results
                )
                results[window.key] = self._decide(
                    window, agreement, purchases, reductions, beaten.get(window.key), terms
                )
            return results

        results = decide({})
        beaten = self._beaten(pairs, results)
        # Who is not paid does not reduce others either: decide again, knowing that.
        return decide(beaten) if beaten else results

    def _decide(self, window, agreement, purchases, reductions, beaten_by, terms) -> Result:
        """Decide what a window earns.

        :param reductions: by rule, see :meth:`_reductions`
        :param beaten_by: the program that pays instead, if there is one
        :param terms: those collected so far, to be used again
        """
        program = agreement.program_id
        days = agreement._days(window)
        rules = []
        for rule in program.rule_ids:
            own = agreement.tier_ids
            rule_terms = terms.get((rule, own, days))
            if not rule_terms:
                rule_terms = rule._terms(agreement._tiers(rule), days)
                terms[rule, own, days] = rule_terms
            case = Case(
                rule_terms,
                purchases.get((window.key, rule.id), NOTHING),
                purchases.get((window.key, rule_terms.qualifier_key), NOTHING),
                rule._baseline(window, agreement, purchases, rule_terms)
                if rule_terms.is_growth
                else ZERO,
                rule_terms.prorated(Decimal(str(agreement.target_amount)), rule_terms.counted),
                tuple(reductions.get(rule, ())),
            )
            outcome = case.outcome()
            rules.append(RuleResult(case, outcome, round_half_up(outcome.earned, rule_terms.unit)))
        bought = purchases.get((window.key, None), NOTHING)
        qualifying = [bought, *(rule.case.qualifying for rule in rules)]
        counts_units = any(rule.case.terms.counts_units for rule in rules)
        total = sum((rule.earned for rule in rules), ZERO)
        return Result(
            program,
            bought,
            rules,
            ZERO if beaten_by else program._limit(total, days),
            max(part.unconverted for part in qualifying),
            max(part.unmeasured for part in qualifying) if counts_units else 0,
            days,
            beaten_by,
        )
