"""From the terms of a program to a draft in which they change, and back when they are applied."""

from odoo.exceptions import UserError
from odoo.tools import format_list

from ...tools.trust import trusted
from .rebate_terms import FIXED_TERMS


def draft_amendment(program):
    """Copy the program, for its terms to be changed aside."""
    # Products that the manager may not see are part of the terms all the same.
    draft = trusted(program.sudo().with_context(tracking_disable=True)).copy(
        program._term_vals() | {"active": False, "amends_id": program.id}
    )
    for rule, twin in zip(program.rule_ids.sorted("id"), draft.rule_ids.sorted("id"), strict=True):
        twin.amends_id = rule
        for tier, twin_tier in zip(
            rule.tier_ids.sorted("id"), twin.tier_ids.sorted("id"), strict=True
        ):
            twin_tier.amends_id = tier
    return program.browse(draft.id)


def take_terms(program, draft):
    """Take over the terms of an amendment's draft. Rules and tiers that stay keep their ids,
    new rules move over from the draft.

    :raise UserError: when a rule is given up for which distributors have tiers of their own
    """
    program = trusted(program.with_context(tracking_disable=True))
    vals = draft._term_vals()
    program.write({name: vals[name] for name in vals if name not in FIXED_TERMS})
    twins = {twin.amends_id: twin for twin in draft.rule_ids if twin.amends_id in program.rule_ids}
    dropped = program.rule_ids.filtered(lambda rule: rule not in twins)
    _check_no_own_tiers(dropped)
    dropped.unlink()
    for rule in program.rule_ids:
        _take_rule_terms(rule, twins[rule])
    new = draft.rule_ids.filtered(lambda rule: rule not in twins.values())
    trusted(new).write({"program_id": program.id, "amends_id": False})


def _take_rule_terms(rule, twin):
    """Take over the terms of another rule, keeping the tiers that stay or only move.

    :param twin: the rule of an amendment that takes this one's place
    """
    if rule.name != twin.name:
        translations = rule._fields["name"]._get_stored_translations(twin)
        rule.update_field_translations("name", translations)
    rule.write(twin._term_vals())
    kept = _match_tiers(rule, twin)
    # In this order no two tiers ever have one threshold: a tier that moves takes one that no
    # other had.
    rule.tier_ids.filtered(lambda own: own not in kept).unlink()
    for own, tier in kept.items():
        own.write(tier._term_vals())
    rule.tier_ids.create(
        [
            tier._term_vals() | {"rule_id": rule.id}
            for tier in twin.tier_ids
            if tier not in kept.values()
        ]
    )


def _match_tiers(rule, twin):
    """Find which tiers stay: those whose threshold stays, and those that move to a new one.

    :return: by tier of this rule, the tier of the twin that takes its place
    """
    at = {own.threshold: own for own in rule.tier_ids}
    matched = {at[tier.threshold]: tier for tier in twin.tier_ids if tier.threshold in at}
    for tier in twin.tier_ids:
        own = rule.tier_ids & tier.amends_id
        if own and own not in matched and tier not in matched.values():
            matched[own] = tier
    return matched


def _check_no_own_tiers(rules):
    """Refuse to give up rules for which distributors have tiers of their own.

    :raise UserError: naming the agreements
    """
    # An agreement that the manager may not open loses its tiers all the same.
    tiers_sudo = rules.env["rebate.tier"].sudo()
    own = tiers_sudo.search([("rule_id", "in", rules.ids), ("agreement_id", "!=", False)])
    for rule, tiers in own.grouped("rule_id").items():
        raise UserError(
            rule.env._(
                "The amendment gives up the rule “%(rule)s”, for which distributors have tiers"
                " of their own: %(agreements)s. Delete these own tiers first, or keep the"
                " rule.",
                rule=rule.display_name,
                agreements=format_list(rule.env, tiers.agreement_id.mapped("display_name")),
            )
        )
