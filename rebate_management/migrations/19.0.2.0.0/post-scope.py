"""Rules remember that they are limited to certain products, so that losing these is noticed, and
what is paid keeps the products that it counted."""

import json
import logging

from odoo import SUPERUSER_ID, api
from odoo.tools import SQL

from odoo.addons.rebate_management.tools.apart import apart

_logger = logging.getLogger(__name__)


def migrate(cr, version):
    """Mark the rules that name products, and those that must have named some.

    A running program for certain products was not activated without any: a rule of it that names
    none has lost them, and counted everything since.
    """
    if not version:
        return
    cr.execute(
        SQL(
            """
            UPDATE rebate_rule rule
               SET is_limited = COALESCE(TRIM(rule.product_domain), '') NOT IN ('', '[]')
                   OR (program.program_type = 'product' AND program.state <> 'draft')
                   OR EXISTS (SELECT FROM product_product_rebate_rule_rel
                               WHERE rebate_rule_id = rule.id)
                   OR EXISTS (SELECT FROM product_category_rebate_rule_rel
                               WHERE rebate_rule_id = rule.id)
                   OR EXISTS (SELECT FROM product_tag_rebate_rule_rel
                               WHERE rebate_rule_id = rule.id)
              FROM rebate_program program
             WHERE program.id = rule.program_id
            """
        )
    )
    # An amendment that is still a draft is compared with the terms of its program.
    cr.execute("SELECT id, is_limited FROM rebate_rule")
    is_limited = dict(cr.fetchall())
    cr.execute("SELECT id, before, previewed FROM rebate_amendment WHERE state = 'draft'")
    for amendment_id, before, previewed in cr.fetchall():
        for frozen in (before, previewed):
            for rule in (frozen or {}).get("rules", ()):
                rule["terms"].setdefault("is_limited", bool(is_limited.get(rule["id"])))
        cr.execute(
            SQL(
                "UPDATE rebate_amendment SET before = %s::jsonb, previewed = %s::jsonb"
                " WHERE id = %s",
                before and json.dumps(before),
                previewed and json.dumps(previewed),
                amendment_id,
            )
        )
    _keep_scopes(cr)


def _keep_scopes(cr):
    """What is paid keeps the products that count now: those that counted then are not known."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    lines = env["rebate.settlement.line"].search(
        [("state", "not in", ("rejected", "cancelled")), ("scopes", "=", False)]
    )
    for some, _done, error in apart(lines, lambda lines: lines._keep_scopes(), is_written=True):
        if error:
            # It is flagged by its next refresh, and measured by what counts when it is mended.
            _logger.warning("%s cannot be computed", some.program_id, exc_info=error)
