"""What a database of the version before is given: whole periods, companies counted, activation."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from odoo.tests import tagged
from odoo.tools import SQL

from ..common import RebateCommon

SCRIPT = Path(__file__).parents[2] / "migrations" / "19.0.2.0.0" / "post-twice.py"


@tagged("post_install", "-at_install")
class TestMigrationTwice(RebateCommon):
    def test_what_stands_is_told_as_if_it_had_been_recorded(self):
        program = self._program((0, 10), period_type="quarter")
        agreement = self._enrol(program, include_children=True, date_start="2025-02-15")
        below = self._company("Below", parent_id=self.distributor.id)
        self._invoice(1000, "2025-03-01", partner=below)
        self._settle("2025-03-31")
        self.env.flush_all()

        def told():
            self.env.invalidate_all()
            buyers = self.env["rebate.settlement.buyer"].sudo().search([], order="partner_id")
            return (
                [(a.whole_from, a.whole_to) for a in agreement.accrual_ids],
                [(buyer.settlement_line_id, buyer.partner_id, buyer.path) for buyer in buyers],
                bool(agreement.activated_on),
            )

        recorded = told()
        for statement in (
            "UPDATE rebate_accrual SET whole_from = NULL, whole_to = NULL",
            "UPDATE rebate_agreement SET activated_on = NULL",
            "DELETE FROM rebate_settlement_buyer",
        ):
            self.env.cr.execute(SQL(statement))
        self.assertNotEqual(told(), recorded)
        spec = spec_from_file_location("post_twice", SCRIPT)
        script = module_from_spec(spec)
        spec.loader.exec_module(script)
        script.migrate(self.env.cr, "19.0.1.0.0")
        self.assertEqual(told(), recorded)
