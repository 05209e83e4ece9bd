"""Downloading workbooks, for whoever may read what they tell."""

import re
from tempfile import TemporaryFile

from werkzeug.exceptions import NotFound

from odoo import fields, http
from odoo.http import request

from .download import WORKBOOK, find, send


class RebateWorkbook(http.Controller):
    @http.route(
        "/rebate/settlement/<int:settlement_id>/workbook",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def rebate_settlement_workbook(self, settlement_id):
        """The workbook of a settlement."""
        settlement = find("rebate.settlement", [settlement_id])
        return self._send(settlement, settlement._write_rebate_workbook)

    @http.route(
        "/rebate/entries/workbook", type="http", auth="user", methods=["GET"], readonly=True
    )
    def rebate_entries_workbook(self, ids=""):
        """The workbook of the entries of an accrual run.

        :param ids: their numbers, with commas between
        """
        if not re.fullmatch(r"\d{1,9}(,\d{1,9}){0,999}", ids):
            raise NotFound
        moves = find("account.move", [int(number) for number in ids.split(",")])
        return self._send(moves, moves._rebate_write_workbook)

    @http.route(
        "/rebate/liability/workbook", type="http", auth="user", methods=["GET"], readonly=True
    )
    def rebate_liability_workbook(self, companies, day=""):
        """The workbook of the reconciliation.

        :param companies: their numbers, with commas between; only those of the user are told of
        :param day: as of which, as YYYY-MM-DD; empty: all that is posted
        """
        if not re.fullmatch(r"\d{1,9}(,\d{1,9}){0,999}", companies):
            raise NotFound
        if day and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", day):
            raise NotFound
        try:
            fields.Date.to_date(day)
        except ValueError as error:
            raise NotFound from error
        user = request.env.user
        liability = request.env["rebate.liability"].with_context(
            lang=user.lang, rebate_liability_day=day
        )
        liability.check_access("read")
        rows = liability.search([("company_id", "in", [int(one) for one in companies.split(",")])])
        return self._send(rows, rows._write_rebate_workbook)

    def _send(self, records, write):
        """Have the workbook of records written, and send it.

        :param write: called with the file
        """
        # It lasts until it is sent.
        file = TemporaryFile()  # noqa: SIM115
        write(file)
        return send(file, records._rebate_workbook_name(), WORKBOOK)
