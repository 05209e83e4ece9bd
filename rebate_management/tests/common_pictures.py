"""Tours that leave pictures of what they did: ``SCREENSHOTS=folder tools/test``.

A step ``picture("name")`` of a tour (``static/tests/tours/picture.js``) writes ``name.png`` into
the folder, in the size of the documentation's pictures. Without the variable it does nothing.
"""

import base64
import os
import re
from pathlib import Path
from unittest.mock import patch

from odoo.tests import HttpCase
from odoo.tests.common import ChromeBrowser

ASKED = re.compile(r"picture:([\w-]+)")


class PicturesCase(HttpCase):
    """A test whose tours may leave pictures; on a phone with ``picture_size = "390x844"``."""

    picture_size = "1366x900"

    def start_tour(self, url_path, tour_name, step_delay=None, **kwargs):
        folder = os.environ.get("SCREENSHOTS")
        if not folder:
            return super().start_tour(url_path, tour_name, step_delay, **kwargs)
        hear = ChromeBrowser._handle_console
        size = self.picture_size

        def hear_and_take(browser, type, args=None, stackTrace=None, **kw):  # noqa: A002
            hear(browser, type, args=args, stackTrace=stackTrace, **kw)
            asked = type == "info" and args and ASKED.match(str(args[0].get("value")))
            if asked:
                file = Path(folder).resolve() / f"{asked[1]}.png"
                shot = browser._websocket_send("Page.captureScreenshot", with_future=True)
                shot.add_done_callback(lambda answer: _write(file, answer))

        with (
            patch.object(type(self), "browser_size", size),
            patch.object(ChromeBrowser, "_handle_console", hear_and_take),
        ):
            cookies = {**(kwargs.pop("cookies", None) or {}), "rebate_pictures": "1"}
            return super().start_tour(url_path, tour_name, step_delay, cookies=cookies, **kwargs)


def _write(file, answer):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(base64.b64decode(answer.result(timeout=0)["data"]))
