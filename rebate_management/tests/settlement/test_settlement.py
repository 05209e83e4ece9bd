"""From what is earned to a posted credit note, and never twice."""

from odoo.tests import tagged

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestSettlement(RebateCommon):
    def test_a_finished_year_becomes_a_posted_credit_note(self):
        program = self._program((0, 1), (1000, 5))
        agreement = self._enrol(program)
        self._invoice(2000)
        settlement = self._settle()
        self.assertRecordValues(
            settlement,
            [{"partner_id": self.distributor.id, "amount_total": 100, "state": "posted"}],
        )
        self.assertRecordValues(
            settlement.move_ids,
            [
                {
                    "move_type": "out_refund",
                    "state": "posted",
                    "partner_id": self.distributor.id,
                    "amount_total": 100,
                    "amount_tax": 0,
                    "currency_id": self.usd.id,
                    "rebate_settlement_id": settlement.id,
                    "ref": settlement.name,
                }
            ],
        )
        self.assertRecordValues(
            settlement.move_ids.invoice_line_ids,
            [{"account_id": program.expense_account_id.id, "balance": 100}],
        )
        self.assertIn("Bonus", settlement.move_ids.invoice_line_ids.name)
        self.assertIn("1,000.00", settlement.line_ids.explanation)
        self.assertRecordValues(
            self._accrual(agreement),
            [{"settled_amount": 100, "open_amount": 0, "state": "settled"}],
        )

    def test_a_second_run_pays_nothing(self):
        self._enrol(self._program((0, 10)))
        self._invoice(1000)
        self.assertEqual(len(self._settle()), 1)
        self.assertFalse(self._settle())

    def test_a_proposal_is_not_proposed_again_while_it_waits(self):
        self._enrol(self._program((0, 10)))
        self._invoice(1000)
        waiting = self._settle(post=False)
        self.assertFalse(self._settle())
        waiting.action_submit()
        waiting.action_reject()
        self.assertEqual(self._settle().amount_total, 100)

    def test_c7_a_second_interim_payout_pays_only_the_difference(self):
        self._enrol(self._program((0, 1), (1000, 5)))
        self._invoice(500, "2026-01-15")
        self.assertEqual(self._settle("2026-01-31", "interim").amount_total, 5)
        self._invoice(1500, "2026-02-15")
        self.assertEqual(self._settle("2026-02-28", "interim").amount_total, 95)
        self.assertFalse(self._settle("2026-02-28", "interim"))

    def test_an_interim_run_pays_only_up_to_its_day(self):
        self._enrol(self._program((0, 1)))
        self._invoice(500, "2026-01-15")
        self._invoice(700, "2026-02-15")
        self.assertEqual(self._settle("2026-01-31", "interim").amount_total, 5)

    def test_running_periods_are_left_alone_by_a_final_run(self):
        self._enrol(self._program((0, 1)))
        self._invoice(500, "2026-01-15")
        self.assertFalse(self._settle("2026-03-31"))

    def test_return_after_settlement_is_carried_forward(self):
        agreement = self._enrol(self._program((0, 10), period_type="quarter"))
        self._invoice(1000, "2025-01-15")
        self.assertEqual(self._settle("2025-03-31").amount_total, 100)
        self._invoice(300, "2025-03-20", refund=True)
        self.assertFalse(self._settle("2025-03-31"), "30 too much was paid: nothing is due")
        self.assertEqual(self._accrual(agreement, "2025-03-20").open_amount, -30)
        self._invoice(500, "2025-05-01")
        settlement = self._settle("2025-06-30")
        self.assertRecordValues(settlement.line_ids, [{"amount": -30}, {"amount": 50}])
        self.assertEqual(settlement.amount_total, 20)
        self.assertIn("difference to date", settlement.line_ids[0].name)
        self.assertEqual(self._accrual(agreement, "2025-03-20").open_amount, 0)

    def test_late_invoice_is_paid_by_the_next_run(self):
        self._enrol(self._program((0, 10), period_type="quarter"))
        self._invoice(1000, "2025-01-15")
        self._settle("2025-03-31")
        self._invoice(10, "2025-03-31")
        self.assertEqual(self._settle("2025-03-31").amount_total, 1)

    def test_agreements_of_one_partner_share_a_credit_note(self):
        self._enrol(self._program((0, 10), name="First"))
        self._enrol(self._program((0, 1), name="Second"))
        self._enrol(self._program((0, 1)), self._company("Somebody else"))
        self._invoice(1000)
        settlement = self._settle()
        self.assertEqual(len(settlement.line_ids), 2)
        self.assertEqual(settlement.move_ids.amount_total, 110)

    def test_the_payout_goes_to_whom_the_agreement_names(self):
        bank = self._company("Purchasing association")
        self._enrol(self._program((0, 10)), payout_partner_id=bank.id)
        self._invoice(1000)
        self.assertEqual(self._settle().move_ids.partner_id, bank)

    def test_the_programs_journal_and_currency_are_used(self):
        journal = self.company_data["default_journal_sale"].copy({"name": "Rebates"})
        self.eur.active = True
        self.env["res.currency.rate"].create(
            {"currency_id": self.eur.id, "name": "2025-01-01", "rate": 0.5}
        )
        self._enrol(self._program((0, 10), journal_id=journal.id, currency_id=self.eur.id))
        self._enrol(self._program((0, 10)))
        self._invoice(1000)
        notes = self._settle().move_ids.sorted("amount_total")
        self.assertRecordValues(
            notes,
            [
                {"journal_id": journal.id, "currency_id": self.eur.id, "amount_total": 50},
                {
                    "journal_id": self.company_data["default_journal_sale"].id,
                    "currency_id": self.usd.id,
                    "amount_total": 100,
                },
            ],
        )

    def test_the_credit_note_speaks_the_partners_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.env["ir.module.module"]._load_module_terms(["rebate_management"], ["fr_FR"])
        program = self._program((0, 10), name="Bonus", period_type="quarter")
        program.with_context(lang="fr_FR").name = "Prime"
        self.distributor.lang = "fr_FR"
        self._enrol(program)
        self._invoice(1000)
        line = self._settle().line_ids
        self.assertIn("Ristourne Prime", line.name)
        self.assertIn("T2 2025", line.name)
        self.assertIn("achats", line.explanation.lower())

    def test_filters_limit_the_run(self):
        other = self._company("Other")
        program = self._program((0, 10))
        self._enrol(program)
        self._enrol(program, other)
        self._enrol(self._program((0, 1)), other)
        self._invoice(1000)
        self._invoice(1000, partner=other)
        settlement = self._settle(partner_ids=other.ids, program_ids=program.ids)
        self.assertEqual(settlement.partner_id, other)
        self.assertEqual(settlement.amount_total, 100)

    def test_a_day_ahead_is_refused(self):
        with self.assertRefused("future"):
            self._settle("2026-04-01")

    def test_cancelling_reverses_the_credit_note_and_gives_the_amount_back(self):
        agreement = self._enrol(self._program((0, 10)))
        self._invoice(1000)
        settlement = self._settle()
        settlement.action_cancel()
        self.assertEqual(settlement.state, "cancelled")
        self.assertEqual(len(settlement.move_ids), 2)
        self.assertEqual(sum(settlement.move_ids.mapped("amount_total_signed")), 0)
        self.assertRecordValues(
            self._accrual(agreement), [{"settled_amount": 0, "open_amount": 100, "state": "closed"}]
        )
        self.assertEqual(self._settle().amount_total, 100)

    def test_steps_out_of_order_are_refused(self):
        self._enrol(self._program((0, 10)))
        self._invoice(1000)
        settlement = self._settle(post=False)
        with self.assertRefused(settlement.name, "Draft", "Approved"):
            settlement.action_post()
        settlement.action_submit()
        self._approve(settlement)
        settlement.action_post()
        with self.assertRefused(settlement.name, "Posted"):
            settlement.action_post()
        with self.assertRefused(settlement.name):
            settlement.unlink()

    def test_wizard_button_opens_the_proposals_or_says_nothing_is_due(self):
        self._enrol(self._program((0, 10)))
        self._invoice(1000)
        run = self.env["rebate.settlement.run"].create({"date_to": "2025-12-31"})
        action = run.action_run_and_open()
        self.assertEqual(self.env["rebate.settlement"].search(action["domain"]).amount_total, 100)
        with self.assertRefused("Nothing is due"):
            run.action_run_and_open()

    def test_both_documents_lead_to_each_other(self):
        self._enrol(self._program((0, 10)))
        self._invoice(1000)
        settlement = self._settle()
        self.assertEqual(settlement.action_view_moves()["res_id"], settlement.move_ids.id)
        self.assertEqual(
            settlement.move_ids.action_view_rebate_settlement()["res_id"], settlement.id
        )
