"""A rule of a program: which products count and the tiers they pay by."""

from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class RebateRule(models.Model):
    _name = "rebate.rule"
    _description = "Rebate Rule"
    _order = "program_id, sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, default=lambda self: self.env._("Purchases"))
    sequence = fields.Integer(default=10)
    program_id = fields.Many2one("rebate.program", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="program_id.company_id", store=True)
    currency_id = fields.Many2one(related="program_id.currency_id")
    # An archived product or tag still stands on invoices, and a rule that lost its only product
    # must not begin to count everything.
    product_ids = fields.Many2many(
        "product.product",
        string="Products",
        context={"active_test": False},
        help="Products that count. Leave products, categories and tags empty to count everything.",
    )
    product_category_ids = fields.Many2many(
        "product.category",
        string="Product Categories",
        help="Products of these categories, and of the categories below them, count.",
    )
    product_tag_ids = fields.Many2many(
        "product.tag", string="Product Tags", help="Products with one of these tags count."
    )
    product_domain = fields.Char(
        string="Products By Filter",
        help="Products that match this filter count too, those to come included.",
    )
    qualifier = fields.Selection(
        [
            ("rule", "Purchases of this rule"),
            ("program", "Purchases of the whole program"),
            ("domain", "Purchases of other products"),
        ],
        string="Tier By",
        default="rule",
        required=True,
        help="Whose purchases choose the tier; the rebate is always paid on those of the rule.",
    )
    qualifier_domain = fields.Char(
        string="Qualifying Products",
        default="[]",
        help="The products whose purchases choose the tier: buying these unlocks a rate on those.",
    )
    qualifier_measure = fields.Selection(
        [
            ("amount", "Amount"),
            ("quantity", "Quantity"),
            ("growth_percent", "Growth in %"),
            ("growth_amount", "Growth"),
            ("target_percent", "Target in %"),
        ],
        string="Tier In",
        help="What reaches the tiers of this rule: an amount, a quantity, or how much more than the"
        " baseline was bought, in percent or in what the program counts. Empty: what the program"
        " counts.",
    )
    baseline = fields.Selection(
        [
            ("previous_year", "Same period last year"),
            ("previous_period", "Previous period"),
            ("average", "Average of earlier years"),
            ("fixed", "Fixed by the agreement"),
        ],
        default="previous_year",
        help="What growth is compared with; a period that starts late or ends early with as many"
        " days. Where there is nothing to compare with, the baseline of the agreement; without one"
        " there is no growth rebate.",
    )
    baseline_years = fields.Integer(
        string="Years", default=2, help="How many earlier years the average is taken of."
    )
    growth_reward = fields.Selection(
        [
            ("all", "All purchases"),
            ("excess", "The excess over the baseline"),
            ("band", "Each tier its part of the excess"),
        ],
        string="Pays On",
        default="all",
    )
    max_measure = fields.Float(
        string="At Most",
        digits=(16, 4),
        help="Purchases beyond this value in a period, in what the program counts, earn nothing;"
        " 0: all of them earn.",
    )
    tier_ids = fields.One2many(
        "rebate.tier", "rule_id", string="Tiers", copy=True, domain=[("agreement_id", "=", False)]
    )
    scope_summary = fields.Char(string="Counts", compute="_compute_scope_summary")
    tier_summary = fields.Char(string="Pays", compute="_compute_tier_summary")

    @api.depends("product_ids", "product_category_ids", "product_tag_ids", "product_domain")
    def _compute_scope_summary(self):
        for rule in self:
            names = [
                *rule.product_ids.mapped("display_name"),
                *rule.product_category_ids.mapped("display_name"),
                *rule.product_tag_ids.mapped("display_name"),
                *([self.env._("products by filter")] if rule._filters_products() else []),
            ]
            rule.scope_summary = ", ".join(names) or self.env._("All products")

    @api.depends("tier_ids.threshold", "tier_ids.rate", "currency_id")
    def _compute_tier_summary(self):
        for rule in self:
            rule.tier_summary = " · ".join(
                tier.display_name for tier in rule.tier_ids.sorted("threshold")
            )

    _baseline_years_positive = models.Constraint(
        "CHECK (baseline <> 'average' OR baseline_years > 0)",
        "An average needs at least one earlier year.",
    )
    _max_measure_positive = models.Constraint(
        "CHECK (max_measure >= 0)",
        "The purchases that earn at most cannot be negative. Enter 0 where all of them earn.",
    )

    @api.constrains("qualifier", "qualifier_domain", "product_domain")
    def _check_domains(self):
        for rule in self:
            for name, used in (
                ("qualifier_domain", rule.qualifier == "domain"),
                ("product_domain", rule._filters_products()),
            ):
                if used and not rule._is_readable(rule[name]):
                    raise ValidationError(
                        self.env._(
                            "Rule “%(rule)s”: the filter “%(field)s” cannot be understood. Choose"
                            " the products anew with the filter editor.",
                            rule=rule.display_name,
                            field=self._fields[name]._description_string(self.env),
                        )
                    )

    @api.constrains("qualifier_measure")
    def _check_thresholds(self):
        """What is a great amount may be no percentage."""
        self.env["rebate.tier"].search([("rule_id", "in", self.ids)])._check_values()

    @api.constrains("tier_ids")
    def _check_tiers(self):
        for rule in self:
            if not rule.tier_ids:
                raise ValidationError(rule._no_tiers_message())

    def _no_tiers_message(self):
        return self.env._(
            "Program “%(program)s”, rule “%(rule)s”: there is no tier, so nothing would ever be"
            " paid. Add at least one tier with its threshold and rate.",
            program=self.program_id.display_name,
            rule=self.display_name,
        )

    def _filters_products(self):
        """Tell whether a filter names products that count."""
        self.ensure_one()
        return (self.product_domain or "[]").strip() != "[]"

    def _names_products(self):
        """Tell whether the rule is limited to certain products."""
        self.ensure_one()
        return bool(
            self.product_ids
            or self.product_category_ids
            or self.product_tag_ids
            or self._filters_products()
        )

    def _is_readable(self, domain):
        try:
            self._products()._search(self._to_domain(domain))
        except (ValueError, SyntaxError, TypeError):
            return False
        return True

    @staticmethod
    def _to_domain(text):
        """Read a domain over products as the filter editor writes it, without evaluating it.

        :raise ValueError: when it is none
        """
        return Domain(literal_eval(text or "[]"))

    def _products(self):
        # What counts for a program may not depend on which products its reader may see.
        return self.env["product.product"].sudo().with_context(active_test=False)

    def _qualifier_query(self):
        """Search the products whose purchases choose the tier, as in :meth:`_product_query`.

        :raise ValueError: when the domain is none
        """
        self.ensure_one()
        return self._products()._search(self._to_domain(self.qualifier_domain))

    def _product_query(self):
        """Search the products that count, archived ones too: an invoice outlives its product.

        :return: a :class:`odoo.tools.Query` on products, or None when every product counts
        """
        self.ensure_one()
        if not self._names_products():
            return None
        domain = (
            Domain("id", "in", self.product_ids.ids)
            | Domain("categ_id", "child_of", self.product_category_ids.ids)
            | Domain("all_product_tag_ids", "in", self.product_tag_ids.ids)
        )
        if self._filters_products():
            domain |= self._to_domain(self.product_domain)
        return self._products()._search(domain)
