"""Builders for tests of accruals in the books."""

from odoo import Command, fields

from ..common import RebateCommon


class AccrualCommon(RebateCommon):
    """A company with a liability account, whose programs accrue what is earned."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.liability = cls._liability()
        cls.expense = cls.company_data["default_account_expense"]

    @classmethod
    def _liability(cls, company=None, code="219000"):
        company = company or cls.env.company
        return (
            cls.env["account.account"]
            .with_company(company)
            .create(
                {
                    "name": "Rebates owed",
                    "code": code,
                    "account_type": "liability_current",
                    "company_ids": [Command.set(company.ids)],
                }
            )
        )

    @classmethod
    def _branch(cls):
        """A branch of the company, that sells with its accounts."""
        branch = cls.env["res.company"].create({"name": "Branch", "parent_id": cls.env.company.id})
        cls.env.user.company_ids = [Command.link(branch.id)]
        # Accounts chosen by company are chosen anew for a branch.
        cls.goods.with_company(branch).property_account_income_id = cls.company_data[
            "default_account_revenue"
        ]
        cls.distributor.with_company(branch).property_account_receivable_id = cls.company_data[
            "default_account_receivable"
        ]
        return branch

    @classmethod
    def _accruing(cls, *tiers, **vals):
        """An active program that accrues, as earned unless told otherwise."""
        return cls._program(
            *tiers or [(0, 10)],
            **{
                "accrual_method": "earned",
                "liability_account_id": cls.liability.id,
                "expense_account_id": cls.expense.id,
                **vals,
            },
        )

    @classmethod
    def _run(cls, day="2025-12-31", **vals):
        """An accrual run's entries."""
        return cls._wizard(day, **vals).action_run()

    @classmethod
    def _wizard(cls, day="2025-12-31", **vals):
        return cls.env["rebate.accrual.run"].create({"date": day, **vals})

    def _balance(self, account=None, field="balance", **filters):
        """What posted items leave on an account, a liability as a positive number."""
        lines = self.env["account.move.line"].search(
            [
                ("account_id", "=", (account or self.liability).id),
                ("parent_state", "=", "posted"),
                *((name, "=", value) for name, value in filters.items()),
            ]
        )
        return -sum(lines.mapped(field))

    def _assert_books_agree(self, liability=None):
        """The liability account, the tagged items and the accruals say the same; every entry is
        balanced; nothing is unexplained."""
        self.env.flush_all()
        accruals = self.env["rebate.accrual"].search([("company_id", "=", self.env.company.id)])
        accruals.invalidate_recordset()
        for accrual in accruals:
            lines = accrual.move_line_ids.filtered(lambda line: line.parent_state == "posted")
            self.assertAlmostEqual(
                accrual.accrued_amount, -sum(lines.mapped("amount_currency")), msg=accrual
            )
            self.assertFalse(lines.account_id - self.liability)
            for move in lines.move_id:
                self.assertAlmostEqual(sum(move.line_ids.mapped("balance")), 0)
        self.assertAlmostEqual(
            self._balance(),
            -sum(
                accruals.move_line_ids.filtered(lambda line: line.parent_state == "posted").mapped(
                    "balance"
                )
            ),
        )
        self.assertFalse(self.env["rebate.liability"].search([("difference", "!=", 0)]))
        if liability is not None:
            self.assertAlmostEqual(sum(accruals.mapped("accrued_amount")), liability)

    @staticmethod
    def _day(text):
        return fields.Date.to_date(text)
