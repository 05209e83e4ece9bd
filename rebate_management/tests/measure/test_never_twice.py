"""Whatever agreements distributors had and have in a program, no invoice line counts for two."""

import random
from datetime import date, timedelta

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..common import RebateCommon

SEEDS = range(4)
STEPS = 14


@tagged("post_install", "-at_install")
class TestNeverTwice(RebateCommon):
    def test_no_line_counts_twice_whatever_becomes_of_the_distributors(self):
        for seed in SEEDS:
            with self.subTest(seed=seed), self.env.cr.savepoint() as savepoint:
                self._live(random.Random(seed))  # noqa: S311
                savepoint.rollback()
                self.env.invalidate_all()

    def _live(self, chance):
        """Let a program live through a random sequence of what may be done, allowed or refused."""
        self.chance = chance
        self.done = []
        self.program = self._program((0, 10), period_type="quarter")
        tops = [self._company(f"Top {place}") for place in range(3)]
        self.partners = self.env["res.partner"].union(
            *tops,
            *(self._company(f"Below {place}", parent_id=tops[place].id) for place in range(3)),
        )
        for partner in tops:
            self._enrol(self.program, partner, include_children=chance.random() < 0.7)
        steps = ("buy", "buy", "pay", "cancel", "end", "enrol", "include", "move", "merge")
        for _step in range(STEPS):
            step = chance.choice(steps)
            try:
                with self.env.cr.savepoint():
                    self.done.append((step, str(getattr(self, f"_do_{step}")())))
            except UserError as refusal:
                self.env.invalidate_all()
                self.done.append((step, f"refused: {refusal}"))
            self._check_once()
        self._check_paid()

    def _any(self, records):
        return records and records.browse(self.chance.choice(records.ids))

    def _day(self):
        return date(2025, 1, 1) + timedelta(days=self.chance.randrange(400))

    def _do_buy(self):
        amount = self.chance.randrange(1, 50) * 100
        return self._invoice(
            amount,
            str(self._day()),
            partner=self._any(self.partners),
            refund=self.chance.random() < 0.2,
        )

    def _do_pay(self):
        return self._settle(str(self._day()), kind=self.chance.choice(["final", "interim"]))

    def _do_cancel(self):
        settlements = self.env["rebate.settlement"].search(
            [("state", "in", ("posted", "paid")), ("line_ids.program_id", "=", self.program.id)]
        )
        return self._any(settlements) and self._any(settlements).action_cancel()

    def _do_end(self):
        agreement = self._any(self.program.agreement_ids)
        agreement.date_end = max(agreement.date_start, self._day())
        agreement.action_end()
        return agreement

    def _do_enrol(self):
        partner = self._any(self.partners)
        latest = max(
            self.program.agreement_ids.filtered(
                lambda agreement: agreement.partner_id == partner and agreement.date_end
            ).mapped("date_end"),
            default=date(2024, 12, 31),
        )
        return self._enrol(
            self.program,
            partner,
            date_start=max(latest + timedelta(days=1), date(2025, 1, 1)),
            include_children=self.chance.random() < 0.5,
        )

    def _do_include(self):
        agreement = self._any(self.program.agreement_ids)
        agreement.include_children = not agreement.include_children
        return agreement

    def _do_move(self):
        partner, parent = self._any(self.partners), self._any(self.partners)
        partner.parent_id = parent if self.chance.random() < 0.8 else False
        return partner, parent

    def _do_merge(self):
        source, target = self._any(self.partners), self._any(self.partners)
        if source == target:
            return None
        names = source.name, target.name
        self.env["base.partner.merge.automatic.wizard"]._merge((source | target).ids, target)
        self.env.invalidate_all()
        self.partners = self.partners.exists()
        return names

    def _check_once(self):
        agreements = self.program.agreement_ids
        agreements.action_refresh()
        self.env.invalidate_all()
        lines = [
            line
            for agreement in agreements
            for accrual in agreement.accrual_ids
            for line in self.env["rebate.measure"]._line_ids(accrual._windows())
        ]
        self.assertEqual(len(lines), len(set(lines)), self.done)
        accruals = agreements.accrual_ids
        counted = self.env["account.move.line"].browse(lines)
        self.assertFalse(accruals.filtered("problem"), self.done)
        # What each period earned is what its own lines earn: figures and lines agree.
        self.assertAlmostEqual(
            sum(accruals.mapped("measured_amount")), -sum(counted.mapped("balance")), 2, self.done
        )

    def _check_paid(self):
        """What is paid last brings each payee to what is owed, and to no more."""
        payees = self.program.agreement_ids.grouped(lambda agreement: agreement._payee())
        before = {payee: sum(a.mapped("settled_amount")) for payee, a in payees.items()}
        self._settle(self.today, kind="interim")
        self.env.invalidate_all()
        for payee, agreements in payees.items():
            owed = sum(agreements.mapped("earned_amount"))
            self.assertAlmostEqual(
                sum(agreements.mapped("settled_amount")), max(before[payee], owed), 2, self.done
            )
