"""Terms of every format, for the programs of ``world.py``."""

from odoo import Command


def scale(*tiers, **vals):
    """Values of a rule from ``(threshold, rate)`` or ``(threshold, rate, rate type)``."""
    names = "threshold", "rate", "rate_type"
    return {
        "name": "Purchases",
        "tier_ids": [Command.create(dict(zip(names, tier, strict=False))) for tier in tiers],
        **vals,
    }


def formats(world):
    """Values of programs by a short name, those that come first in the sequence first."""
    drill, screws = world.drill.ids, world.screws.ids
    groups = {
        method: world.env["rebate.stacking.group"].create({"name": method, "method": method}).id
        for method in ("priority", "best")
    }
    return {
        "retroactive": {
            "rules": [scale((0, 1), (1000, 3), (5000, 5))],
            "min_payout": 20,
            "max_payout": 400,
        },
        "bands": {
            "rules": [scale((500, 2), (1500, 4), product_ids=drill, max_measure=3000)],
            "tier_method": "incremental",
            "period_type": "quarter",
            "date_end": "2026-02-15",
        },
        "first": {
            "rules": [scale((0, 6), product_ids=drill)],
            "stacking_group_id": groups["priority"],
            "period_type": "quarter",
        },
        "second": {
            "rules": [scale((200, 2.5), (2000, 3.333))],
            "stacking_group_id": groups["priority"],
            "include_refunds": False,
        },
        "better": {
            "rules": [scale((0, 3))],
            "stacking_group_id": groups["best"],
            "period_type": "quarter",
        },
        "lump": {
            "rules": [scale((1000, 60, "fixed"), (2500, 75.55, "fixed"))],
            "stacking_group_id": groups["best"],
            "period_type": "quarter",
            "tier_method": "total",
        },
        "growth": {
            "rules": [
                scale((10, 5), (50, 8), qualifier_measure="growth_percent", growth_reward="excess")
            ],
            "program_type": "growth",
        },
        "average": {
            "rules": [
                scale(
                    (1, 2),
                    (500, 3),
                    qualifier_measure="growth_amount",
                    baseline="average",
                    baseline_years=2,
                )
            ],
            "program_type": "growth",
            "period_type": "half_year",
        },
        "target": {
            "rules": [
                scale((50, 1), (80, 2), (120, 3), qualifier_measure="target_percent"),
            ],
            "tier_method": "rolling",
            "prorate": True,
            "period_type": "half_year",
        },
        "paid": {
            "rules": [scale((0, 2), (1000, 4.25))],
            "basis": "paid",
            "period_type": "quarter",
        },
        "units": {
            "rules": [
                scale((5, 0.125, "per_unit"), (20, 0.333, "per_unit"), product_ids=drill),
                scale((30, 1.5), name="Screws", qualifier="program", product_ids=screws),
            ],
            "measure": "quantity",
            "uom_id": world.unit.id,
            "period_type": "half_year",
            "settlement_period": "quarter",
        },
        "part": {
            "rules": [scale((3650, 4), (7300, 100, "fixed"))],
            "prorate": True,
            "guaranteed_payout": 36.5,
            "tier_method": "total",
        },
        "rest": {"rules": [scale((0, 10))]},
    }
