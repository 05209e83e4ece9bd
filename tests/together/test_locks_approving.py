"""Two people approve and post one settlement at the same moment: it is approved once, and there is
one credit note."""

from datetime import date

from odoo import Command
from odoo.exceptions import UserError

from .case import LocksCase
from .faults import approve, at_once, request
from .world import YEAR

ROUNDS = 3
GROUPS = (
    "base.group_user",
    "rebate_management.group_rebate_approver",
    "rebate_management.group_rebate_accountant",
)


def post(database, user_id, settlement_id):
    """Post as a user, again where it was disturbed."""
    request(
        database,
        user_id,
        lambda env: env["rebate.settlement"].browse(settlement_id).action_post(),
    )


def approve_and_post(database, user_id, settlement_id):
    """Approve, unless somebody else just did, and then post."""
    try:
        approve(database, user_id, settlement_id)
    except UserError as error:
        if "is in status" not in str(error):
            raise
    post(database, user_id, settlement_id)


class TestLocksApproving(LocksCase):
    def setUp(self):
        super().setUp()
        env = self._begin()
        account = env["account.account"].create(
            {
                "name": "Rebates owed",
                "code": f"2191{self.program_id}",
                "account_type": "liability_current",
            }
        )
        env["rebate.program"].browse(self.program_id).write(
            {"accrual_method": "earned", "liability_account_id": account.id}
        )
        self.account_id = account.id
        groups = [env.ref(group).id for group in GROUPS]
        self.user_ids = (
            env["res.users"]
            .create(
                [
                    {
                        "name": login,
                        "login": f"{login} {self.program_id}",
                        "group_ids": [Command.set(groups)],
                    }
                    for login in ("first", "second")
                ]
            )
            .ids
        )
        env.cr.commit()

    def _submitted(self):
        """Commit a settlement over 10 that waits for its approval."""
        self._invoice(100)
        env = self._begin()
        run = env["rebate.settlement.run"].create(
            {"date_to": date(YEAR, 12, 31), "program_ids": [Command.set([self.program_id])]}
        )
        settlement = run.action_run()
        settlement.action_submit()
        env.cr.commit()
        return settlement.id

    def _assert_posted_once(self, settlement_id):
        settlement = self._begin()["rebate.settlement"].browse(settlement_id)
        self.assertEqual((settlement.state, settlement.amount_total), ("posted", 10))
        self.assertEqual(settlement.move_ids.mapped("amount_total"), [10])
        self.assertEqual(settlement.approval_ids.mapped("decision"), ["submitted", "approved"])

    def _assert_accrued_once(self, payouts):
        """Each payout accrued the 10 that it then took."""
        lines = self._begin()["account.move.line"].search(
            [("account_id", "=", self.account_id), ("parent_state", "=", "posted")]
        )
        self.assertEqual(sorted(lines.mapped("balance")), [-10] * payouts + [10] * payouts)

    def test_two_who_approve_and_post_at_once_make_one_credit_note(self):
        for number in range(1, ROUNDS + 1):
            settlement_id = self._submitted()
            with self.subTest(round=number):
                failures = at_once(
                    *(
                        (approve_and_post, self.database, user_id, settlement_id)
                        for user_id in self.user_ids
                    )
                )
                self.assertEqual(failures.count(None), 1, failures)
                self.assertIn("is in status Posted", next(filter(None, failures)))
                self._assert_posted_once(settlement_id)
                self._assert_accrued_once(number)

    def test_who_posts_while_another_approves_posts_what_is_approved_or_nothing(self):
        for number in range(1, ROUNDS + 1):
            settlement_id = self._submitted()
            first, second = self.user_ids
            with self.subTest(round=number):
                failures = at_once(
                    (approve, self.database, first, settlement_id),
                    (post, self.database, second, settlement_id),
                )
                self.assertIsNone(failures[0])
                if failures[1]:
                    self.assertIn("is in status Submitted", failures[1])
                    post(self.database, second, settlement_id)
                self._assert_posted_once(settlement_id)
                self._assert_accrued_once(number)
