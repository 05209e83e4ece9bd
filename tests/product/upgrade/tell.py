"""For the Odoo shell: print, as one line of JSON, what a database with the addons holds: figures,
what is in the books, settlements with their fingerprints, and what a check of these finds."""

import json

PERIOD = (
    *("state", "measured_amount", "measured_quantity", "earned_amount", "expected_amount"),
    *("settled_amount", "open_amount", "expired_amount", "accrued_amount"),
)


def period(accrual):
    lines = accrual.line_ids.sorted(lambda line: line.rule_id.id)
    return [accrual[name] for name in PERIOD] + [
        [line.earned_amount, line.rate, line.explanation] for line in lines
    ]


def told(env):
    accruals = env["rebate.accrual"].search([], order="id")
    settlements = env["rebate.settlement"].search([], order="id")
    stored = {str(accrual.id): period(accrual) for accrual in accruals}
    accruals.refresh()
    count, findings = env["rebate.settlement"]._check_fingerprints(env["res.company"].search([]))
    return {
        "stored": stored,
        "computed": {str(accrual.id): period(accrual) for accrual in accruals},
        "settlements": [
            [
                *(settlement.name, settlement.state, settlement.amount_total),
                *(settlement.fingerprint, settlement.fingerprint_number),
                settlement.line_ids.mapped("amount"),
                settlement.move_ids.mapped("name"),
            ]
            for settlement in settlements
        ],
        "checked": [count, [f"{finding.name}: {finding.text}" for finding in findings]],
        "liability": env["rebate.liability"].search([]).mapped("difference"),
        "views": opened(env),
        "programs": [
            [program.name, program.state, program.problem]
            for program in env["rebate.program"].with_context(active_test=False).search([])
        ],
    }


def opened(env):
    """The views of our models that can be opened, by their external ids."""
    views = env["ir.ui.view"].search(
        [("model", "=like", "rebate.%"), ("type", "!=", "qweb"), ("inherit_id", "=", False)]
    )
    for view in views:
        env[view.model].get_view(view.id, view.type)
    return sorted(views.get_external_id().values())


print("TOLD " + json.dumps(told(env)))
