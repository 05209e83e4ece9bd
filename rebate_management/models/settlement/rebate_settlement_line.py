"""A line of a settlement: the part of an accrual that it pays."""

import json
from datetime import date
from typing import NamedTuple

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...tools.locks import lock_all
from .freezing import freeze, prepare_plain_snapshot, prepare_snapshot, share_out


class PayoutTerms(NamedTuple):
    """By what a line is paid: ``method`` is one of the program's payout methods, ``tax_policy`` one
    of its tax policies; ``product`` and ``account`` are those of the document's line, the account
    where no liability is taken; and the document may be ``is_offset`` against open invoices."""

    method: str
    tax_policy: str
    product: models.Model
    account: models.Model
    is_offset: bool


class SourceFacts(NamedTuple):
    """Whose purchases a line is for, and the days that it pays for where there are any."""

    partner: models.Model
    date_from: date | None
    date_to: date | None


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
    def _unlink_except_draft(self):
        self.filtered(
            lambda line: (
                line.state not in ("draft", "rejected", "cancelled")
                or line.settlement_id.fingerprint
            )
        )._refuse_change()

    # ------------------------------------------------------------------
    # What a line pays: an accrual, or what another addon says
    # ------------------------------------------------------------------

    def _source(self):
        """The record that the line pays: its accrual. Another addon that has lines of its own makes
        ``accrual_id`` optional, and gives its own record for these."""
        self.ensure_one()
        return self.accrual_id

    def _source_facts(self):
        """What the statement and the workbook tell of the source."""
        self.ensure_one()
        accrual = self.accrual_id
        if not accrual:
            return SourceFacts(self.settlement_id.partner_id, None, None)
        return SourceFacts(accrual.partner_id, accrual.date_from, accrual.date_to)

    def _payout_terms(self):
        """By what the line is paid: the terms of its program."""
        self.ensure_one()
        program = self.program_id
        return PayoutTerms(
            program.payout_method,
            program.tax_policy,
            program.payout_product_id,
            program.expense_account_id,
            program.reconcile_payouts,
        )

    def _lock_sources(self):
        """Have nobody else pay, or take back, what the lines pay until the transaction ends."""
        lock_all(self.accrual_id)

    def _update_sources(self):
        """Have the sources follow when lines were posted or taken back."""
        # What is settled of the accruals follows; accountants may not write accruals.
        self.accrual_id.sudo()._update_settled()

    # ------------------------------------------------------------------
    # The lines of the document that pays
    # ------------------------------------------------------------------

    def _prepare_document_lines(self, sign, splits, fiscal_position):
        """Values of the lines of the document that pays this line: one, or one for each set of
        taxes of the invoices.

        :param sign: 1 for a credit note or bill, -1 for an invoice
        :param splits: ``{tax ids: amount}`` of this line, where its program pays with them
        :param fiscal_position: of the document, for the taxes of a product
        """
        self.ensure_one()
        policy = self._payout_terms().tax_policy
        taxes = self.env["account.tax"]
        if policy == "origin":
            by_taxes = {}
            for tax_ids, part in splits.items():
                corrected = taxes.browse(tax_ids)._rebate_proportional()
                by_taxes[corrected] = by_taxes.get(corrected, 0) + part
            parts = [
                (corrected, part)
                for corrected, part in by_taxes.items()
                if not self.currency_id.is_zero(part)
            ]
        elif policy == "product":
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
            "product_id": self._payout_terms().product.id,
            **self._prepare_account_vals(),
            "quantity": 1,
            "price_unit": self._price_with_included(amount, taxes),
            "tax_ids": [Command.set(taxes.ids)],
        }

    def _prepare_account_vals(self):
        """Values that say where a line of the document is booked, and that it takes from the
        liability of the accrual that it pays."""
        vals = {"account_id": self._payout_terms().account.id}
        if self.accrual_id:
            vals |= self.accrual_id._prepare_payout_line_vals()
        return vals

    def _product_taxes(self, fiscal_position):
        product = self._payout_terms().product
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
            product=self._payout_terms().product,
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

    def _freeze(self, results=None):
        """Freeze what new lines pay: whose purchases counted, each invoice line with its part, the
        terms in force, and which products counted. To be called by whoever creates lines.

        :param results: what the accruals were found to earn in this very transaction, by id of the
            line; what is missing is computed
        """
        self.env["rebate.settlement.buyer"]._keep(self)
        freeze(self, results or {})
        self._keep_scopes()

    def _shares(self, results):
        """Share out what the lines pay over what was bought: those of accruals here, another addon
        adds its own.

        :param results: what accruals earn, by id of the line
        :return: a list of pairs of what the shares are of, see ``rebate.measure._sources``, and an
            iterator of :class:`.detail_storing.FrozenShare`
        """
        return [
            (source, share_out(of_source, results))
            for source, of_source in self.env["rebate.measure"]._by_source(
                self.filtered("accrual_id")
            )
        ]

    def _prepare_snapshot_vals(self, result=None, difference=None):
        """What is kept in the terms of the settlement of what was decided for the line, see
        :func:`.freezing.freeze_terms`.

        :param result: what the accrual earns; None where the line is of none
        :param difference: what was earned less all that was settled, where the line makes up for a
            part of it
        :return: plain values; names in the language of the partner who is paid
        """
        self.ensure_one()
        if not result:
            return prepare_plain_snapshot(self)
        return prepare_snapshot(self, result, difference)

    def _keep_scopes(self):
        """Keep which products count now by category, tag or filter: what is paid keeps them."""
        self.flush_recordset()
        self.env["product.product"].flush_model()
        measure = self.env["rebate.measure"]
        [(greatest,)] = self.env.execute_query(
            SQL("SELECT COALESCE(MAX(id), 0) FROM product_product")
        )
        # Of what does not come from an accrual nothing is measured again.
        for program, lines in self.filtered("accrual_id").grouped("program_id").items():
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
