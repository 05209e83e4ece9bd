# Models that others inherit from come first.
from . import rebate_terms  # isort: skip
from . import (
    rebate_amendment,
    rebate_amendment_line,
    rebate_program,
    rebate_rule,
    rebate_stacking_group,
    rebate_template,
    rebate_tier,
)
