"""The table of typed fields, walked: every model × stored field × role × way in is allowed or
refused as it says; a field without an entry is refused, an entry without a field fails."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ...tools.typed_fields import TABLES, table_of
from .common import Passed, TypingCommon


@tagged("post_install", "-at_install")
class TestGuardWalk(TypingCommon):
    def setUp(self):
        super().setUp()
        self.refusals = []
        self.rights = {}
        self.env.flush_all()

    # ------------------------------------------------------------------
    # What the table says, told apart from the guard
    # ------------------------------------------------------------------

    def _has(self, role, typed):
        if typed is None:
            return False
        user = self.roles[role]
        return (
            role == "superuser"
            or not typed.by
            or any(self.env.ref(group) in user.all_group_ids for group in typed.by)
        )

    def _may_write(self, role, record, name, state):
        typed = table_of(record._name).fields.get(name)
        return (
            self._has_access(record, role, "write")
            and self._has(role, typed)
            and typed.later
            and (typed.states is None or state in typed.states)
        )

    def _may_create(self, role, model, name=None):
        table = table_of(model._name)
        typed = table.fields.get(name) if name else table.create
        return (
            self._has_access(model, role, "create")
            and self._has(role, table.create)
            and self._has(role, typed)
            and typed.new
        )

    def _assert_as_table(self, expected, name, call, **place):
        """Check that a call is let through, or refused by a sentence."""
        self.refusals.clear()
        passed = self._passes(name, call)
        if passed != expected:
            told = self.refusals and repr(self.refusals[-1])
            self.failures.append(f"{name} {place}: {passed}, not {expected}. {told}")
        elif not passed and self.refusals:
            error = self.refusals[-1]
            if not isinstance(error, (UserError, AccessError)):
                self.failures.append(f"{name} {place}: no sentence, but {error!r}")

    def _walk(self, step):
        """Take a step for each of our models, and tell all that differs at once."""
        self.failures = []
        for model in self._models():
            step(model)
        self.assertFalse(self.failures, "\n".join(self.failures[:40]))

    # ------------------------------------------------------------------
    # The table and the models
    # ------------------------------------------------------------------

    def test_each_model_is_declared_and_has_the_guard_before_all_others(self):
        for model in self._models():
            with self.subTest(model._name):
                self.assertIn(model._name, TABLES)
                mro = type(model).mro()
                guard = mro.index(self.registry["rebate.guard"])
                for one in mro[:guard]:
                    own = {"create", "write", "unlink", "default_get"} & vars(one).keys()
                    self.assertFalse(own, f"{one} comes before the guard")
        for model in self._others():
            with self.subTest(model._name):
                self.assertIn(model._name, TABLES)
                self.assertIn(self.registry["rebate.guard.other"], type(model).mro())

    def test_each_entry_is_a_stored_field_that_is_not_computed_for_good(self):
        for name, table in TABLES.items():
            if name not in self.env:
                continue
            fields = self.env[name]._fields
            for entry, typed in table.fields.items():
                with self.subTest(model=name, field=entry):
                    self.assertIn(entry, fields)
                    self.assertTrue(fields[entry].store)
                    self.assertFalse(fields[entry].related)
                    self.assertFalse(fields[entry].compute and fields[entry].readonly)
                    self.assertFalse(fields[entry].readonly, "typed, but not in a form")
                    for group in typed.by:
                        self.assertTrue(self.env.ref(group))

    def test_each_field_that_a_form_could_hold_has_an_entry(self):
        """A new field is declared in the table, or it is readonly."""
        for model in self._models():
            typed = table_of(model._name).fields
            for name in self._stored(model) if typed else ():
                with self.subTest(model=model._name, field=name):
                    self.assertNotEqual(name in typed, model._fields[name].readonly)

    def test_a_field_without_an_entry_is_typed_by_nobody(self):
        program = self.program.sudo()
        self.assertIn("name", program._guarded_names())
        entries = TABLES["rebate.program"].fields
        entry = entries.pop("name")
        try:
            with self.assertRefused("Bonus", "Name", "cannot be typed"):
                program.name = "Other"
        finally:
            entries["name"] = entry

    def test_the_world_has_a_record_in_each_state(self):
        for model in self._models():
            if not model._auto:
                continue
            table = table_of(model._name)
            entries = [*table.fields.values(), *filter(None, (table.unlink,))]
            needed = {state for typed in entries for state in typed.states or ()}
            with self.subTest(model._name):
                self.assertLessEqual(needed, self._by_state(model).keys())
                self.assertTrue(self._by_state(model), "no record")

    # ------------------------------------------------------------------
    # The ways in
    # ------------------------------------------------------------------

    def test_write(self):
        def step(model):
            for state, record in self._by_state(model).items():
                for name in self._stored(model):
                    vals = {name: self._other_value(record, name)}
                    for role, user in self.roles.items():
                        own = record.with_user(user)
                        self._assert_as_table(
                            self._may_write(role, record, name, state),
                            model._name,
                            lambda own=own, vals=vals: own.write(vals),
                            field=name,
                            state=state,
                            role=role,
                        )

        self._walk(step)

    def test_create(self):
        def step(model):
            for role, user in self.roles.items():
                own = model.with_user(user)
                self._assert_as_table(
                    self._may_create(role, model), model._name, lambda own=own: own.create({})
                )
                for name in self._stored(model):
                    vals = {name: self._other_value(model, name)}
                    self._assert_as_table(
                        self._may_create(role, model, name),
                        model._name,
                        lambda own=own, vals=vals: own.create(vals),
                        field=name,
                        role=role,
                    )

        self._walk(step)

    def test_unlink(self):
        def step(model):
            typed = table_of(model._name).unlink
            for state, record in self._by_state(model).items():
                for role, user in self.roles.items():
                    own = record.with_user(user)
                    allowed = (
                        self._has_access(record, role, "unlink")
                        and self._has(role, typed)
                        and (typed.states is None or state in typed.states)
                    )
                    for context in ({}, {"_force_unlink": role != "superuser"}):
                        self._assert_as_table(
                            allowed,
                            model._name,
                            lambda own=own, context=context: own.with_context(**context).unlink(),
                            state=state,
                            role=role,
                        )

        self._walk(step)

    def test_default_in_the_context(self):
        def step(model):
            for role, user in self.roles.items():
                for name in self._stored(model):
                    value = self._other_value(model, name)
                    own = model.with_user(user)
                    plain = own.default_get([name]).get(name)
                    found = own.with_context(**{f"default_{name}": value}).default_get([name])
                    typed = table_of(model._name).fields.get(name)
                    is_taken = self._has(role, typed) and typed.new
                    if (found.get(name) != plain) != is_taken:
                        self.failures.append(f"{model._name}.{name} as {role}: {found}")

        self._walk(step)

    def test_load(self):
        def step(model):
            state, record = next(iter(self._by_state(model).items()), (None, model))
            for name in self._stored(model):
                if not record or not (cell := self._imported_value(record, name)):
                    continue
                for role, user in self.roles.items():
                    own = model.with_user(user)
                    if not self._has_access(record, role, "read"):
                        continue
                    rows = [".id", cell[0]], [[str(record.id), cell[1]]]
                    self._assert_as_table(
                        self._may_write(role, record, name, state),
                        model._name,
                        lambda own=own, rows=rows: own.load(*rows),
                        field=name,
                        role=role,
                    )

        self._walk(step)

    def test_copy(self):
        def step(model):
            record = next(iter(self._by_state(model).values()), model)
            for name in self._stored(model) if record else ():
                vals = {name: self._other_value(model, name)}
                for role, user in self.roles.items():
                    own = record.with_user(user)
                    # Of a record with no other field nothing is read.
                    may_read = self._has_access(record, role, "read") or self._stored(model) == [
                        name
                    ]
                    self._assert_as_table(
                        may_read and self._may_create(role, model, name),
                        model._name,
                        lambda own=own, vals=vals: self._copy(own, vals),
                        field=name,
                        role=role,
                    )

        self._walk(step)

    def _copy(self, record, vals):
        # What is in memory is read without asking for rights.
        self.env.invalidate_all(flush=False)
        record.copy(vals)

    def test_commands_of_other_models(self):
        def step(model):
            for state, record in self._by_state(model).items():
                for parent, lines in self._parents(record):
                    for role, user in self.roles.items():
                        own = parent.with_user(user)
                        if not self._has_access(parent, role, "write"):
                            continue
                        for name in self._stored(model):
                            if name == parent._fields[lines].inverse_name:
                                continue
                            vals = {name: self._other_value(record, name)}
                            for command, expected in (
                                (
                                    Command.update(record.id, vals),
                                    self._may_write(role, record, name, state),
                                ),
                                (Command.create(vals), self._may_create(role, model, name)),
                            ):
                                self._assert_as_table(
                                    expected,
                                    model._name,
                                    lambda own=own, lines=lines, command=command: own.write(
                                        {lines: [command]}
                                    ),
                                    parent=f"{parent._name}.{lines}",
                                    field=name,
                                    state=state,
                                    role=role,
                                )

        self._walk(step)

    def _parents(self, record):
        """The records that have a record in one of their lists, with the lists."""
        for name in sorted(self.registry):
            for lines, field in self.env[name]._fields.items():
                if (
                    field.type == "one2many"
                    and field.comodel_name == record._name
                    and field.store
                    and field.inverse_name in record._fields
                    and not self.env[name]._abstract
                ):
                    parent = record.sudo()[field.inverse_name]
                    if parent and parent._name == name:
                        yield parent, lines

    # ------------------------------------------------------------------
    # Fields of ours on Odoo's models
    # ------------------------------------------------------------------

    def test_fields_on_models_of_odoo(self):
        self.failures = []
        users = {**self.roles, "invoicing": self._user("clerk", "account.group_account_manager")}
        for model in self._others():
            entries = table_of(model._name).fields
            self.assertEqual(set(self._stored(model)) - set(entries), model._rebate_reserved())
            for name in model._rebate_reserved():
                record = model.sudo().search([(name, "!=", False)], limit=1) or self._any(model)
                self.assertTrue(record, model._name)
                vals = {name: self._other_value(record, name)}
                for role, user in users.items():
                    own = record.with_user(user)
                    for call in (
                        lambda own=own, vals=vals: own.write(vals),
                        lambda own=own, vals=vals: own.browse().create(vals),
                        lambda own=own, vals=vals: own.copy(vals),
                    ):
                        self._assert_as_table(False, model._name, call, field=name, role=role)
                    context = {f"default_{name}": vals[name]}
                    found = own.browse().with_context(**context).default_get([name])
                    self.assertNotIn(name, found)
        self.assertFalse(self.failures, "\n".join(self.failures))

    def _any(self, model):
        return model.sudo().search([], limit=1)

    def test_what_the_guard_lets_through_reaches_odoo(self):
        with self._probing("rebate.stacking.group", []), self.assertRaises(Passed):
            self.env["rebate.stacking.group"].create({"name": "Group"})
