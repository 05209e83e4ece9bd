"""The life of an agreement: enrolled, running, ended; its figures follow each change."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..tools.acting import acting
from ..tools.trust import trusted


class RebateAgreement(models.Model):
    _inherit = "rebate.agreement"

    def write(self, vals):
        for name in {"program_id", "partner_id"} & vals.keys():
            for agreement in self:
                # Back in draft it stays with them too.
                if agreement.activated_on and vals[name] != agreement[name].id:
                    agreement._refuse_in_state(name)
        claims = {}
        if {"date_start", "date_end", "payout_partner_id"} & vals.keys():
            claims = {agreement: (agreement._run(), agreement._payee()) for agreement in self}
        result = super().write(vals)
        self.filtered(
            lambda agreement: agreement in claims and agreement._claims_more(*claims[agreement])
        )._check_paid_to_others()
        if {
            "date_start",
            "date_end",
            "include_children",
            "partner_id",
            "baseline_amount",
            "target_amount",
            "tier_ids",
        } & vals.keys():
            self.filtered(lambda agreement: agreement.state != "draft").action_refresh()
        if {"state", "date_start", "date_end", "include_children", "partner_id"} & vals.keys():
            # Invoices that are being posted now are not seen yet.
            self.env["rebate.queue"]._append_agreements(self)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_running(self):
        for agreement in self:
            if agreement.state != "draft" or agreement._is_on_record():
                raise UserError(
                    self.env._(
                        "The agreement “%s” has been active and is part of the record. End it"
                        " instead of deleting it.",
                        agreement.display_name,
                    )
                )

    def _is_on_record(self):
        """Tell whether anything was earned, proposed, paid, booked or claimed by the agreement."""
        self.ensure_one()
        return bool(
            # Whatever its reader may see of it.
            self.sudo().accrual_ids.filtered(
                lambda accrual: (
                    accrual.earned_amount
                    or accrual.settlement_line_ids
                    or accrual.move_line_ids
                    or accrual.claimed_date
                    or accrual.expired_on
                )
            )
        )

    def _tiers(self, rule):
        """Find the tiers by which a rule pays this distributor, sorted.

        :param rule: a rule of the program
        """
        self.ensure_one()
        return rule._tiers_for(self.tier_ids)

    @acting("write")
    def action_activate(self):
        """Enrol the distributor: purchases count from the agreement's first day on.

        :raise UserError: when the program is not active
        """
        for agreement in self:
            program = agreement.program_id
            if program.state != "active":
                raise UserError(
                    self.env._(
                        "Program “%(program)s” is not active, so %(partner)s cannot be enrolled."
                        " Activate the program first.",
                        program=program.display_name,
                        partner=agreement.partner_id.display_name,
                    )
                )
            for rule in program.rule_ids:
                program._check_unit(rule, agreement._tiers(rule))
        # A customer may have become a contact of another since the agreement was written.
        self._check_commercial_partner()
        self._check_paid_to_others()
        today = fields.Date.context_today(self)
        begun = self.filtered(lambda agreement: not agreement.activated_on)
        # The one field that tells it was ever active is written here alone.
        trusted(begun).write({"state": "active", "activated_on": today})
        trusted(self - begun).write({"state": "active"})
        self.action_refresh()
        return True

    @acting("write")
    def action_end(self):
        """End the agreement today, or leave the earlier end it already has.

        :raise UserError: when it has not begun
        """
        today = fields.Date.context_today(self)
        for agreement in self:
            if agreement.state == "draft":
                raise UserError(
                    self.env._(
                        "The agreement “%s” is a draft, so there is nothing to end. Delete it, or"
                        " activate it first.",
                        agreement.display_name,
                    )
                )
            trusted(agreement).write(
                {
                    "state": "ended",
                    "date_end": max(agreement.date_start, min(agreement.date_end or today, today)),
                }
            )
        return True

    @acting("write")
    def action_reset(self):
        """Take an agreement back to draft that was activated by mistake, before anything was earned
        by it. Its program and distributor stay.

        :raise UserError: when something was earned, proposed, paid, booked or claimed
        """
        self.action_refresh()
        for agreement in self:
            if agreement._is_on_record():
                raise UserError(
                    self.env._(
                        "By the agreement “%s” something was earned, paid, booked or claimed, so it"
                        " cannot go back to draft. End it, and make a new agreement.",
                        agreement.display_name,
                    )
                )
        trusted(self).write({"state": "draft"})
        # Nobody has the right to type accruals; these tell of nothing.
        trusted(self.sudo().accrual_ids).unlink()
        return True

    def action_refresh(self):
        """Bring the accruals of every period up to date with the invoices posted so far, and those
        of other agreements whose figures depend on these."""
        self.check_access("read")
        self._ensure_accruals()
        (self | self._affected()).accrual_ids.refresh()
        return True

    def _affected(self):
        """Find the agreements that may lose or gain purchases or rebate when these change: those
        of the companies above and below in the same program, and those in programs that stack
        with it or are reduced by it."""
        programs = self.program_id._affected()
        partners = Domain("partner_id", "child_of", self.partner_id.ids) | Domain(
            "partner_id", "parent_of", self.partner_id.ids
        )
        return self.search(
            Domain("program_id", "in", programs.ids)
            & Domain("state", "in", ("active", "ended"))
            & partners
        )

    # ------------------------------------------------------------------
    # Who is paid for which days
    # ------------------------------------------------------------------

    def _payee(self):
        """Who receives the payouts."""
        self.ensure_one()
        return self.payout_partner_id or self.partner_id

    def _claims_more(self, run, payee):
        """Tell whether the agreement runs on more days than before, or is paid to another.

        :param run: its first and last day before
        :param payee: see :meth:`_payee`
        """
        first, last = self._run()
        return self.state != "draft" and (first < run[0] or last > run[1] or payee != self._payee())

    def _check_paid_to_others(self):
        """Refuse days whose purchases were paid for already to somebody else: what is overpaid is
        made up by what the same payee is owed, and by nobody else.

        :raise UserError: when another agreement of the program was paid for them
        """
        if not self:
            return
        for model in ("agreement", "accrual", "settlement", "settlement.line"):
            self.env[f"rebate.{model}"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (mine.id) mine.id, settlement.id, paid.until
                  FROM rebate_agreement mine
                  JOIN (SELECT accrual.agreement_id, accrual.program_id,
                               buyer.partner_id AS buyer_id, accrual.date_from,
                               COALESCE(line.date_until, accrual.date_to) AS until,
                               line.settlement_id
                          FROM rebate_settlement_line line
                          JOIN rebate_accrual accrual ON accrual.id = line.accrual_id
                          JOIN (SELECT settlement_line_id, partner_id
                                  FROM rebate_settlement_buyer
                                 WHERE path IS NOT NULL
                             UNION ALL
                                SELECT line.id, accrual.partner_id
                                  FROM rebate_settlement_line line
                                  JOIN rebate_accrual accrual ON accrual.id = line.accrual_id
                               ) buyer ON buyer.settlement_line_id = line.id
                         WHERE line.state NOT IN ('rejected', 'cancelled')
                       ) paid
                    ON paid.program_id = mine.program_id
                   AND paid.buyer_id = mine.partner_id
                   AND paid.agreement_id <> mine.id
                   AND paid.until >= mine.date_start
                   AND (mine.date_end IS NULL OR paid.date_from <= mine.date_end)
                  JOIN rebate_settlement settlement ON settlement.id = paid.settlement_id
                 WHERE mine.id = ANY(%s)
                   AND settlement.partner_id <> COALESCE(mine.payout_partner_id, mine.partner_id)
              ORDER BY mine.id, paid.until DESC
                """,
                self.ids,
            )
        )
        for agreement_id, settlement_id, until in rows:
            agreement = self.browse(agreement_id)
            # Who enrols is told who was paid, also where he may not open the settlement.
            settlement = self.env["rebate.settlement"].sudo().browse(settlement_id)
            raise UserError(
                self.env._(
                    "Purchases of %(partner)s in program “%(program)s” were paid for up to"
                    " %(until)s by settlement %(settlement)s, to %(payee)s. Let the agreement start"
                    " after that day, pay it to %(payee)s too, or cancel that settlement first.",
                    partner=agreement.partner_id.display_name,
                    program=agreement.program_id.display_name,
                    until=format_date(self.env, until),
                    settlement=settlement.name,
                    payee=settlement.partner_id.display_name,
                )
            )

    def _is_paid(self):
        """Tell whether a payout of the agreement stands or is proposed."""
        # Whatever its reader may see of it.
        lines = self.sudo().accrual_ids.settlement_line_ids
        return any(line.state not in ("rejected", "cancelled") for line in lines)

    def _is_merged_with(self, other):
        """Tell whether two agreements run at the same time because their distributors were merged,
        which enrolled them apart: then the first counts what both could, see :class:`Twin`."""
        self.ensure_one()
        if self.merged_partner_res_id == other.merged_partner_res_id:
            return False
        # They tell no more than that these two were there before.
        merges = self.env["rebate.partner.merge"].sudo()
        merges = merges.search(
            [
                (
                    "old_partner_res_id",
                    "in",
                    (self.merged_partner_res_id, other.merged_partner_res_id),
                )
            ]
        )
        return any(max(self.id, other.id) <= merge.last_agreement_res_id for merge in merges)

    def _merging_pairs(self, partners):
        """Pair agreements that will run at the same time when customers are merged.

        :return: ``(agreement, the one that comes first)``
        """
        agreements = self.sorted("id")
        return [
            (agreement, first)
            for place, agreement in enumerate(agreements)
            for first in agreements[:place]
            if first.program_id == agreement.program_id
            and first.partner_id != agreement.partner_id
            and first._overlaps(agreement)
        ]

    def _follow_purchases(self, text=None):
        """Have the figures follow purchases that have become another's.

        :param text: what happened, to be noted on the agreements
        """
        running = self.exists().filtered(lambda agreement: agreement.state != "draft")
        self.env["rebate.queue"]._append_agreements(running)
        for agreement in running if text else ():
            agreement.message_post(body=text)

    def action_view_accruals(self):
        """Show the agreement's periods."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "rebate_management.rebate_accrual_action"
        )
        return action | {"domain": [("agreement_id", "=", self.id)], "context": {}}
