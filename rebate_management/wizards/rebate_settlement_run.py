"""The settlement run: what distributors have earned and not yet been paid becomes proposals."""

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import date_utils

from ..models.settlement.previewing import preview_run
from ..tools.acting import acting
from ..tools.trust import trusted

# More partners than these are settled by a job, while the user goes on with other work.
PARTNERS_AT_ONCE = 100


class RebateSettlementRun(models.TransientModel):
    _name = "rebate.settlement.run"
    _description = "Settlement Run"
    _inherit = "rebate.bounds"
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
        "rebate.program",
        string="Programs",
        check_company=True,
        # What is archived is hidden: left out, an empty list would stand for all.
        context={"active_test": False},
        help="Empty: all programs.",
    )
    partner_ids = fields.Many2many(
        "res.partner",
        string="Distributors",
        check_company=True,
        context={"active_test": False},
        help="Empty: all distributors.",
    )
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    line_ids = fields.One2many("rebate.settlement.run.line", "run_id", readonly=True)
    left_ids = fields.One2many("rebate.settlement.run.left", "run_id", readonly=True)
    is_previewed = fields.Boolean(readonly=True, copy=False)
    settlement_count = fields.Integer(string="Settlements", readonly=True, copy=False)
    left_count = fields.Integer(string="Left Out", readonly=True, copy=False)
    idle_count = fields.Integer(
        readonly=True, copy=False, help="Agreements with nothing that is not paid."
    )
    total_value = fields.Monetary(
        string="To Be Proposed",
        readonly=True,
        copy=False,
        currency_field="company_currency_id",
        help="All settlements, in the currency of the company.",
    )

    @api.model
    def _default_date_to(self):
        """The end of last quarter, the day for which a run is usually made."""
        return date_utils.subtract(
            date_utils.start_of(fields.Date.context_today(self), "quarter"), days=1
        )

    @api.onchange("company_id", "date_to", "kind", "program_ids", "partner_ids")
    def _onchange_question(self):
        """What was shown answered another question."""
        self.update(self._no_answer())

    def _no_answer(self):
        return {
            "line_ids": [Command.clear()],
            "left_ids": [Command.clear()],
            "is_previewed": False,
            "settlement_count": 0,
            "left_count": 0,
            "idle_count": 0,
            "total_value": 0,
        }

    @api.depends_context("lang")
    def _compute_display_name(self):
        self.display_name = self.env._("Settlement Run")

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    @acting("write")
    def action_preview(self):
        """Show whom :meth:`action_run` would pay how much, and who is left out and why. Nothing
        is proposed, and no number of a settlement is drawn."""
        self.ensure_one()
        preview = preview_run(self.env, self._begin)
        trusted(self).write(
            self._no_answer()
            | {
                "line_ids": [Command.clear(), *map(Command.create, preview.settlements)],
                "left_ids": [Command.clear(), *map(Command.create, preview.left_out)],
                "is_previewed": True,
                "settlement_count": len(preview.settlements),
                "left_count": len(preview.left_out),
                "idle_count": preview.idle,
                "total_value": sum(row["value"] for row in preview.settlements),
            }
        )
        return True

    @acting("write")
    def action_run(self):
        """Propose a settlement for each partner who has something to receive, all at once.

        :return: the new settlements, in draft
        :raise UserError: when the day lies ahead
        """
        batch = self._begin()
        batch._step()
        return batch.settlement_ids

    @acting("write")
    def action_run_and_open(self):
        """Run and show the proposals and what was carried over, or say that nothing is due. Where
        many are to be settled, a job does it and its progress is shown."""
        batch = self._begin()
        # What was shown is proposed now.
        trusted(self).write(self._no_answer())
        if batch.total > PARTNERS_AT_ONCE:
            batch._wake()
            return self._open(batch)
        batch._step()
        if batch.carryover_ids:
            return self._open(batch)
        if batch.settlement_ids:
            return batch.action_view_settlements()
        raise UserError(
            self.env._(
                "Nothing is due: all that was earned up to this day is settled or proposed already."
            )
        )

    def _begin(self):
        self.ensure_one()
        if self.date_to > fields.Date.context_today(self):
            raise UserError(
                self.env._(
                    "“Earned Up To” lies in the future, and later invoices may still change what"
                    " is due. Choose today or a day before."
                )
            )
        return self.env["rebate.settlement.batch"]._begin(**self._prepare_batch_vals())

    def _prepare_batch_vals(self):
        return {
            "company_id": self.company_id.id,
            "date_to": self.date_to,
            "kind": self.kind,
            "program_ids": self.program_ids.ids,
            "partner_ids": self.partner_ids.ids,
        }

    def _open(self, batch):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "rebate_management.rebate_settlement_batch_action"
        )
        return action | {"views": [(False, "form")], "res_id": batch.id, "context": {}}
