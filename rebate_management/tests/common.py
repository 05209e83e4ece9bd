"""Builders for the tests: a program, an enrolment, a posted invoice, each in one line."""

from contextlib import contextmanager

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError

from .common_kept import KeptCommon
from .recompute import period_earned, rule_earned


class RebateCommon(KeptCommon):
    """A manufacturer in USD with a few customers; today is the last day of March 2026."""

    today = "2026-03-31"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        frozen = freeze_time(cls.today)
        frozen.start()
        cls.addClassCleanup(frozen.stop)

    @classmethod
    def _rule(cls, *tiers, **vals):
        """Values of a rule from ``(threshold, rate)`` pairs."""
        return {
            "name": "Purchases",
            "tier_ids": [
                Command.create({"threshold": threshold, "rate": rate}) for threshold, rate in tiers
            ],
            **vals,
        }

    @classmethod
    def _program(cls, *tiers, rules=None, activate=True, **vals):
        """An active program, by default retroactive over calendar years from 2025 on."""
        program = cls.env["rebate.program"].create(
            {
                "name": "Bonus",
                "date_start": "2025-01-01",
                "rule_ids": [Command.create(rule) for rule in rules or [cls._rule(*tiers)]],
                **vals,
            }
        )
        if activate:
            program.action_activate()
        return program

    @classmethod
    def _enrol(cls, program, partner=None, activate=True, **vals):
        """An active agreement of the distributor in a program."""
        agreement = cls.env["rebate.agreement"].create(
            {"program_id": program.id, "partner_id": (partner or cls.distributor).id, **vals}
        )
        if activate:
            agreement.action_activate()
        return agreement

    @classmethod
    def _invoice(
        cls,
        amount,
        day="2025-06-15",
        partner=None,
        refund=False,
        post=True,
        company=None,
        **vals,
    ):
        """A posted customer invoice, or credit note, over one untaxed amount, or over a list of
        ``(product, amount)``."""
        lines = amount if isinstance(amount, list) else [(cls.goods, amount)]
        moves = cls.env["account.move"].with_company(company or cls.env.company)
        move = moves.create(
            {
                "move_type": "out_refund" if refund else "out_invoice",
                "partner_id": (partner or cls.distributor).id,
                "invoice_date": day,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": product.id if product else False,
                            "name": "Line",
                            "quantity": 1,
                            "price_unit": price,
                            "tax_ids": [Command.clear()],
                        }
                    )
                    for product, price in lines
                ],
                **vals,
            }
        )
        if post:
            move.action_post()
        return move

    @classmethod
    def _pay(cls, moves, day="2025-06-20", amount=None, write_off=None, **vals):
        """Pay documents through the wizard, what is missing written off to an account.

        :return: the payments
        """
        if amount is not None:
            vals["amount"] = amount
        if write_off:
            vals |= {
                "payment_difference_handling": "reconcile",
                "writeoff_account_id": write_off.id,
            }
        return (
            cls.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=moves.ids)
            .create({"payment_date": day, **vals})
            ._create_payments()
        )

    @classmethod
    def _order(cls, *taxes, quantity=10, price=10, product=None, confirm=True):
        """A sale order of the distributor with one line, or with one for each tax."""
        order = cls.env["sale.order"].create(
            {
                "partner_id": cls.distributor.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": (product or cls.goods).id,
                            "product_uom_qty": quantity,
                            "price_unit": price,
                            "tax_ids": [Command.set(tax.ids if tax else [])],
                        }
                    )
                    for tax in taxes or (None,)
                ],
            }
        )
        if confirm:
            order.action_confirm()
        return order

    @classmethod
    def _accrual(cls, agreement, day="2025-06-15"):
        """The agreement's accrual of the period a day lies in."""
        day = fields.Date.to_date(day)
        return agreement.accrual_ids.filtered(
            lambda accrual: accrual.date_from <= day <= accrual.date_to
        )

    @classmethod
    def _earned(cls, agreement, day="2025-06-15"):
        """What the agreement earned in a period, freshly computed, and the same from the facts
        that are stored of it."""
        agreement.action_refresh()
        accrual = cls._accrual(agreement, day)
        lines = [line.facts for line in accrual.line_ids]
        again = [float(rule_earned(facts)) for facts in lines]
        assert again == accrual.line_ids.mapped("earned_amount"), lines
        if lines:
            assert float(period_earned(accrual.facts, lines)) == accrual.earned_amount, lines
        return accrual.earned_amount

    @classmethod
    def _settle(cls, date_to="2025-12-31", kind="final", post=True, **vals):
        """Run a settlement and take its proposals to the books."""
        settlements = (
            cls.env["rebate.settlement.run"]
            .create({"date_to": date_to, "kind": kind, **vals})
            .action_run()
        )
        if post:
            settlements.action_submit()
            cls._approve(settlements)
            settlements.action_post()
        return settlements

    @classmethod
    def _approve(cls, settlements):
        """Have somebody else approve."""
        cls.approver.company_ids |= settlements.company_id
        settlements.with_user(cls.approver).with_context(
            allowed_company_ids=cls.approver.company_ids.ids
        ).action_approve()

    def _drain(self):
        """Let the job bring accruals up to date with what was posted."""
        with self.enter_registry_test_mode():
            self.env.ref("rebate_management.ir_cron_drain_queue").method_direct_trigger()
        self.assertFalse(self.env["rebate.queue"].search_count([]))

    def _statements(self, function, *args):
        """How many statements a call sends from a cold cache, with what it leaves to be written."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        function(*args)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    @contextmanager
    def assertRefused(self, *words):
        """Expect a refusal whose sentence contains all the given words."""
        with self.assertRaises(UserError) as caught, self.env.cr.savepoint():
            yield
        for word in words:
            self.assertIn(word, self._plain(str(caught.exception)))

    @contextmanager
    def assertNoAccess(self):
        """Expect to be refused for want of a right, and nothing to be written."""
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            yield

    @staticmethod
    def _plain(text):
        """A formatted text without the characters that only keep its figures on one line."""
        return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{ZERO WIDTH NO-BREAK SPACE}", "")
