"""The products that a rule counted when something was settled: kept once, however many settlements
were computed by them."""

import json
from hashlib import blake2b

from odoo import api, fields, models
from odoo.tools import SQL


class RebateScope(models.Model):
    """Which products a category, tag or filter stood for at a time. Rows are written once and never
    changed; a settlement line names those it was computed by, see its ``scopes``."""

    _name = "rebate.scope"
    _description = "Products That Counted"
    _log_access = False

    definition = fields.Char(
        required=True,
        readonly=True,
        help="What the rule was limited to: other terms are not compared with these products.",
    )
    products = fields.Json(required=True, readonly=True, help="The ids of the products, in order.")
    digest = fields.Char(required=True, readonly=True, index=True, help="Of both, to find them.")

    @api.model
    def _keep(self, scopes) -> dict[object, int]:
        """Find the rows of some scopes, and add those that are new; in two statements at most.

        As with ``rebate.accrual.terms``, nothing keeps two transactions from adding the same.

        :param scopes: ``(definition, product ids in order)`` by any key
        :return: the id of the row by key
        """
        rows, digests = {}, {}
        for key, (definition, product_ids) in scopes.items():
            products = json.dumps(product_ids, separators=(",", ":"))
            digest = blake2b(f"{definition} {products}".encode(), digest_size=16).hexdigest()
            digests[key], rows[digest] = digest, (definition, products, digest)
        ids = dict(
            self.env.execute_query(
                SQL(
                    "SELECT digest, id FROM rebate_scope WHERE digest = ANY(%s) ORDER BY id DESC",
                    list(rows),
                )
            )
        )
        if new := [row for digest, row in rows.items() if digest not in ids]:
            self.env.cr.execute(
                SQL(
                    "INSERT INTO rebate_scope (definition, products, digest)"
                    " SELECT * FROM unnest(%s, %s::jsonb[], %s) RETURNING digest, id",
                    *map(list, zip(*new, strict=True)),
                )
            )
            ids |= dict(self.env.cr.fetchall())
        return {key: ids[digest] for key, digest in digests.items()}
