"""Everybody at work at once, each in a process with connections of its own, on a database made by
``make_world``. Prints what happened as JSON.

    python -m tests.together.run DATABASE IDS INVOICES
"""

import json
import logging
import multiprocessing
import os
import sys
import time
import traceback

from odoo import api, sql_db
from odoo.modules.registry import Registry
from odoo.tools import config

POSTERS = 8
LONGEST = 1200  # seconds


def at_work(person, argument, reports):
    """Let somebody work, in a process of their own."""
    logging.getLogger().addHandler(person)
    failure = None
    try:
        person.work(argument)
    except Exception:
        failure = traceback.format_exc()
    reports.put(person.report() | {"failure": failure})


def run(database, ids, count):
    """Let everybody work until all posters are done.

    :param count: invoices that each poster posts
    :return: the reports
    """
    # After Odoo is set up, and before the processes part.
    from .people import DailyWorker, Payer, Poster, Refresher, SecondWorker, Worker

    Registry(database)
    sql_db.close_all()
    context = multiprocessing.get_context("fork")
    reports = context.Queue()
    over = context.Event()
    posters = [Poster(database, ids, f"poster {n}", ids["biller"]) for n in range(POSTERS)]
    others = [
        Worker(database, ids, "worker"),
        SecondWorker(database, ids, "second worker"),
        DailyWorker(database, ids, "daily worker"),
        Refresher(database, ids, "refresher", ids["reader"]),
        Payer(database, ids, "payer"),
    ]
    began = time.monotonic()
    for person in others:
        context.Process(target=at_work, args=(person, over.is_set, reports), daemon=True).start()
    for person in posters:
        context.Process(target=at_work, args=(person, count, reports), daemon=True).start()
    told = [reports.get(timeout=LONGEST) for _person in range(len(posters))]
    over.set()
    told += [reports.get(timeout=LONGEST) for _person in range(len(others))]
    return told, time.monotonic() - began


def come_to_rest(database):
    """Let the job run for as long as something has set it off.

    :return: the number of rows that nobody will take off the queue before the next hour
    """
    from .people import Worker

    worker = Worker(database, {}, "last worker")
    for _run in range(3):
        # What is to be done in a second, see the queue.
        time.sleep(1)
        worker.step()
    with Registry(database).cursor() as cr:
        return api.Environment(cr, api.SUPERUSER_ID, {})["rebate.queue"].search_count([])


def main(database, ids, count):
    config.parse_config(["-c", os.environ["ODOO_RC"], "-d", database, "--log-level=warn"])
    told, seconds = run(database, json.loads(ids), int(count))
    left = come_to_rest(database)
    print(json.dumps({"people": told, "seconds": seconds, "left": left}))


if __name__ == "__main__":
    main(*sys.argv[1:])
