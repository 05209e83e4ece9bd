"""Every step of the machine of ``test_stateful_money.py`` once, in an order in which each is done:
so that the suite's few random examples need not reach them all."""

from hypothesis import note

PURCHASE = {
    "buyer": 0,
    "lines": [(0, 12, 249.95), (1, 5, 100), (2, 3, 9.99)],
    "day": "2025-06-15",
    "refund": False,
    "euro": False,
    "taxed": True,
    "dozens": False,
    "instalments": False,
    "paid": 0,
    "pay_day": "2026-01-01",
    "discount": 0,
    "excluded": False,
    "writes_off": False,
}
TRADE = [
    PURCHASE,
    PURCHASE | {"buyer": 3, "day": "2025-03-31", "euro": True},
    PURCHASE | {"buyer": 1, "day": "2025-09-30", "paid": 33},
    PURCHASE | {"day": "2025-12-31", "taxed": False},
    PURCHASE | {"buyer": 3, "day": "2026-02-28"},
]
STORY = [
    ("accrue", {"day": "2025-09-30", "is_today": False, "program": None, "again": True}),
    ("move_money", {"place": 0, "how": "pay_out", "percent": 40}),
    ("move_money", {"place": 0, "how": "pay_out", "percent": 100}),
    ("cancel_settlement", {"place": 0, "is_kept": True}),
    ("move_money", {"place": 0, "how": "open_payout", "percent": 100}),
    ("move_money", {"place": 1, "how": "offset_payout", "percent": 100}),
    ("see_to_claims", {"place": 3, "how": "claim"}),
    ("see_to_claims", {"place": 4, "how": "claim"}),
    ("see_to_claims", {"place": 0, "how": "claim_any"}),
    ("see_to_claims", {"place": 0, "how": "withdraw"}),
    ("settle", {"kind": "final", "day": "2025-12-31", "program": None, "steps": 0}),
    ("decide", {"place": 0, "user": 0, "agrees": True}),
    ("decide", {"place": 0, "user": 0, "agrees": True}),
    ("decide", {"place": 0, "user": 0, "agrees": True}),
    ("decide", {"place": 0, "user": 1, "agrees": True}),
    ("decide", {"place": 0, "user": 1, "agrees": True}),
    ("decide", {"place": 0, "user": 1, "agrees": True}),
    ("decide", {"place": 1, "user": 0, "agrees": True}),
    ("decide", {"place": 1, "user": 0, "agrees": False}),
    ("settle", {"kind": "interim", "day": "2026-03-31", "program": None, "steps": 4}),
    ("cancel_settlement", {"place": 0, "is_kept": True}),
    ("return_all", {"place": 0, "day": "2026-01-01", "is_offset": False}),
    ("return_all", {"place": 2, "day": "2025-09-30", "is_offset": True}),
    ("accrue", {"day": "2025-12-31", "is_today": True, "program": None, "again": True}),
    ("settle", {"kind": "interim", "day": "2026-03-31", "program": None, "steps": 4}),
    ("cancel_settlement", {"place": 1, "is_kept": False}),
    ("amend", {"program": 0, "tier": 1, "terms": {"rate": 4}, "is_meant": True}),
    ("change_entry", {"place": 0, "how": "reverse", "day": "2025-12-31"}),
    ("change_entry", {"place": 0, "how": "draft", "day": "2025-12-31"}),
    ("change_entry", {"place": 0, "how": "post", "day": "2025-12-31"}),
    ("change_entry", {"place": 1, "how": "cancel", "day": "2025-12-31"}),
    ("change_entry", {"place": 0, "how": "delete", "day": "2025-12-31"}),
    ("accrue", {"day": "2025-12-31", "is_today": True, "program": None, "again": True}),
    ("set_up_otherwise", {"program": 0, "method": "expected", "account": 1, "locked": False}),
    ("set_up_otherwise", {"program": 2, "method": "none", "account": 0, "locked": False}),
    ("set_up_otherwise", {"program": 0, "method": None, "account": 0, "locked": "2026-01-15"}),
    ("accrue", {"day": "2025-12-31", "is_today": True, "program": None, "again": True}),
    ("set_up_otherwise", {"program": 0, "method": None, "account": 0, "locked": False}),
    ("wait", {"later": 1}),
    ("wait", {"later": 45}),
    ("see_to_claims", {"place": 0, "how": "revive"}),
    ("accrue", {"day": "2025-12-31", "is_today": True, "program": None, "again": True}),
    ("see_to_claims", {"place": 0, "how": "claim"}),
    ("settle", {"kind": "final", "day": "2025-12-31", "program": None, "steps": 4}),
]
# What must have been done by its end, and what refused.
DONE = {
    *("accrue", "accrue up to a day", "amend", "approve", "book otherwise", "cancel", "claim"),
    *("entry: cancel", "entry: delete", "entry: draft", "entry: post", "entry: reverse", "expire"),
    *("lock", "offset", "open again", "pay out", "post", "reject", "revive", "run", "submit"),
    *("unlock", "wait", "withdraw claim"),
}
REFUSED = {"approve", "cancel", "claim"}


def tell(machine):
    """Take every step, and look after each whether what must hold does."""

    def look():
        machine.books_are_what_accruals_say()
        machine.liability_is_negative_only_where_too_much_was_paid()
        machine.nothing_is_paid_twice()
        machine.what_was_proposed_stays()

    machine.begin(trade=TRADE, alone=True, accrued=True, steps=4)
    look()
    for step, arguments in STORY:
        note(f"{step}: {arguments}")
        getattr(machine, step)(**arguments)
        look()
