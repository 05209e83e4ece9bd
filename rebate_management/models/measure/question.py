"""What one statement is asked, with all that is particular about it."""

from collections.abc import Iterable
from typing import NamedTuple

from .owners import Owners
from .purchases import Window
from .returns import LateReturn


def agreements_of(env, windows: Iterable[Window]):
    """The agreements that some windows ask about."""
    return env["rebate.agreement"].browse({window.agreement_id for window in windows})


class Question(NamedTuple):
    """Windows to measure, and what the usual case has nothing of.

    ``windows`` are cut where the days that are paid for end. ``owners`` tells what other agreements
    have, ``late`` which returns count on another day than their own, ``former`` the numbers of
    programs as they counted before, see :func:`~.settled_scopes.former_programs`. ``counted_as`` is
    the number of each program in the statement, where several are measured as one, see
    :func:`~.deduplication.counted_as`.
    """

    windows: list[Window]
    agreements: object
    programs: object
    owners: Owners
    late: list[LateReturn]
    former: dict[tuple[int, tuple], int]
    counted_as: dict[int, int]

    @property
    def env(self):
        """Of whoever asks."""
        return self.agreements.env

    def asking(self, windows: list[Window]) -> "Question":
        """The same of fewer windows."""
        agreements = agreements_of(self.env, windows)
        return self._replace(windows=windows, agreements=agreements, programs=agreements.program_id)

    def numbers_of(self, program) -> list[int]:
        """The numbers by which a program is measured, today's and those of before."""
        former = [
            number
            for (program_id, _scope), number in self.former.items()
            if program_id == program.id
        ]
        return [program.id, *former]

    def former_number(self, window: Window) -> int | None:
        """The number of the program of a window, where it is measured as it counted before."""
        if not window.scope:
            return None
        agreement = self.env["rebate.agreement"].browse(window.agreement_id)
        return self.former[agreement.program_id.id, window.scope]
