"""A program that cannot be computed says so: on itself, and in a to-do for who is responsible."""

from psycopg2 import Error as DatabaseError

from odoo import fields, models
from odoo.tools import plaintext2html

from ..tools.trust import trusted
from .rebate_turns import take_turn


class RebateProgram(models.Model):
    _inherit = "rebate.program"

    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        index="btree_not_null",
        tracking=True,
        help="Who is told when the program cannot be computed.",
    )
    problem = fields.Char(
        readonly=True,
        copy=False,
        help="Why the figures of some agreements could not be brought up to date; empty: they are.",
    )
    period_problem = fields.Char(
        readonly=True, copy=False, help="Why its periods could not be told; empty: they were."
    )
    told_scope = fields.Json(
        readonly=True,
        copy=False,
        prefetch=False,
        help="Which products that count otherwise than when they were settled the program has told"
        " of: the rule, the product, and whether it left.",
    )
    problem_activity_id = fields.Many2one(
        "mail.activity", ondelete="set null", readonly=True, copy=False
    )

    def action_refresh(self):
        """Compute all agreements of the program anew."""
        self.agreement_ids.action_refresh()
        return True

    def _update_problem(self):
        """Take over what the programs' accruals say is wrong with them, and tell who is
        responsible when something is, or no longer is."""
        # Whoever posts or refreshes sets this off; the program tells it whatever their rights.
        programs = self.sudo()
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
        in_turn = take_turn(flagged)
        self.env["rebate.queue"]._append_agreements(
            program.agreement_ids[:1] for program in flagged - in_turn
        )
        changed = flagged.browse()
        for program in in_turn:
            told = dict.fromkeys([program.period_problem, *problems.get(program, ())])
            problem = " ".join(filter(None, told)) or False
            if program.problem != problem:
                trusted(program).problem = problem
                changed += program
        changed._update_problem_activity()

    def _set_period_problem(self, error):
        """Say that the periods of programs cannot be told, or that they can be again.

        :param error: what went wrong, or None
        """
        for program in take_turn(self):
            text = False
            if error:
                text = program._speaking_to_responsible().env._(
                    "The periods of program “%(program)s” cannot be told: %(error)s Correct its"
                    " dates and periods; until then the figures stay as they were.",
                    program=program.display_name,
                    error=f"{error}".rstrip(" .\n") + ".",
                )
            trusted(program).period_problem = text
        self._update_problem()

    def _error_message(self, error):
        """Say that the program cannot be computed, and why."""
        self.ensure_one()
        if isinstance(error, DatabaseError | ArithmeticError):
            # In words of its own the database tells statements, and the machine nothing.
            error = self.env._("A number in its terms is out of range, or of the wrong kind.")
        return self.env._(
            "Program “%(program)s” cannot be computed: %(error)s Correct its rules; until then the"
            " figures stay as they were.",
            program=self.display_name,
            error=f"{error}".rstrip(" .\n") + ".",
        )

    def _update_problem_activity(self):
        """Have one open to-do on each program with a problem, and none on the others."""
        vals_list = []
        begun = self.browse()
        solved = self.env["mail.activity"]
        for program in self:
            activity = program.problem_activity_id.filtered("active")
            if not program.problem:
                solved += activity
            elif activity:
                activity.note = plaintext2html(program.problem)
            else:
                begun += program
                vals_list.append(program._prepare_problem_activity_vals())
        if solved:
            solved.action_feedback(feedback=self.env._("Solved: all figures are computed again."))
        activities = self.env["mail.activity"].create(vals_list)
        for program, activity in zip(begun, activities, strict=True):
            trusted(program).problem_activity_id = activity

    def _prepare_problem_activity_vals(self):
        self.ensure_one()
        todo = self.env.ref("mail.mail_activity_data_todo", raise_if_not_found=False)
        return {
            "res_model_id": self.env["ir.model"]._get_id(self._name),
            "res_id": self.id,
            "activity_type_id": todo and todo.id,
            "summary": self._speaking_to_responsible().env._("Rebates cannot be computed"),
            "note": plaintext2html(self.problem),
            "user_id": self._responsible().id,
            "automated": True,
        }

    def _responsible(self):
        """Find who is told: the responsible user, or a manager where there is none any more."""
        self.ensure_one()
        managers = self.env.ref("rebate_management.group_rebate_manager").all_user_ids
        return (
            self.user_id.filtered("active")
            or managers.filtered(lambda user: user.active and self.company_id in user.company_ids)
        )[:1]

    def _speaking_to_responsible(self):
        """The program in the language of who is told, whoever finds the problem."""
        self.ensure_one()
        return self.with_context(lang=self.user_id.lang)
