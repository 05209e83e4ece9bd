"""Each settlement of a company has a number of its own."""

from importlib.util import module_from_spec, spec_from_file_location

from psycopg2.errors import UniqueViolation

from odoo.tests import tagged
from odoo.tools import file_path, mute_logger

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestSettlementName(RebateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program = cls._program((0, 10))

    def _proposal(self, name, **vals):
        partner = self._company(name)
        self._enrol(self.program, partner)
        self._invoice(1000, partner=partner)
        return self._settle(partner_ids=partner.ids, **vals)

    def _rename(self, settlement, name):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE rebate_settlement SET name = %s WHERE id = %s", [name, settlement.id]
        )
        self.env.invalidate_all()

    def test_no_two_settlements_of_a_company_have_one_name(self):
        one, two = self._proposal("One"), self._proposal("Two")
        with (
            self.assertRaises(UniqueViolation),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self._rename(two, one.name)

    def test_a_number_that_is_taken_is_passed_over(self):
        """Whoever set the sequence back stops no run."""
        one, two = self._proposal("One", post=False), self._proposal("Two", post=False)
        sequences = self.env["ir.sequence"].sudo().search([("code", "=", "rebate.settlement")])
        sequences.date_range_ids.number_next_actual = 1
        three = self._proposal("Three", post=False)
        self.assertNotIn(three.name, (one.name, two.name))

    def _upgrade(self):
        path = file_path("rebate_management/migrations/19.0.2.0.0/pre-settlement-names.py")
        spec = spec_from_file_location("pre_settlement_names", path)
        migration = module_from_spec(spec)
        spec.loader.exec_module(migration)
        with self.assertLogs(migration.__name__, "WARNING") as logged:
            migration.migrate(self.env.cr, "19.0.1.0.0")
        self.env.invalidate_all()
        return "\n".join(logged.output)

    def test_names_that_were_given_twice_are_told_apart_by_the_upgrade(self):
        self.env["rebate.settlement.chain"].search([]).unlink()
        one, two = self._proposal("One"), self._proposal("Two")
        three = self._proposal("Three", post=False)
        self.env.flush_all()
        self.env.cr.execute("DROP INDEX rebate_settlement_name_unique")
        self._rename(three, one.name)
        before = one.name, two.name
        told = self._upgrade()
        self.assertEqual((one.name, two.name), before, "what is sealed keeps its name")
        self.assertEqual(three.name, f"{one.name}-{three.id}")
        self.assertIn(f"{one.name}: the later one is {three.name}", told.replace(" now", ""))

    def test_a_sealed_settlement_that_the_upgrade_renamed_is_as_it_was_posted(self):
        self.env["rebate.settlement.chain"].search([]).unlink()
        one = self._proposal("One")
        self._rename(one, f"{one.name}-{one.id}")
        check = self.env["rebate.settlement.check"]._check(self.env.company)
        self.assertFalse(check.line_ids)
        self._rename(one, "Anything else")
        check = self.env["rebate.settlement.check"]._check(self.env.company)
        self.assertIn("Anything else", check.line_ids.finding)
