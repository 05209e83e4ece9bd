"""``odoo-bin rebate_check``: whether any posted settlement was altered.

Odoo finds commands in this folder by their file names, and loads them without the addon.
"""

import sys

import psycopg2

from odoo import SUPERUSER_ID
from odoo.api import Environment
from odoo.cli.command import Command
from odoo.modules.registry import Registry
from odoo.tools import config


class RebateCheck(Command):
    """Compare the posted settlements of all companies with their fingerprints.

    Nothing is written. Prints whatever was altered and ends with 1, or with 0 where nothing was.
    """

    name = "rebate_check"

    def run(self, args):
        """Check the settlements of one database.

        :param args: of the command line
        """
        self.parser.add_argument("-c", "--config", help="configuration file")
        self.parser.add_argument("-d", "--database", help="database; default, that of the file")
        options = self.parser.parse_args(args)
        settings = ["--no-http", "--log-level=warn"]
        settings += ["-c", options.config] if options.config else []
        settings += ["-d", options.database] if options.database else []
        config.parse_config(settings, setup_logging=True)
        if len(config["db_name"]) != 1:
            self.parser.error("Name one database: -d NAME")
        [database] = config["db_name"]
        try:
            registry = Registry(database)
        except psycopg2.Error as error:
            self.parser.error(f"The database {database} cannot be opened: {error}")
        with registry.cursor(readonly=True) as cr:
            env = Environment(cr, SUPERUSER_ID, {})
            if "rebate.settlement" not in env:
                self.parser.error(f"The addon rebate_management is not installed in {database}.")
            companies = env["res.company"].search([])
            count, findings = env["rebate.settlement"]._check_fingerprints(companies)
        for finding in findings:
            print(f"{finding.name}: {finding.text}")
        print(f"{count} settlements compared, {len(findings)} differences found.")
        sys.exit(1 if findings else 0)
