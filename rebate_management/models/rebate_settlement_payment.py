"""Paying an approved settlement: by credit note, by vendor bill, or by invoice where too much was
paid before."""

from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL, format_date

from ..tools.acting import acting
from ..tools.trust import trusted
from .rebate_turns import require_turn

# Of a document with nothing left to pay.
PAID = ("paid", "in_payment", "reversed")


class RebateSettlement(models.Model):
    _inherit = "rebate.settlement"

    @api.depends("move_ids.payment_state", "move_ids.state")
    def _compute_state(self):
        """A posted settlement is paid when its documents are, and posted again when they are not
        any more; all other steps are taken by the buttons."""
        for settlement in self:
            state = settlement.state
            if state in ("posted", "paid"):
                documents = settlement._documents()
                is_paid = documents and all(move.payment_state in PAID for move in documents)
                state = "paid" if is_paid else "posted"
            settlement.state = state

    @acting("write")
    def action_post(self):
        """Create and post the document of each approved settlement, and reconcile it where its
        program says so.

        :raise UserError: when a settlement is not approved, is to be paid later, or cannot be
            posted, with the reason
        """
        self._require_group("rebate_management.group_rebate_accountant")
        # A second poster begins anew and finds the settlement posted.
        require_turn(self)
        self._require_state("approved")
        self._check_payout_date()
        # What is settled of them changes with the state below.
        require_turn(self.line_ids.accrual_id)
        self._check_postable()
        days = self._open_days()
        self._accrue_missing(days)
        splits = self._tax_splits()
        moves = trusted(self.env["account.move"]).create(
            [settlement._prepare_document_vals(days[settlement], splits) for settlement in self]
        )
        # More tax is taken off than paid: the partner owes it, whatever the rebates come to.
        moves.filtered(
            lambda move: move.currency_id.compare_amounts(move.amount_total, 0) < 0
        ).action_switch_move_type()
        # Nobody else may post a document of a payout.
        moves.action_post()
        self._book_exchange_differences(days)
        self._tell_moved(days)
        trusted(self).state = "posted"
        # Of a document over nothing nothing is left to pay.
        trusted(self)._compute_state()
        # What is settled of the accruals follows; accountants may not write accruals.
        self.line_ids.accrual_id.sudo()._update_settled()
        self._offset()
        self._seal()
        return True

    # ------------------------------------------------------------------
    # Documents
    # ------------------------------------------------------------------

    def _documents(self):
        """The posted documents that pay the settlement, without those that take them back."""
        return self.move_ids.filtered(
            lambda move: move.state == "posted" and not move.reversed_entry_id
        )

    def _paid_lines(self):
        """The lines that pay, without those that take off what was paid too much."""
        return self.line_ids.filtered(lambda line: line.amount > 0) or self.line_ids

    def _document_type(self):
        """By which kind of journal entry the settlement is paid."""
        self.ensure_one()
        if self.currency_id.compare_amounts(self.amount_total, 0) < 0:
            return "out_invoice"
        # Not of what is taken off, which another kind may have paid.
        methods = self._paid_lines().program_id.mapped("payout_method")
        return "in_invoice" if "vendor_bill" in methods else "out_refund"

    def _prepare_document_vals(self, day, splits):
        """Values of the document that pays the settlement.

        :param day: its date
        :param splits: the amounts by taxes, see :meth:`_tax_splits`
        """
        self.ensure_one()
        move_type = self._document_type()
        fiscal_position = self._fiscal_position()
        vals = {
            "move_type": move_type,
            "company_id": self.company_id.id,
            "journal_id": self.journal_id.id,
            "partner_id": self.partner_id.id,
            "currency_id": self.currency_id.id,
            "invoice_date": day,
            "ref": self.name,
            "invoice_origin": self.name,
            "rebate_settlement_id": self.id,
            "invoice_line_ids": [
                command
                for line in self.line_ids
                for command in line._prepare_document_lines(
                    -1 if move_type == "out_invoice" else 1,
                    splits.get(line.id, {}),
                    fiscal_position,
                )
            ],
        }
        if fiscal_position:
            vals["fiscal_position_id"] = fiscal_position.id
        if move_type == "out_refund":
            # It can be offset or paid out at once; bills and invoices have the partner's terms.
            vals |= {"invoice_payment_term_id": False, "invoice_date_due": day}
        return vals

    def _fiscal_position(self):
        """The fiscal position of the document, where it maps the taxes of a payout product."""
        positions = self.env["account.fiscal.position"].with_company(self.company_id)
        if "product" not in self.line_ids.program_id.mapped("tax_policy"):
            return positions
        delivery = self.partner_id.browse(self.partner_id.address_get(["delivery"])["delivery"])
        return positions._get_fiscal_position(self.partner_id, delivery=delivery)

    def _tax_splits(self):
        """Sum up the frozen details by the taxes that the invoice lines had, in one statement.

        What lies on no invoice line has no tax.

        :return: ``{tax ids: amount}`` by id of the settlement line, of those that pay with the
            taxes of the invoices; the amounts add up to that of the line
        """
        lines = self.line_ids.filtered(lambda line: line.program_id.tax_policy == "origin")
        splits = {}
        for line_id, numbers, amount in self.env.execute_query(
            SQL(
                """
                SELECT settlement_line_id, COALESCE(tax_numbers, ''), SUM(rebate_amount)
                  FROM rebate_settlement_detail
                 WHERE settlement_line_id = ANY(%s)
              GROUP BY settlement_line_id, COALESCE(tax_numbers, '')
              ORDER BY settlement_line_id, COALESCE(tax_numbers, '')
                """,
                lines.ids,
            )
        ):
            tax_ids = tuple(int(number) for number in numbers.split(",") if number)
            splits.setdefault(line_id, {})[tax_ids] = float(amount)
        return splits

    # ------------------------------------------------------------------
    # Dates
    # ------------------------------------------------------------------

    def _open_days(self):
        """Find each settlement's own date, or the first open day where its books are locked."""
        days, known = {}, {}
        for settlement in self:
            policies = set(settlement.line_ids.program_id.mapped("tax_policy"))
            has_tax = policies != {"none"}
            key = settlement.company_id, settlement.date, has_tax, settlement.journal_id
            if key not in known:
                company, day, *rest = key
                locks = company._get_violated_lock_dates(day, *rest)
                known[key] = locks[-1][0] + timedelta(days=1) if locks else day
            days[settlement] = known[key]
        return days

    def _tell_moved(self, days):
        """Say on the settlement and its document that the date has moved."""
        for settlement, day in days.items():
            if day != settlement.date:
                body = self.env._(
                    "Dated %(open_day)s, the first open day: the books are locked on %(day)s.",
                    open_day=format_date(self.env, day),
                    day=format_date(self.env, settlement.date),
                )
                settlement.message_post(body=body)
                for move in settlement._documents():
                    move.message_post(body=body)
