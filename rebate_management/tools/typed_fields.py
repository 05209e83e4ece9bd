"""What is typed, and by whom: for each model of ours, and each field of ours on Odoo's models, who
may type which stored field, in which state of the record.

A field that is not in here is typed by nobody, superuser included: our own methods write it
through ``trusted``. The guards (``rebate.guard``, ``rebate.guard.other``) ask this table alone; a
test walks it, and ``docs/security.md`` is made from it (``tools/security_docs.py``).

A further addon declares its models and fields with :func:`declare`, one line a field.
"""

from typing import NamedTuple

from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

USER = "rebate_management.group_rebate_user"
MANAGER = "rebate_management.group_rebate_manager"
ACCOUNTANT = "rebate_management.group_rebate_accountant"
APPROVER = "rebate_management.group_rebate_approver"
ACCESS_RIGHTS = "base.group_erp_manager"

# Whose fields every record that has a chatter, activities or a page in the portal has. Odoo writes
# them on behalf of whoever reads, so that they are let through; nothing is computed from them.
FRAMEWORK = ("mail.thread", "mail.activity.mixin", "portal.mixin")


class Typed(NamedTuple):
    """Who may type a field (or create, or delete), and when.

    ``by``: groups, of which one suffices, beside the right to write the model; none: that right is
    enough. ``states``: of the record; None: in all. ``new``, ``later``: whether in a new record,
    and in one that stands.
    """

    by: tuple[str, ...]
    states: tuple[str, ...] | None = None
    new: bool = True
    later: bool = True


class Table(NamedTuple):
    """What may be typed of one model.

    ``remedy``: a sentence that says how that comes about which is not typed. ``fields``: those that
    may be typed, by name. ``create``, ``unlink``: who may do so by hand; None: nobody. ``state``:
    the path to the state that ``Typed.states`` are of. ``called``: the path to what a record is
    called. ``addon``: that declared the model first.
    """

    remedy: object
    fields: dict[str, Typed] = {}
    create: Typed | None = None
    unlink: Typed | None = None
    state: str = "state"
    called: str = "display_name"
    addon: str = "rebate_management"


_UNDECLARED = Table(_lt("It is written by the methods of the model. Use its buttons."))

TABLES: dict[str, Table] = {}


def declare(model, remedy=None, fields=(), **options):
    """Declare what may be typed of a model, or add fields to what another addon declared.

    :param model: its name
    :param remedy: a lazily translated sentence; only where the model is declared first
    :param fields: by name, :class:`Typed`; of a field of Odoo's own model too
    """
    known = TABLES.get(model)
    if known:
        TABLES[model] = known._replace(fields={**known.fields, **dict(fields)}, **options)
    else:
        TABLES[model] = Table(remedy, dict(fields), **options)


def table_of(model):
    """What may be typed of a model: nothing, where nobody declared it."""
    return TABLES.get(model) or _UNDECLARED


# ----------------------------------------------------------------------
# Programs
# ----------------------------------------------------------------------

MANAGED = Typed((MANAGER,))
# A term of a program: locked once it runs, see rebate.terms, whose sentence names amendments.
TERM = Typed((MANAGER,), states=("draft",))

declare(
    "rebate.program",
    _lt(
        "Its status follows from the buttons “Activate”, “Close”, “Back to Draft” and “Amend”; all"
        " else that cannot be typed is computed or recorded. Use these."
    ),
    {
        "name": MANAGED,
        "code": MANAGED,
        "active": MANAGED,
        "note": MANAGED,
        "user_id": MANAGED,
        "company_id": TERM,
        "currency_id": TERM,
        "sequence": TERM,
        "program_type": TERM,
        "date_start": TERM,
        "date_end": TERM,
        "period_type": TERM,
        "prorate": TERM,
        "basis": TERM,
        "include_refunds": TERM,
        "early_discount_counts": TERM,
        "count_services": TERM,
        "measure": TERM,
        "uom_id": TERM,
        "tier_method": TERM,
        "settlement_period": TERM,
        "payout_method": TERM,
        "payout_delay_days": TERM,
        "claim_required": TERM,
        "claim_deadline_days": TERM,
        "clawback_policy": TERM,
        "min_payout": TERM,
        "final_rest": TERM,
        "max_payout": TERM,
        "guaranteed_payout": TERM,
        "stacking_group_id": TERM,
        "reduced_by_program_ids": TERM,
        # How it is booked is no term.
        "journal_id": MANAGED,
        "expense_account_id": MANAGED,
        "accrual_method": MANAGED,
        "accrual_journal_id": MANAGED,
        "liability_account_id": MANAGED,
        "payout_product_id": MANAGED,
        "payout_grouping": MANAGED,
        "tax_policy": MANAGED,
        "reconcile_payouts": MANAGED,
        "analytic_distribution": MANAGED,
    },
    create=MANAGED,
    unlink=TERM,
)

declare(
    "rebate.rule",
    _lt("What cannot be typed of a rule follows from its program, or is written by amendments."),
    {
        "program_id": TERM,
        "name": TERM,
        "sequence": TERM,
        "product_ids": TERM,
        "product_category_ids": TERM,
        "product_tag_ids": TERM,
        "product_domain": TERM,
        "is_limited": TERM,
        "qualifier": TERM,
        "qualifier_domain": TERM,
        "qualifier_measure": TERM,
        "baseline": TERM,
        "baseline_years": TERM,
        "baseline_skip_empty": TERM,
        "growth_reward": TERM,
        "max_measure": TERM,
    },
    create=TERM,
    unlink=TERM,
    state="program_id.state",
)

# A distributor's own tiers are agreed with it alone, and may change while the program runs.
OWN_TERM = Typed((MANAGER,), states=("draft", "own"))

declare(
    "rebate.tier",
    _lt("What cannot be typed of a tier follows from its rule, or is written by amendments."),
    {
        "rule_id": OWN_TERM,
        "agreement_id": OWN_TERM,
        "threshold": OWN_TERM,
        "rate_type": OWN_TERM,
        "rate": OWN_TERM,
    },
    create=OWN_TERM,
    unlink=OWN_TERM,
    state="rule_id.program_id.state",
)

declare(
    "rebate.stacking.group",
    _lt("What cannot be typed of a stacking group follows from its programs."),
    # Its method is refused by itself while a program of it runs.
    {"name": MANAGED, "company_id": MANAGED, "method": MANAGED},
    create=MANAGED,
    unlink=MANAGED,
)

declare(
    "rebate.template",
    _lt("The type of a template follows from its terms. Save a program as template to change it."),
    {
        "name": MANAGED,
        "active": MANAGED,
        "sequence": MANAGED,
        "company_id": MANAGED,
        "summary": MANAGED,
        "example": MANAGED,
        "advice": MANAGED,
        "terms": MANAGED,
    },
    create=MANAGED,
    unlink=MANAGED,
)

declare(
    "rebate.amendment",
    _lt(
        "An amendment is recorded, not typed: it begins with “Amend” on its program. Change the"
        " terms on its draft, or write the reason."
    ),
    {"reason": Typed((MANAGER,), states=("draft",), new=False)},
    unlink=TERM,
)

declare(
    "rebate.amendment.line",
    _lt(
        "The effects of an amendment are computed, not typed. Preview the amendment to have them"
        " computed anew."
    ),
    called="amendment_id.display_name",
)

# ----------------------------------------------------------------------
# Agreements and what they earn
# ----------------------------------------------------------------------

declare(
    "rebate.agreement",
    _lt(
        "Its status follows from the buttons “Activate”, “End” and “Back to Draft”, its company and"
        " currency from its program, the rest from the invoices. Use the buttons, or make a new"
        " agreement."
    ),
    {
        "program_id": TERM,
        "partner_id": TERM,
        "date_start": MANAGED,
        "date_end": MANAGED,
        "include_children": MANAGED,
        "payout_partner_id": MANAGED,
        "baseline_amount": MANAGED,
        "target_amount": MANAGED,
    },
    create=MANAGED,
    unlink=TERM,
)

_COMPUTED = _lt(
    "It is computed from the posted invoices and the terms of the program. Correct these, and"
    " refresh the agreement."
)
declare("rebate.accrual", _COMPUTED)
declare("rebate.accrual.line", _COMPUTED, called="accrual_id.display_name")
declare("rebate.accrual.terms", _COMPUTED, called="rule_id.display_name")
declare("rebate.scope", _COMPUTED, called="definition")
# Who follows something up is said by whoever may see it.
declare(
    "rebate.watch",
    _lt(
        "What is worth a call is told from the figures of the agreement every night. Assign it, or"
        " plan a call."
    ),
    {"user_id": Typed((USER,), new=False)},
)
declare(
    "rebate.queue",
    _lt("The queue is filled by what is posted, and emptied by its job. Let the job run."),
)
declare(
    "rebate.lock.request",
    _lt("It is written by whoever waits for a record. Try the button again."),
)
declare(
    "rebate.liability",
    _lt("It is read from the books. Post an accrual run to change what they say."),
)

# ----------------------------------------------------------------------
# Settlements
# ----------------------------------------------------------------------

# On a draft; what was submitted stays as it is approved.
ON_DRAFT = Typed((MANAGER, ACCOUNTANT), states=("draft",), new=False)

declare(
    "rebate.settlement",
    _lt(
        "A settlement is written by its run, and its status follows from the buttons “Submit”,"
        " “Approve”, “Reject”, “Post” and “Cancel”. What was submitted or posted is part of the"
        " record: to change it, reject or cancel the settlement and run it anew."
    ),
    {
        "date": ON_DRAFT,
        "journal_id": ON_DRAFT,
        "note": ON_DRAFT,
        "pay_early": Typed((ACCOUNTANT,), states=("draft", "submitted", "approved"), new=False),
    },
    unlink=Typed((MANAGER, ACCOUNTANT), states=("draft", "rejected", "cancelled")),
)

_FROZEN = _lt(
    "What a settlement pays is frozen from the invoices and cannot be typed. Cancel the settlement"
    " and run it anew to pay what the invoices say now."
)
declare("rebate.settlement.line", _FROZEN, called="settlement_id.name")
declare("rebate.settlement.detail", _FROZEN, called="settlement_line_id.settlement_id.name")
declare("rebate.settlement.buyer", _FROZEN, called="settlement_line_id.settlement_id.name")
declare(
    "rebate.partner.merge",
    _lt(
        "The merge of two customers is recorded by the merge, is part of the record of settlements"
        " and stays. Merge customers in Contacts."
    ),
    called="old_name",
)
declare(
    "rebate.settlement.chain",
    _lt("It is written when settlements are posted. Post, or run “Check Settlements”."),
    called="company_id.name",
)
_RUN = _lt("It is written by the settlement run alone. Start a run from the menu Payouts.")
declare("rebate.settlement.batch", _RUN)
declare("rebate.settlement.carryover", _RUN, called="batch_id.display_name")
declare(
    "rebate.approval",
    _lt(
        "Approvals are on record, not typed: they can be neither changed nor deleted. Submit,"
        " approve, reject or cancel the settlement."
    ),
)

LEVEL = Typed((ACCESS_RIGHTS,))

declare(
    "rebate.approval.level",
    _lt("What cannot be typed of an approval level is recorded by approvals."),
    {
        "name": LEVEL,
        "active": LEVEL,
        "sequence": LEVEL,
        "company_id": LEVEL,
        "currency_id": LEVEL,
        "amount_from": LEVEL,
        "user_ids": LEVEL,
        "group_id": LEVEL,
        "reminder_days": LEVEL,
    },
    create=LEVEL,
    unlink=LEVEL,
)

# ----------------------------------------------------------------------
# Wizards: the question is typed, never the answer
# ----------------------------------------------------------------------

_ANSWER = _lt("It is the answer to what was asked. Ask again with the buttons.")
BY_USER = Typed((USER,))
BY_ACCOUNTANT = Typed((ACCOUNTANT,))
BY_EITHER = Typed((MANAGER, ACCOUNTANT))

declare(
    "rebate.settlement.run",
    _ANSWER,
    {
        "company_id": BY_EITHER,
        "date_to": BY_EITHER,
        "kind": BY_EITHER,
        "program_ids": BY_EITHER,
        "partner_ids": BY_EITHER,
    },
    create=BY_EITHER,
    unlink=BY_EITHER,
)
declare("rebate.settlement.run.line", _ANSWER, unlink=BY_EITHER)
declare("rebate.settlement.run.left", _ANSWER, unlink=BY_EITHER)
declare(
    "rebate.settlement.decision",
    _ANSWER,
    {"settlement_ids": BY_USER, "decision": BY_USER, "comment": BY_USER},
    create=BY_USER,
    unlink=BY_USER,
)
declare("rebate.settlement.check", _ANSWER, unlink=BY_ACCOUNTANT)
declare("rebate.settlement.check.line", _ANSWER, unlink=BY_ACCOUNTANT)
declare(
    "rebate.accrual.run",
    _ANSWER,
    {"company_id": BY_ACCOUNTANT, "date": BY_ACCOUNTANT, "program_ids": BY_ACCOUNTANT},
    create=BY_ACCOUNTANT,
    unlink=BY_ACCOUNTANT,
)
declare("rebate.accrual.run.line", _ANSWER, unlink=BY_ACCOUNTANT)
declare("rebate.accrual.run.total", _ANSWER, unlink=BY_ACCOUNTANT)
declare("rebate.accrual.run.item", _ANSWER, unlink=BY_ACCOUNTANT)
declare(
    "rebate.liability.day",
    _ANSWER,
    {"date": BY_ACCOUNTANT},
    create=BY_ACCOUNTANT,
    unlink=BY_ACCOUNTANT,
)
declare(
    "rebate.audit.export",
    _ANSWER,
    {
        "company_ids": BY_ACCOUNTANT,
        "program_ids": BY_ACCOUNTANT,
        "has_invoices": BY_ACCOUNTANT,
        "date_from": BY_ACCOUNTANT,
        "date_to": BY_ACCOUNTANT,
    },
    create=BY_ACCOUNTANT,
    unlink=BY_ACCOUNTANT,
)
declare(
    "rebate.claim.record",
    _ANSWER,
    {"accrual_ids": BY_USER, "reference": BY_USER, "attachment_ids": BY_USER},
    create=BY_USER,
    unlink=BY_USER,
)
declare(
    "rebate.claim.extend",
    _ANSWER,
    {"accrual_ids": MANAGED, "claim_until": MANAGED, "reason": MANAGED},
    create=MANAGED,
    unlink=MANAGED,
)
declare(
    "rebate.template.save",
    _ANSWER,
    {
        "program_id": MANAGED,
        "template_id": MANAGED,
        "name": MANAGED,
        "summary": MANAGED,
        "example": MANAGED,
        "advice": MANAGED,
    },
    create=MANAGED,
    unlink=MANAGED,
)

declare(
    "rebate.enroll",
    _ANSWER,
    {
        "program_id": MANAGED,
        "choice": MANAGED,
        "category_ids": MANAGED,
        "country_ids": MANAGED,
        "user_ids": MANAGED,
        "pricelist_ids": MANAGED,
        "partner_ids": MANAGED,
        "file": MANAGED,
        "file_name": MANAGED,
        "date_start": MANAGED,
        "date_end": MANAGED,
        "include_children": MANAGED,
        "is_activated": MANAGED,
        "reference_from": MANAGED,
        "reference_to": MANAGED,
    },
    create=MANAGED,
    unlink=MANAGED,
)
# Who is enrolled follows from the question; how, is decided line by line.
ON_LINE = Typed((MANAGER,), new=False)
declare(
    "rebate.enroll.line",
    _ANSWER,
    {
        "is_chosen": ON_LINE,
        "date_start": ON_LINE,
        "date_end": ON_LINE,
        "include_children": ON_LINE,
        "baseline_amount": ON_LINE,
        "target_amount": ON_LINE,
    },
    unlink=MANAGED,
)

declare(
    "rebate.renew",
    _ANSWER,
    {
        "program_id": MANAGED,
        "name": MANAGED,
        "date_start": MANAGED,
        "date_end": MANAGED,
        "percent": MANAGED,
        "rate_percent": MANAGED,
        "rounding": MANAGED,
        "raises_targets": MANAGED,
        "is_activated": MANAGED,
    },
    create=MANAGED,
    unlink=MANAGED,
)
declare(
    "rebate.renew.line",
    _ANSWER,
    {"is_chosen": ON_LINE, "baseline_amount": ON_LINE, "target_amount": ON_LINE},
    unlink=MANAGED,
)
declare(
    "rebate.renew.tier",
    _ANSWER,
    {"threshold": ON_LINE, "rate": ON_LINE},
    unlink=MANAGED,
    called="tier_id.display_name",
)
declare("rebate.activation", _ANSWER, unlink=MANAGED)
declare("rebate.activation.line", _ANSWER, unlink=MANAGED)

# ----------------------------------------------------------------------
# Fields of ours on Odoo's models
# ----------------------------------------------------------------------

_DOCUMENT = _lt(
    "It is written when settlements and accruals are posted. Run these, or cancel the settlement to"
    " take its document back."
)
declare("account.move", _DOCUMENT)
_SETTING = _lt("It is what a company decides for its rebates. Choose it under Settings, Rebates.")
_COUNTS = _lt("What of it counts for rebates is chosen by whoever may write it.")
# Of a posted invoice only by managers and accountants, see the field; the invoice tells.
BY_WRITER = Typed(())
declare("account.move.line", _DOCUMENT, {"rebate_exclusion": BY_WRITER})
declare("product.template", _COUNTS, {"rebate_exclusion": BY_WRITER})
declare("sale.order.line", _COUNTS, {"rebate_exclusion": BY_WRITER})
# Whoever may write a company; the form of it shows none of these.
declare(
    "res.company",
    _SETTING,
    {
        "rebate_expense_account_id": BY_WRITER,
        "rebate_liability_account_id": BY_WRITER,
        "rebate_payout_journal_id": BY_WRITER,
        "rebate_accrual_journal_id": BY_WRITER,
        "rebate_accrual_method": BY_WRITER,
        "rebate_tax_policy": BY_WRITER,
        "rebate_payout_product_id": BY_WRITER,
        "rebate_claim_reminder_days": BY_WRITER,
        "rebate_claim_last_reminder_days": BY_WRITER,
        "rebate_watch_digest": BY_WRITER,
        "rebate_near_percent": BY_WRITER,
        "rebate_quotation_print": BY_WRITER,
    },
)
declare(
    "res.config.settings",
    _SETTING,
    {
        "module_rebate_claim": BY_WRITER,
        "module_rebate_sell_through": BY_WRITER,
        "module_rebate_portal": BY_WRITER,
    },
)
declare(
    "res.users",
    _lt("Whether a user gets the weekly watch list is chosen in his preferences."),
    {"rebate_watch_digest": BY_WRITER},
)
