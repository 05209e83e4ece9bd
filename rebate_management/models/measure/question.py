"""What one statement is asked, with all that is particular about it."""

from typing import NamedTuple

from .enrolments import Enrolment, agreements_of, programs_of
from .owners import Owners
from .purchases import Window
from .returns import LateReturn


class Question(NamedTuple):
    """Windows to measure, and what the usual case has nothing of.

    ``windows`` are cut where the days that are paid for end; ``enrolments`` are their agreements,
    by id, and ``programs`` the programs of these. ``owners`` tells what other agreements
    have, ``late`` which returns count on another day than their own, ``former`` the numbers of
    programs as they counted before, see :func:`~.settled_scopes.former_programs`. ``counted_as`` is
    the number of each program in the statement, where several are measured as one, see
    :func:`~.deduplication.counted_as`.
    """

    windows: list[Window]
    enrolments: dict[int, Enrolment]
    programs: object
    owners: Owners
    late: list[LateReturn]
    former: dict[tuple[int, tuple], int]
    counted_as: dict[int, int]

    @property
    def env(self):
        """Of whoever asks."""
        return self.programs.env

    @property
    def agreements(self):
        """The agreements of the windows."""
        return agreements_of(self.env, self.windows)

    def asking(self, windows: list[Window]) -> "Question":
        """The same of fewer windows."""
        ids = {window.agreement_id for window in windows}
        enrolments = {agreement_id: self.enrolments[agreement_id] for agreement_id in ids}
        programs = programs_of(self.env, enrolments)
        return self._replace(windows=windows, enrolments=enrolments, programs=programs)

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
        return self.former[self.enrolments[window.agreement_id].program_id, window.scope]
