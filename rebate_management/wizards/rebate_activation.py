"""What is earned at once when agreements become active: shown before, where periods are over."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_amount, format_date

from ..tools.acting import acting
from ..tools.trust import trusted


class RebateActivation(models.TransientModel):
    _name = "rebate.activation"
    _description = "Activation"

    program_id = fields.Many2one(
        "rebate.program",
        readonly=True,
        help="The program that is to be activated; empty: only agreements are.",
    )
    agreement_ids = fields.Many2many("rebate.agreement", string="Agreements", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    line_ids = fields.One2many("rebate.activation.line", "activation_id", readonly=True)
    earned_amount = fields.Monetary(
        string="Earned at Once",
        readonly=True,
        help="What the periods that are over have earned, and the running one to date.",
    )
    past_amount = fields.Monetary(string="Of Periods That Are Over", readonly=True)
    is_one = fields.Boolean(compute="_compute_hint")
    hint = fields.Char(compute="_compute_hint")

    @api.depends("agreement_ids", "line_ids.earned_amount")
    @api.depends_context("lang")
    def _compute_hint(self):
        for wizard in self:
            wizard.is_one = len(wizard.agreement_ids) == 1
            over = wizard.line_ids.filtered("is_over").grouped("currency_id")
            wizard.hint = self.env._(
                "Periods that are over count too: %s will be earned as soon as this is active. To"
                " leave them out, discard this and enter a later first day in the agreement.",
                " + ".join(
                    format_amount(self.env, sum(lines.mapped("earned_amount")), currency)
                    for currency, lines in over.items()
                ),
            )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    @acting("write")
    def action_activate(self):
        """Activate what was asked about."""
        self.ensure_one()
        if self.program_id:
            self.program_id.action_activate()
        else:
            self.agreement_ids.action_activate()
        return {"type": "ir.actions.act_window_close"}

    # ------------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------------

    @api.model
    def _ask(self, agreements, program=None):
        """Show what agreements earn at once when they become active.

        :param program: that becomes active with them
        :return: an action; None where no period that is over has earned anything
        """
        today = fields.Date.context_today(self)
        begun = agreements.filtered(lambda agreement: agreement.state != "ended")
        if not program and set(begun.program_id.mapped("state")) - {"active"}:
            # It will be refused, in a sentence of its own.
            return None
        if not any(
            last < today for agreement in begun for _first, last in agreement._periods(today)
        ):
            return None
        taken = self.env["rebate.calculation"]._taken_in(begun)
        if not any(one.is_over and one.earned for one in taken):
            return None
        wizard = trusted(self).create(self._prepare_vals(agreements, program, taken))
        lines = [
            {"activation_id": wizard.id, **self._prepare_line_vals(one, today)}
            for one in taken
            if one.purchases or one.earned
        ]
        trusted(self.env["rebate.activation.line"]).create(lines)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Activate"),
            "res_model": self._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
        }

    def _prepare_vals(self, agreements, program, taken):
        """Values of the preview as a whole; sums where all is in one currency."""
        currencies = agreements.currency_id
        is_one_currency = len(currencies) == 1
        return {
            "program_id": program.id if program else False,
            "agreement_ids": agreements.ids,
            "company_id": agreements.company_id[:1].id,
            "currency_id": currencies[:1].id,
            "earned_amount": is_one_currency and float(sum(one.earned for one in taken)),
            "past_amount": is_one_currency
            and float(sum(one.earned for one in taken if one.is_over)),
        }

    def _prepare_line_vals(self, taken, today):
        """Values of a period that has begun."""
        program = taken.agreement.program_id
        deadline = taken.last + timedelta(days=program.claim_deadline_days)
        note = False
        if not taken.is_over:
            note = self.env._("Still running: to date")
        elif program.claim_required and deadline < today:
            note = self.env._(
                "Was to be claimed until %s: it expires", format_date(self.env, deadline)
            )
        return {
            "agreement_id": taken.agreement.id,
            "date_from": taken.first,
            "date_to": taken.last,
            "is_over": taken.is_over,
            "purchases_amount": float(taken.purchases),
            "earned_amount": float(taken.earned),
            "note": note,
        }
