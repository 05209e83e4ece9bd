"""The conditions and amounts of the measuring statement: which purchases are whose, and worth
what in the program's currency."""

from odoo import models
from odoo.tools import SQL


class RebateMeasure(models.AbstractModel):
    _inherit = "rebate.measure"

    def _matched(self, programs, owners, late=()) -> SQL:
        """Compose the joins of ``bought`` (purchases) to the windows that count them.

        No purchase counts twice in a program: of two agreements above a buyer, the nearest that
        runs on the day has it, and of several that are equally near, the first. Nor does it count
        where a program that comes first has taken it.

        :param owners: see :meth:`_owners`
        :param late: see :meth:`_late_returns`; these count on another day than their own
        """
        return SQL(
            """
            JOIN wanted asked
              ON asked.buyer_id = bought.partner_id
             AND asked.is_paid = bought.is_paid
             AND asked.with_discount = bought.with_discount
             AND %(on_its_day)s BETWEEN asked.date_from AND asked.date_to
             AND bought.company_id = ANY(asked.branch_ids)
             AND (asked.include_refunds OR NOT bought.is_return)
             AND (asked.below_ids IS NULL OR NOT EXISTS (
                     SELECT 1
                       FROM rebate_agreement nearer
                      WHERE nearer.program_id = asked.program_id
                        AND nearer.state IN ('active', 'ended')
                        AND nearer.partner_id = ANY(asked.below_ids)
                        AND (nearer.include_children OR nearer.partner_id = bought.partner_id)
                        AND %(on_its_day)s >= nearer.date_start
                        AND (nearer.date_end IS NULL OR %(on_its_day)s <= nearer.date_end)
                 ))
             %(not_owned)s
             %(not_taken)s
            """,
            on_its_day=self._counted_day(late, SQL("asked.program_id")),
            not_owned=self._not_owned(
                owners, self._counted_day(late, SQL("asked.program_id")) if owners.is_any else SQL()
            ),
            not_taken=self._not_taken(late) if programs._preceding_programs() else SQL(),
        )

    def _counted_day(self, late, program_id: SQL) -> SQL:
        """Compose the day on which ``bought`` counts in a program."""
        if not late:
            return SQL("bought.date")
        return SQL(
            """
            CASE WHEN bought.move_id = ANY(%s)
                 THEN COALESCE((SELECT late.day
                                  FROM late
                                 WHERE late.move_id = bought.move_id
                                   AND late.program_id = %s
                                   AND COALESCE(late.paid_on, bought.date) = bought.date
                                 LIMIT 1), bought.date)
                 ELSE bought.date END
            """,
            sorted({one.move_id for one in late}),
            program_id,
        )

    def _quantity(self) -> SQL:
        """Compose a quantity of ``bought`` in the program's unit; nothing where no goods are moved
        or the line has no unit, NULL if it does not convert."""
        return SQL(
            """
            CASE WHEN NOT %(has_units)s OR bought.uom_root_id = 0 THEN 0
                 WHEN bought.uom_root_id = asked.uom_root_id
                 THEN bought.quantity / asked.uom_factor END
            """,
            has_units=self._has_units(),
        )

    def _is_unmeasured(self) -> SQL:
        """Compose whether a quantity of ``bought`` would count, but does not convert."""
        return SQL(
            "%s AND bought.uom_root_id <> 0 AND bought.uom_root_id <> asked.uom_root_id",
            self._has_units(),
        )

    def _is_unitless(self) -> SQL:
        """Compose whether a quantity of ``bought`` would count, but is in no unit."""
        return SQL(
            "%s AND bought.uom_root_id = 0 AND asked.uom_root_id IS NOT NULL", self._has_units()
        )

    def _has_units(self) -> SQL:
        """Compose whether the units of ``bought`` count in a program that asks for any: goods do,
        services only where the program says so."""
        return SQL(
            "(bought.uom_root_id IS NOT NULL AND (asked.count_services OR NOT bought.is_service))"
        )

    def _amount(self) -> SQL:
        """Compose an amount of ``bought`` in the program's currency, NULL without a rate.

        The net amount printed on the invoice where that is in the program's currency; otherwise
        its value in the books, converted at the rate of the invoice's day where the books differ
        too. (Under Odoo's global rounding the balance of a line may differ by a cent from the
        net amount beside it; a distributor can only check what is printed.)
        """
        return SQL(
            """
            CASE WHEN bought.currency_id = asked.currency_id THEN bought.net_amount
                 WHEN asked.company_currency_id = asked.currency_id THEN bought.balance
                 ELSE bought.balance * %s / %s END
            """,
            self._rate(SQL("asked.currency_id")),
            # Odoo's own default: a company currency without a rate is the unit.
            SQL("COALESCE(%s, 1)", self._rate(SQL("asked.company_currency_id"))),
        )

    def _rate(self, currency: SQL) -> SQL:
        """Compose the rate of a currency on the day of ``bought``, as Odoo chooses it: the
        company's own before the common one, the latest before the first to come."""
        return SQL(
            """
            (SELECT rate.rate
               FROM res_currency_rate rate
              WHERE rate.currency_id = %s
                AND (rate.company_id = asked.root_id OR rate.company_id IS NULL)
           ORDER BY rate.name > bought.invoice_date, rate.company_id,
                    ABS(rate.name - bought.invoice_date)
              LIMIT 1)
            """,
            currency,
        )
