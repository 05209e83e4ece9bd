"""Terms agreed with one distributor leave a trace on its agreement when they change."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools.trust import is_trusted


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

    @api.model_create_multi
    def create(self, vals_list):
        agreements = super().create(vals_list)
        for agreement in agreements:
            agreement._check_by_button(agreement.state != "draft")
        return agreements

    def write(self, vals):
        if "state" in vals:
            for agreement in self:
                agreement._check_by_button(agreement.state != vals["state"])
        for name in ("program_id", "partner_id"):
            for agreement in self:
                was_active = agreement.state != "draft" or agreement.activated_on
                if was_active and vals.get(name, agreement[name].id) != agreement[name].id:
                    raise UserError(
                        self.env._(
                            "“%(field)s” of the agreement “%(agreement)s” cannot change once it has"
                            " been active. End it, and make a new agreement.",
                            field=self._fields[name]._description_string(self.env),
                            agreement=agreement.display_name,
                        )
                    )
        return super().write(vals)

    def _check_by_button(self, changes):
        """Refuse a status that is written by hand."""
        if changes and not is_trusted(self.env):
            raise UserError(
                self.env._(
                    "“%(field)s” of the agreement “%(agreement)s” cannot be written: it follows"
                    " from the buttons “Activate”, “End” and “Back to Draft”. Use these.",
                    field=self._fields["state"]._description_string(self.env),
                    agreement=self.display_name,
                )
            )

    @api.constrains("program_id")
    def _check_program_is_offered(self):
        for program in self.program_id:
            if program.amends_id:
                raise ValidationError(program._is_amendment_message())
