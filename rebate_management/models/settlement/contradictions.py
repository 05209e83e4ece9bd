"""What contradicts itself in settlements, found by set-based statements: for whatever was done in
the database, where no method of ours and no fingerprint could notice it.

Each check yields :class:`Contradiction`. What a fingerprint covers is told by its differences; a
contradiction of the same topic is then left out, see :mod:`.verification`.
"""

from typing import NamedTuple

from odoo.tools import SQL

from .sealed import APPROVED_BY_OTHERS

# What a finding is about.
CONTENT, STATE, DOCUMENTS, APPROVALS, ACCRUAL = (
    "content",
    "state",
    "documents",
    "approvals",
    "accrual",
)
# Of a document with nothing left to pay.
PAID = ["paid", "in_payment", "reversed"]


class Contradiction(NamedTuple):
    """Something that cannot be: ``settlement_id`` or ``accrual_id`` says where."""

    settlement_id: int | None
    accrual_id: int | None
    topic: str
    text: str


def find_contradictions(env, company_ids):
    """Look for contradictions in all settlements of companies, in a fixed number of statements.

    :param company_ids: whose settlements the user may read
    :return: an iterator of :class:`Contradiction`
    """
    env.flush_all()
    for check in (
        _line_states,
        _steps,
        _decisions,
        _amounts,
        _details,
        _proposed_lines,
        _owners,
        _missing_documents,
        _odd_documents,
        _paid_twice,
        _settled_amounts,
        _overpaid_accruals,
    ):
        yield from check(env, list(company_ids))


def _label(env, model, field, value):
    """The label of a choice."""
    labels = dict(env[model]._fields[field]._description_selection(env))
    return labels.get(value) or value or "–"


def _state(env, value):
    return _label(env, "rebate.settlement", "state", value)


# ----------------------------------------------------------------------
# Status
# ----------------------------------------------------------------------


def _line_states(env, company_ids):
    """A line has the status of its settlement: what is payable looks at the lines."""
    for settlement_id, name, line_state, state in env.execute_query(
        SQL(
            """
            SELECT settlement.id, line.name, line.state, settlement.state
              FROM rebate_settlement settlement
              JOIN rebate_settlement_line line ON line.settlement_id = settlement.id
             WHERE settlement.company_id = ANY(%s)
               AND line.state IS DISTINCT FROM settlement.state
          ORDER BY settlement.id, line.id
            """,
            company_ids,
        )
    ):
        yield Contradiction(
            settlement_id,
            None,
            # Who added a line by hand forgot its status.
            STATE if line_state else CONTENT,
            env._(
                "Its status is “%(state)s”, but that of its line “%(line)s” is “%(other)s”.",
                state=_state(env, state),
                line=name,
                other=_state(env, line_state),
            ),
        )


def _steps(env, company_ids):
    """Each status has the decisions behind it that lead there."""
    for settlement_id, state, is_rejected in env.execute_query(
        SQL(
            """
            SELECT settlement.id, settlement.state, made.rejected
              FROM rebate_settlement settlement
        CROSS JOIN LATERAL (
                       SELECT COALESCE(bool_or(decision = 'submitted'), FALSE) AS submitted,
                              COALESCE(bool_or(decision = 'approved'), FALSE) AS approved,
                              COALESCE(bool_or(decision = 'rejected'), FALSE) AS rejected
                         FROM rebate_approval approval
                        WHERE approval.settlement_id = settlement.id) made
             WHERE settlement.company_id = ANY(%s)
               AND CASE settlement.state
                   WHEN 'draft' THEN made.submitted OR made.approved OR made.rejected
                   WHEN 'submitted' THEN NOT made.submitted OR made.rejected
                   WHEN 'approved' THEN NOT made.approved OR made.rejected
                   WHEN 'posted' THEN NOT made.approved OR made.rejected
                   WHEN 'paid' THEN NOT made.approved OR made.rejected
                   WHEN 'rejected' THEN NOT made.rejected
                   ELSE FALSE END
          ORDER BY settlement.id
            """,
            company_ids,
        )
    ):
        if is_rejected:
            text = env._("It was rejected, but its status is “%s”.", _state(env, state))
        elif state == "draft":
            text = env._("It was submitted, but its status is “%s”.", _state(env, state))
        elif state == "submitted":
            text = env._("It is submitted, but nobody is on record who submitted it.")
        elif state == "rejected":
            text = env._("It is rejected, but nobody is on record who rejected it.")
        else:
            text = env._(
                "Its status is “%s”, but nobody is on record who approved it.", _state(env, state)
            )
        yield Contradiction(settlement_id, None, APPROVALS, text)


def _decisions(env, company_ids):
    """Nobody approved what they proposed or submitted, and what was approved is what is paid."""
    for settlement_id, kind, user, amount, amount_now in env.execute_query(
        SQL(
            """
            SELECT settlement.id, odd.kind, partner.name, trim_scale(approval.amount)::text,
                   trim_scale(settlement.amount_total)::text
              FROM rebate_settlement settlement
              JOIN rebate_approval approval ON approval.settlement_id = settlement.id
              JOIN res_users approver ON approver.id = approval.user_id
              JOIN res_partner partner ON partner.id = approver.partner_id
         LEFT JOIN rebate_settlement_batch batch ON batch.id = settlement.batch_id
        CROSS JOIN LATERAL (
                       SELECT CASE
                              WHEN approval.amount <> settlement.amount_total THEN 'amount'
                              WHEN approval.decision <> 'approved' THEN NULL
                              WHEN approval.user_id = settlement.submitted_by_id THEN 'submitted'
                              WHEN EXISTS (SELECT 1
                                             FROM rebate_approval submitted
                                            WHERE submitted.settlement_id = settlement.id
                                              AND submitted.decision = 'submitted'
                                              AND submitted.user_id = approval.user_id)
                              THEN 'submitted'
                              WHEN approval.user_id IN (settlement.create_uid, batch.user_id)
                               AND batch.is_automatic IS NOT TRUE
                               -- What was sealed before was approved by the rules of its time.
                               AND (settlement.fingerprint IS NULL
                                    OR jsonb_path_exists(
                                           settlement.fingerprint_content,
                                           '$.format ? (@ >= $first)',
                                           jsonb_build_object('first', %s)))
                              THEN 'proposed' END AS kind) odd
             WHERE settlement.company_id = ANY(%s)
               AND settlement.state IN ('submitted', 'approved', 'posted', 'paid')
               AND odd.kind IS NOT NULL
          ORDER BY settlement.id, approval.id
            """,
            APPROVED_BY_OTHERS,
            company_ids,
        )
    ):
        if kind == "amount":
            text = env._(
                "It came to %(amount)s when %(user)s decided on it, and comes to %(now)s.",
                amount=amount,
                user=user,
                now=amount_now,
            )
        elif kind == "submitted":
            text = env._("It was approved by %s, who submitted it.", user)
        else:
            text = env._("It was approved by %s, who began the run that proposed it.", user)
        yield Contradiction(settlement_id, None, CONTENT if kind == "amount" else APPROVALS, text)


# ----------------------------------------------------------------------
# Figures
# ----------------------------------------------------------------------


def _amounts(env, company_ids):
    """A settlement comes to the sum of its lines."""
    for settlement_id, amount, total in env.execute_query(
        SQL(
            """
            SELECT settlement.id, trim_scale(settlement.amount_total)::text,
                   trim_scale(COALESCE(SUM(line.amount), 0))::text
              FROM rebate_settlement settlement
         LEFT JOIN rebate_settlement_line line ON line.settlement_id = settlement.id
             WHERE settlement.company_id = ANY(%s)
          GROUP BY settlement.id
            HAVING COALESCE(settlement.amount_total, 0) <> COALESCE(SUM(line.amount), 0)
          ORDER BY settlement.id
            """,
            company_ids,
        )
    ):
        yield Contradiction(
            settlement_id,
            None,
            CONTENT,
            env._(
                "Its amount is %(amount)s, but its lines add up to %(total)s.",
                amount=amount or "–",
                total=total,
            ),
        )


def _details(env, company_ids):
    """A line comes to the sum of its invoice lines."""
    for settlement_id, name, amount, total in env.execute_query(
        SQL(
            """
            SELECT settlement.id, line.name, trim_scale(line.amount)::text,
                   trim_scale(COALESCE(detail.amount, 0))::text
              FROM rebate_settlement settlement
              JOIN rebate_settlement_line line ON line.settlement_id = settlement.id
         LEFT JOIN (SELECT settlement_line_id, SUM(rebate_amount) AS amount
                      FROM rebate_settlement_detail
                  GROUP BY settlement_line_id) detail
                ON detail.settlement_line_id = line.id
             WHERE settlement.company_id = ANY(%s)
               AND line.amount <> COALESCE(detail.amount, 0)
          ORDER BY settlement.id, line.id
            """,
            company_ids,
        )
    ):
        yield Contradiction(
            settlement_id,
            None,
            CONTENT,
            env._(
                "Its line “%(line)s” pays %(amount)s, but its invoice lines add up to %(total)s.",
                line=name,
                amount=amount,
                total=total,
            ),
        )


def _proposed_lines(env, company_ids):
    """A proposal has the lines that it was proposed with; once sealed, the fingerprint tells."""
    for settlement_id, name, was, now in env.execute_query(
        SQL(
            """
            WITH open AS (
                SELECT id, terms_snapshot -> 'lines' AS lines
                  FROM rebate_settlement
                 WHERE company_id = ANY(%s)
                   AND fingerprint IS NULL
                   AND state NOT IN ('rejected', 'cancelled')
                   AND jsonb_typeof(terms_snapshot -> 'lines') = 'array'
            ),
            frozen AS (
                SELECT open.id AS settlement_id, (line ->> 'line_id')::int AS line_id,
                       (line ->> 'amount')::numeric AS amount
                  FROM open
            CROSS JOIN jsonb_array_elements(open.lines) line
            ),
            present AS (
                SELECT line.settlement_id, line.id AS line_id, line.name, line.amount
                  FROM rebate_settlement_line line
                  JOIN open ON open.id = line.settlement_id
            )
            SELECT settlement_id, present.name, trim_scale(frozen.amount)::text,
                   trim_scale(present.amount)::text
              FROM frozen
         FULL JOIN present USING (settlement_id, line_id)
             WHERE frozen.amount IS DISTINCT FROM present.amount
          ORDER BY settlement_id, line_id
            """,
            company_ids,
        )
    ):
        if was is None:
            text = env._("Its line “%s” was added after it was proposed.", name)
        elif now is None:
            text = env._("A line over %s with which it was proposed is gone.", was)
        else:
            text = env._(
                "Its line “%(line)s” was proposed over %(was)s and is over %(now)s.",
                line=name,
                was=was,
                now=now,
            )
        yield Contradiction(settlement_id, None, CONTENT, text)


def _owners(env, company_ids):
    """A settlement is of the company, in the currency and for the payee of what it pays."""
    for settlement_id, name, is_company, is_currency, _is_partner, payee in env.execute_query(
        SQL(
            """
            SELECT settlement.id, line.name,
                   settlement.company_id = accrual.company_id,
                   settlement.currency_id = agreement.currency_id,
                   -- What was posted has the partner that it was posted with.
                   settlement.fingerprint IS NOT NULL
                OR settlement.state IN ('rejected', 'cancelled')
                OR settlement.partner_id = payee.id,
                   payee.name
              FROM rebate_settlement settlement
              JOIN rebate_settlement_line line ON line.settlement_id = settlement.id
              JOIN rebate_accrual accrual ON accrual.id = line.accrual_id
              JOIN rebate_agreement agreement ON agreement.id = accrual.agreement_id
              JOIN res_partner payee
                ON payee.id = COALESCE(agreement.payout_partner_id, agreement.partner_id)
             WHERE settlement.company_id = ANY(%s)
               AND (settlement.company_id IS DISTINCT FROM accrual.company_id
                    OR settlement.currency_id IS DISTINCT FROM agreement.currency_id
                    OR (settlement.partner_id <> payee.id
                        AND settlement.fingerprint IS NULL
                        AND settlement.state NOT IN ('rejected', 'cancelled')))
          ORDER BY settlement.id, line.id
            """,
            company_ids,
        )
    ):
        if not is_company:
            text = env._("Its line “%s” pays for a program of another company.", name)
        elif not is_currency:
            text = env._("Its line “%s” pays for an agreement in another currency.", name)
        else:
            text = env._(
                "Its line “%(line)s” pays for an agreement that is to be paid to %(payee)s.",
                line=name,
                payee=payee,
            )
        yield Contradiction(settlement_id, None, CONTENT, text)


# ----------------------------------------------------------------------
# Documents
# ----------------------------------------------------------------------


def _missing_documents(env, company_ids):
    """A posted settlement has one document in the books that was not taken back."""
    for settlement_id, state, standing, reversed_by in env.execute_query(
        SQL(
            """
            SELECT settlement.id, settlement.state, document.standing, document.reversed_by
              FROM rebate_settlement settlement
        CROSS JOIN LATERAL (
                       SELECT COUNT(*) FILTER (WHERE reversal.id IS NULL) AS standing,
                              string_agg(reversal.name, ', ') AS reversed_by
                         FROM account_move move
                    LEFT JOIN account_move reversal
                           ON reversal.reversed_entry_id = move.id
                          AND reversal.rebate_settlement_id = settlement.id
                          AND reversal.state = 'posted'
                        WHERE move.rebate_settlement_id = settlement.id
                          AND move.state = 'posted'
                          AND move.reversed_entry_id IS NULL) document
             WHERE settlement.company_id = ANY(%s)
               AND settlement.state IN ('posted', 'paid')
               AND document.standing <> 1
          ORDER BY settlement.id
            """,
            company_ids,
        )
    ):
        if standing:
            text = env._("It is paid by %s documents at once.", standing)
        elif reversed_by:
            text = env._(
                "Its status is “%(state)s”, but the document that paid it was taken back by"
                " %(reversal)s.",
                state=_state(env, state),
                reversal=reversed_by,
            )
        else:
            text = env._("Its status is “%s”, but no posted document pays it.", _state(env, state))
        yield Contradiction(settlement_id, None, DOCUMENTS, text)


def _odd_documents(env, company_ids):
    """Documents are those of a posted settlement, and say what it says."""
    for settlement_id, kind, name, state, move_state in env.execute_query(
        SQL(
            """
            SELECT settlement.id, odd.kind, COALESCE(move.name, move.id::text), settlement.state,
                   move.state
              FROM rebate_settlement settlement
              JOIN account_move move ON move.rebate_settlement_id = settlement.id
        CROSS JOIN LATERAL (
                       SELECT CASE
                              WHEN move.partner_id IS DISTINCT FROM settlement.partner_id
                              THEN 'partner'
                              WHEN move.currency_id IS DISTINCT FROM settlement.currency_id
                              THEN 'currency'
                              WHEN move.company_id IS DISTINCT FROM settlement.company_id
                              THEN 'company'
                              WHEN move.reversed_entry_id IS NOT NULL THEN NULL
                              WHEN settlement.state IN ('posted', 'paid')
                               AND move.state <> 'posted' THEN 'unposted'
                              WHEN settlement.state = 'paid'
                               AND NOT move.payment_state = ANY(%s) THEN 'unpaid'
                              WHEN settlement.state NOT IN ('posted', 'paid')
                               AND move.state = 'posted'
                               AND NOT EXISTS (
                                       SELECT 1
                                         FROM account_move reversal
                                        WHERE reversal.reversed_entry_id = move.id
                                          AND reversal.rebate_settlement_id = settlement.id
                                          AND reversal.amount_total = move.amount_total
                                          AND reversal.state = 'posted')
                              THEN 'standing' END AS kind) odd
             WHERE settlement.company_id = ANY(%s)
               AND odd.kind IS NOT NULL
          ORDER BY settlement.id, move.id
            """,
            PAID,
            company_ids,
        )
    ):
        names = {"document": name, "state": _state(env, state)}
        text = {
            "partner": env._("“%(document)s” is made out to another partner than it.", **names),
            "currency": env._("“%(document)s” is in another currency than it.", **names),
            "company": env._("“%(document)s” is in the books of another company.", **names),
            "unposted": env._(
                "Its status is “%(state)s”, but the status of “%(document)s” that pays it is"
                " “%(other)s”.",
                other=_label(env, "account.move", "state", move_state),
                **names,
            ),
            "unpaid": env._("It is paid, but “%(document)s” that pays it is not.", **names),
            "standing": env._(
                "Its status is “%(state)s”, but “%(document)s” that pays it is posted and was not"
                " reversed.",
                **names,
            ),
        }[kind]
        topic = {"unposted": DOCUMENTS, "unpaid": STATE, "standing": STATE}.get(kind, CONTENT)
        yield Contradiction(settlement_id, None, topic, text)


# ----------------------------------------------------------------------
# Paid twice
# ----------------------------------------------------------------------


def _paid_twice(env, company_ids):
    """No invoice line is paid by two accruals that a distributor has in a program."""
    for settlement_id, others, count, invoice in env.execute_query(
        SQL(
            """
            WITH last AS (
                SELECT DISTINCT ON (line.accrual_id) line.accrual_id, line.id, line.amount,
                       settlement.terms_snapshot
                  FROM rebate_settlement_line line
                  JOIN rebate_settlement settlement ON settlement.id = line.settlement_id
                 WHERE settlement.company_id = ANY(%s)
                   AND settlement.state NOT IN ('rejected', 'cancelled')
                   AND line.accrual_id IS NOT NULL
              ORDER BY line.accrual_id, line.id DESC
            ),
            -- Of which a part was made up for: the rest is known to be overpaid.
            overpaid AS (
                SELECT last.accrual_id
                  FROM last
            CROSS JOIN jsonb_array_elements(
                               CASE jsonb_typeof(last.terms_snapshot -> 'lines')
                               WHEN 'array' THEN last.terms_snapshot -> 'lines'
                               ELSE '[]' END
                           ) told
                 WHERE last.amount < 0
                   AND (told ->> 'line_id')::int = last.id
                   AND told ? 'overpaid'
            ),
            paid AS (
                SELECT line.program_id, accrual.partner_id, detail.line_number, line.accrual_id,
                       MAX(line.settlement_id) AS settlement_id,
                       MAX(detail.invoice_name) AS invoice
                  FROM rebate_settlement_detail detail
                  JOIN rebate_settlement_line line ON line.id = detail.settlement_line_id
                  JOIN rebate_settlement settlement ON settlement.id = line.settlement_id
                  JOIN rebate_accrual accrual ON accrual.id = line.accrual_id
                 WHERE settlement.company_id = ANY(%s)
                   AND settlement.state NOT IN ('rejected', 'cancelled')
                   AND detail.line_number IS NOT NULL
                   AND NOT line.accrual_id IN (SELECT accrual_id FROM overpaid)
              GROUP BY line.program_id, accrual.partner_id, detail.line_number, line.accrual_id
                -- What is being taken back comes off bit by bit, and is told by the accruals.
                HAVING SUM(detail.rebate_amount) > 0 AND MIN(detail.rebate_amount) >= 0
            ),
            twice AS (
                SELECT MAX(settlement_id) AS settlement_id, MIN(settlement_id) AS other_id,
                       MAX(invoice) AS invoice
                  FROM paid
              GROUP BY program_id, partner_id, line_number
                HAVING COUNT(*) > 1
            )
            SELECT twice.settlement_id, string_agg(DISTINCT other.name, ', '), COUNT(*),
                   MIN(twice.invoice)
              FROM twice
              JOIN rebate_settlement other ON other.id = twice.other_id
          GROUP BY twice.settlement_id
          ORDER BY twice.settlement_id
            """,
            company_ids,
            company_ids,
        )
    ):
        yield Contradiction(
            settlement_id,
            None,
            "twice",
            env._(
                "It pays %(count)s invoice lines that %(others)s pays too, for another period or"
                " agreement of the same program; the first is of %(invoice)s.",
                count=count,
                others=others,
                invoice=invoice,
            ),
        )


def _settled_amounts(env, company_ids):
    """What is settled of an accrual is what its posted lines come to."""
    if not env["rebate.accrual"]._fields["settled_amount"].store:
        return
    for accrual_id, settled, total in env.execute_query(
        SQL(
            """
            SELECT accrual.id, trim_scale(COALESCE(accrual.settled_amount, 0))::text,
                   trim_scale(COALESCE(paid.amount, 0))::text
              FROM rebate_accrual accrual
         LEFT JOIN (SELECT accrual_id, SUM(amount) AS amount
                      FROM rebate_settlement_line
                     WHERE state IN ('posted', 'paid')
                  GROUP BY accrual_id) paid
                ON paid.accrual_id = accrual.id
             WHERE accrual.company_id = ANY(%s)
               AND COALESCE(accrual.settled_amount, 0) <> COALESCE(paid.amount, 0)
          ORDER BY accrual.id
            """,
            company_ids,
        )
    ):
        yield Contradiction(
            None,
            accrual_id,
            ACCRUAL,
            env._(
                "%(settled)s is settled of it, but its posted settlements add up to %(total)s.",
                settled=settled,
                total=total,
            ),
        )


def _overpaid_accruals(env, company_ids):
    """What settlements pay for an accrual is no more than the last of them says was earned: each
    pays the difference to those before it."""
    for accrual_id, settlement_id, total, earned in env.execute_query(
        SQL(
            """
            WITH live AS (
                SELECT line.id, line.accrual_id, line.settlement_id,
                       MAX(line.id) OVER of_accrual AS last_id,
                       SUM(line.amount) OVER of_accrual AS total
                  FROM rebate_settlement_line line
                  JOIN rebate_settlement settlement ON settlement.id = line.settlement_id
                 WHERE settlement.company_id = ANY(%s)
                   AND settlement.state NOT IN ('rejected', 'cancelled')
                   AND line.accrual_id IS NOT NULL
                WINDOW of_accrual AS (PARTITION BY line.accrual_id)
            )
            SELECT live.accrual_id, live.settlement_id, trim_scale(live.total)::text,
                   trim_scale(SUM(detail.earned_amount))::text
              FROM live
              JOIN rebate_settlement_detail detail ON detail.settlement_line_id = live.id
             WHERE live.id = live.last_id
               -- Of what was rejected meanwhile, a later proposal was the difference.
               AND NOT EXISTS (
                       SELECT 1
                         FROM rebate_settlement_line other
                         JOIN rebate_settlement rejected ON rejected.id = other.settlement_id
                        WHERE other.accrual_id = live.accrual_id
                          AND other.id < live.id
                          AND rejected.state = 'rejected')
          GROUP BY live.accrual_id, live.settlement_id, live.total
            HAVING live.total > SUM(detail.earned_amount)
          ORDER BY live.accrual_id
            """,
            company_ids,
        )
    ):
        yield Contradiction(
            settlement_id,
            accrual_id,
            ACCRUAL,
            env._(
                "What it pays for “%(accrual)s” was paid before: all settlements come to %(total)s"
                " together, but only %(earned)s was earned when it was proposed.",
                # The name of a period that the user checks.
                accrual=env["rebate.accrual"].sudo().browse(accrual_id).display_name,
                total=total,
                earned=earned,
            ),
        )
