"""Who reads the overview, and of whom it tells them."""

from typing import NamedTuple

from odoo.fields import Domain

ROLE = "rebate_management.group_rebate_"


class Reader(NamedTuple):
    """What a user does with rebates. ``is_own`` is a salesperson, who is told of their own
    customers; whoever is none of these reads sums."""

    is_manager: bool
    is_accountant: bool
    is_approver: bool
    is_own: bool

    @property
    def proposes(self) -> bool:
        """Whether they propose payouts and submit them."""
        return self.is_manager or self.is_accountant

    @property
    def sells(self) -> bool:
        """Whether they look after distributors, not after payouts alone."""
        return self.is_manager or self.is_own

    @property
    def only_reads(self) -> bool:
        """Whether nothing waits for them: a director."""
        return not (self.proposes or self.is_approver or self.is_own)


def find_reader(user) -> Reader:
    """Tell what a user does with rebates."""
    manager, accountant, approver = (
        user.has_group(ROLE + role) for role in ("manager", "accountant", "approver")
    )
    is_own = (
        not (manager or accountant or approver)
        and user.has_group("sales_team.group_sale_salesman")
        and not user.has_group("sales_team.group_sale_salesman_all_leads")
    )
    return Reader(manager, accountant, approver, is_own)


def own_domain(reader: Reader, user) -> Domain:
    """Of which agreements, accruals and payouts a reader is told."""
    if reader.is_own:
        return Domain("partner_id.user_id", "=", user.id)
    return Domain.TRUE
