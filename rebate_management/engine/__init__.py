"""The rules of rebates as pure functions: numbers in, numbers and their reasons out.

Nothing below this package imports Odoo, reads a clock or a database. All money is ``Decimal``
in the program's currency, and nothing is rounded before the caller asks for it.
"""
