from . import rebate_settlement_run, rebate_template_save
