"""What is asked of purchases, and what comes back: the values that all rooms hand on."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple


class Window(NamedTuple):
    """A question: what did this agreement buy between two dates, both inclusive?

    Days outside the dates of agreement and program count only where ``is_baseline`` says that the
    question is about the past that they are compared with. ``until`` leaves out what came after a
    day within the period. ``key`` is the asker's own name for the question and comes back with the
    answer. ``period_from`` is the first day of the period that is compared with a past one.
    ``scope`` is for the measurement alone: products that counted before, see
    ``settled_scopes.py``. ``scenario`` adds purchases that are supposed, see ``supposed.py``.
    """

    key: object
    agreement_id: int
    date_from: date
    date_to: date
    is_baseline: bool = False
    until: date | None = None
    period_from: date | None = None
    scope: tuple = ()
    scenario: object = None

    @property
    def last_day(self) -> date:
        """The last day whose purchases count."""
        return min(self.date_to, self.until) if self.until else self.date_to


class Purchases(NamedTuple):
    """An answer: net purchases, unrounded, and the number of invoices behind them.

    ``amount`` is in the program's currency, ``quantity`` in its unit of measure (0 where it has
    none). ``unconverted`` counts purchases left out of the amount because no exchange rate is
    known, ``unmeasured`` those left out of the quantity because their unit does not convert, and
    ``unitless`` those that have no unit, whose quantity says nothing.
    """

    amount: Decimal
    quantity: Decimal
    invoice_count: int
    unconverted: int
    unmeasured: int
    unitless: int = 0

    def plus(self, other: "Purchases") -> "Purchases":
        """Add purchases of other days."""
        return Purchases(*(one + another for one, another in zip(self, other, strict=True)))


class PurchaseKey(NamedTuple):
    """Where an answer stands: of which window, and which of its sums: a rule's by its id, that of
    products which another filter of a rule names by minus its id, and the whole program's by None.
    """

    window: object
    sum: int | None = None


class LinePurchase(NamedTuple):
    """What one invoice line adds to an answer, unrounded, as in :class:`Purchases`."""

    line_id: int
    amount: Decimal
    quantity: Decimal


NOTHING = Purchases(Decimal(0), Decimal(0), 0, 0, 0)
