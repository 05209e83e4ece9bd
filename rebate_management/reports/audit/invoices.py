"""The invoices that counted, in the audit file: every line with its program, a list of the
invoices, and these as they were sent."""

from odoo.tools import SQL

from ...tools.apart import apart
from ...tools.rows import iterate
from .tables import folder_name

# Periods that are computed at once, and invoices whose files are looked for at once.
PERIODS = 50
INVOICES = 200


def write_invoices(export, archive):
    """Every invoice line that counted, and the invoices they are of."""
    env = export.env
    move_ids = set()
    archive.table(
        "invoice_lines.csv",
        [
            env._("Program"),
            env._("Distributor"),
            env._("From"),
            env._("To"),
            env._("Settlement"),
            env._("Rule"),
            env._("Invoice"),
            env._("Invoice Date"),
            env._("Internal Reference"),
            env._("Product"),
            env._("Quantity"),
            env._("Unit"),
            env._("Counted"),
            env._("Currency"),
            env._("Rate"),
            env._("Earned"),
            env._("Settled Before"),
            env._("Rebate Amount"),
            env._("Invoice Line No."),
        ],
        _without_moves(_rows(export), move_ids),
    )
    _write_list(export, archive, sorted(move_ids))


def _without_moves(rows, move_ids):
    """Take the invoice off each row, and note it."""
    for *row, move_id in rows:
        if move_id:
            move_ids.add(move_id)
        yield row


def _rows(export):
    programs = {program.id: program.display_name for program in export._programs()}
    for program_id, *row in iterate(export.env, _frozen_lines(export)):
        yield [programs.get(program_id), *row]
    # What is settled for good was frozen; of the others what counts now is told as well.
    waiting = export._accruals().filtered(lambda accrual: accrual.state in ("open", "closed"))
    for start in range(0, len(waiting), PERIODS):
        for some, shares, error in apart(
            waiting[start : start + PERIODS], lambda accruals: accruals._shares_until(None)
        ):
            # Of what cannot be computed the accrual tells why.
            yield from () if error else _open_rows(some, shares, programs)
        waiting[start : start + PERIODS].invalidate_recordset()


def _frozen_lines(export) -> SQL:
    """Compose the invoice lines of the settlements as they were frozen; by the index of the details
    on their settlement line."""
    return SQL(
        """
        SELECT line.program_id, partner.name, to_char(accrual.date_from, 'YYYY-MM-DD'),
               to_char(accrual.date_to, 'YYYY-MM-DD'), settlement.name, detail.rule_name,
               detail.invoice_name, to_char(detail.invoice_date, 'YYYY-MM-DD'),
               detail.product_code, detail.product_name, trim_scale(detail.quantity::numeric)::text,
               detail.uom_name, detail.amount::text, currency.name,
               trim_scale(detail.rate::numeric)::text, detail.earned_amount::text,
               detail.settled_amount::text, detail.rebate_amount::text, detail.line_number,
               item.move_id
          FROM rebate_settlement_detail detail
          JOIN rebate_settlement_line line ON line.id = detail.settlement_line_id
          JOIN rebate_settlement settlement ON settlement.id = line.settlement_id
          JOIN res_currency currency ON currency.id = settlement.currency_id
     LEFT JOIN rebate_accrual accrual ON accrual.id = line.accrual_id
     LEFT JOIN rebate_agreement agreement ON agreement.id = accrual.agreement_id
     LEFT JOIN res_partner partner
            ON partner.id = COALESCE(agreement.partner_id, settlement.partner_id)
     LEFT JOIN account_move_line item ON item.id = detail.move_line_id
         WHERE line.id = ANY(%s)
      ORDER BY line.program_id, settlement.id, line.id, detail.invoice_date, detail.id
        """,
        export._settlement_lines().ids,
    )


def _open_rows(accruals, shares, programs):
    """Tell the lines that count for periods that are not settled for good, without a settlement."""
    env = accruals.env
    texts = {}
    for source, some in env["rebate.measure"]._by_source(accruals):
        ids = {
            part.line_id for accrual, _rule, parts in shares if accrual in some for part in parts
        }
        if ids:
            texts |= _line_texts(env, source, ids)
    for accrual, rule, parts in shares:
        for part in parts:
            document, day, code, product, quantity, unit, item_id, move_id = texts[part.line_id]
            yield [
                programs.get(accrual.program_id.id),
                accrual.partner_id.name,
                accrual.date_from,
                accrual.date_to,
                None,
                rule.name,
                document,
                day,
                code,
                product,
                part.quantity if accrual.uom_id else quantity,
                accrual.uom_id.name if accrual.uom_id else unit,
                part.amount,
                accrual.currency_id.name,
                None,
                part.rebate,
                None,
                None,
                item_id,
                move_id,
            ]


def _line_texts(env, source, line_ids):
    """Read what rows tell of lines of a source, in one statement by their ids."""
    lang = env.lang or "en_US"
    ids = list(line_ids)
    rows = env.execute_query(
        SQL(
            """
            SELECT line.id, line.document, to_char(line.date, 'YYYY-MM-DD'), product.default_code,
                   COALESCE(template.name ->> %(lang)s, template.name ->> 'en_US',
                            line.description),
                   trim_scale(line.quantity::numeric)::text,
                   COALESCE(unit.name ->> %(lang)s, unit.name ->> 'en_US'),
                   line.move_line_id, item.move_id
              FROM (%(lines)s) line
         LEFT JOIN account_move_line item ON item.id = line.move_line_id
         LEFT JOIN uom_uom unit ON unit.id = line.uom_id
         LEFT JOIN product_product product ON product.id = line.product_id
         LEFT JOIN product_template template ON template.id = product.product_tmpl_id
             WHERE line.id = ANY(%(ids)s)
            """,
            lang=lang,
            lines=source.frozen_lines(SQL("SELECT unnest(%s::int[])", ids)),
            ids=ids,
        )
    )
    return {line_id: texts for line_id, *texts in rows}


def _write_list(export, archive, move_ids):
    """List the invoices, each with its file where it was sent or printed."""
    env = export.env
    files = {}
    for start in range(0, len(move_ids) if export.has_invoices else 0, INVOICES):
        moves = env["account.move"].browse(move_ids[start : start + INVOICES])
        for move, file in _files(moves):
            path = f"invoices/{folder_name(move)}_{move.id}.pdf"
            files[move.id] = archive.add(path, file.raw or b"")
            file.invalidate_recordset(["raw", "datas"])
        moves.invalidate_recordset()
    archive.table(
        "invoices.csv",
        [
            env._("Invoice"),
            env._("Invoice Date"),
            env._("Customer"),
            env._("Untaxed Amount"),
            env._("Total"),
            env._("Currency"),
            env._("File"),
        ],
        ([*row, files.get(move_id)] for move_id, *row in iterate(env, _invoices(move_ids))),
    )


def _files(moves):
    """The invoices as they were sent, else the PDF that stands beside them."""
    # What the user may read of the invoices includes their files.
    moves.check_access("read")
    sent = (
        moves.env["ir.attachment"]
        .sudo()
        .search(
            [
                ("res_model", "=", "account.move"),
                ("res_id", "in", moves.ids),
                ("res_field", "=", "invoice_pdf_report_file"),
            ]
        )
    )
    files = {file.res_id: file for file in sent}
    for move in moves:
        # As above.
        file = files.get(move.id) or move.sudo().message_main_attachment_id
        if file and file.mimetype == "application/pdf":
            yield move, file


def _invoices(move_ids) -> SQL:
    return SQL(
        """
        SELECT move.id, move.name, to_char(move.invoice_date, 'YYYY-MM-DD'), partner.name,
               move.amount_untaxed_signed::text, move.amount_total_signed::text, currency.name
          FROM account_move move
          JOIN res_company company ON company.id = move.company_id
          JOIN res_currency currency ON currency.id = company.currency_id
     LEFT JOIN res_partner partner ON partner.id = move.partner_id
         WHERE move.id = ANY(%s)
      ORDER BY move.invoice_date, move.name, move.id
        """,
        move_ids,
    )
