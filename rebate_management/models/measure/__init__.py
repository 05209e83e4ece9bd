from . import rebate_measure
