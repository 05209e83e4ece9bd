"""The small world of ``world.py`` with programs of every way to accrue and to pay, two approvers
and two levels of approval."""

from odoo import Command

from odoo.addons.rebate_management.tests.accrual.common import AccrualCommon

from .formats import scale
from .world import WorldCommon


class MoneyCommon(WorldCommon, AccrualCommon):
    """Programs that accrue on two accounts, and sales at two VAT rates."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # What was accrued of last year is paid at another rate.
        cls.env["res.currency.rate"].create(
            {"currency_id": cls.eur.id, "name": "2025-11-01", "rate": 0.8}
        )
        cls.lower_tax = cls.env["account.tax"].create({"name": "7 %", "amount": 7})
        cls.third = cls._user("third", "rebate_management.group_rebate_approver")
        cls.approvers = [cls.approver, cls.third]
        cls.env["rebate.approval.level"].create(
            {
                "name": "Large",
                "sequence": 20,
                "amount_from": 60,
                "group_id": cls.env.ref("rebate_management.group_rebate_approver").id,
            }
        )

    @classmethod
    def _programs(cls):
        cls.other_liability = cls._liability(code="219001")
        cls.liabilities = cls.liability | cls.other_liability
        service = cls.env["product.product"].create(
            {"name": "Bonus", "type": "service", "taxes_id": [Command.set(cls.tax.ids)]}
        )
        accruing = {
            "accrual_method": "earned",
            "liability_account_id": cls.liability.id,
            "expense_account_id": cls.expense.id,
        }
        return {
            name: cls._program(
                name=name, sequence=sequence, date_start="2025-01-01", **accruing | vals
            )
            for sequence, (name, vals) in enumerate(cls._ways_to_pay(service).items(), 1)
        }

    @classmethod
    def _ways_to_pay(cls, service):
        """Values of programs by a short name; see ``DAYS`` for what is paid when."""
        return {
            "year": {
                "rules": [scale((0, 1), (1000, 3), (5000, 5))],
                "settlement_period": "quarter",
                "min_payout": 5,
            },
            "expected": {
                "rules": [scale((0, 2), (2000, 4))],
                "period_type": "half_year",
                "accrual_method": "expected",
                "liability_account_id": cls.other_liability.id,
            },
            "euro": {
                "rules": [scale((0, 3.333))],
                "period_type": "half_year",
                "currency_id": cls.eur.id,
                "tax_policy": "origin",
            },
            "claimed": {
                "rules": [scale((0, 4))],
                "period_type": "quarter",
                "claim_required": True,
                "claim_deadline_days": 40,
            },
            "invoiced": {
                "rules": [scale((500, 2.5), (3000, 6))],
                "period_type": "half_year",
                "settlement_period": "quarter",
                "clawback_policy": "invoice",
                "tax_policy": "origin",
            },
            "bill": {
                "rules": [scale((0, 1.25))],
                "period_type": "half_year",
                "payout_method": "vendor_bill",
            },
            "offset": {
                "rules": [scale((0, 2))],
                "reconcile_payouts": True,
                "tax_policy": "product",
                "payout_product_id": service.id,
                "clawback_policy": "invoice",
                "guaranteed_payout": 10,
            },
            "unaccrued": {
                "rules": [scale((0, 1.5))],
                "accrual_method": "none",
                "tax_policy": "origin",
                "payout_grouping": "program",
            },
        }

    def _vals(self, document, **vals):
        """As in any world, but every other taxed line at the lower rate."""
        values = super()._vals(document, **vals)
        for place, (_create, _id, line) in enumerate(values["invoice_line_ids"]):
            if document["taxed"] and place % 2:
                line["tax_ids"] = [Command.set(self.lower_tax.ids)]
        return values

    def _approve_as(self, user, settlements):
        settlements.with_user(user).action_approve()
