"""The statement of a posted settlement is made once: what was printed first is kept, with its
SHA-256 sum, and is what everybody gets from then on."""

from base64 import b64encode
from hashlib import sha256

from odoo.exceptions import UserError

from ...tools.locks import lock_available
from ...tools.trust import trusted

# Before, a statement is a proposal; what is taken back has a statement that says so.
KEPT_IN = ("posted", "paid")
FIELD = "statement_file"


def read_statement(settlement) -> bytes | None:
    """The statement as it was first printed; None where none is kept, or it holds no longer.

    :raise UserError: when the file is no longer what was made
    """
    if settlement.state not in KEPT_IN or not settlement.statement_hash:
        return None
    content = kept_file(settlement)
    if sha256(content).hexdigest() != settlement.statement_hash:
        raise UserError(
            settlement.env._(
                "The statement that was kept of settlement %s is missing or was changed since it"
                " was made, so it cannot be printed. Have an administrator put its file back from"
                " a backup; “Check Settlements” tells of all that are.",
                settlement.name,
            )
        )
    return content


def kept_file(settlement) -> bytes:
    """What the file store has of the statement, whether it is right or not."""
    return _files(settlement).raw or b""


def keep_statement(settlement, content: bytes) -> bytes:
    """Keep a statement that was just printed, unless another was first or the settlement is not
    posted.

    :return: the statement that is to be handed out
    """
    # Whoever may print it need not be allowed to write settlements.
    settlement = settlement.sudo()
    if settlement.state not in KEPT_IN or not lock_available(settlement):
        return content
    settlement.invalidate_recordset(["statement_hash"], flush=False)
    if kept := read_statement(settlement):
        return kept
    trusted(settlement).write(
        {FIELD: b64encode(content), "statement_hash": sha256(content).hexdigest()}
    )
    return content


def find_altered(settlements):
    """Tell which settlements have a kept statement that is no longer what was made, in one
    statement and a look at each file."""
    sealed = settlements.filtered("statement_hash")
    sums = {}
    for file in _files(sealed):
        sums[file.res_id] = sha256(file.raw or b"").hexdigest()
        file.invalidate_recordset(["raw"], flush=False)
    return sealed.filtered(lambda settlement: sums.get(settlement.id) != settlement.statement_hash)


def _files(settlements):
    # The file of a field is found only by who may do anything; its settlement was read before.
    return (
        settlements.env["ir.attachment"]
        .sudo()
        .search(
            [
                ("res_model", "=", settlements._name),
                ("res_field", "=", FIELD),
                ("res_id", "in", settlements.ids),
            ],
            order="id",
        )
    )
