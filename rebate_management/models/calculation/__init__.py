from . import rebate_calculation
