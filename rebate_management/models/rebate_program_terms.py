"""Which of a program's fields are terms, and how a running program gets new ones."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools.trust import is_trusted, trusted
from .rebate_terms import FIXED_TERMS

# What names or files a program or books it, and what its buttons write.
NOT_TERMS = {
    *("name", "code", "active", "state", "amends_id", "note", "template_id"),
    *("user_id", "told_scope", "problem", "period_problem", "problem_activity_id"),
    "proposed_until",
    *("journal_id", "expense_account_id"),
    *("accrual_method", "accrual_journal_id", "liability_account_id"),
    *("payout_product_id", "analytic_distribution"),
    *("tax_policy", "payout_grouping", "reconcile_payouts"),
}


class RebateProgram(models.Model):
    _name = "rebate.program"
    _inherit = ["rebate.program", "rebate.terms"]
    _not_terms = frozenset(NOT_TERMS)

    amends_id = fields.Many2one(
        "rebate.program",
        string="Amended Program",
        ondelete="restrict",
        index="btree_not_null",
        copy=False,
        readonly=True,
        help="The running program for which this draft holds new terms. Such a draft is archived,"
        " and is no program by itself.",
    )

    @api.depends("name", "amends_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        result = super()._compute_display_name()
        for program in self:
            if program.amends_id:
                program.display_name = self.env._("%s (amendment)", program.name)
        return result

    # ------------------------------------------------------------------
    # What comes and goes by buttons only
    # ------------------------------------------------------------------

    def _refuse_in_state(self, name):
        if name is None:
            self._unlink_except_offered()
        return super()._refuse_in_state(name)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_offered(self):
        """A program that was offered or amended is part of the record, and the draft of an
        amendment goes with it."""
        if is_trusted(self.env):
            return
        for program in self:
            if program.amends_id:
                raise UserError(program._is_amendment_message())
            if program.state != "draft" or program.amendment_ids:
                raise UserError(
                    self.env._(
                        "Program “%s” has been active and is part of the record. Close and"
                        " archive it instead of deleting it.",
                        program.display_name,
                    )
                )

    @api.constrains("active", "state", "amends_id")
    def _check_amendment(self):
        for program in self:
            if program.amends_id and (program.active or program.state != "draft"):
                raise ValidationError(program._is_amendment_message())

    def _is_amendment_message(self):
        return self.env._(
            "This draft of “%s” holds the terms of an amendment. Apply the amendment or discard"
            " it; the draft is no program by itself.",
            self.name,
        )

    # ------------------------------------------------------------------
    # Terms
    # ------------------------------------------------------------------

    def _terms_programs(self):
        return self

    def _terms_place(self, name):
        return f"“{self._fields[name]._description_string(self.env)}”"

    def _check_unlocked(self, name=None):
        # Programs that come or go are checked above.
        return super()._check_unlocked(name) if name else None

    def _freeze_terms(self):
        """The whole terms of the program, rules and tiers included, as they can be stored."""
        return {
            "terms": super()._freeze_terms(),
            "rules": [rule._freeze_terms() for rule in self.rule_ids.sorted(lambda r: r.sequence)],
        }

    def _draft_amendment(self):
        """Copy the program, for its terms to be changed aside."""
        self.ensure_one()
        # Products that the manager may not see are part of the terms all the same.
        draft = trusted(self.sudo().with_context(tracking_disable=True)).copy(
            self._term_vals() | {"active": False, "amends_id": self.id}
        )
        for rule, twin in zip(self.rule_ids.sorted("id"), draft.rule_ids.sorted("id"), strict=True):
            twin.amends_id = rule
            for tier, twin_tier in zip(
                rule.tier_ids.sorted("id"), twin.tier_ids.sorted("id"), strict=True
            ):
                twin_tier.amends_id = tier
        return self.browse(draft.id)

    def _take_terms(self, draft):
        """Take over the terms of an amendment's draft. Rules and tiers that stay keep their ids,
        new rules move over from the draft.

        :raise UserError: when a rule is given up for which distributors have tiers of their own
        """
        self.ensure_one()
        program = trusted(self.with_context(tracking_disable=True))
        vals = draft._term_vals()
        program.write({name: vals[name] for name in vals if name not in FIXED_TERMS})
        twins = {
            twin.amends_id: twin for twin in draft.rule_ids if twin.amends_id in program.rule_ids
        }
        dropped = program.rule_ids.filtered(lambda rule: rule not in twins)
        dropped._check_no_own_tiers()
        dropped.unlink()
        for rule in program.rule_ids:
            rule._take_terms(twins[rule])
        new = draft.rule_ids.filtered(lambda rule: rule not in twins.values())
        trusted(new).write({"program_id": self.id, "amends_id": False})
