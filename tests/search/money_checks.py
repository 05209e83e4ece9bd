"""What holds right after a step of what was proposed, posted, accrued or expired by it, for the
machine of ``test_stateful_money.py``."""

from collections import defaultdict
from decimal import Decimal

from odoo.tools import SQL

from .money_payouts import LIVE


def exact(amount):
    return Decimal(str(amount)).quantize(Decimal("0.01"))


class Checks:
    """Called by the steps; mixed into a machine of ``trade.py``."""

    def earned(self, accruals, until):
        """What accruals earn up to a day."""
        results = self.env["rebate.calculation"]._calculate(accruals._windows(until=until))
        return {accrual: exact(results[accrual.id].earned) for accrual in accruals}

    def taken(self):
        """What documents of settlements took from the liability, by accrual, reversals off."""
        rows = self.env.execute_query(
            SQL(
                "SELECT line.rebate_accrual_id, SUM(line.amount_currency)"
                "  FROM account_move_line line JOIN account_move move ON move.id = line.move_id"
                " WHERE line.rebate_accrual_id IS NOT NULL AND move.state = 'posted'"
                "   AND move.rebate_settlement_id IS NOT NULL GROUP BY 1"
            )
        )
        return defaultdict(Decimal, {accrual_id: exact(amount) for accrual_id, amount in rows})

    def check_proposed(self, settlements):
        """With what was settled or proposed before, just what is earned by the day paid for; or
        what was paid too much is made up for as far as its payee is owed anything."""
        for line in settlements.line_ids:
            accrual = line.accrual_id
            until = line.date_until or accrual.date_to
            lines = accrual.settlement_line_ids.filtered(lambda one: one.state in LIVE)
            proposed = sum(map(exact, lines.mapped("amount")))
            earned, name = self.earned(accrual, until)[accrual], accrual.display_name
            self.case.assertEqual(until, max(one.date_until or accrual.date_to for one in lines))
            if line.amount > 0 or proposed == earned:
                self.case.assertEqual(proposed, earned, f"proposed of {name}")
                continue
            self.case.assertGreater(proposed, earned, f"made up of {name}")
            paid = settlements.filtered(
                lambda one, own=line.settlement_id: (
                    one.partner_id == own.partner_id
                    and one.currency_id == own.currency_id
                    and one.journal_id.type == "sale"
                    and one.amount_total > 0
                )
            )
            self.case.assertFalse(paid, f"paid although more is overpaid of {name}")
        for settlement in settlements:
            is_back = settlement.currency_id.compare_amounts(settlement.amount_total, 0) < 0
            policies = settlement.line_ids.program_id.mapped("clawback_policy")
            amounts = settlement.line_ids.mapped("amount")
            self.case.assertTrue(settlement.amount_total or min(amounts) < 0, settlement.name)
            self.case.assertTrue(not is_back or set(policies) == {"invoice"}, settlement.name)

    def check_posted(self, settlement):
        """What it paid is off the liability, which is not overdrawn by it."""
        accruals = settlement.line_ids.accrual_id
        for line in settlement.line_ids.filtered(lambda line: line.amount < 0):
            self.check_taken_back(line.accrual_id)
        for line in settlement.line_ids.filtered(lambda line: line.amount > 0):
            accrual = line.accrual_id
            if accrual.program_id._accrues_on() and accrual not in self.by_hand:
                self.case.assertGreaterEqual(
                    exact(accrual.accrued_amount),
                    min(Decimal(0), self.lowest.get(accrual, Decimal(0))),
                    f"after paying {accrual.display_name}",
                )
        self.check_exchange(accruals)

    def check_taken_back(self, accrual):
        """What was taken back leaves what is owed, as an accrual run as far as the last would."""
        program = accrual.program_id
        if accrual in self.by_hand or not program._accrues_on():
            return
        self.env.invalidate_all()
        held = exact(accrual.accrued_amount)
        self.lowest[accrual] = held
        if program.accrual_method == "earned" and program not in self.rebooked:
            entries = accrual.move_line_ids.move_id.filtered(
                lambda move: (
                    move.state == "posted"
                    and "posted" not in move.reversal_move_ids.mapped("state")
                )
            )
            lines = accrual.settlement_line_ids.filtered(lambda one: one.state in LIVE)
            days = [
                *filter(None, entries.mapped("rebate_accrued_until")),
                *(line.date_until or accrual.date_to for line in lines),
            ]
            gone = exact(accrual.settled_amount) + exact(accrual.expired_amount)
            owed = self.earned(accrual, max(days))[accrual] - gone
            self.case.assertEqual(held, owed, f"left of {accrual.display_name}")

    def check_accrued(self, programs, day):
        """Accrued is earned less settled less expired, or where more was paid than ever accrued
        nothing is taken back that was not accrued."""
        accruals = self.agreements.accrual_ids.filtered(
            lambda accrual: (
                accrual.date_from <= day
                and accrual.program_id in programs
                and not self.is_paid_beyond(accrual, day)
            )
        )
        self.env.invalidate_all()
        self.by_hand -= accruals
        taken = self.taken()
        counted = accruals.filtered(lambda one: one.program_id.accrual_method == "earned")
        earned = self.earned(counted, day)
        for accrual in accruals:
            name = f"{accrual.display_name} up to {day}"
            method, held = accrual.program_id.accrual_method, exact(accrual.accrued_amount)
            floor = min(Decimal(0), -taken[accrual.id])
            if method == "none":
                self.case.assertEqual(held, max(Decimal(0), floor), name)
            elif method == "earned":
                gone = exact(accrual.settled_amount) + exact(accrual.expired_amount)
                owed = earned[accrual] - gone
                self.case.assertEqual(held, max(owed, floor), name)
                if accrual.program_id not in self.rebooked:
                    self.case.assertEqual(held, owed, name)
            self.lowest[accrual] = held
            self.check_account(accrual)
        self.check_exchange(accruals)

    def is_paid_beyond(self, accrual, day):
        """Whether later purchases were paid already: then a run for the day leaves it alone."""
        return accrual.program_id.accrual_method != "none" and any(
            line.state in ("posted", "paid") and (line.date_until or accrual.date_to) > day
            for line in accrual.settlement_line_ids
        )

    def check_account(self, accrual):
        """After a run nothing is left on an account that the program has left."""
        account = accrual.program_id._accrues_on()
        left = defaultdict(Decimal)
        for line in accrual.move_line_ids.filtered(lambda line: line.parent_state == "posted"):
            left[line.account_id] += exact(line.amount_currency)
        left.pop(account, None)
        self.case.assertFalse(any(left.values()), accrual.display_name)

    def check_exchange(self, accruals):
        """A liability that is nothing in the program's currency is nothing in the books."""
        self.env.invalidate_all()
        for accrual in accruals:
            items = accrual.move_line_ids.filtered(lambda line: line.parent_state == "posted")
            for lines in items.grouped("account_id").values():
                if not sum(map(exact, lines.mapped("amount_currency"))):
                    value = sum(map(exact, lines.mapped("balance")))
                    self.case.assertFalse(value, f"value of {accrual.display_name}")

    def check_expired(self, accruals, before):
        """What expires leaves the liability, as far as it was there."""
        for accrual in accruals:
            self.counts["expire", "done"] += 1
            was, expired = exact(before[accrual]), exact(accrual.expired_amount)
            self.case.assertGreater(expired, 0, accrual.display_name)
            self.case.assertEqual(
                exact(accrual.accrued_amount), was - max(min(expired, was), 0), accrual.display_name
            )
