"""The agreements that some windows ask about, as plain rows: there may be as many as a program has
distributors."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from odoo.tools import SQL

from ...tools.arrays import any_of
from .purchases import Window


class Enrolment(NamedTuple):
    """What of an agreement decides whose purchases count on which days, and by which terms."""

    program_id: int
    partner_id: int
    include_children: bool
    date_start: date
    date_end: date | None
    is_recut: bool


def agreements_of(env, windows: Iterable[Window]):
    """The agreements that some windows ask about."""
    return env["rebate.agreement"].browse({window.agreement_id for window in windows})


def read_enrolments(agreements) -> dict[int, Enrolment]:
    """Read agreements in one statement, by id."""
    agreements.flush_model(Enrolment._fields)
    rows = agreements.env.execute_query(
        SQL(
            "SELECT id, %s FROM rebate_agreement WHERE id = %s",
            SQL(", ").join(map(SQL.identifier, Enrolment._fields)),
            any_of(agreements.ids),
        )
    )
    return {agreement_id: Enrolment(*row) for agreement_id, *row in rows}


def programs_of(env, enrolments: dict[int, Enrolment]):
    """The programs of some agreements."""
    return env["rebate.program"].browse(sorted({one.program_id for one in enrolments.values()}))
