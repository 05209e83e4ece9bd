"""Renewing a program: dates moved, tiers raised, agreements taken over, reviewed before."""

from odoo import Command
from odoo.exceptions import RedirectWarning
from odoo.tests import tagged

from ..common import RebateCommon
from ..common_company import CompanyCommon


@tagged("post_install", "-at_install")
class TestRenew(RebateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program = cls._program((1000, 5), (5000, 10), name="Bonus 2025", date_end="2025-12-31")
        cls.agreement = cls._enrol(cls.program, baseline_amount=1000, target_amount=2000)
        cls._invoice(5100)

    def _wizard(self, program=None, **vals):
        return self.env["rebate.renew"].create({"program_id": (program or self.program).id, **vals})

    def _renewal(self, **vals):
        wizard = self._wizard(**vals)
        wizard.action_preview()
        wizard.action_renew()
        return wizard.program_id.renewal_ids

    def test_dates_and_name_are_moved_by_a_year(self):
        wizard = self._wizard()
        self.assertRecordValues(wizard, [{"name": "Bonus 2026"}])
        self.assertEqual(str(wizard.date_start), "2026-01-01")
        self.assertEqual(str(wizard.date_end), "2026-12-31")
        for first, last, then in (
            ("2024-06-01", "2024-08-31", ("2025-06-01", "2025-08-31")),
            ("2023-03-01", "2024-02-29", ("2024-03-01", "2025-02-28")),
            ("2023-01-01", "2024-12-31", ("2025-01-01", "2026-12-31")),
            ("2024-01-01", False, ("2027-01-01", "False")),
        ):
            with self.subTest(first):
                program = self._program((0, 5), name="Summer", date_start=first, date_end=last)
                wizard = self._wizard(program)
                self.assertEqual((str(wizard.date_start), str(wizard.date_end)), then)
                self.assertEqual(wizard.name, f"Summer {then[0][:4]}")

    def test_the_review_shows_before_and_after_and_writes_nothing(self):
        wizard = self._wizard(percent=10, rounding="100")
        before = self.env["rebate.program"].with_context(active_test=False).search_count([])
        wizard.action_preview()
        self.assertEqual(
            [(tier.threshold_before, tier.threshold, tier.rate) for tier in wizard.tier_ids],
            [(1000, 1100, 5), (5000, 5500, 10)],
        )
        self.assertRecordValues(
            wizard.line_ids,
            [
                {
                    "partner_id": self.distributor.id,
                    "is_chosen": True,
                    "baseline_before": 1000,
                    "baseline_amount": 1100,
                    "target_amount": 2200,
                    "purchases_amount": 5100,
                    "before_amount": 510,
                    "after_amount": 255,
                    "change_amount": -255,
                }
            ],
        )
        self.assertEqual(
            before, self.env["rebate.program"].with_context(active_test=False).search_count([])
        )
        self.assertEqual(self.program.agreement_ids, self.agreement)

    def test_what_is_changed_in_the_review_is_renewed(self):
        wizard = self._wizard(percent=10)
        wizard.action_preview()
        wizard.tier_ids[1].write({"threshold": 5100, "rate": 11})
        wizard.action_update()
        self.assertEqual(wizard.line_ids.after_amount, 561)
        wizard.line_ids.target_amount = 2500
        wizard.action_renew()
        renewal = self.program.renewal_ids
        self.assertEqual(
            [(tier.threshold, tier.rate) for tier in renewal.rule_ids.tier_ids],
            [(1100, 5), (5100, 11)],
        )
        self.assertRecordValues(
            renewal.agreement_ids,
            [{"target_amount": 2500, "baseline_amount": 1100, "state": "draft"}],
        )
        self.assertEqual(str(renewal.agreement_ids.date_start), "2026-01-01")
        self.assertFalse(renewal.agreement_ids.date_end)
        self.assertRecordValues(
            renewal, [{"name": "Bonus 2026", "state": "draft", "renewed_from_id": self.program.id}]
        )
        self.assertEqual(self.program.rule_ids.tier_ids.mapped("threshold"), [1000, 5000])

    def test_rates_and_targets_stay_unless_asked(self):
        wizard = self._wizard(percent=10, rate_percent=10, raises_targets=False)
        wizard.action_preview()
        self.assertEqual(wizard.tier_ids.mapped("rate"), [5.5, 11])
        self.assertEqual(wizard.line_ids.target_amount, 2000)

    def test_thresholds_in_percent_stay(self):
        program = self._program(
            rules=[self._rule((5, 1), (10, 2), qualifier_measure="growth_percent")],
            date_end="2025-12-31",
        )
        wizard = self._wizard(program, percent=10, rounding="1000")
        wizard.action_preview()
        self.assertEqual(wizard.tier_ids.mapped("threshold"), [5, 10])

    def test_who_has_ended_is_left_out_and_may_be_taken(self):
        ended = self._enrol(self.program, self._company("Ended"), date_start="2025-02-01")
        ended.action_end()
        ending = self._enrol(self.program, self._company("Ending"), date_end="2025-10-31")
        draft = self._enrol(self.program, self._company("Draft"), activate=False)
        gone = self._enrol(self.program, self._company("Gone"))
        gone.partner_id.active = False
        again = self._enrol(self.program, ended.partner_id, date_start="2026-05-01", activate=False)
        self.assertTrue(again)
        wizard = self._wizard()
        wizard.action_preview()
        self.assertEqual(len(wizard.line_ids), 5)
        self.assertEqual(wizard.line_ids.filtered("is_chosen").agreement_id, self.agreement)
        left_out = wizard.line_ids.filtered(lambda line: not line.is_chosen)
        self.assertTrue(all(left_out.mapped("note")))
        wizard.line_ids.filtered(lambda line: line.agreement_id == ending).is_chosen = True
        wizard.action_renew()
        self.assertEqual(
            self.program.renewal_ids.agreement_ids.partner_id,
            self.agreement.partner_id | ending.partner_id,
        )
        self.assertFalse(draft.program_id.renewal_ids.agreement_ids.filtered("date_end"))

    def test_own_tiers_are_taken_over_and_raised(self):
        self.agreement.tier_ids = [
            Command.create({"rule_id": self.program.rule_ids.id, "threshold": 2000, "rate": 20})
        ]
        wizard = self._wizard(percent=50)
        wizard.action_preview()
        self.assertEqual(wizard.line_ids.before_amount, 1020)
        wizard.action_renew()
        renewal = self.program.renewal_ids
        self.assertRecordValues(
            renewal.agreement_ids.tier_ids,
            [{"threshold": 3000, "rate": 20, "rule_id": renewal.rule_ids.id}],
        )

    def test_activated_at_once(self):
        renewal = self._renewal(is_activated=True)
        self.assertEqual(renewal.state, "active")
        self.assertEqual(renewal.agreement_ids.state, "active")

    def test_renewing_twice_is_told(self):
        renewal = self._renewal()
        with self.assertRaises(RedirectWarning) as caught:
            self.program.action_renew()
        text, action, *_rest = caught.exception.args
        self.assertIn("Bonus 2026", text)
        self.assertEqual(action["res_id"], renewal.id)
        with self.assertRaises(RedirectWarning):
            self._wizard().action_preview()
        renewal.agreement_ids.unlink()
        renewal.unlink()
        self.assertTrue(self.program.action_renew())

    def test_a_draft_is_not_renewed(self):
        with self.assertRefused("draft"):
            self._program((0, 5), activate=False).action_renew()

    def test_a_program_that_still_runs_is_told(self):
        wizard = self._wizard(date_start="2025-10-01")
        self.assertIn("12/31/2025", wizard.overlap_hint)
        self.assertFalse(self._wizard().overlap_hint)

    def test_groups_and_reducing_programs_follow(self):
        group = self.env["rebate.stacking.group"].create({"name": "Group"})
        first = self._program((0, 5), name="First 2025", date_end="2025-12-31", sequence=1)
        second = self._program(
            (0, 10),
            name="Second 2025",
            date_end="2025-12-31",
            sequence=2,
            reduced_by_program_ids=first.ids,
            stacking_group_id=group.id,
            payout_product_id=self.env["product.product"]
            .create({"name": "Rebate", "type": "service"})
            .id,
        )
        for order in ((first, second), (second, first)):
            for program in order:
                wizard = self._wizard(program)
                wizard.action_preview()
                wizard.action_renew()
            with self.subTest(order[0].name):
                self.assertEqual(second.renewal_ids.reduced_by_program_ids, first.renewal_ids)
                self.assertRecordValues(
                    second.renewal_ids,
                    [
                        {
                            "stacking_group_id": group.id,
                            "payout_product_id": second.payout_product_id.id,
                            "expense_account_id": second.expense_account_id.id,
                        }
                    ],
                )
            second.renewal_ids.unlink()
            first.renewal_ids.unlink()

    def test_a_group_takes_nothing_from_the_comparison(self):
        group = self.env["rebate.stacking.group"].create({"name": "Group"})
        program = self._program((0, 10), date_end="2025-12-31", stacking_group_id=group.id)
        self._enrol(program)
        wizard = self._wizard(program)
        wizard.action_preview()
        self.assertRecordValues(wizard.line_ids, [{"before_amount": 510, "after_amount": 510}])

    def test_many_are_as_few_statements(self):
        def statements(count):
            program = self._program((0, 5), (1000, 6), date_end="2025-12-31")
            partners = self.env["res.partner"].create(
                [{"name": f"{count} {place}", "is_company": True} for place in range(count)]
            )
            agreements = self.env["rebate.agreement"].create(
                [
                    {
                        "program_id": program.id,
                        "partner_id": partner.id,
                        "tier_ids": [
                            Command.create(
                                {"rule_id": program.rule_ids.id, "threshold": 0, "rate": 7}
                            )
                        ],
                    }
                    for partner in partners
                ]
            )
            agreements.action_activate()
            self._invoice(1500, "2025-03-03", partners[0])
            wizard = self._wizard(program, percent=5)
            return (
                self._statements(wizard.action_preview),
                self._statements(wizard.action_renew),
            )

        statements(2)
        for few, many in zip(statements(5), statements(60), strict=True):
            self.assertAlmostEqual(few, many, delta=3)


@tagged("post_install", "-at_install")
class TestRenewAccess(CompanyCommon):
    def test_only_a_manager_of_the_company_renews(self):
        for user in (
            *(self.reader, self.seller, self.accountant, self.approver, self.nobody),
            *(self.of_b["manager"], self.of_c["manager"]),
        ):
            own = self.env(user=user, context={"allowed_company_ids": user.company_ids.ids})
            with self.subTest(user.login), self.assertNoAccess():
                self.program.with_env(own).action_renew()
            with self.subTest(user.login), self.assertNoAccess():
                own["rebate.renew"].create({"program_id": self.program.id}).action_preview()
        wizard = self.env["rebate.renew"].with_user(self.manager)
        wizard = wizard.create({"program_id": self.program.id})
        wizard.action_preview()
        wizard.action_renew()
        self.assertEqual(len(self.program.renewal_ids.agreement_ids), 1)
