"""Accruals that cannot be computed: each says why, and stops no other program's."""

from ...tools.trust import trusted


def flag(accruals, error):
    """Say that the accruals, all of one program, cannot be computed.

    :param error: why
    """
    # Found by whoever looks or runs; the accruals tell it whatever their rights.
    trusted(accruals.sudo()).problem = error_message(accruals, error)


def find_problem(accrual, result):
    """Say why a result is not to be relied on.

    :param result: see :class:`Result`
    :return: a sentence, or False where nothing is wrong with it
    """
    if problem := accrual.program_id.period_problem:
        return problem
    if result.unconverted:
        return _no_rate_message(accrual)
    return result.unmeasured and _no_unit_message(accrual)


def error_message(accruals, error):
    """Say that the program of some accruals cannot be computed, to who answers for it."""
    return _program(accruals)._error_message(error)


def _program(accruals):
    """The program of some accruals, in the language of who answers for it."""
    return accruals.program_id._with_responsible_lang()


def _no_rate_message(accrual):
    program = _program(accrual)
    return program.env._(
        "Program “%(program)s” is in %(currency)s, but no exchange rate of %(currency)s is"
        " known for invoices in another currency. Enter its rates under Accounting,"
        " Configuration, Currencies; until then the figures stay as they were.",
        program=program.display_name,
        currency=program.currency_id.name,
    )


def _no_unit_message(accrual):
    program = _program(accrual)
    return program.env._(
        "Program “%(program)s” counts in %(unit)s, but some invoice lines are in a unit of"
        " measure that cannot be converted to it. Correct the units of the products"
        " or limit the rules to products that convert; until then the figures stay as they"
        " were.",
        program=program.display_name,
        unit=program.uom_id.name,
    )
