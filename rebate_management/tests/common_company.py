"""Companies of a group: A with its branch B, and C beside them, with users of B in each role."""

from .common import RebateCommon
from .common_kept import ROLE

ROLES = ("user", "manager", "accountant", "approver")


class CompanyCommon(RebateCommon):
    """Programs and payouts are of company A; who is of B or C must not touch them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.a = cls.env.company
        cls.b = cls.env["res.company"].create({"name": "Branch B", "parent_id": cls.a.id})
        cls.c = cls.setup_other_company(name="Company C")["company"]
        cls.of_b = {role: cls._employee(role, cls.b) for role in ROLES}
        cls.of_c = {role: cls._employee(role, cls.c) for role in ROLES}
        cls.program = cls._program((0, 10))
        cls.agreement = cls._enrol(cls.program)
        cls._invoice(1000)

    @classmethod
    def _employee(cls, role, *companies):
        """A user of one role, who works in just these companies."""
        companies = cls.env["res.company"].union(*companies)
        login = f"{role}_{'_'.join(map(str, companies.ids))}"
        user = cls._user(login, ROLE + role, companies=companies)
        if role == "manager":
            user.group_ids |= cls.env.ref("sales_team.group_sale_manager")
        return user
