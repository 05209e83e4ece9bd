from . import rebate_settlement_decision, rebate_settlement_run, rebate_template_save
