"""The small world that is attacked: a company with a branch, programs of several kinds, a few
distributors, and a user of every role."""

from odoo import Command

from odoo.addons.rebate_management.tests.accrual.common import AccrualCommon

from .formats import scale
from .world import WorldCommon

GROUPS = {
    "manager": ["rebate_management.group_rebate_manager"],
    "accountant": ["rebate_management.group_rebate_accountant"],
    "approver": ["rebate_management.group_rebate_approver"],
    "reader": ["rebate_management.group_rebate_user"],
    "seller": ["sales_team.group_sale_salesman"],
    "invoicer": ["account.group_account_invoice"],
    "controller": ["account.group_account_manager", "base.group_partner_manager"],
    "administrator": ["base.group_system"],
    "employee": [],
}
# Who works in the branch alone.
BRANCH = ("manager", "accountant", "approver")


class AttackCommon(WorldCommon, AccrualCommon):
    """Who does what is up to the test."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.branch = cls._branch()
        cls.branch_program = cls._program(
            (0, 2),
            name="Branch",
            company_id=cls.branch.id,
            expense_account_id=cls.expense.id,
        )
        cls.approvers = cls._user("approves", *GROUPS["approver"]) | cls.approver
        cls.env["rebate.approval.level"].create(
            {"name": "Large", "sequence": 20, "amount_from": 60, "user_ids": cls.approvers.ids}
        )
        cls.users = {name: cls._user(name, *groups) for name, groups in GROUPS.items()}
        for name in BRANCH:
            user = cls._user(f"branch_{name}", *GROUPS[name], companies=cls.branch)
            cls.users[user.login] = user
        cls.users["portal"] = (
            cls.env["res.users"]
            .with_context(no_reset_password=True)
            .create(
                {
                    "name": "portal",
                    "login": "portal_attack",
                    "parent_id": cls.alone.id,
                    "group_ids": [Command.set(cls._groups("base.group_portal").ids)],
                }
            )
        )

    @classmethod
    def _programs(cls):
        group = cls.env["rebate.stacking.group"].create({"name": "First", "method": "priority"})
        accruing = {
            "accrual_method": "earned",
            "liability_account_id": cls.liability.id,
            "expense_account_id": cls.expense.id,
        }
        ways = {
            "year": {
                "rules": [scale((0, 1), (1000, 3), (5000, 5))],
                "settlement_period": "quarter",
            },
            "claimed": {
                "rules": [scale((0, 4))],
                "period_type": "quarter",
                "claim_required": True,
                "claim_deadline_days": 400,
            },
            "invoiced": {
                "rules": [scale((500, 2.5), (3000, 6))],
                "period_type": "half_year",
                "clawback_policy": "invoice",
                "max_payout": 150,
            },
            "first": {
                "rules": [scale((0, 2), product_ids=[Command.set(cls.drill.ids)])],
                "stacking_group_id": group.id,
            },
            "then": {"rules": [scale((0, 1.5))], "stacking_group_id": group.id},
        }
        return {
            name: cls._program(
                name=name, sequence=sequence, date_start="2025-01-01", **accruing | vals
            )
            for sequence, (name, vals) in enumerate(ways.items(), 1)
        }
