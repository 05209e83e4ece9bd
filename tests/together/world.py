"""Who buys, what is offered to them, and what it must come to, told twice: to Odoo, and in the
plainest arithmetic that needs none of it."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from odoo import Command, fields

# The last year that is over, whose periods have all begun, and the one it is compared with.
YEAR = fields.Date.today().year - 1
CENT = Decimal("0.01")
VOLUME = ((0, 1), (2000, 2), (5000, 3))
GROUP = ((0, 1), (5000, 2))
GROWTH = ((0, 1), (10, 2), (50, 4))
LATE = ((0, 5),)


def make_world(env):
    """Have a company with customers, users, programs and agreements. Commits.

    :return: ids by name
    """
    company = env.company
    if not company.chart_template:
        env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)
        env = env["res.company"].browse(company.id).env
    # Which of them accrue, a test says itself.
    env.company.write(
        {
            "rebate_expense_account_id": env.company.expense_account_id.id,
            "rebate_accrual_method": "none",
            "rebate_tax_policy": "none",
        }
    )
    partners = {"Holding": env["res.partner"].create({"name": "Holding", "is_company": True})}
    for name in ("North", "South"):
        partners[name] = env["res.partner"].create(
            {"name": name, "is_company": True, "parent_id": partners["Holding"].id}
        )
    product = env["product.product"].create({"name": "Goods", "taxes_id": False})
    volume = _program(env, "Volume", VOLUME, period_type="quarter")
    group = _program(env, "Group", GROUP, tier_method="incremental")
    growth = _program(
        env, "Growth", GROWTH, {"qualifier_measure": "growth_percent"}, program_type="growth"
    )
    late = _program(env, "Late", LATE, period_type="month")
    agreements = env["rebate.agreement"].create(
        [
            {"program_id": volume.id, "partner_id": partners["North"].id},
            {"program_id": volume.id, "partner_id": partners["South"].id},
            {
                "program_id": group.id,
                "partner_id": partners["Holding"].id,
                "include_children": True,
            },
            {"program_id": growth.id, "partner_id": partners["North"].id},
            {"program_id": late.id, "partner_id": partners["North"].id},
        ]
    )
    agreements[:-1].action_activate()
    ids = {name: partner.id for name, partner in partners.items()}
    ids |= {
        "product": product.id,
        "programs": (volume | group | growth | late).ids,
        "late": agreements[-1].id,
        # Who posts needs no right on rebates.
        "biller": _user(env, "biller", "account.group_account_invoice").id,
        "approver": _user(env, "approver", "rebate_management.group_rebate_approver").id,
        "reader": _user(env, "reader", "rebate_management.group_rebate_user").id,
    }
    env.cr.commit()
    return ids


def _program(env, name, tiers, rule=None, **vals):
    program = env["rebate.program"].create(
        {
            "name": name,
            "date_start": date(YEAR, 1, 1),
            "date_end": date(YEAR, 12, 31),
            "rule_ids": [
                Command.create(
                    {
                        "name": name,
                        "tier_ids": [
                            Command.create({"threshold": threshold, "rate": rate})
                            for threshold, rate in tiers
                        ],
                        **(rule or {}),
                    }
                )
            ],
            **vals,
        }
    )
    program.action_activate()
    return program


def _user(env, login, group):
    return env["res.users"].create(
        {
            "name": login,
            "login": login,
            "group_ids": [Command.set((env.ref("base.group_user") | env.ref(group)).ids)],
        }
    )


def post_invoice(env, ids, partner, day, *prices, is_refund=False):
    """Post an invoice, or a credit note, of one line for each price."""
    move = env["account.move"].create(
        {
            "move_type": "out_refund" if is_refund else "out_invoice",
            "partner_id": ids[partner],
            "invoice_date": day,
            "invoice_line_ids": [
                Command.create(
                    {
                        "product_id": ids["product"],
                        "price_unit": price,
                        "tax_ids": [Command.clear()],
                    }
                )
                for price in prices
            ],
        }
    )
    move.action_post()
    return move


def figures(env, ids):
    """What is stored of the world's programs.

    :return: ``(purchases, earned)`` as text, by ``program/distributor/first day``
    """
    return {
        "/".join(
            (accrual.program_id.name, accrual.partner_id.name, accrual.date_from.isoformat())
        ): (f"{accrual.measured_amount:.2f}", f"{accrual.earned_amount:.2f}")
        for accrual in env["rebate.accrual"].search(
            [("program_id", "in", ids["programs"])], order="id"
        )
    }


def expected_figures(purchases):
    """What must be stored.

    :param purchases: ``(distributor, day, amount)``, texts all of them
    """

    def total(first, last, *partners):
        return sum(
            (
                Decimal(amount)
                for partner, day, amount in purchases
                if partner in partners and first <= date.fromisoformat(day) <= last
            ),
            Decimal(0),
        )

    year = date(YEAR, 1, 1), date(YEAR, 12, 31)
    expected = {}
    for partner in ("North", "South"):
        for first, last in _quarters():
            value = total(first, last, partner)
            expected[f"Volume/{partner}/{first}"] = value, value * _rate(VOLUME, value) / 100
    value = total(*year, "Holding", "North", "South")
    expected[f"Group/Holding/{year[0]}"] = (
        value,
        max(
            min(value, 5000) * 1 / Decimal(100) + max(value - 5000, Decimal(0)) * 2 / 100,
            Decimal(0),
        ),
    )
    value = total(*year, "North")
    base = total(date(YEAR - 1, 1, 1), date(YEAR - 1, 12, 31), "North")
    percent = (value - base) * 100 / base if base > 0 else Decimal(-1)
    expected[f"Growth/North/{year[0]}"] = value, value * _rate(GROWTH, percent) / 100
    for month in range(1, 13):
        first = date(YEAR, month, 1)
        value = total(first, _last_day(first), "North")
        expected[f"Late/North/{first}"] = value, value * _rate(LATE, value) / 100
    return {
        # Adding zero to it makes zero of the minus zero that a rate of 0 makes of returns.
        name: (f"{value:.2f}", f"{earned.quantize(CENT, ROUND_HALF_UP) + 0:.2f}")
        for name, (value, earned) in expected.items()
    }


def _rate(tiers, value):
    return max((rate for threshold, rate in tiers if value >= threshold), default=0)


def _quarters():
    for month in (1, 4, 7, 10):
        yield date(YEAR, month, 1), _last_day(date(YEAR, month + 2, 1))


def _last_day(first):
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)
