"""Our pages in a real browser, as each role opens them: axe-core (Deque, MPL-2.0) finds nothing
serious or critical in what is ours, and the console tells of no error and no warning.

axe-core comes with the package ``axe-core-python``, a development dependency; without it this is
skipped. Pages that a menu opens are found by themselves; others are listed in ``PAGES``.

What is ours: all that our views, widgets and templates draw, Odoo's fields in them included. Not
ours is what Odoo draws around every view (``FRAME``), and what is shown to be Odoo's in the same
run: a finding that a page of Odoo's own (``COMPARED``) has too, on the same kind of element or in
the same two colours, and one inside a widget whose template in Odoo's sources draws the element
(``DRAWN_BY_ODOO``). Each of these is told in the log.
"""

import json
import re
import unittest
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urljoin

from odoo import Command
from odoo.tests import tagged
from odoo.tests.common import ChromeBrowser
from odoo.tools.misc import file_path

from odoo.addons.rebate_portal.tests.common import RebatePortalCommon

AXE = find_spec("axe_core_python")
IMPACTS = ("serious", "critical")
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]

# Odoo draws these around every view, whoever made it: the bar of menus, the bar with search and
# pager, the messages beside a form, notifications, and the header and footer of the portal.
FRAME = [
    ".o_main_navbar",
    ".o_control_panel",
    ".o-mail-ChatterContainer, .o-mail-Form-chatter",
    ".o_notification_manager, .o_loading_indicator",
    "header#top",
    "footer#bottom",
    ".o_portal_breadcrumbs, .o_portal_navbar",
]

# Pages of Odoo's own that are built of what ours are built of.
COMPARED = [
    ("/odoo/action-sale.action_quotations", ".o_list_view, .o_kanban_view"),
    ("/odoo/action-sale.action_quotations/new", ".o_form_view"),
    ("/odoo/action-account.action_move_out_invoice_type", ".o_list_view, .o_kanban_view"),
    ("/odoo/action-account.action_move_out_invoice_type/{invoice}", ".o_form_view"),
    ("/odoo/action-account.action_account_invoice_report_all", ".o_graph_view, .o_pivot_view"),
    ("/odoo/action-account.open_account_journal_dashboard_kanban", ".o_kanban_view"),
    ("/odoo/action-base.action_partner_form/{partner}", ".o_form_view"),
    ("/odoo/action-base.action_partner_form?view_type=kanban", ".o_kanban_view"),
    ("/odoo/action-product.product_template_action?view_type=list", ".o_list_view"),
    ("/odoo/action-account.action_account_journal_form/{journal}", ".o_form_view"),
]

# Elements that widgets of Odoo draw, and the templates that say so.
DRAWN_BY_ODOO = {
    "o_progress": "web/static/src/views/fields/progress_bar/progress_bar_field.xml",
    "o-autocomplete--input": "web/static/src/core/autocomplete/autocomplete.xml",
    "o_tag": "web/static/src/core/tags_list/tags_list.xml",
    "o_m2m_avatar": "web/static/src/core/tags_list/tags_list.xml",
}

VIEW = (
    ".o_list_view, .o_kanban_view, .o_form_view, .o_pivot_view, .o_graph_view, .o_calendar_view,"
    " .o_rebate_overview[aria-busy=false]"
)
RULE = ".o_field_widget[name=rule_ids] .o_data_row td.o_data_cell"
# Beyond what menus open: login, path, selector that says it stands, what to click then, and what
# says that this stands.
ACTION = "/odoo/action-rebate_management.rebate_{}_action"
PAGES = [
    ("manager_", ACTION.format("program") + "/{program}", ".o_form_view", None, None),
    ("manager_", ACTION.format("program") + "/{draft}", ".o_form_view", None, None),
    ("manager_", ACTION.format("program") + "/{draft}", RULE, RULE, ".modal .o_form_view"),
    ("manager_", ACTION.format("program") + "/new", ".o_form_view", None, None),
    ("manager_", ACTION.format("agreement") + "/{agreement}", ".o_form_view", None, None),
    (
        "manager_",
        ACTION.format("agreement") + "?view_type=kanban",
        ".o_kanban_view, .o_list_view",
        None,
        None,
    ),
    ("reader_", ACTION.format("agreement") + "/{agreement}", ".o_form_view", None, None),
    ("accountant_", ACTION.format("settlement") + "/{settlement}", ".o_form_view", None, None),
    ("accountant_", ACTION.format("audit_export"), ".modal .o_form_view", None, None),
    ("approver_", ACTION.format("settlement") + "/{settlement}", ".o_form_view", None, None),
    ("dana", "/my", ".o_portal_docs, .o_portal_my_home", None, None),
    ("dana", "/my/rebates", "#wrap", None, None),
    ("dana", "/my/rebates", "a[href^='/my/rebates/']", "a[href^='/my/rebates/']", "#wrap"),
]
# What Odoo itself says on the console of any page, its own included.
HEARD_ANYWHERE = re.compile(
    r"Failed to load resource: .*(favicon|fonts\.(googleapis|gstatic))|Third-party cookie"
    r"|service-?worker|Notification|navigator\.vibrate",
    re.IGNORECASE,
)

RUN = """
(async () => {
    await new Promise((resolve) => setTimeout(resolve, 400));
    const page = {include: [["body"]], exclude: %(frame)s.map((selector) => [selector])};
    const options = {
        runOnly: {type: "tag", values: %(standards)s}, resultTypes: ["violations"],
        elementRef: true,
    };
    const found = await axe.run(page, options);
    return JSON.stringify(found.violations.flatMap((violation) => violation.nodes.map((node) => {
        return {
            rule: violation.id, help: violation.help, impact: node.impact,
            html: node.html.slice(0, 300), target: node.target.join(" "),
            tag: node.element.tagName.toLowerCase(), classes: [...node.element.classList],
            text: node.failureSummary,
            colors: (node.any[0] && node.any[0].data && node.any[0].data.fgColor)
                ? [node.any[0].data.fgColor, node.any[0].data.bgColor] : null,
        };
    })));
})()
"""


class Listening(ChromeBrowser):
    """Odoo's browser of the tests, which also keeps what pages say on the console."""

    def __init__(self, *args, **kwargs):
        self.heard = []
        super().__init__(*args, **kwargs)

    def _handle_console(self, type, args=None, **_kw):  # noqa: A002 -- as the protocol has it
        if type in ("error", "warning"):
            self.heard.append(" ".join(str(self._from_remoteobject(arg)) for arg in args or ()))

    def _handle_exception(self, exceptionDetails, timestamp):
        self.heard.append(str(exceptionDetails.get("exception", exceptionDetails)))


@unittest.skipUnless(AXE, "axe-core is not installed: pip install axe-core-python")
@tagged("post_install", "-at_install")
class TestAccessibility(RebatePortalCommon):
    # Findings and words of Odoo's own pages, once they were visited.
    compared = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.axe = Path(AXE.origin).with_name("axe.min.js").read_text(encoding="utf-8")
        program = cls._program((100, 2), (1000, 5), (10000, 8), name="Volume bonus", code="VB")
        draft = cls._program((100, 2), name="Draft", activate=False)
        agreement = cls._enrol(program)
        invoice = cls._invoice(1500, day="2025-11-03")
        cls._invoice(700, day="2026-02-03")
        settlement = cls._settle(post=False)
        settlement.action_submit()
        agreement.action_refresh()
        cls.ids = {
            "program": program.id,
            "draft": draft.id,
            "agreement": agreement.id,
            "settlement": settlement.id,
            "invoice": invoice.id,
            "partner": cls.distributor.id,
            "journal": invoice.journal_id.id,
        }
        # For the badges of Odoo's own lists.
        orders = cls.env["sale.order"].create(
            [
                {
                    "partner_id": cls.distributor.id,
                    "order_line": [Command.create({"product_id": cls.goods.id})],
                }
            ]
            * 2
        )
        orders[0].action_confirm()
        everything = cls._groups(
            "account.group_account_manager",
            "sales_team.group_sale_manager",
            "base.group_partner_manager",
            "product.group_product_manager",
            *(f"rebate_management.group_rebate_{role}" for role in ("manager", "accountant")),
        )
        compared = cls._user("compares", "base.group_user")
        # Their list shows one's own at first.
        orders.user_id = compared
        compared.group_ids = [Command.link(group.id) for group in everything]
        for user in (compared, cls.manager, cls.accountant, cls.approver, cls.reader):
            user.password = user.login

    # ------------------------------------------------------------------
    # Visiting
    # ------------------------------------------------------------------

    def _visit(self, login, pages):
        """Open pages one after the other in one browser.

        :param pages: path, selector, what to click or None, selector after it or None
        :return: by path with what was clicked, the findings and what the console said
        """
        browser = Listening(self, success_signal="never")
        results = {}
        with self.allow_requests(browser=browser):
            try:
                self.authenticate(login, login, browser=browser)
                self.cr.flush()
                self.cr.clear()
                for path, ready, click, after in pages:
                    name = path.format(**self.ids) + (f" → {click}" if click else "")
                    with self.subTest(login=login, page=name):
                        browser.heard.clear()
                        browser.navigate_to("about:blank", wait_stop=True)
                        browser.navigate_to(urljoin(self.base_url(), path.format(**self.ids)))
                        self._wait(browser, ready)
                        if click:
                            self._evaluate(browser, f"document.querySelector(`{click}`).click()")
                            self._wait(browser, after)
                        results[name] = self._findings(browser), list(browser.heard)
            finally:
                self._wait_remaining_requests()
                browser.stop()
        return results

    def _wait(self, browser, selector):
        there = (
            f"document.readyState === 'complete' && !!document.querySelector(`{selector}`)"
            " && !document.querySelector('.o_blockUI, .o_loading_indicator')"
        )
        if not browser._wait_ready(there, timeout=60):
            page = self._evaluate(browser, "document.body.innerText")
            self.fail(f"{selector} never came. Console: {browser.heard}. The page says: {page}")

    def _evaluate(self, browser, script):
        answer = browser._websocket_request(
            "Runtime.evaluate",
            params={"expression": script, "awaitPromise": True, "returnByValue": True},
            timeout=60,
        )
        self.assertNotIn("exceptionDetails", answer)
        return answer["result"].get("value")

    def _findings(self, browser):
        # As a script of the page, not through eval, which its policy may forbid.
        self._evaluate(browser, f"{self.axe}; 0")
        run = RUN % {"frame": json.dumps(FRAME), "standards": json.dumps(STANDARDS)}
        found = json.loads(self._evaluate(browser, run))
        return [one for one in found if one["impact"] in IMPACTS]

    @staticmethod
    def _kind(finding):
        """The rule, and what kind of element it is about: its tag, and the classes that Odoo's
        widgets and styles give, none of which are ours."""

        def plain(names):
            return tuple(
                sorted(
                    name
                    for name in names
                    if re.match(r"(o_|o-|btn|badge|text-|nav|form-|dropdown|breadcrumb)", name)
                    and "rebate" not in name
                    and not re.search(r"\d{2,}", name)
                )
            )

        if finding["colors"]:
            # Of colours the theme decides, whichever element has them.
            return finding["rule"], *finding["colors"]
        return finding["rule"], finding["tag"], plain(finding["classes"])

    @staticmethod
    def _drawn_by_odoo(finding):
        """The template of Odoo's that draws the element, or None."""
        for name, path in DRAWN_BY_ODOO.items():
            if name in finding["classes"] and not finding["colors"]:
                source = Path(file_path(path)).read_text(encoding="utf-8")
                return path if re.search(rf"[\"' ]{name}[\"' ]", source) else None
        return None

    def _menus(self, user):
        """Pages that the menus of our app open for a user."""
        root = self.env.ref("rebate_management.rebate_menu_root")
        menus = self.env["ir.ui.menu"].with_user(user)
        visible = menus._visible_menu_ids()
        menus = menus.search([("id", "child_of", root.id), ("id", "in", list(visible))])
        # Which action a menu opens is no secret to whoever sees the menu.
        actions = {menu.action.id: menu.sudo().action for menu in menus if menu.sudo().action}
        return [
            (f"/odoo/action-{action_id}", f"{VIEW}, .modal .o_form_view", None, None)
            for action_id, action in actions.items()
            if action._name in ("ir.actions.act_window", "ir.actions.client")
        ]

    # ------------------------------------------------------------------
    # Tests
    # ------------------------------------------------------------------

    def _excused(self):
        """What Odoo's own pages are found to have, and on which; looked for once."""
        cls = type(self)
        if cls.compared is None:
            visited = self._visit("compares", [(*page, None, None) for page in COMPARED])
            cls.compared = (
                {
                    self._kind(finding): path
                    for path, (findings, _heard) in visited.items()
                    for finding in findings
                },
                {words for _findings, heard in visited.values() for words in heard},
            )
        return cls.compared

    def _assert_clean(self, login, pages):
        """Expect neither findings nor words on the console that Odoo's own pages have not."""
        found = self._visit(login, pages)
        if not any(findings or heard for findings, heard in found.values()):
            return
        excused, heard_there = self._excused()
        told, problems = [], []
        for path, (findings, heard) in found.items():
            for finding in findings:
                line = (
                    f"{path}: {finding['impact']} {finding['rule']} ({finding['help']})"
                    f" at {finding['target']}\n    {finding['html']}\n    {finding['text']}"
                )
                where = excused.get(self._kind(finding)) or self._drawn_by_odoo(finding)
                if where:
                    told.append(f"{line}\n    as on {where}")
                else:
                    problems.append(line)
            problems += [
                f"{path}: console: {words}"
                for words in heard
                if words not in heard_there and not HEARD_ANYWHERE.search(words)
            ]
        if told:
            self._logger.info("Found in Odoo's own pages too:\n%s", "\n".join(told))
        self.assertFalse(problems, "\n" + "\n".join(problems))

    def _pages(self, login):
        return [page[1:] for page in PAGES if page[0] == login]

    # ------------------------------------------------------------------
    # Tests
    # ------------------------------------------------------------------

    def test_pages_of_a_manager(self):
        self._assert_clean("manager_", self._menus(self.manager) + self._pages("manager_"))

    def test_pages_of_an_accountant(self):
        seen = self._menus(self.manager)
        own = [page for page in self._menus(self.accountant) if page not in seen]
        self._assert_clean("accountant_", own + self._pages("accountant_"))

    def test_pages_of_an_approver(self):
        seen = self._menus(self.manager) + self._menus(self.accountant)
        own = [page for page in self._menus(self.approver) if page not in seen]
        self._assert_clean("approver_", own + self._pages("approver_"))

    def test_pages_of_a_salesperson(self):
        self._assert_clean("reader_", self._pages("reader_"))

    def test_pages_of_a_distributor(self):
        self._assert_clean("dana", self._pages("dana"))
