"""Whose purchases are whose within a program: the buyers of an agreement, and where more than one
agreement may claim them, those of distributors that were merged, and of companies that moved after
they were paid for.
"""

from datetime import date, timedelta
from typing import NamedTuple

from odoo.tools import SQL

from ...tools.arrays import any_of


class Twin(NamedTuple):
    """An agreement of the same distributor in the same program that runs at the same time and
    comes first."""

    agreement_id: int
    first: date
    last: date
    includes_children: bool


class PaidBuyer(NamedTuple):
    """A buyer whose purchases an agreement was paid for between two days, both included.

    ``below`` are the ids of the companies from just below the agreement's partner down to the
    buyer as they were then, as text, None for the partner itself. ``line_id`` is the settlement
    line that paid first."""

    agreement_id: int
    program_id: int
    partner_id: int
    line_id: int
    buyer_id: int
    below: str | None
    first: date
    last: date


class Owners(NamedTuple):
    """What the usual case has nothing of.

    ``twins`` are, by agreement id, those that come before it; ``kept`` are the buyers of paid days
    in programs where they are not those of today."""

    twins: dict[int, list[Twin]]
    kept: list[PaidBuyer]

    @property
    def is_any(self):
        """Tell whether anything is particular."""
        return bool(self.twins or self.kept)

    def is_particular(self, agreement_id, program_id):
        """Tell whether what an agreement counts is not told by its buyers and days alone."""
        return agreement_id in self.twins or any(
            kept.program_id == program_id for kept in self.kept
        )

    def kept_members(self, agreement_ids):
        """The buyers that some agreements keep, as members of the measuring statement."""
        agreement_ids = set(agreement_ids)
        return [
            (kept.agreement_id, kept.buyer_id, kept.below, kept.first, kept.last, kept.line_id)
            for kept in self.kept
            if kept.agreement_id in agreement_ids
        ]

    def open_spans(self, agreement_id, first, last):
        """The spans between two days for which an agreement does not keep its buyers."""
        paid = sorted({(k.first, k.last) for k in self.kept if k.agreement_id == agreement_id})
        spans, day = [], first
        for begin, end in paid:
            if day < begin:
                spans.append((day, min(begin - timedelta(days=1), last)))
            if end == date.max:
                return spans
            day = max(day, end + timedelta(days=1))
        return [*spans, (day, last)] if day <= last else spans


def find_owners(agreements, programs) -> Owners:
    """Find what others of their programs have of that which agreements could claim."""
    agreements.flush_model()
    return Owners(_twins(agreements, programs), _kept(programs))


def _twins(agreements, programs) -> dict[int, list[Twin]]:
    """Find agreements of one distributor in one program that run at the same time, as a merge
    of two distributors leaves them: the first has what both claim.

    :return: by id of the agreements, those that come before it
    """
    env = agreements.env
    ids = any_of(agreements.ids)
    # Of one distributor a program most often has one agreement. Of many agreements it is faster
    # to look through all of their programs; of few their distributors are found first.
    of_these = SQL(
        "partner_id = ANY(ARRAY(SELECT partner_id FROM rebate_agreement WHERE id = %s))", ids
    )
    [(is_any,)] = env.execute_query(
        SQL(
            """
            SELECT EXISTS (SELECT 1
                             FROM rebate_agreement
                            WHERE program_id = ANY(%s) AND %s
                         GROUP BY program_id, partner_id
                           HAVING COUNT(*) > 1)
            """,
            programs.ids,
            of_these if len(agreements) < 100 else SQL("TRUE"),
        )
    )
    if not is_any:
        return {}
    rows = env.execute_query(
        SQL(
            """
            SELECT agreement.id, twin.id, twin.date_start, COALESCE(twin.date_end, %s),
                   twin.include_children
              FROM rebate_agreement agreement
              JOIN rebate_agreement twin
                ON twin.program_id = agreement.program_id
               AND twin.partner_id = agreement.partner_id
               AND twin.id < agreement.id
               AND twin.state IN ('active', 'ended')
               AND twin.date_start <= COALESCE(agreement.date_end, %s)
               AND agreement.date_start <= COALESCE(twin.date_end, %s)
             WHERE agreement.id = %s
          ORDER BY twin.id
            """,
            *[date.max] * 3,
            ids,
        )
    )
    twins = {}
    for agreement_id, *twin in rows:
        twins.setdefault(agreement_id, []).append(Twin(*twin))
    return twins


def _kept(programs) -> list[PaidBuyer]:
    """Find the buyers that were counted when days were paid for, where others would be now.

    :return: those of the programs in which any agreement has others now, and in no order
    """
    kept = _paid_buyers(programs)
    if not kept:
        return []
    agreements = programs.env["rebate.agreement"].browse({row.agreement_id for row in kept})
    today = {}
    members, _company_of = agreements.env["rebate.measure"]._members(agreements)
    for agreement_id, buyer_id, below in members:
        today.setdefault(agreement_id, set()).add((buyer_id, below))
    then = {}
    for row in kept:
        span = row.agreement_id, row.line_id
        then.setdefault(span, set()).add((row.buyer_id, row.below))
    changed = {
        agreement_id
        for (agreement_id, _line_id), buyers in then.items()
        if buyers != today[agreement_id]
    }
    programs = {row.program_id for row in kept if row.agreement_id in changed}
    return [row for row in kept if row.program_id in programs]


def _paid_buyers(programs) -> list[PaidBuyer]:
    """Read whose purchases were counted for days that are paid, or proposed to be. Of two
    payouts for the same days, the buyers of the first stay."""
    programs.env["rebate.settlement.line"].flush_model(["accrual_id", "date_until", "state"])
    programs.env["rebate.accrual"].flush_model(["agreement_id", "date_from", "date_to"])
    rows = programs.env.execute_query(
        SQL(
            """
            SELECT paid.agreement_id, paid.program_id, paid.partner_id, paid.id,
                   buyer.partner_id, buyer.path, paid.first, paid.last
              FROM (SELECT line.id, agreement.id AS agreement_id, agreement.program_id,
                           agreement.partner_id,
                           GREATEST(accrual.date_from, agreement.date_start,
                                    MAX(COALESCE(line.date_until, accrual.date_to))
                                        OVER earlier + 1) AS first,
                           LEAST(COALESCE(line.date_until, accrual.date_to),
                                 agreement.date_end, program.date_end) AS last
                      FROM rebate_settlement_line line
                      JOIN rebate_accrual accrual ON accrual.id = line.accrual_id
                      JOIN rebate_agreement agreement ON agreement.id = accrual.agreement_id
                      JOIN rebate_program program ON program.id = agreement.program_id
                     WHERE line.id IN (SELECT settlement_line_id FROM rebate_settlement_buyer)
                       AND line.state NOT IN ('rejected', 'cancelled')
                       AND program.id = ANY(%s)
                    WINDOW earlier AS (PARTITION BY line.accrual_id ORDER BY line.id
                                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
                   ) paid
              JOIN rebate_settlement_buyer buyer ON buyer.settlement_line_id = paid.id
             WHERE paid.first <= paid.last
            """,
            programs.ids,
        )
    )
    return [PaidBuyer(*row) for row in rows]


def not_owned(owners, day: SQL) -> SQL:
    """Compose the conditions that no other agreement of the program has ``purchase``: none of the
    same distributor that comes first, and none that was paid for it.

    A nearer agreement has a purchase before one that was paid for it from further above; who
    was paid first has it before who was paid later.

    :param day: on which ``purchase`` counts
    """
    conditions = []
    if owners.twins:
        conditions.append(_not_of_twins(owners.twins, day))
    if owners.kept:
        conditions.append(_not_paid_for(owners.kept, day))
    return SQL(" ").join(conditions)


def _not_of_twins(twins, day):
    rows = [(agreement_id, *twin) for agreement_id, ours in twins.items() for twin in ours]
    return SQL(
        """
        AND (requested.is_baseline OR NOT EXISTS (
                SELECT 1
                  FROM unnest(%s::int[], %s::int[], %s::date[], %s::date[], %s::bool[])
                       AS twin(agreement_id, id, first, last, includes_children)
                 WHERE twin.agreement_id = requested.agreement_id
                   AND %s BETWEEN twin.first AND twin.last
                   AND (twin.includes_children OR purchase.partner_id = requested.partner_id)
            ))
        """,
        *map(list, zip(*rows, strict=True)),
        day,
    )


def _not_paid_for(kept, day):
    return SQL(
        """
        AND NOT EXISTS (
                SELECT 1
                  FROM unnest(%s::int[], %s::int[], %s::int[], %s::int[], %s::int[],
                              %s::text[], %s::date[], %s::date[])
                       AS kept(agreement_id, program_id, partner_id, line_id, buyer_id,
                               below, first, last)
                 WHERE kept.program_id = requested.program_id
                   AND %s BETWEEN kept.first AND kept.last
                   AND CASE WHEN kept.agreement_id = requested.agreement_id
                            THEN requested.kept_line IS NULL
                            ELSE kept.buyer_id = purchase.partner_id
                             AND kept.partner_id <> requested.partner_id
                             AND COALESCE(requested.partner_id <> ALL(
                                     string_to_array(kept.below, ',')::int[]), TRUE)
                             AND (requested.kept_line IS NULL
                                  OR kept.line_id < requested.kept_line) END
            )
        """,
        *map(list, zip(*kept, strict=True)),
        day,
    )


def find_members(agreements, inclusive=None):
    """Find whose invoices count: the partner's own and, where the agreement includes them,
    those of the companies below.

    :param inclusive: ids of the agreements that are taken to include them; default: those that do
    :return: a list of ``(agreement id, partner id, below)``, where below are the ids of the
        companies from just below the agreement's partner down to this one, as text, None for
        the partner; and the company id by agreement id
    """
    # Plain rows: there may be as many agreements as a program has distributors.
    rows = agreements.env.execute_query(
        SQL(
            "SELECT id, partner_id, company_id, include_children"
            " FROM rebate_agreement WHERE id = ANY(%s)",
            agreements.ids,
        )
    )
    own = [(agreement_id, partner_id, None) for agreement_id, partner_id, *_rest in rows]
    company_of = {agreement_id: company_id for agreement_id, _p, company_id, _c in rows}
    if inclusive is None:
        inclusive = [agreement_id for agreement_id, *_rest, includes in rows if includes]
    if not inclusive:
        return own, company_of
    below = agreements.env.execute_query(
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


def find_branches(companies):
    """Find whose invoices are a company's, and who keeps its exchange rates.

    :return: by company id, the ids of it and its branches as text; and the id of its root
    """
    # The agreement says whose purchases count, not which companies its reader may open.
    companies_sudo = companies.sudo()
    below = companies_sudo.search([("id", "child_of", companies.ids)])
    branches = {
        company.id: ",".join(
            str(branch.id) for branch in below if branch.parent_path.startswith(company.parent_path)
        )
        for company in companies_sudo
    }
    return branches, {company.id: company.root_id.id for company in companies_sudo}
