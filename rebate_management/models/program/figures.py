"""What programs cost, from what is stored of their periods: one grouped read over all programs that
are shown.

Amounts are in each program's currency, and of the agreements that the reader may see.
"""

from odoo import fields
from odoo.fields import Domain

CURRENT = {
    "current_measured_amount": "measured_amount:sum",
    "current_earned_amount": "earned_amount:sum",
    "current_expected_amount": "expected_amount:sum",
}
OPEN = {"open_amount": "open_amount:sum", "settled_amount": "settled_amount:sum"}


def current_domain(programs):
    """Find the accruals of the periods that run today."""
    today = fields.Date.context_today(programs)
    return Domain("date_from", "<=", today) & Domain("date_to", ">=", today)


def current_figures(programs):
    """Sum up the running periods.

    :return: by program id, values of the fields ``current_…``
    """
    domain = current_domain(programs)
    figures = _sums(programs, CURRENT, domain)
    earning = dict(
        programs.env["rebate.accrual"]._read_group(
            domain & Domain("program_id", "in", programs.ids) & Domain("earned_amount", ">", 0),
            ["program_id"],
            ["agreement_id:count_distinct"],
        )
    )
    counts = {program.id: count for program, count in earning.items()}
    for program_id, values in figures.items():
        earned, expected = values["current_earned_amount"], values["current_expected_amount"]
        values["current_progress"] = 100 * min(1, max(0, earned / expected)) if expected else 0
        values["current_earning_count"] = counts.get(program_id, 0)
    return figures


def open_figures(programs):
    """Sum up all periods.

    :return: by program id, values of ``open_amount`` and ``settled_amount``
    """
    return _sums(programs, OPEN, Domain.TRUE)


def _sums(programs, names, domain):
    figures = {program_id: dict.fromkeys(names, 0) for program_id in [*programs._origin.ids, False]}
    for program, *sums in programs.env["rebate.accrual"]._read_group(
        domain & Domain("program_id", "in", programs._origin.ids), ["program_id"], [*names.values()]
    ):
        figures[program.id] = dict(zip(names, sums, strict=True))
    return figures
