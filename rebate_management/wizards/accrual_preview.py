"""What an accrual run would post: by program and distributor, by currency, and as journal items."""


class AccrualPreview:
    """Values of the preview's lines. Nothing is written."""

    def __init__(self, run, owed, entries):
        """
        :param run: ``rebate.accrual.run``
        :param owed: what is owed by accrual and can be posted, see :func:`find_owed`
        :param entries: values of the entries that the run would post
        """
        self.run, self.owed, self.entries = run, owed, entries

    def lines(self):
        """One a program and distributor."""
        values = self._values()
        lines = {}
        for accrual, part in self.owed.items():
            line = lines.setdefault(
                (accrual.program_id, accrual.partner_id),
                {
                    "program_id": accrual.program_id.id,
                    "partner_id": accrual.partner_id.id,
                    "currency_id": accrual.currency_id.id,
                    **_NOTHING,
                },
            )
            _add(
                line,
                owed_amount=part.owed,
                accrued_amount=part.in_books,
                change_amount=part.change,
                change_value=values.get(accrual.id, 0),
            )
        return [line for line in lines.values() if any(line[name] for name in _NOTHING)]

    @staticmethod
    def totals(lines):
        """One a currency.

        :param lines: as :meth:`lines` returns them
        """
        totals = {}
        for line in lines:
            total = totals.setdefault(
                line["currency_id"], {"currency_id": line["currency_id"], **_NOTHING}
            )
            _add(total, **{name: line[name] for name in _NOTHING})
        return list(totals.values())

    def items(self):
        """One a journal, account and currency of the entries."""
        items = {}
        for entry, line in self._entry_lines():
            key = tuple((line | entry)[name] for name in KEY)
            item = items.setdefault(
                key,
                {
                    **{name: (line | entry)[name] for name in KEY},
                    "amount_currency": 0,
                    "debit": 0,
                    "credit": 0,
                },
            )
            _add(
                item,
                amount_currency=line["amount_currency"],
                debit=max(line["balance"], 0),
                credit=max(-line["balance"], 0),
            )
        return list(items.values())

    def _values(self):
        """The change in the currency of the books, by accrual id."""
        values = {}
        for _entry, line in self._entry_lines():
            accrual_id = line.get("rebate_accrual_id")
            if accrual_id:
                values[accrual_id] = values.get(accrual_id, 0) - line["balance"]
        return values

    def _entry_lines(self):
        for entry in self.entries:
            for _create, _id, line in entry["line_ids"]:
                yield entry, line


KEY = ("journal_id", "date", "account_id", "currency_id")
_NOTHING = dict.fromkeys(("owed_amount", "accrued_amount", "change_amount", "change_value"), 0)


def _add(row, **amounts):
    for name, amount in amounts.items():
        row[name] += amount
