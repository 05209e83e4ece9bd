"""Builders for the walk of the table of typed fields: a world with a record of every model in every
state, values that differ, and what of a way in gets past the guard."""

from contextlib import contextmanager
from unittest.mock import patch

from odoo import Command, models
from odoo.exceptions import UserError, ValidationError

from ...tools.trust import trusted
from ...tools.typed_fields import table_of
from ..accrual.common import AccrualCommon
from ..approval.common import ApprovalCommon
from ..program.common_amendment import AmendmentCommon

# Where no record is needed: nothing is stored of it.
NOWHERE = 2**31 - 1


class Passed(Exception):
    """The guard let something through, and Odoo is about to store it."""


class TypingCommon(AccrualCommon, AmendmentCommon, ApprovalCommon):
    """Users of each role, and every model of ours with a record in each state."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        admin = cls._user("admin_", "base.group_system")
        cls.roles = {
            "user": cls.reader,
            "manager": cls.manager,
            "approver": cls.approver,
            "accountant": cls.accountant,
            "administrator": admin,
            "superuser": cls.env.ref("base.user_root"),
        }
        cls._fill()

    @classmethod
    def _fill(cls):
        """Have a record of each model in each state that the table tells apart."""
        world = cls()
        ruled = cls._accruing((0, 10), (50000, 12), name="Accruing")
        agreement = cls._enrol(ruled)
        cls.env["rebate.tier"].create(
            {"rule_id": ruled.rule_ids.id, "agreement_id": agreement.id, "threshold": 1, "rate": 9}
        )
        cls._invoice(1000)
        cls._run()
        cls._settle(partner_ids=cls.distributor.ids)
        world._amend(ruled, world._rate(50000, 13))
        world._draft(ruled, world._rate(50000, 14))
        closed = cls._program((0, 1), name="Closed")
        cls._enrol(closed, cls._company("Former")).action_end()
        closed.action_close()
        cls._program((0, 1), name="Draft", activate=False)
        cls._enrol(cls.program, cls._company("To come"), activate=False)
        proposed = [cls._proposed(f"Customer {number}") for number in range(4)]
        for settlement in proposed[1:]:
            settlement.action_submit()
        proposed[2].with_user(cls.approver).action_approve()
        proposed[3].with_user(cls.approver).action_reject("No")
        cls._proposed("Customer 5").action_cancel()
        cls.env["rebate.stacking.group"].create({"name": "Group"})
        little = cls._program((0, 1), name="Little", min_payout=1000)
        cls._enrol(little, cls._company("Little one"))
        cls._invoice(10, partner=little.agreement_ids.partner_id)
        cls._settle(post=False, partner_ids=little.agreement_ids.partner_id.ids)
        for model, vals in {
            "rebate.queue": {"agreement_res_id": NOWHERE},
            "rebate.lock.request": {
                "res_model": "x",
                "res_id": 1,
                "backend": 1,
                "until": "2001-01-01 00:00:00",
            },
            "rebate.partner.merge": {
                "old_partner_res_id": NOWHERE,
                "old_name": "Merged",
                "new_partner_res_id": cls.distributor.id,
                "new_name": "Distributor",
                "user_id": cls.env.uid,
                "merged_at": "2026-01-01 00:00:00",
                "last_agreement_res_id": 1,
            },
            "rebate.watch": {"agreement_id": agreement.id, "kind": "near_miss"},
            "rebate.scope": {"definition": "x", "products": [1], "digest": "x"},
            "rebate.settlement.buyer": {
                "settlement_line_id": proposed[0].line_ids.id,
                "partner_id": cls.distributor.id,
            },
        }.items():
            trusted(cls.env[model].sudo()).create(vals)
        cls._open_wizards(ruled)

    @classmethod
    def _open_wizards(cls, program):
        run = cls._wizard("2025-12-31")
        run.action_preview()
        if not run.line_ids:
            trusted(run).line_ids = [Command.create({"program_id": program.id})]
        trusted(run).total_ids = [Command.create({"currency_id": program.currency_id.id})]
        trusted(run).item_ids = [Command.create({"date": "2025-12-31"})]
        settling = cls.env["rebate.settlement.run"].create({"date_to": "2025-12-31"})
        trusted(settling).line_ids = [Command.create({"partner_id": cls.distributor.id})]
        trusted(settling).left_ids = [Command.create({"reason": "minimum"})]
        check = cls.env["rebate.settlement.check"]._check(cls.env.company)
        trusted(check).line_ids = [Command.create({"name": "X", "finding": "Y"})]
        accruals = cls.env["rebate.accrual"].search([], limit=1)
        for model, lines in {
            "rebate.enroll": {"line_ids": [Command.create({})]},
            "rebate.renew": {"line_ids": [Command.create({})], "tier_ids": [Command.create({})]},
        }.items():
            wizard = cls.env[model].create({"program_id": program.id})
            trusted(wizard).write(lines)
        trusted(cls.env["rebate.activation"]).create({"line_ids": [Command.create({})]})
        for model, vals in {
            "rebate.liability.day": {"date": "2025-12-31"},
            "rebate.settlement.decision": {},
            "rebate.audit.export": {"program_ids": program.ids},
            "rebate.claim.record": {"accrual_ids": accruals.ids},
            "rebate.claim.extend": {
                "accrual_ids": accruals.ids,
                "claim_until": "2026-12-31",
                "reason": "Asked",
            },
            "rebate.template.save": {"program_id": program.id},
        }.items():
            cls.env[model].create(vals)

    # ------------------------------------------------------------------
    # Models, fields, records
    # ------------------------------------------------------------------

    def _models(self):
        """Our models that are stored."""
        return [
            self.env[name]
            for name, model in sorted(self.registry.items())
            if model._original_module.startswith("rebate_") and not model._abstract
        ]

    def _others(self):
        """Odoo's models on which we store fields."""
        return [
            self.env[name]
            for name, model in sorted(self.registry.items())
            if not model._original_module.startswith("rebate_")
            and not model._abstract
            and self._stored(self.env[name])
        ]

    @staticmethod
    def _stored(model):
        """Name the fields of a model that are ours and stored."""
        return sorted(
            name
            for name, field in model._fields.items()
            if field.store
            and field.type != "one2many"
            and field._modules
            and all(module.startswith("rebate_") for module in field._modules)
            and name not in models.MAGIC_COLUMNS
        )

    def _by_state(self, model):
        """One record of the model for each state.

        :return: a dictionary
        """
        records = model.sudo().with_context(active_test=False).search([], order="id desc")
        by_state = {}
        for record in records[:500]:
            state = record._typing_state() if "state" in self._states_path(model) else None
            by_state.setdefault(state, record)
        return by_state

    @staticmethod
    def _states_path(model):
        path = table_of(model._name).state.split(".")
        for name in path[:-1]:
            if name not in model._fields:
                return ()
            model = model[name]
        return path if path[-1] in model._fields else ()

    # ------------------------------------------------------------------
    # Values
    # ------------------------------------------------------------------

    def _other_value(self, record, name):
        """A value for a field that differs from the one a record has, and from its default."""
        field = record._fields[name]
        current = record.sudo().with_context(active_test=False)[name] if record else False
        if field.type == "boolean":
            return not (current or (not record and field.default and field.default(record)))
        if field.type == "selection":
            default = field.default and field.default(record.browse())
            keys = field.get_values(self.env)
            return next((key for key in keys if key not in (current, default)), keys[0])
        if field.type == "many2many":
            return [Command.set([NOWHERE])]
        number = 8 if isinstance(current, int | float) and int(current) == 7 else 7
        return {
            "char": "Forged",
            "text": "Forged",
            "binary": "Rm9yZ2Vk",
            "html": "<p>Forged</p>",
            "json": {"forged": 1},
            # Within all bounds.
            "integer": number,
            "float": number + 0.25,
            "monetary": number + 0.25,
            "date": "2001-02-03",
            "datetime": "2001-02-03 04:05:06",
            "many2one": NOWHERE,
        }[field.type]

    def _imported_value(self, record, name):
        """The same for a file that is imported.

        :return: title of the column and text, or None where a file cannot hold the field
        """
        field = record._fields[name]
        if field.type in ("many2one", "many2many"):
            current = record.sudo().with_context(active_test=False)[name] if record else ()
            others = self.env[field.comodel_name].sudo().with_context(active_test=False)
            other = next((one for one in others.search([], limit=50) if one not in current), None)
            return other and (f"{name}/.id", str(other.id))
        if field.type == "json":
            return None
        value = self._other_value(record, name)
        return name, str(int(value)) if field.type == "boolean" else str(value)

    # ------------------------------------------------------------------
    # Probing
    # ------------------------------------------------------------------

    @contextmanager
    def _probing(self, name, seen):
        """Stop where Odoo itself would write or create a record of one model, or delete it.

        :param name: of the model
        :param seen: a list that gets an entry when it is reached, whatever becomes of the exception
        """
        originals = {way: getattr(models.BaseModel, way) for way in ("create", "write", "unlink")}

        def stop(way):
            def method(self, *args, **kwargs):
                if self._name != name:
                    return originals[way](self, *args, **kwargs)
                # As Odoo does first.
                (self.browse() if way == "create" else self).check_access(way)
                seen.append(way)
                raise Passed

            method.__dict__.update(originals[way].__dict__)
            return method

        with (
            patch.object(models.BaseModel, "create", stop("create")),
            patch.object(models.BaseModel, "write", stop("write")),
            patch.object(models.BaseModel, "unlink", stop("unlink")),
        ):
            yield

    def _passes(self, name, call):
        """Tell whether something gets past the guard of a model."""
        seen = []
        is_refused = False
        savepoint = self.env.cr.savepoint(flush=False)
        try:
            with self._probing(name, seen):
                call()
        except ValidationError:
            # The value is wrong, for those who may type one.
            seen.append("checked")
        except Exception as error:
            self.refusals.append(error)
            is_refused = isinstance(error, UserError)
        savepoint.rollback()
        savepoint.close()
        if seen or not is_refused:
            # What comes before Odoo is reached may have changed something.
            self.env.invalidate_all(flush=False)
        return bool(seen)

    def _has_access(self, records, role, way):
        """Tell whether a role has the right to do something to records, found out once."""
        key = records._name, records._ids, role, way
        if key not in self.rights:
            self.rights[key] = records.with_user(self.roles[role]).has_access(way)
        return self.rights[key]
