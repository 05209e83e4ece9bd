"""What the bench compares with what, and how far apart they may lie."""

import os
from typing import NamedTuple

AGREEMENTS = int(os.environ["AGREEMENTS"])
PROGRAMS = int(os.environ["PROGRAMS"])
LINES, BIG = int(os.environ["LINES"]), int(os.environ["BIG"])


class Row(NamedTuple):
    """A figure beside its yardstick; ``at_least`` turns the goal round. No goal: to know it."""

    label: str
    figure: str
    yardstick: str
    base: str
    goal: float | None = None
    at_least: bool = False
    unit: str = "s"


SCAN = ("one scan of the year, by partner and product", "scan")
REFRESH = f"refresh of {AGREEMENTS:,} agreements, 1 program"
MANY = f"refresh of {PROGRAMS} x {AGREEMENTS:,} agreements"
LARGE = f"refresh of {BIG:,} lines"
ONE = "the same, 1 program"
SMALL = f"the same, {LINES:,} lines"
ROWS = [
    Row("measuring alone", "measure", *SCAN),
    Row(f"{REFRESH}, no news", "refresh", *SCAN, 1.3),
    Row(f"{REFRESH}, all changed", "refresh_changed", *SCAN, 1.3),
    Row("the same, computed for the first time", "refresh_first", *SCAN),
    Row("OCA agreement_rebate settling them", "oca", "the same", "refresh_first", 5, at_least=True),
    Row(f"{MANY}, no news", "programs", ONE, "refresh", 3),
    Row(f"{MANY}, all changed", "programs_changed", ONE, "refresh_changed", 3),
    Row(f"{LARGE}, no news", "big_refresh", SMALL, "refresh", 3.3),
    Row(f"{LARGE}, all changed", "big_refresh_changed", SMALL, "refresh_changed", 3.3),
    Row("its scan", "big_scan", SMALL, "scan"),
    Row(f"Python memory, {LARGE}", "big_memory", SMALL, "memory", 1.1, unit="MB"),
]
for how, name in (("one by one", "each"), ("at once", "all")):
    for label, figure, goal in (
        (f"posting 100 invoices {how}", f"post_{name}", 1.05),
        ("the same, processor time", f"post_{name}_cpu", None),
    ):
        without = ("without the addons", f"{figure}_without")
        ROWS.append(Row(label, f"{figure}_with", *without, goal))
ROWS += [
    Row(
        f"posting {AGREEMENTS:,} settlements",
        "settle",
        "creating and posting plain credit notes",
        "credit_notes",
        1.3,
    ),
    Row("proposing them, with frozen details", "propose", "the same", "credit_notes"),
    Row("both", "propose_settle", "the same", "credit_notes"),
    Row(
        f"live progress, 1 distributor, {PROGRAMS} programs",
        "live",
        "its list of invoices in Odoo",
        "list",
        2,
    ),
    Row("the same", "live", "one query of that list", "query"),
    Row(
        f"the overview, {PROGRAMS} programs of {AGREEMENTS:,} agreements",
        "overview",
        "the dashboard of Odoo's accounting",
        "dashboard",
        1,
    ),
    Row("then, who is near a tier, live", "overview_near", "the same", "dashboard"),
    Row(
        "live progress, 1 distributor of 100,000 lines a year",
        "distributor",
        "one scan of its lines, by product",
        "distributor_scan",
        1.5,
    ),
]
