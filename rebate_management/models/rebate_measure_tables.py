"""The tables of the measuring statement, each composed in one place."""

from odoo import models
from odoo.tools import SQL

from .rebate_measure import Window


class RebateMeasure(models.AbstractModel):
    _inherit = "rebate.measure"

    def _common_tables(self, windows: list[Window]) -> SQL:
        """Compose the tables both statements share: ``asked`` ``member`` ``wanted`` ``rule``
        ``scope`` and ``counted``, the invoice lines that may count at all.

        Needs the index of :class:`AccountMove` on customer and invoice date.
        """
        agreements = self.env["rebate.agreement"].browse({w.agreement_id for w in windows})
        self._flush()
        company_of = {agreement.id: agreement.company_id for agreement in agreements}
        companies = [company_of[w.agreement_id] for w in windows]
        branches, roots = self._branches(agreements.company_id)
        return SQL(
            """
            asked AS (
                SELECT w.key,
                       CASE WHEN w.is_baseline THEN w.date_from
                            ELSE GREATEST(w.date_from, agreement.date_start, program.date_start)
                        END AS date_from,
                       CASE WHEN w.is_baseline THEN w.date_to
                            ELSE LEAST(w.date_to, agreement.date_end, program.date_end)
                        END AS date_to,
                       agreement.id AS agreement_id, agreement.partner_id,
                       agreement.program_id, program.company_id, program.currency_id,
                       program.include_refunds, w.root_id,
                       string_to_array(w.branch_ids, ',')::int[] AS branch_ids,
                       uom.factor AS uom_factor,
                       split_part(uom.parent_path, '/', 1)::int AS uom_root_id
                  FROM unnest(%(keys)s::int[], %(agreements)s::int[],
                              %(dates_from)s::date[], %(dates_to)s::date[],
                              %(baselines)s::bool[], %(branches)s::text[], %(roots)s::int[])
                       AS w(key, agreement_id, date_from, date_to, is_baseline, branch_ids,
                            root_id)
                  JOIN rebate_agreement agreement ON agreement.id = w.agreement_id
                  JOIN rebate_program program ON program.id = agreement.program_id
             LEFT JOIN uom_uom uom ON uom.id = program.uom_id
            ),
            -- Everything below the partners of agreements that include it, each with the way down.
            below(agreement_id, partner_id, ids) AS (
                SELECT agreement.id, child.id, ARRAY[child.id]
                  FROM rebate_agreement agreement
                  JOIN res_partner child ON child.parent_id = agreement.partner_id
                 WHERE agreement.include_children
                   AND agreement.id IN (SELECT agreement_id FROM asked)
             UNION ALL
                SELECT below.agreement_id, child.id, below.ids || child.id
                  FROM below JOIN res_partner child ON child.parent_id = below.partner_id
            ),
            -- Whose invoices count: the partner's own, and those of companies below it. For the
            -- latter, below_ids are the companies from just below the partner to the buyer.
            member AS (
                SELECT DISTINCT agreement_id, partner_id, NULL::int[] AS below_ids FROM asked
                %(children)s
            ),
            -- Who is asked about, once for each buyer. Materialized, so that purchases can only be
            -- joined to it by their buyer: guesses about the tables above are wrong by magnitudes.
            wanted AS MATERIALIZED (
                SELECT asked.*, member.partner_id AS buyer_id, member.below_ids
                  FROM asked JOIN member ON member.agreement_id = asked.agreement_id
            ),
            %(rules)s,
            counted AS NOT MATERIALIZED (
                SELECT line.id AS line_id, line.product_id, line.currency_id,
                       line.company_currency_id, -line.balance AS balance,
                       CASE WHEN move.move_type = 'out_refund' THEN -line.price_subtotal
                            ELSE line.price_subtotal END AS net_amount,
                       -- in the root of its unit, to which all units that convert refer
                       CASE WHEN move.move_type = 'out_refund' THEN -line.quantity
                            ELSE line.quantity END * COALESCE(uom.factor, 1) AS quantity,
                       COALESCE(split_part(uom.parent_path, '/', 1)::int, 0) AS uom_root_id,
                       move.company_id, move.commercial_partner_id AS partner_id,
                       move.invoice_date, move.move_type = 'out_refund' AS is_refund
                  FROM account_move move
                  JOIN account_move_line line ON line.move_id = move.id
             LEFT JOIN uom_uom uom ON uom.id = line.product_uom_id
                 WHERE move.state = 'posted'
                   AND move.move_type IN ('out_invoice', 'out_receipt', 'out_refund')
                   AND move.invoice_date BETWEEN %(first_day)s AND %(last_day)s
                   AND move.commercial_partner_id IN (SELECT partner_id FROM member)
                   AND line.display_type = 'product'
                   -- our own payout notes, and their reversals
                   AND move.rebate_settlement_id IS NULL
                   -- neither an advance nor its deduction: the goods count when invoiced
                   AND NOT EXISTS (
                       SELECT 1
                         FROM sale_order_line_invoice_rel rel
                         JOIN sale_order_line sale_line ON sale_line.id = rel.order_line_id
                        WHERE rel.invoice_line_id = line.id AND sale_line.is_downpayment
                   )
            )
            """,
            keys=list(range(len(windows))),
            baselines=[w.is_baseline for w in windows],
            # A branch's invoices are its company's; exchange rates are kept by the root company.
            branches=[branches[company] for company in companies],
            roots=[roots[company] for company in companies],
            agreements=[w.agreement_id for w in windows],
            dates_from=[w.date_from for w in windows],
            dates_to=[w.date_to for w in windows],
            first_day=min(w.date_from for w in windows),
            last_day=max(w.date_to for w in windows),
            children=self._children(agreements),
            rules=self._rules(agreements.program_id.rule_ids),
        )

    def _branches(self, companies):
        """Find whose invoices are a company's, and who keeps its exchange rates.

        :return: by company, the ids of it and its branches as text; and the id of its root
        """
        # The agreement says whose purchases count, not which companies its reader may open.
        companies_sudo = companies.sudo()
        below = companies_sudo.search([("id", "child_of", companies.ids)])
        branches = {
            company: ",".join(
                str(branch.id)
                for branch in below
                if branch.parent_path.startswith(company.parent_path)
            )
            for company in companies_sudo
        }
        return branches, {company: company.root_id.id for company in companies_sudo}

    def _children(self, agreements) -> SQL:
        """Compose the companies below the partners of agreements that include them."""
        if not any(agreements.mapped("include_children")):
            return SQL("")
        return SQL(
            """
            UNION ALL
            SELECT below.agreement_id, below.partner_id, below.ids
              FROM below
              JOIN res_partner partner ON partner.id = below.partner_id
             WHERE partner.commercial_partner_id = partner.id
            """
        )

    def _rules(self, rules) -> SQL:
        """Compose the tables of rules and of the products each of them counts.

        A product counts that is named itself, or lies in a named category or below it, or
        bears a named tag. A rule that names nothing counts every line. The products that only
        qualify stand under the rule's negative id.
        """
        qualifying = rules.filtered(lambda rule: rule.qualifier == "domain")
        queries = [(rule.id, rule._product_query()) for rule in rules]
        queries += [(-rule.id, rule._qualifier_query()) for rule in qualifying]
        scopes = [
            SQL("(%s)", products.subselect(SQL("%s", key), SQL.identifier(products.table, "id")))
            for key, products in queries
            if products
        ]
        return SQL(
            """
            rule AS (
                SELECT * FROM unnest(%(ids)s::int[], %(programs)s::int[], %(every)s::bool[])
                           AS rule(rule_id, program_id, every_product)
            ),
            scope(rule_id, product_id) AS (%(scopes)s)
            """,
            ids=[key for key, _products in queries],
            programs=[rule.program_id.id for rule in [*rules, *qualifying]],
            every=[products is None for _key, products in queries],
            scopes=SQL(" UNION ALL ").join(scopes) if scopes else SQL("SELECT 0, 0 WHERE FALSE"),
        )

    def _flush(self):
        """Write what the ORM still holds of the tables that the statement reads."""
        for model in (
            "account.move",
            "account.move.line",
            "product.product",
            "product.template",
            "rebate.agreement",
            "rebate.program",
            "rebate.rule",
            "res.company",
            "res.currency.rate",
            "res.partner",
            "sale.order.line",
            "uom.uom",
        ):
            self.env[model].flush_model()
