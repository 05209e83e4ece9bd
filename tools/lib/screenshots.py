"""Take the pictures of the documentation and of the app's page from a served demo, as each role
sees it; `make screenshots` serves one where none is served.

tools/screenshots [http://127.0.0.1:8069] [NAME ...]

A picture more is a line more in ``PICTURES``. What is to be seen in a state that only clicks lead
to is better written by a tour, see ``rebate_management/tests/common_pictures.py``.
"""

import base64
import itertools
import json
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import NamedTuple

import requests
import websocket

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs" / "screenshots"
APP = ROOT / "rebate_management" / "static" / "description"
PORTAL_APP = ROOT / "rebate_portal" / "static" / "description"
BANNER = Path(__file__).with_name("banner.html")

WIDE, PHONE = (1366, 900), (390, 844)
ACTION = "/odoo/action-rebate_management.rebate_{}_action"
PROGRAM_PAGE = "a[href^='/my/rebates/']"
# Whatever shows that a page stands.
VIEW = ".o_view_controller, .o_action, #wrap, .o_portal_wrap"
FORM = ".o_form_view"


class Picture(NamedTuple):
    """A page to be taken: who opens which path, what is clicked one after the other, what stands
    then, in which size, and the folders that get it."""

    name: str
    login: str
    path: str
    clicks: tuple = ()
    ready: str = VIEW
    size: tuple = WIDE
    folders: tuple = (DOCS,)


PICTURES = [
    Picture(
        "overview", "manager", "/odoo/rebates", (), ".o_rebate_overview canvas", WIDE, (DOCS, APP)
    ),
    Picture("overview_phone", "salesperson", "/odoo/rebates", (), ".o_rebate_overview", PHONE),
    Picture("overview_accountant", "accountant", "/odoo/rebates", (), ".o_rebate_overview"),
    Picture(
        "rule",
        "manager",
        ACTION.format("program"),
        ("td[name=name]", "[name=rule_ids] .o_data_row td"),
        ".modal canvas",
    ),
    Picture(
        "performance",
        "manager",
        ACTION.format("program"),
        ("td[name=name]", ".nav-link[name=performance]"),
        ".o_rebate_performance canvas",
    ),
    Picture(
        "enroll",
        "manager",
        ACTION.format("program"),
        ("td[name=name]", "button[name=action_enroll]"),
        ".modal .o_form_view",
    ),
    Picture("watch", "salesperson", ACTION.format("watch")),
    Picture(
        "sale_order",
        "salesperson",
        "/odoo/sales",
        ("tr.o_data_row:nth-child(2) td[name=name]",),
        FORM,
        WIDE,
        (DOCS, APP),
    ),
    Picture("settings", "admin", "/odoo/rebate-settings", (), ".o_form_view"),
    Picture(
        "settlement_run",
        "accountant",
        ACTION.format("settlement_run"),
        ("input[data-value=interim]", "button[name=action_preview]"),
        ".o_form_view",
    ),
    Picture("agreements", "manager", ACTION.format("agreement"), folders=(DOCS, APP)),
    Picture("agreement", "manager", ACTION.format("agreement"), ("td[name=partner_id]",), FORM),
    Picture("programs", "manager", ACTION.format("program")),
    Picture(
        "program", "manager", ACTION.format("program"), ("td[name=name]",), FORM, WIDE, (DOCS, APP)
    ),
    Picture("templates", "manager", ACTION.format("template") + "_choose"),
    Picture("accruals", "accountant", ACTION.format("accrual")),
    Picture(
        "accrual_run",
        "accountant",
        ACTION.format("accrual_run"),
        ("button[name=action_preview]",),
        ".o_form_view",
    ),
    Picture("settlements", "accountant", ACTION.format("settlement")),
    Picture(
        "settlement",
        "accountant",
        ACTION.format("settlement"),
        ("td[name=name]",),
        FORM,
        WIDE,
        (DOCS, APP),
    ),
    Picture("liability", "accountant", ACTION.format("liability")),
    Picture("audit_file", "accountant", ACTION.format("audit_export"), (), ".modal .o_form_view"),
    Picture("portal_rebates", "portal_distributor", "/my/rebates"),
    Picture(
        "portal_program",
        "portal_distributor",
        "/my/rebates",
        (PROGRAM_PAGE,),
        ".o_rebate_figures",
        WIDE,
        (DOCS, PORTAL_APP),
    ),
    Picture(
        "portal_program_phone",
        "portal_distributor",
        "/my/rebates",
        (PROGRAM_PAGE,),
        ".o_rebate_figures",
        PHONE,
        (DOCS, PORTAL_APP),
    ),
]
# The head of the app's page: text and one of the pictures, in the size that apps.odoo.com shows.
BANNER_SIZE, BANNER_OF = (1120, 560), "program"


class Browser:
    """A headless Chromium, spoken to over its debugging protocol."""

    def __init__(self):
        self.profile = tempfile.mkdtemp()
        binary = shutil.which("chromium") or shutil.which("google-chrome")
        self.process = subprocess.Popen(
            [
                binary,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                "--remote-debugging-port=0",
                "--remote-allow-origins=*",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-sync",
                "--disable-component-update",
                f"--user-data-dir={self.profile}",
                "about:blank",
            ],
            stderr=subprocess.DEVNULL,
        )
        port_file = Path(self.profile, "DevToolsActivePort")
        while not port_file.exists() or not port_file.read_text():
            time.sleep(0.1)
        port = port_file.read_text().split()[0]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json") as answer:
            page = next(tab for tab in json.load(answer) if tab["type"] == "page")
        self.socket = websocket.create_connection(page["webSocketDebuggerUrl"], timeout=60)
        self.numbers = itertools.count(1)

    def send(self, method, **params):
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while (answer := json.loads(self.socket.recv())).get("id") != number:
            pass
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def evaluate(self, script):
        return self.send("Runtime.evaluate", expression=script)["result"].get("value")

    def wait(self, script, seconds=60):
        deadline = time.monotonic() + seconds
        while not self.evaluate(script):
            if time.monotonic() > deadline:
                raise TimeoutError(script)
            time.sleep(0.2)

    def resize(self, width, height):
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 500,
        )

    def capture(self):
        return base64.b64decode(self.send("Page.captureScreenshot")["data"])

    def close(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)


def session_of(url, login):
    """Log in and return the session's cookie."""
    session = requests.Session()
    page = session.get(f"{url}/web/login").text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    session.post(f"{url}/web/login", {"login": login, "password": login, "csrf_token": token})
    return session.cookies["session_id"]


def take(browser, url, picture, sessions):
    """Open the page of a picture and take it.

    :param sessions: of those who have logged in, by login; another one is added
    """
    if picture.login not in sessions:
        sessions[picture.login] = session_of(url, picture.login)
    browser.send("Network.setCookie", name="session_id", value=sessions[picture.login], url=url)
    browser.resize(*picture.size)
    browser.send("Page.navigate", url="about:blank")
    browser.send("Page.navigate", url=url + picture.path)
    stands = "document.readyState == 'complete' && !!document.querySelector(`{}`)"
    for click in picture.clicks:
        browser.wait(stands.format(click))
        browser.evaluate(f"document.querySelector(`{click}`).click()")
    browser.wait(stands.format(picture.ready))
    browser.wait("!document.querySelector('.o_loading_indicator, .o_blockUI')")
    if browser.evaluate("!!document.querySelector('.o_error_dialog')"):
        raise RuntimeError(browser.evaluate("document.querySelector('.modal-body').innerText"))
    # Pictures and charts come in after the view.
    time.sleep(1.5)
    for folder in picture.folders:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{picture.name}.png").write_bytes(browser.capture())


def try_to_take(browser, url, picture, sessions):
    """As :func:`take`; what went wrong is returned, so that the others are taken."""
    try:
        take(browser, url, picture, sessions)
    except (TimeoutError, RuntimeError) as error:
        return error
    return None


def take_banner(browser):
    """Compose the banner of the app's page of the text in ``banner.html`` and a picture."""
    picture = base64.b64encode((APP / f"{BANNER_OF}.png").read_bytes()).decode()
    icon = base64.b64encode((APP / "icon.png").read_bytes()).decode()
    page = BANNER.read_text().replace("PICTURE", picture).replace("ICON", icon)
    browser.resize(*BANNER_SIZE)
    browser.send("Page.navigate", url="about:blank")
    frame = browser.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
    browser.send("Page.setDocumentContent", frameId=frame, html=page)
    browser.wait("[...document.images].every((image) => image.complete)")
    (APP / "banner.png").write_bytes(browser.capture())


def main(url, names):
    chosen = [picture for picture in PICTURES if not names or picture.name in names]
    browser, sessions, failed = Browser(), {}, []
    try:
        for picture in chosen:
            if problem := try_to_take(browser, url, picture, sessions):
                failed.append(picture.name)
                print(f"{picture.name}: not taken: {problem}", file=sys.stderr)
            else:
                print(picture.name)
        if not names or "banner" in names:
            take_banner(browser)
            print("banner")
    finally:
        browser.close()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if sys.argv[1:] else "http://127.0.0.1:8069", sys.argv[2:]))
