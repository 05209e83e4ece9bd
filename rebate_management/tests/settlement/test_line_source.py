"""A settlement may pay what comes from no accrual, as the addon of whatever it is says."""

from io import BytesIO
from unittest.mock import patch
from zipfile import ZipFile

from odoo import Command
from odoo.tests import tagged

from ...models.settlement.detail_storing import FrozenShare
from ...models.settlement.rebate_settlement_line import PayoutTerms
from ...tools.trust import trusted
from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestLineSource(RebateCommon):
    """Agreements stand for what else may be paid: its lines have no accrual, and what an addon
    would override is overridden."""

    updated = []

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        trusted(cls.env["rebate.settlement.chain"].search([])).unlink()
        cls.program = cls._program((0, 10), name="Volume bonus")
        cls.agreement = cls._enrol(cls.program)
        cls.invoice = cls._invoice(1000)
        cls.agreement.action_refresh()
        cls.lines = cls.env["rebate.settlement.line"]
        # As an addon's `accrual_id = fields.Many2one(required=False)` has it.
        cls.env.cr.execute("ALTER TABLE rebate_settlement_line ALTER accrual_id DROP NOT NULL")
        cls.classPatch(cls.lines._fields["accrual_id"], "required", False)
        cls.account = cls.env["account.account"].create(
            {"name": "Claims", "code": "499001", "account_type": "expense"}
        )
        cls._override(
            "_source", lambda line, of_accrual: of_accrual(line) or line.env.user.partner_id
        )
        cls._override("_payout_terms", cls._terms_of_claim)
        cls._override("_shares", cls._shares_of_claim)
        cls._override("_update_sources", cls._note_update)

    def setUp(self):
        super().setUp()
        self.updated.clear()

    @classmethod
    def _override(cls, name, method):
        """Override a method of settlement lines; the second argument is what is overridden."""
        model = cls.registry["rebate.settlement.line"]
        overridden = getattr(model, name)

        def override(lines, *args):
            return method(lines, overridden, *args)

        cls.classPatch(model, name, override)

    @classmethod
    def _terms_of_claim(cls, line, of_accrual):
        if line.accrual_id:
            return of_accrual(line)
        return PayoutTerms("credit_note", "none", line.env["product.product"], cls.account, False)

    @classmethod
    def _shares_of_claim(cls, lines, of_accruals, results):
        """A claim of 80 names the invoice line that it is about."""
        [invoiced] = cls.invoice.invoice_line_ids
        shares = [
            FrozenShare(line.id, None, invoiced.id, "1000.00", "1", "0", "fixed", "80.00")
            for line in lines
            if not line.accrual_id and line.amount == 80
        ]
        source = lines.env["rebate.measure"]._sources()["invoiced"]
        return [*of_accruals(lines, results), (source, iter(shares))]

    @classmethod
    def _note_update(cls, lines, of_accruals):
        of_accruals(lines)
        cls.updated.append((lines.filtered(lambda line: not line.accrual_id), lines[:1].state))

    def _propose(self, *amounts, with_accrual=False):
        vals_list = [
            {"name": f"Claim over {amount}", "explanation": "As agreed", "amount": amount}
            for amount in amounts
        ]
        if with_accrual:
            accrual = self._accrual(self.agreement)
            vals_list.append(
                {"accrual_id": accrual.id, "name": "Rebate", "amount": accrual.earned_amount}
            )
        settlement = trusted(self.env["rebate.settlement"]).create(
            {
                "partner_id": self.distributor.id,
                "company_id": self.env.company.id,
                "currency_id": self.usd.id,
                "journal_id": self.program._payout_journal(1).id,
                "line_ids": [Command.create(vals) for vals in vals_list],
            }
        )
        settlement.line_ids._freeze()
        return settlement.with_env(self.env)

    def _post(self, settlement):
        settlement.action_submit()
        self._approve(settlement)
        settlement.action_post()
        return settlement

    def _findings(self):
        self.env.flush_all()
        self.env.invalidate_all()
        check = self.env["rebate.settlement.check"]._check(self.env.company)
        return [(line.name, line.finding) for line in check.line_ids]

    def test_it_is_paid_beside_a_rebate_on_its_own_account(self):
        settlement = self._post(self._propose(80, 20, with_accrual=True))
        self.assertEqual(settlement.amount_total, 200)
        self.assertRecordValues(
            settlement.move_ids.invoice_line_ids.sorted("price_unit"),
            [
                {"price_unit": 20, "account_id": self.account.id},
                {"price_unit": 80, "account_id": self.account.id},
                {"price_unit": 100, "account_id": self.program.expense_account_id.id},
            ],
        )
        self.assertEqual(self._accrual(self.agreement).settled_amount, 100)
        self.assertFalse(self._findings())

    def test_its_details_are_frozen_and_add_up(self):
        settlement = self._propose(80, 20)
        named, plain = settlement.line_ids.sorted("id")
        self.assertRecordValues(
            named.detail_ids,
            [
                {
                    "invoice_name": self.invoice.name,
                    "rule_id": False,
                    "amount": 1000,
                    "rebate_amount": 80,
                }
            ],
        )
        self.assertRecordValues(
            plain.detail_ids, [{"invoice_name": False, "amount": 0, "rebate_amount": 20}]
        )
        self.assertEqual(
            [row["amount"] for row in settlement.terms_snapshot["lines"]], ["80.00", "20.00"]
        )

    def test_two_claims_do_not_take_each_other_off(self):
        self._post(self._propose(80, 20))
        self._post(self._propose(80, 20, with_accrual=True))
        self.assertFalse(self._findings())

    def test_an_alteration_is_found(self):
        settlement = self._post(self._propose(80))
        self.env.cr.execute(
            "UPDATE rebate_settlement_line SET explanation = 'Otherwise' WHERE settlement_id = %s",
            (settlement.id,),
        )
        [(name, text)] = self._findings()
        self.assertEqual(name, settlement.name)
        self.assertIn("Otherwise", text)

    def test_statement_and_workbook_tell_of_it(self):
        settlement = self._post(self._propose(80, with_accrual=True))
        parts = settlement._statement()
        self.assertEqual([part.name for part in parts], ["", "Volume bonus"])
        [line] = parts[0].lines
        self.assertEqual((line.partner, line.period), ("Distributor", ""))
        page, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "rebate_management.report_rebate_settlement", settlement.ids
        )
        self.assertIn(b"As agreed", page)
        file = BytesIO()
        settlement._write_rebate_workbook(file)
        self.assertTrue(ZipFile(file).namelist())

    def test_its_source_follows_what_becomes_of_it(self):
        settlement = self._post(self._propose(80))
        self.assertEqual(self.updated, [(settlement.line_ids, "posted")])
        settlement.action_cancel()
        self.assertEqual(self.updated[1:], [(settlement.line_ids, "cancelled")])
        self.assertEqual(settlement.state, "cancelled")
        self.assertFalse(self._findings())

    def test_its_addon_checks_it_before_it_is_posted(self):
        settlements = self.registry["rebate.settlement"]
        checks = settlements._posting_checks

        def check_claim(settlements):
            for settlement in settlements:
                if settlement.line_ids.filtered(lambda line: not line.accrual_id):
                    yield settlement, "Its claim was withdrawn."

        settlement = self._propose(80)
        settlement.action_submit()
        self._approve(settlement)
        with (
            patch.object(
                settlements, "_posting_checks", lambda records: [*checks(records), check_claim]
            ),
            self.assertRefused(settlement.name, "Its claim was withdrawn."),
        ):
            settlement.action_post()
        settlement.action_post()
        self.assertEqual(settlement.state, "posted")

    def test_a_run_pays_rebates_as_if_it_were_not_there(self):
        self._post(self._propose(80))
        settlement = self._settle()
        self.assertEqual(settlement.amount_total, 100)
        self.assertFalse(self._findings())
