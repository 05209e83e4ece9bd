"""The distributor's page of every invoice that counts in one period."""

from odoo import fields, http
from odoo.exceptions import AccessError, MissingError
from odoo.http import request

from odoo.addons.portal.controllers.portal import pager as portal_pager

from .portal import RebatePortal


class RebatePortalInvoices(RebatePortal):
    @http.route(
        [
            "/my/rebates/<int:agreement_id>/invoices",
            "/my/rebates/<int:agreement_id>/invoices/page/<int:page>",
        ],
        type="http",
        auth="public",
        website=True,
    )
    def portal_my_rebate_invoices(self, agreement_id, day=None, page=1, access_token=None, **kw):
        """List every invoice that counts in the period a day lies in, by default today."""
        try:
            agreement_sudo = self._rebate_check_access(agreement_id, access_token)
        except (AccessError, MissingError):
            return request.redirect("/my")
        period = agreement_sudo._period_on(self._rebate_day(agreement_sudo, day))
        found = period and agreement_sudo._portal_invoice_lines(period)
        if not found:
            token = {"access_token": access_token} if access_token else {}
            return request.redirect_query(agreement_sudo.access_url, token)
        values = self._prepare_rebate_invoices_values(
            agreement_sudo, period, found, page, access_token
        )
        return request.render("rebate_portal.portal_my_rebate_invoices", values)

    def _prepare_rebate_invoices_values(self, agreement_sudo, period, found, page, access_token):
        domain, count = found
        pager = portal_pager(
            url=f"{agreement_sudo.access_url}/invoices",
            url_args={"day": period[0], **({"access_token": access_token} if access_token else {})},
            total=count,
            page=page,
            step=self._items_per_page,
        )
        return {
            "page_name": "rebate_invoices",
            "access_token": access_token,
            "agreement": agreement_sudo,
            "period": period,
            "invoice_count": count,
            "pager": pager,
            **self._prepare_invoice_rows(
                agreement_sudo, domain, limit=self._items_per_page, offset=pager["offset"]
            ),
        }

    def _rebate_day(self, agreement_sudo, day):
        """Read a day from an address; what is no day, or lies ahead, means today."""
        today = fields.Date.context_today(agreement_sudo)
        try:
            return min(fields.Date.to_date(day) or today, today)
        except ValueError:
            return today
