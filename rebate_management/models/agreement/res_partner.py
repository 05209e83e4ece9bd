"""Customers: their rebates at a glance, measured live; and what becomes of them when a company
moves."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_amount


class ResPartner(models.Model):
    _inherit = "res.partner"

    rebate_agreement_ids = fields.One2many(
        "rebate.agreement",
        "partner_id",
        string="Rebate Agreements",
        groups="rebate_management.group_rebate_user",
    )
    rebate_summary = fields.Char(
        string="Rebates",
        compute="_compute_rebate_summary",
        groups="rebate_management.group_rebate_user",
        help="What the running period has earned to date; of several programs, how many there are.",
    )
    rebate_summary_label = fields.Char(
        compute="_compute_rebate_summary",
        groups="rebate_management.group_rebate_user",
        help="Which period that is.",
    )
    rebate_running_ids = fields.Many2many(
        "rebate.agreement",
        string="Running Rebates",
        compute="_compute_rebate_summary",
        groups="rebate_management.group_rebate_user",
        help="The agreements that run, those first with which most can be won by little.",
    )
    rebate_open_summary = fields.Char(
        string="Open Rebates",
        compute="_compute_rebate_summary",
        groups="rebate_management.group_rebate_user",
        help="What was earned in all programs and periods, and was not paid yet.",
    )
    rebate_problem = fields.Text(
        string="Rebates Without Figures",
        compute="_compute_rebate_summary",
        groups="rebate_management.group_rebate_user",
        help="Programs of which what the running period has earned cannot be told, and why.",
    )

    @api.depends("rebate_agreement_ids.state")
    @api.depends_context("lang", "allowed_company_ids")
    def _compute_rebate_summary(self):
        agreements = self.env["rebate.agreement"].search(
            [("partner_id", "in", self.commercial_partner_id.ids), ("state", "!=", "draft")]
        )
        by_partner = agreements.grouped("partner_id")
        for partner in self:
            own = by_partner.get(partner.commercial_partner_id, agreements.browse())
            problems = own.filtered("current_problem")
            running = own.filtered("current_period")
            partner.rebate_summary, partner.rebate_summary_label = self._rebate_figure(running, own)
            partner.rebate_running_ids = running.sorted(_best_first)
            partner.rebate_open_summary = self._rebate_sums(own, "open_amount")
            partner.rebate_problem = "\n".join(dict.fromkeys(problems.mapped("current_problem")))

    def _rebate_figure(self, running, own):
        """What the button on the form says: a figure where all that run have one period, for a
        quarter and a year do not add up.

        :return: figure and label
        """
        periods = set(running.mapped("current_period"))
        if not own:
            return "", ""
        if not running:
            return "–", self.env._("Rebates")
        if len(periods) == 1:
            label = self.env._("Rebates %s", periods.pop())
            return self._rebate_sums(running, "current_earned_amount"), label
        return self.env._("%s running", len(running)), self.env._("Rebates")

    def _rebate_sums(self, agreements, name):
        """Add money up, each currency by itself."""
        return " + ".join(
            format_amount(self.env, sum(some.mapped(name)), currency)
            for currency, some in agreements.grouped("currency_id").items()
        )

    def action_view_rebates(self):
        """Open the customer's agreements with their live progress."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "rebate_management.rebate_agreement_action"
        )
        return action | {
            "domain": [("partner_id", "=", self.commercial_partner_id.id)],
            "context": {"default_partner_id": self.commercial_partner_id.id},
            # cards first: at a glance is what a salesperson wants here
            "views": sorted(action["views"], key=lambda view: view[1] != "kanban"),
        }

    # ------------------------------------------------------------------
    # Companies that move
    # ------------------------------------------------------------------

    def write(self, vals):
        """Have the figures follow a company that is put below another, or below none.

        What is paid stays with who was paid; of that which is not, the agreements count that are
        above the company now.

        :raise UserError: when a distributor would become a contact of another company, or a contact
            would take along invoices that were paid for
        """
        if not {"parent_id", "is_company"} & vals.keys():
            return super().write(vals)
        above = self._rebate_agreements_above()
        before = {partner: (partner.parent_id, partner.commercial_partner_id) for partner in self}
        result = super().write(vals)
        moved = self.filtered(
            lambda partner: before[partner] != (partner.parent_id, partner.commercial_partner_id)
        )
        joined = moved.filtered(lambda p: p.commercial_partner_id != before[p][1])
        joined._check_rebate_company()
        joined._check_rebate_invoices()
        for partner in moved:
            (above | partner._rebate_agreements_above())._follow_purchases(
                self.env._(
                    "%(partner)s was moved from %(before)s to %(after)s. What is paid for stays as"
                    " it was; from the first day that is not, its purchases count for the agreement"
                    " above it now.",
                    partner=partner.display_name,
                    before=before[partner][0].display_name or "–",
                    after=partner.parent_id.display_name or "–",
                )
            )
        return result

    def _rebate_agreements_above(self):
        """The agreements of these customers and of the companies above them."""
        # Whoever may move a customer need not see its rebates, which follow all the same.
        agreements = self.env["rebate.agreement"].sudo()
        if not self.ids:
            return agreements
        return agreements.search(
            Domain("partner_id", "parent_of", self.ids) & Domain("state", "!=", "draft")
        )

    def _check_rebate_company(self):
        """Refuse that a distributor becomes a contact of another company."""
        # As in _rebate_agreements_above.
        agreements = self.env["rebate.agreement"].sudo()
        agreements = agreements.search([("partner_id", "in", self.ids), ("state", "!=", "draft")])
        for agreement in agreements:
            partner = agreement.partner_id
            company = partner.commercial_partner_id
            if company != partner:
                raise UserError(
                    self.env._(
                        "%(partner)s takes part in the rebate program “%(program)s”, so it cannot"
                        " become a contact of %(company)s: its invoices would count for"
                        " %(company)s. Let it stay a company (“Company” instead of “Person”); as"
                        " such it may stand below %(company)s.",
                        partner=partner.display_name,
                        program=agreement.program_id.display_name,
                        company=company.display_name,
                    )
                )

    def _check_rebate_invoices(self):
        """Refuse that a company becomes a contact of another and takes invoices along that were
        paid for where it stood before."""
        if not self:
            return
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT move.partner_id, line.settlement_id
                  FROM account_move move
                  JOIN account_move_line item ON item.move_id = move.id
                  JOIN rebate_settlement_detail detail ON detail.move_line_id = item.id
                  JOIN rebate_settlement_line line ON line.id = detail.settlement_line_id
                 WHERE move.partner_id = ANY(%s)
                   -- those that Odoo takes along
                   AND move.commercial_partner_id IN (
                           SELECT commercial_partner_id FROM res_partner
                            WHERE id = move.partner_id)
                   AND line.state NOT IN ('rejected', 'cancelled')
                 LIMIT 1
                """,
                self.ids,
            )
        )
        for partner_id, settlement_id in rows:
            partner = self.browse(partner_id)
            # As in _rebate_agreements_above.
            settlement = self.env["rebate.settlement"].sudo().browse(settlement_id)
            raise UserError(
                self.env._(
                    "Purchases of %(partner)s were paid for by rebate settlement %(settlement)s to"
                    " %(payee)s, so its invoices cannot become those of %(after)s. Let it stay a"
                    " company, which may stand below %(after)s, or leave it and add a new contact"
                    " to %(after)s.",
                    partner=partner.name,
                    settlement=settlement.name,
                    payee=settlement.partner_id.display_name,
                    after=partner.commercial_partner_id.display_name,
                )
            )


def _best_first(agreement):
    """Where most can be won by buying little comes first, then where most was earned."""
    gain, missing = agreement.current_next_gain, agreement.current_to_next_tier
    return -(gain / missing if gain > 0 and missing > 0 else 0), -agreement.current_earned_amount
