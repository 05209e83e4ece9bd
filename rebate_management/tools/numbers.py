"""Numbers of a sequence, many at once."""

from odoo.tools import SQL


def draw_numbers(env, code, days, *, company_id):
    """Draw the next numbers of a sequence as ``next_by_code`` of ``ir.sequence`` does one by one:
    in few statements, however many they are.

    :param code: of the sequence; the company's own comes before that of all
    :param days: for each number the day, by whose year or other range it is numbered; None: today
    :param company_id: of what is numbered, or None
    :return: a list of numbers written out, in the order of the days; of False where there is no
        sequence
    """
    sequences = env["ir.sequence"].with_company(company_id)
    sequence = sequences.search(
        [("code", "=", code), ("company_id", "in", [sequences.env.company.id, False])],
        order="company_id",
        limit=1,
    )
    if not sequence or sequence.implementation != "standard":
        # Without gaps each number is a row that is locked and written.
        return [sequences.next_by_code(code, sequence_date=day) for day in days]
    ranges = {day: sequence._get_current_sequence(day) for day in set(days)}
    by_range = {}
    for place, day in enumerate(days):
        by_range.setdefault(ranges[day], []).append(place)
    drawn = {}
    for current, places in by_range.items():
        drawn |= dict(zip(places, _draw(sequence, current, len(places)), strict=True))
    return [drawn[place] for place in range(len(days))]


def _draw(sequence, current, count):
    """Draw numbers of a sequence, or of one of its ranges."""
    name = f"ir_sequence_{sequence.id:03}"
    if current != sequence:
        name = f"{name}_{current.id:03}"
        sequence = sequence.with_context(ir_sequence_date_range=current.date_from)
    numbers = sequence.env.execute_query(
        SQL("SELECT nextval(%s) FROM generate_series(1, %s)", name, count)
    )
    prefix, suffix = sequence._get_prefix_suffix()
    return [f"{prefix}{number:0{sequence.padding}d}{suffix}" for (number,) in numbers]
