from . import rebate_overview
