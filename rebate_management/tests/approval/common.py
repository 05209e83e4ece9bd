"""Payouts on their way to approval, by one or two."""

from ..common import RebateCommon
from ..common_kept import ROLE


class ApprovalCommon(RebateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second_approver = cls._user("second", ROLE + "approver")
        cls.default_level = cls.env.ref("rebate_management.approval_level_default")
        cls.program = cls._program((0, 10))

    @classmethod
    def _level(cls, name, **vals):
        return cls.env["rebate.approval.level"].create({"name": name, "sequence": 20, **vals})

    @classmethod
    def _proposed(cls, name="Customer", amount=1000, program=None):
        """A payout of a tenth of the amount."""
        partner = cls._company(name)
        cls._enrol(program or cls.program, partner)
        cls._invoice(amount, partner=partner)
        return cls._settle(post=False, partner_ids=partner.ids)

    @classmethod
    def _submitted(cls, *args, **vals):
        settlement = cls._proposed(*args, **vals)
        settlement.action_submit()
        return settlement
