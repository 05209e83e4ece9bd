"""The terms of a program in sentences: told from frozen terms, in the language of the environment,
so that a statement says the same whenever it is printed.

Frozen terms are what ``rebate.program._snapshot`` tells; amounts are in the program's currency.
"""

from decimal import Decimal

from odoo.tools import format_amount, format_date, format_list

from ...tools.formats import format_quantity
from .choices import tell
from .qualifiers import QUALIFIER_MEASURES, QUALIFIERS
from .tier_methods import TIER_METHODS


def terms_in_words(env, frozen, currency):
    """Tell the terms of a program.

    :param frozen: see ``rebate.program._snapshot``
    :param currency: the program's
    :return: sentences; none of terms that were never frozen
    """
    terms = frozen.get("terms")
    if not terms:
        return []
    return [
        sentence
        for sentence in (
            _period(env, terms),
            _purchases(env, terms),
            _tiers(env, terms, frozen.get("rules", ())),
            *_limits(env, terms, currency),
            _claim(env, terms),
            _payout(env, terms),
        )
        if sentence
    ]


def rule_in_words(env, rule, terms, currency):
    """Tell what a rule counts and what reaches its tiers.

    :param rule: of the frozen terms
    :param terms: the program's frozen terms
    :param currency: the program's
    :return: sentences
    """
    own = rule["terms"]
    sentences = [env._("What counts: %s.", rule.get("counts") or "–")]
    # Of what an addon brought that is gone there are no words.
    if qualifier := QUALIFIERS.get(own.get("qualifier")):
        sentences.append(tell(env, qualifier.sentence))
    if measure := QUALIFIER_MEASURES.get(own.get("qualifier_measure")):
        is_growth = measure.function.against == "baseline"
        sentences.append(_growth(env, own) if is_growth else tell(env, measure.sentence))
    if own.get("max_measure"):
        sentences.append(
            env._(
                "Purchases beyond %s in a period earn nothing.",
                _measure(env, own["max_measure"], terms, currency),
            )
        )
    return list(filter(None, sentences))


def is_by_growth(own, terms):
    """Tell whether growth reaches the tiers of a rule.

    :param own: the frozen terms of the rule
    :param terms: those of its program
    """
    measure = QUALIFIER_MEASURES.get(own.get("qualifier_measure") or terms.get("measure"))
    return bool(measure) and measure.function.against == "baseline"


def scale_in_words(rule):
    """Tell the tiers of a rule as it is written at the moment, saved or not.

    :param rule: a rule
    :return: sentences
    """
    env = rule.env
    tiers = rule.tier_ids.sorted("threshold")
    if not tiers:
        return [env._("Nothing is paid yet: there is no tier.")]
    scale = format_list(
        env,
        [
            env._("%(rate)s from %(threshold)s", rate=rate, threshold=threshold)
            for rate, threshold in (
                (tier._format_rate(), tier._format_threshold()) for tier in tiers
            )
        ],
    )
    return [env._("It pays %s.", scale)]


def live_rule_in_words(rule):
    """Tell a rule as it is written at the moment, saved or not, as a statement will tell it.

    :param rule: a rule, whose program may be new as well
    :return: sentences
    """
    terms, own = live_terms(rule.program_id), live_rule_terms(rule)
    currency = rule.currency_id or rule.env.company.currency_id
    counts, *others = rule_in_words(rule.env, own, terms, currency)
    method = [] if is_by_growth(own["terms"], terms) else [_method(rule.env, terms)]
    return [counts, *scale_in_words(rule), *method, *others]


def live_terms(program):
    """The terms of a program as it is written at the moment, saved or not, as far as words need
    them. What is frozen of a program needs records that are stored."""
    names = (
        *("period_type", "settlement_period", "basis", "early_discount_counts", "include_refunds"),
        *("count_services", "measure", "tier_method", "max_payout", "guaranteed_payout"),
        *("min_payout", "final_rest", "claim_required", "claim_deadline_days", "payout_method"),
        *("payout_delay_days", "clawback_policy", "date_start", "date_end"),
    )
    unit = program.uom_id
    defaults = program.default_get(["measure", "tier_method"]) if not program else {}
    terms = {name: program[name] or defaults.get(name, program[name]) for name in names}
    return terms | {"uom_id": [{"name": unit.name}] if unit else []}


def live_rule_terms(rule):
    """A rule as it is written at the moment, see :func:`live_terms`."""
    names = (
        *("qualifier", "qualifier_measure", "max_measure", "growth_reward"),
        *("baseline", "baseline_years", "baseline_skip_empty"),
    )
    return {
        "name": rule.name or "",
        "counts": rule.scope_summary,
        "terms": {name: rule[name] for name in names},
    }


def live_program_in_words(program):
    """Tell a program as it is written at the moment, saved or not, as a statement will tell it.

    :return: sentences; none where what they need is missing yet
    """
    terms = live_terms(program)
    needed = ("date_start", "period_type", "settlement_period", "basis", "tier_method")
    if not all(terms[name] for name in needed):
        return []
    rules = [live_rule_terms(rule) for rule in program.rule_ids]
    currency = program.currency_id or program.env.company.currency_id
    return terms_in_words(program.env, {"terms": terms, "rules": rules}, currency)


def _period(env, terms):
    values = {
        "first": format_date(env, terms["date_start"]),
        "last": terms.get("date_end") and format_date(env, terms["date_end"]),
        "period": _label(env["rebate.program"], "period_type", terms["period_type"]),
        "pays": _label(env["rebate.program"], "settlement_period", terms["settlement_period"]),
    }
    if terms.get("date_end"):
        time = env._("The program runs from %(first)s to %(last)s.", **values)
    else:
        time = env._("The program has run since %(first)s.", **values)
    if terms["period_type"] == terms["settlement_period"]:
        counting = env._("Purchases are counted and rebates paid by: %(period)s.", **values)
    else:
        counting = env._(
            "Purchases are counted by: %(period)s. Rebates are paid by: %(pays)s.", **values
        )
    return f"{time} {counting}"


def _purchases(env, terms):
    if terms["basis"] == "paid":
        when = env._("Purchases count, without taxes, when they are paid.")
        if terms.get("early_discount_counts"):
            discount = env._("A discount for early payment counts as paid.")
            when = f"{when} {discount}"
    else:
        when = env._("Purchases count, without taxes, when they are invoiced.")
    if terms.get("include_refunds"):
        returns = env._("Returns are deducted.")
    else:
        returns = env._("Returns are not deducted.")
    sentences = [when, returns]
    # Settlements frozen before services had a say tell nothing of them.
    if terms.get("uom_id") and "count_services" in terms:
        sentences.append(
            env._("Units are those of goods and services.")
            if terms["count_services"]
            else env._("Units are those of goods that were paid for, not of services.")
        )
    return " ".join(sentences)


def _tiers(env, terms, rules):
    """Tell how tiers apply. Growth says itself what it pays on: by how the tiers of its rule apply
    nothing is paid, so nothing is said of it."""
    by_growth = [rule for rule in rules if is_by_growth(rule["terms"], terms)]
    if by_growth and len(by_growth) == len(rules):
        return ""
    sentence = _method(env, terms)
    if by_growth:
        names = format_list(env, [rule["name"] for rule in by_growth])
        but = env._("Not so by growth (%s): there the rule says what its rate is paid on.", names)
        return f"{sentence} {but}"
    return sentence


def _method(env, terms):
    if method := TIER_METHODS.get(terms["tier_method"]):
        return tell(env, method.sentence)
    # The addon that brought the method is gone, but not what was paid by it.
    label = env["rebate.program"]._fields["tier_method"]._description_string(env)
    return f"{label}: {terms['tier_method']}"


def _limits(env, terms, currency):
    limits = {
        "max_payout": env._("A period earns at most %s."),
        "guaranteed_payout": env._("A period earns at least %s."),
        "min_payout": env._("Less than %s is carried over to the next payout."),
    }
    sentences = [
        sentence % format_amount(env, terms[name], currency)
        for name, sentence in limits.items()
        if terms.get(name)
    ]
    if terms.get("min_payout") and terms.get("final_rest"):
        sentences.append(
            env._("What is less at the end of the agreement is paid.")
            if terms["final_rest"] == "pay"
            else env._("What is less at the end of the agreement is not paid.")
        )
    return sentences


def _claim(env, terms):
    if terms.get("claim_required"):
        return env._(
            "The rebate is to be claimed within %s days after the period; what is not claimed"
            " by then expires.",
            terms["claim_deadline_days"],
        )
    return ""


def _payout(env, terms):
    if terms["payout_method"] == "vendor_bill":
        document = env._("The rebate is paid as on a bill of yours.")
    else:
        document = env._("The rebate is paid by credit note.")
    sentences = [document]
    if terms.get("payout_delay_days"):
        sentences.append(
            env._(
                "It is due %s days after the end of what it is paid for.",
                terms["payout_delay_days"],
            )
        )
    if terms["clawback_policy"] == "invoice":
        sentences.append(env._("What was paid too much is invoiced."))
    else:
        sentences.append(env._("What was paid too much is made up for by later rebates."))
    return " ".join(sentences)


def _growth(env, own):
    baseline = _label(env["rebate.rule"], "baseline", own["baseline"])
    if own["baseline"] == "average":
        years = own["baseline_years"]
        # Terms that were frozen before there was a choice counted empty years as nothing.
        if own.get("baseline_skip_empty"):
            years = env._("%s, without empty ones", years)
        baseline = f"{baseline} ({years})"
    return env._(
        "The tiers are reached by growth, compared with: %(baseline)s. The rate is paid"
        " on: %(reward)s.",
        baseline=baseline,
        reward=_label(env["rebate.rule"], "growth_reward", own["growth_reward"]),
    )


def _measure(env, value, terms, currency):
    if terms.get("measure") == "quantity":
        unit = terms.get("uom_id")
        return format_quantity(env, Decimal(str(value)), unit[0]["name"] if unit else "")
    return format_amount(env, value, currency)


def _label(model, name, value):
    """The label of a value of a selection; nothing of one that is gone."""
    return dict(model._fields[name]._description_selection(model.env)).get(value, "")
