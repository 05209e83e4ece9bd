"""Entries that raise or lower the liability of accruals show these."""

from odoo import fields, models

from .rebate_turns import require_turn


class AccountMove(models.Model):
    _inherit = "account.move"

    rebate_accrued_until = fields.Date(
        string="Rebates Accrued Up To",
        index="btree_not_null",
        copy=False,
        readonly=True,
        help="The day up to which the accrual run that posted this entry looked.",
    )
    rebate_accrual_count = fields.Integer(compute="_compute_rebate_accrual_count")

    def _compute_rebate_accrual_count(self):
        counts = dict(
            self.env["account.move.line"]._read_group(
                [("move_id", "in", self.ids), ("rebate_accrual_id", "!=", False)],
                ["move_id"],
                ["rebate_accrual_id:count_distinct"],
            )
        )
        for move in self:
            move.rebate_accrual_count = counts.get(move, 0)

    def _require_accruals_turn(self, state):
        """Take a turn on the accruals whose liability changes with the state of these entries, so
        that no refresh of their figures comes between: see :func:`require_turn`."""
        entries = self.filtered(
            lambda move: (
                move.move_type == "entry"
                and move.state != state
                and "posted" in (move.state, state)
            )
        )
        if entries:
            # Whoever may post an entry need not be able to read accruals.
            lines = self.env["account.move.line"].sudo()
            lines = lines.search(
                [("move_id", "in", entries.ids), ("rebate_accrual_id", "!=", False)]
            )
            require_turn(lines.rebate_accrual_id)

    def action_view_rebate_accruals(self):
        """Show the accruals whose liability the entry raises or lowers."""
        self.ensure_one()
        accruals = self.line_ids.rebate_accrual_id
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "rebate_management.rebate_accrual_action"
        )
        action |= {"domain": [("id", "in", accruals.ids)], "context": {}}
        if len(accruals) == 1:
            action |= {"views": [(False, "form")], "view_mode": "form", "res_id": accruals.id}
        return action

    def _view_rebate_entries(self, name):
        """Open one entry, or a list of several.

        :param name: the title of the list
        """
        action = {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "account.move",
            "domain": [("id", "in", self.ids)],
            # Not the list of invoices that Odoo shows otherwise.
            "views": [(self.env.ref("account.view_move_tree").id, "list"), (False, "form")],
            "context": {"create": False},
        }
        if len(self) == 1:
            action |= {"views": [(False, "form")], "res_id": self.id}
        return action
