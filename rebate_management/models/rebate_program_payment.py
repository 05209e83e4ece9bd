"""By which document a program pays, with which taxes, and what becomes of what was overpaid."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

# The journals that documents are posted to.
JOURNAL_TYPES = {"credit_note": "sale", "vendor_bill": "purchase"}


class RebateProgram(models.Model):
    _inherit = "rebate.program"

    payout_method = fields.Selection(
        [("credit_note", "Credit note"), ("vendor_bill", "Vendor bill")],
        string="Pays By",
        default="credit_note",
        required=True,
        tracking=True,
        help="A credit note of yours, or a bill on which you owe the partner the rebate, for"
        " whoever is paid like a supplier.",
    )
    payout_grouping = fields.Selection(
        [("partner", "One for all programs"), ("program", "One for this program")],
        string="Documents",
        default="partner",
        required=True,
        help="One document for all that a partner receives, or one of its own for this program.",
    )
    tax_policy = fields.Selection(
        [
            ("none", "No tax"),
            ("product", "Taxes of the payout product"),
            ("origin", "Taxes of the invoices"),
        ],
        default="none",
        required=True,
        tracking=True,
        help="Taxes of the invoices: the rebate lowers the price of what was bought, so it is split"
        " over the taxes of the invoice lines that earned it and corrects each at its own rate.",
    )
    payout_product_id = fields.Many2one(
        "product.product",
        check_company=True,
        domain="[('type', '=', 'service')]",
        help="Stands on the lines of the documents, and may bring its taxes.",
    )
    clawback_policy = fields.Selection(
        [("carry_forward", "Carry forward"), ("invoice", "Invoice")],
        string="Overpaid Rebates",
        default="carry_forward",
        required=True,
        tracking=True,
        help="When a partner was paid more than is earned by now: later rebates make up for it, or"
        " it is invoiced.",
    )
    reconcile_payouts = fields.Boolean(
        string="Offset at Once",
        help="Credit notes are reconciled with the partner's oldest open invoices as soon as they"
        " are posted.",
    )
    journal_id = fields.Many2one(
        "account.journal",
        string="Payout Journal",
        domain="[('type', '=', payout_method == 'vendor_bill' and 'purchase' or 'sale')]",
        check_company=True,
        help="Journal of the credit notes or bills. Empty: the company's first one of their kind.",
    )
    default_journal_ids = fields.Json(compute="_compute_default_journal_ids")

    def _compute_default_journal_ids(self):
        """The first journal of each kind of the company, for programs that name none."""
        journals = self.env["account.journal"]
        for company, programs in self.grouped("company_id").items():
            programs.default_journal_ids = {
                kind: journals.search(
                    [*journals._check_company_domain(company), ("type", "=", kind)], limit=1
                ).id
                for kind in JOURNAL_TYPES.values()
            }

    @api.constrains("payout_method", "tax_policy", "payout_product_id", "journal_id", "state")
    def _check_payment(self):
        for program in self:
            if program.tax_policy == "origin" and program.payout_method != "credit_note":
                raise ValidationError(
                    self.env._(
                        "Program “%s” pays by vendor bill, which cannot correct the taxes of your"
                        " invoices. Pay by credit note, or choose other taxes.",
                        program.display_name,
                    )
                )
            kind = JOURNAL_TYPES[program.payout_method]
            if program.journal_id and program.journal_id.type != kind:
                raise ValidationError(
                    self.env._(
                        "Program “%(program)s” cannot pay from journal “%(journal)s”: its documents"
                        " need a journal of type %(kind)s. Choose one on the tab “Payout”, or leave"
                        " it empty.",
                        program=program.display_name,
                        journal=program.journal_id.display_name,
                        kind=program._journal_kind(kind),
                    )
                )

    # ------------------------------------------------------------------
    # For the settlement run
    # ------------------------------------------------------------------

    def _carries_forward(self, amount) -> bool:
        """Tell whether what is payable to an agreement is carried forward instead: too little, or
        overpaid and not to be invoiced.

        :param amount: in the program's currency, negative where too much was paid before
        """
        self.ensure_one()
        if amount < 0 and self.clawback_policy != "invoice":
            return True
        return self.currency_id.compare_amounts(abs(amount), self._smallest_payout()) < 0

    def _smallest_payout(self, is_last=False):
        """The least that is paid to an agreement, or invoiced, at a time.

        :param is_last: whether nothing can follow what is paid
        """
        self.ensure_one()
        minimum = 0 if is_last and self.final_rest == "pay" else self.min_payout
        return max(minimum, self.currency_id.rounding)

    def _makes_up_for(self, overpaid) -> bool:
        """Tell whether what this program owes can make up for what another one paid too much: a
        bill of the partner's corrects no tax of your invoices and credit notes.

        :param overpaid: a program
        """
        self.ensure_one()
        return (
            self.payout_method in ("credit_note", overpaid.payout_method)
            or overpaid.tax_policy == "none"
        )

    def _payout_journal(self, amount):
        """The journal of the document over an amount, see :meth:`_carries_forward`.

        :raise UserError: when neither the program nor its company has one
        """
        self.ensure_one()
        kind = "sale" if amount < 0 else JOURNAL_TYPES[self.payout_method]
        if self.journal_id.type == kind:
            return self.journal_id
        journal_id = (self.default_journal_ids or {}).get(kind)
        if not journal_id:
            raise UserError(
                self.env._(
                    "Company “%(company)s” has no journal of type %(kind)s for the rebates of"
                    " program “%(program)s”. Create one, or choose a journal on the program.",
                    company=self.company_id.display_name,
                    kind=self._journal_kind(kind),
                    program=self.display_name,
                )
            )
        return self.env["account.journal"].browse(journal_id)

    def _payout_group(self, amount):
        """What keeps payouts to one partner apart: only what is paid by the same kind of document,
        and by none of its own, shares a settlement.

        :return: a hashable value
        """
        self.ensure_one()
        return (
            "out_invoice" if amount < 0 else self.payout_method,
            self.reconcile_payouts,
            self.id if self.payout_grouping == "program" else 0,
        )

    def _journal_kind(self, kind):
        return dict(self.env["account.journal"]._fields["type"]._description_selection(self.env))[
            kind
        ]
