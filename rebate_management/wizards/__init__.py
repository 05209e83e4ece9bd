from . import rebate_settlement_run
