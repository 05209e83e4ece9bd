from . import rebate_overview, rebate_watch
