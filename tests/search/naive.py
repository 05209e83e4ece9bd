"""What distributors should have earned, in the slowest and plainest way.

It shares no code with what it checks, and knows only the formats of the programs in ``world.py``.
"""

from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from .naive_purchases import NaivePurchases, exact

NOTHING = Fraction(0)


def cents(fraction):
    """Rounded half up to cents, as the float the ORM would hold."""
    tiny = Decimal(fraction.numerator) / Decimal(fraction.denominator)
    return float(tiny.quantize(Decimal("0.01"), ROUND_HALF_UP))


def amount_of(lines):
    return sum((line.amount for line in lines), NOTHING)


class Naive(NaivePurchases):
    """Figures as of the moment it is made, optionally only of what was bought up to a day."""

    def figures(self, agreement, first, last):
        """What an accrual should hold: purchases, quantity, earned, and earned by rule."""
        program = agreement.program_id
        bought = self.counted(agreement, first, last, program.rule_ids)
        rules, earned = self._decided(agreement, first, last)
        if self._is_beaten(agreement, first, last):
            earned = 0.0
        return {
            "purchases": cents(amount_of(bought)),
            "quantity": round(float(self._units(program, bought)), 4),
            "earned": earned,
            "rules": rules,
        }

    def _units(self, program, bought):
        if not program.uom_id:
            return NOTHING
        units = (line.quantity for line in bought if program.count_services or not line.is_service)
        return sum(units, NOTHING) / exact(program.uom_id.factor)

    def _lowered(self, number, part):
        """A value of the whole period for a part of it."""
        return exact(number) if part == 1 else exact(cents(exact(number) * part))

    def _decided(self, agreement, first, last):
        """What each rule earns, and what they earn together within the limits."""
        program = agreement.program_id
        if not self._shares_days(agreement, first, last):
            return dict.fromkeys(program.rule_ids, 0.0), 0.0
        part = self._part(agreement, first, last)
        rules = {
            rule: cents(self._rebate(rule, agreement, first, last, part))
            for rule in program.rule_ids
        }
        earned = sum(map(exact, rules.values()), NOTHING)
        if program.max_payout:
            earned = min(earned, self._lowered(program.max_payout, part))
        guaranteed = exact(self._lowered(program.guaranteed_payout, part))
        # owed by the days that have passed
        passed = (min(last, self.day) - first).days + 1
        by_days = Fraction(max(passed, 0), (last - first).days + 1)
        return rules, cents(max(earned, self._lowered(guaranteed, by_days)))

    def _rebate(self, rule, agreement, first, last, part):
        """What a rule earns, not rounded yet."""
        program = agreement.program_id
        bought = self.counted(agreement, first, last, rule)
        amount, units = amount_of(bought), self._units(program, bought)
        tiers = self._tiers(rule, agreement, part)
        if rule.qualifier == "program":
            value = self._units(program, self.counted(agreement, first, last, program.rule_ids))
        else:
            value = units if program.measure == "quantity" else amount
        if rule.qualifier_measure in ("growth_percent", "growth_amount"):
            return self._growth(rule, agreement, first, last, tiers, amount, part)
        if rule.qualifier_measure == "target_percent":
            target = self._lowered(agreement.target_amount, part)
            if not target:
                return NOTHING
            value = amount * 100 / target
        reached = [tier for tier in tiers if value >= tier[0]]
        if program.reduced_by_program_ids:
            amount -= self._reduction(rule, agreement, first, last)
        if program.tier_method == "incremental":
            return self._by_bands(reached, min(value, exact(rule.max_measure) or value))
        base = {
            "percent": max(amount, NOTHING) / 100,
            "per_unit": max(units, NOTHING),
            "fixed": Fraction(1),
        }
        if program.tier_method == "rolling":
            # each on what lies below the next threshold, the highest on everything
            ends = [tier[0] for tier in reached[1:]] + [value]
            parts = zip(reached, ends[: len(reached)], strict=True)
            return sum(
                (
                    rate * base[rate_type] * (end / value if end != value else 1)
                    for (_from, rate, rate_type), end in parts
                ),
                NOTHING,
            )
        paying = reached if program.tier_method == "total" else reached[-1:]
        return sum((rate * base[rate_type] for _from, rate, rate_type in paying), NOTHING)

    def _tiers(self, rule, agreement, part):
        """The agreement's own tiers or the rule's: threshold, rate, what the rate is."""
        own = agreement.tier_ids.filtered(lambda tier: tier.rule_id == rule)
        in_time = part if rule.qualifier_measure in (False, "growth_amount") else 1
        return sorted(
            (
                self._lowered(tier.threshold, in_time),
                self._lowered(tier.rate, part if tier.rate_type == "fixed" else 1),
                tier.rate_type,
            )
            for tier in own or rule.tier_ids
        )

    def _by_bands(self, reached, most):
        ends = [tier[0] for tier in reached[1:]] + [most]
        parts = zip(reached, ends[: len(reached)], strict=True)
        return sum(
            (
                max(min(end, most) - start, NOTHING) * rate / 100
                for (start, rate, _type), end in parts
            ),
            NOTHING,
        )

    def _growth(self, rule, agreement, first, last, tiers, amount, part):
        """The rate that growth over the baseline reaches, on everything or the excess."""
        years = rule.baseline_years if rule.baseline == "average" else 1
        after = last + timedelta(days=1)
        before = [
            self.counted(
                agreement,
                self._years_before(first, ago),
                self._years_before(after, ago) - timedelta(days=1),
                rule,
                is_baseline=True,
            )
            for ago in range(1, years + 1)
        ]
        if rule.baseline == "average" and rule.baseline_skip_empty:
            before = [bought for bought in before if bought]
        baseline = sum(map(amount_of, before)) / len(before) if before else NOTHING
        if baseline <= 0:
            baseline = self._lowered(agreement.baseline_amount, part)
        if baseline <= 0:
            return NOTHING
        growth = amount - baseline
        if rule.qualifier_measure == "growth_percent":
            growth = growth * 100 / baseline
        rates = [rate for threshold, rate, _type in tiers if growth >= threshold]
        base = max(amount if rule.growth_reward == "all" else amount - baseline, NOTHING)
        return base * rates[-1] / 100 if rates else NOTHING

    def _years_before(self, day, years):
        last = 28 if (day.month, day.day) == (2, 29) and years % 4 else day.day
        return day.replace(year=day.year - years, day=last)

    # ------------------------------------------------------------------
    # Other programs
    # ------------------------------------------------------------------

    def _rivals(self, agreement, programs, first, last):
        """Periods of the same distributor's agreements in other programs that share days."""
        return [
            (other, *period)
            for program in programs.sorted(lambda p: (p.sequence, p.id))
            if program.state != "draft"
            for other in self._enrolled(program)
            if other.partner_id == agreement.partner_id
            for period in self.periods(other, last)
            if period[0] <= last and period[1] >= first
        ]

    def _reduction(self, rule, agreement, first, last):
        """What other programs earned on the invoice lines that this rule counts too."""
        total = NOTHING
        for other, start, end in self._rivals(
            agreement, agreement.program_id.reduced_by_program_ids, first, last
        ):
            if self._is_beaten(other, start, end):
                continue
            their_rule = other.program_id.rule_ids
            theirs = self.counted(other, start, end, their_rule)
            ours = {line.line for line in self.counted(agreement, first, last, rule)}
            both = amount_of(line for line in theirs if line.line in ours)
            whole = amount_of(theirs)
            earned = exact(self._decided(other, start, end)[1])
            tiers = self._tiers(their_rule, other, Fraction(1))
            if any(rate_type == "fixed" for _from, _rate, rate_type in tiers):
                # all of it at most, and nothing at least
                total += earned * (min(both / whole, 1) if whole > 0 else 1) if both > 0 else 0
            elif whole:
                total += earned * both / whole
        return total

    def _is_beaten(self, agreement, first, last):
        """Whether another program of the group pays more for these days, or as much and comes
        first."""
        program = agreement.program_id
        if program.stacking_group_id.method != "best":
            return False
        rivals = self._rivals(agreement, program.stacking_group_id.program_ids, first, last)
        best = max(rivals, key=lambda rival: self._decided(*rival)[1], default=(agreement,))
        return best[0].program_id != program
