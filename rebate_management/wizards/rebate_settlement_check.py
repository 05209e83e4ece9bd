"""Checking the settlements of a company: whether any was altered since it was posted."""

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..tools.trust import trusted


class RebateSettlementCheck(models.TransientModel):
    _name = "rebate.settlement.check"
    _description = "Check of Settlements"

    company_ids = fields.Many2many("res.company", string="Companies", readonly=True)
    checked_count = fields.Integer(string="Settlements Compared", readonly=True)
    line_ids = fields.One2many("rebate.settlement.check.line", "check_id", readonly=True)

    @api.model
    def action_check(self):
        """Check the settlements of the chosen companies and show what was found.

        From a shell: ``env["rebate.settlement.check"].action_check()``, or with ``_check`` for the
        record itself.

        :raise UserError: when the user is no accountant
        """
        check = self._check(self.env.companies)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Check of Settlements"),
            "res_model": self._name,
            "res_id": check.id,
            "view_mode": "form",
            "target": "new",
        }

    @api.model
    def _check(self, companies):
        """Check the settlements of companies.

        :return: the check, with a line for whatever was found
        """
        settlements = self.env["rebate.settlement"]
        settlements._require_group("rebate_management.group_rebate_accountant")
        count, findings = settlements._check_fingerprints(companies)
        check = trusted(self).create(
            {
                "company_ids": [Command.set(companies.ids)],
                "checked_count": count,
                "line_ids": [
                    Command.create(
                        {
                            "settlement_id": finding.settlement.id,
                            "name": finding.name,
                            "finding": finding.text,
                        }
                    )
                    for finding in findings
                ],
            }
        )
        return check.with_env(self.env)

    @api.model
    def require_unaltered(self):
        """Refuse when any settlement of the companies was altered: for scheduled actions and
        scripts that shall notice it.

        :raise UserError: naming each, and what differs
        """
        check = self._check(self.env.companies)
        if check.line_ids:
            raise UserError("\n".join(f"{line.name}: {line.finding}" for line in check.line_ids))
        return True
