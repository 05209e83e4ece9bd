# Models that others inherit from come first.
from . import guard  # isort: skip
from . import (
    account,
    accrual,
    agreement,
    analysis,
    approval,
    calculation,
    measure,
    program,
    settlement,
)
