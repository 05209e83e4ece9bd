"""Commit the company that the tests begin with. Run by tools/test in an Odoo shell."""

from odoo.addons.rebate_management.tests.common_kept import keep

keep()
