"""Every cent explains itself: a result is kept as facts, and told from them in sentences, in the
reader's language and formats.

Facts are those of :class:`RuleResult` and :class:`Result`; currencies are the program's.
"""

from decimal import Decimal

from odoo.tools import format_amount

from ...engine.qualifying import MEASURES
from ...tools.formats import format_quantity, format_rate


def explain(env, facts: dict, currency) -> str:
    """Say in one sentence how a rebate came about, in the reader's language and formats.

    :param facts: see :class:`RuleResult`
    :param currency: the program's currency
    """
    if not facts:
        return ""
    sentences = [_earned(env, facts, currency)]
    sentences += [
        env._(
            "The amount that earns is lowered by %(amount)s, which “%(program)s” pays on it.",
            amount=format_amount(env, float(reduction["amount"]), currency),
            program=reduction["program"],
        )
        for reduction in facts["reductions"]
    ]
    if facts.get("baseline_days"):
        count, of, whole = facts["baseline_days"]
        sentences.append(
            env._(
                "Compared by days: the baseline is that of %(days)s of the %(of)s days of the"
                " period before, in which %(purchases)s were bought.",
                days=count,
                of=of,
                purchases=_write_purchases(env, facts, whole, currency),
            )
        )
    if facts.get("baseline_years"):
        count, of = facts["baseline_years"]
        sentences.append(
            env._(
                "The average is of the %(count)s of %(of)s years in which anything was bought.",
                count=count,
                of=of,
            )
        )
    if facts["days"]:
        sentences.append(
            env._(
                "Pro rata for %(days)s of the period's %(of)s days.",
                days=facts["days"][0],
                of=facts["days"][1],
            )
        )
    if facts.get("unitless"):
        sentences.append(
            env._("Invoice lines without a unit of measure count as money, not as units.")
        )
    return " ".join(sentences)


def explain_limits(env, facts: dict, currency) -> list[str]:
    """Say what changed the sum of the rules: a limit of the program, or a better program.

    :param facts: see :class:`Result`
    :return: no sentence or one
    """
    if not facts:
        return []
    if facts["beaten_by"]:
        return [
            env._(
                "“%s” pays more for the period, and of its stacking group only the best"
                " program pays.",
                facts["beaten_by"],
            )
        ]
    total, earned = Decimal(facts["total"]), Decimal(facts["earned"])
    if total == earned:
        return []
    if total < earned and (guarantee := facts.get("guarantee")):
        days, of_days = guarantee["days"]
        return [
            env._(
                "The program guarantees %(whole)s for the period: %(limit)s for %(days)s of its"
                " %(of_days)s days.",
                whole=format_amount(env, float(guarantee["whole"]), currency),
                limit=format_amount(env, float(earned), currency),
                days=days,
                of_days=of_days,
            )
        ]
    sentence = (
        env._("The program pays at most %(limit)s for the period.")
        if total > earned
        else env._("The program guarantees %(limit)s for the period.")
    )
    return [sentence % {"limit": format_amount(env, float(earned), currency)}]


def explain_forecast(env, forecast: dict, currency) -> str:
    """Say how the purchases at the end of the period are foreseen, and from what."""
    if not forecast:
        return ""

    def write(value):
        if forecast["measure"] == "amount":
            return format_amount(env, float(value), currency)
        return format_quantity(env, Decimal(value), forecast["unit"])

    values = {
        "so_far": write(forecast["so_far"]),
        "value": write(forecast["value"]),
        "elapsed": forecast["elapsed"],
        "days": forecast["days"],
        "before_so_far": write(forecast["before"][0]),
        "before": write(forecast["before"][1]),
    }
    if forecast["method"] == "seasonal":
        return env._(
            "Last year %(before_so_far)s of %(before)s were bought by this day; %(so_far)s so"
            " far make %(value)s by the end of the period.",
            **values,
        )
    if forecast["method"] == "run_rate":
        return env._(
            "%(so_far)s in %(elapsed)s of %(days)s days make %(value)s by the end of the period.",
            **values,
        )
    return env._("Nothing is foreseen beyond the purchases of %(so_far)s.", **values)


def write_value(env, facts, value, currency):
    """Write a value of what reaches the tiers: money, units or a growth."""
    measure = MEASURES.get(facts["value_in"])
    if measure and measure.in_percent:
        return format_rate(env, round(Decimal(value), 2), "percent", currency)
    return _write_purchases(env, facts, value, currency)


def write_rate(env, part, currency):
    """Write a rate with what it is: 5 %, 0.20 € per unit, 500.00 €.

    :param part: of the facts, a tier of the scale or a part that earned
    """
    return format_rate(env, Decimal(part["rate"]), part["rate_type"], currency)


def _earned(env, facts, currency):
    """The sentence of :func:`explain` that says what was earned."""
    if _against(facts):
        return _compared(env, facts, currency)
    value = _bought(env, facts, currency)
    if not facts["scale"]:
        return env._("Purchases of %(value)s; there are no tiers.", value=value)
    threshold = facts["scale"][0]["threshold"]
    if Decimal(facts["value"]) < Decimal(threshold):
        return env._(
            "Purchases of %(value)s have not reached the first tier, %(threshold)s.",
            value=value,
            threshold=write_value(env, facts, threshold, currency),
        )
    earned = format_amount(env, float(facts["earned"]), currency)
    parts = facts["parts"]
    if len(parts) == 1 and _applies_to_all(facts, parts[0]):
        return env._(
            "Purchases of %(value)s reached the tier from %(threshold)s; %(rate)s on all of it"
            " = %(earned)s.",
            value=value,
            threshold=write_value(env, facts, parts[0]["threshold"], currency),
            rate=write_rate(env, parts[0], currency),
            earned=earned,
        )
    return env._(
        "Purchases of %(value)s: %(parts)s = %(earned)s.",
        value=value,
        parts=" + ".join(_write_part(env, facts, part, currency) for part in parts)
        or format_amount(env, 0, currency),
        earned=earned,
    )


def _compared(env, facts, currency):
    """The sentence of :func:`_earned` where the tiers are reached by growth over a baseline
    or by percent of a target."""
    against = facts[_against(facts)]
    is_growth = _against(facts) == "baseline"
    values = {
        "purchases": _bought(env, facts, currency),
        "against": _write_purchases(env, facts, against, currency),
        "value": write_value(env, facts, facts["value"], currency),
        "parts": " + ".join(_write_part(env, facts, part, currency) for part in facts["parts"]),
        "earned": format_amount(env, float(facts["earned"]), currency),
    }
    if Decimal(against) <= 0:
        return (
            env._(
                "Purchases of %(purchases)s: there is no baseline to compare them with, so no"
                " growth is rewarded."
            )
            if is_growth
            else env._(
                "Purchases of %(purchases)s: the agreement has no target to compare them with,"
                " so nothing is earned."
            )
        ) % values
    if is_growth and not facts["parts"]:
        return env._(
            "Purchases of %(purchases)s against a baseline of %(against)s, a growth of"
            " %(value)s: no tier is reached.",
            **values,
        )
    if is_growth:
        return env._(
            "Purchases of %(purchases)s against a baseline of %(against)s, a growth of"
            " %(value)s: %(parts)s = %(earned)s.",
            **values,
        )
    if not facts["parts"]:
        return env._(
            "Purchases of %(purchases)s are %(value)s of the target of %(against)s: no tier is"
            " reached.",
            **values,
        )
    return env._(
        "Purchases of %(purchases)s are %(value)s of the target of %(against)s: %(parts)s ="
        " %(earned)s.",
        **values,
    )


def _against(facts):
    """What purchases are compared with; nothing where an addon that brought the measure is gone."""
    measure = MEASURES.get(facts["value_in"])
    return measure.against if measure else ""


def _bought(env, facts, currency):
    """Write what chose the tier, with the number of its invoices."""
    bought = _write_purchases(env, facts, facts["bought"], currency)
    if basis := facts.get("basis"):
        # Nothing where the addon that brought it is gone.
        source = env["rebate.measure"]._sources().get(basis)
        return source.tell(env, bought, facts["invoices"]) if source else bought
    if facts["invoices"] == 1:
        return env._("%(purchases)s on one invoice", purchases=bought)
    if not facts["invoices"]:
        return bought
    return env._("%(purchases)s on %(count)s invoices", purchases=bought, count=facts["invoices"])


def _applies_to_all(facts, part):
    """Tell whether a part was paid on just the value that reached the tier."""
    paid_in = {"percent": "amount", "per_unit": "quantity"}.get(part["rate_type"])
    same = paid_in == facts["value_in"] and Decimal(part["base"]) == Decimal(facts["value"])
    return same and Decimal(facts[paid_in]) == Decimal(facts["value"])


def _write_purchases(env, facts, value, currency):
    """Write what was bought, money or units."""
    if facts["counted"] == "amount":
        return format_amount(env, float(value), currency)
    return format_quantity(env, Decimal(value), facts["unit"])


def _write_part(env, facts, part, currency):
    """Write what one tier paid on: 5 % on 1,000.00 €, 0.20 € per unit on 70 kg, 500.00 €."""
    rate = write_rate(env, part, currency)
    if part["rate_type"] == "fixed":
        return rate
    if part["rate_type"] == "percent":
        base = format_amount(env, float(part["base"]), currency)
    else:
        base = format_quantity(env, Decimal(part["base"]), facts["unit"])
    return env._("%(rate)s on %(base)s", rate=rate, base=base)
