"""A level of approval: who approves payouts from which amount on."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_amount, format_date, format_list

from ...tools.currencies import Conversion, without_rate


class RebateApprovalLevel(models.Model):
    """All levels that a payout reaches by its amount approve it, one after the other."""

    _name = "rebate.approval.level"
    _description = "Approval Level of Rebate Payouts"
    _inherit = "rebate.bounds"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10, help="Lower levels approve first.")
    company_id = fields.Many2one(
        "res.company",
        index="btree_not_null",
        help="Only payouts of this company and its branches need the level. Empty: all do.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        precompute=True,
        help="Empty: the currency of the company that pays.",
    )
    amount_currency_id = fields.Many2one(
        "res.currency", string="Currency of the Amount", compute="_compute_amount_currency_id"
    )
    amount_from = fields.Monetary(
        string="From",
        currency_field="amount_currency_id",
        help="Payouts of this amount and more need the level; those in another currency are"
        " converted at the settlement's date. 0: all payouts.",
    )
    user_ids = fields.Many2many(
        "res.users", string="Approvers", domain=[("share", "=", False)], help="Any one of them."
    )
    group_id = fields.Many2one(
        "res.groups", string="Approver Group", help="Everybody in this group may approve too."
    )
    reminder_days = fields.Integer(
        string="Remind After (Days)",
        default=3,
        help="Approvers of a payout that waits for so many days are reminded each day. 0: never.",
    )
    approval_ids = fields.One2many("rebate.approval", "level_id", readonly=True)

    @api.depends("company_id.currency_id")
    def _compute_currency_id(self):
        for level in self:
            # Of a level for all companies, each takes the amount to be in its own.
            level.currency_id = level.company_id.currency_id or level.currency_id

    @api.depends("currency_id")
    @api.depends_context("company")
    def _compute_amount_currency_id(self):
        for level in self:
            level.amount_currency_id = level.currency_id or self.env.company.currency_id

    @api.constrains("user_ids", "group_id", "active")
    def _check_approvers(self):
        for level in self:
            if level.active and not (level.user_ids or level.group_id):
                raise ValidationError(
                    self.env._(
                        "Approval level “%s” has nobody to approve. Name approvers or a group.",
                        level.name,
                    )
                )

    @api.constrains("amount_from", "reminder_days")
    def _check_figures(self):
        for level in self:
            if min(level.amount_from, level.reminder_days) < 0:
                raise ValidationError(
                    self.env._(
                        "Approval level “%s” has a negative amount or number of days. Enter 0 for"
                        " all payouts, or for no reminders.",
                        level.name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        for level in self:
            if level.approval_ids:
                raise UserError(
                    self.env._(
                        "Payouts were approved on level “%s”, which is on record. Archive the level"
                        " instead of deleting it.",
                        level.name,
                    )
                )

    # ------------------------------------------------------------------
    # Which levels a payout needs, and who may approve
    # ------------------------------------------------------------------

    @api.model
    def _needed(self, settlements):
        """Find the levels that approve settlements, the first first.

        :return: the levels, by settlement
        :raise UserError: when an amount cannot be compared for want of an exchange rate
        """
        # Whoever submits needs to know what the levels are, if not who set them up; and a level of
        # a company applies to its branches, whoever may open it.
        levels = self.sudo().search([("active", "=", True)])
        amounts = {}
        return {
            settlement: levels.filtered(
                lambda level, settlement=settlement: (
                    (
                        not level.company_id
                        # The companies above may be closed to whoever submits.
                        or level.company_id in settlement.sudo().company_id.parent_ids
                    )
                    and level._is_reached(settlement, amounts)
                )
            )
            for settlement in settlements
        }

    def _is_reached(self, settlement, amounts):
        """Tell whether a settlement comes to the level's amount.

        :param amounts: rates that were asked for already, to be used again
        """
        self.ensure_one()
        if not self.amount_from:
            return True
        # Whoever submits may not read the company above, whose level it is.
        company = settlement.sudo().company_id
        currency = self.currency_id or company.currency_id
        key = settlement.currency_id, currency, settlement.company_id, settlement.date
        if key not in amounts:
            amounts[key] = self._rate(*key)
        amount = currency.round(abs(settlement.amount_total) * amounts[key])
        return currency.compare_amounts(amount, self.amount_from) >= 0

    def _rate(self, currency, to_currency, company, day):
        """The exchange rate of a day.

        :raise UserError: when there is none; Odoo would take it to be 1
        """
        missing = without_rate(self.env, [Conversion(company, currency, to_currency)], day)
        for foreign in missing.values():
            raise UserError(
                self.env._(
                    "“%(currency)s” has no exchange rate on %(day)s, so the amount cannot be"
                    " compared with approval level “%(level)s”. Enter the rate.",
                    currency=foreign.name,
                    day=format_date(self.env, day),
                    level=self.name,
                )
            )
        return self.env["res.currency"]._get_conversion_rate(currency, to_currency, company, day)

    def _approvers(self, company):
        """Find who may approve on the level.

        :param company: whose payout it is
        :return: active users
        """
        # Who is in a group is nothing that ordinary users may read, and they need to know whom to
        # ask.
        level = self.sudo()
        users = (level.user_ids | level.group_id.all_user_ids).filtered(
            lambda user: user.active and not user.share and company in user.company_ids
        )
        # Who they are may be known, and no more of them than else.
        return users.sudo(False)

    def _is_approver(self, user, company):
        """Tell whether a user may approve on the level.

        :param company: whose payout it is
        """
        # As in _approvers.
        level = self.sudo()
        is_named = user in level.user_ids or user in level.group_id.all_user_ids
        # Nor which companies another works in.
        return is_named and company in user.sudo().company_ids

    @api.model
    def _summary(self, company):
        """Tell which levels approve the payouts of a company, a line each."""
        # As in _needed.
        levels = self.sudo().search(
            [("active", "=", True), ("company_id", "in", [False, *company.parent_ids.ids])]
        )
        lines = [
            self.env._(
                "%(level)s, from %(amount)s: %(approvers)s",
                level=level.name,
                amount=format_amount(
                    self.env, level.amount_from, level.currency_id or company.currency_id
                ),
                approvers=level._approver_names(),
            )
            if level.amount_from
            else self.env._(
                "%(level)s, all payouts: %(approvers)s",
                level=level.name,
                approvers=level._approver_names(),
            )
            for level in levels
        ]
        return "\n".join(lines) or self.env._("No level: payouts are approved by nobody.")

    def _approver_names(self):
        """Name who may approve, in a sentence."""
        # As in _approvers.
        level = self.sudo()
        names = level.user_ids.filtered("active").mapped("name")
        return format_list(
            self.env,
            names + [group.full_name for group in level.group_id],
            style="or",
        )
