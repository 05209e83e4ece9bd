"""What the bench's scripts share: timing figures beside their yardsticks, and handing them on.

Each script runs in an Odoo shell of its own and appends what it measured to the file that RESULTS
names, one JSON object a line; report.py makes the table of all of them.
"""

import gc
import json
import os
import time
import tracemalloc
from pathlib import Path

from odoo.tools import SQL

ROUNDS = int(os.environ.get("ROUNDS", "5"))


def alternate(env, figures, rounds=ROUNDS, vacuumed=()):
    """Time functions in turn, so that a slow minute of the machine slows all of them.

    :param vacuumed: tables that the functions rewrite. With them each function is timed in a
        transaction of its own, in tables that are tended as autovacuum does in the course of a
        day; without, nothing is committed.
    :param figures: by name a function to time, or a pair: a function to prepare it, untimed, and
        the function to time, which takes what the first returned
    :return: by name the seconds of each round, each from a cold ORM cache
    """
    seconds = {name: [] for name in figures}
    for _round in range(rounds + 1):
        for name, function in figures.items():
            arguments = ()
            if isinstance(function, tuple):
                prepare, function = function
                arguments = (prepare(),)
            env.flush_all()
            if vacuumed:
                tend(env, vacuumed)
            env.invalidate_all()
            gc.collect()
            began = time.perf_counter()
            function(*arguments)
            env.flush_all()
            seconds[name].append(time.perf_counter() - began)
    # The first round warms the database's own caches and is not counted.
    return {name: runs[1:] for name, runs in seconds.items()}


def tend(env, tables):
    """Commit, and vacuum tables."""
    env.cr.commit()
    env.cr._cnx.autocommit = True
    for table in tables:
        env.cr.execute(SQL("VACUUM ANALYZE %s", SQL.identifier(table)))
    env.cr._cnx.autocommit = False


def peak_memory(env, function):
    """Run a function and tell how many MB of Python objects it held at its peak."""
    env.flush_all()
    env.invalidate_all()
    gc.collect()
    tracemalloc.start()
    try:
        function()
        env.flush_all()
        return tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()


def record(**entry):
    """Hand on what was measured to report.py."""
    with Path(os.environ["RESULTS"]).open("a", encoding="utf-8") as results:
        results.write(json.dumps(entry) + "\n")


def record_runs(runs_by_name, size=""):
    """Hand on the seconds of :func:`alternate`; ``size`` tells one database from another."""
    for name, runs in runs_by_name.items():
        record(name=size + name, runs=runs)
