"""Take the documentation's pictures from a served demo (make demo), as each role sees it.

tools/screenshots [http://127.0.0.1:8069]
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

import requests
import websocket

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
WIDE, PHONE = (1366, 900), (390, 844)
ACTION = "/odoo/action-rebate_management.rebate_{}_action"
PROGRAM_PAGE = "a[href^='/my/rebates/']"
# name, login, path, what to click once the page stands, size
PICTURES = [
    ("agreements", "manager", ACTION.format("agreement"), None, WIDE),
    ("agreement", "manager", ACTION.format("agreement"), "td[name=partner_id]", WIDE),
    ("program", "manager", ACTION.format("program"), "td[name=name]", WIDE),
    ("templates", "manager", ACTION.format("template") + "_choose", None, WIDE),
    ("accruals", "accountant", ACTION.format("accrual"), None, WIDE),
    ("settlement", "accountant", ACTION.format("settlement"), "td[name=name]", WIDE),
    ("liability", "accountant", ACTION.format("liability"), None, WIDE),
    ("portal_rebates", "portal_distributor", "/my/rebates", None, WIDE),
    ("portal_program", "portal_distributor", "/my/rebates", PROGRAM_PAGE, WIDE),
    ("portal_program_phone", "portal_distributor", "/my/rebates", PROGRAM_PAGE, PHONE),
]


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

    def wait(self, script):
        deadline = time.monotonic() + 30
        while not self.evaluate(script):
            if time.monotonic() > deadline:
                raise TimeoutError(script)
            time.sleep(0.2)

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


def main(url):
    FOLDER.mkdir(parents=True, exist_ok=True)
    browser = Browser()
    try:
        for name, login, path, click, (width, height) in PICTURES:
            browser.send(
                "Network.setCookie", name="session_id", value=session_of(url, login), url=url
            )
            browser.send(
                "Emulation.setDeviceMetricsOverride",
                width=width,
                height=height,
                deviceScaleFactor=1,
                mobile=width < 500,
            )
            browser.send("Page.navigate", url=url + path)
            ready = ".o_list_view, .o_kanban_view, #wrap, .o_portal_wrap"
            browser.wait(
                f"document.readyState == 'complete' && !!document.querySelector(`{ready}`)"
            )
            if click:
                browser.wait(f"!!document.querySelector(`{click}`)")
                browser.evaluate(f"document.querySelector(`{click}`).click()")
                time.sleep(1)
                browser.wait("document.readyState == 'complete'")
            time.sleep(1.5)
            picture = browser.send("Page.captureScreenshot")["data"]
            (FOLDER / f"{name}.png").write_bytes(base64.b64decode(picture))
            print(name)
    finally:
        browser.close()


if __name__ == "__main__":
    main(*(sys.argv[1:] or ["http://127.0.0.1:8069"]))
