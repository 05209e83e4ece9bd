"""A settlement run as it goes along: what was asked for, how far it is, and what came of it."""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..tools.acting import acting
from ..tools.trust import trusted


class RebateSettlementBatch(models.Model):
    """Begun by the wizard or by the calendar, and written by the run alone. The payout partners
    are settled in the order of their ids; how far it is and what is proposed are stored in one
    transaction, so that wherever a run is interrupted, it goes on with the next partner."""

    _name = "rebate.settlement.batch"
    _description = "Settlement Run in Progress"
    _order = "id desc"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    date_to = fields.Date(string="Earned Up To", required=True, readonly=True)
    kind = fields.Selection(
        selection=lambda self: self.env["rebate.settlement.run"]._fields["kind"].selection,
        string="Pay",
        required=True,
        readonly=True,
    )
    program_ids = fields.Many2many(
        "rebate.program",
        string="Programs",
        # What is archived is hidden: left out, an empty list would stand for all.
        context={"active_test": False},
        readonly=True,
    )
    partner_ids = fields.Many2many(
        "res.partner", string="Distributors", context={"active_test": False}, readonly=True
    )
    user_id = fields.Many2one(
        "res.users", string="Started By", required=True, readonly=True, ondelete="restrict"
    )
    is_automatic = fields.Boolean(
        string="By the Calendar", readonly=True, help="Begun when a settlement period was over."
    )
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("running", "Running"),
            ("done", "Done"),
            ("failed", "Failed"),
            ("stopped", "Stopped"),
        ],
        string="Status",
        default="waiting",
        required=True,
        readonly=True,
        index=True,
    )
    total = fields.Integer(string="Partners", readonly=True)
    done = fields.Integer(string="Partners Done", readonly=True)
    progress = fields.Float(compute="_compute_progress", help="In percent.")
    progress_text = fields.Char(string="Done", compute="_compute_progress")
    last_partner = fields.Integer(
        readonly=True, help="The id of the last partner who was settled; the next has a greater."
    )
    problem = fields.Text(readonly=True)
    finished_at = fields.Datetime(string="Finished On", readonly=True)
    settlement_ids = fields.One2many("rebate.settlement", "batch_id", readonly=True)
    settlement_count = fields.Integer(compute="_compute_settlement_count")
    carryover_ids = fields.One2many("rebate.settlement.carryover", "batch_id", readonly=True)

    @api.depends("total", "done", "state")
    def _compute_progress(self):
        for batch in self:
            # Who is enrolled meanwhile is settled too, so that there may be more than at first.
            total = max(batch.total, batch.done)
            batch.progress = 100 * batch.done / total if total else 100.0
            batch.progress_text = self.env._("%(done)s of %(total)s", done=batch.done, total=total)

    def _compute_settlement_count(self):
        counts = dict(
            self.env["rebate.settlement"]._read_group(
                [("batch_id", "in", self.ids)], ["batch_id"], ["__count"]
            )
        )
        for batch in self:
            batch.settlement_count = counts.get(batch, 0)

    @api.depends("date_to", "kind")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for batch in self:
            batch.display_name = self.env._(
                "%(kind)s up to %(day)s",
                kind=kinds.get(batch.kind, ""),
                day=format_date(self.env, batch.date_to),
            )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_view_settlements(self):
        """Open what the run has proposed."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "rebate_management.rebate_settlement_action"
        )
        return action | {"domain": [("batch_id", "=", self.id)], "context": {}}

    @acting()
    def action_stop(self):
        """Have the run propose no more; what it proposed stays."""
        self._require_starter()
        # Nobody may write a run but the run itself.
        under_way = self.filtered(lambda batch: batch.state in ("waiting", "running")).sudo()
        trusted(under_way).state = "stopped"
        return True

    @acting()
    def action_continue(self):
        """Go on where the run failed or was stopped."""
        self._require_starter()
        # As in action_stop.
        halted = self.filtered(lambda batch: batch.state in ("failed", "stopped")).sudo()
        trusted(halted).write({"state": "waiting", "problem": False})
        halted._wake()
        return True

    def _require_starter(self):
        """Refuse what only those may who may start a run."""
        self.env["rebate.settlement.run"].check_access("create")

    # ------------------------------------------------------------------
    # Who is to be settled
    # ------------------------------------------------------------------

    def _agreement_domain(self):
        """The agreements that the run is about."""
        self.ensure_one()
        domain = (
            Domain("company_id", "=", self.company_id.id)
            & Domain("state", "in", ("active", "ended"))
            & Domain("program_id.state", "!=", "draft")
        )
        if self.program_ids:
            domain &= Domain("program_id", "in", self.program_ids.ids)
        if self.partner_ids:
            domain &= Domain("partner_id", "in", self.partner_ids.commercial_partner_id.ids)
        return domain

    def _payout_partners(self, limit=None):
        """Find who receives the payouts that the run has not come to yet.

        :param limit: at most so many
        :return: their ids in ascending order
        """
        agreements = self.env["rebate.agreement"]
        agreements.flush_model(["partner_id", "payout_partner_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT COALESCE(payout_partner_id, partner_id) AS id
                  FROM rebate_agreement
                 WHERE id IN %s AND COALESCE(payout_partner_id, partner_id) > %s
              ORDER BY id
                 LIMIT %s
                """,
                agreements._search(self._agreement_domain()).subselect(),
                self.last_partner,
                limit,
            )
        )
        return [partner_id for (partner_id,) in rows]
