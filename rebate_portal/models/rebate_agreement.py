"""Agreements have a page in the portal: where they stand on the calendar, how far the distributor
has come, and the documents behind the figures.

Every figure comes from ``rebate_management``. Sentences are made whole, so that a translator sees
one sentence and not its pieces.
"""

from markupsafe import Markup

from odoo import fields, models
from odoo.tools import format_amount, format_date

from odoo.addons.rebate_management.models.measure.purchases import Window
from odoo.addons.rebate_management.models.program.choices import tell
from odoo.addons.rebate_management.models.program.qualifiers import GROWTH_REWARDS
from odoo.addons.rebate_management.models.program.tier_methods import TIER_METHODS
from odoo.addons.rebate_management.tools.apart import apart
from odoo.addons.rebate_management.tools.formats import format_quantity, format_rate

# What the portal may show at all; a draft is still being prepared.
PORTAL_STATES = ("active", "ended")

# Where an agreement stands on the calendar, in the order of what a distributor looks for first;
# "revised": its terms are being corrected.
PORTAL_STATUSES = ("running", "revised", "upcoming", "ended")


class RebateAgreement(models.Model):
    _name = "rebate.agreement"
    _inherit = ["rebate.agreement", "portal.mixin"]

    def _compute_access_url(self):
        for agreement in self:
            agreement.access_url = f"/my/rebates/{agreement.id}"

    def action_preview(self):
        """Show an employee the page as the distributor sees it."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "target": "self", "url": self.get_portal_url()}

    def _portal_status(self, is_running):
        """Say where the agreement stands on the calendar.

        :param is_running: whether a period of it is measured today
        :return: one of ``PORTAL_STATUSES``
        """
        self.ensure_one()
        if is_running:
            return "running"
        if self.state == "active" and self.program_id.state == "draft":
            return "revised"
        begins = max(self.date_start, self.program_id.date_start)
        if self.state == "active" and begins > fields.Date.context_today(self):
            return "upcoming"
        return "ended"

    def _portal_days_left(self, until):
        """Say how long a running period still lasts."""
        days = (until - fields.Date.context_today(self)).days
        if days == 0:
            return self.env._("Last day")
        if days == 1:
            return self.env._("1 day left")
        return self.env._("%s days left", days)

    # ------------------------------------------------------------------
    # Progress: tiers, the progress bar, the next step
    # ------------------------------------------------------------------

    def _portal_rules(self, period=None, result=None):
        """Describe each rule of the program with its tiers and, in a running period, how far the
        distributor has come.

        :param period: ``(first day, last day)`` of the running period, if there is one
        :param result: the live ``Result`` of that period
        :return: a list of dicts for the template
        """
        self.ensure_one()
        calculation = self.env["rebate.calculation"]
        if not result:
            return [
                {
                    "rule": rule,
                    "result": None,
                    "tiers": self._portal_tiers(calculation._terms(rule, self._tiers(rule))),
                }
                for rule in self.program_id.rule_ids
            ]
        return [
            {
                "rule": rule_result.rule,
                "result": rule_result,
                "tiers": self._portal_tiers(rule_result.case.terms, rule_result.outcome),
                "bands": self._portal_bands(rule_result.case.terms, rule_result.outcome.value),
                "goal": float(rule_result.goal),
                "next_step": self._portal_next_step(
                    rule_result.rule,
                    period[1],
                    rule_result.tier,
                    rule_result.next_tier,
                    rule_result.to_next,
                    result.gain(rule_result),
                ),
                "explanation": calculation._explain(rule_result.facts, self.currency_id),
            }
            for rule_result in result.rules
        ]

    def _portal_limits(self, result):
        """Say which of the program's limits changed what its rules earned.

        :param result: the live ``Result`` of the running period, if there is one
        :return: sentences
        """
        self.ensure_one()
        if not result:
            return []
        calculation = self.env["rebate.calculation"]
        return calculation._explain_limits(result.facts, self.currency_id)

    def _portal_tiers(self, terms, outcome=None):
        """Describe the rows of a tier table, with the thresholds and rates that apply."""
        return [
            {
                "threshold": terms.rule._format_measure(tier.threshold),
                "rate": format_rate(self.env, tier.rate, tier.rate_type, self.currency_id),
                "is_reached": outcome is not None
                and outcome.reached is not None
                and position <= outcome.reached,
                "is_current": outcome is not None and position == outcome.reached,
                "is_next": outcome is not None and position == outcome.following,
            }
            for position, tier in enumerate(terms.scale)
        ]

    def _portal_bands(self, terms, value):
        """Cut the progress bar into the bands between thresholds, all of one width, and say how
        far each is filled. A band without a tier lies below the first threshold.

        :param value: what has been bought
        """
        scale = terms.scale
        bands = []
        if scale and scale[0].threshold > 0:
            bands.append(self._portal_band(terms, None, 0, scale[0].threshold, value))
        ends = [*(tier.threshold for tier in scale[1:]), None]
        for tier, end in zip(scale, ends, strict=True):
            bands.append(self._portal_band(terms, tier, tier.threshold, end, value))
        return bands

    def _portal_band(self, terms, tier, start, end, value):
        is_reached = value >= start
        if end is None:
            filled = 100 if is_reached else 0
        else:
            filled = 100 * min(1, max(0, float((value - start) / (end - start))))
        rate = tier and format_rate(self.env, tier.rate, tier.rate_type, self.currency_id)
        start_text = tier and terms.rule._format_measure(tier.threshold, trailing_zeroes=False)
        return {
            "filled": round(filled, 2),
            "is_current": is_reached and (end is None or value < end),
            "rate": rate or "",
            "start": start_text or "",
        }

    # ------------------------------------------------------------------
    # Sentences
    # ------------------------------------------------------------------

    def _portal_next_step(self, rule, until, tier, next_tier, missing, gain):
        """Say what to buy by when, and what it would be worth.

        :param until: the last day of the period
        :param missing: purchases still needed, in what reaches the tiers
        :param gain: what the rebate would grow by
        :return: a sentence with its figures in bold
        """
        self.ensure_one()
        if not tier and not next_tier and not rule._is_growth():
            return self.env._("There is no target yet with which your purchases are compared.")
        if not tier and not next_tier:
            return self.env._("There is no baseline yet with which your growth is compared.")
        if not next_tier:
            return self.env._(
                "You have reached the highest tier: %(rate)s.",
                rate=self._portal_bold(tier._format_rate()),
            )
        values = {
            "missing": self._portal_bold(next_tier.rule_id._format_purchases(missing)),
            "date": self._portal_bold(format_date(self.env, until, date_format="medium")),
            "rate": self._portal_bold(next_tier._format_rate()),
        }
        if gain <= 0:
            return self.env._("Buy %(missing)s more by %(date)s to reach %(rate)s.", **values)
        return self.env._(
            "Buy %(missing)s more by %(date)s to reach %(rate)s, worth %(gain)s more.",
            gain=self._portal_bold(self._portal_money(gain)),
            **values,
        )

    def _portal_current_step(self):
        """The sentence of :meth:`_portal_next_step` for the rule whose next tier is nearest."""
        self.ensure_one()
        return self._portal_next_step(
            (self.current_tier_id or self.current_next_tier_id).rule_id
            or self.program_id.rule_ids[:1],
            self.current_date_to,
            self.current_tier_id,
            self.current_next_tier_id,
            self.current_to_next_tier,
            self.current_next_gain,
        )

    def _portal_method(self, rule):
        """Say how the tiers of a rule apply."""
        self.ensure_one()
        if reward := rule._reward():
            return tell(self.env, GROWTH_REWARDS[reward].to_distributor)
        method = TIER_METHODS[self.program_id.tier_method]
        return tell(self.env, method.to_distributor or method.sentence)

    def _portal_money(self, amount):
        return format_amount(self.env, float(amount), self.currency_id)

    def _portal_purchases(self, result):
        """Write what was bought, in money or in units, as the program counts."""
        self.ensure_one()
        if self.program_id.measure == "amount":
            return self._portal_money(result.purchases.amount)
        return format_quantity(self.env, result.purchases.quantity, self.program_id.uom_id.name)

    @staticmethod
    def _portal_bold(text):
        return Markup("<strong class='text-nowrap'>%s</strong>") % text

    # ------------------------------------------------------------------
    # Documents behind the figures
    # ------------------------------------------------------------------

    def _portal_invoice_lines(self, period):
        """Find the invoice lines that count in a period.

        :param period: ``(first day, last day)``
        :return: a domain on ``account.move.line`` and the number of invoices they are on; None
            where the program cannot be computed
        """
        self.ensure_one()
        window = Window(self.id, self.id, *period)
        [(_self, line_ids, error)] = apart(
            self, lambda _self: self.env["rebate.measure"]._line_ids([window])
        )
        if error:
            return None
        domain = [("id", "in", line_ids)]
        [(count,)] = self.env["account.move.line"]._read_group(
            domain, aggregates=["move_id:count_distinct"]
        )
        return domain, count

    def _portal_invoices(self, domain, limit=None, offset=0):
        """Sum counted invoice lines by invoice, the latest first, each in its own currency.

        :param domain: see :meth:`_portal_invoice_lines`
        :return: a list of dicts for the template; ``amount`` is untaxed, negative for a return
        """
        self.ensure_one()
        groups = self.env["account.move.line"]._read_group(
            domain,
            ["move_id", "currency_id"],
            ["id:recordset", "invoice_date:max", "id:max"],
            order="invoice_date:max DESC, id:max DESC",
            limit=limit,
            offset=offset,
        )
        return [
            {
                "move": move,
                "currency": currency,
                # with its part of discounts that stand on lines of their own
                "amount": sum(lines.mapped("rebate_net_amount")),
                "is_converted": currency != self.currency_id,
            }
            for move, currency, lines, _date, _id in groups
        ]

    def _portal_periods(self, running=None):
        """List the periods other than the running one, the latest first.

        :param running: ``(first day, last day)``
        """
        self.ensure_one()
        return self.accrual_ids.filtered(
            lambda accrual: not running or accrual.date_from != running[0]
        ).sorted("date_from", reverse=True)

    def _portal_payouts(self):
        """List what was paid, the latest first, each with the credit note to download.

        :return: a list of dicts for the template
        """
        self.ensure_one()
        lines = self.env["rebate.settlement.line"].search(
            [
                ("accrual_id", "in", self.accrual_ids.ids),
                ("state", "in", ("posted", "paid")),
            ]
        )
        return [
            {"line": line, "credit_note": self._portal_credit_note(line.settlement_id)}
            for line in lines.sorted(lambda line: (line.settlement_id.date, line.id), reverse=True)
        ]

    def _portal_credit_note(self, settlement):
        """Find the credit note that paid a settlement, if this distributor may see all of it.

        A payout partner of several distributors gets one credit note for all of them, which
        tells each what the others earned.
        """
        if settlement.line_ids.accrual_id.partner_id != self.partner_id:
            return self.env["account.move"]
        return settlement.move_ids.filtered(
            lambda move: move.move_type == "out_refund" and move.state == "posted"
        )[:1]
