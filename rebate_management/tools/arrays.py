"""Many values in a statement: the server reads one text faster than as many constants."""

from collections.abc import Collection

from odoo.tools import SQL

# From here on a plan takes less time than it saves.
MANY = 5000


def array(values, kind: str = "int") -> SQL:
    """Compose an array.

    :param values: numbers, dates, truth values or None; of texts, those of digits and commas
    :param kind: the type of its elements
    """
    quote = '"' if kind == "text" else ""
    texts = ("NULL" if value is None else f"{quote}{value}{quote}" for value in values)
    return SQL("%s::%s[]", f"{{{','.join(texts)}}}", SQL(kind))


def any_of(ids: Collection[int]) -> SQL:
    """Compose what an id is compared with to be one of some.

    Of each that it is shown the planner tells how often it occurs, which takes longer than to find
    a row by it. Of so many that a whole table is better read than searched it is shown all.
    """
    if len(ids) < MANY:
        return SQL("ANY(ARRAY(SELECT unnest(%s)))", array(ids))
    return SQL("ANY(%s)", array(ids))
