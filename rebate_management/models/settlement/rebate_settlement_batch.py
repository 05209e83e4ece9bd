"""A settlement run as it goes along: what was asked for, how far it is, and what came of it."""

from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from odoo import Command, api, fields, models
from odoo.exceptions import ConcurrencyError, UserError
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL, format_date, format_list, formatLang

from ...engine.offsetting import Credit, Debt, offset
from ...tools.acting import acting
from ...tools.apart import apart
from ...tools.locks import lock_all, lock_available
from ...tools.trust import trusted

# So many invoices are named, of however many.
NAMED = 5


class _Pieces:
    """Cuts off, piece by piece, what was overpaid of each accrual."""

    def __init__(self, debts):
        self.left = {part.accrual: part for part in debts}
        self.whole = {part.accrual: part.amount for part in debts}

    def take(self, accrual, amount):
        """The next piece of what was overpaid of an accrual.

        :param amount: a decimal above zero
        """
        part = self.left[accrual]
        currency = accrual.currency_id
        if currency.compare_amounts(float(amount), -part.amount) >= 0:
            del self.left[accrual]
            return self._marked(part)
        amount = -float(amount)
        # What corrects the time paid for comes before what was returned since.
        adjustment = max(part.adjustment, amount) if part.adjustment < 0 else part.adjustment
        self.left[accrual] = part._replace(
            amount=currency.round(part.amount - amount),
            adjustment=currency.round(part.adjustment - adjustment),
        )
        return self._marked(part._replace(amount=amount, adjustment=adjustment))

    def rest(self):
        """What is left of all of them."""
        return [self._marked(part) for part in self.left.values()]

    def _marked(self, part):
        """Tell the whole of what a piece is of, where it is but a piece."""
        whole = self.whole[part.accrual]
        is_piece = part.accrual.currency_id.compare_amounts(part.amount, whole)
        return part._replace(whole=whole if is_piece else 0.0)


def _exact(amount):
    return Decimal(str(amount))


class Payable(NamedTuple):
    """What is payable of one accrual, in its currency, for the time up to a day (``until``): the
    run's (``due``), or a later one that was paid for already.

    ``adjustment`` is the part of the amount that corrects what was paid before: the time paid for
    by then (``before_until``) earns ``before`` today, and was paid less or more. ``last`` is the
    settlement line that paid it. ``whole`` is the amount of all of it, where this is a part of what
    was paid too much, and 0 otherwise."""

    accrual: object
    amount: float
    result: object
    due: object
    until: object
    adjustment: float
    before: object
    before_until: object
    last: object
    whole: float = 0.0

    @property
    def agreement(self):
        """Whose it is."""
        return self.accrual.agreement_id

    @property
    def payee(self):
        """Who is paid, and in which currency."""
        agreement = self.agreement
        return agreement.payout_partner_id or agreement.partner_id, agreement.currency_id


def _together(one, other):
    """Add up two parts of what is payable of one accrual, of which the first may be none."""
    if not one:
        return other
    currency = one.accrual.currency_id
    amount = currency.round(one.amount + other.amount)
    return one._replace(
        amount=amount,
        adjustment=currency.round(one.adjustment + other.adjustment),
        whole=one.whole if currency.compare_amounts(amount, one.whole) else 0.0,
    )


PARTNERS_A_STEP = 100
UNDER_WAY = ("waiting", "running")
TRIES = 5
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
        selection=lambda self: self.env["rebate.settlement.run"]._fields["kind"].selection,
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

    # ------------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------------

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

    # ------------------------------------------------------------------
    # Why a payout corrects an earlier one: what changed since, in a sentence
    # ------------------------------------------------------------------

    def _tell_causes(self, lines, payables):
        """Say on new settlement lines what changed since what they correct was paid, or by which
        settlement was paid too much what they take off; in the language of who is paid.

        :param payables: what the lines pay, see :class:`Payable`
        """
        parts = {part.accrual: part for part in payables}
        adjusting = {
            line: parts[line.accrual_id]
            for line in lines
            if line.is_adjustment or (line.amount < 0 and parts[line.accrual_id].last)
        }
        if not adjusting:
            return
        invoices = self._changed_invoices(adjusting)
        amendments = self.env["rebate.amendment"].search(
            [("program_id", "in", lines.program_id.ids), ("state", "=", "applied")],
            order="number",
        )
        for line, part in adjusting.items():
            trusted(line).cause = self._cause(
                line,
                part,
                invoices.get(line.id, []),
                amendments.filtered(
                    lambda amendment, part=part: (
                        amendment.program_id == part.accrual.program_id
                        and amendment.write_date > part.last.create_date
                    )
                ),
            )

    def _cause(self, line, part, invoices, amendments):
        partner, _currency = part.payee
        env = self.with_context(lang=partner.lang).env
        facts = [
            fact
            for fact in (
                self._purchases_then_and_now(env, part),
                self._purchases_since(env, part),
                self._naming_who_pays_instead(env, part),
                self._naming_invoices(env, invoices),
                self._naming_amendments(env, amendments),
            )
            if fact
        ]
        values = {
            "name": part.last.settlement_id.name,
            "day": format_date(env, part.last.settlement_id.date),
            "facts": "; ".join(facts)
            or env._("the terms of the agreement changed, or what other programs earn"),
        }
        if line.amount < 0:
            return env._(
                "Paid too much by settlement %(name)s of %(day)s. Since then: %(facts)s.", **values
            )
        return env._("Since settlement %(name)s of %(day)s: %(facts)s.", **values)

    def _purchases_then_and_now(self, env, part):
        """Compare the purchases that were paid for with those of the same time by now."""
        last, now, currency = part.last, part.before.purchases, part.accrual.currency_id
        # Lines from before these figures were kept have none.
        if not last.date_until:
            return ""
        amount = currency.round(float(now.amount))
        if not currency.compare_amounts(amount, last.measured_amount) and (
            now.invoice_count == last.invoice_count
        ):
            return ""
        return env._(
            "purchases until %(until)s were %(then)s on %(count_then)s invoices and credit notes"
            " and are now %(now)s on %(count_now)s",
            until=format_date(env, last.date_until),
            then=formatLang(env, last.measured_amount, currency_obj=currency),
            count_then=last.invoice_count,
            now=formatLang(env, amount, currency_obj=currency),
            count_now=now.invoice_count,
        )

    def _purchases_since(self, env, part):
        """Where the time paid for earns what was paid, it was lost since."""
        currency = part.accrual.currency_id
        if not currency.is_zero(part.adjustment) or part.result.beaten_by:
            return ""
        return env._(
            "purchases were %(then)s until %(day)s and are %(now)s until %(today)s",
            then=formatLang(env, float(part.before.purchases.amount), currency_obj=currency),
            day=format_date(env, part.before_until),
            now=formatLang(env, float(part.result.purchases.amount), currency_obj=currency),
            today=format_date(env, part.until),
        )

    def _naming_who_pays_instead(self, env, part):
        program = part.result.beaten_by
        return env._("“%s” pays more and instead", program.name) if program else ""

    def _naming_invoices(self, env, invoices):
        """Name what counts in addition, differently, or no longer.

        :param invoices: ``(number, change, how many there are)``
        """
        if not invoices:
            return ""
        names = {}
        for number, change, _count in invoices:
            names.setdefault(change, []).append(number)
        parts = []
        if "added" in names:
            parts.append(env._("new: %s", format_list(env, names["added"])))
        if "changed" in names:
            parts.append(env._("changed: %s", format_list(env, names["changed"])))
        if "gone" in names:
            parts.append(env._("no longer counted: %s", format_list(env, names["gone"])))
        more = invoices[0][2] - len(invoices)
        if more > 0:
            parts.append(env._("and %s more", more))
        return ", ".join(parts)

    def _naming_amendments(self, env, amendments):
        if not amendments:
            return ""
        return env._(
            "amended terms: %s",
            format_list(env, [amendment.with_env(env).display_name for amendment in amendments]),
        )

    def _changed_invoices(self, adjusting):
        """Find the documents that count otherwise than when what is corrected was paid: what was
        frozen then is compared with what was frozen now, in one statement.

        :param adjusting: what is payable, by new settlement line
        :return: lists of ``(number, change, how many there are)``, at most NAMED of them, the
            latest first, by id of the new line
        """
        self.env["rebate.settlement.detail"].flush_model()
        rows = [(line.id, part.last.id, part.before_until) for line, part in adjusting.items()]
        found = self.env.execute_query(
            SQL(
                """
                WITH asked AS (
                    SELECT * FROM unnest(%s::int[], %s::int[], %s::date[])
                               AS asked(line_id, last_id, until)
                ),
                -- What a rule counts another may count too.
                counted AS (
                    SELECT asked.line_id, detail.invoice_name, MAX(detail.invoice_date) AS date,
                           detail.line_number,
                           MAX(detail.amount) FILTER (WHERE is_now) AS amount,
                           MAX(detail.quantity) FILTER (WHERE is_now) AS quantity,
                           MAX(detail.amount) FILTER (WHERE NOT is_now) AS amount_then,
                           MAX(detail.quantity) FILTER (WHERE NOT is_now) AS quantity_then
                      FROM asked
                      JOIN rebate_settlement_detail detail
                        ON detail.settlement_line_id IN (asked.line_id, asked.last_id)
                CROSS JOIN LATERAL (
                               SELECT detail.settlement_line_id = asked.line_id AS is_now
                           ) version
                     WHERE detail.line_number IS NOT NULL
                       AND detail.invoice_date <= asked.until
                       -- What was taken back has a row of zeros.
                       AND (detail.amount <> 0 OR detail.quantity <> 0)
                  GROUP BY asked.line_id, detail.invoice_name, detail.line_number
                ),
                changed AS (
                    SELECT line_id, invoice_name, MAX(date) AS date,
                           CASE WHEN COUNT(amount_then) = 0 THEN 'added'
                                WHEN COUNT(amount) = 0 THEN 'gone'
                                ELSE 'changed' END AS change,
                           COUNT(*) OVER (PARTITION BY line_id) AS count,
                           ROW_NUMBER() OVER (
                               PARTITION BY line_id ORDER BY MAX(date) DESC, invoice_name DESC
                           ) AS place
                      FROM counted
                  GROUP BY line_id, invoice_name
                    HAVING bool_or((amount, quantity)
                                   IS DISTINCT FROM (amount_then, quantity_then))
                )
                SELECT line_id, invoice_name, change, count
                  FROM changed
                 WHERE place <= %s
              ORDER BY line_id, place
                """,
                *map(list, zip(*rows, strict=True)),
                NAMED,
            )
        )
        changed = {}
        for line_id, *invoice in found:
            changed.setdefault(line_id, []).append(tuple(invoice))
        return changed

    # ------------------------------------------------------------------
    # What is paid and what is carried over: overpayments come off whatever their payee is owed
    # ------------------------------------------------------------------

    def _net(self, due, elsewhere, finished):
        """Take what was paid too much off what is to be paid: all that one payee is owed in one
        currency is one sum. What nobody makes up for is invoiced, where its program says so and
        the run is about it, or carried over.

        :param due: what is payable of what the run is about, see :class:`Payable`
        :param elsewhere: what was overpaid beside it, see :meth:`_overpaid_elsewhere`
        :param finished: agreements to which nothing can be added, see :meth:`_finished`
        :return: documents, as ``(agreement, amount, parts)``: what is paid to an agreement, or
            invoiced where negative; ``(reason, amount)`` by agreement that is not paid now; and
            what is never paid, by agreement
        """
        payees = {}
        for place, parts in enumerate((due, elsewhere)):
            for part in parts:
                payees.setdefault(part.payee, ([], []))[place].append(part)
        documents, carried, rests = [], {}, {}
        for own, others in payees.values():
            paid, not_now, never = self._net_payee(own, others, finished)
            documents += paid
            carried |= not_now
            rests |= never
        return documents, carried, rests

    def _net_payee(self, due, elsewhere, finished):
        """As :meth:`_net`, of one payee in one currency."""
        owed, debts = self._owed_and_overpaid(due, elsewhere)
        done = offset(
            [
                Credit(
                    agreement,
                    agreement.program_id,
                    sum(_exact(part.amount) for part in parts),
                    _exact(agreement.program_id._smallest_payout(agreement in finished)),
                )
                for agreement, parts in owed.items()
            ],
            [
                Debt(part.accrual, part.agreement, part.accrual.program_id, -_exact(part.amount))
                for part in debts
            ],
            lambda agreement, accrual: agreement.program_id._makes_up_for(accrual.program_id),
        )
        pieces = _Pieces(debts)
        documents, carried, rests = [], {}, {}
        for agreement, parts in owed.items():
            taken = done.taken.get(agreement, {})
            left = float(sum(_exact(part.amount) for part in parts) - sum(taken.values()))
            parts = parts + [pieces.take(accrual, amount) for accrual, amount in taken.items()]
            if agreement in done.short and agreement in finished:
                rests[agreement] = parts
                carried[agreement] = "released", left
            elif agreement in done.short:
                carried[agreement] = "minimum", left
            else:
                documents.append((agreement, left, parts))
        invoices, overpaid = self._rest(pieces.rest(), due, done)
        # Where nobody else is concerned, all of an agreement stays on one invoice.
        alone = {agreement for agreement, _amount, parts in invoices if parts[-1].amount > 0}
        documents = [document for document in documents if document[0] not in alone] + invoices
        return documents, carried | overpaid, rests

    def _owed_and_overpaid(self, due, elsewhere):
        """Part what is payable: what agreements are owed, and what was overpaid, oldest first."""
        owed = {}
        for part in due:
            if part.amount > 0:
                owed.setdefault(part.agreement, []).append(part)
        debts = sorted(
            (part for part in [*due, *elsewhere] if part.amount < 0),
            key=lambda part: (part.accrual.date_from, part.last.id if part.last else 0),
        )
        return owed, debts

    def _rest(self, rest, due, done):
        """Invoice what was overpaid and nothing makes up for, or carry it over.

        :param rest: the parts that are left, all negative
        :param done: what was made up, see :class:`Offset`
        :return: ``(agreement, amount, parts)`` of what is invoiced, with what the agreement is owed
            itself at the end where nobody else made up for anything; and ``(reason, amount)`` by
            agreement of what is carried over
        """
        asked = {part.accrual for part in due}
        makers = {}
        for agreement, taken in done.taken.items():
            for accrual in taken:
                makers.setdefault(accrual, set()).add(agreement)
        by_agreement = {}
        for part in rest:
            if part.accrual in asked or part.accrual in makers:
                by_agreement.setdefault(part.agreement, []).append(part)
        invoices, carried = [], {}
        for agreement, parts in by_agreement.items():
            currency = agreement.currency_id
            ours = [part for part in parts if part.accrual in asked]
            amount = currency.round(sum(part.amount for part in ours))
            if not ours or agreement.program_id._carries_forward(amount):
                amount = currency.round(sum(part.amount for part in parts))
                carried[agreement] = "negative", amount
                continue
            mine = [part for part in due if part.agreement == agreement]
            others = set().union(*(makers.get(part.accrual, ()) for part in mine)) - {agreement}
            if not others:
                ours = sorted(mine, key=lambda part: part.amount)
            invoices.append((agreement, amount, ours))
        return invoices, carried

    # ------------------------------------------------------------------
    # What is payable: earned up to the day less what was settled or proposed before
    # ------------------------------------------------------------------

    def _accruals(self, partner_ids):
        """Find the accruals to be paid to some partners, brought into being up to today.

        :return: the day up to which each is paid for, by accrual
        """
        to_partners = Domain("payout_partner_id", "in", partner_ids) | (
            Domain("payout_partner_id", "=", False) & Domain("partner_id", "in", partner_ids)
        )
        agreements = self.env["rebate.agreement"].search(self._agreement_domain() & to_partners)
        # Of two runs at once, the second begins anew and finds the first's proposals.
        lock_all(agreements)
        agreements._ensure_accruals()
        begun = self.env["rebate.accrual"].search(
            [("agreement_id", "in", agreements.ids), ("date_from", "<=", self.date_to)],
            order="agreement_id, date_from",
        )
        until = {accrual: day for accrual in begun if (day := self._paid_until(accrual))}
        begun.browse(accrual.id for accrual in until).refresh()
        return until

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

    def _payable(self, until):
        """Compute what is payable of each accrual; may be negative.

        Time that was paid for stays paid for: where a run looks at an earlier day than one before
        it did, what was paid is compared with what the time paid for earns by now, so that only
        what changed since comes out.

        :param until: the day up to which the run pays for it, by accrual
        :return: a list of :class:`Payable`, without those of which nothing is
        """
        accruals = self.env["rebate.accrual"].browse(accrual.id for accrual in until)
        # What cannot be computed is not paid, and keeps nobody else from being paid.
        accruals = accruals.filtered(lambda accrual: not accrual.problem)
        taken = (
            self.env["rebate.settlement.line"]
            .search(
                [
                    ("accrual_id", "in", accruals.ids),
                    ("state", "not in", ("rejected", "cancelled")),
                ],
                order="accrual_id, id",
            )
            .grouped("accrual_id")
        )
        # What was paid and need be claimed since is paid no more, but it may have been too much.
        accruals = accruals.filtered(
            lambda accrual: accrual in taken or not accrual._awaits_claim()
        )
        last = {
            accrual: max(lines, key=lambda line: (line.date_until or accrual.date_to, line.id))
            for accrual, lines in taken.items()
        }
        earlier = {accrual: line.date_until or accrual.date_to for accrual, line in last.items()}
        days = {
            accrual: max(until[accrual], earlier.get(accrual, until[accrual]))
            for accrual in accruals
        }
        results = self._earned(days)
        accruals = accruals.filtered(lambda accrual: accrual.id in results)
        # What the time that was paid for earns by now, where more time has passed since.
        sooner = {accrual: day for accrual, day in earlier.items() if day < days[accrual]}
        before = self._earned(sooner)
        payable = []
        for accrual in accruals:
            if accrual in sooner and accrual.id not in before:
                continue
            paid = sum(taken[accrual].mapped("amount")) if accrual in taken else 0.0
            amount = accrual.currency_id.round(float(results[accrual.id].earned) - paid)
            if accrual.currency_id.is_zero(amount) or (amount > 0 and accrual._awaits_claim()):
                continue
            then = before.get(accrual.id, results[accrual.id])
            adjustment = float(then.earned) - paid if accrual in taken else 0.0
            payable.append(
                Payable(
                    accrual,
                    amount,
                    results[accrual.id],
                    until[accrual],
                    days[accrual],
                    accrual.currency_id.round(adjustment),
                    then,
                    earlier.get(accrual),
                    last.get(accrual),
                )
            )
        return payable

    def _overpaid_elsewhere(self, payees, until):
        """Find what some payees were paid too much of what the run is not about: by other programs,
        also closed or archived ones, by agreements that have ended, or for a period that runs.

        :param payees: pairs of a partner and a currency
        :param until: the accruals that the run is about
        :return: a list of :class:`Payable`, all negative
        """
        candidates = self._maybe_overpaid(payees, until)
        if not candidates:
            return []
        # As in _accruals.
        lock_all(candidates.agreement_id)
        candidates.refresh()
        payable = self._payable(
            {accrual: min(accrual.date_to, self.date_to) for accrual in candidates}
        )
        return [part for part in payable if part.amount < 0 and part.payee in payees]

    def _maybe_overpaid(self, payees, until):
        """Find the accruals of some payees that were paid more than their figures say is earned, in
        one statement; while invoices wait to be counted, all that were paid. Arguments as above."""
        self.env.flush_all()
        partners = {partner.id for partner, _currency in payees}
        rows = self.env.execute_query(
            SQL(
                """
                SELECT accrual.id
                  FROM rebate_agreement agreement
                  JOIN rebate_accrual accrual ON accrual.agreement_id = agreement.id
                  JOIN rebate_settlement_line line
                    ON line.accrual_id = accrual.id
                   AND line.state NOT IN ('rejected', 'cancelled')
                 WHERE agreement.company_id = %s
                   AND (agreement.payout_partner_id = ANY(%s)
                        OR agreement.payout_partner_id IS NULL AND agreement.partner_id = ANY(%s))
                   AND NOT accrual.id = ANY(%s)
              GROUP BY accrual.id
                HAVING SUM(line.amount) > COALESCE(accrual.earned_amount, 0)
                    OR EXISTS (SELECT FROM rebate_queue)
              ORDER BY accrual.id
                """,
                self.company_id.id,
                list(partners),
                list(partners),
                [accrual.id for accrual in until],
            )
        )
        return self.env["rebate.accrual"].browse(accrual_id for (accrual_id,) in rows)

    def _earned(self, until):
        """Compute what accruals earn up to a day each; those of a program that cannot be computed
        are flagged and left out.

        :return: the result by accrual id
        """
        earned = {}
        flagged = self.env["rebate.accrual"]
        for accruals, results, error in apart(
            flagged.browse(accrual.id for accrual in until),
            lambda some: self.env["rebate.calculation"]._calculate(
                window for accrual in some for window in accrual._windows(until=until[accrual])
            ),
        ):
            if error:
                accruals._flag(error)
                flagged |= accruals
            else:
                earned |= results
        flagged.program_id._update_problem()
        return earned

    # ------------------------------------------------------------------
    # From what is payable to proposals: one document for each who is paid, and a note of what is
    # carried over
    # ------------------------------------------------------------------

    def _propose(self, partner_ids):
        """Propose a settlement for each of some partners who has something to receive.

        :return: the new settlements, in draft
        """
        until = self._accruals(partner_ids)
        due = self._payable(until)
        receiving = {part.payee for part in due if part.amount > 0}
        elsewhere = self._overpaid_elsewhere(receiving, until) if receiving else []
        finished = self._finished(until)
        documents, carried, rests = self._net(due, elsewhere, finished)
        self._release_rests(rests, documents, until, finished)
        self._note_carried_over(carried, until)
        settlements = trusted(self.env["rebate.settlement"]).create(
            [
                self._prepare_settlement_vals(*key, parts)
                for key, parts in self._group(documents).items()
            ]
        )
        settlements = settlements.with_env(self.env)
        self._tell_causes(settlements.line_ids, [*due, *elsewhere])
        return settlements

    def _note_carried_over(self, carried, until):
        """Note who is not paid now: carried over, not claimed yet, or flagged because it cannot be
        computed."""
        flagged = {accrual.agreement_id for accrual in until if accrual.problem}
        unclaimed = {}
        for accrual in until:
            if accrual._awaits_claim() and accrual.state != "expired" and not accrual.problem:
                agreement = accrual.agreement_id
                unclaimed[agreement] = unclaimed.get(agreement, 0) + accrual.open_amount
        rows = [(agreement, *noted) for agreement, noted in carried.items()]
        rows += [(agreement, "problem", 0) for agreement in flagged if agreement not in carried]
        rows += [(agreement, "claim", amount) for agreement, amount in unclaimed.items() if amount]
        # Written by the run alone, see the run.
        trusted(self.env["rebate.settlement.carryover"].sudo()).create(
            [
                {
                    "batch_id": self.id,
                    "agreement_id": agreement.id,
                    "reason": reason,
                    "amount": amount,
                }
                for agreement, reason, amount in rows
            ]
        )

    # ------------------------------------------------------------------
    # Documents
    # ------------------------------------------------------------------

    def _group(self, documents):
        """Group what is payable into documents: one for each partner, currency, journal and kind
        of document, and one more for each payout date that lies ahead. What an agreement is paid
        stays together, with the overpayments that it makes up for.

        :param documents: by agreement and amount: the parts, those that it is paid first
        """
        today = fields.Date.context_today(self)
        groups = {}
        for agreement, amount, parts in documents:
            partner = agreement.payout_partner_id or agreement.partner_id
            program = agreement.program_id
            day = self._payout_date([part for part in parts if part.agreement == agreement])
            key = (
                partner,
                agreement.currency_id,
                program._payout_journal(amount),
                day if day > today else None,
                program._payout_group(amount),
            )
            group = groups.setdefault(key, {})
            for part in parts:
                group[part.accrual] = _together(group.get(part.accrual), part)
        return {
            key: sorted(
                parts.values(), key=lambda part: (part.agreement.id, part.accrual.date_from)
            )
            for key, parts in groups.items()
        }

    def _payout_date(self, parts):
        """Tell when all of some payables are due."""
        return max(part.accrual.program_id._payout_date(part.due) for part in parts)

    def _prepare_settlement_vals(self, partner, currency, journal, ahead, _group, parts):
        """Values of a proposal.

        :param ahead: its payout date, where it lies ahead
        :param parts: what it pays
        """
        return {
            "partner_id": partner.id,
            "company_id": self.company_id.id,
            "currency_id": currency.id,
            "journal_id": journal.id,
            "batch_id": self.id,
            "date": ahead or fields.Date.context_today(self),
            # What is made up for was due long ago, and need not wait for its own date.
            "date_due": self._payout_date([part for part in parts if part.amount > 0] or parts),
            "line_ids": [Command.create(self._prepare_line_vals(part, partner)) for part in parts],
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
    # What is less than the smallest payout when nothing can be added any more: released, or paid,
    # as the program says
    # ------------------------------------------------------------------

    def _finished(self, until):
        """Find the agreements to which nothing can be added: their last day within the program is
        past, the run is about all of their periods to the end, and none can still be claimed or is
        not computed. Other agreements add nothing: each has its own smallest payout.

        :param until: see :meth:`_accruals`
        :return: a set
        """
        today = fields.Date.context_today(self)
        agreements = self.env["rebate.agreement"].union(
            *(accrual.agreement_id for accrual in until if accrual.program_id.min_payout)
        )
        bookable = self._bookable(agreements.program_id)
        return {
            agreement
            for agreement in agreements
            if agreement.program_id in bookable
            and agreement._run()[1] < today
            and all(
                until.get(accrual, accrual.date_from) >= accrual.date_to
                and not accrual.problem
                and (accrual.expired_on or not accrual._awaits_claim())
                for accrual in agreement.accrual_ids
            )
        }

    def _bookable(self, programs):
        """Those of some programs whose liability can be released, where there is any."""
        accruing = programs.filtered(lambda program: program.accrual_method != "none")
        return programs - programs.browse(program.id for program in accruing._unbookable())

    def _release_rests(self, rests, documents, until, finished):
        """Release what is never paid, and owe again what is paid or carried over after all.

        :param rests: parts by agreement, see :meth:`_net`
        :param documents: what is paid, see :meth:`_net`
        :param until: the accruals that the run is about
        :param finished: see :meth:`_finished`
        """
        today = fields.Date.context_today(self)
        released = {}
        for parts in rests.values():
            for part in parts:
                released[part.accrual] = released.get(part.accrual, 0) + part.amount
        paid = {part.accrual for _agreement, _amount, parts in documents for part in parts}
        changes = {}
        for accrual in dict.fromkeys([*until, *paid]):
            amount = accrual.currency_id.round(released.get(accrual, 0))
            if not accrual.currency_id.compare_amounts(accrual.released_amount, amount):
                continue
            if (
                accrual in paid
                or accrual.agreement_id in finished
                or accrual.agreement_id._run()[1] >= today
            ):
                changes[accrual] = amount
        self.env["rebate.accrual"]._set_released(changes)

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
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT agreement.company_id, agreement.program_id, agreement.partner_id
                  FROM rebate_agreement agreement
                  JOIN rebate_program program ON program.id = agreement.program_id
                  JOIN rebate_accrual accrual ON accrual.agreement_id = agreement.id
                 WHERE agreement.state IN ('active', 'ended')
                   AND program.state <> 'draft'
                   AND program.min_payout > 0
                   AND LEAST(agreement.date_end, program.date_end) <= %s
              GROUP BY agreement.id, program.id
                HAVING SUM(accrual.open_amount) > 0
                   AND SUM(accrual.open_amount) < program.min_payout
                   AND bool_and(accrual.problem IS NULL)
                   AND bool_and(NOT COALESCE(program.claim_required, FALSE)
                                OR accrual.claimed_date IS NOT NULL
                                OR accrual.expired_on IS NOT NULL)
                   -- What is proposed waits, and what was rejected is no business of the calendar.
                   AND NOT EXISTS (
                           SELECT
                             FROM rebate_settlement_line line
                             JOIN rebate_accrual own ON own.id = line.accrual_id
                            WHERE own.agreement_id = agreement.id
                              AND line.state NOT IN ('posted', 'paid')
                              AND line.create_date > LEAST(agreement.date_end, program.date_end)
                       )
                """,
                yesterday,
            )
        )
        by_company = {}
        for company_id, program_id, partner_id in rows:
            by_company.setdefault(company_id, set()).add((program_id, partner_id))
        begun = False
        for company_id, pairs in by_company.items():
            programs = self.env["rebate.program"].browse({program_id for program_id, _ in pairs})
            programs = self._bookable(programs)
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
        disturbed = 0
        while disturbed < TRIES and self.state in UNDER_WAY:
            try:
                # Another process that is at it goes on with it alone, unless that one has just been
                # killed, and the database only does not know it yet.
                if not lock_available(self):
                    self.env.cr.rollback()
                    self._wake(PAUSE)
                    # Not told as remaining: it may well be another's.
                    return self.env["ir.cron"]._commit_progress()
                settled = self._as_starter()._step(PARTNERS_A_STEP)
                self.env.flush_all()
            except (*PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, ConcurrencyError):
                # Somebody computes one of the agreements. Nothing of the step is stored.
                self.env.cr.rollback()
                disturbed += 1
                continue
            except UserError as error:
                self.env.cr.rollback()
                settled = 0
                trusted(self).write({"state": "failed", "problem": str(error)})
            if not self._commit(settled):
                return False
        if disturbed == TRIES:
            self._wake(PAUSE)
            self._commit()
        return True

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
