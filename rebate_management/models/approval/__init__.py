from . import rebate_approval, rebate_approval_level
