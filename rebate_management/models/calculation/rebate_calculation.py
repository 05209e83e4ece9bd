"""Between the models and the engine: purchases are measured, the engine decides, and the
decision is kept with its reasons. Nothing is stored here."""

from collections.abc import Iterable
from functools import partial

from odoo import api, models

from ..measure.enrolments import agreements_of, programs_of, read_enrolments
from ..measure.purchases import NOTHING, Window
from . import explanation
from .baseline import growth_windows
from .course import course
from .decision import decide_all
from .dependencies import dependent_windows, find_reducing, measure_shared
from .enrolment import not_counted, taken_in
from .forecasting import carry_on, season_windows
from .progress import live_figures, prepare_current_vals
from .result import Result
from .terms import rule_terms


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
        return self._calculate_supposing(windows, (), forecast)[0]

    @api.model
    def _calculate_supposing(self, windows: Iterable[Window], supposed, forecast=False):
        """As :meth:`_calculate`, where windows that have a scenario count beside what was posted
        the purchases which are supposed in it.

        What growth is compared with stays as it was.

        :param supposed: a list of :class:`~..measure.supposed.Supposed`
        :return: the results, and what of the supposed lines each window counts, see
            :class:`~..measure.supposed.Counted`
        """
        env = self.env
        asked = list(windows)
        enrolments = read_enrolments(agreements_of(env, asked))
        programs = programs_of(env, enrolments)
        windows = asked
        if dependent := dependent_windows(asked, programs):
            windows = [*asked, *dependent]
            enrolments = read_enrolments(agreements_of(env, windows))
            programs = programs_of(env, enrolments)
        baselines = growth_windows(windows, programs)
        reducing = find_reducing(windows, programs)
        seasons = season_windows(env, windows) if forecast else {}
        past = [*baselines, *(window for pair in seasons.values() for window in pair)]
        measure = env["rebate.measure"]
        question = measure._question([*windows, *past], enrolments)
        purchases = measure._answer(question)
        counted = measure._suppose(question, supposed)
        for key, bought in counted.purchases.items():
            purchases[key] = purchases.get(key, NOTHING).plus(bought)
        shared = measure_shared(env, windows, reducing, purchases, supposed)
        decide = partial(decide_all, question, windows, reducing, shared)
        results = decide(purchases)
        if seasons:
            forecasts, expected = carry_on(env, seasons, purchases)
            # What programs share is expected to stay the same part of what they count.
            then = decide(expected, at_end=True)
            results = {
                key: result._replace(
                    expected=then[key].earned, forecast=forecasts.get(key), at_end=then[key]
                )
                for key, result in results.items()
            }
        return {window.key: results[window.key] for window in asked}, counted

    @api.model
    def _live_figures(self, agreements):
        """Measure and decide running periods as of now, see :func:`live_figures`."""
        return live_figures(agreements)

    @api.model
    def _taken_in(self, agreements):
        """Tell what is earned at once when agreements become active, see :func:`taken_in`."""
        return taken_in(agreements)

    @api.model
    def _not_counted(self, agreements):
        """Measure what agreements leave out of subsidiaries' purchases, see :func:`not_counted`."""
        return not_counted(agreements)

    @api.model
    def _prepare_current_vals(self, agreement, period, result):
        """Values that show an agreement's progress, see :func:`prepare_current_vals`."""
        return prepare_current_vals(agreement, period, result)

    @api.model
    def _course(self, agreement):
        """Measure a period by months, see :func:`course`."""
        return course(agreement)

    @api.model
    def _terms(self, rule, tiers, days=None):
        """Collect what a rule pays by, see :func:`rule_terms`."""
        return rule_terms(rule, tiers, days)

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
