"""Freezing what a settlement pays: each invoice line with its part, when it is proposed.

Amount and details come from the same invoices, because both are computed in one transaction. What
changes afterwards, until the settlement is posted or later, is paid by the next one.
"""

import json
from decimal import Decimal
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..engine.rounding import round_half_up
from ..engine.sharing import share_rules
from ..engine.tiers import ZERO
from .rebate_accrual_line_share import share_over
from .rebate_measure import Window


class FrozenShare(NamedTuple):
    """A row of what is to be frozen, numbers as text, which the database reads exactly."""

    settlement_line_id: int
    rule_id: int
    line_number: int
    amount: str
    quantity: str
    rate: str
    rate_type: str
    earned: str


class RebateSettlementLine(models.Model):
    _inherit = "rebate.settlement.line"

    date_until = fields.Date(
        string="Earned Up To",
        readonly=True,
        help="Invoices up to this day are paid for; empty: to the end of the period.",
    )
    scopes = fields.Json(
        readonly=True,
        copy=False,
        prefetch=False,
        help="What counted by category, tag or filter when this was paid, see ``rebate.scope``.",
    )
    detail_ids = fields.One2many(
        "rebate.settlement.detail", "settlement_line_id", string="Details", readonly=True
    )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        self.env["rebate.settlement.buyer"]._keep(lines)
        lines._freeze()
        return lines

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        self.filtered(
            lambda line: line.state not in ("draft", "rejected", "cancelled")
        )._refuse_change()

    def _refuse_change(self):
        for line in self:
            raise UserError(
                self.env._(
                    "What settlement %(settlement)s pays for “%(line)s” is frozen. Cancel the"
                    " settlement and run it anew to pay what the invoices say now.",
                    settlement=line.settlement_id.name,
                    line=line.name,
                )
            )

    def _freeze(self):
        """Freeze the invoice lines behind each line, and the terms in force on the settlement."""
        results = self.env["rebate.calculation"]._calculate(self._windows())
        for lines in self._rounds():
            earlier = lines._earlier()
            partial = lines._partial(results, earlier)
            lines.settlement_id._freeze_terms({line: results[line.id] for line in lines}, partial)
            lines._store_details(lines._shares(results), earlier, partial)
        self.invalidate_recordset(["detail_ids"], flush=False)
        self._keep_scopes()

    def _keep_scopes(self):
        """Keep which products count now by category, tag or filter: what is paid keeps them."""
        self.flush_recordset()
        self.env["product.product"].flush_model()
        measure = self.env["rebate.measure"]
        [(greatest,)] = self.env.execute_query(
            SQL("SELECT COALESCE(MAX(id), 0) FROM product_product")
        )
        for program, lines in self.grouped("program_id").items():
            if not (now := measure._scopes_now(program)):
                continue
            scopes = {"greatest": greatest, "rules": self.env["rebate.scope"]._keep(now)}
            self.env.cr.execute(
                SQL(
                    "UPDATE rebate_settlement_line SET scopes = %s::jsonb WHERE id = ANY(%s)",
                    json.dumps(scopes),
                    lines.ids,
                )
            )
        self.invalidate_recordset(["scopes"], flush=False)

    def _rounds(self):
        """Part the lines so that none is frozen with another of the same period: what was paid too
        much may be made up by several documents, and each is the difference to those before."""
        rounds = []
        seen = {}
        for line in self.sorted("id"):
            place = seen[line.accrual_id] = seen.get(line.accrual_id, -1) + 1
            rounds += [self.browse()] if place == len(rounds) else []
            rounds[place] += line
        return rounds

    def _partial(self, results, earlier):
        """Find the lines that make up for but a part of what was paid too much.

        :param results: by id of the line
        :param earlier: see :meth:`_earlier`
        :return: by line what was earned less all that was settled before, a decimal
        """
        before = {other.id: other for other in self.browse({pair[1] for pair in earlier})}
        settled = {}
        for line_id, earlier_id in earlier:
            amount = Decimal(str(before[earlier_id].amount))
            settled[line_id] = settled.get(line_id, ZERO) + amount
        partial = {}
        for line in self.filtered(lambda line: line.id in settled):
            coin = Decimal(str(line.currency_id.rounding))
            difference = round_half_up(results[line.id].earned - settled[line.id], coin)
            if difference < round_half_up(Decimal(str(line.amount)), coin) < 0:
                partial[line] = difference
        return partial

    def _windows(self):
        """Ask for the periods that the lines pay, up to the day that they pay for."""
        self.accrual_id.fetch(["agreement_id", "date_from", "date_to"])
        return [
            Window(
                line.id,
                line.accrual_id.agreement_id.id,
                line.accrual_id.date_from,
                line.accrual_id.date_to,
                until=line.date_until or None,
            )
            for line in self
        ]

    def _shares(self, results):
        """Share out what the periods earned over the invoice lines, in one statement.

        :param results: by id of the settlement line, see ``rebate.calculation._calculate``
        :return: an iterator of :class:`FrozenShare`
        """
        bought = self.env["rebate.measure"]._lines_by_rule(self._windows())
        for line in self:
            result = results[line.id]
            coin = Decimal(str(line.currency_id.rounding))
            earned = share_rules(
                result.earned,
                [rule.earned for rule in result.rules],
                [round_half_up(rule.purchases.amount, coin) for rule in result.rules],
                coin,
            )
            for rule, of_rule in zip(result.rules, earned, strict=True):
                rate, rate_type = str(rule.rate), rule.tier.rate_type or "percent"
                for part in share_over(
                    bought.get((line.id, rule.rule.id), ()), of_rule, rule.outcome.parts, coin
                ):
                    yield FrozenShare(
                        line.id,
                        rule.rule.id,
                        part.line_id,
                        str(part.amount),
                        str(part.quantity),
                        rate,
                        rate_type,
                        str(part.rebate),
                    )
