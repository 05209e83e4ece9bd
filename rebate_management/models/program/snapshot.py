"""The whole terms of a program as a settlement keeps them: in values and in words."""

from .terms_compared import rule_rows, term_rows


def snapshot(program) -> dict:
    """Tell the terms in force, in the language of the context.

    :return: ``name``, ``code`` and ``type``; ``terms`` and ``rules`` with their tiers, see
        ``_freeze_terms``; ``words``, the same as pairs of label and text, and for each rule
        its ``words`` and what it ``counts``
    """
    # What a reader may not see is part of the terms all the same.
    program = program.sudo()
    frozen = program._freeze_terms()
    rules = {rule.id: rule for rule in program.rule_ids}
    for rule in frozen["rules"]:
        rows = rule_rows(program.env, (program, program), rule, rule)
        rule["words"] = [[row.label, row.after] for row in rows]
        rule["counts"] = rules[rule["id"]].scope_summary
    rows = term_rows(program.env, program, frozen["terms"], frozen["terms"])
    return {
        "name": program.name,
        "code": program.code or "",
        "type": program.program_type,
        "words": [[row.label, row.after] for row in rows],
        **frozen,
    }
