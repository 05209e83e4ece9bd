"""Storing what was computed: one statement each for periods and rules, however many are computed at
once. Only what is new goes to the database, as one JSON document: to parse it takes longer than to
measure what it tells."""

import json
from hashlib import blake2b

from odoo import fields, models
from odoo.tools import SQL

from ..engine.rounding import round_half_up
from ..engine.tiers import ZERO


class RebateAccrual(models.Model):
    _inherit = "rebate.accrual"

    def write(self, vals):
        """Whatever else is written than what was computed, the next computation stores all anew."""
        return super().write({"digest": False, **vals})

    def _store(self, results):
        """Store the figures of some accruals and of their rules.

        :param results: by accrual id, see :class:`Result`
        """
        self.flush_model()
        self.env["rebate.accrual.line"].flush_model()
        self._store_periods(
            {
                accrual_id: self._prepare_period(accrual_id, result)
                for accrual_id, result in results.items()
            }
        )
        self._store_rules(
            list(results),
            {
                (accrual_id, part.rule.id): self._prepare_rule(accrual_id, part)
                for accrual_id, result in results.items()
                for part in result.rules
            },
        )
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
            "next_tier_id": nearest and nearest.tier_id_at(nearest.outcome.following),
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
            "tier_id": part.tier_id_at(part.outcome.reached),
            "rate": str(part.rate),
            "earned_amount": str(part.earned),
            "facts": self.env["rebate.calculation"]._facts(part),
        }

    def _news(self, rows, stored):
        """Find the rows that differ from what was stored last.

        :param rows: values by key
        :param stored: digests by key
        :return: by key, the row as JSON and its digest
        """
        news = {}
        for key, row in rows.items():
            text = json.dumps(row)
            digest = blake2b(text.encode(), digest_size=16).hexdigest()
            if digest != stored.get(key):
                news[key] = text, digest
        return news

    def _rows(self, news, columns) -> SQL:
        """Compose the table of :meth:`_news`.

        :param columns: names and types of the values
        """
        texts, digests = zip(*news.values(), strict=True)
        return SQL(
            "ROWS FROM (json_to_recordset(%s) AS (%s), unnest(%s::text[]))",
            f"[{','.join(texts)}]",
            SQL(columns),
            list(digests),
        )

    def _store_periods(self, rows):
        """Write every row, with news or without: see :func:`take_turn`."""
        stored = dict(
            self.env.execute_query(
                SQL("SELECT id, digest FROM rebate_accrual WHERE id = ANY(%s)", list(rows))
            )
        )
        news = self._news(rows, stored)
        self.env.cr.execute(
            SQL(
                "UPDATE rebate_accrual SET problem = NULL, computed_at = %s WHERE id = ANY(%s)",
                fields.Datetime.now(),
                list(rows.keys() - news.keys()),
            )
        )
        if not news:
            return
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
                       digest = new.digest,
                       problem = NULL,
                       computed_at = %s
                  FROM (SELECT new.*,
                               new.earned_amount - COALESCE(stored.settled_amount, 0) AS owed
                          FROM %s AS new(id, measured_amount, measured_quantity, earned_amount,
                                         expected_amount, next_tier_id, to_next_tier, facts,
                                         digest)
                          JOIN rebate_accrual stored ON stored.id = new.id) new
                 WHERE accrual.id = new.id
                """,
                fields.Datetime.now(),
                self._rows(
                    news,
                    "id int, measured_amount numeric, measured_quantity numeric,"
                    " earned_amount numeric, expected_amount numeric, next_tier_id int,"
                    " to_next_tier numeric, facts jsonb",
                ),
            )
        )

    def _store_rules(self, accrual_ids, rows):
        stored = {
            (accrual_id, rule_id): (line_id, digest)
            for line_id, accrual_id, rule_id, digest in self.env.execute_query(
                SQL(
                    "SELECT id, accrual_id, rule_id, digest FROM rebate_accrual_line"
                    " WHERE accrual_id = ANY(%s)",
                    accrual_ids,
                )
            )
        }
        # what rules earned that the program no longer has
        obsolete = [line_id for key, (line_id, _digest) in stored.items() if key not in rows]
        if obsolete:
            self.env.cr.execute(SQL("DELETE FROM rebate_accrual_line WHERE id = ANY(%s)", obsolete))
        news = self._news(rows, {key: digest for key, (_id, digest) in stored.items()})
        if not news:
            return
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO rebate_accrual_line
                            (accrual_id, rule_id, company_id, qualifying_value, measured_amount,
                             measured_quantity, tier_id, rate, earned_amount, facts, digest)
                SELECT new.accrual_id, new.rule_id, accrual.company_id, new.qualifying_value,
                       new.measured_amount, new.measured_quantity, new.tier_id, new.rate,
                       new.earned_amount, new.facts, new.digest
                  FROM %s AS new(accrual_id, rule_id, qualifying_value, measured_amount,
                                 measured_quantity, tier_id, rate, earned_amount, facts, digest)
                  JOIN rebate_accrual accrual ON accrual.id = new.accrual_id
                    ON CONFLICT (accrual_id, rule_id) DO UPDATE
                   SET qualifying_value = excluded.qualifying_value,
                       measured_amount = excluded.measured_amount,
                       measured_quantity = excluded.measured_quantity,
                       tier_id = excluded.tier_id,
                       rate = excluded.rate,
                       earned_amount = excluded.earned_amount,
                       facts = excluded.facts,
                       digest = excluded.digest
                """,
                self._rows(
                    news,
                    "accrual_id int, rule_id int, qualifying_value numeric,"
                    " measured_amount numeric, measured_quantity numeric, tier_id int,"
                    " rate numeric, earned_amount numeric, facts jsonb",
                ),
            )
        )
