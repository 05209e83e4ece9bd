"""Archived means hidden, nothing else."""

from odoo import Command
from odoo.tests import tagged

from .common_amendment import AmendmentCommon


@tagged("post_install", "-at_install")
class TestArchived(AmendmentCommon):
    def _group(self, method):
        return self.env["rebate.stacking.group"].create({"name": "Tools", "method": method})

    def _stack(self, group, *rates):
        return [
            self._enrol(
                self._program(
                    (0, rate), name=f"Deal {place}", sequence=place, stacking_group_id=group.id
                )
            )
            for place, rate in enumerate(rates, 1)
        ]

    def _figures(self, agreements):
        self.env.flush_all()
        self.env.invalidate_all()
        return [self._accrual(agreement).earned_amount for agreement in agreements]

    def _refreshed(self, agreements):
        """The figures whoever refreshes, one agreement after the other or all at once."""
        found = set()
        for context in ({}, {"active_test": False}, {"active_test": True}):
            for agreement in agreements:
                agreement.with_context(**context).action_refresh()
                found.add(tuple(self._figures(agreements)))
            batch = self.env["rebate.agreement"].union(*agreements)
            batch.with_context(**context).accrual_ids.refresh()
            found.add(tuple(self._figures(agreements)))
        self.assertEqual(len(found), 1, found)
        return found.pop()

    def test_an_archived_program_keeps_the_purchases_it_takes(self):
        agreements = self._stack(self._group("priority"), 5, 10)
        self._invoice(1000)
        self.assertEqual(self._refreshed(agreements), (50, 0))
        agreements[0].program_id.active = False
        self.assertEqual(self._refreshed(agreements), (50, 0))

    def test_the_best_program_stays_the_best_when_it_is_archived(self):
        agreements = self._stack(self._group("best"), 5, 10)
        self._invoice(1000)
        self.assertEqual(self._refreshed(agreements), (0, 100))
        agreements[1].program_id.active = False
        self.assertEqual(self._refreshed(agreements), (0, 100))

    def test_an_archived_program_reduces_as_before(self):
        first = self._program((0, 10), name="First", sequence=1)
        second = self._program(
            (0, 10), name="Second", sequence=2, reduced_by_program_ids=[Command.set(first.ids)]
        )
        agreements = [self._enrol(program) for program in (first, second)]
        self._invoice(1000)
        self.assertEqual(self._refreshed(agreements), (100, 90))
        first.active = False
        self.env.invalidate_all()
        self.assertEqual(self._refreshed(agreements), (100, 90))

    def test_an_archived_program_is_refreshed_with_those_it_depends_on(self):
        agreements = self._stack(self._group("priority"), 5, 10)
        second = agreements[1].program_id
        second.active = False
        self._invoice(1000)
        agreements[0].action_refresh()
        self.assertEqual(self._figures(agreements), [50, 0])
        self.assertIn(second, agreements[0].program_id._dependent_programs())

    def test_an_amendment_computes_archived_programs_that_depend_on_it(self):
        """What the first program takes is less for the second, which is only hidden: its period is
        shown, computed and settled."""
        agreements = self._stack(self._group("priority"), 5, 10)
        first, second = (agreement.program_id for agreement in agreements)
        self._invoice(1000)
        second.active = False
        self.env.invalidate_all()
        draft = self._draft(first)
        draft.rule_ids.product_ids = self.env["product.product"].create({"name": "Something else"})
        amendment = self._apply(draft)
        lines = amendment.line_ids.filtered(lambda line: line.program_id == second)
        self.assertEqual((lines.earned_before, lines.earned_after), (0, 100))
        self.assertEqual(self._figures(agreements), [0, 100])
        settlements = self._settle(program_ids=second.ids)
        self.assertEqual(settlements.line_ids.mapped("amount"), [100])

    def test_drafts_of_amendments_take_no_part(self):
        agreements = self._stack(self._group("priority"), 5, 10)
        self._invoice(1000)
        draft = self._draft(agreements[0].program_id, self._rate(0, 50))
        self.assertEqual(self._refreshed(agreements), (50, 0))
        group = draft.stacking_group_id.with_context(active_test=False)
        self.assertNotIn(draft, group.program_ids)
        program = agreements[0].program_id.with_context(active_test=False)
        self.assertNotIn(draft, program._dependent_programs())

    def test_the_method_of_a_group_stays_under_an_archived_or_closed_program(self):
        for prepare in ("archive", "close"):
            with self.subTest(prepare):
                group = self._group("priority")
                [agreement] = self._stack(group, 5)
                if prepare == "close":
                    agreement.program_id.action_close()
                else:
                    agreement.program_id.active = False
                self.env.invalidate_all()
                with self.assertRefused("Tools", "Deal 1"):
                    group.method = "best"

    def test_a_run_for_an_archived_program_is_for_no_other(self):
        archived = self._program((0, 10), name="Archived", active=False)
        other = self._program((0, 10), name="Other")
        for program in archived, other:
            self._enrol(program)
        self._invoice(1000)
        settlements = self._settle(program_ids=archived.ids)
        self.assertEqual(settlements.line_ids.program_id, archived)
        with self.enter_registry_test_mode():
            self.env.ref("rebate_management.ir_cron_propose_settlements").method_direct_trigger()
        self.assertFalse(
            self.env["rebate.settlement.batch"]
            .search([("is_automatic", "=", True)])
            .filtered(lambda batch: not batch.program_ids)
        )

    def test_archived_products_count_as_before(self):
        agreement = self._enrol(
            self._program(rules=[self._rule((0, 10), product_ids=[Command.set(self.goods.ids)])])
        )
        self._invoice(1000)
        self.goods.active = False
        self.goods.product_tmpl_id.active = False
        self.env.invalidate_all()
        self.assertEqual(self._refreshed([agreement]), (100,))
