"""A rule of a program: which products count and the tiers they pay by."""

import json
from decimal import Decimal

from psycopg2 import DatabaseError, OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_amount, mute_logger

from ...engine.qualifying import MEASURES
from ...tools.formats import format_number, format_quantity
from ...tools.product_filter import FilterError, read_filter
from ...tools.trust import is_trusted, trusted
from .kept_scope import FILTERS, keep_scope
from .qualifiers import GROWTH_REWARDS, QUALIFIER_MEASURES, QUALIFIERS
from .terms_compared import SCOPE
from .terms_in_words import live_rule_in_words
from .tier_chart import tier_chart
from .tier_problems import tier_problems

# What chart, words and problems of the tiers follow while one types.
TIERS = ("tier_ids", "tier_ids.threshold", "tier_ids.rate", "tier_ids.rate_type")
TIERS_REACHED_BY = (
    *("currency_id", "qualifier", "qualifier_measure", "growth_reward", "max_measure"),
    *("program_id.tier_method", "program_id.measure", "program_id.uom_id"),
)


class RebateRule(models.Model):
    _name = "rebate.rule"
    _description = "Rebate Rule"
    _inherit = "rebate.terms"
    _order = "program_id, sequence, id"
    _check_company_auto = True
    _not_terms = frozenset({"amends_id"})
    _terms_parents = frozenset({"program_id"})

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
        ondelete="restrict",
        help="Products that count. Leave products, categories and tags empty to count everything.",
    )
    product_category_ids = fields.Many2many(
        "product.category",
        string="Product Categories",
        ondelete="restrict",
        help="Products of these categories, and of the categories below them, count.",
    )
    product_tag_ids = fields.Many2many(
        "product.tag",
        string="Product Tags",
        ondelete="restrict",
        help="Products with one of these tags count.",
    )
    product_domain = fields.Char(
        string="Products By Filter",
        help="Products that match this filter count too, those to come included.",
    )
    is_limited = fields.Boolean(
        string="Only Certain Products",
        help="Whether only certain products count. Set as soon as products, categories, tags or a"
        " filter are chosen, and kept when these are lost: then the rule cannot be computed until"
        " others are chosen, or the box is cleared to count every product.",
    )
    qualifier = fields.Selection(
        QUALIFIERS.selection,
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
        QUALIFIER_MEASURES.selection,
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
        GROWTH_REWARDS.selection,
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
    words = fields.Text(
        string="In Words",
        compute="_compute_words",
        help="The rule as the statements of distributors tell it.",
    )
    tier_chart = fields.Json(
        string="What the Tiers Pay", compute="_compute_tier_chart", prefetch=False
    )
    tier_problems = fields.Json(compute="_compute_tier_problems", prefetch=False)
    wrong_thresholds = fields.Json(compute="_compute_tier_problems", prefetch=False)

    baseline_skip_empty = fields.Boolean(
        string="Leave Out Empty Years",
        default=True,
        help="Years without any purchase do not count in the average, as those before the"
        " distributor began. Otherwise they count as 0.",
    )

    amends_id = fields.Many2one(
        "rebate.rule",
        string="Amended Rule",
        ondelete="set null",
        index="btree_not_null",
        copy=False,
        readonly=True,
        help="The rule of the running program that this one takes the place of.",
    )

    _baseline_years_positive = models.Constraint(
        "CHECK (baseline <> 'average' OR baseline_years > 0)",
        "An average needs at least one earlier year.",
    )
    _max_measure_positive = models.Constraint(
        "CHECK (max_measure >= 0)",
        "The purchases that earn at most cannot be negative. Enter 0 where all of them earn.",
    )

    @api.constrains("qualifier", *FILTERS)
    def _check_domains(self):
        # What an amendment is begun from may be what it is to correct; it is checked when applied.
        if not is_trusted(self.env):
            self._check_filters()

    @api.constrains("qualifier_measure")
    def _check_thresholds(self):
        """What is a great amount may be no percentage."""
        self.env["rebate.tier"].search([("rule_id", "in", self.ids)])._check_values()

    @api.constrains("tier_ids")
    def _check_tiers(self):
        for rule in self:
            if not rule.tier_ids:
                raise ValidationError(rule._no_tiers_message())

    @api.depends(*SCOPE, "is_limited", "program_id.program_type", "program_id.state")
    def _compute_scope_summary(self):
        for rule in self:
            # An active one counts everything, whatever it ought to: there the truth stays.
            if rule.program_id.state == "draft" and (
                rule in rule.program_id._rules_without_products()
            ):
                rule.scope_summary = self.env._("No products chosen yet")
                continue
            names = [
                *rule.product_ids.mapped("display_name"),
                *rule.product_category_ids.mapped("display_name"),
                *rule.product_tag_ids.mapped("display_name"),
                *([self.env._("products by filter")] if rule._filters_products() else []),
            ]
            rule.scope_summary = ", ".join(names) or (
                self.env._("No products: those that were chosen are gone")
                if rule._lost_scope()
                else self.env._("All products")
            )

    @api.depends(*TIERS, *TIERS_REACHED_BY)
    @api.depends_context("lang")
    def _compute_tier_summary(self):
        for rule in self:
            rule.tier_summary = " · ".join(
                tier.display_name for tier in rule.tier_ids.sorted("threshold")
            )

    @api.depends(
        *(*TIERS, *TIERS_REACHED_BY, "scope_summary"),
        *("baseline", "baseline_years", "baseline_skip_empty"),
    )
    @api.depends_context("lang")
    def _compute_words(self):
        for rule in self:
            rule.words = "\n".join(live_rule_in_words(rule))

    @api.depends(*TIERS, *TIERS_REACHED_BY)
    @api.depends_context("lang")
    def _compute_tier_chart(self):
        for rule in self:
            rule.tier_chart = tier_chart(rule)

    @api.depends(*TIERS, *TIERS_REACHED_BY)
    @api.depends_context("lang")
    def _compute_tier_problems(self):
        for rule in self:
            rule.tier_problems = problems = tier_problems(rule)
            rule.wrong_thresholds = [
                problem["threshold"]
                for problem in problems
                if problem["is_error"] and problem["threshold"] is not None
            ]

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_typed_filters(vals)
        rules = super().create(vals_list)
        rules._note_scope()
        return rules

    def write(self, vals):
        self._check_typed_filters(vals)
        named = self.filtered(lambda rule: rule._names_products())
        result = super().write(vals)
        if vals.keys() & {*SCOPE, "is_limited"}:
            # Whoever takes out the last of what is chosen chooses everything.
            cleared = named if "is_limited" not in vals else self.browse()
            self._note_scope(cleared)
        return result

    # ------------------------------------------------------------------
    # What the rule is limited to
    # ------------------------------------------------------------------

    def _names_products(self):
        """Tell whether the rule names the products to which it is limited."""
        self.ensure_one()
        # Whether it is limited may not depend on which products its reader may see.
        rule_sudo = self.sudo().with_context(active_test=False)
        return bool(
            rule_sudo.product_ids
            or rule_sudo.product_category_ids
            or rule_sudo.product_tag_ids
            or self._filters_products()
        )

    def _filters_products(self):
        """Tell whether a filter names products that count."""
        self.ensure_one()
        return (self.product_domain or "[]").strip() != "[]"

    def _lost_scope(self):
        """Tell whether what limited the rule is gone."""
        self.ensure_one()
        return self.is_limited and not self._names_products()

    def _lost_scope_message(self):
        return self.env._(
            "Rule “%(rule)s”: the products, categories or tags that it is limited to are gone."
            " Choose others, or clear “%(field)s” to count every product.",
            rule=self.display_name,
            field=self._fields["is_limited"]._description_string(self.env),
        )

    def _note_scope(self, cleared=()):
        """Remember which rules are limited.

        :param cleared: rules that count everything if they name nothing any more
        """
        for rule in self:
            names = rule._names_products()
            is_limited = names or (rule.is_limited and rule not in cleared)
            if rule.is_limited != is_limited:
                # It follows from what was just written, which was refused if it had to be.
                trusted(rule).is_limited = is_limited

    def _scope_definition(self):
        """Tell what the rule is limited to where that may stand for other products tomorrow: a
        category, a tag or a filter, with what is named beside.

        :return: a text, or None where only its terms change what it counts
        """
        self.ensure_one()
        # What counts may not depend on which products its reader may see.
        rule_sudo = self.sudo().with_context(active_test=False)
        if not (
            rule_sudo.product_category_ids or rule_sudo.product_tag_ids or self._filters_products()
        ):
            return None
        return json.dumps(
            [
                sorted(rule_sudo.product_ids.ids),
                sorted(rule_sudo.product_category_ids.ids),
                sorted(rule_sudo.product_tag_ids.ids),
                self.product_domain if self._filters_products() else "",
            ]
        )

    @api.model
    def _keep_scope(self, records):
        """Refuse to delete what rules count by, see :func:`keep_scope`."""
        keep_scope(self, records)

    def _no_tiers_message(self):
        return self.env._(
            "Program “%(program)s”, rule “%(rule)s”: there is no tier, so nothing would ever be"
            " paid. Add at least one tier with its threshold and rate.",
            program=self.program_id.display_name,
            rule=self.display_name,
        )

    # ------------------------------------------------------------------
    # Products that count, and products that choose the tier
    # ------------------------------------------------------------------

    def _product_query(self):
        """Search the products that count, archived ones too: an invoice outlives its product.

        :return: a :class:`odoo.tools.Query` on products, which may find none; or None when every
            product counts, and only then
        :raise UserError: when the filter cannot be used, or what limited the rule is gone
        """
        self.ensure_one()
        if self._lost_scope():
            raise UserError(self._lost_scope_message())
        if not self._names_products():
            return None
        # See _names_products.
        rule_sudo = self.sudo().with_context(active_test=False)
        domain = (
            Domain("id", "in", rule_sudo.product_ids.ids)
            | Domain("categ_id", "child_of", rule_sudo.product_category_ids.ids)
            | Domain("all_product_tag_ids", "in", rule_sudo.product_tag_ids.ids)
        )
        if self._filters_products():
            domain |= self._filter("product_domain")
        return self._search_products(domain, "product_domain")

    def _qualifier_query(self):
        """Search the products whose purchases choose the tier, as in :meth:`_product_query`.

        :raise UserError: when the filter cannot be used
        """
        self.ensure_one()
        return self._search_products(self._filter("qualifier_domain"), "qualifier_domain")

    def _qualifier_definition(self):
        """Tell by which filter other products choose the tier, as :meth:`_scope_definition`."""
        self.ensure_one()
        return json.dumps(self.qualifier_domain or "[]")

    def _search_products(self, domain, name):
        """Search products by a domain of the rule.

        :param name: the filter it may have come of, for a refusal
        """
        try:
            return self._products()._search(domain)
        except (AttributeError, KeyError, NotImplementedError, TypeError, ValueError) as error:
            raise UserError(self._bad_filter_message(name, self._no_match_message())) from error

    def _products(self):
        """All products, archived ones too: an invoice outlives its product."""
        # What counts for a program may not depend on who looks: neither on what they may see nor
        # on their language, their company or what else their client sends along.
        company = self.company_id or self.env.company
        context = {
            "active_test": False,
            "allowed_company_ids": company.ids,
            # The company's language is the filter's, whoever reads.
            "lang": company.sudo().partner_id.lang or None,
        }
        return self.env(su=True, context=context)["product.product"]

    # ------------------------------------------------------------------
    # Filters
    # ------------------------------------------------------------------

    def _check_filters(self):
        """Refuse filters that cannot be used, or that the user may not use.

        :raise UserError: naming rule, filter, field and remedy
        """
        for rule in self:
            for name in FILTERS:
                if rule._is_filter_used(name):
                    rule._try_filter(name)

    def _check_typed_filters(self, vals):
        """Refuse filters before they go to the database, which would refuse some in words of its
        own."""
        for name in FILTERS:
            text = vals.get(name, self.env.context.get(f"default_{name}"))
            if text and not (self and all(rule[name] == text for rule in self)):
                self._check_text(name, text, vals.get("name"))

    def _check_text(self, name, text, rule_name=None):
        text = str(text or "[]")
        if is_trusted(self.env) and "\0" not in text:
            return
        self._read_filter(
            text,
            name,
            is_written=True,
            rule_name=rule_name or self[:1].display_name or self.env._("New"),
        )

    def _try_filter(self, name):
        """Find products by a filter, to see whether the database can.

        :raise UserError: when it cannot
        """
        query = self._search_products(self._filter(name, is_written=True), name)
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                self.env.execute_query(SQL("%s LIMIT 1", query.subselect("1")))
        except OperationalError:
            raise
        except (DatabaseError, ValueError) as error:
            raise ValidationError(
                self._bad_filter_message(name, self._no_match_message())
            ) from error

    def _is_filter_used(self, name):
        if name == "product_domain":
            return self._filters_products()
        return self._qualifies_by_filter()

    def _filter(self, name, is_written=False):
        """Read a filter, see :func:`read_filter`.

        :raise ValidationError: when it cannot be used
        """
        self.ensure_one()
        return self._read_filter(self[name], name, is_written)

    def _read_filter(self, text, name, is_written=False, rule_name=None):
        try:
            return read_filter(self.env, text, is_written)
        except FilterError as error:
            raise ValidationError(self._bad_filter_message(name, str(error), rule_name)) from error

    def _bad_filter_message(self, name, reason, rule_name=None):
        return self.env._(
            "Rule “%(rule)s”, filter “%(field)s”: %(reason)s",
            rule=rule_name or self.display_name,
            field=self._fields[name]._description_string(self.env),
            reason=reason,
        )

    def _no_match_message(self):
        return self.env._(
            "its values cannot be compared with what the products have. Choose the products anew"
            " with the filter editor."
        )

    # ------------------------------------------------------------------
    # What reaches the tiers of a rule, whose purchases, and how both are written
    # ------------------------------------------------------------------

    def _qualifier_key(self):
        """Under which key the measurement has the purchases that choose the tier."""
        self.ensure_one()
        return QUALIFIERS[self.qualifier].function(self)

    def _qualifies_by_filter(self):
        """Tell whether products that a filter names choose the tier."""
        return bool(self.qualifier) and QUALIFIERS[self.qualifier].by_filter

    def _qualifies_by_own(self):
        """Tell whether the purchases that earn choose the tier as well."""
        return not self.qualifier or QUALIFIERS[self.qualifier].is_own

    def _threshold_measure(self):
        """What the thresholds of the tiers are in, a value of ``qualifier_measure``."""
        self.ensure_one()
        return self.qualifier_measure or self.program_id.measure or "amount"

    def _is_in_percent(self):
        """Tell whether the thresholds of the tiers are percentages."""
        return MEASURES[self._threshold_measure()].in_percent

    def _is_by_target(self):
        """Tell whether a target that was agreed on reaches the tiers."""
        return MEASURES[self._threshold_measure()].against == "target"

    def _is_growth(self):
        """Tell whether growth over a baseline reaches the tiers."""
        return MEASURES[self._threshold_measure()].against == "baseline"

    def _reward(self):
        """What growth pays on, a value of ``growth_reward``; nothing where tiers are reached by
        something else."""
        return (self.growth_reward or "all") if self._is_growth() else ""

    def _purchase_measure(self):
        """What must be bought to reach the tiers: ``amount`` or ``quantity``."""
        measure = QUALIFIER_MEASURES[self._threshold_measure()]
        return measure.counted or self.program_id.measure or "amount"

    def _needs_quantity(self, tiers):
        """Tell whether a quantity chooses a tier or is paid for.

        :param tiers: those by which the rule pays, which may be an agreement's own
        """
        self.ensure_one()
        return "quantity" in (self._purchase_measure(), self.program_id.measure) or (
            "per_unit" in tiers.mapped("rate_type")
        )

    def _tiers_for(self, own):
        """The tiers by which the rule pays, sorted.

        :param own: tiers of an agreement, which replace those of the rules they are for
        """
        self.ensure_one()
        own = own.filtered(lambda tier: tier.rule_id == self)
        return (own or self.tier_ids).sorted("threshold")

    def _format_measure(self, value, **options):
        """Write a value of what reaches the tiers in the reader's format.

        :param options: see :func:`odoo.tools.format_amount`
        """
        if self._is_in_percent():
            return f"{format_number(self.env, Decimal(str(value)))} %"
        return self._format_purchases(value, **options)

    def _format_purchases(self, value, **options):
        """Write what must be bought to reach the tiers in the reader's format: money or units."""
        if self._purchase_measure() == "amount":
            # A rule that is still being written does not know its program's currency.
            currency = self.currency_id or self.env.company.currency_id
            return format_amount(self.env, float(value), currency, **options)
        return format_quantity(self.env, Decimal(str(value)), self.program_id.uom_id.name)

    # ------------------------------------------------------------------
    # A rule and its tiers are terms of their program
    # ------------------------------------------------------------------

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
