"""Builders for amendments: begin one, change its draft, apply it."""

from odoo import Command

from ..common import RebateCommon


class AmendmentCommon(RebateCommon):
    def _draft(self, program, *changes):
        """The draft of an amendment of a program, with some changes made to its only rule."""
        draft = program.browse(program.action_amend()["res_id"])
        for change in changes:
            change(draft.rule_ids)
        return draft

    def _apply(self, draft, reason="Agreed with the distributors"):
        """Preview and apply the amendment of a draft."""
        amendment = draft.env["rebate.amendment"].search([("draft_id", "=", draft.id)])
        draft.action_preview_amendment()
        amendment.reason = reason
        amendment.action_apply()
        return amendment

    def _amend(self, program, *changes, **vals):
        return self._apply(self._draft(program, *changes), **vals)

    @staticmethod
    def _tier(rule, threshold):
        return rule.tier_ids.filtered(lambda tier: tier.threshold == threshold)

    def _rate(self, threshold, rate):
        return lambda rule: self._tier(rule, threshold).write({"rate": rate})

    def _move_tier(self, threshold, new):
        return lambda rule: self._tier(rule, threshold).write({"threshold": new})

    def _add_tier(self, threshold, rate):
        values = {"threshold": threshold, "rate": rate}
        return lambda rule: rule.write({"tier_ids": [Command.create(values)]})

    def _everything(self):
        """Each program, rule, tier, agreement and accrual with all that is stored of it, but for
        amendments."""
        self.env.flush_all()
        self.env.invalidate_all()
        names = ("program", "rule", "tier", "agreement", "accrual", "accrual.line")
        return {
            model: self.env[model]
            .search([])
            .read(
                [
                    name
                    for name, field in self.env[model]._fields.items()
                    if field.column_type and field.store
                ]
            )
            for model in (f"rebate.{name}" for name in names)
        }
