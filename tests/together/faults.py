"""A settlement run that is killed, in a process of its own, on a database where things are really
committed."""

import multiprocessing
import os
import signal
import time
import traceback
from datetime import date

from odoo import Command, api, sql_db
from odoo.exceptions import ConcurrencyError
from odoo.modules.registry import Registry
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, retrying

from odoo.addons.rebate_management.tools.trust import trusted

from .world import YEAR

DAY = date(YEAR, 6, 15)


def make_partners(env, ids, count):
    """Have so many distributors who have each earned 10 last year. Commits.

    :return: the ids of the partners
    """
    program = env["rebate.program"].create(
        {
            "name": "Faults",
            "date_start": date(YEAR, 1, 1),
            "date_end": date(YEAR, 12, 31),
            "rule_ids": [
                Command.create(
                    {"name": "All", "tier_ids": [Command.create({"threshold": 0, "rate": 10})]}
                )
            ],
        }
    )
    program.action_activate()
    partners = env["res.partner"].create(
        [{"name": f"Distributor {number}", "is_company": True} for number in range(count)]
    )
    env["rebate.agreement"].create(
        [{"program_id": program.id, "partner_id": partner.id} for partner in partners]
    ).action_activate()
    env["account.move"].create(
        [
            {
                "move_type": "out_invoice",
                "partner_id": partner.id,
                "invoice_date": DAY,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": ids["product"],
                            "price_unit": 100,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
            }
            for partner in partners
        ]
    ).action_post()
    trusted(env["rebate.queue"].search([])).unlink()
    env.cr.commit()
    return partners.ids


def begin(database):
    """Start a run as the wizard does for many partners.

    :return: the id of the run
    """
    with Registry(database).cursor() as cr:
        env = api.Environment(cr, api.SUPERUSER_ID, {})
        run = env["rebate.settlement.run"].create({"date_to": date(YEAR, 12, 31)})
        return run._begin().id


def carry_on(database):
    """Do what the job does, and again as long as it sets itself off to look later: of a process
    that was killed the database knows only when the statement is over that it was busy with."""
    is_set_off = True
    while is_set_off:
        with Registry(database).cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            job = env.ref("rebate_management.ir_cron_settlement_run")
            triggers = env["ir.cron.trigger"]
            last = triggers.search([], order="id desc", limit=1).id or 0
            env["rebate.settlement.batch"]._cron_run()
            is_set_off = triggers.search_count([("cron_id", "=", job.id), ("id", ">", last)])
        time.sleep(0.1 if is_set_off else 0)


def run_at_once(database):
    """Do what the wizard does for few partners, again where it was disturbed."""

    def work(env):
        env["rebate.settlement.run"].create({"date_to": date(YEAR, 12, 31)}).action_run()

    request(database, api.SUPERUSER_ID, work)


def approve(database, user_id, settlement_id):
    """Approve as a user, again where it was disturbed."""
    request(
        database,
        user_id,
        lambda env: env["rebate.settlement"].browse(settlement_id).action_approve(),
    )


def request(database, user_id, work, tries=20):
    """Do something as Odoo does what a user asks for, who asks again where Odoo gives up."""
    try:
        with Registry(database).cursor() as cr:
            env = api.Environment(cr, user_id, {})
            retrying(lambda: work(env), env)
    except (*PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, ConcurrencyError):
        if not tries:
            raise
        request(database, user_id, work, tries - 1)


def at_once(*calls):
    """Let several work at the same time, in processes of their own.

    :param calls: a function and its arguments each
    :return: what each of them failed with; None where it succeeded
    """
    sql_db.close_all()
    context = multiprocessing.get_context("fork")
    queues = [context.SimpleQueue() for _call in calls]
    gate = context.Barrier(len(calls))

    def work(call, queue):
        failure = None
        try:
            gate.wait()
            call[0](*call[1:])
        except Exception as error:
            failure = str(error) or traceback.format_exc()
        queue.put(failure)
        # Nothing of the test's process that was copied is to be wound up here.
        os._exit(0)

    processes = [
        context.Process(target=work, args=pair, daemon=True)
        for pair in zip(calls, queues, strict=True)
    ]
    for process in processes:
        process.start()
    failures = [queue.get() for queue in queues]
    for process in processes:
        process.join()
    return failures


def kill_after(seconds, function, *args):
    """Do something in a process of its own, and kill it after a while.

    :return: whether it was killed before it was done
    """
    sql_db.close_all()

    def work():
        function(*args)
        os._exit(0)

    process = multiprocessing.get_context("fork").Process(target=work, daemon=True)
    process.start()
    process.join(seconds)
    is_killed = process.is_alive()
    if is_killed:
        os.kill(process.pid, signal.SIGKILL)
    process.join()
    return is_killed


def forget_settlements(database):
    """Take back all proposals, as if no run had been."""
    with Registry(database).cursor() as cr:
        cr.execute("DELETE FROM rebate_settlement_line")
        cr.execute("DELETE FROM rebate_settlement")
        cr.execute("DELETE FROM rebate_settlement_batch")
