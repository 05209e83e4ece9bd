"""Two transactions that overlap, step by step, in one process."""

import unittest
from datetime import date

from odoo import Command, api

from .database import copy_database, drop_database, open_database
from .world import YEAR, make_world, post_invoice

DAY = date(YEAR, 6, 15)
OTHER_DAY = date(YEAR, 12, 15)


class LocksCase(unittest.TestCase):
    """A database of its own, and a distributor in a program with half-years at 10 %."""

    program_vals = {}

    @classmethod
    def setUpClass(cls):
        cls.database = copy_database()
        cls.addClassCleanup(drop_database, cls.database)
        cls.registry = open_database(cls.database)
        with cls.registry.cursor() as cr:
            cls.ids = make_world(api.Environment(cr, api.SUPERUSER_ID, {}))

    def setUp(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            self.ids["buyer"] = env["res.partner"].create({"name": "Buyer", "is_company": True}).id
            program = env["rebate.program"].create(
                {
                    "name": "Bonus",
                    "date_start": date(YEAR, 1, 1),
                    "date_end": date(YEAR, 12, 31),
                    "period_type": "half_year",
                    **self.program_vals,
                    "rule_ids": [
                        Command.create(
                            {
                                "name": "All",
                                "tier_ids": [Command.create({"threshold": 0, "rate": 10})],
                            }
                        )
                    ],
                }
            )
            program.action_activate()
            agreement = env["rebate.agreement"].create(
                {"program_id": program.id, "partner_id": self.ids["buyer"]}
            )
            agreement.action_activate()
            self.program_id, self.agreement_id = program.id, agreement.id
        self._drain()

    def _begin(self):
        """A transaction that sees the database as it is now, and fails rather than wait."""
        cr = self.registry.cursor()
        self.addCleanup(cr.close)
        cr.execute("SET LOCAL lock_timeout = '2s'")
        cr.execute("SELECT count(*) FROM account_move")
        return api.Environment(cr, api.SUPERUSER_ID, {})

    def _agreement(self, env):
        return env["rebate.agreement"].browse(self.agreement_id)

    def _invoice(self, amount, env=None, day=DAY):
        """Post an invoice, or a credit note over a negative amount; commit where no transaction is
        given."""
        own = env or self._begin()
        post_invoice(own, self.ids, "buyer", day, abs(amount), is_refund=amount < 0)
        if not env:
            own.cr.commit()

    def _drain(self):
        env = self._begin()
        env["rebate.queue"]._cron_drain()
        env.cr.commit()

    def _measured(self):
        """What the half-year of all invoices has stored."""
        accruals = self._agreement(self._begin()).accrual_ids
        return accruals.filtered(lambda a: a.date_from == date(YEAR, 1, 1)).measured_amount

    def _queued(self):
        return self._begin()["rebate.queue"].search_count([])
