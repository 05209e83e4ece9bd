"""A line of a settlement: the part of an accrual that it pays."""

import json
from decimal import Decimal
from itertools import islice
from typing import NamedTuple

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...engine.rounding import round_half_up, round_parts
from ...engine.sharing import share_rules
from ...engine.tiers import ZERO
from ..accrual.rebate_accrual_line import share_over
from ..calculation.result import Result
from ..measure.rebate_measure import Window


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


# Rows of details sent to the database at once.
BATCH = 50000


class RebateSettlementLine(models.Model):
    _name = "rebate.settlement.line"
    _description = "Rebate Settlement Line"
    _order = "settlement_id, id"
    _check_company_auto = True

    settlement_id = fields.Many2one(
        "rebate.settlement", required=True, ondelete="cascade", index=True
    )
    accrual_id = fields.Many2one(
        "rebate.accrual", required=True, ondelete="restrict", index=True, check_company=True
    )
    company_id = fields.Many2one(related="settlement_id.company_id", store=True)
    currency_id = fields.Many2one(related="settlement_id.currency_id")
    program_id = fields.Many2one(related="accrual_id.program_id", store=True, index=True)
    state = fields.Selection(related="settlement_id.state", store=True)
    name = fields.Char(
        string="Description", required=True, help="The text of the credit note, frozen."
    )
    explanation = fields.Text(readonly=True, help="How the rebate came about, frozen.")
    amount = fields.Monetary(
        required=True, help="Earned to date less what was settled before, in the currency."
    )

    measured_amount = fields.Monetary(
        string="Purchases",
        readonly=True,
        help="Purchases up to the day that is paid for, when it was proposed.",
    )
    invoice_count = fields.Integer(
        string="Invoices", readonly=True, help="The invoices and credit notes behind them."
    )
    adjustment_amount = fields.Monetary(
        string="Adjustment",
        readonly=True,
        help="The part of the amount that corrects what was paid before.",
    )
    is_adjustment = fields.Boolean(
        compute="_compute_is_adjustment", store=True, help="Corrects what was paid before."
    )
    cause = fields.Text(readonly=True, help="What changed since it was paid, frozen.")

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

    @api.depends("adjustment_amount")
    def _compute_is_adjustment(self):
        for line in self:
            line.is_adjustment = not line.currency_id.is_zero(line.adjustment_amount)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sealed(self):
        self.filtered(lambda line: line.settlement_id.fingerprint)._refuse_change()

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

    # ------------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------------

    def _prepare_document_lines(self, sign, splits, fiscal_position):
        """Values of the lines of the document that pays this line: one, or one for each set of
        taxes of the invoices.

        :param sign: 1 for a credit note or bill, -1 for an invoice
        :param splits: ``{tax ids: amount}`` of this line, where its program pays with them
        :param fiscal_position: of the document, for the taxes of a product
        """
        self.ensure_one()
        program = self.program_id
        taxes = self.env["account.tax"]
        if program.tax_policy == "origin":
            by_taxes = {}
            for tax_ids, part in splits.items():
                corrected = taxes.browse(tax_ids)._in_proportion_to_price()
                by_taxes[corrected] = by_taxes.get(corrected, 0) + part
            parts = [
                (corrected, part)
                for corrected, part in by_taxes.items()
                if not self.currency_id.is_zero(part)
            ]
        elif program.tax_policy == "product":
            parts = [(self._product_taxes(fiscal_position), self.amount)]
        else:
            # The payout corrects no tax of the sales that earned it.
            parts = [(taxes, self.amount)]
        return [
            Command.create(self._prepare_document_line_vals(sign * part, part_taxes, place))
            for place, (part_taxes, part) in enumerate(parts)
        ]

    def _prepare_document_line_vals(self, amount, taxes, place):
        """Values of one line of the document.

        :param amount: untaxed
        :param place: 0 for the first line, which tells how the rebate came about
        """
        texts = (self.name, self.explanation) if not place else (self.name,)
        return {
            "name": "\n".join(filter(None, texts)),
            "product_id": self.program_id.payout_product_id.id,
            **self._prepare_account_vals(),
            "quantity": 1,
            "price_unit": self._price_with_included(amount, taxes),
            "tax_ids": [Command.set(taxes.ids)],
        }

    def _prepare_account_vals(self):
        """Values that say where a line of the document is booked, and that it takes from the
        liability of the accrual that it pays."""
        return {
            "account_id": self.program_id.expense_account_id.id,
            **self.accrual_id._prepare_payout_line_vals(),
        }

    def _product_taxes(self, fiscal_position):
        product = self.program_id.payout_product_id
        taxes = (
            product.supplier_taxes_id
            if self.settlement_id._document_type() == "in_invoice"
            else product.taxes_id
        )
        return fiscal_position.map_tax(taxes._filter_taxes_by_company(self.company_id))

    def _price_with_included(self, amount, taxes):
        """Add to an untaxed amount those of its taxes that prices include: Odoo takes them out
        again, and the line comes to the amount to the cent."""
        if not any(taxes.flatten_taxes_hierarchy().mapped("price_include")):
            return amount
        parts = taxes.compute_all(
            amount,
            self.currency_id,
            product=self.program_id.payout_product_id,
            partner=self.settlement_id.partner_id,
            handle_price_include=False,
        )["taxes"]
        return amount + sum(part["amount"] for part in parts if part["price_include"])

    # ------------------------------------------------------------------
    # Freezing what a settlement pays: each invoice line with its part, when it is proposed
    # ------------------------------------------------------------------

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

    # ------------------------------------------------------------------
    # Storing the frozen details of settlements: in few statements, however many there are
    # ------------------------------------------------------------------

    def _store_details(self, shares, earlier, partial):
        """Store each invoice line's part with what the invoice says of it, then what is taken back
        of lines that do not count any more, then what lies on no line.

        :param shares: an iterator of :class:`FrozenShare`
        :param earlier: see :meth:`_earlier`
        """
        while rows := list(islice(shares, BATCH)):
            self.env.cr.execute(self._insert_shares(rows, earlier))
        if earlier:
            self.env.cr.execute(self._insert_taken_back(earlier))
        self.env.cr.execute(self._insert_rest(earlier, partial))
        self._scale_details(partial)

    def _earlier(self):
        """Find the lines of other settlements that pay the same periods.

        :return: pairs of ids, of a line and an earlier one
        """
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                """
                SELECT line.id, other.id
                  FROM rebate_settlement_line line
                  JOIN rebate_settlement_line other
                    ON other.accrual_id = line.accrual_id
                   AND other.id < line.id
                   AND other.state NOT IN ('rejected', 'cancelled')
                 WHERE line.id = ANY(%s)
                """,
                self.ids,
            )
        )

    def _scale_details(self, partial):
        """Lower the details of lines that make up for a part of what was paid too much: each of
        their rebates by the same part. What is left is the difference to the next line.

        :param partial: see :meth:`_partial`
        """
        for line, difference in partial.items():
            coin = Decimal(str(line.currency_id.rounding))
            amount = round_half_up(Decimal(str(line.amount)), coin)
            details = self.env.execute_query(
                SQL(
                    "SELECT id, rebate_amount FROM rebate_settlement_detail"
                    " WHERE settlement_line_id = %s ORDER BY id",
                    line.id,
                )
            )
            parts = round_parts(
                [Decimal(str(rebate)) * amount / difference for _id, rebate in details],
                amount,
                coin,
            )
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE rebate_settlement_detail detail
                       SET rebate_amount = part.amount,
                           earned_amount = detail.settled_amount + part.amount
                      FROM unnest(%s::int[], %s::numeric[]) AS part(id, amount)
                     WHERE detail.id = part.id
                    """,
                    [detail_id for detail_id, _rebate in details],
                    [str(part) for part in parts],
                )
            )

    def _settled_before(self, earlier) -> SQL:
        """Compose ``before``: what earlier settlements of the same periods have of each invoice
        line and rule, and their latest detail of it.

        The lines are given by number: what PostgreSQL guesses of tables that grow in this very
        transaction is wrong by magnitudes.

        :param earlier: see :meth:`_earlier`
        """
        return SQL(
            """
            before AS MATERIALIZED (
                SELECT pair.line_id AS settlement_line_id, detail.line_number, detail.rule_id,
                       SUM(detail.rebate_amount) AS amount, MAX(detail.id) AS last_id
                  FROM rebate_settlement_detail detail
                  JOIN unnest(%s::int[], %s::int[]) AS pair(line_id, earlier_id)
                    ON pair.earlier_id = detail.settlement_line_id
                 WHERE detail.settlement_line_id = ANY(%s)
              GROUP BY pair.line_id, detail.line_number, detail.rule_id,
                       -- of a rule that is gone, its name
                       CASE WHEN detail.rule_id IS NULL THEN detail.rule_name END
            )
            """,
            [line_id for line_id, _earlier_id in earlier],
            [earlier_id for _line_id, earlier_id in earlier],
            list({earlier_id for _line_id, earlier_id in earlier}),
        )

    def _insert_shares(self, rows, earlier) -> SQL:
        """Compose the insertion of shares with what the invoices say of them."""
        return SQL(
            """
            WITH share AS MATERIALIZED (
                SELECT *
                  FROM unnest(%(columns)s)
                       AS share(settlement_line_id, rule_id, line_number, amount, quantity, rate,
                                rate_type, earned)
            ),
            %(before)s
            INSERT INTO rebate_settlement_detail (
                        settlement_line_id, rule_id, rule_name, move_line_id, line_number,
                        invoice_name, invoice_date, product_id, product_name, product_code,
                        quantity, uom_name, tax_numbers, amount, rate, rate_type,
                        earned_amount, settled_amount, rebate_amount)
            SELECT share.settlement_line_id, share.rule_id, %(rule_name)s,
                   invoiced.id, invoiced.id, move.name, move.invoice_date,
                   product.id, COALESCE(%(product_name)s, invoiced.name), product.default_code,
                   CASE WHEN program.uom_id IS NOT NULL THEN share.quantity
                        WHEN move.move_type = 'out_refund' THEN -invoiced.quantity
                        ELSE invoiced.quantity END,
                   %(uom_name)s, tax.numbers, share.amount, share.rate, share.rate_type,
                   share.earned, COALESCE(before.amount, 0),
                   share.earned - COALESCE(before.amount, 0)
              FROM share
              JOIN rebate_settlement_line line ON line.id = share.settlement_line_id
              JOIN rebate_settlement settlement ON settlement.id = line.settlement_id
              JOIN res_partner partner ON partner.id = settlement.partner_id
              JOIN rebate_rule rule ON rule.id = share.rule_id
              JOIN rebate_program program ON program.id = rule.program_id
              JOIN account_move_line invoiced ON invoiced.id = share.line_number
              JOIN account_move move ON move.id = invoiced.move_id
         LEFT JOIN product_product product ON product.id = invoiced.product_id
         LEFT JOIN product_template template ON template.id = product.product_tmpl_id
         LEFT JOIN uom_uom uom ON uom.id = COALESCE(program.uom_id, invoiced.product_uom_id)
         LEFT JOIN (
                       SELECT account_move_line_id AS line_id,
                              string_agg(account_tax_id::text, ',' ORDER BY account_tax_id)
                              AS numbers
                         FROM account_move_line_account_tax_rel
                        WHERE account_move_line_id IN (SELECT line_number FROM share)
                     GROUP BY account_move_line_id
                   ) tax
                ON tax.line_id = share.line_number
         LEFT JOIN before
                ON before.settlement_line_id = share.settlement_line_id
               AND before.line_number = share.line_number
               AND before.rule_id = share.rule_id
            """,
            columns=SQL(
                "%s::int[], %s::int[], %s::int[], %s::numeric[], %s::numeric[], %s::numeric[],"
                " %s::varchar[], %s::numeric[]",
                *map(list, zip(*rows, strict=True)),
            ),
            before=self._settled_before(earlier),
            rule_name=self._translated("rule"),
            product_name=self._translated("template"),
            uom_name=self._translated("uom"),
        )

    def _translated(self, table) -> SQL:
        """Compose a name in the language of the partner who is paid."""
        name = SQL.identifier(table, "name")
        return SQL("COALESCE(%s ->> partner.lang, %s ->> 'en_US')", name, name)

    def _insert_taken_back(self, earlier) -> SQL:
        """Compose the insertion of what invoice lines had that do not count any more."""
        return SQL(
            """
            WITH %(before)s,
            counted AS MATERIALIZED (
                SELECT settlement_line_id, line_number, rule_id
                  FROM rebate_settlement_detail
                 WHERE settlement_line_id = ANY(%(lines)s)
            )
            INSERT INTO rebate_settlement_detail (
                        settlement_line_id, rule_id, rule_name, move_line_id, line_number,
                        invoice_name, invoice_date, product_id, product_name, product_code,
                        quantity, uom_name, tax_numbers, amount, rate, rate_type,
                        earned_amount, settled_amount, rebate_amount)
            SELECT before.settlement_line_id, last.rule_id, last.rule_name, last.move_line_id,
                   last.line_number, last.invoice_name, last.invoice_date, last.product_id,
                   last.product_name, last.product_code,
                   0, last.uom_name, last.tax_numbers, 0, 0, 'percent',
                   0, before.amount, -before.amount
              FROM before
              JOIN rebate_settlement_detail last ON last.id = before.last_id
             WHERE before.amount <> 0
               AND before.line_number IS NOT NULL
               AND NOT EXISTS (
                       SELECT 1
                         FROM counted
                        WHERE counted.settlement_line_id = before.settlement_line_id
                          AND counted.line_number = before.line_number
                          AND counted.rule_id = before.rule_id
                   )
            """,
            before=self._settled_before(earlier),
            lines=self.ids,
        )

    def _insert_rest(self, earlier, partial) -> SQL:
        """Compose the insertion of what lies on no invoice line: a guarantee without purchases, a
        lump sum that others reached, and what was settled of these before. Lines that are to be
        lowered come to the whole difference first."""
        return SQL(
            """
            WITH %(before)s,
            stored AS MATERIALIZED (
                SELECT settlement_line_id, SUM(rebate_amount) AS amount
                  FROM rebate_settlement_detail
                 WHERE settlement_line_id = ANY(%(lines)s)
              GROUP BY settlement_line_id
            ),
            rest AS (
                SELECT line.id,
                       COALESCE(part.difference, line.amount) - COALESCE(stored.amount, 0)
                       AS amount,
                       COALESCE(beside.amount, 0) AS before
                  FROM rebate_settlement_line line
             LEFT JOIN stored ON stored.settlement_line_id = line.id
             LEFT JOIN (SELECT settlement_line_id, SUM(amount) AS amount
                          FROM before
                         WHERE line_number IS NULL
                      GROUP BY settlement_line_id) beside
                    ON beside.settlement_line_id = line.id
             LEFT JOIN unnest(%(partial)s::int[], %(differences)s::numeric[])
                       AS part(id, difference)
                    ON part.id = line.id
                 WHERE line.id = ANY(%(lines)s)
            )
            INSERT INTO rebate_settlement_detail
                        (settlement_line_id, quantity, amount, rate, rate_type, earned_amount,
                         settled_amount, rebate_amount)
            SELECT id, 0, 0, 0, 'fixed', amount + before, before, amount
              FROM rest
             WHERE amount <> 0 OR before <> 0
            """,
            before=self._settled_before(earlier),
            lines=self.ids,
            partial=[line.id for line in partial],
            differences=[str(difference) for difference in partial.values()],
        )

    # ------------------------------------------------------------------
    # What was decided for a line of a settlement, in numbers and with its reasons
    # ------------------------------------------------------------------

    def _snapshot(self, result: Result, difference=None) -> dict:
        """Tell what was decided, see ``rebate.settlement._freeze_terms``.

        :param difference: what was earned less all that was settled, where the line makes up for a
            part of it
        :return: plain values; names in the language of the partner who is paid
        """
        self.ensure_one()
        accrual = self.accrual_id
        coin = Decimal(str(self.currency_id.rounding))
        amount, earned = (
            round_half_up(Decimal(str(money)), coin) for money in (self.amount, result.earned)
        )
        return {
            "line_id": self.id,
            "program_id": self.program_id.id,
            "agreement_id": accrual.agreement_id.id,
            "partner": accrual.partner_id.name,
            "date_from": fields.Date.to_string(accrual.date_from),
            "date_to": fields.Date.to_string(accrual.date_to),
            "date_until": fields.Date.to_string(self.date_until or accrual.date_to),
            "earned": str(earned),
            "settled": str(earned - (amount if difference is None else difference)),
            "amount": str(amount),
            **({} if difference is None else {"overpaid": str(amount - difference)}),
            "period": result.facts,
            "rules": [
                {
                    "rule_id": rule.rule.id,
                    "tier_id": rule.tier.id,
                    "facts": rule.facts,
                }
                for rule in result.rules
            ],
        }
