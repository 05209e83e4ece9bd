"""Times in an Odoo shell how long OCA's agreement_rebate takes to settle the same AGREEMENTS
distributors over the same invoice lines and the same tiers.

It writes a settlement with one line for each agreement: purchases, rate and rebate as Floats, and
the domain of the lines. It does less than a refresh does: it keeps no explanation and no next tier,
knows neither quantities nor growth, does not carry differences of earlier settlements, converts
other currencies at today's rate, and lets two agreements of a customer pay for one line. Sections
with two ends replace thresholds; a purchase between two sections would earn nothing, one on both
ends is an error, so here each ends a cent below the next, which no sum of our lines hits.
"""

import os

from stopwatch import alternate, record, record_runs
from terms import TIERS

from odoo import Command

AGREEMENTS = int(os.environ["AGREEMENTS"])
ENDS = [*(threshold - 0.01 for threshold, _rate in TIERS[1:]), 10**12]

partners = env["res.partner"].search([("name", "=like", "Bench %")], limit=AGREEMENTS, order="id")
kind = env["agreement.type"].create({"name": "Bench", "domain": "sale", "is_rebate": True})
agreements = (
    env["agreement"]
    .with_context(tracking_disable=True)
    .create(
        [
            {
                "code": f"BENCH {partner.id}",
                "name": partner.name,
                "partner_id": partner.id,
                "agreement_type_id": kind.id,
                "start_date": "2024-01-01",
                "end_date": "2024-12-31",
                "rebate_type": "section_total",
                "rebate_section_ids": [
                    Command.create(
                        {"amount_from": first, "amount_to": last, "rebate_discount": rate}
                    )
                    for (first, rate), last in zip(TIERS, ENDS, strict=True)
                ],
            }
            for partner in partners
        ]
    )
)


firsts = []


def latest():
    return env["agreement.rebate.settlement"].search([], limit=1, order="id desc").id


def settle(before):
    firsts.append(before)
    wizard = env["agreement.settlement.create.wiz"].create(
        {
            "date_from": "2024-01-01",
            "date_to": "2024-12-31",
            "agreement_type_ids": kind.ids,
            # Each run of the bench settles all of them anew.
            "discard_settled_agreement": False,
        }
    )
    wizard.action_create_settlement()


record_runs(alternate(env, {"oca": (latest, settle)}, rounds=3))
settlements = env["agreement.rebate.settlement"].search([("id", ">", firsts[-1])])
record(name="oca_earned", amount=round(sum(settlements.mapped("amount_rebate")), 2))
env.cr.rollback()
