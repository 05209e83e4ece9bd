"""Invoice lines as a rebate counts them."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ...tools.apart import apart
from ...tools.rates import rate_that_led
from ...tools.trust import is_trusted
from . import exclusion, payout_protection


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    rebate_exclusion = fields.Selection(
        exclusion.EXCLUSIONS,
        compute="_compute_rebate_exclusion",
        store=True,
        readonly=False,
        copy=True,
        help="Money, no units: a discount, a price allowance or a price debit, which changes what"
        " was paid but moves no goods. A discount of its own, by a product that is no goods or by"
        " none, is shared over the lines that it lowers. Earns nothing: no rebate counts the"
        " line. Empty: it counts.",
    )
    rebate_net_amount = fields.Monetary(
        string="Counted",
        compute="_compute_rebate_net_amount",
        currency_field="currency_id",
        help="The untaxed amount of the line in the invoice's currency, negative for returns, with"
        " its part of the discounts that stand on lines of their own.",
    )
    rebate_share = fields.Monetary(
        string="Rebate",
        compute="_compute_rebate_share",
        currency_field="rebate_currency_id",
        help="The line's part of the rebate of the accrual whose invoice lines are shown.",
    )
    rebate_currency_id = fields.Many2one("res.currency", compute="_compute_rebate_share")
    rebate_rate = fields.Char(
        string="Rate",
        compute="_compute_rebate_share",
        help="By which one comes from what the line counts to its rebate: the rate of the tier, or"
        " where it pays on but a part of the purchases, as growth and tiers in bands do, the rate"
        " that results.",
    )
    rebate_program_name = fields.Char(
        string="Program",
        compute="_compute_rebate_share",
        help="The programs whose invoice lines are shown and that count this one.",
    )

    rebate_accrual_id = fields.Many2one(
        "rebate.accrual",
        ondelete="restrict",
        index="btree_not_null",
        copy=False,
        readonly=True,
        help="The accrual whose liability this item raises or lowers.",
    )

    # Which documents have discounts on lines of their own, or price allowances: see IS_MONEY.
    _rebate_money_idx = models.Index(
        "(move_id) WHERE display_type = 'product'"
        " AND (rebate_exclusion = 'quantity' OR price_unit < 0)"
    )
    # Which documents have advances, or deduct them.
    _rebate_advance_idx = models.Index("(move_id) WHERE is_downpayment")

    @api.depends("product_id")
    def _compute_rebate_exclusion(self):
        exclusion.take_over(
            self,
            lambda line: (
                line.display_type == "product"
                and line.move_id.is_sale_document(include_receipts=True)
            ),
        )

    @api.depends("price_subtotal", "move_id.move_type", "parent_state", "rebate_exclusion")
    def _compute_rebate_net_amount(self):
        posted = self.filtered(lambda line: line.parent_state == "posted")
        self.env["rebate.measure"]._flush_sources()
        discounts = self.env["rebate.measure"]._line_discounts(posted.ids) if posted else {}
        for line in self:
            sign = -1 if line.move_id.move_type == "out_refund" else 1
            line.rebate_net_amount = sign * (line.price_subtotal + float(discounts.get(line.id, 0)))

    @api.depends_context("rebate_accrual_ids", "rebate_rule_id", "uid", "allowed_company_ids")
    def _compute_rebate_share(self):
        accruals = self._rebate_shown_accruals()
        rule_id = self.env.context.get("rebate_rule_id")
        found = {}
        # One that cannot be computed shows no share, and keeps none of the others from theirs.
        for _accruals, shares, _error in apart(accruals, lambda some: some._share_rows(rule_id)):
            for accrual_line, parts in (shares or {}).items():
                for part in parts:
                    found.setdefault(part.line_id, []).append((accrual_line, part))
        for line in self:
            rows = found.get(line.id, ())
            line.rebate_share = sum(part.rebate for _accrual_line, part in rows)
            line.rebate_currency_id = accruals.currency_id
            line.rebate_rate = " + ".join(
                rate_that_led(
                    self.env,
                    Decimal(str(accrual_line.rate)),
                    accrual_line.tier_id.rate_type or "percent",
                    (part.amount, part.quantity),
                    part.rebate,
                    accruals.currency_id,
                )
                for accrual_line, part in rows
            )
            line.rebate_program_name = ", ".join(
                dict.fromkeys(
                    accrual_line.accrual_id.program_id.display_name for accrual_line, _part in rows
                )
            )

    def _auto_init(self):
        exclusion.create_empty_column(self)
        return super()._auto_init()

    @api.model_create_multi
    def create(self, vals_list):
        if not is_trusted(self.env):
            payouts = payout_protection.payouts(
                self.env, [vals.get("move_id") for vals in vals_list]
            )
            payouts._rebate_check_kept(is_taken_away=False)
        return super().create(vals_list)

    def write(self, vals):
        """Let those who answer for rebates alone say of a posted line what of it counts: it changes
        what was earned. The invoice tells who said it, and the figures follow. Items of payouts
        stay as they are."""
        payout_protection.check_items_written(self, vals)
        if "rebate_exclusion" not in vals:
            return super().write(vals)
        value = vals["rebate_exclusion"] or False
        changing = self.filtered(
            lambda line: line.parent_state == "posted" and line.rebate_exclusion != value
        )
        changing._rebate_check_may_exclude()
        before = {line: line.rebate_exclusion for line in changing}
        result = super().write(vals)
        changing._rebate_tell_exclusion(before)
        self.env["rebate.queue"]._append(changing.move_id)
        return result

    def unlink(self):
        payout_protection.payouts(self.env, self.move_id.ids)._rebate_check_kept()
        return super().unlink()

    # ------------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------------

    def _rebate_shown_accruals(self):
        """The accruals whose invoice lines are shown, if the user may read them and their rebates
        are in one currency; anyone could name any accrual in the context."""
        accruals = self.env["rebate.accrual"].browse(self.env.context.get("rebate_accrual_ids", ()))
        if not accruals.has_access("read") or len(accruals.exists().currency_id) > 1:
            return accruals.browse()
        return accruals.exists()

    def _rebate_check_may_exclude(self):
        """Refuse to change what counts of posted lines.

        :raise AccessError: for users who neither manage rebates nor pay them out
        """
        if not self or self.env.su:
            return
        if not any(
            self.env.user.has_group(f"rebate_management.group_rebate_{role}")
            for role in ("manager", "accountant")
        ):
            raise AccessError(
                self.env._(
                    "Invoice %(invoice)s is posted: whether its line “%(line)s” counts for a rebate"
                    " can only be changed by a rebate manager or accountant. Ask one of them, or"
                    " reset the invoice to draft.",
                    invoice=self[0].move_id.name,
                    line=self[0].name or self[0].product_id.display_name or "",
                )
            )

    def _rebate_tell_exclusion(self, before):
        """Tell on the invoices what was changed of their lines.

        :param before: what was said of each line before
        """
        labels = dict(self._fields["rebate_exclusion"]._description_selection(self.env))
        labels[False] = self.env._("Counts")
        for line, former in before.items():
            line.move_id._message_log(
                body=self.env._(
                    "Rebate of the line “%(line)s”: %(before)s → %(after)s",
                    line=line.name or line.product_id.display_name or "",
                    before=labels[former],
                    after=labels[line.rebate_exclusion],
                )
            )

    # ------------------------------------------------------------------
    # Journal items on the liability account know the accrual they are of
    # ------------------------------------------------------------------

    def _copy_data_extend_business_fields(self, values):
        # Reversing an entry gives the accrual its amount back; a mere copy is none of it, whatever
        # a client asks to be copied.
        result = super()._copy_data_extend_business_fields(values)
        if is_trusted(self.env):
            values["rebate_accrual_id"] = self.rebate_accrual_id.id
        return result
