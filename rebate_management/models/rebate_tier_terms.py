"""A rule's tiers are terms of its program; a distributor's own are not."""

from odoo import fields, models


class RebateTier(models.Model):
    _name = "rebate.tier"
    _inherit = ["rebate.tier", "rebate.terms"]
    _not_terms = frozenset({"amends_id"})
    _terms_parents = frozenset({"rule_id", "agreement_id"})

    amends_id = fields.Many2one(
        "rebate.tier",
        string="Amended Tier",
        ondelete="set null",
        index="btree_not_null",
        copy=False,
        readonly=True,
        help="The tier of the running program that this one takes the place of.",
    )

    def _typing_state(self):
        return "own" if self.agreement_id else super()._typing_state()

    def _terms_programs(self):
        return self.filtered(lambda tier: not tier.agreement_id).rule_id.program_id

    def _terms_place(self, name):
        if not name:
            return self.env._(
                "the tier %(tier)s of the rule “%(rule)s”",
                tier=self.display_name,
                rule=self.rule_id.display_name,
            )
        return self.env._(
            "“%(field)s” of the tier %(tier)s of the rule “%(rule)s”",
            field=self._fields[name]._description_string(self.env),
            tier=self.display_name,
            rule=self.rule_id.display_name,
        )
