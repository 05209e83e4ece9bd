"""Merging distributors: what both bought is counted once, what both were paid stays on record."""

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_list

from ..tools.trust import trusted


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        """Refuse what cannot be carried through before anything changes; afterwards the figures
        follow the customers to the one that is left."""
        partners = self.env["res.partner"].browse(partner_ids).exists()
        if len(partners) < 2:
            return super()._merge(partner_ids, dst_partner, extra_checks)
        target = dst_partner if dst_partner in partners else None
        target = target or self._get_ordered_partner(partners.ids)[-1]
        # Whoever may merge customers need not see their rebates, which follow all the same.
        agreements = self.env["rebate.agreement"].sudo()
        agreements = agreements.search(
            Domain("partner_id", "in", partners.ids)
            | Domain("payout_partner_id", "in", partners.ids)
        )
        self._rebate_check_merge(partners, target, agreements)
        affected = agreements | partners._rebate_agreements_above()
        result = super()._merge(partner_ids, target, extra_checks)
        self._rebate_align_invoices(target)
        affected |= target._rebate_agreements_above()
        affected._follow_purchases()
        return result

    def _update_foreign_keys(self, src_partners, dst_partner):
        # The last moment at which what is merged still bears its name.
        self.env["rebate.partner.merge"]._record(src_partners, dst_partner)
        for source in src_partners:
            # As in _merge; who was enrolled is recorded by the first merge alone.
            agreements = self.env["rebate.agreement"].sudo()
            agreements = agreements.search(
                [("partner_id", "=", source.id), ("merged_partner_res_id", "=", 0)]
            )
            trusted(agreements).write({"merged_partner_res_id": source.id})
        self._rebate_rename_paths(src_partners, dst_partner)
        return super()._update_foreign_keys(src_partners, dst_partner)

    def _rebate_rename_paths(self, src_partners, dst_partner):
        """Have the companies that settlements were computed from named as they are now."""
        for source in src_partners:
            self.env.cr.execute(
                SQL(
                    r"""
                    UPDATE rebate_settlement_buyer
                       SET path = regexp_replace(path, %s, %s, 'g')
                     WHERE path ~ %s
                    """,
                    rf"\m{source.id}\M",
                    str(dst_partner.id),
                    rf"\m{source.id}\M",
                )
            )

    def _rebate_align_invoices(self, target):
        """Have the invoices of a customer who became a contact by the merge count for its company,
        as the invoices to come do."""
        company = target.commercial_partner_id
        if company == target:
            return
        # Posted documents of all companies, as the merge itself changes them.
        moves = self.env["account.move"].sudo().search([("commercial_partner_id", "=", target.id)])
        if moves:
            moves.flush_recordset()
            self.env.cr.execute(
                SQL(
                    "UPDATE account_move SET commercial_partner_id = %s WHERE id = ANY(%s)",
                    company.id,
                    moves.ids,
                )
            )
            self.env.cr.execute(
                SQL(
                    "UPDATE account_move_line SET partner_id = %s"
                    " WHERE move_id = ANY(%s) AND partner_id = %s",
                    company.id,
                    moves.ids,
                    target.id,
                )
            )
            self.env.invalidate_all()

    # ------------------------------------------------------------------
    # What is refused
    # ------------------------------------------------------------------

    def _rebate_check_merge(self, partners, target, agreements):
        """Refuse a merge by which a distributor would be no company any more, or purchases that
        were paid to one payee would be paid to another.

        :param agreements: all that the customers take part in or are paid by
        :raise UserError: before anything is changed
        """
        own = agreements.filtered(
            lambda agreement: agreement.partner_id in partners and agreement.state != "draft"
        )
        if not own:
            return
        is_company = any(partners.mapped("is_company"))
        # As Odoo merges them: the target's own parent counts before that of the others.
        parents = (target | partners).mapped("parent_id") - partners
        if not is_company and parents:
            raise UserError(
                self.env._(
                    "%(partners)s have rebate agreements, and merged into %(target)s they would be"
                    " a contact of %(company)s. Make %(target)s a company first, or leave its field"
                    " “Related Company” empty.",
                    partners=format_list(self.env, own.partner_id.mapped("display_name")),
                    target=target.display_name,
                    company=parents[:1].display_name,
                )
            )
        for agreement, first in own._merging_pairs(partners):
            payees = {
                target if (payee := other._payee()) in partners else payee
                for other in (agreement, first)
            }
            if len(payees) > 1 and agreement._is_paid():
                raise UserError(
                    self.env._(
                        "%(one)s and %(other)s both take part in program “%(program)s”, and rebates"
                        " of the same days were paid to different payees. Enter the same payee in"
                        " the field “%(field)s” of both agreements, or cancel those settlements,"
                        " then merge.",
                        one=first.partner_id.display_name,
                        other=agreement.partner_id.display_name,
                        program=agreement.program_id.display_name,
                        field=agreement._fields["payout_partner_id"]._description_string(self.env),
                    )
                )
