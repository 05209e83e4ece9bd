"""Between the models and the engine: purchases are measured, the engine decides, and the
decision is kept with its reasons. Nothing is stored here."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from odoo import api, fields, models

from ..engine.limits import limit
from ..engine.rounding import round_half_up
from .rebate_case import Case, Days, Offer
from .rebate_measure import NOTHING, Window
from .rebate_result import Result, RuleResult

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
        # Not what else stands in these rows, of which there may be many.
        self.env["rebate.agreement"].browse({window.agreement_id for window in asked}).fetch(
            ["program_id", "partner_id", "date_start", "date_end", "is_recut"]
        )
        windows = [*asked, *self._related_windows(asked)]
        baselines = self._baseline_windows(windows)
        reducing = self._reducing(windows)
        seasons = self._season_windows(windows) if forecast else {}
        measure = self.env["rebate.measure"]
        owners = measure._owners(measure._agreements(windows))
        purchases = measure._purchases(
            [*windows, *baselines, *(past for pair in seasons.values() for past in pair)], owners
        )
        shared = self._shared(windows, reducing, purchases)
        results = self._decide_all(windows, reducing, shared, purchases, owners.twins)
        if seasons:
            forecasts, expected = self._forecast(seasons, purchases)
            # What programs share is expected to stay the same part of what they count.
            then = self._decide_all(windows, reducing, shared, expected, owners.twins, at_end=True)
            results = {
                key: result._replace(expected=then[key].earned, forecast=forecasts.get(key))
                for key, result in results.items()
            }
        return {window.key: results[window.key] for window in asked}

    def _baseline_windows(self, windows):
        """The earlier periods that growth in some windows is compared with."""
        agreements = self.env["rebate.agreement"].browse(window.agreement_id for window in windows)
        growing = {
            program: program.rule_ids.filtered(lambda rule: rule._is_growth())
            for program in agreements.program_id
        }
        if not any(growing.values()):
            return []
        return [
            baseline
            for window, agreement in zip(windows, agreements, strict=True)
            for rule in growing[agreement.program_id]
            for baseline in rule._baseline_windows(window)
        ]

    def _decide_all(
        self, windows, reducing, shared, purchases, twins, at_end=False
    ) -> dict[object, Result]:
        """Decide what every window earns, programs that reduce others first.

        :param windows: those asked for and those they depend on
        :param reducing: who lowers whose amount, see :meth:`_reducing`
        :param shared: on which part of their purchases, see :meth:`_shared`
        :param purchases: what was measured, see :meth:`_purchases` of ``rebate.measure``
        :param twins: see :meth:`_twins` of ``rebate.measure``
        :param at_end: whether running periods are decided on as at their end
        """
        agreements = self.env["rebate.agreement"].browse(w.agreement_id for w in windows)
        pairs = self._in_sequence(windows, agreements)
        own_tiers = (
            self.env["rebate.tier"]
            .search([("agreement_id", "in", agreements.ids)])
            .grouped("agreement_id")
        )
        offers = {}
        today = date.max if at_end else fields.Date.context_today(self)

        def decide(beaten):
            results = {}
            for window, agreement, program in pairs:
                reductions = self._reductions(
                    window, program, reducing.get(window.key, ()), shared, results
                )
                results[window.key] = self._decide(
                    window,
                    self._offer(
                        program,
                        agreement,
                        window,
                        own_tiers.get(agreement),
                        today if at_end else window.until or today,
                        offers,
                        twins.get(agreement.id, ()),
                    ),
                    program,
                    agreement,
                    purchases,
                    reductions,
                    beaten.get(window.key),
                )
            return results

        results = decide({})
        groups = agreements.program_id.stacking_group_id
        beaten = self._beaten(pairs, results) if "best" in groups.mapped("method") else {}
        # Who is not paid does not reduce others either: decide again, knowing that.
        return decide(beaten) if beaten else results

    def _in_sequence(self, windows, agreements):
        """Pair windows with their agreement and program, the first program first."""
        by_program = {}
        for window, agreement in zip(windows, agreements, strict=True):
            by_program.setdefault(agreement.program_id, []).append((window, agreement))
        return [
            (window, agreement, program)
            for program in agreements.program_id._in_sequence()
            for window, agreement in by_program[program]
        ]

    def _offer(self, program, agreement, window, own_tiers, day, offers, twins=()) -> Offer:
        """Collect by what a program pays in a window.

        :param own_tiers: those of the agreement, or None
        :param day: up to which a guarantee is owed
        :param offers: those collected so far, to be used again
        :param twins: agreements of the same distributor that come first, see :class:`Twin`
        """
        is_replaced = agreement._is_replaced(window, twins)
        dates = agreement.date_start, agreement.date_end, window.date_from, window.date_to
        # Of no concern where nothing is guaranteed, so that periods share their offers.
        day = min(day, window.date_to) if program.guaranteed_payout else window.date_to
        whole = agreement._kept_whole(window) if agreement.is_recut else None
        key = program.id, own_tiers, is_replaced, whole, day, *dates
        if key not in offers:
            runs = not is_replaced and agreement._runs_in(window)
            if not runs:
                # A period that was paid before the agreement's dates moved away from it.
                days = Days(0, (window.date_to - window.date_from).days + 1)
            else:
                days = agreement._days(window) if program.prorate else None
            tiers = self.env["rebate.tier"]
            offers[key] = Offer(
                tuple(
                    rule._terms(rule._tiers_for(own_tiers or tiers) if runs else tiers, days)
                    for rule in program.rule_ids
                ),
                *program._limits_on(window, day, days),
            )
        return offers[key]

    def _decide(
        self, window, offer, program, agreement, purchases, reductions, beaten_by
    ) -> Result:
        """Decide what a window earns.

        :param offer: see :meth:`_offer`
        :param reductions: by rule, see :meth:`_reductions`
        :param beaten_by: the program that pays instead, if there is one
        """
        rules = []
        for rule_terms in offer.rules:
            rule = rule_terms.rule
            target, compared_with = ZERO, None
            if rule_terms.is_growth:
                compared_with = rule._baseline(window, agreement, purchases, rule_terms)
            elif rule_terms.value_in == "target_percent":
                target = Decimal(str(agreement.target_amount))
                target = rule_terms.prorated(target, rule_terms.counted)
            case = Case(
                rule_terms,
                purchases.get((window.key, rule.id), NOTHING),
                purchases.get((window.key, rule_terms.qualifier_key), NOTHING),
                compared_with.value if compared_with else ZERO,
                target,
                tuple(reductions.get(rule, ())),
                compared_with,
            )
            outcome = case.outcome()
            rules.append(RuleResult(case, outcome, round_half_up(outcome.earned, rule_terms.unit)))
        bought = purchases.get((window.key, None), NOTHING)
        qualifying = [bought, *(rule.case.qualifying for rule in rules)]
        total = sum((rule.earned for rule in rules), ZERO)
        return Result(
            program,
            bought,
            rules,
            ZERO if beaten_by else limit(total, *offer.limits),
            max(part.unconverted for part in qualifying),
            max(part.unmeasured for part in qualifying)
            if any(rule_terms.counts_units for rule_terms in offer.rules)
            else 0,
            offer.limits,
            beaten_by,
            guarantee=offer.guarantee,
        )
