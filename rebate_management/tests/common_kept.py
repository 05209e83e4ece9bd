"""What every class of tests begins with: a company with accounts, the people who work for it, a
customer, a product.

Loading a chart of accounts takes longer than most tests do. So ``tools/test`` has all of it made
once in the database that it makes, and committed; each class looks it up there, and what its tests
do to it is rolled back. In a database without it, each class makes its own, as Odoo's tests do.
"""

import json
from hashlib import sha256
from pathlib import Path

from odoo import Command, models
from odoo.modules.registry import Registry
from odoo.tests.common import get_db_name
from odoo.tools import SQL

from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.addons.base.tests.common import BaseCommon

PARAMETER = "rebate_management.tests"
ROLE = "rebate_management.group_rebate_"
# Who works for the company, and what they may do; each is an attribute of the class.
STAFF = {
    "nobody": (),
    "reader": (ROLE + "user",),
    "seller": (ROLE + "user", "sales_team.group_sale_salesman"),
    "manager": (ROLE + "manager",),
    "accountant": (ROLE + "accountant",),
    # Approves what the tests propose and submit, for nobody approves their own.
    "approver": (ROLE + "approver",),
}


class KeptCommon(AccountTestInvoicingCommon):
    maxDiff = None
    tax_number = 0
    # What Odoo's helper tells of a company beside the first, where that one is kept.
    company_beside = None

    @classmethod
    def setUpClass(cls):
        kept = cls._read_kept()
        if kept:
            # Past all the classes that would make it again.
            super(BaseCommon, cls).setUpClass()
            user = cls.env["res.users"].browse(kept.pop("user_id"))
            cls.env = cls.env(user=user, context=cls.default_env_context())
            for name, value in kept.items():
                setattr(cls, name, from_json(cls.env, value))
        else:
            super().setUpClass()
            cls._make_people()

    @classmethod
    def _make_people(cls):
        """Make what Odoo's classes do not."""
        cls._set_plain(cls.env.company)
        cls.usd = cls.env.ref("base.USD")
        cls.eur = cls.env.ref("base.EUR")
        cls.distributor = cls._company("Distributor")
        cls.goods = cls.env["product.product"].create({"name": "Goods", "taxes_id": False})
        # The logins of the demonstration are without the underscore.
        staff = cls._users({f"{role}_": groups for role, groups in STAFF.items()})
        for role, user in zip(STAFF, staff, strict=True):
            setattr(cls, role, user)

    @classmethod
    def _set_plain(cls, company):
        """Have new programs pay from the expense account, without accruals or taxes: what a test is
        about it says itself."""
        # sudo: settings are the administrators'.
        company.sudo().write(
            {
                "rebate_expense_account_id": company.expense_account_id.id,
                "rebate_accrual_method": "none",
                "rebate_tax_policy": "none",
            }
        )

    @classmethod
    def get_default_groups(cls):
        return super().get_default_groups() | cls._groups(
            *(ROLE + "manager", ROLE + "accountant", ROLE + "approver"),
            "sales_team.group_sale_manager",
        )

    @classmethod
    def setup_other_company(cls, **kwargs):
        # The first time, the one that is kept.
        kept = cls.company_beside
        if not kept or kept["company"] in cls.env.user.company_ids:
            made = super().setup_other_company(**kwargs)
            cls._set_plain(made["company"])
            return made
        if kwargs:
            kept["company"].write(kwargs)
        cls.env.user.company_ids = [Command.link(kept["company"].id)]
        return kept

    # ------------------------------------------------------------------
    # Builders
    # ------------------------------------------------------------------

    @classmethod
    def _groups(cls, *xml_ids):
        return cls.env["res.groups"].union(*(cls.env.ref(xml_id) for xml_id in xml_ids))

    @classmethod
    def _company(cls, name, **vals):
        """A customer that is a company."""
        return cls.env["res.partner"].create({"name": name, "is_company": True, **vals})

    @classmethod
    def _user(cls, login, *groups, companies=None):
        """An internal user with just these groups, of the company or of these."""
        return cls._users({login: groups}, companies)

    @classmethod
    def _users(cls, groups, companies=None):
        """Internal users with just the groups that each login has."""
        companies = companies or cls.env.company
        return cls.env["res.users"].create(
            [
                {
                    "name": login,
                    "login": login,
                    "password": login,
                    "email": f"{login}@example.com",
                    "company_id": companies[0].id,
                    "company_ids": [Command.set(companies.ids)],
                    "group_ids": [Command.set(cls._groups("base.group_user", *xml_ids).ids)],
                }
                for login, xml_ids in groups.items()
            ]
        )

    # ------------------------------------------------------------------
    # Keeping
    # ------------------------------------------------------------------

    @classmethod
    def _read_kept(cls):
        """Look up what this very file has made in the database.

        :return: per attribute of the class, names of models and ids, and the user's id; or None
        """
        with Registry(get_db_name()).cursor() as cr:
            cr.execute(SQL("SELECT value FROM ir_config_parameter WHERE key = %s", PARAMETER))
            row = cr.fetchone()
        kept = row and json.loads(row[0])
        if kept and kept.pop("source") != source():
            raise AssertionError(f"{__file__} has changed since: run tools/test.")
        return kept

    @classmethod
    def _write_kept(cls):
        """Commit what was made."""
        beside = cls.setup_other_company()
        cls.env.user.company_ids = [Command.unlink(beside["company"].id)]
        cls.company_beside = beside
        made = {name: to_json(value) for name, value in vars(cls).items()}
        kept = {name: value for name, value in made.items() if value}
        kept.update(user_id=cls.env.uid, source=source())
        # sudo: parameters are the administrators', and who makes it all is an accountant.
        cls.env["ir.config_parameter"].sudo().set_param(PARAMETER, json.dumps(kept))
        cls.env.flush_all()
        # Odoo forbids tests to commit; this is none.
        type(cls.cr).commit(cls.cr)


def source():
    return sha256(Path(__file__).read_bytes()).hexdigest()


def to_json(value):
    """Models and ids of records, or of a dictionary's; nothing of what else a class has."""
    if isinstance(value, models.BaseModel):
        return [value._name, value.ids]
    if isinstance(value, dict) and all(isinstance(v, models.BaseModel) for v in value.values()):
        return {name: to_json(records) for name, records in value.items()}
    return None


def from_json(env, value):
    if isinstance(value, dict):
        return {name: from_json(env, records) for name, records in value.items()}
    model, ids = value
    return env[model].browse(ids)


def keep():
    """Make it all in a database that has none of it, for all classes that come."""

    class Kept(KeptCommon):
        pass

    Kept.setUpClass()
    try:
        Kept._write_kept()
    finally:
        Kept.doClassCleanups()
