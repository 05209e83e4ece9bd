"""The life of a program: complete, offered, closed."""

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..tools.acting import acting
from ..tools.trust import trusted


class RebateProgram(models.Model):
    _inherit = "rebate.program"

    @acting("write")
    def action_activate(self):
        """Open the program for enrolment and start counting purchases.

        :raise UserError: when something is missing that the program needs to be paid
        """
        for program in self:
            program._check_complete()
        trusted(self).write({"state": "active"})
        self.agreement_ids.filtered(lambda agreement: agreement.state == "active").action_refresh()
        return True

    @acting("write")
    def action_close(self):
        """End the program today, or leave the earlier end it has. What was earned until then can
        still be settled, later purchases do not count."""
        today = fields.Date.context_today(self)
        for program in self:
            end = max(program.date_start, min(program.date_end or today, today))
            trusted(program).write({"state": "closed", "date_end": end})
        self.agreement_ids.action_refresh()
        return True

    @acting("write")
    def action_reset(self):
        """Take a program back to draft to correct its terms, before anybody earned by them.

        :raise UserError: when something was earned or a settlement refers to the program
        """
        self.agreement_ids.action_refresh()
        for program in self:
            of_program = Domain("program_id", "=", program.id)
            if self.env["rebate.settlement.line"].search_count(of_program, limit=1):
                raise UserError(
                    self.env._(
                        "Program “%s” has settlements, so it cannot go back to draft. Choose"
                        " “Amend” to change its terms: the next settlement pays the difference.",
                        program.display_name,
                    )
                )
            if self.env["rebate.accrual"].search_count(
                of_program & (Domain("earned_amount", ">", 0) | Domain("earned_amount", "<", 0)),
                limit=1,
            ):
                raise UserError(
                    self.env._(
                        "Distributors have earned rebates by the terms of program “%s”, so it"
                        " cannot go back to draft. Choose “Amend” to change its terms.",
                        program.display_name,
                    )
                )
        trusted(self).write({"state": "draft"})
        return True

    def action_view_agreements(self):
        """Show who is enrolled."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "rebate_management.rebate_agreement_action"
        )
        return action | {
            "domain": [("program_id", "=", self.id)],
            "context": {"default_program_id": self.id},
        }

    def _check_complete(self):
        """Refuse to offer a program that could not be computed, accrued or paid.

        :raise UserError: naming what is missing, and where it is entered
        """
        self.ensure_one()
        self._check_taxes_known()
        if not self.rule_ids:
            raise UserError(
                self.env._(
                    "Program “%s” has no rule. Add one on the tab “Rules”, with at least one tier.",
                    self.display_name,
                )
            )
        if self.period_type == "program" and not self.date_end:
            raise UserError(
                self.env._(
                    "Program “%s” counts over its whole run, but has no last day. Enter the date"
                    " until which it runs, or choose another period.",
                    self.display_name,
                )
            )
        for rule in self.rule_ids:
            if not rule.tier_ids:
                raise UserError(rule._no_tiers_message())
            self._check_unit(rule, rule.tier_ids)
        if not self.expense_account_id:
            raise UserError(
                self.env._(
                    "Program “%s” has no rebate account, so its credit notes could not be posted."
                    " Choose one on the tab “Accounting”.",
                    self.display_name,
                )
            )
        if missing := self._missing_to_accrue():
            raise UserError(missing)
        for rule in self.rule_ids:
            if rule._lost_scope():
                raise UserError(rule._lost_scope_message())
        self.rule_ids._check_filters()
        if rule := self._rules_without_products()[:1]:
            raise UserError(
                self.env._(
                    "Program “%(program)s” rewards certain products, but its rule “%(rule)s” names"
                    " none and would count everything. Choose products, categories, tags or a"
                    " filter in the rule, or the type “Volume” for the program.",
                    program=self.display_name,
                    rule=rule.display_name,
                )
            )

    def _check_taxes_known(self):
        self.ensure_one()
        if self.tax_policy == "product" and not self.payout_product_id:
            raise UserError(
                self.env._(
                    "Program “%s” takes the taxes of its payout product, but has none. Choose a"
                    " product on the tab “Payout”, or another tax policy.",
                    self.display_name,
                )
            )

    def _check_unit(self, rule, tiers):
        """Refuse tiers that count or pay for units of no measure: they would never pay."""
        self.ensure_one()
        if not self.uom_id and rule._needs_quantity(tiers):
            raise UserError(
                self.env._(
                    "Program “%s” counts quantities, but in no unit of measure. Choose the unit to"
                    " which they are converted.",
                    self.display_name,
                )
            )
