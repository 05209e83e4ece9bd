"""Taxes of a payout: only those that a lower price lowers, and never on the liability, which is
owed without them."""

from odoo import api, models

# What is a share of the price. A fixed amount is owed by the piece, and what a formula makes of
# quantity or product nobody knows: a rebate, which lowers the price alone, corrects neither.
PROPORTIONAL = ("percent", "division")


class AccountTax(models.Model):
    _inherit = "account.tax"

    def _rebate_proportional(self):
        """The taxes that a rebate on what was taxed corrects, those of groups each by itself where
        a group has others too.

        A tax that is levied on such another one as well is corrected at its rate on the rebate: the
        other stays, and so does what is levied on it.
        """
        taxes = self.flatten_taxes_hierarchy()
        proportional = taxes.filtered(lambda tax: tax.amount_type in PROPORTIONAL)
        return self if taxes == proportional else proportional

    @api.model
    def _prepare_base_line_tax_repartition_grouping_key(
        self, base_line, base_line_grouping_key, tax_data, tax_rep_data
    ):
        """A tax without an account of its own, such as one that cannot be deducted, is booked on
        the account of what is taxed; of a payout that takes from the liability, on the rebate
        account."""
        key = super()._prepare_base_line_tax_repartition_grouping_key(
            base_line, base_line_grouping_key, tax_data, tax_rep_data
        )
        record = base_line["record"]
        is_item = isinstance(record, self.env.registry["account.move.line"])
        if is_item and record.rebate_accrual_id and key["account_id"] == record.account_id.id:
            # Whoever posts or takes back a payout need not be able to read accruals.
            program = record.rebate_accrual_id.sudo().program_id
            key["account_id"] = program.expense_account_id.id
        return key
