"""The settlement run: what distributors have earned and not yet been paid becomes proposals."""

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import date_utils

from ..models.rebate_turns import require_turn


class RebateSettlementRun(models.TransientModel):
    _name = "rebate.settlement.run"
    _description = "Settlement Run"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    date_to = fields.Date(
        string="Earned Up To",
        required=True,
        default=lambda self: self._default_date_to(),
        help="Invoices up to this day are paid for.",
    )
    kind = fields.Selection(
        [("final", "What is due"), ("interim", "All that is earned to date")],
        string="Pay",
        required=True,
        default="final",
        help="What is due: each program's settlement periods that are over by the day. All that is"
        " earned to date: running ones too, at today's tier. The next payout pays the difference.",
    )
    program_ids = fields.Many2many(
        "rebate.program", string="Programs", check_company=True, help="Empty: all programs."
    )
    partner_ids = fields.Many2many(
        "res.partner", string="Distributors", help="Empty: all distributors."
    )

    @api.model
    def _default_date_to(self):
        """The end of last quarter, the day for which a run is usually made."""
        return date_utils.subtract(
            date_utils.start_of(fields.Date.context_today(self), "quarter"), days=1
        )

    def action_run(self):
        """Propose a settlement for each partner who has something to receive.

        :return: the new settlements, in draft
        :raise UserError: when the day lies ahead
        """
        self.ensure_one()
        if self.date_to > fields.Date.context_today(self):
            raise UserError(
                self.env._(
                    "“Earned Up To” lies in the future, and later invoices may still change what"
                    " is due. Choose today or a day before."
                )
            )
        accruals = self._accruals()
        payable = self._payable(accruals)
        return self.env["rebate.settlement"].create(
            [
                self._prepare_settlement_vals(*key[:3], lines)
                for key, lines in self._group(payable).items()
            ]
        )

    def action_run_and_open(self):
        """Run and show the proposals, or say that nothing is due."""
        settlements = self.action_run()
        if not settlements:
            raise UserError(
                self.env._(
                    "Nothing is due: all that was earned up to this day is settled or proposed"
                    " already."
                )
            )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "rebate_management.rebate_settlement_action"
        )
        return action | {"domain": [("id", "in", settlements.ids)], "context": {}}

    # ------------------------------------------------------------------
    # What is payable
    # ------------------------------------------------------------------

    def _accruals(self):
        """Find the accruals this run pays, brought into being up to today."""
        domain = Domain("company_id", "=", self.company_id.id)
        if self.program_ids:
            domain &= Domain("program_id", "in", self.program_ids.ids)
        if self.partner_ids:
            domain &= Domain("partner_id", "in", self.partner_ids.commercial_partner_id.ids)
        agreements = self.env["rebate.agreement"].search(
            domain
            & Domain("state", "in", ("active", "ended"))
            & Domain("program_id.state", "!=", "draft")
        )
        # Of two runs at once, the second begins anew and finds the first's proposals.
        require_turn(agreements)
        agreements._ensure_accruals()
        accruals = (
            self.env["rebate.accrual"]
            .search(
                domain
                & Domain("agreement_id", "in", agreements.ids)
                & Domain("date_from", "<=", self.date_to),
                order="agreement_id, date_from",
            )
            .filtered(self._paid_until)
        )
        accruals.refresh()
        return accruals

    def _paid_until(self, accrual):
        """Tell up to which day the run pays for an accrual's period.

        :return: the run's day, or the end of the last settlement period that is over by then;
            None where none is
        """
        if self.kind == "interim":
            return self.date_to
        spans = accrual.program_id._settlement_periods(
            accrual.date_from, accrual.date_to, self.date_to
        )
        return max((last for _first, last in spans if last <= self.date_to), default=None)

    def _payable(self, accruals):
        """Compute earned up to the day − settled − already proposed, by accrual.

        A negative sum over an agreement is carried forward: nothing is paid until it is made up.
        """
        # What cannot be computed is not paid, and keeps nobody else from being paid.
        accruals = accruals.filtered(
            lambda accrual: not accrual.problem and not accrual._awaits_claim()
        )
        results = self.env["rebate.calculation"]._calculate(
            window
            for accrual in accruals
            for window in accrual._windows(until=self._paid_until(accrual))
        )
        taken = dict(
            self.env["rebate.settlement.line"]._read_group(
                [
                    ("accrual_id", "in", accruals.ids),
                    ("state", "not in", ("rejected", "cancelled")),
                ],
                ["accrual_id"],
                ["amount:sum"],
            )
        )
        payable = {}
        for accrual in accruals:
            amount = accrual.currency_id.round(
                float(results[accrual.id].earned) - taken.get(accrual, 0)
            )
            if not accrual.currency_id.is_zero(amount):
                payable[accrual] = (amount, results[accrual.id])
        return payable

    def _group(self, payable):
        """Group what is payable into documents: one a partner, currency and journal."""
        due = {}
        for accrual, (amount, _result) in payable.items():
            agreement = accrual.agreement_id
            due[agreement] = due.get(agreement, 0) + amount
        groups = {}
        for accrual, (amount, result) in payable.items():
            agreement = accrual.agreement_id
            program = agreement.program_id
            if program._carries_forward(due[agreement]):
                continue
            partner = agreement.payout_partner_id or agreement.partner_id
            journal = program._payout_journal(due[agreement])
            group = program._payout_group(due[agreement])
            groups.setdefault((partner, accrual.currency_id, journal, group), []).append(
                self._prepare_line_vals(accrual, amount, result, partner)
            )
        return groups

    def _prepare_settlement_vals(self, partner, currency, journal, lines):
        return {
            "partner_id": partner.id,
            "company_id": self.company_id.id,
            "currency_id": currency.id,
            "journal_id": journal.id,
            "date": fields.Date.context_today(self),
            "line_ids": [Command.create(vals) for vals in lines],
        }

    def _prepare_line_vals(self, accrual, amount, result, partner):
        """Describe the payout of one accrual in the language of the partner who receives it."""
        accrual = accrual.with_context(lang=partner.lang)
        calculation = self.env["rebate.calculation"].with_context(lang=partner.lang)
        texts = {"program": accrual.program_id.name, "period": accrual._format_period()}
        if accrual.settled_amount:
            name = accrual.env._("Rebate %(program)s, %(period)s, difference to date", **texts)
        else:
            name = accrual.env._("Rebate %(program)s, %(period)s", **texts)
        return {
            "accrual_id": accrual.id,
            "date_until": self._paid_until(accrual),
            "amount": amount,
            "name": name,
            "explanation": "\n".join(calculation._explain_result(result, accrual.currency_id)),
        }
