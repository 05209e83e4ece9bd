"""What keeps money from being booked once all is set up is told in a sentence that names it, and
stops nobody else."""

from freezegun import freeze_time

from odoo.tests import tagged

from .common import AccrualCommon


@tagged("post_install", "-at_install")
class TestMoneyRefusals(AccrualCommon):
    def _approved(self, **vals):
        """A settlement of 100 that is accrued already and only needs to be posted."""
        program = self._accruing(**vals)
        self._enrol(program)
        self._invoice(1000)
        self._run()
        settlement = self._settle(post=False)
        settlement.action_submit()
        self._approve(settlement)
        return settlement, program

    def _day(self, day, job):
        with freeze_time(day), self.enter_registry_test_mode():
            self.env.ref(f"rebate_management.ir_cron_{job}").method_direct_trigger()
        self.env.invalidate_all()

    def test_a_liability_account_that_was_archived_since_it_was_accrued(self):
        settlement, _program = self._approved()
        self.liability.active = False
        with self.assertRefused(settlement.name, "Bonus", "Rebates owed", "archived"):
            settlement.action_post()
        self.assertEqual((settlement.state, len(settlement.move_ids)), ("approved", 0))

    def test_who_may_not_post_or_cancel_is_told_which_right_it_takes(self):
        settlement, _program = self._approved()
        for action in ("action_post", "action_cancel"):
            with self.assertRefused("Accountant", "administrator"):
                getattr(settlement.with_user(self.approver), action)()
        self.assertEqual(settlement.state, "approved")

    def test_what_cannot_be_released_when_it_expires_stops_no_other(self):
        programs = []
        for name, code in (("Bonus", "219100"), ("Other", "219200")):
            account = self._liability(code=code)
            programs.append(
                self._accruing(
                    name=name,
                    liability_account_id=account.id,
                    claim_required=True,
                    claim_deadline_days=10,
                )
            )
            self._enrol(programs[-1])
        self._invoice(1000)
        self._run()
        accruals = [self._accrual(program.agreement_ids) for program in programs]
        programs[0].liability_account_id.active = False
        # Nobody was reminded, so there is another month; then it is too late.
        self._day("2026-03-31", "claims")
        self._day("2026-05-15", "claims")
        self.assertEqual([accrual.state for accrual in accruals], ["closed", "expired"])
        self.assertEqual([accrual.accrued_amount for accrual in accruals], [100, 0])
        self.assertIn("archived", programs[0].activity_ids.note)
        self.assertFalse(programs[1].activity_ids)
        programs[0].liability_account_id.active = True
        self._day("2026-05-16", "claims")
        self.assertEqual((accruals[0].state, accruals[0].accrued_amount), ("expired", 0))
        self._day("2026-06-01", "run_accruals")
        self.assertFalse(programs[0].activity_ids)
