"""What differs between a settlement and what its fingerprint was computed from, in sentences."""

from .contradictions import APPROVALS, CONTENT, DOCUMENTS, STATE
from .fingerprint import fingerprint_of
from .sealed import format_of


def tell_differences(settlement, now):
    """Tell what differs.

    :param now: what is sealed in the settlement's own format as it is now, see
        :func:`.fingerprint.read_contents`; None where that format is none that is known
    :return: pairs of a topic, see :mod:`.contradictions`, and a sentence; none where nothing does
    """
    env, then = settlement.env, settlement.fingerprint_content
    if not then or not now or fingerprint_of(then) != settlement.fingerprint:
        text = env._("Its fingerprint is not that of its record: one of both was changed.")
        return [(CONTENT, text)]
    sealed = format_of(then)
    as_merged = _as_merged(env, then, now)
    return [
        (topic, text)
        for topic, texts in (
            (CONTENT, _tell_changes(settlement, sealed.settlement, as_merged, now)),
            (CONTENT, _tell_terms(env, then, now)),
            (CONTENT, _tell_lines(env, sealed.line, then["lines"], now["lines"])),
            (DOCUMENTS, _tell_documents(env, then["documents"], now["documents"])),
            (
                APPROVALS,
                _tell_approvals(env, sealed.approval, then["approvals"], now["approvals"]),
            ),
            (STATE, _tell_state(settlement)),
        )
        for text in texts
    ]


def _as_merged(env, then, now):
    """What a settlement was, with the customer that its own was merged into since."""
    if then["partner"] == now["partner"]:
        return then
    successors = env["rebate.partner.merge"]._successors([then["partner"]])
    return then | {"partner": successors.get(then["partner"], then["partner"])}


def _tell_changes(record, values, then, now):
    """Tell which fields of a record differ.

    :param record: or an empty one of its model
    :param values: what is sealed of it, see :class:`.sealed.Value`
    """
    env = record.env
    for key, _read, name in values:
        # Which the later of two of one name got when names became unique.
        if record and key == "name" and now[key] == f"{then[key]}-{record.id}":
            continue
        if name and then[key] != now[key]:
            field = record._fields[name]
            yield env._(
                "“%(field)s” was %(then)s and is %(now)s.",
                field=field._description_string(env),
                then=_tell_value(env, field, then[key]),
                now=_tell_value(env, field, now[key]),
            )


def _tell_value(env, field, value):
    if value is None:
        return "–"
    if field.type != "many2one":
        return str(value)
    # Whoever checks is told what it was, also of another company.
    record = env[field.comodel_name].sudo().browse(value).exists()
    return record.display_name if record else env._("no. %s, which is gone", value)


def _tell_terms(env, then, now):
    if then["terms"] != now["terms"]:
        yield env._("The terms that were frozen with it were changed.")


def _tell_lines(env, values, then, now):
    lines = env["rebate.settlement.line"]
    then, now = ({line["id"]: line for line in lines} for lines in (then, now))
    for line_id, line in (then | now).items():
        if line_id not in now:
            yield env._("Its line “%s” is gone.", line["name"])
        elif line_id not in then:
            yield env._("Its line “%s” was added.", line["name"])
        else:
            was = then[line_id]
            for text in _tell_changes(lines, values, was, line):
                yield env._("Line “%(line)s”: %(text)s", line=was["name"], text=text)
            if was["details"] != line["details"]:
                yield _tell_details(env, was, line)


def _tell_details(env, then, now):
    return env._(
        "Line “%(line)s”: its invoice lines were changed. There were %(count)s, of which the"
        " rebates add up to %(amount)s; there are %(count_now)s, adding up to %(amount_now)s.",
        line=then["name"],
        count=then["detail_count"],
        amount=then["detail_amount"],
        count_now=now["detail_count"],
        amount_now=now["detail_amount"],
    )


def _tell_documents(env, then, now):
    if then != now:
        yield env._(
            "The documents that pay it were %(then)s and are %(now)s.",
            then=_name_documents(env, then),
            now=_name_documents(env, now),
        )


def _name_documents(env, documents):
    # As in _tell_value.
    moves = env["account.move"].sudo()
    names = {
        move.id: move.display_name
        for move in moves.browse(document["id"] for document in documents).exists()
    }
    return (
        ", ".join(
            env._(
                "%(name)s over %(amount)s",
                name=names.get(document["id"]) or env._("no. %s", document["id"]),
                amount=document["amount"],
            )
            for document in documents
        )
        or "–"
    )


def _tell_approvals(env, values, then, now):
    then, now = ({row["id"]: row for row in rows} for rows in (then, now))
    for approval_id, row in (then | now).items():
        if approval_id not in now:
            text = env._("It is gone.")
        elif approval_id not in then:
            text = env._("It was added.")
        else:
            changes = _tell_changes(env["rebate.approval"], values, then[approval_id], row)
            text = " ".join(changes)
        if text:
            yield env._("Approval of %(time)s: %(text)s", time=row["at"], text=text)


def _tell_state(settlement):
    """What a posted settlement may become is cancelled, with its documents taken back."""
    env = settlement.env
    if settlement.state == "cancelled":
        # As in _tell_value.
        documents = settlement.sudo()._documents()
        for move in documents.filtered(lambda move: not move._rebate_is_reversed()):
            yield env._("It is cancelled, but %s that pays it was not reversed.", move.display_name)
    elif settlement.state not in ("posted", "paid"):
        labels = dict(settlement._fields["state"]._description_selection(env))
        yield env._("It was posted, but its status is “%s”.", labels[settlement.state])
