"""Terms agreed with one distributor leave a trace on its agreement when they change."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class RebateAgreement(models.Model):
    _inherit = "rebate.agreement"

    own_tiers = fields.Char(
        string="Own Tiers In Words",
        compute="_compute_own_tiers",
        store=True,
        tracking=True,
        help="In the language of whoever changed them last.",
    )

    @api.depends("tier_ids.rule_id", "tier_ids.threshold", "tier_ids.rate", "tier_ids.rate_type")
    def _compute_own_tiers(self):
        for agreement in self:
            scales = agreement.tier_ids.sorted("threshold").grouped("rule_id")
            agreement.own_tiers = "; ".join(
                self.env._(
                    "%(rule)s: %(tiers)s",
                    rule=rule.display_name,
                    tiers=" · ".join(tiers.mapped("display_name")),
                )
                for rule, tiers in scales.items()
            )

    def _refuse_in_state(self, name):
        if name in ("program_id", "partner_id"):
            raise UserError(
                self.env._(
                    "“%(field)s” of the agreement “%(agreement)s” cannot change once it has been"
                    " active. End it, and make a new agreement.",
                    field=self._fields[name]._description_string(self.env),
                    agreement=self.display_name,
                )
            )
        if name is None:
            self._unlink_except_running()
        return super()._refuse_in_state(name)

    @api.constrains("program_id")
    def _check_program_is_offered(self):
        for program in self.program_id:
            if program.amends_id:
                raise ValidationError(program._is_amendment_message())
