"""What a program asks of who is responsible for it: to solve what keeps it from being computed, and
what kept a job from booking its rebates. It says so on itself and in a to-do."""

from odoo.tools import plaintext2html

from ...tools.locks import lock_available
from ...tools.trust import trusted

PROBLEM = "mail.mail_activity_data_todo"
ACCRUAL = "rebate_management.mail_activity_type_accrual"


def update_problem(programs):
    """Take over what the programs' accruals say is wrong with them, and tell who is responsible
    when something is, or no longer is."""
    # Whoever posts or refreshes sets this off; the program tells it whatever their rights.
    programs = programs.sudo()
    problems = dict(
        programs.env["rebate.accrual"]._read_group(
            [("program_id", "in", programs.ids), ("problem", "!=", False)],
            ["program_id"],
            ["problem:array_agg_distinct"],
        )
    )
    flagged = programs.filtered(
        lambda program: program.problem or program.period_problem or program in problems
    )
    # Two who each solve one of the last two problems must not both believe the other remains.
    locked = lock_available(flagged)
    programs.env["rebate.queue"]._append_agreements(
        program.agreement_ids[:1] for program in flagged - locked
    )
    changed = flagged.browse()
    for program in locked:
        told = dict.fromkeys([program.period_problem, *problems.get(program, ())])
        problem = " ".join(filter(None, told)) or False
        if program.problem != problem:
            trusted(program).problem = problem
            changed += program
    _update_problem_todos(changed)


def set_period_problem(programs, error):
    """Say that the periods of programs cannot be told, or that they can be again.

    :param error: what went wrong, or None
    """
    for program in lock_available(programs):
        text = False
        if error:
            text = program._with_responsible_lang().env._(
                "The periods of program “%(program)s” cannot be told: %(error)s Correct its"
                " dates and periods; until then the figures stay as they were.",
                program=program.display_name,
                error=f"{error}".rstrip(" .\n") + ".",
            )
        trusted(program).period_problem = text
    programs._update_problem()


def update_accrual_todos(programs, problems, is_expiry=False):
    """Have one open to-do on each program that could not be booked, none on the others.

    :param problems: a sentence by program that could not be booked
    :param is_expiry: what expired unclaimed was to be booked, not what is owed
    """
    programs.activity_unlink([ACCRUAL])
    for program, problem in problems.items():
        env = program._with_responsible_lang().env
        program.activity_schedule(
            ACCRUAL,
            summary=env._("Expired rebates were not booked")
            if is_expiry
            else env._("Rebates were not accrued"),
            note=plaintext2html(problem),
            user_id=program._responsible().id,
        )


def _update_problem_todos(programs):
    """Have one open to-do on each program with a problem, and none on the others."""
    solved = programs.env["mail.activity"]
    for program in programs:
        activity = program.problem_activity_id.filtered("active")
        if not program.problem:
            solved += activity
        elif activity:
            activity.note = plaintext2html(program.problem)
        else:
            trusted(program).problem_activity_id = program.activity_schedule(
                PROBLEM,
                summary=program._with_responsible_lang().env._("Rebates cannot be computed"),
                note=plaintext2html(program.problem),
                user_id=program._responsible().id,
            )
    if solved:
        solved.action_feedback(feedback=programs.env._("Solved: all figures are computed again."))
