"""Why a payout corrects an earlier one: what changed since, in a sentence."""

from odoo import models
from odoo.tools import SQL, format_date, format_list, formatLang

# So many invoices are named, of however many.
NAMED = 5


class RebateSettlementBatch(models.Model):
    _inherit = "rebate.settlement.batch"

    def _causes(self, payables):
        """Say what changed since what is corrected was paid, in the language of who is paid.

        :param payables: see :class:`Payable`
        :return: a sentence by accrual; of those that correct nothing there is none
        """
        adjusting = [
            part for part in payables if not part.accrual.currency_id.is_zero(part.adjustment)
        ]
        if not adjusting:
            return {}
        invoices = self._changed_invoices(adjusting)
        amendments = self.env["rebate.amendment"].search(
            [
                ("program_id", "in", [part.accrual.program_id.id for part in adjusting]),
                ("state", "=", "applied"),
            ],
            order="number",
        )
        return {
            part.accrual: self._cause(
                part,
                invoices.get(part.accrual.id, []),
                amendments.filtered(
                    lambda amendment, part=part: (
                        amendment.program_id == part.accrual.program_id
                        and amendment.write_date > part.last.create_date
                    )
                ),
            )
            for part in adjusting
        }

    def _cause(self, part, invoices, amendments):
        agreement = part.accrual.agreement_id
        partner = agreement.payout_partner_id or agreement.partner_id
        env = self.with_context(lang=partner.lang).env
        facts = [
            fact
            for fact in (
                self._purchases_then_and_now(env, part),
                self._naming_invoices(env, invoices),
                self._naming_amendments(env, amendments),
            )
            if fact
        ]
        return env._(
            "Since settlement %(name)s of %(day)s: %(facts)s.",
            name=part.last.settlement_id.name,
            day=format_date(env, part.last.settlement_id.date),
            facts="; ".join(facts)
            or env._("the terms of the agreement changed, or what other programs earn"),
        )

    def _purchases_then_and_now(self, env, part):
        """Compare the purchases that were paid for with those of the same time by now."""
        last, now, currency = part.last, part.before.purchases, part.accrual.currency_id
        # Lines from before these figures were kept have none.
        is_paid_further = part.before_until > part.until
        if not last.date_until or is_paid_further:
            return ""
        amount = currency.round(float(now.amount))
        if not currency.compare_amounts(amount, last.measured_amount) and (
            now.invoice_count == last.invoice_count
        ):
            return ""
        return env._(
            "purchases until %(until)s were %(then)s on %(count_then)s invoices and credit notes"
            " and are now %(now)s on %(count_now)s",
            until=format_date(env, last.date_until),
            then=formatLang(env, last.measured_amount, currency_obj=currency),
            count_then=last.invoice_count,
            now=formatLang(env, amount, currency_obj=currency),
            count_now=now.invoice_count,
        )

    def _naming_invoices(self, env, invoices):
        """Name what was posted, changed or taken back.

        :param invoices: ``(number, state, whether it is new, how many there are)``
        """
        if not invoices:
            return ""
        names = {"new": [], "changed": [], "gone": []}
        for number, state, is_new, _count in invoices:
            kind = ("new" if is_new else "changed") if state == "posted" else "gone"
            names[kind].append(number)
        parts = []
        if names["new"]:
            parts.append(env._("new: %s", format_list(env, names["new"])))
        if names["changed"]:
            parts.append(env._("changed: %s", format_list(env, names["changed"])))
        if names["gone"]:
            parts.append(env._("taken back: %s", format_list(env, names["gone"])))
        more = invoices[0][3] - len(invoices)
        if more > 0:
            parts.append(env._("and %s more", more))
        return ", ".join(parts)

    def _naming_amendments(self, env, amendments):
        if not amendments:
            return ""
        return env._(
            "amended terms: %s",
            format_list(env, [amendment.with_env(env).display_name for amendment in amendments]),
        )

    def _changed_invoices(self, payables):
        """Find the documents whose lines were written since what is corrected was paid, or, where
        payments count, which were paid since.

        One statement for all; it reads the invoices of the buyers within the periods by the index
        on customer and invoice date.

        :return: lists of ``(number, state, whether it is new, how many there are)``, at most
            NAMED of them, by accrual id
        """
        self.env["account.move.line"].flush_model()
        self.env["account.move"].flush_model()
        rows = [
            (
                part.accrual.id,
                part.accrual.partner_id.id,
                part.accrual.agreement_id.include_children,
                part.accrual.program_id.basis == "paid",
                part.accrual.date_from,
                part.before_until,
                part.last.create_date,
            )
            for part in payables
        ]
        found = self.env.execute_query(
            SQL(
                """
                WITH RECURSIVE asked AS (
                    SELECT * FROM unnest(%(accruals)s::int[], %(partners)s::int[],
                                         %(families)s::bool[], %(paid)s::bool[],
                                         %(first)s::date[], %(last)s::date[],
                                         %(since)s::timestamp[])
                        AS asked(accrual_id, partner_id, has_family, is_paid, first, last, since)
                ),
                buyer AS (
                    SELECT accrual_id, partner_id FROM asked
                 UNION
                    SELECT buyer.accrual_id, child.id
                      FROM buyer
                      JOIN asked ON asked.accrual_id = buyer.accrual_id AND asked.has_family
                      JOIN res_partner child ON child.parent_id = buyer.partner_id
                ),
                changed AS (
                    SELECT asked.accrual_id, move.id, move.name, move.state,
                           move.create_date > asked.since AS is_new,
                           COUNT(*) OVER (PARTITION BY asked.accrual_id) AS count,
                           ROW_NUMBER() OVER (PARTITION BY asked.accrual_id
                                                  ORDER BY move.id DESC) AS place
                      FROM asked
                      JOIN buyer ON buyer.accrual_id = asked.accrual_id
                      JOIN account_move move
                        ON move.commercial_partner_id = buyer.partner_id
                       AND move.invoice_date <= asked.last
                       AND (asked.is_paid OR move.invoice_date >= asked.first)
                       AND move.move_type IN ('out_invoice', 'out_receipt', 'out_refund')
                       AND move.rebate_settlement_id IS NULL
                       AND (move.state = 'posted' OR move.posted_before)
                      JOIN res_company branch ON branch.id = move.company_id
                      JOIN res_company company
                        ON company.id = %(company)s
                       AND branch.parent_path LIKE company.parent_path || '%%'
                     WHERE (asked.is_paid AND move.write_date > asked.since)
                        OR EXISTS (SELECT 1 FROM account_move_line line
                                    WHERE line.move_id = move.id
                                      AND line.display_type = 'product'
                                      AND line.write_date > asked.since
                                      -- Odoo may write them when the invoice is paid too.
                                      AND NOT EXISTS (
                                          SELECT 1
                                            FROM account_move_line paid
                                            JOIN account_partial_reconcile partial
                                              ON paid.id IN (partial.debit_move_id,
                                                             partial.credit_move_id)
                                           WHERE paid.move_id = move.id
                                             AND partial.create_date = line.write_date))
                )
                SELECT accrual_id, COALESCE(name, '/'), state, is_new, count
                  FROM changed
                 WHERE place <= %(named)s
              ORDER BY accrual_id, id
                """,
                **dict(
                    zip(
                        ("accruals", "partners", "families", "paid", "first", "last", "since"),
                        map(list, zip(*rows, strict=True)),
                        strict=True,
                    )
                ),
                company=self.company_id.id,
                named=NAMED,
            )
        )
        changed = {}
        for accrual_id, *invoice in found:
            changed.setdefault(accrual_id, []).append(tuple(invoice))
        return changed
