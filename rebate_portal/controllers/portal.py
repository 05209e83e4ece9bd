"""The distributor's pages: all programs at a glance, and the page of each."""

from odoo import http
from odoo.exceptions import AccessError, MissingError
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.portal.controllers.portal import pager as portal_pager

from ..models.rebate_agreement import PORTAL_STATES, PORTAL_STATUSES


class RebatePortal(CustomerPortal):
    _rebate_invoices_shown = 10  # on the page of a program; the rest has a page of its own

    # ------------------------------------------------------------------
    # Routes
    # ------------------------------------------------------------------

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "rebate_count" in counters:
            agreements = request.env["rebate.agreement"]
            values["rebate_count"] = (
                agreements.search_count(self._rebate_domain())
                if agreements.has_access("read")
                else 0
            )
        return values

    @http.route(
        ["/my/rebates", "/my/rebates/page/<int:page>"], type="http", auth="user", website=True
    )
    def portal_my_rebates(self, page=1, sortby=None, filterby=None, **kw):
        """List the programs the user's company is enrolled in."""
        values = self._prepare_rebates_values(page, sortby, filterby)
        request.session["my_rebates_history"] = values["agreements"].ids[:100]
        return request.render("rebate_portal.portal_my_rebates", values)

    @http.route("/my/rebates/<int:agreement_id>", type="http", auth="public", website=True)
    def portal_my_rebate(self, agreement_id, access_token=None, **kw):
        """Show one program: progress, tiers, invoices, periods and payouts."""
        try:
            agreement_sudo = self._rebate_check_access(agreement_id, access_token)
        except (AccessError, MissingError):
            return request.redirect("/my")
        values = self._get_page_view_values(
            agreement_sudo,
            access_token,
            self._prepare_rebate_values(agreement_sudo),
            "my_rebates_history",
            False,
            **kw,
        )
        return request.render("rebate_portal.portal_my_rebate", values)

    # ------------------------------------------------------------------
    # Access
    # ------------------------------------------------------------------

    def _rebate_domain(self):
        """Limit to the user's own company, for employees who may read everybody's agreements."""
        return Domain("partner_id", "=", request.env.user.commercial_partner_id.id) & Domain(
            "state", "in", PORTAL_STATES
        )

    def _rebate_check_access(self, agreement_id, access_token):
        """Give the agreement to whom it belongs, or to whom holds its token.

        :return: the agreement with all rights: the user may read nothing that hangs on it, such
            as tiers, periods and payouts, and sees of these only what the templates show
        """
        agreement_sudo = self._document_check_access("rebate.agreement", agreement_id, access_token)
        # A token does not open what is still being prepared.
        if agreement_sudo.state not in PORTAL_STATES:
            raise MissingError(request.env._("This document does not exist."))
        return agreement_sudo

    # ------------------------------------------------------------------
    # Values of the pages
    # ------------------------------------------------------------------

    def _rebate_sortings(self):
        return {
            "state": {
                "label": request.env._("Running First"),
                "order": "state, date_start desc, id desc",
            },
            "date": {"label": request.env._("Newest"), "order": "date_start desc, id desc"},
            "program": {"label": request.env._("Program"), "order": "program_id, id"},
        }

    def _rebate_filters(self):
        return {
            "all": {"label": request.env._("All"), "domain": Domain.TRUE},
            "active": {
                "label": request.env._("Active"),
                "domain": Domain("state", "=", "active"),
            },
            "ended": {"label": request.env._("Ended"), "domain": Domain("state", "=", "ended")},
        }

    def _prepare_rebates_values(self, page, sortby, filterby):
        sortings = self._rebate_sortings()
        filters = self._rebate_filters()
        # Anything may stand in an address.
        sortby = sortby if sortby in sortings else "state"
        filterby = filterby if filterby in filters else "all"
        agreements = request.env["rebate.agreement"]
        domain = self._rebate_domain() & filters[filterby]["domain"]
        may_read = agreements.has_access("read")
        pager = portal_pager(
            url="/my/rebates",
            url_args={"sortby": sortby, "filterby": filterby},
            total=agreements.search_count(domain) if may_read else 0,
            page=page,
            step=self._items_per_page,
        )
        if may_read:
            agreements = agreements.search(
                domain,
                order=sortings[sortby]["order"],
                limit=self._items_per_page,
                offset=pager["offset"],
            )
        # Found with the user's rights; what they earn is measured from what only we may read.
        agreements_sudo = agreements.sudo()
        statuses = {
            agreement: agreement._portal_status(
                bool(agreement.current_date_from or agreement.current_problem)
            )
            for agreement in agreements_sudo
        }
        if sortby == "state":
            agreements_sudo = agreements_sudo.sorted(
                lambda agreement: PORTAL_STATUSES.index(statuses[agreement])
            )
        return {
            **self._prepare_portal_layout_values(),
            "agreements": agreements_sudo,
            "statuses": statuses,
            "page_name": "rebate",
            "default_url": "/my/rebates",
            "pager": pager,
            "searchbar_sortings": sortings,
            "sortby": sortby,
            "searchbar_filters": filters,
            "filterby": filterby,
        }

    def _prepare_rebate_values(self, agreement_sudo):
        results, problems = agreement_sudo._live_figures()
        period, result = results.get(agreement_sudo, (None, None))
        values = {
            "page_name": "rebate",
            "agreement": agreement_sudo,
            "status": agreement_sudo._portal_status(bool(period or problems)),
            # That there is one; the reason is the manufacturer's own.
            "problem": bool(problems),
            "period": period,
            "result": result,
            "rules": agreement_sudo._portal_rules(period, result),
            "limits": agreement_sudo._portal_limits(result),
            "periods": agreement_sudo._portal_periods(period),
            "payouts": agreement_sudo._portal_payouts(),
        }
        if found := period and agreement_sudo._portal_invoice_lines(period):
            domain, count = found
            values |= {
                "invoice_count": count,
                **self._prepare_invoice_rows(
                    agreement_sudo, domain, limit=self._rebate_invoices_shown
                ),
            }
        return values

    def _prepare_invoice_rows(self, agreement_sudo, domain, **page):
        invoices = agreement_sudo._portal_invoices(domain, **page)
        ids = [invoice["move"].id for invoice in invoices]
        return {
            "invoices": invoices,
            # Linked only where the page behind the link would open for this user.
            "readable_ids": set(
                request.env["account.move"].browse(ids)._filtered_access("read").ids
            ),
        }
