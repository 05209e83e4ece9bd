"""Journal items and the documents that paid, in the audit file."""

from odoo import fields
from odoo.tools import SQL

from ...tools.rows import iterate
from .printing import write_report
from .tables import amount_text, folder_name, write_records

INVOICE = "account.account_invoices"


def write_entries(export, archive):
    """All journal items of entries that raise or lower what is owed of the programs and are
    dated in the period or of what was bought in it, and of the documents of the settlements."""
    env = export.env
    accounts = env["account.account"].search(
        [("company_ids", "parent_of", export._programs().company_id.ids)]
    )
    # Archived ones have entries too.
    accounts |= accounts.with_context(active_test=False).search(
        [("company_ids", "parent_of", export._programs().company_id.ids)]
    )
    codes = {account.id: (account.code, account.name) for account in accounts}
    archive.table(
        "entries.csv",
        [
            env._("Entry"),
            env._("Date"),
            env._("Journal"),
            env._("Reference"),
            env._("Account"),
            env._("Account Name"),
            env._("Partner"),
            env._("Label"),
            env._("Debit"),
            env._("Credit"),
            env._("Currency"),
            env._("Amount in Currency"),
            env._("Accrual No."),
            env._("Settlement"),
            env._("Item No."),
        ],
        (
            [*row[:4], *codes.get(row[4], (row[4], None)), *row[5:]]
            for row in iterate(env, _entry_items(export))
        ),
    )


def _entry_items(export) -> SQL:
    """Compose the journal items, amounts as text, in the order of the books."""
    return SQL(
        """
        SELECT move.name, to_char(item.date, 'YYYY-MM-DD'), journal.code, move.ref,
               item.account_id, partner.name, item.name, item.debit::text, item.credit::text,
               currency.name, item.amount_currency::text, item.rebate_accrual_id,
               settlement.name, item.id
          FROM account_move_line item
          JOIN account_move move ON move.id = item.move_id
          JOIN account_journal journal ON journal.id = move.journal_id
          JOIN res_currency currency ON currency.id = item.currency_id
     LEFT JOIN res_partner partner ON partner.id = item.partner_id
     LEFT JOIN rebate_settlement settlement ON settlement.id = move.rebate_settlement_id
         WHERE move.state = 'posted'
           AND item.account_id IS NOT NULL
           AND (move.id = ANY(%(documents)s)
                OR move.id IN (
                       SELECT own.move_id
                         FROM account_move_line own
                         JOIN rebate_accrual accrual ON accrual.id = own.rebate_accrual_id
                        WHERE accrual.program_id = ANY(%(programs)s)
                          AND (own.date BETWEEN %(first)s AND %(last)s
                               OR accrual.date_from <= %(last)s
                              AND accrual.date_to >= %(first)s)))
      ORDER BY item.date, move.id, item.id
        """,
        documents=export._documents().ids,
        first=export.date_from,
        last=export.date_to,
        programs=export._programs().ids,
    )


def write_documents(export, archive):
    """Credit notes, bills and reversals: a list, and each as it was sent; of what was never sent
    there is no PDF that is to be kept, so it is a page."""
    documents = export._documents()
    names = (
        *("name", "move_type", "partner_id", "invoice_date", "currency_id", "amount_untaxed"),
        *("amount_tax", "amount_total", "payment_state", "rebate_settlement_id"),
        "reversed_entry_id",
    )
    write_records(archive, "documents.csv", documents, names)
    for document in documents:
        name, path = f"documents/{folder_name(document)}_{document.id}", None
        if document.invoice_pdf_report_id:
            path = archive.add(f"{name}.pdf", document.invoice_pdf_report_id.raw)
        elif document.is_invoice(include_receipts=True):
            path = write_report(archive, name, INVOICE, document, is_printed=False)
        archive.list_files(
            "documents",
            [
                document.partner_id.display_name,
                fields.Date.to_string(document.date),
                amount_text(document.amount_total_in_currency_signed, document.currency_id),
                document.rebate_settlement_id.name,
            ],
            {document.name: path},
        )
        document.invoice_pdf_report_id.invalidate_recordset(["raw", "datas"])
