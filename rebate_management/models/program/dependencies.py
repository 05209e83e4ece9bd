"""Several programs on one purchase: which of them pay, on what is left, and whose rebates depend on
whose."""


def in_sequence(programs):
    """The programs, the first first."""
    return programs.sorted(lambda program: (program.sequence, program.id))


def _earlier(program, programs):
    """Those of some programs that come before this one, first things first."""
    return in_sequence(programs).filtered(
        lambda other: (other.sequence, other.id) < (program.sequence, program.id)
    )


def reducing_programs(program):
    """The programs whose rebates lower the amount on which this one pays, in sequence."""
    return _earlier(program, program.reduced_by_program_ids).filtered(lambda p: p.state != "draft")


def preceding_programs(programs):
    """The programs that take purchases before any of these, by priority in a group."""
    preceding = programs.browse()
    for program in programs:
        if program.stacking_group_id.method == "priority":
            preceding |= _earlier(program, program.stacking_group_id._programs())
    return preceding.filtered(lambda program: program.state != "draft")


def dependencies_of(program):
    """The programs on whose rebates this one depends: those that reduce it, and those of a
    group of which only the best pays."""
    dependencies = reducing_programs(program)
    if program.stacking_group_id.method == "best":
        programs = program.stacking_group_id._programs()
        dependencies |= programs.filtered(lambda program: program.state != "draft")
    return dependencies - program


def with_dependencies(programs):
    """These programs, those they depend on, and so on."""
    while new := programs.union(*(program._dependencies() for program in programs)) - programs:
        programs |= new
    return programs


def dependent_programs(programs):
    """The programs whose rebates depend on these, themselves included: those that share a
    stacking group, those reduced by what one of them earns, and so on. Archived ones too, which
    are hidden but have periods to settle, and no drafts of amendments."""
    while new := (programs.stacking_group_id._programs() | _reduced_programs(programs)) - programs:
        programs |= new
    return programs


def _reduced_programs(programs):
    """The programs of which some of these lower the amount."""
    # The drafts of amendments are archived, and are no programs.
    return (
        programs.with_context(active_test=False)
        .search([("reduced_by_program_ids", "in", programs.ids), ("amends_id", "=", False)])
        .with_env(programs.env)
    )
