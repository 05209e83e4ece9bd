"""What rules count by is kept: a product, category or tag that a rule of an offered program names
is not deleted."""

from odoo import Command
from odoo.exceptions import UserError

from ...tools.product_filter import named_records
from ...tools.trust import trusted

FILTERS = ("product_domain", "qualifier_domain")
# The fields that name records of a model; the database keeps these as long as a rule names them.
SCOPE_OF = {
    "product.product": "product_ids",
    "product.category": "product_category_ids",
    "product.tag": "product_tag_ids",
}


def keep_scope(rules, records):
    """Refuse to delete what rules count by, where the rule would lose it for good or belongs to
    a program that was offered; take it out of the rules of drafts that name more.

    :param rules: an empty recordset
    :param records: products, categories or tags that are about to be deleted
    :raise UserError: naming the rule and its program
    """
    name = SCOPE_OF.get(records._name)
    # Whoever deletes a product need not see the rules that it is named by.
    rules_sudo = rules.sudo().with_context(active_test=False)
    naming = rules_sudo.search([(name, "in", records.ids)]) if name else rules_sudo
    for rule in naming:
        left = any(
            rule[other] - records if other == name else rule[other] for other in SCOPE_OF.values()
        )
        if rule.program_id.state != "draft" or not (left or rule._filters_products()):
            raise UserError(_named_message(rule, rule[name] & records))
    for rule in rules_sudo.search(
        [
            ("program_id.state", "!=", "draft"),
            "|",
            ("product_domain", "like", "id"),
            ("qualifier_domain", "like", "id"),
        ]
    ):
        for filter_name in FILTERS:
            if named := records.browse(_named_by(rule, filter_name, records._name)) & records:
                raise UserError(_named_message(rule, named))
    for rule in naming:
        trusted(rule).write({name: [Command.unlink(record.id) for record in records]})


def _named_by(rule, name, model):
    """The ids of a model's records that a filter names."""
    if not rule._is_filter_used(name):
        return ()
    try:
        domain = rule._filter(name)
    except UserError:
        # A program that cannot be computed keeps nobody from anything.
        return ()
    return named_records(rule.env, domain).get(model, ())


def _named_message(rule, named):
    return rule.env._(
        "“%(record)s” cannot be deleted: rule “%(rule)s” of program “%(program)s” counts by it."
        " Archive it, or take it out of the rule first.",
        record=named[:1].display_name,
        rule=rule.display_name,
        program=rule.program_id.display_name,
    )
