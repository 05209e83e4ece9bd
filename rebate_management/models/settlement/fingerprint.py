"""The fingerprint of a posted settlement: a hash over all that is frozen of it and over the
fingerprint of the settlement that the company posted before."""

import json
from hashlib import sha256

from odoo.tools import SQL

from ...tools.settlement_checks import FORMAT_APPROVED_BY_OTHERS


def fingerprint_of(content: dict) -> str:
    """Hash a content: SHA-256 of its JSON with sorted keys, no spaces, in UTF-8.

    :return: hexadecimal digits
    """
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(text.encode()).hexdigest()


def read_contents(settlements):
    """Read what fingerprints are computed from, in one statement.

    Names of partners, programs and products may change later: what is told of them is frozen
    in the details and terms, otherwise their number stands for them.

    :return: by id plain values, amounts as decimal text
    """
    settlements.env.flush_all()
    return dict(
        settlements.env.execute_query(
            SQL(
                """
                SELECT settlement.id, json_build_object(
                           'name', settlement.name,
                           'partner', settlement.partner_id,
                           'company', settlement.company_id,
                           'currency', settlement.currency_id,
                           'journal', settlement.journal_id,
                           'date', to_char(settlement.date, 'YYYY-MM-DD'),
                           'due', to_char(settlement.date_due, 'YYYY-MM-DD'),
                           'amount', trim_scale(settlement.amount_total)::text,
                           'terms', encode(sha256(convert_to(
                               settlement.terms_snapshot::text, 'UTF8')), 'hex'),
                           'lines', COALESCE(line.contents, '[]'),
                           'documents', COALESCE(document.contents, '[]'),
                           'approvals', COALESCE(approval.contents, '[]'))
                  FROM rebate_settlement settlement
             LEFT JOIN LATERAL (%(lines)s) line ON TRUE
             LEFT JOIN LATERAL (%(documents)s) document ON TRUE
             LEFT JOIN LATERAL (%(approvals)s) approval ON TRUE
                 WHERE settlement.id = ANY(%(ids)s)
                """,
                lines=_line_contents(settlements),
                documents=_document_contents(settlements),
                approvals=_approval_contents(settlements),
                ids=settlements.ids,
            )
        )
    )


def _line_contents(settlements) -> SQL:
    """Compose the contents of the lines of ``settlement``, each with a hash over the hashes of
    its details: so however many they are, little is held at once.

    What a detail refers to may be deleted later, so it counts by name and number only.
    """
    return SQL(
        """
        SELECT json_agg(json_build_object(
                   'id', line.id,
                   'accrual', line.accrual_id,
                   'name', line.name,
                   'explanation', line.explanation,
                   'until', to_char(line.date_until, 'YYYY-MM-DD'),
                   'amount', trim_scale(line.amount)::text,
                   'adjustment', trim_scale(line.adjustment_amount)::text,
                   'cause', line.cause,
                   'detail_count', detail.count,
                   'detail_amount', trim_scale(detail.amount)::text,
                   'details', detail.digest
               ) ORDER BY line.id) AS contents
          FROM rebate_settlement_line line
          JOIN LATERAL (
                   SELECT COUNT(*) AS count,
                          COALESCE(SUM(detail.rebate_amount), 0) AS amount,
                          encode(sha256(COALESCE(string_agg(sha256(convert_to(
                              json_build_array(
                                  detail.id, detail.rule_name, detail.line_number,
                                  detail.invoice_name,
                                  to_char(detail.invoice_date, 'YYYY-MM-DD'),
                                  detail.product_name, detail.product_code,
                                  trim_scale(detail.quantity)::text, detail.uom_name,
                                  detail.tax_numbers, trim_scale(detail.amount)::text,
                                  trim_scale(detail.rate)::text, detail.rate_type,
                                  trim_scale(detail.earned_amount)::text,
                                  trim_scale(detail.settled_amount)::text,
                                  trim_scale(detail.rebate_amount)::text
                              )::text, 'UTF8')), ''::bytea ORDER BY detail.id), '')), 'hex')
                          AS digest
                     FROM rebate_settlement_detail detail
                    WHERE detail.settlement_line_id = line.id
               ) detail ON TRUE
         WHERE line.settlement_id = settlement.id
        """
    )


def _document_contents(settlements) -> SQL:
    """Compose the contents of the documents that pay ``settlement``; what takes them back comes
    later and is none of them."""
    return SQL(
        """
        SELECT json_agg(json_build_object(
                   'id', move.id,
                   'type', move.move_type,
                   'amount', trim_scale(move.amount_total)::text
               ) ORDER BY move.id) AS contents
          FROM account_move move
         WHERE move.rebate_settlement_id = settlement.id
           AND move.state = 'posted'
           AND move.reversed_entry_id IS NULL
        """
    )


def _approval_contents(settlements) -> SQL:
    """Compose who decided on ``settlement``, all of which was before it was posted."""
    return SQL(
        """
        SELECT json_agg(json_build_object(
                   'id', approval.id,
                   'decision', approval.decision,
                   'level', approval.level_name,
                   'user', approval.user_id,
                   'at', to_char(approval.decided_at, 'YYYY-MM-DD HH24:MI:SS'),
                   'amount', trim_scale(approval.amount)::text,
                   'comment', approval.comment
               ) ORDER BY approval.id) AS contents
          FROM rebate_approval approval
         WHERE approval.settlement_id = settlement.id
        """
    )


def seal(settlements):
    """Add posted settlements to the chains of their companies; in few statements, whatever
    their number. To be called last: others who post wait from now on."""
    settlements = settlements.filtered(lambda settlement: not settlement.fingerprint).sorted("id")
    if not settlements:
        return
    chains = settlements.env["rebate.settlement.chain"]
    ends = chains._take(settlements.company_id)
    contents = read_contents(settlements)
    rows = []
    for settlement in settlements:
        count, previous = ends[settlement.company_id.id]
        content = contents[settlement.id] | {
            "number": count + 1,
            "previous": previous,
            "format": FORMAT_APPROVED_BY_OTHERS,
        }
        fingerprint = fingerprint_of(content)
        ends[settlement.company_id.id] = count + 1, fingerprint
        rows.append(
            {
                "id": settlement.id,
                "number": count + 1,
                "fingerprint": fingerprint,
                "content": content,
            }
        )
    settlements.env.cr.execute(
        SQL(
            """
            UPDATE rebate_settlement settlement
               SET fingerprint = new.fingerprint,
                   fingerprint_number = new.number,
                   fingerprint_content = new.content
              FROM jsonb_to_recordset(%s)
                   AS new(id int, number int, fingerprint varchar, content jsonb)
             WHERE settlement.id = new.id
            """,
            json.dumps(rows),
        )
    )
    chains._extend(ends)
    settlements.invalidate_recordset(
        ["fingerprint", "fingerprint_number", "fingerprint_content"], flush=False
    )
