from . import (
    ir_attachment,
    rebate_settlement,
    rebate_settlement_batch,
    rebate_settlement_buyer,
    rebate_settlement_carryover,
    rebate_settlement_chain,
    rebate_settlement_detail,
    rebate_settlement_line,
)
