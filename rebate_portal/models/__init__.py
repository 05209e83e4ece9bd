from . import rebate_agreement
