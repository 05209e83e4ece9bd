"""The preview of a settlement run is what the run then proposes, and writes nothing."""

from odoo.tests import tagged

from ..common import RebateCommon

# What a preview must leave as it is, each by a field that a run writes.
WRITTEN = {
    "rebate.settlement": "state",
    "rebate.settlement.line": "amount",
    "rebate.settlement.detail": "rebate_amount",
    "rebate.settlement.batch": "state",
    "rebate.settlement.carryover": "amount",
    "rebate.accrual": "computed_at",
    "rebate.program": "problem",
    "mail.activity": "summary",
    "mail.message": "subject",
}


@tagged("post_install", "-at_install")
class TestSettlementPreview(RebateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program = cls._program((0, 10))

    def _wizard(self, user=None, **vals):
        return (
            self.env["rebate.settlement.run"]
            .with_user(user or self.env.user)
            .create({"date_to": "2025-12-31", **vals})
        )

    def _previewed(self, user=None, **vals):
        wizard = self._wizard(user, **vals)
        wizard.action_preview()
        return wizard

    def _customer(self, name, amount, program=None, **vals):
        partner = self._company(name)
        self._enrol(program or self.program, partner, **vals)
        if amount:
            self._invoice(amount, partner=partner)
        return partner

    def _mixed(self):
        """One of each who is paid and who is not."""
        self.eur.active = True
        self.eur.rate_ids.unlink()
        self.env["res.currency.rate"].create(
            {"currency_id": self.eur.id, "name": "2025-01-01", "rate": 0.5}
        )
        euros = self._program((0, 5), name="Euros", currency_id=self.eur.id)
        bills = self._program((0, 2), name="Bills", payout_method="vendor_bill")
        later = self._program((0, 3), name="Later", payout_delay_days=300)
        least = self._program((0, 10), name="Least", min_payout=50)
        claimed = self._program(
            (0, 10), name="Claimed", claim_required=True, claim_deadline_days=400
        )
        broken = self._program(
            rules=[self._rule((0, 1), name="Pieces")],
            name="Broken",
            measure="quantity",
            uom_id=self.env.ref("uom.product_uom_kgm").id,
        )
        one = self._customer("One", 1000)
        for program in (euros, bills, later):
            self._enrol(program, one)
        self._customer("Little", 100, least)
        self._customer("Unclaimed", 1000, claimed)
        self._customer("Unknown", 100, broken)
        self._customer("Idle", 0)
        overpaid = self._customer("Overpaid", 1000)
        self._settle(partner_ids=overpaid.ids)
        self._invoice(500, partner=overpaid, refund=True)
        self._customer("Proposed", 700)
        self._settle(
            post=False, partner_ids=self.env["res.partner"].search([("name", "=", "Proposed")]).ids
        )
        running = self._program(
            (0, 10),
            name="Running",
            date_start="2025-07-01",
            date_end="2026-06-30",
            period_type="program",
            settlement_period="program",
        )
        partner = self._customer("Running", 0, running)
        self._invoice(1000, "2025-08-01", partner=partner)
        return one

    def _as_proposed(self, settlements):
        return [
            {
                "partner_id": settlement.partner_id,
                "program_ids": settlement.program_ids,
                "period": settlement.period,
                "document": settlement._document_type(),
                "journal_id": settlement.journal_id,
                "date": settlement.date,
                "date_due": settlement.date_due,
                "currency_id": settlement.currency_id,
                "amount": settlement.amount_total,
                "adjustment": settlement.amount_adjustment,
                "value": settlement.amount_company,
            }
            for settlement in settlements.sorted("id")
        ]

    def _as_shown(self, lines):
        return [
            {
                name: line[name]
                for name in (
                    *("partner_id", "program_ids", "period", "document", "journal_id", "date"),
                    *("date_due", "currency_id", "amount", "adjustment", "value"),
                )
            }
            for line in lines.sorted("id")
        ]

    def test_the_run_proposes_what_the_preview_showed(self):
        self._mixed()
        for kind in ("final", "interim"):
            with self.subTest(kind):
                wizard = self._previewed(kind=kind)
                shown = self._as_shown(wizard.line_ids)
                left = [
                    (row.agreement_id, row.reason, row.amount)
                    for row in wizard.left_ids
                    if row.reason not in ("not_due", "proposed")
                ]
                total = wizard.total_value
                with self.env.cr.savepoint() as savepoint:
                    batch = wizard._begin()
                    batch._step()
                    self.assertGreater(len(shown), 2)
                    self.assertEqual(shown, self._as_proposed(batch.settlement_ids))
                    self.assertAlmostEqual(
                        total, sum(batch.settlement_ids.mapped("amount_company"))
                    )
                    self.assertEqual(
                        left,
                        [
                            (row.agreement_id, row.reason, row.amount)
                            for row in batch.carryover_ids.sorted("id")
                        ],
                    )
                    savepoint.rollback()

    def test_it_says_who_is_left_out_and_why(self):
        self._mixed()
        wizard = self._previewed()
        told = {row.partner_id.name: (row.reason, row.amount) for row in wizard.left_ids}
        self.assertEqual(
            told,
            {
                "Little": ("minimum", 10),
                "Unclaimed": ("claim", 100),
                "Unknown": ("problem", 0),
                "Overpaid": ("negative", -50),
                "Proposed": ("proposed", 70),
                "Running": ("not_due", 100),
            },
        )
        notes = {row.partner_id.name: self._plain(row.note or "") for row in wizard.left_ids}
        self.assertIn("50.00", notes["Little"])
        self.assertIn("02/04/2027", notes["Unclaimed"])
        self.assertTrue(notes["Unknown"])
        self.assertIn(
            self.env["rebate.settlement"].search([("partner_id.name", "=", "Proposed")]).name,
            notes["Proposed"],
        )
        self.assertIn("06/30/2026", notes["Running"])
        # Idle has nothing.
        self.assertGreaterEqual(wizard.idle_count, 1)
        self.assertEqual(wizard.left_count, len(wizard.left_ids))

    def test_nothing_is_written(self):
        self._mixed()
        # Not yet counted.
        self._invoice(100, partner=self._company("Fresh"))
        wizard = self._wizard()

        def stored():
            self.env.flush_all()
            self.env.invalidate_all()
            return {
                model: self.env[model]
                .sudo()
                .with_context(active_test=False)
                .search_read([], [field], order="id")
                for model, field in WRITTEN.items()
            }

        sequence = self.env["ir.sequence"].search([("code", "=", "rebate.settlement")])
        before, numbers = stored(), sequence.mapped("number_next_actual")
        wizard.action_preview()
        self.assertEqual(stored(), before)
        self.assertEqual(sequence.mapped("number_next_actual"), numbers)
        self.assertTrue(wizard.line_ids)

    def test_who_may_run_previews_and_nobody_else(self):
        self._customer("One", 1000)
        for user in (self.manager, self.accountant):
            with self.subTest(user.login):
                self.assertEqual(self._previewed(user).line_ids.mapped("amount"), [100])
        for user in (self.reader, self.approver):
            with self.subTest(user.login), self.assertNoAccess():
                self._previewed(user)

    def test_a_day_ahead_is_refused(self):
        with self.assertRefused("lies in the future"):
            self._previewed(date_to="2026-04-01")

    def test_another_question_takes_the_answer_away(self):
        self._customer("One", 1000)
        wizard = self._previewed()
        self.assertTrue(wizard.is_previewed)
        shown = wizard.new(origin=wizard)
        shown._onchange_question()
        self.assertFalse(shown.is_previewed)
        self.assertFalse(shown.line_ids)

    def test_many_are_previewed_in_few_statements(self):
        for number in range(24):
            self._customer(f"Customer {number}", 1000)
        partners = self.env["res.partner"].search([("name", "like", "Customer ")])

        def preview(some):
            self._previewed(partner_ids=some.ids)

        preview(partners[:2])
        few = self._statements(preview, partners[:4])
        many = self._statements(preview, partners)
        self.assertLessEqual((many - few) / 20, 3)

    def test_more_than_a_step_are_all_shown(self):
        partners = self.env["res.partner"].create(
            [{"name": f"Customer {n}", "is_company": True} for n in range(103)]
        )
        self.env["rebate.agreement"].create(
            [{"program_id": self.program.id, "partner_id": partner.id} for partner in partners]
        ).action_activate()
        for partner in partners:
            self._invoice(100, partner=partner)
        wizard = self._previewed()
        self.assertEqual(len(wizard.line_ids), 103)
        self.assertEqual(wizard.total_value, 1030)
