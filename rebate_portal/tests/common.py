"""A distributor with a portal login, and pages read as the browser gets them."""

import shutil
import unittest
from contextlib import contextmanager
from unittest.mock import patch

from freezegun import freeze_time
from lxml import html

from odoo import Command

from odoo.addons.base.models.ir_actions_report import IrActionsReport
from odoo.addons.rebate_management.tests.common import RebateCommon
from odoo.addons.rebate_management.tests.common_pictures import PicturesCase

# Newer distributions no longer carry the program that Odoo prints with.
prints = unittest.skipUnless(shutil.which("wkhtmltopdf"), "wkhtmltopdf is not installed.")


class RebatePortalCommon(RebateCommon, PicturesCase):
    """As in :class:`RebateCommon`, but the clock runs, for server and browser wait by it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        ticking = freeze_time(cls.today, tick=True)
        ticking.start()
        cls.addClassCleanup(ticking.stop)
        cls.dana = cls._portal_user("dana", cls.distributor)

    @classmethod
    def _portal_user(cls, login, partner):
        """A portal login for a new contact of a company."""
        return (
            cls.env["res.users"]
            .with_context(no_reset_password=True)
            .create(
                {
                    "name": login,
                    "login": login,
                    "password": login,
                    "email": f"{login}@example.com",
                    "parent_id": partner.id,
                    "company_id": cls.env.company.id,
                    "company_ids": [Command.set(cls.env.company.ids)],
                    "group_ids": [Command.set(cls._groups("base.group_portal").ids)],
                }
            )
        )

    def _log_in(self, user):
        self.authenticate(user.login, user.login)

    def _get(self, path):
        """Get the first response, whatever it is."""
        return self.url_open(path, allow_redirects=False)

    def _page(self, path):
        """Get a page that must be there."""
        response = self._get(path)
        self.assertEqual(response.status_code, 200, path)
        return html.fromstring(response.content)

    def _text(self, page, xpath="//main"):
        """The visible text of the first node found, on one line."""
        (node, *_rest) = page.xpath(xpath)
        return self._plain(" ".join(" ".join(node.itertext()).split()))

    def _texts(self, page, xpath):
        """The visible text of every node found."""
        return [
            self._plain(" ".join(" ".join(node.itertext()).split())) for node in page.xpath(xpath)
        ]

    @contextmanager
    def _printing(self):
        """Print real documents; in tests Odoo otherwise answers with the page before printing."""
        render = IrActionsReport._pre_render_qweb_pdf

        def forced(report, *args, **kwargs):
            return render(report.with_context(force_report_rendering=True), *args, **kwargs)

        with patch.object(IrActionsReport, "_pre_render_qweb_pdf", forced):
            yield
