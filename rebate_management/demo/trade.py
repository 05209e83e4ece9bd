"""Who orders what and when: the demo's sales as a plan, before Odoo invoices them.

Plain Python and a fixed seed: the same day of installation always yields the same plan.
"""

from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

# Trade in tools has a slow winter and rests in summer.
SEASON = (0.78, 0.84, 1.04, 1.10, 1.12, 1.06, 0.86, 0.76, 1.08, 1.18, 1.22, 0.96)
# What the American price list adds to the euro price for the same number of dollars.
USD_MARKUP = 1.12
SEED = 19


class Buyer(NamedTuple):
    """A distributor: monthly purchases in its currency, growth in a year, orders in a month.

    ``power`` is the share of power tools, ``punctual`` the share of invoices paid in time.
    """

    partner: str
    currency: str
    monthly: int
    growth: float
    orders: int
    power: float
    punctual: float


BUYERS = (
    Buyer("demo_partner_1", "EUR", 34500, 0.12, 3, 0.5, 0.95),
    Buyer("demo_partner_2", "EUR", 18500, 0.06, 2, 0.4, 0.9),
    Buyer("demo_partner_3", "EUR", 6600, -0.1, 1, 0.2, 0.6),
    Buyer("demo_partner_4", "USD", 27000, 0.12, 2, 0.6, 1.0),
    Buyer("demo_partner_5", "USD", 9500, 0.3, 2, 0.5, 0.85),
    Buyer("demo_partner_6", "EUR", 11500, 0.1, 2, 0.3, 0.9),
    Buyer("demo_partner_6_subsidiary", "EUR", 4800, 0.2, 1, 0.3, 0.9),
)
# List prices in euros, as on the products.
POWER_TOOLS = {
    "drill": 149,
    "hammer_drill": 259,
    "grinder": 119,
    "jigsaw": 179,
    "circular_saw": 198,
}
OTHER_GOODS = {
    "hammer": 24.9,
    "screwdrivers": 34.5,
    "wrenches": 79,
    "tape_measure": 12.4,
    "drill_bits": 29.9,
    "cutting_discs": 18.6,
    "battery": 89,
}


class Line(NamedTuple):
    product: str
    quantity: int
    price: float
    discount: float


class Sale(NamedTuple):
    """An invoice to make.

    ``returned`` is when and which share of its first line comes back, 1 for the whole invoice.
    """

    buyer: Buyer
    day: date
    reference: str
    lines: list[Line]
    returned: tuple[date, float] | None
    paid_on: date


def first_day(today: date) -> date:
    """Find the first day of the quarter eighteen months ago."""
    start = today + relativedelta(months=-18, day=1)
    return start - relativedelta(months=(start.month - 1) % 3)


def months(today: date) -> list[date]:
    """List the first days of the months traded in."""
    start = first_day(today)
    count = (today.year - start.year) * 12 + today.month - start.month + 1
    return [start + relativedelta(months=number) for number in range(count)]


def plan_sales(today: date) -> list[Sale]:
    """Plan all sales up to today, the earliest first."""
    sales = []
    for buyer in BUYERS:
        random = Random(f"{SEED}{buyer.partner}")  # noqa: S311 - no secret, only variety
        for number, month in enumerate(months(today)):
            value = buyer.monthly * SEASON[month.month - 1] * (1 + buyer.growth) ** (number / 12)
            for order in range(buyer.orders):
                # Every order draws its dice, whether or not its day has come.
                sale = _plan_sale(buyer, month, order, value / buyer.orders, random)
                if sale.day <= today:
                    sales.append(sale._replace(returned=_by(today, sale.returned)))
    return sorted(sales, key=lambda sale: (sale.day, sale.reference))


def _plan_sale(buyer, month, order, value, random):
    span = 28 // buyer.orders
    day = month + timedelta(days=order * span + random.randrange(span))
    lines = _plan_lines(buyer, value * random.uniform(0.8, 1.2), random)
    comes_back = random.random() < 0.05
    returned = (day + timedelta(days=random.randrange(8, 40)), random.choice((0.2, 0.5, 1)))
    return Sale(
        buyer=buyer,
        day=day,
        reference=f"PO {random.randrange(10000, 99999)}",
        lines=lines,
        returned=returned if comes_back else None,
        # Once a month, at its end: after one month, or after three and a reminder.
        paid_on=month
        + relativedelta(months=2 if random.random() < buyer.punctual else 4)
        - timedelta(days=3),
    )


def _plan_lines(buyer, value, random):
    """Spread a value over one or two power tools and as many other goods."""
    markup = USD_MARKUP if buyer.currency == "USD" else 1
    discount = random.choice((0, 0, 0, 5, 10))
    lines = []
    for goods, share in ((POWER_TOOLS, buyer.power), (OTHER_GOODS, 1 - buyer.power)):
        chosen = random.sample(sorted(goods), random.choice((1, 2)))
        for product in chosen:
            price = round(goods[product] * markup, 2)
            quantity = value * share / len(chosen) / price
            # Small things come in boxes of ten.
            quantity = 10 * round(quantity / 10) if quantity > 40 else max(1, round(quantity))
            lines.append(Line(product, quantity, price, discount))
    return lines


def _by(today, returned):
    return returned if returned and returned[0] <= today else None
