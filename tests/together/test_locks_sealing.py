"""Two people post different settlements of one company at the same moment: each follows the other
in the chain of fingerprints, whoever was first; and what the command says of the chain."""

import itertools
import multiprocessing
from datetime import date

from odoo import Command, sql_db

from ..process import run_odoo
from .case import LocksCase
from .test_locks_posting import LONGEST, post
from .world import YEAR

POSTERS = 4


class TestLocksSealing(LocksCase):
    def _approved(self):
        """Commit one settlement a poster."""
        env = self._begin()
        program = env["rebate.program"].browse(self.program_id)
        partners = env["res.partner"].create(
            [{"name": f"Poster {number}", "is_company": True} for number in range(POSTERS)]
        )
        for partner in partners:
            env["rebate.agreement"].create(
                {"program_id": program.id, "partner_id": partner.id}
            ).action_activate()
            env["account.move"].create(
                {
                    "move_type": "out_invoice",
                    "partner_id": partner.id,
                    "invoice_date": date(YEAR, 6, 15),
                    "invoice_line_ids": [
                        Command.create({"name": "Line", "price_unit": 100, "tax_ids": []})
                    ],
                }
            ).action_post()
        settlements = (
            env["rebate.settlement.run"]
            .create(
                {
                    "date_to": date(YEAR, 12, 31),
                    "program_ids": [Command.set(program.ids)],
                    "partner_ids": [Command.set(partners.ids)],
                }
            )
            .action_run()
        )
        settlements.action_submit()
        settlements.with_user(self.ids["approver"]).action_approve()
        env.cr.commit()
        return settlements.ids

    def test_settlements_posted_at_once_follow_one_another(self):
        settlement_ids = self._approved()
        sql_db.close_all()
        context = multiprocessing.get_context("fork")
        barrier, answers = context.Barrier(POSTERS), context.Queue()
        posters = [
            context.Process(target=post, args=(self.database, settlement_id, barrier, answers))
            for settlement_id in settlement_ids
        ]
        for poster in posters:
            poster.start()
        told = [answers.get(timeout=LONGEST) for _poster in posters]
        for poster in posters:
            poster.join(LONGEST)
        self.assertEqual(told, ["posted"] * POSTERS)
        env = self._begin()
        settlements = env["rebate.settlement"].browse(settlement_ids)
        settlements = settlements.sorted("fingerprint_number")
        first = settlements[0].fingerprint_number
        self.assertEqual(
            settlements.mapped("fingerprint_number"), list(range(first, first + POSTERS))
        )
        for before, after in itertools.pairwise(settlements):
            self.assertEqual(after.fingerprint_content["previous"], before.fingerprint)
        count, findings = env["rebate.settlement"]._check_fingerprints(settlements.company_id)
        self.assertGreaterEqual(count, POSTERS)
        self.assertFalse(findings)

    def test_the_command_tells_what_was_altered(self):
        settlement_id = self._approved()[0]
        env = self._begin()
        settlement = env["rebate.settlement"].browse(settlement_id)
        settlement.action_post()
        env.cr.commit()
        status, text = self._check()
        self.assertEqual(status, 0)
        self.assertRegex(text, r"^[1-9]\d* settlements compared, 0 differences found\.$")
        self._alter(settlement.id, 99)
        self.addCleanup(self._alter, settlement.id, 10)
        status, text = self._check()
        self.assertEqual(status, 1)
        self.assertIn(f"{settlement.name}: Line", text)
        self.assertIn("was 10 and is 99", text)
        self.assertIn("settlements compared, 1 differences found.", text)

    def _alter(self, settlement_id, amount):
        env = self._begin()
        env.cr.execute(
            "UPDATE rebate_settlement_line SET amount = %s WHERE settlement_id = %s",
            (amount, settlement_id),
        )
        env.cr.commit()

    def _check(self):
        """Run the command as an administrator does.

        :return: how it ended, and what it printed
        """
        done = run_odoo(self.database, "rebate_check")
        return done.returncode, done.stdout.strip()
