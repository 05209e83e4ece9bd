"""Settlements, their fingerprints and approvals, in the audit file."""

from tempfile import TemporaryFile

from odoo.tools import SQL, format_list

from ...tools.rows import iterate
from .printing import Prints, write_report
from .tables import amount_text, folder_name, write_records

STATEMENT = "rebate_management.report_rebate_settlement"


def write_settlements(export, archive):
    """By settlement: its statement, its workbook, and what was frozen of it as JSON."""
    settlements = export._settlements()
    states = dict(settlements._fields["state"]._description_selection(export.env))
    prints = Prints(export.env)
    for settlement in settlements:
        folder = archive.folder(f"settlements/{folder_name(settlement)}")
        paths = {export.env._("Statement"): _write_statement(archive, folder, settlement, prints)}
        with TemporaryFile() as file:
            settlement._write_rebate_workbook(file)
            file.seek(0)
            paths[export.env._("Workbook")] = archive.add_file(f"{folder}/workbook.xlsx", file)
        paths[export.env._("As Frozen")] = archive.json(
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
                "statement_sha256": settlement.statement_hash or None,
                "terms_snapshot": settlement.terms_snapshot or None,
            },
        )
        archive.list_files(
            "settlements",
            [
                settlement.name,
                settlement.partner_id.display_name,
                ", ".join(settlement.line_ids.program_id.mapped("display_name")),
                str(settlement.date),
                amount_text(settlement.amount_total, settlement.currency_id),
                states[settlement.state],
            ],
            paths,
        )
        # Its terms and the printed pages are large.
        settlement.invalidate_recordset(
            ["terms_snapshot", "fingerprint_content", "statement_file"], flush=False
        )


def _write_statement(archive, folder, settlement, prints):
    """Write the statement as it was kept when it was first made, also of what was taken back since
    and though it was changed: the findings tell that; else it is made now, and kept.

    :return: its path
    """
    if settlement.statement_hash and (content := settlement._kept_file()):
        return archive.add(f"{folder}/statement.pdf", content)
    return write_report(
        archive, f"{folder}/statement", STATEMENT, settlement, is_printed=prints.take()
    )


def write_fingerprints(export, archive):
    """The chain, and whether all settlements of the companies are as they were posted."""
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
    companies = export._programs().company_id
    count, findings = env["rebate.settlement"]._check_fingerprints(companies)
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
    yield [
        None,
        None,
        None,
        summary
        % {
            "count": count,
            "company": format_list(env, companies.mapped("name")),
        },
    ]


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
