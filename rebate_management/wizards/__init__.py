from . import (
    account_move_reversal,
    rebate_accrual_run,
    rebate_accrual_run_line,
    rebate_accrual_run_monthly,
    rebate_claim_extend,
    rebate_settlement_check,
    rebate_settlement_check_line,
    rebate_settlement_decision,
    rebate_settlement_run,
    rebate_template_save,
)
