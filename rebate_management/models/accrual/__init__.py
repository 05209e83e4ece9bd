from . import (
    rebate_accrual,
    rebate_accrual_line,
    rebate_accrual_terms,
    rebate_liability,
    rebate_lock_request,
    rebate_queue,
    rebate_scope,
)
