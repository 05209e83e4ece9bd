"""Storing what was computed: one statement each for periods and rules, however many are computed at
once. Every period is stamped with the time; the rows of its rules are touched only to change."""

import json

from odoo import fields, models
from odoo.tools import SQL

from ..engine.rounding import round_half_up
from ..engine.tiers import ZERO


class RebateAccrual(models.Model):
    _inherit = "rebate.accrual"

    def _store(self, results):
        """Store the figures of some accruals and of their rules.

        :param results: by accrual id, see :class:`Result`
        """
        self.flush_model()
        self.env["rebate.accrual.line"].flush_model()
        self._store_periods(results)
        self._store_rules(results)
        self.invalidate_model(flush=False)
        self.env["rebate.accrual.line"].invalidate_model(flush=False)
        self.env["rebate.agreement"].invalidate_model(
            ["earned_amount", "settled_amount"], flush=False
        )

    def _store_periods(self, results):
        calculation = self.env["rebate.calculation"]
        rows = []
        for accrual_id, result in results.items():
            nearest = result.nearest
            unit = nearest.case.terms.unit if nearest else None
            rows.append(
                (
                    accrual_id,
                    str(round_half_up(result.purchases.amount, unit) if unit else ZERO),
                    str(round(result.purchases.quantity, 4)),
                    str(result.earned),
                    str(result.earned if result.expected is None else result.expected),
                    (nearest and nearest.next_tier.id) or None,
                    str(round(nearest.to_next, 4) if nearest else ZERO),
                    json.dumps(calculation._period_facts(result)),
                )
            )
        self.env.cr.execute(
            SQL(
                """
                UPDATE rebate_accrual accrual
                   SET measured_amount = new.measured_amount,
                       measured_quantity = new.measured_quantity,
                       earned_amount = new.earned_amount,
                       expected_amount = new.expected_amount,
                       open_amount = new.earned_amount - COALESCE(accrual.settled_amount, 0),
                       next_tier_id = new.next_tier_id,
                       to_next_tier = new.to_next_tier,
                       facts = new.facts,
                       problem = NULL,
                       computed_at = %s
                  FROM unnest(%s::int[], %s::numeric[], %s::numeric[], %s::numeric[], %s::numeric[],
                              %s::int[], %s::numeric[], %s::jsonb[])
                       AS new(id, measured_amount, measured_quantity, earned_amount,
                              expected_amount, next_tier_id, to_next_tier, facts)
                 WHERE accrual.id = new.id
                """,
                fields.Datetime.now(),
                *_columns(rows, 8),
            )
        )

    def _store_rules(self, results):
        calculation = self.env["rebate.calculation"]
        rows = [
            (
                accrual_id,
                part.rule.id,
                str(round(part.outcome.value, 4)),
                str(round_half_up(part.purchases.amount, part.case.terms.unit)),
                str(round(part.purchases.quantity, 4)),
                part.tier.id or None,
                str(part.rate),
                str(part.earned),
                json.dumps(calculation._facts(part)),
            )
            for accrual_id, result in results.items()
            for part in result.rules
        ]
        self.env.cr.execute(
            SQL(
                """
                WITH new AS (
                    SELECT *
                      FROM unnest(%s::int[], %s::int[], %s::numeric[], %s::numeric[], %s::numeric[],
                                  %s::int[], %s::numeric[], %s::numeric[], %s::jsonb[])
                           AS new(accrual_id, rule_id, qualifying_value, measured_amount,
                                  measured_quantity, tier_id, rate, earned_amount, facts)
                ),
                -- what rules earned that the program no longer has
                obsolete AS (
                    DELETE FROM rebate_accrual_line line
                     WHERE line.accrual_id = ANY(%s)
                       AND NOT EXISTS (SELECT 1
                                         FROM new
                                        WHERE new.accrual_id = line.accrual_id
                                          AND new.rule_id = line.rule_id)
                )
                INSERT INTO rebate_accrual_line AS line
                            (accrual_id, rule_id, company_id, qualifying_value, measured_amount,
                             measured_quantity, tier_id, rate, earned_amount, facts)
                SELECT new.accrual_id, new.rule_id, accrual.company_id, new.qualifying_value,
                       new.measured_amount, new.measured_quantity, new.tier_id, new.rate,
                       new.earned_amount, new.facts
                  FROM new JOIN rebate_accrual accrual ON accrual.id = new.accrual_id
                    ON CONFLICT (accrual_id, rule_id) DO UPDATE
                   SET qualifying_value = excluded.qualifying_value,
                       measured_amount = excluded.measured_amount,
                       measured_quantity = excluded.measured_quantity,
                       tier_id = excluded.tier_id,
                       rate = excluded.rate,
                       earned_amount = excluded.earned_amount,
                       facts = excluded.facts
                 WHERE (line.qualifying_value, line.measured_amount, line.measured_quantity,
                        line.tier_id, line.rate, line.earned_amount, line.facts)
                       IS DISTINCT FROM
                       (excluded.qualifying_value, excluded.measured_amount,
                        excluded.measured_quantity, excluded.tier_id, excluded.rate,
                        excluded.earned_amount, excluded.facts)
                """,
                *_columns(rows, 9),
                list(results),
            )
        )


def _columns(rows, width):
    """Turn rows into as many lists as they have columns."""
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _column in range(width)]
