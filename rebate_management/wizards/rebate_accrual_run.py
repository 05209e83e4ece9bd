"""The accrual run: brings the liability in the books to what is owed, by posting the change."""

from typing import NamedTuple

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import date_utils, format_date

from ..tools.acting import acting
from ..tools.locks import lock_all
from ..tools.trust import trusted
from .accrual_preview import AccrualPreview
from .monthly_accrual import accrue_companies


class Outcome(NamedTuple):
    """The posted entries of a run, sentences that name what was left out, and by accrual that could
    not be posted what must be mended."""

    moves: object
    left_out: list[str]
    problems: dict


class RebateAccrualRun(models.TransientModel):
    _name = "rebate.accrual.run"
    _description = "Accrual Run"
    _inherit = "rebate.bounds"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    date = fields.Date(
        string="Owed Up To",
        required=True,
        default=lambda self: self._default_date(),
        help="Invoices up to this day count, and the entries have this date. Where it is locked"
        " they have that of the first open day.",
    )
    program_ids = fields.Many2many(
        "rebate.program",
        string="Programs",
        check_company=True,
        # What is archived is hidden: left out, an empty list would stand for all.
        context={"active_test": False},
        help="Empty: all programs that accrue.",
    )
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    line_ids = fields.One2many("rebate.accrual.run.line", "run_id", readonly=True)
    total_ids = fields.One2many("rebate.accrual.run.total", "run_id", readonly=True)
    item_ids = fields.One2many("rebate.accrual.run.item", "run_id", readonly=True)
    is_previewed = fields.Boolean(readonly=True, copy=False)
    left_out = fields.Text(
        string="Not Posted", readonly=True, copy=False, help="What is not accrued, and why."
    )
    to_post_value = fields.Monetary(
        string="To Post",
        readonly=True,
        copy=False,
        currency_field="company_currency_id",
        help="By how much the liability in the books changes, in the currency of the company.",
    )
    can_post = fields.Boolean(
        readonly=True, copy=False, help="There is something to post, and nothing speaks against it."
    )

    @api.model
    def _default_date(self):
        """The end of last month, the day for which a run is usually made."""
        return date_utils.subtract(
            date_utils.start_of(fields.Date.context_today(self), "month"), days=1
        )

    @api.onchange("company_id", "date", "program_ids")
    def _onchange_question(self):
        """What was shown answered another question."""
        self.update(self._no_answer())

    def _no_answer(self):
        return {
            "line_ids": [Command.clear()],
            "total_ids": [Command.clear()],
            "item_ids": [Command.clear()],
            "is_previewed": False,
            "left_out": False,
            "to_post_value": 0,
            "can_post": False,
        }

    @api.depends_context("lang")
    def _compute_display_name(self):
        self.display_name = self.env._("Accrual Run")

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    @acting("write")
    def action_preview(self):
        """Show by program and distributor what is owed, what the books have and the change that
        posting brings, with the entries it makes. What cannot be posted is told, and not shown as
        to post. No entry is written."""
        self.ensure_one()
        owed, left_out = self._accruals()._find_owed(self.date)
        _problems, refused = self._refused(owed)
        shown = {accrual: part for accrual, part in owed.items() if accrual not in refused}
        entries = self.env["rebate.accrual"]._prepare_entries(
            {accrual: part.changes for accrual, part in shown.items() if part.changes},
            self.date,
            self._ref(),
        )
        preview = AccrualPreview(self, shown, entries)
        lines = preview.lines()
        trusted(self).write(
            self._no_answer()
            | {
                "line_ids": [Command.clear(), *map(Command.create, lines)],
                "total_ids": [Command.clear(), *map(Command.create, preview.totals(lines))],
                "item_ids": [Command.clear(), *map(Command.create, preview.items())],
                "left_out": "\n".join([*dict.fromkeys(refused.values()), *left_out]),
                "is_previewed": True,
                "to_post_value": sum(line["change_value"] for line in lines),
                "can_post": bool(entries),
            }
        )
        return True

    @acting("write")
    def action_run(self):
        """Post the change in what is owed since the last run, one entry a journal.

        :return: the posted entries; none where nothing has changed
        :raise UserError: when a program lacks what posting needs, or was accrued to a later day
        """
        return self._run().moves

    @acting("write")
    def action_run_and_open(self):
        """Run and show the entries, or say why there are none. After a preview what it showed as
        to post is posted: what cannot be was told there."""
        moves, left_out, _problems = self._run(is_tolerant=self.is_previewed)
        if not moves:
            raise UserError(
                "\n".join(
                    [
                        self.env._("Nothing to post: the books have what is owed up to this day."),
                        *left_out,
                    ]
                )
            )
        action = moves._rebate_view_entries(self.env._("Accrual Entries"))
        was_told = self.is_previewed
        # What was shown is in the books now.
        trusted(self).write(self._no_answer())
        if not left_out or was_told:
            return action
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "title": self.env._("Some programs were left out"),
                "message": "\n".join(left_out),
                "next": action,
            },
        }

    # ------------------------------------------------------------------
    # The run
    # ------------------------------------------------------------------

    @api.model
    def _cron_run(self):
        """Accrue each company's rebates up to the end of last month, and commit each."""
        accrue_companies(self.env)

    def _run(self, is_tolerant=False):
        """Post what changed.

        :param is_tolerant: leave out programs that cannot be posted for, and post the others
        :return: :class:`Outcome`
        :raise UserError: for programs that cannot be posted for, unless they are left out
        """
        self.ensure_one()
        accruals = self._accruals(is_exclusive=True)
        owed, left_out = accruals._find_owed(self.date)
        problems, refused = self._refused(owed)
        if refused and not is_tolerant:
            raise UserError("\n".join(dict.fromkeys(refused.values())))
        changes = {
            accrual: part.changes
            for accrual, part in owed.items()
            if part.changes and accrual not in refused
        }
        changing = accruals.browse().union(*changes)
        # A payout of the same moment is not in these figures: whoever is late begins anew.
        lock_all(changing)
        moves = accruals._book(changes, self.date, self._ref(), accrued_until=self.date)
        moves += changing._book_exchange_differences(self.date)
        for move in moves if left_out else ():
            move.message_post(body=self.env._("Not accrued: %s", " ".join(left_out)))
        return Outcome(moves, [*dict.fromkeys(refused.values()), *left_out], problems)

    def _ref(self):
        return self.env._("Rebate accruals up to %s", format_date(self.env, self.date))

    def _accruals(self, is_exclusive=False):
        """Find the accruals this run looks at, brought up to date: all periods begun by the day of
        programs that accrue, and whatever else is in the books.

        :param is_exclusive: of two runs at once, let the second begin anew and find the
            first's entries
        """
        domain = Domain("company_id", "=", self.company_id.id)
        if self.program_ids:
            domain &= Domain("program_id", "in", self.program_ids.ids)
        agreements = self.env["rebate.agreement"].search(
            domain
            & Domain("state", "in", ("active", "ended"))
            & Domain("program_id.state", "!=", "draft")
            & Domain("program_id.accrual_method", "!=", "none")
        )
        if is_exclusive:
            lock_all(agreements)
        agreements._ensure_accruals()
        accruals = self.env["rebate.accrual"].search(
            domain
            & Domain("date_from", "<=", self.date)
            & (Domain("agreement_id", "in", agreements.ids) | Domain("accrued_amount", "!=", 0)),
            order="program_id, partner_id, date_from, id",
        )
        accruals.refresh()
        return accruals

    def _refused(self, owed):
        """Find accruals with something to post that cannot be posted.

        :param owed: see :func:`find_owed`
        :return: a sentence by accrual of which something must be mended; and of all, those included
            that were accrued to a later day
        """
        changing = self.env["rebate.accrual"].union(
            *(accrual for accrual, part in owed.items() if part.changes)
        )
        problems = changing._posting_problems()
        accrued_after = changing.program_id._accrued_after(self.date)
        return problems, problems | {
            accrual: accrued_after[accrual.program_id]
            for accrual in changing
            if accrual.program_id in accrued_after
        }
