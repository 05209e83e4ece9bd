"""What stored accruals add up to, by program and end of the period, in one statement for all
figures of the overview. It reads accruals that are not settled, and those that ended within a
year."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from odoo.fields import Domain
from odoo.tools import SQL

# Payouts that are on their way.
PENDING = ("draft", "submitted", "approved")
# What is asked of programs.
PROGRAM_FIELDS = (
    *("name", "code", "company_id", "currency_id", "date_start", "date_end"),
    *("period_type", "settlement_period", "payout_delay_days", "claim_required"),
    *("accrual_method", "measure", "uom_id", "amends_id"),
)


class Sums(NamedTuple):
    """Accruals of one program whose periods end on one day. ``has_begun`` tells whether they had
    begun today, ``had_begun`` whether a year ago; ``whole_from`` and ``whole_to`` are the whole
    period of the calendar, where they were cut from one. ``due`` is what may be paid and is on no
    payout yet, ``unclaimed`` what has to be claimed before."""

    program: object
    date_to: date
    has_begun: bool
    had_begun: bool
    whole_from: date | None
    whole_to: date | None
    count: int
    earned: Decimal
    expected: Decimal
    open: Decimal
    accrued: Decimal
    due: Decimal
    due_count: int

    @property
    def currency(self):
        """Of the amounts."""
        return self.program.currency_id

    @property
    def paid(self) -> Decimal:
        """What is owed no more: paid, expired, or released."""
        return self.earned - self.open

    def runs_on(self, day: date, is_past=False) -> bool:
        """Tell whether the periods run on today, or ran on the day a year before."""
        return (self.had_begun if is_past else self.has_begun) and self.date_to >= day


def add_up(env, domain: Domain, today: date, ago: date) -> list[Sums]:
    """Add up the accruals that the user may read.

    :param domain: of accruals
    :param ago: today, a year before
    """
    accruals = env["rebate.accrual"]
    accruals.flush_model()
    recent = Domain("state", "in", ("open", "closed")) | Domain("date_to", ">=", ago)
    query = accruals._search(domain & recent)
    key = SQL(
        """rebate_accrual.program_id, rebate_accrual.date_to,
           rebate_accrual.date_from <= %s, rebate_accrual.date_from <= %s""",
        today,
        ago,
    )
    rows = env.execute_query(
        SQL(
            """
            SELECT %s,
                   MIN(rebate_accrual.whole_from), MAX(rebate_accrual.whole_to),
                   COUNT(*),
                   SUM(rebate_accrual.earned_amount),
                   SUM(rebate_accrual.expected_amount),
                   SUM(rebate_accrual.open_amount),
                   SUM(rebate_accrual.accrued_amount),
                   SUM(rebate_accrual.open_amount) FILTER (
                       WHERE rebate_accrual.claimed_date IS NOT NULL
                   ),
                   COUNT(*) FILTER (WHERE rebate_accrual.open_amount > 0),
                   COUNT(*) FILTER (
                       WHERE rebate_accrual.open_amount > 0
                         AND rebate_accrual.claimed_date IS NOT NULL
                   )
              FROM %s
             WHERE %s
          GROUP BY 1, 2, 3, 4
          ORDER BY 2, 1
            """,
            key,
            query.from_clause,
            query.where_clause,
        )
    )
    pending = _pending(env, key, query)
    programs = env["rebate.program"].browse({row[0] for row in rows})
    programs.fetch(PROGRAM_FIELDS)
    by_id = {program.id: program for program in programs}
    return [_sums(by_id[row[0]], row, *pending.get(row[:4], (0, 0))) for row in rows]


def _sums(program, row, pending, used_up):
    """The sums of a row, less what is on payouts that are on their way.

    :param pending: what is on them
    :param used_up: of how many accruals nothing is left beside it
    """
    *amounts, claimed, open_count, claimed_count = row[7:]
    # What PostgreSQL sums exactly arrives as a float; as it is written it is exact again.
    *amounts, claimed, pending = (Decimal(str(one or 0)) for one in (*amounts, claimed, pending))
    due, due_count = amounts[2], open_count
    if program.claim_required:
        due, due_count = claimed, claimed_count
    return Sums(program, *row[1:7], *amounts, due - pending, due_count - used_up)


def _pending(env, key, query):
    """Add up what payouts that are on their way pay of accruals, by the key of their sums."""
    env["rebate.settlement.line"].flush_model(["accrual_id", "amount", "settlement_id"])
    env["rebate.settlement"].flush_model(["state"])
    rows = env.execute_query(
        SQL(
            """
            SELECT %s, SUM(pending.amount),
                   COUNT(*) FILTER (
                       WHERE rebate_accrual.open_amount > 0
                         AND rebate_accrual.open_amount <= pending.amount
                   )
              FROM %s
              JOIN (
                       SELECT line.accrual_id, SUM(line.amount) AS amount
                         FROM rebate_settlement settlement
                         JOIN rebate_settlement_line line ON line.settlement_id = settlement.id
                        WHERE settlement.state IN %s
                     GROUP BY line.accrual_id
                   ) pending
                ON pending.accrual_id = rebate_accrual.id
             WHERE %s
          GROUP BY 1, 2, 3, 4
            """,
            key,
            query.from_clause,
            PENDING,
            query.where_clause,
        )
    )
    return {row[:4]: row[4:] for row in rows}


def last_runs(env) -> dict:
    """By company that the user works in, the day up to which it last accrued."""
    # Whether a run was made is nothing secret of the books.
    moves = env["account.move"].sudo()
    return dict(
        moves._read_group(
            [
                ("company_id", "in", env.companies.ids),
                ("rebate_accrued_until", "!=", False),
                ("state", "=", "posted"),
            ],
            ["company_id"],
            ["rebate_accrued_until:max"],
        )
    )
