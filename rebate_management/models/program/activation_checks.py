"""What a program needs before it is offered: each check refuses in a sentence that says what is
missing and where it is entered."""

from odoo.exceptions import UserError


def check_taxes(program):
    """The taxes of the payout product need such a product."""
    if program.tax_policy == "product" and not program.payout_product_id:
        raise UserError(
            program.env._(
                "Program “%s” takes the taxes of its payout product, but has none. Choose a"
                " product on the tab “Payout”, or another tax policy.",
                program.display_name,
            )
        )


def check_rules(program):
    """There is a rule."""
    if not program.rule_ids:
        raise UserError(
            program.env._(
                "Program “%s” has no rule. Add one on the tab “Rules”, with at least one tier.",
                program.display_name,
            )
        )


def check_end(program):
    """A program that counts over its whole run ends some day."""
    if program.period_type == "program" and not program.date_end:
        raise UserError(
            program.env._(
                "Program “%s” counts over its whole run, but has no last day. Enter the date"
                " until which it runs, or choose another period.",
                program.display_name,
            )
        )


def check_tiers(program):
    """Each rule has a tier, and what is counted in units has a unit."""
    for rule in program.rule_ids:
        if not rule.tier_ids:
            raise UserError(rule._no_tiers_message())
        program._check_unit(rule, rule.tier_ids)


def check_accounts(program):
    """There are the accounts and journals that it will be booked by."""
    if not program.expense_account_id:
        raise UserError(
            program.env._(
                "Program “%s” has no rebate account, so its credit notes could not be posted."
                " Choose one on the tab “Accounting”.",
                program.display_name,
            )
        )
    if missing := program._missing_to_accrue():
        raise UserError(missing)


def check_products(program):
    """What rules are limited to is there and can be found, and a program for certain products names
    them."""
    for rule in program.rule_ids:
        if rule._lost_scope():
            raise UserError(rule._lost_scope_message())
    program.rule_ids._check_filters()
    if rule := program._rules_without_products()[:1]:
        raise UserError(
            program.env._(
                "Program “%(program)s” rewards certain products, but its rule “%(rule)s” names"
                " none and would count everything. Choose products, categories, tags or a"
                " filter in the rule, or the type “Volume” for the program.",
                program=program.display_name,
                rule=rule.display_name,
            )
        )


# In the order in which they are told.
CHECKS = (check_taxes, check_rules, check_end, check_tiers, check_accounts, check_products)
