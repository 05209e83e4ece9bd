"""A tier: from a threshold of purchases on, a rate."""

from decimal import Decimal
from itertools import pairwise

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...engine.tiers import Tier
from ...tools.bounds import PERCENT
from ...tools.formats import format_number, format_rate


class RebateTier(models.Model):
    _name = "rebate.tier"
    _description = "Rebate Tier"
    _inherit = "rebate.terms"
    _order = "rule_id, threshold, id"
    _check_company_auto = True
    _not_terms = frozenset({"amends_id"})
    _terms_parents = frozenset({"rule_id", "agreement_id"})

    rule_id = fields.Many2one("rebate.rule", required=True, ondelete="cascade", index=True)
    agreement_id = fields.Many2one(
        "rebate.agreement",
        ondelete="cascade",
        index="btree_not_null",
        check_company=True,
        help="The agreement that has this tier of its own. Empty: it is the rule's, for all.",
    )
    company_id = fields.Many2one(related="rule_id.company_id", store=True)
    currency_id = fields.Many2one(related="rule_id.currency_id")
    threshold = fields.Float(
        string="From",
        digits=(16, 4),
        help="Purchases from which the tier is reached, this value included.",
    )
    rate_type = fields.Selection(
        [("percent", "%"), ("per_unit", "per unit"), ("fixed", "lump sum")],
        string="Rate Is",
        default="percent",
        required=True,
        help="A percentage of the purchases it applies to, money for each unit bought, or a lump"
        " sum for reaching the tier.",
    )
    rate = fields.Float(
        digits=(16, 6), help="What the tier pays: a percentage, or money in the program's currency."
    )

    amends_id = fields.Many2one(
        "rebate.tier",
        string="Amended Tier",
        ondelete="set null",
        index="btree_not_null",
        copy=False,
        readonly=True,
        help="The tier of the running program that this one takes the place of.",
    )

    @api.constrains("threshold", "rate", "rate_type")
    def _check_values(self):
        for tier in self:
            if tier.threshold < 0:
                raise ValidationError(
                    self.env._(
                        "Rule “%(rule)s”: the threshold %(threshold)s is negative. Enter the"
                        " purchases from which the tier is reached, 0 for the first unit bought.",
                        rule=tier.rule_id.display_name,
                        threshold=tier._format_threshold(),
                    )
                )
            if tier.rate < 0:
                raise ValidationError(
                    self.env._(
                        "Rule “%(rule)s”, tier from %(threshold)s: the rate is negative, %(rate)s."
                        " Enter what the tier pays, 0 or more.",
                        rule=tier.rule_id.display_name,
                        threshold=tier._format_threshold(),
                        rate=tier.rate,
                    )
                )
            if tier.rule_id._is_in_percent() and tier.threshold > PERCENT.high:
                raise ValidationError(
                    self.env._(
                        "Rule “%(rule)s”: the tier from %(threshold)s cannot be reached. Enter"
                        " %(high)s %% or less.",
                        rule=tier.rule_id.display_name,
                        threshold=tier._format_threshold(),
                        high=format_number(self.env, Decimal(str(PERCENT.high))),
                    )
                )
            if tier.rate_type == "percent" and tier.rate > 100:
                raise ValidationError(
                    self.env._(
                        "Rule “%(rule)s”, tier from %(threshold)s: the rate %(rate)s is not a"
                        " percentage. Enter a number from 0 to 100.",
                        rule=tier.rule_id.display_name,
                        threshold=tier._format_threshold(),
                        rate=tier.rate,
                    )
                )

    @api.constrains("agreement_id", "rule_id")
    def _check_agreement(self):
        for tier in self:
            program = tier.agreement_id.program_id
            if program and tier.rule_id.program_id != program:
                raise ValidationError(
                    self.env._(
                        "The agreement “%(agreement)s” has a tier of the rule “%(rule)s”, which is"
                        " not of its program. Choose a rule of %(program)s.",
                        agreement=tier.agreement_id.display_name,
                        rule=tier.rule_id.display_name,
                        program=program.display_name,
                    )
                )

    @api.constrains("threshold", "rule_id", "agreement_id")
    def _check_duplicate(self):
        tiers = self.search([("rule_id", "in", self.rule_id.ids)])
        for (rule, _agreement), scale in tiers.grouped(
            lambda tier: (tier.rule_id, tier.agreement_id)
        ).items():
            for low, high in pairwise(scale.sorted("threshold")):
                if low.threshold == high.threshold:
                    raise ValidationError(
                        self.env._(
                            "Rule “%(rule)s” has two tiers from %(threshold)s. Change the"
                            " threshold of one of them, or delete it.",
                            rule=rule.display_name,
                            threshold=low._format_threshold(),
                        )
                    )

    @api.depends("threshold", "rate", "rate_type", "currency_id")
    def _compute_display_name(self):
        for tier in self:
            tier.display_name = self.env._(
                "%(rate)s from %(threshold)s",
                rate=tier._format_rate(),
                threshold=tier._format_threshold(),
            )

    @api.model_create_multi
    def create(self, vals_list):
        tiers = super().create(vals_list)
        tiers._queue_agreements()
        return tiers

    def write(self, vals):
        self._queue_agreements()
        result = super().write(vals)
        if "agreement_id" in vals:
            self._queue_agreements()
        return result

    def unlink(self):
        self._queue_agreements()
        return super().unlink()

    # ------------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------------

    def _format_threshold(self, **options):
        """Write the threshold in the reader's format: money or units.

        :param options: see :func:`odoo.tools.format_amount`
        """
        return self.rule_id._format_measure(self.threshold, **options)

    def _format_rate(self):
        """Write the rate in the reader's format, with what it is."""
        rate = Decimal(str(self.rate))
        currency = self.currency_id or self.env.company.currency_id
        return format_rate(self.env, rate, self.rate_type, currency)

    def _to_engine(self):
        """Turn sorted tiers into the engine's exact numbers."""
        return [
            Tier(Decimal(str(tier.threshold)), Decimal(str(tier.rate)), tier.rate_type)
            for tier in self.sorted("threshold")
        ]

    # ------------------------------------------------------------------
    # The figures of a distributor follow its own tiers, also where they are not changed on its
    # agreement
    # ------------------------------------------------------------------

    def _queue_agreements(self):
        """Have the job compute anew what the tiers may change."""
        agreements = self.agreement_id.filtered(lambda agreement: agreement.state != "draft")
        if agreements:
            self.env["rebate.queue"]._append_agreements(agreements)

    # ------------------------------------------------------------------
    # A rule's tiers are terms of its program; a distributor's own are not
    # ------------------------------------------------------------------

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
