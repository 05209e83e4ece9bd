"""A rule and its tiers are terms of their program."""

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_list


class RebateRule(models.Model):
    _name = "rebate.rule"
    _inherit = ["rebate.rule", "rebate.terms"]
    _not_terms = frozenset({"amends_id"})
    _terms_parents = frozenset({"program_id"})

    amends_id = fields.Many2one(
        "rebate.rule",
        string="Amended Rule",
        ondelete="set null",
        index="btree_not_null",
        copy=False,
        readonly=True,
        help="The rule of the running program that this one takes the place of.",
    )

    def _terms_programs(self):
        return self.program_id

    def _terms_place(self, name):
        if not name:
            return self.env._("the rule “%s”", self.display_name)
        return self.env._(
            "“%(field)s” of the rule “%(rule)s”",
            field=self._fields[name]._description_string(self.env),
            rule=self.display_name,
        )

    def _freeze_terms(self):
        return {
            "id": self.amends_id.id or self.id,
            "name": self.name,
            "terms": super()._freeze_terms(),
            "tiers": [
                {"id": tier.amends_id.id or tier.id, "terms": tier._freeze_terms()}
                for tier in self.tier_ids.sorted("threshold")
            ],
        }

    def _take_terms(self, twin):
        """Take over the terms of another rule, keeping the tiers that stay or only move.

        :param twin: the rule of an amendment that takes this one's place
        """
        self.ensure_one()
        if self.name != twin.name:
            translations = self._fields["name"]._get_stored_translations(twin)
            self.update_field_translations("name", translations)
        self.write(twin._term_vals())
        kept = self._match_tiers(twin)
        # In this order no two tiers ever have one threshold: a tier that moves takes one that no
        # other had.
        self.tier_ids.filtered(lambda own: own not in kept).unlink()
        for own, tier in kept.items():
            own.write(tier._term_vals())
        self.tier_ids.create(
            [
                tier._term_vals() | {"rule_id": self.id}
                for tier in twin.tier_ids
                if tier not in kept.values()
            ]
        )

    def _match_tiers(self, twin):
        """Find which tiers stay: those whose threshold stays, and those that move to a new one.

        :return: by tier of this rule, the tier of the twin that takes its place
        """
        at = {own.threshold: own for own in self.tier_ids}
        matched = {at[tier.threshold]: tier for tier in twin.tier_ids if tier.threshold in at}
        for tier in twin.tier_ids:
            own = self.tier_ids & tier.amends_id
            if own and own not in matched and tier not in matched.values():
                matched[own] = tier
        return matched

    def _check_no_own_tiers(self):
        """Refuse to give up rules for which distributors have tiers of their own.

        :raise UserError: naming the agreements
        """
        # An agreement that the manager may not open loses its tiers all the same.
        tiers_sudo = self.env["rebate.tier"].sudo()
        own = tiers_sudo.search([("rule_id", "in", self.ids), ("agreement_id", "!=", False)])
        for rule, tiers in own.grouped("rule_id").items():
            raise UserError(
                self.env._(
                    "The amendment gives up the rule “%(rule)s”, for which distributors have tiers"
                    " of their own: %(agreements)s. Delete these own tiers first, or keep the"
                    " rule.",
                    rule=rule.display_name,
                    agreements=format_list(self.env, tiers.agreement_id.mapped("display_name")),
                )
            )
