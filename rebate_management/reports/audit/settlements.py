"""Settlements, their fingerprints and approvals, in the audit file."""

from tempfile import TemporaryFile

from odoo.tools import SQL

from ...tools.rows import iterate
from .printing import can_print, write_report
from .tables import folder_name, write_records

STATEMENT = "rebate_management.report_rebate_settlement"


def write_settlements(export, archive):
    """By settlement: its statement, its workbook, and what was frozen of it as JSON."""
    settlements = export._settlements()
    is_printed = can_print(settlements)
    for settlement in settlements:
        folder = archive.folder(f"settlements/{folder_name(settlement)}")
        write_report(archive, f"{folder}/statement", STATEMENT, settlement, is_printed=is_printed)
        with TemporaryFile() as file:
            settlement._write_rebate_workbook(file)
            file.seek(0)
            archive.add_file(f"{folder}/workbook.xlsx", file)
        archive.json(
            f"{folder}/settlement.json",
            {
                "name": settlement.name,
                "partner": settlement.partner_id.display_name,
                "date": settlement.date,
                "amount": settlement.amount_total,
                "currency": settlement.currency_id.name,
                "state": settlement.state,
                "fingerprint": settlement.fingerprint or None,
                "fingerprint_content": settlement.fingerprint_content or None,
                "terms_snapshot": settlement.terms_snapshot or None,
            },
        )
        # Its terms and the printed pages are large.
        settlement.invalidate_recordset(["terms_snapshot", "fingerprint_content"], flush=False)


def write_fingerprints(export, archive):
    """The chain, and whether all settlements of the company are as they were posted."""
    env = export.env
    archive.table(
        "fingerprints.csv",
        [
            env._("Settlement"),
            env._("Number in the Chain"),
            env._("Fingerprint"),
            env._("Finding"),
        ],
        _fingerprint_rows(export),
    )


def _fingerprint_rows(export):
    env = export.env
    company = export.program_id.company_id
    count, findings = env["rebate.settlement"]._check_fingerprints(company)
    for settlement in export._settlements():
        if settlement.fingerprint:
            yield [
                settlement.name,
                settlement.fingerprint_number,
                settlement.fingerprint,
                None,
            ]
    for finding in findings:
        yield [finding.name, None, None, finding.text]
    summary = (
        env._("%(count)s settlements of %(company)s were checked: see the findings.")
        if findings
        else env._(
            "%(count)s settlements of %(company)s were checked: all are as they were posted."
        )
    )
    yield [None, None, None, summary % {"count": count, "company": company.name}]


def write_approvals(export, archive):
    """Who submitted, approved or rejected, and every change of status."""
    env = export.env
    settlements = export._settlements()
    approvals = env["rebate.approval"].search(
        [("settlement_id", "in", settlements.ids)], order="settlement_id, id"
    )
    names = (
        *("settlement_id", "decision", "level_name", "user_id", "decided_at", "amount"),
        "comment",
    )
    write_records(archive, "approvals.csv", approvals, names)
    archive.table(
        "status_history.csv",
        [
            env._("Settlement"),
            env._("When (UTC)"),
            env._("Who"),
            env._("Status Before"),
            env._("Status"),
        ],
        iterate(env, _status_history(settlements)),
    )


def _status_history(settlements) -> SQL:
    """Compose the changes of status, as tracked in the chatter."""
    return SQL(
        """
        SELECT settlement.name, to_char(message.date, 'YYYY-MM-DD HH24:MI:SS'), author.name,
               tracked.old_value_char, tracked.new_value_char
          FROM mail_tracking_value tracked
          JOIN mail_message message ON message.id = tracked.mail_message_id
          JOIN ir_model_fields field ON field.id = tracked.field_id
          JOIN rebate_settlement settlement ON settlement.id = message.res_id
     LEFT JOIN res_partner author ON author.id = message.author_id
         WHERE message.model = 'rebate.settlement'
           AND field.model = 'rebate.settlement'
           AND field.name = 'state'
           AND message.res_id = ANY(%s)
      ORDER BY settlement.id, message.date, tracked.id
        """,
        settlements.ids,
    )
