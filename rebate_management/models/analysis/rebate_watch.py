"""The watch list: agreements that are worth a call today, each with the reason why."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools.acting import acting
from ...tools.trust import trusted
from .nearness import near, tell

# Agreements that are measured together.
BATCH = 500


class RebateWatch(models.Model):
    """One row for each agreement and reason, written anew every night from live figures. Whoever it
    is assigned to, and what was planned, stays as long as the reason does; a reason that is over
    stays until what was planned is done."""

    _name = "rebate.watch"
    _description = "Rebate Watch List"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "is_over, worth desc, id"
    _rec_name = "partner_id"

    agreement_id = fields.Many2one(
        "rebate.agreement", required=True, ondelete="cascade", index=True, readonly=True
    )
    program_id = fields.Many2one(related="agreement_id.program_id", store=True, index=True)
    partner_id = fields.Many2one(related="agreement_id.partner_id", store=True, index=True)
    company_id = fields.Many2one(related="agreement_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="agreement_id.currency_id", store=True)
    user_id = fields.Many2one(
        "res.users",
        string="Salesperson",
        compute="_compute_user_id",
        store=True,
        readonly=False,
        index=True,
        tracking=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Who follows it up; first of all the salesperson of the customer.",
    )
    kind = fields.Selection(
        [
            ("near_miss", "Near a Tier"),
            ("near_loss", "About to Miss a Tier"),
            ("silent", "Silent"),
            ("behind", "Behind Last Year"),
            ("growth", "Growing"),
        ],
        string="Reason",
        required=True,
        readonly=True,
        index=True,
    )
    distance = fields.Float(
        string="Distance (%)",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="What is missing to the tier in percent of its threshold, or by how much purchases"
        " differ from those of a year before.",
    )
    worth = fields.Monetary(
        readonly=True, help="What it is about for the distributor: the rebate to be won, or lost."
    )
    effort_return = fields.Float(
        string="Return (%)",
        digits=(16, 2),
        readonly=True,
        aggregator="avg",
        help="What it is worth for each hundred of purchases that it takes.",
    )
    date_to = fields.Date(string="Until", readonly=True, help="The last day of the period.")
    days_left = fields.Integer(compute="_compute_days_left")
    rule_id = fields.Many2one("rebate.rule", ondelete="cascade", readonly=True)
    facts = fields.Json(readonly=True, help="What the sentence is told from.")
    sentence = fields.Char(string="In Words", compute="_compute_sentence")
    refreshed_on = fields.Date(string="As Of", readonly=True)
    is_over = fields.Boolean(
        string="Over",
        readonly=True,
        help="The reason is over; it stays here until what was planned is done.",
    )
    steps = fields.Json(related="agreement_id.current_steps", string="Progress")

    _agreement_kind_uniq = models.Constraint(
        "UNIQUE (agreement_id, kind)", "An agreement is on the watch list once for each reason."
    )

    @api.depends("partner_id.user_id")
    def _compute_user_id(self):
        for watch in self:
            watch.user_id = watch.partner_id.user_id

    @api.depends("date_to")
    def _compute_days_left(self):
        today = fields.Date.context_today(self)
        for watch in self:
            watch.days_left = max((watch.date_to - today).days, 0) if watch.date_to else 0

    @api.depends("kind", "facts", "worth", "date_to", "rule_id")
    @api.depends_context("lang")
    def _compute_sentence(self):
        for watch in self:
            watch.sentence = watch.facts and tell(
                watch.env,
                watch.kind,
                watch.rule_id,
                watch.facts,
                Decimal(str(watch.worth)),
                watch.date_to,
            )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    @acting("write")
    def action_schedule_call(self):
        """Plan a call about these rows, in Odoo's own window."""
        call = self.env.ref("mail.mail_activity_data_call", raise_if_not_found=False)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Schedule a Call"),
            "res_model": "mail.activity.schedule",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "active_model": self._name,
                "active_ids": self.ids,
                "default_activity_type_id": call.id if call else False,
                "default_summary": self.sentence if len(self) == 1 else False,
                "default_activity_user_id": (
                    self.user_id.id if len(self.user_id) == 1 else self.env.uid
                ),
            },
        }

    @acting("write")
    def action_send_mail(self):
        """Write to the distributor, in Odoo's own window.

        :raise UserError: when there is no address
        """
        self.ensure_one()
        if not self.partner_id.email:
            raise UserError(
                self.env._(
                    "%(partner)s has no email address. Enter one on the customer, or schedule a"
                    " call.",
                    partner=self.partner_id.display_name,
                )
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Write to %s", self.partner_id.display_name),
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_model": self._name,
                "default_res_ids": self.ids,
                "default_composition_mode": "comment",
                "default_partner_ids": self.partner_id.ids,
                "default_template_id": self.env.ref(
                    "rebate_management.mail_template_watch", raise_if_not_found=False
                ).id,
                "force_email": True,
            },
        }

    @acting()
    def action_open_agreement(self):
        """Open the agreement."""
        self.ensure_one()
        return self.agreement_id._get_records_action()

    @acting()
    def action_refresh(self):
        """Look again which agreements of the companies the user works in are worth a call.

        :raise AccessError: when the user is no manager
        """
        self.env["rebate.agreement"].check_access("write")
        self._refresh(Domain("company_id", "in", self.env.companies.ids))
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    # ------------------------------------------------------------------
    # Every night
    # ------------------------------------------------------------------

    @api.model
    def _cron_refresh(self):
        """Look again which agreements are worth a call."""
        self._refresh(Domain.TRUE, is_job=True)

    @api.model
    def _refresh(self, domain, is_job=False):
        """Write the rows of agreements anew.

        :param domain: of agreements
        :param is_job: commit after each batch, and stop when the time is over
        """
        # Nobody has the right to type what is worth a call.
        agreements = (
            self.env["rebate.agreement"]
            .sudo()
            .search(
                domain & Domain("state", "=", "active") & Domain("program_id.state", "=", "active")
            )
        )
        # What ran before and runs no more.
        self.sudo().search(
            Domain("agreement_id", "any", domain) & Domain("agreement_id", "not in", agreements.ids)
        )._let_go()
        for start in range(0, len(agreements), BATCH):
            batch = agreements[start : start + BATCH]
            self._write_rows(batch, near(batch))
            if is_job and not self.env["ir.cron"]._commit_progress(
                len(batch), remaining=max(len(agreements) - start - BATCH, 0)
            ):
                return

    def _write_rows(self, agreements, rows):
        """Bring the rows of agreements in line with what there is to say of them."""
        # As in _refresh.
        watches = trusted(self.sudo())
        known = {
            (watch.agreement_id, watch.kind): watch
            for watch in watches.search([("agreement_id", "in", agreements.ids)])
        }
        begun = []
        for row in rows:
            vals = self._prepare_vals(row)
            if watch := known.pop((row.agreement, row.kind), None):
                watch.write(watch._changed(vals))
            else:
                begun.append(vals | {"agreement_id": row.agreement.id, "kind": row.kind})
        # That a row was found is no news for its chatter.
        watches.with_context(mail_create_nolog=True).create(begun)
        # Of a program that cannot be computed nothing is known, which is no reason to forget.
        gone = self.browse().union(*known.values())
        gone.filtered(lambda watch: not watch.program_id.problem)._let_go()

    def _prepare_vals(self, row):
        """Values of a row."""
        return {
            "distance": float(row.distance),
            "worth": float(row.worth),
            "effort_return": float(row.effort_return),
            "date_to": row.date_to,
            "rule_id": row.rule.id,
            "facts": row.facts,
            "refreshed_on": fields.Date.context_today(self),
            "is_over": False,
        }

    def _changed(self, vals):
        """Those of the values that the row does not have."""
        self.ensure_one()
        return {
            name: value
            for name, value in vals.items()
            if self._fields[name].convert_to_record(
                self._fields[name].convert_to_cache(value, self), self
            )
            != self[name]
        }

    def _let_go(self):
        """Take rows off the list whose reason is over, but for those of which something is still
        planned."""
        # Whoever plans a call keeps it, whether or not he is the one who looks.
        rows = trusted(self.sudo())
        planned = rows.filtered("activity_ids")
        (rows - planned).unlink()
        planned.filtered(lambda watch: not watch.is_over).write({"is_over": True})

    # ------------------------------------------------------------------
    # Every week
    # ------------------------------------------------------------------

    @api.model
    def _cron_digest(self):
        """Send each salesperson what is worth a call, one mail each; who has nothing gets none.

        :return: the users who get one
        """
        companies = self.env["res.company"].search([("rebate_watch_digest", "=", True)])
        domain = Domain("company_id", "in", companies.ids) & Domain("is_over", "=", False)
        groups = self._read_group(domain & Domain("user_id", "!=", False), ["user_id"])
        users = self.env["res.users"].union(*(user for (user,) in groups))
        users = users.filtered(
            lambda user: (
                user.active
                and not user.share
                and user.email
                and user.rebate_watch_digest
                and user.has_group("rebate_management.group_rebate_user")
                and user._rebate_watches()
            )
        )
        template = self.env.ref(
            "rebate_management.mail_template_watch_digest", raise_if_not_found=False
        )
        if users and template:
            template.send_mail_batch(users.ids)
        return users
