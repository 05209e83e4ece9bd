"""Between the models and the engine: purchases are measured, the engine decides, and the
decision is kept with its reasons. Nothing is stored here."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ...engine.forecast import forecast
from ...engine.limits import limit
from ...engine.periods import years_before
from ...engine.qualifying import MEASURES
from ...engine.rounding import round_half_up
from ...engine.sharing import share_in_common
from ...engine.tiers import ZERO
from ..measure.purchases import NOTHING, PurchaseKey, Window
from ..measure.question import agreements_of
from . import explanation
from .baseline import baseline_windows, compare_with
from .case import Case, Days, Offer, Reduction
from .progress import live_figures, prepare_current_vals
from .result import Result, RuleResult
from .terms import days_in_period, limits_on, rule_terms


class RebateCalculation(models.AbstractModel):
    _name = "rebate.calculation"
    _description = "Calculation of Rebates"

    # ------------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------------

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
        owners = measure._owners(agreements_of(self.env, windows))
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

    @api.model
    def _live_figures(self, agreements):
        """Measure and decide running periods as of now, see :func:`live_figures`."""
        return live_figures(agreements)

    @api.model
    def _prepare_current_vals(self, agreement, period, result):
        """Values that show an agreement's progress, see :func:`prepare_current_vals`."""
        return prepare_current_vals(agreement, period, result)

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
            for baseline in baseline_windows(rule, window)
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
                offer = self._offer(
                    program,
                    agreement,
                    window,
                    own_tiers=own_tiers.get(agreement),
                    day=today if at_end else window.until or today,
                    offers=offers,
                    twins=twins.get(agreement.id, ()),
                )
                results[window.key] = self._decide(
                    window,
                    agreement,
                    offer,
                    purchases=purchases,
                    reductions=reductions,
                    beaten_by=beaten.get(window.key),
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

    def _offer(self, program, agreement, window, *, own_tiers, day, offers, twins=()) -> Offer:
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
                days = days_in_period(agreement, window)
            tiers = self.env["rebate.tier"]
            offers[key] = Offer(
                tuple(
                    self._terms(rule, rule._tiers_for(own_tiers or tiers) if runs else tiers, days)
                    for rule in program.rule_ids
                ),
                *limits_on(program, window, day, days),
            )
        return offers[key]

    @api.model
    def _terms(self, rule, tiers, days=None):
        """Collect what a rule pays by, see :func:`rule_terms`."""
        return rule_terms(rule, tiers, days)

    def _decide(self, window, agreement, offer, *, purchases, reductions, beaten_by) -> Result:
        """Decide what a window earns.

        :param offer: see :meth:`_offer`
        :param reductions: by rule, see :meth:`_reductions`
        :param beaten_by: the program that pays instead, if there is one
        """
        rules = []
        for terms in offer.rules:
            rule = terms.rule
            target, compared_with = ZERO, None
            if terms.is_growth:
                compared_with = compare_with(rule, window, agreement, purchases, terms)
            elif MEASURES[terms.value_in].against == "target":
                target = Decimal(str(agreement.target_amount))
                target = terms.prorated(target, terms.counted)
            case = Case(
                terms,
                purchases=purchases.get(PurchaseKey(window.key, rule.id), NOTHING),
                qualifying=purchases.get(PurchaseKey(window.key, terms.qualifier_key), NOTHING),
                baseline=compared_with.value if compared_with else ZERO,
                target=target,
                reductions=tuple(reductions.get(rule, ())),
                compared_with=compared_with,
            )
            outcome = case.outcome()
            rules.append(RuleResult(case, outcome, round_half_up(outcome.earned, terms.coin)))
        bought = purchases.get(PurchaseKey(window.key), NOTHING)
        qualifying = [bought, *(rule.case.qualifying for rule in rules)]
        total = sum((rule.earned for rule in rules), ZERO)
        counts_units = any(terms.counts_units for terms in offer.rules)
        return Result(
            program=agreement.program_id,
            purchases=bought,
            rules=rules,
            earned=ZERO if beaten_by else limit(total, *offer.limits),
            unconverted=max(part.unconverted for part in qualifying),
            unmeasured=max(part.unmeasured for part in qualifying) if counts_units else 0,
            limits=offer.limits,
            beaten_by=beaten_by,
            guarantee=offer.guarantee,
        )

    # ------------------------------------------------------------------
    # Explanations: told from facts, see ``explanation.py``
    # ------------------------------------------------------------------

    @api.model
    def _explain(self, facts: dict, currency) -> str:
        """Say in one sentence how a rebate came about, see :func:`explain`."""
        return explanation.explain(self.env, facts, currency)

    @api.model
    def _explain_result(self, result: Result, currency) -> list[str]:
        """Say how the rebate of a window came about, rule by rule and as a whole.

        :return: sentences in the reader's language
        """
        sentences = [self._explain(rule.facts, currency) for rule in result.rules]
        return [*sentences, *self._explain_limits(result.facts, currency)]

    @api.model
    def _explain_limits(self, facts: dict, currency) -> list[str]:
        """Say what changed the sum of the rules, see :func:`explain_limits`."""
        return explanation.explain_limits(self.env, facts, currency)

    @api.model
    def _explain_forecast(self, forecast: dict, currency) -> str:
        """Say how the end of the period is foreseen, see :func:`explain_forecast`."""
        return explanation.explain_forecast(self.env, forecast, currency)

    @api.model
    def _explain_value(self, facts: dict, value, currency) -> str:
        """Write a value of what reaches the tiers, see :func:`write_value`."""
        return explanation.write_value(self.env, facts, value, currency)

    @api.model
    def _explain_rate(self, part: dict, currency) -> str:
        """Write the rate of a tier or a part, see :func:`write_rate`."""
        return explanation.write_rate(self.env, part, currency)

    # ------------------------------------------------------------------
    # What running periods will have earned at their end: the purchases so far are carried on, and
    # the same rules decide on them
    # ------------------------------------------------------------------

    def _season_windows(self, windows):
        """Ask for last year's purchases in each window that is running, to its end and to the same
        day. Where a window leaves out what came after a day, it is foreseen as of that day.

        :return: by the window that is running, ``(to the same day, to the end)``
        """
        today = fields.Date.context_today(self)
        seasons = {}
        for window in windows:
            day = window.until or today
            if window.date_from <= day < window.date_to:
                first, last = years_before(window.date_from, window.date_to, 1)
                whole = Window(("season", window.key), window.agreement_id, first, last, True)
                same_day = min(day - relativedelta(years=1), last)
                so_far = whole._replace(key=("so far", window.key), date_to=same_day)
                seasons[window] = so_far, whole
        return seasons

    def _forecast(self, seasons, purchases):
        """Carry purchases on to the end of the running periods.

        :return: by window key, the forecast of what the program counts; and the purchases, those
            of running periods as they are expected to be
        """
        today = fields.Date.context_today(self)
        running = {window.key: (window, pair) for window, pair in seasons.items()}
        expected = dict(purchases)
        forecasts = {}
        for (key, name), bought in purchases.items():
            if key not in running:
                continue
            window, pair = running[key]
            before = [purchases.get(PurchaseKey(past.key, name), NOTHING) for past in pair]
            day = window.until or today
            days = (day - window.date_from).days + 1, (window.date_to - window.date_from).days + 1
            then = {
                measure: forecast(
                    getattr(bought, measure), *days, *(getattr(past, measure) for past in before)
                )
                for measure in ("amount", "quantity")
            }
            expected[key, name] = bought._replace(
                amount=then["amount"].value, quantity=then["quantity"].value
            )
            if name is None:
                program = self.env["rebate.agreement"].browse(window.agreement_id).program_id
                forecasts[key] = {
                    "method": then[program.measure].method,
                    "measure": program.measure,
                    "value": str(then[program.measure].value),
                    "so_far": str(getattr(bought, program.measure)),
                    "elapsed": days[0],
                    "days": days[1],
                    "before": [str(getattr(past, program.measure)) for past in before],
                    "unit": program.uom_id.name or "",
                }
        return forecasts, expected

    # ------------------------------------------------------------------
    # Programs that depend on each other: those that lower another's amount, and those of a group of
    # which only the best pays. What they earn in the same days is calculated along
    # ------------------------------------------------------------------

    def _related_windows(self, windows):
        """The periods of other programs on which some windows depend, and those on which these
        depend; each once, and none that is asked for anyway."""
        agreements = self.env["rebate.agreement"].browse({w.agreement_id for w in windows})
        programs = agreements.program_id
        if not any(program._dependencies() for program in programs):
            return []
        programs = programs._with_dependencies()
        # Whoever may see a program must see the figures that others leave to it.
        others_sudo = self.env["rebate.agreement"].sudo()
        others = others_sudo.search(
            Domain("program_id", "in", programs.ids)
            & Domain("partner_id", "in", agreements.partner_id.ids)
            & Domain("state", "in", ("active", "ended"))
        )
        by_place = others.grouped(lambda other: (other.partner_id, other.program_id))
        known = {(w.agreement_id, w.date_from, w.until) for w in windows}
        related = []
        pending = list(windows)
        while pending:
            window = pending.pop()
            agreement = self.env["rebate.agreement"].browse(window.agreement_id)
            for program in agreement.program_id._dependencies():
                for other in by_place.get((agreement.partner_id, program), ()):
                    for first, last in other._periods(window.last_day):
                        place = (other.id, first, window.until)
                        if last >= window.date_from and place not in known:
                            known.add(place)
                            key = ("of", *place)
                            found = Window(key, other.id, first, last, until=window.until)
                            related.append(found)
                            pending.append(found)
        return related

    def _overlapping(self, window, windows):
        """Those of some windows that share days with one and ask about the same moment."""
        return [
            other
            for other in windows
            if other.until == window.until
            and other.date_from <= window.date_to
            and other.date_to >= window.date_from
        ]

    def _reducing(self, windows):
        """Pair each window with those of the programs that lower its amount.

        :return: by window key, the windows of the other programs
        """
        agreements = self.env["rebate.agreement"].browse(w.agreement_id for w in windows)
        reducing_programs = {
            program: reducing
            for program in agreements.program_id
            if (reducing := program._reducing_programs())
        }
        if not reducing_programs:
            return {}
        by_place = {}
        for window, agreement in zip(windows, agreements, strict=True):
            by_place.setdefault((agreement.partner_id, agreement.program_id), []).append(window)
        reducing = {}
        for window, agreement in zip(windows, agreements, strict=True):
            for program in reducing_programs.get(agreement.program_id, ()):
                others = by_place.get((agreement.partner_id, program), ())
                reducing.setdefault(window.key, []).extend(self._overlapping(window, others))
        return reducing

    def _shared(self, windows, reducing, purchases):
        """Measure which part of what each other program counted a program counts too.

        :param reducing: see :meth:`_reducing`
        :param purchases: what was measured in all
        :return: by ``(key, other key, rule id, other rule id)``, the part and the whole
        """
        by_key = {window.key: window for window in windows}
        amounts = self.env["rebate.measure"]._shared_purchases(
            (by_key[key], other) for key, others in reducing.items() for other in others
        )
        return {
            (key, other_key, rule_id, other_rule_id): (
                amount,
                purchases[PurchaseKey(other_key, other_rule_id)].amount,
            )
            for (key, other_key, rule_id, other_rule_id), amount in amounts.items()
        }

    def _reductions(self, window, program, others, shared, results):
        """Compute by how much other programs lower the amount on which a program's rules pay.

        What another rule earned is spread over the purchases that it counted, in proportion to
        their amount; each rule is lowered by the part that lies on purchases it counts itself,
        see :func:`share_in_common`.
        Published case: Microsoft Dynamics 365, rebate reduction principle.

        :param others: the windows of the other programs, see :meth:`_reducing`
        :param shared: see :meth:`_shared`
        :return: by rule, a list of :class:`Reduction`
        """
        reductions = {}
        for other in others:
            result = results[other.key]
            for part in result.rules:
                earned = result.share_of(part)
                for rule in program.rule_ids if earned else ():
                    place = window.key, other.key, rule.id, part.rule.id
                    both, whole = shared.get(place, (ZERO, ZERO))
                    coin = part.case.terms.coin
                    amount = share_in_common(earned, part.outcome.parts, both, whole, coin)
                    if amount:
                        reductions.setdefault(rule, []).append(Reduction(result.program, amount))
        return reductions

    def _beaten(self, pairs, results):
        """Find who is not paid because another program of its group pays more for these days.

        :param pairs: windows with agreement and program, the first program first
        :return: by window key, the program that pays instead
        """
        groups = {}
        for window, agreement, program in pairs:
            group = program.stacking_group_id
            if group.method == "best":
                groups.setdefault((group, agreement.partner_id), []).append((window, program))
        beaten = {}
        for members in groups.values():
            for window, program in members:
                rivals = self._overlapping(window, [other for other, _program in members])
                # The first of equals wins, and they are in sequence.
                best = max(rivals, key=lambda rival: results[rival.key].earned)
                if results[best.key].program != program:
                    beaten[window.key] = results[best.key].program
        return beaten
