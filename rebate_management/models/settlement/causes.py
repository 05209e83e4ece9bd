"""Why a payout corrects an earlier one: what changed since, in a sentence."""

from odoo.tools import SQL, format_date, format_list, formatLang

from ...tools.trust import trusted

# So many invoices are named, of however many.
NAMED = 5


def tell_causes(lines, payables):
    """Say on new settlement lines what changed since what they correct was paid, or by which
    settlement was paid too much what they take off; in the language of who is paid.

    :param payables: what the lines pay, see :class:`.payable.Payable`
    """
    parts = {part.accrual: part for part in payables}
    adjusting = {
        line: parts[line.accrual_id]
        for line in lines
        if line.is_adjustment or (line.amount < 0 and parts[line.accrual_id].last)
    }
    if not adjusting:
        return
    env = lines.env
    invoices = _changed_invoices(env, adjusting)
    amendments = env["rebate.amendment"].search(
        [("program_id", "in", lines.program_id.ids), ("state", "=", "applied")],
        order="number",
    )
    for line, part in adjusting.items():
        trusted(line).cause = _cause(
            env,
            line,
            part,
            invoices.get(line.id, []),
            amendments.filtered(
                lambda amendment, part=part: (
                    amendment.program_id == part.accrual.program_id
                    and amendment.write_date > part.last.create_date
                )
            ),
        )


def _cause(env, line, part, invoices, amendments):
    partner, _currency = part.payee
    env = env(context={**env.context, "lang": partner.lang})
    facts = [
        fact
        for fact in (
            _purchases_then_and_now(env, part),
            _purchases_since(env, part),
            _naming_who_pays_instead(env, part),
            _naming_invoices(env, invoices),
            _naming_amendments(env, amendments),
        )
        if fact
    ]
    values = {
        "name": part.last.settlement_id.name,
        "day": format_date(env, part.last.settlement_id.date),
        "facts": "; ".join(facts)
        or env._("the terms of the agreement changed, or what other programs earn"),
    }
    if line.amount < 0:
        return env._(
            "Paid too much by settlement %(name)s of %(day)s. Since then: %(facts)s.", **values
        )
    return env._("Since settlement %(name)s of %(day)s: %(facts)s.", **values)


def _purchases_then_and_now(env, part):
    """Compare the purchases that were paid for with those of the same time by now."""
    last, now, currency = part.last, part.before.purchases, part.accrual.currency_id
    # Lines from before these figures were kept have none.
    if not last.date_until:
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


def _purchases_since(env, part):
    """Where the time paid for earns what was paid, it was lost since."""
    currency = part.accrual.currency_id
    if not currency.is_zero(part.adjustment) or part.result.beaten_by:
        return ""
    return env._(
        "purchases were %(then)s until %(day)s and are %(now)s until %(today)s",
        then=formatLang(env, float(part.before.purchases.amount), currency_obj=currency),
        day=format_date(env, part.before_until),
        now=formatLang(env, float(part.result.purchases.amount), currency_obj=currency),
        today=format_date(env, part.until),
    )


def _naming_who_pays_instead(env, part):
    program = part.result.beaten_by
    return env._("“%s” pays more and instead", program.name) if program else ""


def _naming_invoices(env, invoices):
    """Name what counts in addition, differently, or no longer.

    :param invoices: ``(number, change, how many there are)``
    """
    if not invoices:
        return ""
    names = {}
    for number, change, _count in invoices:
        names.setdefault(change, []).append(number)
    parts = []
    if "added" in names:
        parts.append(env._("new: %s", format_list(env, names["added"])))
    if "changed" in names:
        parts.append(env._("changed: %s", format_list(env, names["changed"])))
    if "gone" in names:
        parts.append(env._("no longer counted: %s", format_list(env, names["gone"])))
    more = invoices[0][2] - len(invoices)
    if more > 0:
        parts.append(env._("and %s more", more))
    return ", ".join(parts)


def _naming_amendments(env, amendments):
    if not amendments:
        return ""
    return env._(
        "amended terms: %s",
        format_list(env, [amendment.with_env(env).display_name for amendment in amendments]),
    )


def _changed_invoices(env, adjusting):
    """Find the documents that count otherwise than when what is corrected was paid: what was
    frozen then is compared with what was frozen now, in one statement.

    :param adjusting: what is payable, by new settlement line
    :return: lists of ``(number, change, how many there are)``, at most NAMED of them, the
        latest first, by id of the new line
    """
    env["rebate.settlement.detail"].flush_model()
    rows = [(line.id, part.last.id, part.before_until) for line, part in adjusting.items()]
    found = env.execute_query(
        SQL(
            """
            WITH corrected AS (
                SELECT * FROM unnest(%s::int[], %s::int[], %s::date[])
                           AS corrected(line_id, last_id, until)
            ),
            -- What a rule counts another may count too.
            counted AS (
                SELECT corrected.line_id, detail.invoice_name, MAX(detail.invoice_date) AS date,
                       detail.line_number,
                       MAX(detail.amount) FILTER (WHERE is_now) AS amount,
                       MAX(detail.quantity) FILTER (WHERE is_now) AS quantity,
                       MAX(detail.amount) FILTER (WHERE NOT is_now) AS amount_then,
                       MAX(detail.quantity) FILTER (WHERE NOT is_now) AS quantity_then
                  FROM corrected
                  JOIN rebate_settlement_detail detail
                    ON detail.settlement_line_id IN (corrected.line_id, corrected.last_id)
            CROSS JOIN LATERAL (
                           SELECT detail.settlement_line_id = corrected.line_id AS is_now
                       ) version
                 WHERE detail.line_number IS NOT NULL
                   AND detail.invoice_date <= corrected.until
                   -- What was taken back has a row of zeros.
                   AND (detail.amount <> 0 OR detail.quantity <> 0)
              GROUP BY corrected.line_id, detail.invoice_name, detail.line_number
            ),
            changed AS (
                SELECT line_id, invoice_name, MAX(date) AS date,
                       CASE WHEN COUNT(amount_then) = 0 THEN 'added'
                            WHEN COUNT(amount) = 0 THEN 'gone'
                            ELSE 'changed' END AS change,
                       COUNT(*) OVER (PARTITION BY line_id) AS count,
                       ROW_NUMBER() OVER (
                           PARTITION BY line_id ORDER BY MAX(date) DESC, invoice_name DESC
                       ) AS place
                  FROM counted
              GROUP BY line_id, invoice_name
                HAVING bool_or((amount, quantity)
                               IS DISTINCT FROM (amount_then, quantity_then))
            )
            SELECT line_id, invoice_name, change, count
              FROM changed
             WHERE place <= %s
          ORDER BY line_id, place
            """,
            *map(list, zip(*rows, strict=True)),
            NAMED,
        )
    )
    changed = {}
    for line_id, *invoice in found:
        changed.setdefault(line_id, []).append(tuple(invoice))
    return changed
