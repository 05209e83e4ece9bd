from . import rebate_watch
