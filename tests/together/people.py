"""What each of them does, in a process of their own, until their work is done or all others' is."""

import logging
import random
import time
from datetime import date, timedelta

from odoo import api, sql_db
from odoo.exceptions import ConcurrencyError
from odoo.modules.registry import Registry
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, retrying

from odoo.addons.base.models.ir_cron import IrCron

from .world import YEAR, post_invoice


class Person(logging.Handler):
    """Someone at work: keeps what disturbed them and what was logged."""

    def __init__(self, database, ids, name, user_id=api.SUPERUSER_ID):
        super().__init__(logging.WARNING)
        self.database = database
        self.ids = ids
        self.name = name
        self.user_id = user_id
        self.random = random.Random(name)
        self.disturbances = []
        self.logged = []
        self.done = 0
        self.purchases = {}

    def emit(self, record):
        self.logged.append(f"{record.levelname} {record.name}: {record.getMessage()}")

    def request(self, work):
        """Do something as Odoo does what a user asks for: again where it was disturbed."""
        with Registry(self.database).cursor() as cr:
            env = api.Environment(cr, self.user_id, {})

            def watched():
                try:
                    result = work(env)
                    cr.flush()
                except (*PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, ConcurrencyError) as error:
                    query = getattr(getattr(error, "cursor", None), "query", None) or b""
                    self.disturbances.append(f"{error} {query.decode()[:400]}")
                    raise
                return result

            result = retrying(watched, env)
        self.done += 1
        return result

    def report(self):
        return {
            "name": self.name,
            "done": self.done,
            "disturbances": self.disturbances,
            "logged": self.logged,
            "purchases": list(self.purchases.values()),
        }


class Poster(Person):
    """Posts invoices and returns of all days and customers, and takes some back."""

    def work(self, count):
        for number in range(count):
            move_id, purchase = self.request(self._post)
            self.purchases[move_id] = purchase
            if number % 4 == 3:
                self._change_mind(self.random.choice(list(self.purchases)))

    def _post(self, env):
        partner = self.random.choices(("North", "South", "Holding"), (7, 2, 1))[0]
        day = date(YEAR - 1, 1, 1) + timedelta(days=self.random.randrange(720))
        is_refund = self.random.random() < 0.2
        prices = [
            self.random.randrange(100, 20000 if is_refund else 100000)
            for _line in range(self.random.randrange(1, 4))
        ]
        move = post_invoice(
            env, self.ids, partner, day, *(cents / 100 for cents in prices), is_refund=is_refund
        )
        cents = -sum(prices) if is_refund else sum(prices)
        return move.id, (partner, day.isoformat(), f"{cents / 100:.2f}")

    def _change_mind(self, move_id):
        """Take an invoice back, for good or to correct its price."""
        partner, day, _amount = self.purchases[move_id]
        if self.random.random() < 0.5:
            self.request(lambda env: env["account.move"].browse(move_id).button_draft())
            del self.purchases[move_id]
            self.request(lambda env: env["account.move"].browse(move_id).button_cancel())
            return

        # At once: Odoo gives the number of a draft to the next invoice.
        def correct(env):
            move = env["account.move"].browse(move_id)
            move.button_draft()
            move.invoice_line_ids[0].price_unit += 100
            move.action_post()
            return move.amount_untaxed_signed

        self.purchases[move_id] = partner, day, f"{self.request(correct):.2f}"


class Busy(Person):
    """Goes on until all invoices are posted."""

    def work(self, is_over):
        while not is_over():
            self.step()
            time.sleep(self.random.uniform(0, 0.05))

    def job(self, xml_id):
        """Run a job if it is due, as Odoo's own workers do."""
        with Registry(self.database).cursor() as cr:
            job_id = api.Environment(cr, self.user_id, {}).ref(xml_id).id
        with sql_db.db_connect(self.database).cursor() as cr:
            IrCron._process_jobs_loop(cr, job_ids=[job_id])
        self.done += 1


class Worker(Busy):
    """Runs the queue's job whenever posting has set it off."""

    def step(self):
        self.job("rebate_management.ir_cron_drain_queue")


class SecondWorker(Busy):
    """Drains the queue at the same time, which Odoo itself would not let happen."""

    def step(self):
        with Registry(self.database).cursor() as cr:
            api.Environment(cr, self.user_id, {})["rebate.queue"]._cron_drain()
        self.done += 1


class DailyWorker(Busy):
    """Has a very short day."""

    def step(self):
        def due(env):
            env.cr.execute(
                "UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' WHERE id = %s",
                [env.ref("rebate_management.ir_cron_refresh_accruals").id],
            )

        self.request(due)
        self.job("rebate_management.ir_cron_refresh_accruals")


class Refresher(Busy):
    """Presses the buttons."""

    def step(self):
        def refresh(env):
            record = self.random.choice(
                [
                    *env["rebate.agreement"].search([("state", "=", "active")]),
                    *env["rebate.accrual"].search([]),
                    *env["rebate.program"].search([]),
                ]
            )
            record.action_refresh()

        self.request(refresh)


class Payer(Busy):
    """Enrols somebody, then pays what is due, again and again."""

    def step(self):
        if not self.done:
            self.request(
                lambda env: env["rebate.agreement"].browse(self.ids["late"]).action_activate()
            )

        def propose(env):
            run = env["rebate.settlement.run"].create(
                {"date_to": date(YEAR, 12, 31), "kind": "interim"}
            )
            settlements = run.action_run()
            settlements.action_submit()
            return settlements.ids

        def approve(env):
            settlements = env["rebate.settlement"].with_user(self.ids["approver"])
            settlements.browse(proposed).action_approve()

        proposed = self.request(propose)
        self.request(approve)
        self.request(lambda env: env["rebate.settlement"].browse(proposed).action_post())
