from . import rebate_agreement, rebate_partner_merge, res_partner
