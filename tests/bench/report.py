"""Prints what the bench measured: a table, and as its last line the same as JSON.

A figure is the median of its runs and its ratio that of the medians; behind it stands the least and
the greatest ratio of runs made side by side. Only ratios mean anything on another machine.
"""

import json
import os
import statistics
import sys
from pathlib import Path

from figures import AGREEMENTS, BIG, LINES, PROGRAMS, ROWS

entries = [json.loads(line) for line in Path(os.environ["RESULTS"]).read_text("utf-8").splitlines()]
by_name = {entry["name"]: entry for entry in entries}
runs = {name: entry["runs"] for name, entry in by_name.items() if "runs" in entry}
for place in ("each", "each_cpu", "all", "all_cpu"):
    for name, installed in (("with", True), ("without", False)):
        of_place = [e for e in entries if e["name"] == "posting" and e["installed"] == installed]
        # One process is one run, so that a pair of runs is what stood side by side.
        if of_place:
            runs[f"post_{place}_{name}"] = [statistics.median(e[place]) for e in of_place]
for size in ("", "big_"):
    if size + "memory" in by_name:
        runs[size + "memory"] = [by_name[size + "memory"]["megabytes"]]


def rounded(number):
    """Print what is worth reading of a number."""
    return f"{number:.4f}" if number < 1 else f"{number:.2f}"


def compare(row):
    """Put a figure beside its yardstick."""
    figure, yardstick = statistics.median(runs[row.figure]), statistics.median(runs[row.base])
    ratio = figure / yardstick
    sides = [
        one / other for one, other in zip(runs[row.figure], runs[row.base], strict=False) if other
    ]
    reached = None
    if row.goal:
        reached = ratio >= row.goal if row.at_least else ratio <= row.goal
    return {
        "figure": row.label,
        "value": figure,
        "unit": row.unit,
        "yardstick": row.yardstick,
        "base": yardstick,
        "ratio": ratio,
        "spread": [min(sides), max(sides)],
        "goal": row.goal and f"{'>=' if row.at_least else '<='} {row.goal}",
        "reached": reached,
    }


def print_table(figures):
    heads = ("figure", "", "yardstick", "", "ratio", "spread", "goal", "")
    cells = [
        (
            row["figure"],
            f"{rounded(row['value'])} {row['unit']}",
            row["yardstick"],
            f"{rounded(row['base'])} {row['unit']}",
            f"{row['ratio']:.2f}",
            "{:.2f}-{:.2f}".format(*row["spread"]),
            row["goal"] or "",
            {None: "", True: "reached", False: "missed"}[row["reached"]],
        )
        for row in figures
    ]
    widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
    for line in (heads, *cells):
        # Text to the left, numbers to the right.
        aligned = [
            cell.ljust(width) if place in {0, 2, 7} else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        print("  ".join(aligned).rstrip())


def complaints():
    """Say why these figures must not be believed, if so."""
    plan = by_name.get("plan")
    if plan and not any(plan["index"] in node for node in plan["nodes"]):
        yield (
            f"Live progress does not use the index {plan['index']}; PostgreSQL plans"
            f" {' and '.join(plan['nodes']) or 'no scan of invoices at all'}. Look at the joins of"
            " the measuring statement."
        )
    ours, theirs = by_name.get("earned"), by_name.get("oca_earned")
    if theirs and abs(ours["amount"] - theirs["amount"]) >= 0.01:
        yield (
            f"agreement_rebate settled {theirs['amount']:,.2f} where we computed"
            f" {ours['amount']:,.2f}: the two were not asked the same."
        )


figures = [compare(row) for row in ROWS if row.figure in runs and row.base in runs]
print_table(figures)
if "scanned" in by_name:
    print(f"\nThe year has {by_name['scanned']['lines']:,} of {LINES:,} invoice lines.", end=" ")
    if "big_scanned" in by_name:
        print(f"In the big database {by_name['big_scanned']['lines']:,} of {BIG:,}.", end="")
    print()
if "oca_earned" in by_name:
    print(f"In rebates, {by_name['earned']['amount']:,.2f} are computed by the addons,", end=" ")
    print(f"{by_name['oca_earned']['amount']:,.2f} by agreement_rebate.")
if "settled" in by_name:
    settled = by_name["settled"]
    print(f"{settled['settlements']:,} settlements kept {settled['details']:,} lines of details.")
if "overview_shown" in by_name:
    shown = by_name["overview_shown"]
    print(
        f"The overview tells of {shown['movers']} movers and {shown['near']} near a tier,", end=" "
    )
    print(f"the dashboard of {shown['journals']} journals.")
if "plan" in by_name:
    print("Live progress finds its invoices by:", "; ".join(by_name["plan"]["nodes"]))
wrong = list(complaints())
print(
    json.dumps(
        {
            "lines": LINES,
            "agreements": AGREEMENTS,
            "programs": PROGRAMS,
            "years": int(os.environ["YEARS"]),
            "figures": figures,
            "plan": by_name.get("plan"),
            "complaints": wrong,
        }
    )
)
if wrong:
    sys.stdout.flush()
    sys.exit("\n".join(wrong))
