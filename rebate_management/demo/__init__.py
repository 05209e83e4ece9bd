from . import rebate_demo
