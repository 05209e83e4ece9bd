"""Whether a program's accruals can be posted at all, and if not, in a sentence, why not."""

from odoo.tools import SQL, format_date

from ...tools.currencies import Conversion, without_rate


def posting_problems(programs):
    """Find programs whose accruals cannot be posted.

    :return: by program, a sentence that says why
    """
    missing = without_rate(programs.env, map(_to_books, programs))
    problems = {
        program: program._missing_to_accrue()
        or _unusable(program)
        or (_to_books(program) in missing and _without_rate(program))
        for program in programs
    }
    return {program: problem for program, problem in problems.items() if problem}


def missing_to_accrue(program):
    """Say what a program lacks to accrue, or nothing."""
    if program.accrual_method == "none":
        return None
    for name in ("liability_account_id", "accrual_journal_id"):
        if not program[name]:
            return program.env._(
                "Program “%(program)s” is to accrue, but its “%(field)s” is empty. Choose one"
                " on the tab “Accounting”, or choose not to accrue.",
                program=program.display_name,
                field=program._fields[name]._description_string(program.env),
            )
    return None


def accrued_after(programs, day):
    """Find programs that a run has already accrued up to a later day. What was bought since
    would seem to be owed no more, and be reversed on a day when it was not in the books yet.

    :param day: the day of the run asked about
    :return: a sentence by program
    """
    programs.env["account.move"].flush_model()
    programs.env["account.move.line"].flush_model()
    rows = programs.env.execute_query(
        SQL(
            """
            SELECT accrual.program_id, MAX(move.rebate_accrued_until)
              FROM account_move move
              JOIN account_move_line line ON line.move_id = move.id
              JOIN rebate_accrual accrual ON accrual.id = line.rebate_accrual_id
             WHERE move.rebate_accrued_until > %s
               AND move.state = 'posted'
               AND accrual.program_id = ANY(%s)
               AND NOT EXISTS (SELECT FROM account_move reversal
                                WHERE reversal.reversed_entry_id = move.id
                                  AND reversal.state = 'posted')
          GROUP BY accrual.program_id
            """,
            day,
            programs.ids,
        )
    )
    by_id = {program.id: program for program in programs}
    return {
        by_id[program_id]: programs.env._(
            "Program “%(program)s” is accrued up to %(later)s already. Choose this day or a"
            " later one, or reverse its entries since %(day)s first.",
            program=by_id[program_id].display_name,
            later=format_date(programs.env, later),
            day=format_date(programs.env, day),
        )
        for program_id, later in rows
    }


def _unusable(program):
    """Say which account or journal the program does not have, or not any more."""
    for name in ("expense_account_id", "liability_account_id", "accrual_journal_id"):
        record = program[name]
        if record and not record.active:
            return program.env._(
                "Program “%(program)s” has “%(record)s” as its “%(field)s”, which is archived."
                " Unarchive it, or choose another one on the tab “Accounting”.",
                program=program.display_name,
                field=program._fields[name]._description_string(program.env),
                record=record.display_name,
            )
        # The liability may stand on an account that the program has left.
        if not record and name != "liability_account_id":
            return program.env._(
                "Program “%(program)s” cannot post: its “%(field)s” is empty. Choose one on"
                " the tab “Accounting”.",
                program=program.display_name,
                field=program._fields[name]._description_string(program.env),
            )
    return None


def _to_books(program):
    company = program.company_id
    return Conversion(company, program.currency_id, company.currency_id)


def _without_rate(program):
    """Say that amounts of the program cannot be converted to the books' currency."""
    return program.env._(
        "Program “%(program)s” is in %(currency)s, but company “%(company)s” has no exchange"
        " rate of %(currency)s. Enter its rates under Accounting, Configuration, Currencies.",
        program=program.display_name,
        currency=program.currency_id.name,
        company=program.company_id.display_name,
    )
