"""What users may try: every public method of our models, and every way to write a record, with
values that a client can send. Whatever is not refused with a sentence is done."""

import inspect
from contextlib import contextmanager
from unittest.mock import patch

from hypothesis import event, note
from hypothesis import strategies as st
from psycopg2 import DatabaseError, IntegrityError

from odoo import models
from odoo.exceptions import UserError
from odoo.service.model import call_kw
from odoo.tools import mute_logger

from .trade import Trade

# Odoo's models of which fields, or what is done with them, concern the payouts.
NATIVE = (
    *("account.move", "account.move.line", "res.partner", "res.company", "product.product"),
    *("account.partial.reconcile", "mail.activity"),
)
# Of those what is no field of ours.
CONCERNED = {
    "account.move": {"state", "partner_id", "date", "invoice_date", "currency_id", "journal_id"}
    | {"reversed_entry_id", "move_type"},
    "account.move.line": {"partner_id", "account_id", "price_unit", "quantity", "balance"},
    "res.partner": {"parent_id", "active", "company_id", "is_company"},
    "res.company": {"parent_id", "currency_id"},
    "product.product": {"active"},
}
MOVE_METHODS = (
    *("button_draft", "button_cancel", "action_post", "action_reverse", "unlink", "copy"),
    *("js_remove_outstanding_partial", "action_force_register_payment"),
)
# Of Odoo's own fields those that Odoo can reckon with.
PLAIN_NUMBERS = (0, 1, -1, 0.01, 2, 59.99, 500000)
NUMBERS = (*PLAIN_NUMBERS, 10**12, 1e308, float("nan"))
TEXTS = ("", "x", "draft", "posted", "[]", "[('id', '=', 1)]", "a" * 300)
PLAIN_DAYS = (False, "2025-01-01", "2025-06-30", "2026-03-31", "2026-12-31")
DAYS = (*PLAIN_DAYS, "0001-01-01", "9999-12-31")
# Where the money is, tried more often than what stands around it.
CORE = (
    *("rebate.settlement", "rebate.settlement.line", "rebate.accrual", "rebate.agreement"),
    *("rebate.program", "rebate.rule", "rebate.tier", "account.move"),
)
AT_ONCE = 8
# Ways to write of their own, and what only tells.
ASIDE = {"create", "write", "unlink", "copy", "load", "web_save", "onchange", "default_get"}
# What comes of arguments that a method was not made for.
ODD = (TypeError, ValueError, AttributeError, KeyError, DatabaseError)


class Attack(Trade):
    """Steps of users who try what is not theirs to do; mixed with what is done in earnest."""

    def __init__(self):
        super().__init__()
        self.models = sorted(
            name
            for name, model in self.env.registry.items()
            if name.startswith("rebate.") and not model._abstract
        )
        self.methods = {name: sorted(self._public(self.env.registry[name])) for name in self.models}
        self.methods["account.move"] = list(MOVE_METHODS)

    @staticmethod
    def _public(model):
        """The methods that our addons give to a model and a client may call."""
        return {
            name
            for cls in model.mro()
            if cls.__module__.startswith("odoo.addons.rebate_")
            for name, member in vars(cls).items()
            if not name.startswith("_")
            and inspect.isfunction(member)
            and not getattr(getattr(model, name), "_api_private", False)
            and name not in ASIDE
        }

    # ------------------------------------------------------------------
    # Trying
    # ------------------------------------------------------------------

    def as_user(self, user, **context):
        """The environment of a user, never the superuser's."""
        return self.env(
            user=user.id,
            su=False,
            context={"allowed_company_ids": user.company_ids.ids, "lang": "en_US", **context},
        )

    @contextmanager
    def trying(self, what, is_odd=False):
        """Try something: it is done, or refused with a sentence and then not done at all.

        :param is_odd: whether a method is called with arguments that it was not made for
        """
        refusals = (UserError, IntegrityError, *ODD) if is_odd else (UserError, IntegrityError)
        try:
            with mute_logger("odoo"), self.env.cr.savepoint():
                yield
                self.env.flush_all()
        # The server turns a violated constraint into a sentence.
        except refusals as error:
            note(f"{what}: refused: {str(error)[:150]}")
            self.count(what, "refused")
        else:
            note(f"{what}: done")
            self.count(what, "done")
        self.env.invalidate_all()

    def count(self, what, outcome):
        name = what.split()[0]
        event(f"{name} {outcome}")
        self.case.counts[name, outcome] += 1

    def one_of(self, data, choices):
        return data.draw(st.sampled_from(list(choices)))

    def some(self, data, model, most=2):
        """Some records that there are, twice the same among them."""
        # Who attacks guesses ids; what may be seen of them is up to the rules.
        found = self.env[model].sudo().with_context(active_test=False).search([], limit=40).ids
        if not found:
            return []
        return data.draw(st.lists(st.sampled_from(found), min_size=1, max_size=most))

    def value(self, data, field, depth=0):
        """A value of a field as a client can send it."""
        match field.type:
            case "boolean":
                return data.draw(st.booleans())
            case "integer" | "float" | "monetary":
                is_native = field.model_name in NATIVE
                return self.one_of(data, PLAIN_NUMBERS if is_native else NUMBERS)
            case "date" | "datetime":
                return self.one_of(data, PLAIN_DAYS if field.model_name in NATIVE else DAYS)
            case "selection":
                return self.one_of(data, [*field.get_values(self.env), False])
            case "many2one":
                return self.one_of(data, [*self.some(data, field.comodel_name), False])
            case "many2one_reference":
                return self.one_of(data, (0, 1))
            case "one2many" | "many2many":
                return [self.command(data, field, depth)]
            case "json":
                return self.one_of(data, ({}, False))
            case "properties" | "properties_definition" | "binary":
                return False
        return self.one_of(data, TEXTS)

    def command(self, data, field, depth):
        kind = data.draw(st.integers(0, 6 if depth == 0 else 5))
        there = self.some(data, field.comodel_name, 1)
        record_id = there[0] if there else 0
        lines = self.env[field.comodel_name]
        vals = self.vals(data, lines, 2, depth + 1) if depth < 2 else {}
        return {
            0: (0, 0, vals),
            1: (1, record_id, vals),
            2: (2, record_id, 0),
            3: (3, record_id, 0),
            4: (4, record_id, 0),
            5: (5, 0, 0),
            6: (6, 0, there),
        }[kind]

    def names(self, model):
        """The fields that somebody might want to write."""
        return sorted(
            name
            for name, field in model._fields.items()
            if name not in models.MAGIC_COLUMNS
            and (field.store or field.inverse)
            and (
                name in CONCERNED.get(model._name, ())
                or (model._name not in NATIVE and not name.startswith(("message_", "activity_")))
                or "rebate" in name
            )
        )

    def vals(self, data, model, most=3, depth=0):
        names = self.names(model)
        if not names:
            return {}
        chosen = data.draw(st.lists(st.sampled_from(names), max_size=most, unique=True))
        return {name: self.value(data, model._fields[name], depth) for name in chosen}

    # ------------------------------------------------------------------
    # Ways
    # ------------------------------------------------------------------

    def attack(self, data):
        """Try a few things, one after the other."""
        ways = (self.write, self.write, self.create, self.do, self.do, self.use_wizard)
        for _try in range(data.draw(st.integers(AT_ONCE // 2, AT_ONCE))):
            rest = self.delete, self.archive, self.merge, self.set_default
            self.one_of(data, (*ways, *rest))(data)

    def write(self, data):
        """Write, as the web client does or as a call does."""
        user, model, ids = self.whose(data, [*self.models, *NATIVE])
        vals = self.vals(data, self.env[model])
        if ids and vals:
            way = self.one_of(data, ("write", "web_save"))
            arguments = [ids, vals] if way == "write" else [ids[:1], vals, {"id": {}}]
            self.call(user, model, way, arguments)

    def create(self, data):
        """Create from nothing, from another record, by an import, with defaults of one's own."""
        user, model, ids = self.whose(data, [*self.models, *NATIVE])
        vals = self.vals(data, self.env[model], 6)
        way = self.one_of(data, ("create", "copy", "load", "web_save"))
        context = {}
        if data.draw(st.booleans()):
            extra = self.vals(data, self.env[model])
            context = {f"default_{name}": value for name, value in extra.items()}
        if way == "create":
            self.call(user, model, way, [[vals]], **context)
        elif way == "web_save":
            self.call(user, model, way, [[], vals, {"id": {}}], **context)
        elif way == "copy" and ids:
            self.call(user, model, way, [ids[:1], vals], **context)
        elif way == "load" and vals:
            plain = {n: v for n, v in vals.items() if not isinstance(v, list | dict | tuple)}
            names = [
                f"{name}/.id" if self.env[model]._fields[name].relational else name
                for name in plain
            ]
            rows = [[str(value or "") for value in plain.values()]]
            if ids and data.draw(st.booleans()):
                names, rows = [".id", *names], [[str(ids[0]), *rows[0]]]
            self.call(user, model, way, [names, rows], **context)

    def delete(self, data):
        user, model, ids = self.whose(data, [*self.models, "account.move", "account.move.line"])
        if ids:
            self.call(user, model, "unlink", [ids])

    def do(self, data):
        """Press a button, or call what no button calls."""
        user, model, ids = self.whose(data, self.methods)
        name = self.one_of(data, self.methods[model] or ["read"])
        method = getattr(self.env.registry[model], name)
        parameters = [
            parameter
            for parameter in list(inspect.signature(method).parameters.values())[1:]
            if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
        ]
        needed = [one for one in parameters if one.default is inspect.Parameter.empty]
        # Some of what may be left out is given all the same.
        count = data.draw(st.integers(len(needed), len(parameters)))
        odd = [
            self.one_of(data, (None, 0, 1, "x", [], {}, "2025-06-30", ids)) for _ in range(count)
        ]
        context = {"active_ids": ids, "active_id": ids[:1] and ids[0], "active_model": model}
        records = [] if getattr(method, "_api_model", False) else [ids]
        # A button of a form is meant for one record, and Odoo's ensure_one tells of more.
        is_odd = bool(odd) or len(ids) != 1
        self.call(user, model, name, [*records, *odd], is_odd=is_odd, **context)

    def use_wizard(self, data):
        """Open a wizard, fill it in and press one of its buttons; or press another's."""
        wizards = [name for name in self.models if self.env.registry[name]._transient]
        user, model, _ids = self.whose(data, wizards)
        vals = self.vals(data, self.env[model], 5)
        name = self.one_of(data, self.methods[model] or ["read"])
        made = self.call(user, model, "create", [[vals]])
        other = self.one_of(data, self.users())
        if made and isinstance(made, list) and data.draw(st.booleans()):
            self.call(user, model, name, [made])
        elif made:
            self.call(other, model, name, [made])

    def set_default(self, data):
        """Keep a value of one's own for all that one creates from now on."""
        user, model, _ids = self.whose(data, self.models)
        vals = self.vals(data, self.env[model], 1)
        for name, value in vals.items():
            if not self.env[model]._fields[name].relational:
                self.call(user, "ir.default", "set", [model, name, value, True])

    def merge(self, data):
        """Merge distributors, as far as the contacts of the one allow it."""
        user = self.one_of(data, self.users())
        source = self.one_of(data, self.case.distributors)
        target = self.one_of(data, self.case.distributors)
        if source == target:
            return
        with self.trying(f"merge as {user.login}"):
            self.as_user(user)["base.partner.merge.automatic.wizard"].create(
                {
                    "partner_ids": [(6, 0, [source.id, target.id])],
                    "dst_partner_id": target.id,
                    "state": "selection",
                }
            ).action_merge()
        if not source.exists():
            self.merge_into(source, target)

    def archive(self, data):
        user, model, ids = self.whose(data, [*self.models, "res.partner", "product.product"])
        if ids and "active" in self.env[model]._fields:
            self.call(user, model, self.one_of(data, ("action_archive", "action_unarchive")), [ids])

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def merge_into(self, source, target):
        """Take note that a distributor is another by now."""

    def users(self):
        return list(self.case.users.values())

    def whose(self, data, names):
        """Who attacks which records of which model."""
        names = list(names)
        core = [name for name in CORE if name in names]
        model = self.one_of(data, core if core and data.draw(st.booleans()) else names)
        return self.one_of(data, self.users()), model, self.some(data, model)

    def call(self, user, model, name, arguments, is_odd=False, **context):
        """Call a method as a client does."""
        done = []
        with self.trying(f"{name} {model} {arguments} {context} as {user.login}", is_odd):
            env = self.as_user(user, **context)
            # What is looked up on other machines, or printed, is no concern of ours.
            with patch.object(type(self.env["ir.actions.report"]), "_render", return_value=b""):
                done.append(call_kw(env[model], name, arguments, {}))
        return done[0] if done else None
