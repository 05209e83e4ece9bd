"""A settlement run as it goes along: what was asked for, how far it is, and what came of it."""

from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_date, formatLang

from ...tools.acting import acting
from ...tools.locks import lock_all, lock_available
from ...tools.retrying import DISTURBED, retry
from ...tools.trust import trusted
from .causes import tell_causes
from .final_rests import find_bookable, find_finished, find_last_payouts, release_rests
from .netting import Decision, due_date, group_by_payout, offset_overpaid
from .payable import compute_payable, find_overpaid_elsewhere

PARTNERS_A_STEP = 100
UNDER_WAY = ("waiting", "running")
# Seconds until the job looks again at a run that it could not go on with.
PAUSE = 60


class RebateSettlementBatch(models.Model):
    """Begun by the wizard or by the calendar, and written by the run alone. The payout partners
    are settled in the order of their ids; how far it is and what is proposed are stored in one
    transaction, so that wherever a run is interrupted, it goes on with the next partner."""

    _name = "rebate.settlement.batch"
    _description = "Settlement Run in Progress"
    _order = "id desc"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    date_to = fields.Date(string="Earned Up To", required=True, readonly=True)
    kind = fields.Selection(
        selection=lambda self: (
            self.env["rebate.settlement.run"]._fields["kind"]._description_selection(self.env)
        ),
        string="Pay",
        required=True,
        readonly=True,
    )
    program_ids = fields.Many2many(
        "rebate.program",
        string="Programs",
        # What is archived is hidden: left out, an empty list would stand for all.
        context={"active_test": False},
        readonly=True,
    )
    partner_ids = fields.Many2many(
        "res.partner", string="Distributors", context={"active_test": False}, readonly=True
    )
    user_id = fields.Many2one(
        "res.users", string="Started By", required=True, readonly=True, ondelete="restrict"
    )
    is_automatic = fields.Boolean(
        string="By the Calendar", readonly=True, help="Begun when a settlement period was over."
    )
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("running", "Running"),
            ("done", "Done"),
            ("failed", "Failed"),
            ("stopped", "Stopped"),
        ],
        string="Status",
        default="waiting",
        required=True,
        readonly=True,
        index=True,
    )
    total = fields.Integer(string="Partners", readonly=True)
    done = fields.Integer(string="Partners Done", readonly=True)
    progress = fields.Float(compute="_compute_progress", help="In percent.")
    progress_text = fields.Char(string="Done", compute="_compute_progress")
    last_partner = fields.Integer(
        readonly=True, help="The id of the last partner who was settled; the next has a greater."
    )
    problem = fields.Text(readonly=True)
    finished_at = fields.Datetime(string="Finished On", readonly=True)
    settlement_ids = fields.One2many("rebate.settlement", "batch_id", readonly=True)
    settlement_count = fields.Integer(compute="_compute_settlement_count")
    carryover_ids = fields.One2many("rebate.settlement.carryover", "batch_id", readonly=True)

    @api.depends("total", "done", "state")
    def _compute_progress(self):
        for batch in self:
            # Who is enrolled meanwhile is settled too, so that there may be more than at first.
            total = max(batch.total, batch.done)
            batch.progress = 100 * batch.done / total if total else 100.0
            batch.progress_text = self.env._("%(done)s of %(total)s", done=batch.done, total=total)

    def _compute_settlement_count(self):
        counts = dict(
            self.env["rebate.settlement"]._read_group(
                [("batch_id", "in", self.ids)], ["batch_id"], ["__count"]
            )
        )
        for batch in self:
            batch.settlement_count = counts.get(batch, 0)

    @api.depends("date_to", "kind")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for batch in self:
            batch.display_name = self.env._(
                "%(kind)s up to %(day)s",
                kind=kinds.get(batch.kind, ""),
                day=format_date(self.env, batch.date_to),
            )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_view_settlements(self):
        """Open what the run has proposed."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "rebate_management.rebate_settlement_action"
        )
        return action | {"domain": [("batch_id", "=", self.id)], "context": {}}

    @acting()
    def action_stop(self):
        """Have the run propose no more; what it proposed stays."""
        self._require_starter()
        # Nobody may write a run but the run itself.
        under_way = self.filtered(lambda batch: batch.state in ("waiting", "running")).sudo()
        trusted(under_way).state = "stopped"
        return True

    @acting()
    def action_continue(self):
        """Go on where the run failed or was stopped."""
        self._require_starter()
        # As in action_stop.
        halted = self.filtered(lambda batch: batch.state in ("failed", "stopped")).sudo()
        trusted(halted).write({"state": "waiting", "problem": False})
        halted._wake()
        return True

    def _require_starter(self):
        """Refuse what only those may who may start a run."""
        self.env["rebate.settlement.run"].check_access("create")

    # ------------------------------------------------------------------
    # Who is to be settled
    # ------------------------------------------------------------------

    def _agreement_domain(self):
        """The agreements that the run is about."""
        self.ensure_one()
        domain = (
            Domain("company_id", "=", self.company_id.id)
            & Domain("state", "in", ("active", "ended"))
            & Domain("program_id.state", "!=", "draft")
        )
        if self.program_ids:
            domain &= Domain("program_id", "in", self.program_ids.ids)
        if self.partner_ids:
            domain &= Domain("partner_id", "in", self.partner_ids.commercial_partner_id.ids)
        return domain

    def _payout_partners(self, limit=None):
        """Find who receives the payouts that the run has not come to yet.

        :param limit: at most so many
        :return: their ids in ascending order
        """
        agreements = self.env["rebate.agreement"]
        agreements.flush_model(["partner_id", "payout_partner_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT COALESCE(payout_partner_id, partner_id) AS id
                  FROM rebate_agreement
                 WHERE id IN %s AND COALESCE(payout_partner_id, partner_id) > %s
              ORDER BY id
                 LIMIT %s
                """,
                agreements._search(self._agreement_domain()).subselect(),
                self.last_partner,
                limit,
            )
        )
        return [partner_id for (partner_id,) in rows]

    def _agreements(self, partner_ids):
        """Find the agreements of the run that pay some partners."""
        to_partners = Domain("payout_partner_id", "in", partner_ids) | (
            Domain("payout_partner_id", "=", False) & Domain("partner_id", "in", partner_ids)
        )
        return self.env["rebate.agreement"].search(self._agreement_domain() & to_partners)

    def _accruals(self, partner_ids):
        """Find the accruals to be paid to some partners, brought into being up to today.

        :return: the day up to which each is paid for, by accrual; and what their whole periods
            earn, by accrual id
        """
        agreements = self._agreements(partner_ids)
        # Of two runs at once, the second begins anew and finds the first's proposals.
        lock_all(agreements)
        agreements._ensure_accruals()
        begun = self.env["rebate.accrual"].search(
            [("agreement_id", "in", agreements.ids), ("date_from", "<=", self.date_to)],
            order="agreement_id, date_from",
        )
        until = {accrual: day for accrual in begun if (day := self._paid_until(accrual))}
        return until, begun.browse(accrual.id for accrual in until)._refresh_results()

    def _paid_until(self, accrual):
        """Tell up to which day the run pays for an accrual's period.

        :return: the run's day, or the end of the last settlement period that is over by then;
            None where none is
        """
        if self.kind == "interim":
            return min(self.date_to, accrual.date_to)
        spans = accrual.program_id._settlement_periods(
            accrual.date_from, accrual.date_to, self.date_to
        )
        return max((last for _first, last in spans if last <= self.date_to), default=None)

    # ------------------------------------------------------------------
    # From what is payable to proposals: one document for each who is paid, and a note of what is
    # carried over
    # ------------------------------------------------------------------

    def _decide(self, partner_ids):
        """Decide what is paid to some partners, and what is not. Nobody is paid yet.

        :return: :class:`Decision`
        """
        until, known = self._accruals(partner_ids)
        due = self._payable(until, known)
        receiving = {part.payee for part in due if part.amount > 0}
        elsewhere = []
        if receiving:
            elsewhere = find_overpaid_elsewhere(self.company_id, receiving, until, self.date_to)
        today = fields.Date.context_today(self)
        finished = find_finished(self.env, until, today)
        netted = offset_overpaid(due, elsewhere, finished)
        return Decision(until, [*due, *elsewhere], netted, finished, today)

    def _propose(self, partner_ids):
        """Propose a settlement for each of some partners who has something to receive.

        :return: the new settlements, in draft
        """
        decision = self._decide(partner_ids)
        until, payable, netted = decision.until, decision.payable, decision.netted
        release_rests(self.env, netted, until, finished=decision.finished, today=decision.today)
        self._note_carried_over(netted.carried, until)
        settlements = trusted(self.env["rebate.settlement"]).create(
            [
                self._prepare_settlement_vals(payout, parts)
                for payout, parts in group_by_payout(netted.documents, decision.today).items()
            ]
        )
        results = {part.accrual: part.result for part in payable}
        lines = settlements.line_ids
        lines._freeze({line.id: results[line.accrual_id] for line in lines})
        settlements = settlements.with_env(self.env)
        tell_causes(settlements.line_ids, payable)
        return settlements

    def _payable(self, until, known=None):
        """See :func:`.payable.compute_payable`."""
        return compute_payable(self.env, until, known)

    def _carried_over(self, carried, until):
        """Tell who is not paid now: carried over, not claimed yet, or flagged because it cannot be
        computed.

        :return: a list of agreement, reason and amount
        """
        flagged = {accrual.agreement_id for accrual in until if accrual.problem}
        unclaimed = {}
        held = self.env["rebate.accrual"].union(*until)._held_for_claim()
        for accrual in until:
            if accrual in held and accrual.state != "expired" and not accrual.problem:
                agreement = accrual.agreement_id
                unclaimed[agreement] = unclaimed.get(agreement, 0) + accrual.open_amount
        rows = [(agreement, *noted) for agreement, noted in carried.items()]
        rows += [(agreement, "problem", 0) for agreement in flagged if agreement not in carried]
        rows += [(agreement, "claim", amount) for agreement, amount in unclaimed.items() if amount]
        return rows

    def _note_carried_over(self, carried, until):
        """Note who is not paid now, see :meth:`_carried_over`."""
        # Written by the run alone, see the run.
        trusted(self.env["rebate.settlement.carryover"].sudo()).create(
            [
                {
                    "batch_id": self.id,
                    "agreement_id": agreement.id,
                    "reason": reason,
                    "amount": amount,
                }
                for agreement, reason, amount in self._carried_over(carried, until)
            ]
        )

    def _prepare_settlement_vals(self, payout, parts):
        """Values of a proposal.

        :param payout: to whom and when, see :class:`.netting.Payout`
        :param parts: what it pays, see :class:`.payable.Payable`
        """
        return {
            "partner_id": payout.partner.id,
            "company_id": self.company_id.id,
            "currency_id": payout.currency.id,
            "journal_id": payout.journal.id,
            "batch_id": self.id,
            "date": payout.ahead or fields.Date.context_today(self),
            "date_due": due_date(parts),
            "line_ids": [
                Command.create(self._prepare_line_vals(part, payout.partner)) for part in parts
            ],
        }

    def _prepare_line_vals(self, part, partner):
        """Describe the payout of one accrual in the language of the partner who receives it."""
        accrual = part.accrual.with_context(lang=partner.lang)
        calculation = self.env["rebate.calculation"].with_context(lang=partner.lang)
        texts = {"program": accrual.program_id.name, "period": accrual._format_period()}
        if part.whole:
            name = accrual.env._("Rebate %(program)s, %(period)s, part of an overpayment", **texts)
        elif accrual.settled_amount:
            name = accrual.env._("Rebate %(program)s, %(period)s, difference to date", **texts)
        else:
            name = accrual.env._("Rebate %(program)s, %(period)s", **texts)
        sentences = calculation._explain_result(part.result, accrual.currency_id)
        if part.whole:
            sentences.append(
                accrual.env._(
                    "Of %(whole)s paid too much, this makes up for %(amount)s.",
                    whole=formatLang(accrual.env, -part.whole, currency_obj=accrual.currency_id),
                    amount=formatLang(accrual.env, -part.amount, currency_obj=accrual.currency_id),
                )
            )
        return {
            "accrual_id": accrual.id,
            "amount": part.amount,
            "adjustment_amount": part.adjustment,
            "date_until": part.until,
            "measured_amount": float(part.result.purchases.amount),
            "invoice_count": part.result.purchases.invoice_count,
            "name": name,
            "explanation": "\n".join(sentences),
        }

    # ------------------------------------------------------------------
    # By the calendar
    # ------------------------------------------------------------------

    @api.model
    def _begin_last_payouts(self, yesterday):
        """Begin a run in each company for the agreements that have ended with less than their
        smallest payout, where no run of the calendar comes to them any more; and owe again what was
        released of those that go on.

        :return: whether there are any
        """
        accruals = self.env["rebate.accrual"]
        released = accruals.search([("released_amount", "!=", 0)])
        accruals._set_released(
            {accrual: 0.0 for accrual in released if accrual.agreement_id._run()[1] > yesterday}
        )
        by_company = {}
        for company_id, program_id, partner_id in find_last_payouts(self.env, yesterday):
            by_company.setdefault(company_id, set()).add((program_id, partner_id))
        begun = False
        for company_id, pairs in by_company.items():
            programs = self.env["rebate.program"].browse({program_id for program_id, _ in pairs})
            programs = find_bookable(programs)
            partner_ids = [partner for program_id, partner in pairs if program_id in programs.ids]
            if partner_ids:
                begun = True
                self._begin(
                    company_id=company_id,
                    date_to=yesterday,
                    kind="final",
                    program_ids=programs.ids,
                    partner_ids=partner_ids,
                    is_automatic=True,
                )
        return begun

    # ------------------------------------------------------------------
    # How a settlement run goes on: so many partners at a time, each step committed, by a job that
    # carries on wherever it was interrupted
    # ------------------------------------------------------------------

    @api.model
    def _begin(self, **vals):
        """Begin a run for the current user.

        :param vals: ``company_id``, ``date_to``, ``kind``, and what limits the run
        """
        # Whoever may start a run does so by its wizard; nobody writes one by hand.
        batch = trusted(self.sudo()).create({"user_id": self.env.uid, **vals})
        batch.total = len(batch._payout_partners())
        return batch.with_env(self.env)

    def _step(self, limit=None):
        """Propose what is payable to the next partners, and note that they are done.

        :param limit: so many partners; None: all that are left
        :return: their number
        """
        self.ensure_one()
        partner_ids = self._payout_partners(limit)
        self._propose(partner_ids)
        is_over = limit is None or len(partner_ids) < limit
        # As in _begin.
        trusted(self.sudo()).write(
            {
                "done": self.done + len(partner_ids),
                "last_partner": max(partner_ids, default=self.last_partner),
                "state": "done" if is_over else "running",
                "finished_at": is_over and fields.Datetime.now(),
            }
        )
        return len(partner_ids)

    # ------------------------------------------------------------------
    # The jobs
    # ------------------------------------------------------------------

    @api.model
    def _cron_run(self):
        """Carry on with every run that is under way, until it is done."""
        for batch in self.search([("state", "in", UNDER_WAY)], order="id"):
            if not batch._carry_on():
                return

    @api.model
    def _cron_propose(self):
        """Once a day: begin a run in each company for the programs of which a settlement period
        is over since the last time."""
        yesterday = fields.Date.context_today(self) - timedelta(days=1)
        programs = self.env["rebate.program"].with_context(active_test=False)
        due = programs
        for program in programs.search([("state", "!=", "draft"), ("amends_id", "=", False)]):
            end = program._settlement_end(yesterday)
            if end and (not program.proposed_until or end > program.proposed_until):
                trusted(program).proposed_until = end
                due |= program
        for company, company_programs in due.grouped("company_id").items():
            self._begin(
                company_id=company.id,
                date_to=yesterday,
                kind="final",
                program_ids=company_programs.ids,
                is_automatic=True,
            )
        if self._begin_last_payouts(yesterday) or due:
            self._wake()

    @api.model
    def _wake(self, seconds=0):
        """Have the job carry on with the runs."""
        # Whoever may start a run sets off its job, and sees or changes no job.
        job = self.env.ref("rebate_management.ir_cron_settlement_run").sudo()
        job._trigger(fields.Datetime.now() + timedelta(seconds=seconds))

    def _carry_on(self):
        """Take step after step, each committed, as the user who began the run.

        :return: whether there is time left for more
        """
        while self.state in UNDER_WAY:
            try:
                settled = retry(self.env, self._step_alone)
            except DISTURBED:
                # Somebody computes one of the agreements. Nothing of the step is stored.
                self._wake(PAUSE)
                self._commit()
                return True
            except UserError as error:
                self.env.cr.rollback()
                settled = 0
                trusted(self).write({"state": "failed", "problem": str(error)})
            if settled is None:
                self.env.cr.rollback()
                self._wake(PAUSE)
                # Not told as remaining: it may well be another's.
                return self.env["ir.cron"]._commit_progress()
            if not self._commit(settled):
                return False
        return True

    def _step_alone(self):
        """Take a step, unless another process does. That one goes on with it alone, unless it has
        just been killed, and the database only does not know it yet.

        :return: how many partners were settled; None where another process is at it
        """
        if not lock_available(self):
            return None
        return self._as_starter()._step(PARTNERS_A_STEP)

    def _commit(self, settled=0):
        """Commit, and tell the job how many partners are left.

        :return: the seconds left to the job
        """
        waiting = self.search([("state", "in", UNDER_WAY)])
        remaining = sum(max(batch.total - batch.done, 1) for batch in waiting)
        left = self.env["ir.cron"]._commit_progress(settled, remaining=remaining)
        # What others did meanwhile, for example stop the run.
        self.env.invalidate_all()
        return left

    def _as_starter(self):
        """The run with the rights of who began it, in its company."""
        return self.with_user(self.user_id).with_context(allowed_company_ids=self.company_id.ids)
