# Models that others inherit from come first.
from . import rebate_bounds  # isort: skip
from . import rebate_guard, rebate_guard_other, rebate_guarded
