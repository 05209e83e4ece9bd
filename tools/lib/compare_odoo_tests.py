"""Compare two runs of Odoo's own tests by their logs: one without our addons, one with them.

    compare_odoo_tests.py WITHOUT.log WITH.log

Prints a table by test class, then each test that comes out otherwise. Ends badly where a test fails
or is not run with our addons that passes without them, or where a run did not come to its end.
"""

import re
import sys
from collections import Counter
from pathlib import Path

STARTED = re.compile(r"odoo\.addons\.(\w+)\.tests\.(\w+): Starting (\w+)\.(\w+) \.\.\.")
SKIPPED = re.compile(r"odoo\.addons\.(\w+)\.tests\.(\w+): skipped (\w+)\.(\w+) :")
FAILED = re.compile(r" (?:FAIL|ERROR): (?:Subtest )?(\w+)\.(\w+)")
# A class that cannot be set up, of which no test is run.
NOT_SET_UP = re.compile(r" ERROR: setUpClass \(.*\.(\w+)\)")
ENDED = re.compile(r"\d+ failed, \d+ error\(s\) of (\d+) tests when loading database")


def read_outcomes(path):
    """Read what came of each test.

    :return: ``passed``, ``failed`` or ``skipped`` by ``module:Class.test``
    """
    log = Path(path).read_text(encoding="utf-8", errors="replace")
    if not ENDED.search(log):
        sys.exit(f"{path}: the tests did not come to their end.\n{log[-3000:]}")
    outcomes, modules = {}, {}
    for line in log.splitlines():
        if found := STARTED.search(line):
            module, _file, case, test = found.groups()
            modules[case] = module
            outcomes[f"{module}:{case}.{test}"] = "passed"
        elif found := SKIPPED.search(line):
            module, _file, case, test = found.groups()
            outcomes[f"{module}:{case}.{test}"] = "skipped"
        elif found := FAILED.search(line):
            case, test = found.groups()
            outcomes[f"{modules.get(case, '?')}:{case}.{test}"] = "failed"
        elif found := NOT_SET_UP.search(line):
            outcomes[f"{modules.get(found[1], '?')}:{found[1]}.setUpClass"] = "failed"
    return outcomes


def print_table(runs):
    """Print how many tests of each class came out how.

    :param runs: the outcomes without and with the addons
    """
    print(f"{'':52}{'without':>20}{'with the addons':>22}")
    print(f"{'':52}" + f"{'passed failed skipped':>21}" * 2)
    totals = [Counter(), Counter()]
    for case in sorted({name.partition(".")[0] for run in runs for name in run}):
        row = f"{case:52}"
        for run, total in zip(runs, totals, strict=True):
            counts = Counter(
                outcome for name, outcome in run.items() if name.partition(".")[0] == case
            )
            total += counts
            row += format_counts(counts)
        print(row)
    print(f"{'all':52}" + "".join(map(format_counts, totals)))


def format_counts(counts):
    return f"{counts['passed']:6}{counts['failed']:7}{counts['skipped']:8}"


def main(paths):
    without, having = runs = [read_outcomes(path) for path in paths]
    print_table(runs)
    if not without:
        sys.exit("No test was run: no class has these names.")
    worse = []
    for name in sorted(without.keys() | having.keys()):
        before, after = without.get(name, "not run"), having.get(name, "not run")
        if before != after:
            print(f"{name}: {before} without, {after} with the addons")
            if before == "passed" or after == "failed":
                worse.append(name)
    if worse:
        sys.exit(f"{len(worse)} of Odoo's tests come out worse with the addons.")
    print("Odoo's tests come out with the addons as they do without.")


if __name__ == "__main__":
    main(sys.argv[1:])
