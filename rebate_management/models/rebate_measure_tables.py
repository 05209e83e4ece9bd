"""The tables of the measuring statement that say what is asked: windows, buyers, products."""

from typing import NamedTuple

from odoo import models
from odoo.tools import SQL

from .rebate_measure import Window


class Tally(NamedTuple):
    """One sum to make of a program's purchases: its name in the answer, and the products that
    count (None: every product)."""

    name: object
    program_id: int
    products: SQL | None

    @property
    def is_rule(self) -> bool:
        """Tell whether it sums what a rule counts, and nothing beside."""
        return isinstance(self.name, int) and self.name > 0


class RebateMeasure(models.AbstractModel):
    _inherit = "rebate.measure"

    def _tables(
        self,
        windows: list[Window],
        tallies: list[Tally],
        owners,
        by_line=False,
        counted_as=None,
        late=(),
        as_programs=None,
        keys=None,
    ) -> SQL:
        """Compose the tables the statements share: ``asked`` ``wanted`` ``tally`` ``scope``
        ``rival`` and ``purchase``, the purchases that may count at all.

        :param owners: see :meth:`_owners`
        :param counted_as: see :meth:`_counted_as`; the programs of the tallies are such then
        :param late: see :meth:`_late_returns`
        :param as_programs: programs as they counted before, see :meth:`_as_programs`
        :param keys: numbers by which the windows come back, if not by their places
        """
        agreements = self._agreements(windows)
        self._flush()
        programs = agreements.program_id
        members, company_of = self._members(agreements)
        members += owners.kept_members(agreements._ids)
        partner_ids = sorted({member[1] for member in members})
        companies = [company_of[window.agreement_id] for window in windows]
        branches, roots = self._branches(programs.company_id)
        is_scoped = any(tally.products is not None for tally in tallies)
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
                       agreement.id AS agreement_id, agreement.partner_id, w.is_baseline,
                       agreement.program_id, program.currency_id,
                       COALESCE(w.counted_as, alike.counted_as, program.id) AS counted_as,
                       -- that of its branches too
                       company.currency_id AS company_currency_id,
                       program.basis = 'paid' AS is_paid, program.include_refunds,
                       program.basis = 'paid' AND COALESCE(program.early_discount_counts, FALSE)
                       AS with_discount,
                       COALESCE(program.count_services, FALSE) AS count_services, w.root_id,
                       string_to_array(w.branch_ids, ',')::int[] AS branch_ids,
                       uom.factor AS uom_factor,
                       split_part(uom.parent_path, '/', 1)::int AS uom_root_id
                  FROM unnest(%(keys)s::int[], %(agreements)s::int[],
                              %(dates_from)s::date[], %(dates_to)s::date[],
                              %(baselines)s::bool[], %(branches)s::text[], %(roots)s::int[],
                              %(numbers)s::int[])
                       AS w(key, agreement_id, date_from, date_to, is_baseline, branch_ids,
                            root_id, counted_as)
                  JOIN rebate_agreement agreement ON agreement.id = w.agreement_id
                  JOIN rebate_program program ON program.id = agreement.program_id
                  JOIN res_company company ON company.id = program.company_id
             LEFT JOIN uom_uom uom ON uom.id = program.uom_id
             LEFT JOIN unnest(%(programs)s::int[], %(counted_as)s::int[])
                       AS alike(program_id, counted_as) ON alike.program_id = program.id
            ),
            -- Who is asked about, once for each buyer. Materialized, so that purchases can only be
            -- joined to it by their buyer: guesses about the tables above are wrong by magnitudes.
            wanted AS MATERIALIZED (
                SELECT %(asked)s, member.partner_id AS buyer_id,
                       string_to_array(member.below_ids, ',')::int[] AS below_ids
                  FROM asked
                  JOIN %(members)s ON member.agreement_id = asked.agreement_id
            ),
            %(tallies)s,
            %(rivals)s
            %(late)s
            %(purchases)s
            """,
            keys=list(range(len(windows))) if keys is None else keys,
            numbers=[
                as_programs[
                    self.env["rebate.agreement"].browse(window.agreement_id).program_id.id,
                    window.scope,
                ]
                if window.scope
                else None
                for window in windows
            ],
            programs=list(counted_as or ()),
            counted_as=list((counted_as or {}).values()),
            baselines=[window.is_baseline for window in windows],
            # A branch's invoices are its company's; exchange rates are kept by the root company.
            branches=[branches[company] for company in companies],
            roots=[roots[company] for company in companies],
            agreements=[window.agreement_id for window in windows],
            dates_from=[window.date_from for window in windows],
            dates_to=[window.last_day for window in windows],
            **self._member_tables(members, bool(owners.kept)),
            tallies=self._tally_tables(tallies, is_scoped),
            rivals=self._rival_table(programs, tallies, partner_ids, as_programs or {}),
            late=self._late_table(late),
            purchases=self._purchase_tables(
                programs,
                partner_ids,
                min(window.date_from for window in windows),
                max(window.last_day for window in windows),
                is_scoped,
                by_line,
                late,
            ),
        )

    def _member_tables(self, members, is_kept):
        """Compose what ``wanted`` takes from ``asked``, and the table of the buyers.

        :param members: see :meth:`_members`
        :param is_kept: whether some of them are buyers of certain days alone, see :class:`PaidBuyer`
        """
        # One row a member, without the days where nobody has any.
        width = 6 if is_kept else 3
        columns = [
            list(column)
            for column in zip(*((*m, *[None] * 3)[:width] for m in members), strict=True)
        ] or [[]] * width
        if not is_kept:
            return {
                "asked": SQL("asked.*"),
                "members": SQL(
                    "unnest(%s::int[], %s::int[], %s::text[])"
                    " AS member(agreement_id, partner_id, below_ids)",
                    *columns,
                ),
            }
        names = (
            *("key", "agreement_id", "partner_id", "is_baseline", "program_id", "currency_id"),
            *("counted_as", "company_currency_id", "is_paid", "include_refunds", "root_id"),
            *("branch_ids", "uom_factor", "uom_root_id", "with_discount", "count_services"),
        )
        return {
            "asked": SQL(
                "%s, GREATEST(asked.date_from, member.first) AS date_from,"
                " LEAST(asked.date_to, member.last) AS date_to, member.kept_line",
                SQL(", ").join(SQL.identifier("asked", name) for name in names),
            ),
            "members": SQL(
                "unnest(%s::int[], %s::int[], %s::text[], %s::date[], %s::date[], %s::int[])"
                " AS member(agreement_id, partner_id, below_ids, first, last, kept_line)",
                *columns,
            ),
        }

    def _branches(self, companies):
        """Find whose invoices are a company's, and who keeps its exchange rates.

        :return: by company id, the ids of it and its branches as text; and the id of its root
        """
        # The agreement says whose purchases count, not which companies its reader may open.
        companies_sudo = companies.sudo()
        below = companies_sudo.search([("id", "child_of", companies.ids)])
        branches = {
            company.id: ",".join(
                str(branch.id)
                for branch in below
                if branch.parent_path.startswith(company.parent_path)
            )
            for company in companies_sudo
        }
        return branches, {company.id: company.root_id.id for company in companies_sudo}

    def _members(self, agreements):
        """Find whose invoices count: the partner's own and, where the agreement includes them,
        those of the companies below.

        :return: a list of ``(agreement id, partner id, below)``, where below are the ids of the
            companies from just below the agreement's partner down to this one, as text, None for
            the partner; and the company id by agreement id
        """
        # Plain rows: there may be as many agreements as a program has distributors.
        rows = self.env.execute_query(
            SQL(
                "SELECT id, partner_id, company_id, include_children"
                " FROM rebate_agreement WHERE id = ANY(%s)",
                agreements.ids,
            )
        )
        own = [(agreement_id, partner_id, None) for agreement_id, partner_id, *_rest in rows]
        company_of = {agreement_id: company_id for agreement_id, _p, company_id, _c in rows}
        inclusive = [agreement_id for agreement_id, *_rest, includes in rows if includes]
        if not inclusive:
            return own, company_of
        below = self.env.execute_query(
            SQL(
                """
                WITH RECURSIVE below(agreement_id, partner_id, ids) AS (
                    SELECT agreement.id, child.id, child.id::text
                      FROM rebate_agreement agreement
                      JOIN res_partner child ON child.parent_id = agreement.partner_id
                     WHERE agreement.id = ANY(%s)
                 UNION ALL
                    SELECT below.agreement_id, child.id, below.ids || ',' || child.id
                      FROM below JOIN res_partner child ON child.parent_id = below.partner_id
                )
                SELECT below.agreement_id, below.partner_id, below.ids
                  FROM below
                  JOIN res_partner partner ON partner.id = below.partner_id
                 WHERE partner.commercial_partner_id = partner.id
                    -- a company that became a contact, with its invoices of before
                    OR EXISTS (SELECT FROM account_move move
                                WHERE move.commercial_partner_id = partner.id)
                """,
                inclusive,
            )
        )
        return own + below, company_of

    def _flush(self):
        """Write what the ORM still holds of the tables that the statement reads."""
        for model in (
            "account.move",
            "account.move.line",
            "account.partial.reconcile",
            "account.account",
            "account.journal",
            "account.payment",
            "account.payment.method.line",
            "account.tax.repartition.line",
            "product.product",
            "product.template",
            "rebate.agreement",
            "rebate.program",
            "rebate.rule",
            "res.company",
            "res.currency.rate",
            "res.partner",
            "uom.uom",
        ):
            self.env[model].flush_model()
