"""Which agreements are worth a call, and why: told from live figures, and from what past periods
earned. Nothing is stored here."""

from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from odoo import fields
from odoo.tools import format_amount, format_date

from ...engine.periods import years_before
from ...engine.rounding import round_half_up
from ...engine.tiers import HUNDRED, ZERO
from ...tools.formats import format_quantity
from ..calculation.progress import word_next
from ..measure.purchases import NOTHING, PurchaseKey, Window

KINDS = ("near_miss", "near_loss", "silent", "behind", "growth")
# So many days without a purchase are silence, where there were purchases a year before.
SILENT_DAYS = 60
# By so many percent purchases are above, or below, those of the same days a year before.
GROWTH_PERCENT = Decimal(20)
BEHIND_PERCENT = Decimal(10)
# In the first part of a period what is bought by chance foretells too much.
EARLY = Decimal("0.2")


class Nearness(NamedTuple):
    """Why an agreement is worth a call.

    ``kind`` is one of :data:`KINDS`. ``distance`` is in percent: of the threshold, what is missing
    to it, or will be; else by how much purchases differ from those a year before. ``worth`` is what
    it is about for the distributor, in the program's currency, and ``effort_return`` the same for
    each hundred of purchases that it takes. ``facts`` and ``rule`` are what the sentence is told
    from, see :func:`tell`.
    """

    agreement: object
    kind: str
    distance: Decimal
    worth: Decimal
    effort_return: Decimal
    days_left: int
    sentence: str
    date_to: date
    rule: object
    facts: dict


def near(agreements) -> list[Nearness]:
    """Find out which agreements are worth a call, all at once: the live figures are one
    measurement, the past is one search, and the silent ones another measurement.

    :param agreements: of any companies; those without a running period have nothing to tell
    :return: the dearest first; an agreement may be there for several reasons
    """
    found, _problems = agreements._live_figures()
    past = _past_accruals(agreements.browse(agreement.id for agreement in found))
    silent = _silent(found)
    today = fields.Date.context_today(agreements)
    rows = []
    for agreement, (period, result) in found.items():
        if result.nearest:
            about = _About(agreement, period, result, past.get(agreement.id, []), today)
            rows += filter(
                None,
                (
                    about.near_miss(),
                    about.near_loss(),
                    about.silent() if agreement in silent else about.compared(),
                ),
            )
    return sorted(rows, key=lambda row: (-row.worth, row.distance, row.agreement.id))


class _About:
    """What there is to say about one agreement."""

    def __init__(self, agreement, period, result, past, today):
        self.agreement, self.period, self.result, self.past = agreement, period, result, past
        self.today = today
        self.expected = result.earned if result.expected is None else result.expected

    def near_miss(self):
        """Say that little is missing to the next tier."""
        shown = self.result.nearest
        if not shown.next_tier or shown.to_next <= 0:
            return None
        goal = shown.case.value + shown.to_next
        if goal <= 0 or shown.to_next * HUNDRED > goal * near_percent(self.agreement.company_id):
            return None
        return self._row(
            "near_miss",
            shown.to_next * HUNDRED / goal,
            self.result.gain(shown),
            shown.to_next,
            rule=shown.rule,
            missing=shown.to_next,
            goal=goal,
        )

    def near_loss(self):
        """Say that the tier of the period before, or one that is reached, will be missed."""
        at_end = self.result.at_end
        if not at_end or self._is_early():
            return None
        losses = []
        for then in at_end.rules:
            now = self.result.rule_result(then.rule)
            held = max(self._held(then), _position(now))
            if held <= _position(then) or not then.case.goals:
                continue
            goal = then.case.goals[held]
            missing = goal - then.case.value
            if goal > 0 and missing > 0:
                earned = round_half_up(then.case.outcome_at(goal).earned, then.case.terms.coin)
                losses.append((max(earned - then.earned, ZERO), missing, goal, then))
        if not losses:
            return None
        worth, missing, goal, then = max(losses, key=lambda loss: (loss[0], -loss[1]))
        return self._row(
            "near_loss",
            missing * HUNDRED / goal,
            worth,
            missing,
            rule=then.rule,
            missing=missing,
            goal=goal,
            foreseen=then.case.value,
        )

    def silent(self):
        """Say that nothing is bought any more."""
        whole = self._before(1)
        return self._row(
            "silent", HUNDRED, self._lost(), whole, before=whole, days=Decimal(SILENT_DAYS)
        )

    def compared(self):
        """Say that much more, or less, is bought than a year before."""
        before, whole = self._before(0), self._before(1)
        if before <= 0 or self._is_early():
            return None
        now = Decimal(self.result.forecast["so_far"])
        percent = (now - before) * HUNDRED / before
        facts = {"now": now, "before": before, "percent": abs(percent)}
        if percent >= GROWTH_PERCENT:
            worth = max(self.expected - self._earned_a_year_ago(), ZERO)
            return self._row("growth", percent, worth, now - before, **facts)
        if percent <= -BEHIND_PERCENT:
            missing = max(whole - Decimal(self.result.forecast["value"]), ZERO)
            return self._row("behind", -percent, self._lost(), missing, **facts)
        return None

    def _held(self, then):
        """The position, in the scale of a rule, of the tier that the period before reached; -1
        without one."""
        before = [accrual for accrual in self.past if accrual.date_to < self.period[0]]
        if not before:
            return -1
        last = max(before, key=lambda accrual: accrual.date_to)
        tier = last.line_ids.filtered(lambda line: line.rule_id == then.rule).tier_id
        ids = then.case.terms.tier_ids
        return ids.index(tier.id) if len(tier) == 1 and tier.id in ids else -1

    def _is_early(self):
        facts = self.result.forecast
        return bool(facts) and facts["elapsed"] < EARLY * facts["days"]

    def _before(self, place):
        """Last year's purchases, to the same day or in the whole of the period."""
        facts = self.result.forecast
        return Decimal(facts["before"][place]) if facts else ZERO

    def _earned_a_year_ago(self):
        first, last = years_before(*self.period, 1)
        return sum(
            (
                # What the ORM read is a float; as it is written it is exact.
                Decimal(str(accrual.earned_amount))
                for accrual in self.past
                if accrual.date_from >= first and accrual.date_to <= last
            ),
            ZERO,
        )

    def _lost(self):
        return max(self._earned_a_year_ago() - self.expected, ZERO)

    def _row(self, kind, distance, worth, effort, rule=None, **facts):
        env, date_to = self.agreement.env, self.period[1]
        rule = rule or self.result.nearest.rule
        told = {name: str(round(value, 4)) for name, value in facts.items()}
        return Nearness(
            self.agreement,
            kind,
            round_half_up(distance, Decimal("0.1")),
            worth,
            round_half_up(worth * HUNDRED / effort, Decimal("0.01")) if effort > 0 else ZERO,
            (date_to - self.today).days,
            tell(env, kind, rule, told, worth, date_to),
            date_to,
            rule,
            told,
        )


def near_percent(company) -> Decimal:
    """How much may be missing to a tier, in percent of its threshold, to be near it."""
    # It is no secret of the company to whoever may see its agreements.
    return Decimal(str(company.sudo().rebate_near_percent))


def tell(env, kind, rule, facts: dict, worth, date_to) -> str:
    """Say why an agreement is worth a call, in the reader's language.

    :param facts: those of :class:`Nearness`, numbers as decimal text
    """
    values = {name: Decimal(value) for name, value in facts.items()}
    if kind == "near_miss":
        return word_next(env, rule, values["missing"], values["goal"], worth, date_to)
    if kind == "near_loss":
        wording = {
            "missing": rule._format_purchases(values["missing"]),
            "goal": rule._format_purchases(values["goal"]),
            "foreseen": rule._format_purchases(values["foreseen"]),
            "day": format_date(env, date_to),
        }
        if worth > 0:
            return env._(
                "%(foreseen)s expected by %(day)s: %(missing)s too little for the tier from"
                " %(goal)s, which costs %(worth)s",
                worth=format_amount(env, float(worth), rule.currency_id),
                **wording,
            )
        return env._(
            "%(foreseen)s expected by %(day)s: %(missing)s too little for the tier from %(goal)s",
            **wording,
        )
    program = rule.program_id

    def counted(value):
        if program.measure == "quantity":
            return format_quantity(env, value, program.uom_id.name)
        return format_amount(env, float(value), program.currency_id)

    if kind == "silent":
        return env._(
            "Nothing bought for %(days)s days or more; %(before)s in this period last year",
            days=round(values["days"]),
            before=counted(values["before"]),
        )
    wording = {
        "now": counted(values["now"]),
        "percent": round(values["percent"]),
        "before": counted(values["before"]),
    }
    if kind == "growth":
        return env._(
            "%(now)s so far, %(percent)s %% more than by this day last year (%(before)s)", **wording
        )
    return env._(
        "%(now)s so far, %(percent)s %% less than by this day last year (%(before)s)", **wording
    )


def _position(rule_result):
    """The position of the tier that is reached, -1 without one."""
    reached = rule_result.outcome.reached if rule_result else None
    return -1 if reached is None else reached


def _past_accruals(agreements):
    """The accruals of past periods, by agreement id."""
    today = fields.Date.context_today(agreements)
    accruals = agreements.env["rebate.accrual"].search(
        [("agreement_id", "in", agreements.ids), ("date_to", "<", today)]
    )
    return {agreement.id: list(own) for agreement, own in accruals.grouped("agreement_id").items()}


def _silent(found):
    """Find the agreements by which something was bought in this period a year ago, and nothing of
    late: measured as the rebate is, so that what does not count breaks no silence."""
    asked = [
        agreement
        for agreement, (_period, result) in found.items()
        if result.forecast and Decimal(result.forecast["before"][1]) > 0
    ]
    if not asked:
        return set()
    env = asked[0].env
    today = fields.Date.context_today(asked[0])
    first = today - timedelta(days=SILENT_DAYS - 1)
    windows = [Window(agreement.id, agreement.id, first, today, True) for agreement in asked]
    bought = env["rebate.measure"]._purchases(windows)
    return {
        agreement
        for agreement in asked
        if not bought.get(PurchaseKey(agreement.id), NOTHING).invoice_count
    }
