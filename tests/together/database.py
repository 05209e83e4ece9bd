"""A database of the test's own, in which things are really committed: a copy of the suite's."""

import uuid
from contextlib import contextmanager

import odoo
from odoo.modules.registry import Registry
from odoo.tests.common import get_db_name
from odoo.tools import config


@contextmanager
def administration():
    """A cursor outside any database that is copied or dropped."""
    with odoo.sql_db.db_connect("postgres").cursor() as cr:
        cr._cnx.autocommit = True
        yield cr


def copy_database():
    """Copy the database of the test suite.

    :return: the name of the copy
    """
    original = get_db_name()
    copy = f"together_{uuid.uuid4().hex[:12]}"
    # A database that somebody is connected to cannot be copied; Odoo cuts them off likewise.
    odoo.sql_db.close_db(original)
    with administration() as cr:
        cr.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [original]
        )
        cr.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{original}" STRATEGY file_copy')
    return copy


def open_database(name):
    """Load the registry of a database in this process, without the tests that loading one sets off
    in a process that tests another."""
    is_testing = config["test_enable"]
    config["test_enable"] = False
    try:
        return Registry(name)
    finally:
        config["test_enable"] = is_testing


def drop_database(name):
    Registry.delete(name)
    odoo.sql_db.close_db(name)
    with administration() as cr:
        cr.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
