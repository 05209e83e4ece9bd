"""What differs between a settlement and what its fingerprint was computed from, in sentences."""

from ...tools.settlement_checks import APPROVALS, CONTENT, DOCUMENTS, STATE
from .fingerprint import fingerprint_of

# Keys of the content by the field that they are of.
FIELDS = {
    "name": "name",
    "partner": "partner_id",
    "company": "company_id",
    "currency": "currency_id",
    "journal": "journal_id",
    "date": "date",
    "due": "date_due",
    "amount": "amount_total",
    "number": "fingerprint_number",
}

LINE_FIELDS = {
    "accrual": "accrual_id",
    "name": "name",
    "explanation": "explanation",
    "until": "date_until",
    "amount": "amount",
    "adjustment": "adjustment_amount",
    "cause": "cause",
}

APPROVAL_FIELDS = {
    "decision": "decision",
    "level": "level_name",
    "user": "user_id",
    "at": "decided_at",
    "amount": "amount",
    "comment": "comment",
}


def differences(settlement, now):
    """Tell what differs.

    :param now: see :func:`read_contents`
    :return: pairs of a topic, see ``tools.settlement_checks``, and a sentence; none where
        nothing does
    """
    settlement.ensure_one()
    then = settlement.fingerprint_content
    if not then or fingerprint_of(then) != settlement.fingerprint:
        text = settlement.env._(
            "Its fingerprint is not that of its record: one of both was changed."
        )
        return [(CONTENT, text)]
    now = now | {"number": settlement.fingerprint_number}
    return [
        (topic, text)
        for topic, texts in (
            (
                CONTENT,
                _tell_changes(
                    settlement, settlement, FIELDS, _as_merged(settlement, then, now), now
                ),
            ),
            (CONTENT, _tell_terms(settlement, then, now)),
            (CONTENT, _tell_lines(settlement, then["lines"], now["lines"])),
            (DOCUMENTS, _tell_documents(settlement, then["documents"], now["documents"])),
            (APPROVALS, _tell_approvals(settlement, then["approvals"], now["approvals"])),
            (STATE, _tell_state(settlement)),
        )
        for text in texts
    ]


def _as_merged(settlement, then, now):
    """What a settlement was, with the customer that its own was merged into since."""
    if then["partner"] == now["partner"]:
        return then
    successors = settlement.env["rebate.partner.merge"]._successors([then["partner"]])
    return then | {"partner": successors.get(then["partner"], then["partner"])}


def _tell_changes(settlement, record, names, then, now):
    for key, name in names.items():
        # Which the later of two of one name got when names became unique.
        if record and key == "name" and now[key] == f"{then[key]}-{record.id}":
            continue
        if then[key] != now[key]:
            field = record._fields[name]
            yield settlement.env._(
                "“%(field)s” was %(then)s and is %(now)s.",
                field=field._description_string(settlement.env),
                then=_tell_value(settlement, field, then[key]),
                now=_tell_value(settlement, field, now[key]),
            )


def _tell_value(settlement, field, value):
    if value is None:
        return "–"
    if field.type != "many2one":
        return str(value)
    # Whoever checks is told what it was, also of another company.
    record = settlement.env[field.comodel_name].sudo().browse(value).exists()
    return record.display_name if record else settlement.env._("no. %s, which is gone", value)


def _tell_terms(settlement, then, now):
    if then["terms"] != now["terms"]:
        yield settlement.env._("The terms that were frozen with it were changed.")


def _tell_lines(settlement, then, now):
    lines = settlement.env["rebate.settlement.line"]
    then, now = ({line["id"]: line for line in lines} for lines in (then, now))
    for line_id, line in (then | now).items():
        if line_id not in now:
            yield settlement.env._("Its line “%s” is gone.", line["name"])
        elif line_id not in then:
            yield settlement.env._("Its line “%s” was added.", line["name"])
        else:
            was = then[line_id]
            for text in _tell_changes(settlement, lines, LINE_FIELDS, was, line):
                yield settlement.env._("Line “%(line)s”: %(text)s", line=was["name"], text=text)
            if was["details"] != line["details"]:
                yield _tell_details(settlement, was, line)


def _tell_details(settlement, then, now):
    return settlement.env._(
        "Line “%(line)s”: its invoice lines were changed. There were %(count)s, of which the"
        " rebates add up to %(amount)s; there are %(count_now)s, adding up to %(amount_now)s.",
        line=then["name"],
        count=then["detail_count"],
        amount=then["detail_amount"],
        count_now=now["detail_count"],
        amount_now=now["detail_amount"],
    )


def _tell_documents(settlement, then, now):
    if then != now:
        yield settlement.env._(
            "The documents that pay it were %(then)s and are %(now)s.",
            then=_name_documents(settlement, then),
            now=_name_documents(settlement, now),
        )


def _name_documents(settlement, documents):
    # As in _tell_value.
    moves = settlement.env["account.move"].sudo()
    names = {
        move.id: move.display_name
        for move in moves.browse(document["id"] for document in documents).exists()
    }
    return (
        ", ".join(
            settlement.env._(
                "%(name)s over %(amount)s",
                name=names.get(document["id"]) or settlement.env._("no. %s", document["id"]),
                amount=document["amount"],
            )
            for document in documents
        )
        or "–"
    )


def _tell_approvals(settlement, then, now):
    then, now = ({row["id"]: row for row in rows} for rows in (then, now))
    for approval_id, row in (then | now).items():
        if approval_id not in now:
            text = settlement.env._("It is gone.")
        elif approval_id not in then:
            text = settlement.env._("It was added.")
        else:
            changes = _tell_changes(
                settlement,
                settlement.env["rebate.approval"],
                APPROVAL_FIELDS,
                then[approval_id],
                row,
            )
            text = " ".join(changes)
        if text:
            yield settlement.env._("Approval of %(time)s: %(text)s", time=row["at"], text=text)


def _tell_state(settlement):
    """What a posted settlement may become is cancelled, with its documents taken back."""
    if settlement.state == "cancelled":
        standing = (
            # As in _tell_value.
            settlement.sudo()._documents().filtered(lambda move: not move._rebate_is_reversed())
        )
        for move in standing:
            yield settlement.env._(
                "It is cancelled, but %s that pays it was not reversed.", move.display_name
            )
    elif settlement.state not in ("posted", "paid"):
        yield settlement.env._(
            "It was posted, but its status is “%s”.",
            dict(settlement._fields["state"]._description_selection(settlement.env))[
                settlement.state
            ],
        )
