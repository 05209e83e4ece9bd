"""Storing what was computed: one statement each for periods and rules, however many are computed at
once, which rewrites only rows that change. The rows go to the database as one JSON document."""

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

    def _prepare_period(self, accrual_id, result):
        """Values of an accrual; decimals as text, as the database reads them exactly."""
        nearest = result.nearest
        amount = result.purchases.amount
        return {
            "id": accrual_id,
            "measured_amount": str(
                round_half_up(amount, nearest.case.terms.unit) if nearest else amount
            ),
            "measured_quantity": str(round(result.purchases.quantity, 4)),
            "earned_amount": str(result.earned),
            "expected_amount": str(result.earned if result.expected is None else result.expected),
            "next_tier_id": (nearest and nearest.next_tier.id) or None,
            "to_next_tier": str(round(nearest.to_next, 4) if nearest else ZERO),
            "facts": self.env["rebate.calculation"]._period_facts(result),
        }

    def _prepare_rule(self, accrual_id, part):
        """Values of an accrual line, as in :meth:`_prepare_period`."""
        return {
            "accrual_id": accrual_id,
            "rule_id": part.rule.id,
            "qualifying_value": str(round(part.outcome.value, 4)),
            "measured_amount": str(round_half_up(part.purchases.amount, part.case.terms.unit)),
            "measured_quantity": str(round(part.purchases.quantity, 4)),
            "tier_id": part.tier.id or None,
            "rate": str(part.rate),
            "earned_amount": str(part.earned),
            "facts": self.env["rebate.calculation"]._facts(part),
        }

    def _store_periods(self, results):
        """Write every row, with news or without: see :func:`take_turn`."""
        rows = [self._prepare_period(accrual_id, result) for accrual_id, result in results.items()]
        self.env.cr.execute(
            SQL(
                """
                UPDATE rebate_accrual accrual
                   SET measured_amount = new.measured_amount,
                       measured_quantity = new.measured_quantity,
                       earned_amount = new.earned_amount,
                       expected_amount = new.expected_amount,
                       -- what was not claimed in time is owed no more, whatever it comes to
                       expired_amount = CASE WHEN accrual.expired_on IS NULL THEN 0
                           ELSE GREATEST(new.owed, 0) END,
                       open_amount = CASE WHEN accrual.expired_on IS NULL THEN new.owed
                           ELSE LEAST(new.owed, 0) END,
                       next_tier_id = new.next_tier_id,
                       to_next_tier = new.to_next_tier,
                       facts = new.facts,
                       problem = NULL,
                       computed_at = %s
                  FROM (SELECT new.*,
                               new.earned_amount - COALESCE(stored.settled_amount, 0) AS owed
                          FROM json_to_recordset(%s)
                               AS new(id int, measured_amount numeric, measured_quantity numeric,
                                      earned_amount numeric, expected_amount numeric,
                                      next_tier_id int, to_next_tier numeric, facts jsonb)
                          JOIN rebate_accrual stored ON stored.id = new.id) new
                 WHERE accrual.id = new.id
                """,
                fields.Datetime.now(),
                json.dumps(rows),
            )
        )

    def _store_rules(self, results):
        rows = [
            self._prepare_rule(accrual_id, part)
            for accrual_id, result in results.items()
            for part in result.rules
        ]
        self.env.cr.execute(
            SQL(
                """
                WITH new AS MATERIALIZED (
                    SELECT *
                      FROM json_to_recordset(%s)
                           AS new(accrual_id int, rule_id int, qualifying_value numeric,
                                  measured_amount numeric, measured_quantity numeric, tier_id int,
                                  rate numeric, earned_amount numeric, facts jsonb)
                ),
                -- what rules earned that the program no longer has
                obsolete AS (
                    DELETE FROM rebate_accrual_line
                     WHERE accrual_id = ANY(%s)
                       AND (accrual_id, rule_id) NOT IN (SELECT accrual_id, rule_id FROM new)
                )
                INSERT INTO rebate_accrual_line
                            (accrual_id, rule_id, company_id, qualifying_value, measured_amount,
                             measured_quantity, tier_id, rate, earned_amount, facts)
                SELECT new.accrual_id, new.rule_id, accrual.company_id, new.qualifying_value,
                       new.measured_amount, new.measured_quantity, new.tier_id, new.rate,
                       new.earned_amount, new.facts
                  FROM new
                  JOIN rebate_accrual accrual ON accrual.id = new.accrual_id
                  -- by its unique index, whatever the planner guesses of the document's size
                  LEFT JOIN rebate_accrual_line stored
                    ON stored.accrual_id = new.accrual_id AND stored.rule_id = new.rule_id
                 WHERE (stored.qualifying_value, stored.measured_amount, stored.measured_quantity,
                        stored.tier_id, stored.rate, stored.earned_amount, stored.facts)
                       IS DISTINCT FROM
                       (new.qualifying_value, new.measured_amount, new.measured_quantity,
                        new.tier_id, new.rate, new.earned_amount, new.facts)
                    ON CONFLICT (accrual_id, rule_id) DO UPDATE
                   SET qualifying_value = excluded.qualifying_value,
                       measured_amount = excluded.measured_amount,
                       measured_quantity = excluded.measured_quantity,
                       tier_id = excluded.tier_id,
                       rate = excluded.rate,
                       earned_amount = excluded.earned_amount,
                       facts = excluded.facts
                """,
                json.dumps(rows),
                list(results),
            )
        )
