"""The life of an agreement: enrolled, running, ended; its figures follow each change."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..tools.trust import trusted


class RebateAgreement(models.Model):
    _inherit = "rebate.agreement"

    def write(self, vals):
        result = super().write(vals)
        if {
            "date_start",
            "date_end",
            "include_children",
            "partner_id",
            "baseline_amount",
            "target_amount",
            "tier_ids",
        } & vals.keys():
            self.filtered(lambda agreement: agreement.state != "draft").action_refresh()
        if {"state", "date_start", "date_end", "include_children", "partner_id"} & vals.keys():
            # Invoices that are being posted now are not seen yet.
            self.env["rebate.queue"]._append_agreements(self)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_running(self):
        for agreement in self:
            if agreement.state != "draft":
                raise UserError(
                    self.env._(
                        "The agreement “%s” has been active and is part of the record. End it"
                        " instead of deleting it.",
                        agreement.display_name,
                    )
                )

    def _tiers(self, rule):
        """Find the tiers by which a rule pays this distributor, sorted.

        :param rule: a rule of the program
        """
        self.ensure_one()
        return rule._tiers_for(self.tier_ids)

    def action_activate(self):
        """Enrol the distributor: purchases count from the agreement's first day on.

        :raise UserError: when the program is not active
        """
        for agreement in self:
            if agreement.program_id.state != "active":
                raise UserError(
                    self.env._(
                        "Program “%(program)s” is not active, so %(partner)s cannot be enrolled."
                        " Activate the program first.",
                        program=agreement.program_id.display_name,
                        partner=agreement.partner_id.display_name,
                    )
                )
            for rule in agreement.program_id.rule_ids:
                agreement.program_id._check_unit(rule, agreement._tiers(rule))
        trusted(self).state = "active"
        self.action_refresh()
        return True

    def action_end(self):
        """End the agreement today, or leave the earlier end it already has."""
        today = fields.Date.context_today(self)
        for agreement in self:
            trusted(agreement).write(
                {
                    "state": "ended",
                    "date_end": max(agreement.date_start, min(agreement.date_end or today, today)),
                }
            )
        return True

    def action_refresh(self):
        """Bring the accruals of every period up to date with the invoices posted so far, and those
        of other agreements whose figures depend on these."""
        self.check_access("read")
        self._ensure_accruals()
        (self | self._affected()).accrual_ids.refresh()
        return True

    def _affected(self):
        """Find the agreements that may lose or gain purchases or rebate when these change: those
        of the companies above and below in the same program, and those in programs that stack
        with it or are reduced by it."""
        programs = self.program_id._affected()
        partners = Domain("partner_id", "child_of", self.partner_id.ids) | Domain(
            "partner_id", "parent_of", self.partner_id.ids
        )
        return self.search(
            Domain("program_id", "in", programs.ids)
            & Domain("state", "in", ("active", "ended"))
            & partners
        )

    def action_view_accruals(self):
        """Show the agreement's periods."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "rebate_management.rebate_accrual_action"
        )
        return action | {"domain": [("agreement_id", "=", self.id)], "context": {}}
