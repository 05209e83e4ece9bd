"""A wizard is read and written by who opened it, and nobody decides in another's name."""

from odoo.models import TransientModel
from odoo.tests import tagged

from ...tools.trust import trusted
from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestWizardOwn(RebateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program = cls._program((0, 10), claim_required=True)
        cls.agreement = cls._enrol(cls.program)
        cls._invoice(1000)
        cls.accrual = cls._accrual(cls.agreement)
        groups = [
            f"rebate_management.group_rebate_{role}"
            for role in ("manager", "accountant", "approver")
        ]
        cls.one, cls.other = (cls._user(login, *groups) for login in ("one", "other"))

    def _wizards(self, user):
        """One of each of our wizards, opened by a user; lines with those that have some."""
        vals = {
            "rebate.settlement.run": {"date_to": "2025-12-31"},
            "rebate.accrual.run": {"date": "2025-12-31"},
            "rebate.accrual.run.line": {},
            "rebate.accrual.run.total": {},
            "rebate.accrual.run.item": {},
            "rebate.settlement.run.line": {},
            "rebate.settlement.run.left": {},
            "rebate.liability.day": {},
            "rebate.settlement.decision": {"decision": "reject"},
            "rebate.settlement.check": {},
            "rebate.settlement.check.line": {"name": "X", "finding": "X"},
            "rebate.audit.export": {"program_ids": self.program.ids},
            "rebate.claim.record": {"accrual_ids": self.accrual.ids},
            "rebate.claim.extend": {
                "accrual_ids": self.accrual.ids,
                "claim_until": "2026-12-31",
                "reason": "Late",
            },
            "rebate.template.save": {"program_id": self.program.id},
            "rebate.enroll": {"program_id": self.program.id},
            "rebate.enroll.line": {},
            "rebate.renew": {"program_id": self.program.id},
            "rebate.renew.line": {},
            "rebate.renew.tier": {},
            "rebate.activation": {},
            "rebate.activation.line": {},
        }
        names = {
            name
            for name, model in self.env.items()
            if name.startswith("rebate.") and isinstance(model, TransientModel)
        }
        self.assertEqual(names, set(vals), "a wizard added later has a rule and is tried here")
        made = {}
        for name, own in vals.items():
            # The lines are written by the wizards alone.
            model = trusted(self.env[name].with_user(user).sudo())
            if name.startswith(("rebate.accrual.run.", "rebate.settlement.run.")):
                own = {"run_id": made[name.rpartition(".")[0]].id}
            if name in ("rebate.enroll.line", "rebate.activation.line"):
                parent = name.removesuffix(".line")
                own = {f"{parent.rpartition('.')[2]}_id": made[parent].id}
            if name in ("rebate.renew.line", "rebate.renew.tier"):
                own = {"renew_id": made["rebate.renew"].id}
            if name == "rebate.settlement.check.line":
                own = own | {"check_id": made["rebate.settlement.check"].id}
            made[name] = model.create(own).with_env(self.env)
        return made

    def test_nobody_reads_writes_or_deletes_anothers_wizard(self):
        for name, wizard in self._wizards(self.one).items():
            with self.subTest(name):
                self.assertTrue(wizard.with_user(self.one).has_access("read"))
                foreign = wizard.with_user(self.other)
                self.assertFalse(foreign.search([("id", "=", wizard.id)]))
                for operation in ("read", "write", "unlink"):
                    self.assertFalse(foreign.has_access(operation), operation)
                with self.assertNoAccess():
                    foreign.read(["id", "create_uid"])

    def test_a_rejection_is_not_made_an_approval(self):
        """By who may not approve, in the name of who may."""
        self.accrual.action_claim()
        settlement = self._settle(post=False)
        settlement.action_submit()
        decision = (
            self.env["rebate.settlement.decision"]
            .with_user(self.one)
            .create({"settlement_ids": settlement.ids, "decision": "reject", "comment": "No"})
        )
        foreign = decision.with_user(self.other)
        with self.assertNoAccess():
            foreign.decision = "approve"
        with self.assertNoAccess():
            foreign.action_decide()
        decision.action_decide()
        self.assertEqual(settlement.state, "rejected")

    def test_the_jobs_of_the_system_go_on(self):
        wizards = self._wizards(self.one)
        root = self.env.ref("base.user_root")
        for name, wizard in wizards.items():
            self.assertTrue(wizard.with_user(root).has_access("write"), name)
