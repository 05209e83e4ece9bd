"""Numbers and days beyond their bounds: a sentence where they are typed, and never later."""

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.modules.module import load_script
from odoo.tests import Form, tagged

from ...tools.bounds import AMOUNT, BOUNDS, DAY
from ..accrual.common import AccrualCommon

ENDLESS = (float("inf"), float("-inf"), float("nan"))
TYPED = ("integer", "float", "monetary", "date")


@tagged("post_install", "-at_install")
class TestBounds(AccrualCommon):
    def _ways(self, model, name):
        """Values that no field of a kind may have."""
        kind = self.env[model]._fields[name].type
        if kind == "date":
            return (
                *("0001-01-01", "1899-12-31", "3000-01-01", "9999-12-31", "10000-01-01"),
                *("2025-13-45", "tomorrow"),
            )
        return (1e308, "1e308", 2e13, -2e13, 10**14, 10**30, "many", *ENDLESS)

    def test_every_number_and_day_that_can_be_typed_has_bounds(self):
        ours = [
            model
            for model in self.env.registry.values()
            if model._name.startswith("rebate.")
            and model._original_module == "rebate_management"
            and not model._abstract
        ]
        typed = {
            (model._name, name)
            for model in ours
            for name, field in model._fields.items()
            if field.type in TYPED
            and (field.store and not field.readonly)
            # Lines of runs and wizards that only show what was computed are read-only.
            and model._name not in ("rebate.accrual.line", "rebate.settlement.line")
        }
        bounded = {(model, name) for model, names in BOUNDS.items() for name in names}
        self.assertLessEqual(typed, bounded)
        for model, name in bounded:
            self.assertIn(name, self.env[model]._fields)

    def test_a_value_beyond_its_bounds_is_refused_by_a_sentence_that_names_the_field(self):
        records = {
            "rebate.program": self._program((0, 5), activate=False),
            "rebate.approval.level": self.env["rebate.approval.level"].create(
                {"name": "Level", "user_ids": self.approver.ids}
            ),
            # What all companies share is written by few.
            "rebate.template": self.env["rebate.template"].search([], limit=1).sudo(),
        }
        records["rebate.rule"] = records["rebate.program"].rule_ids
        records["rebate.tier"] = records["rebate.rule"].tier_ids
        records["rebate.agreement"] = self._enrol(records["rebate.program"], activate=False)
        records["rebate.settlement.run"] = self.env["rebate.settlement.run"].create({})
        records["rebate.accrual.run"] = self.env["rebate.accrual.run"].create({})
        records["rebate.audit.export"] = self.env["rebate.audit.export"].create(
            {"program_ids": records["rebate.program"].ids}
        )
        for model, record in records.items():
            for name in BOUNDS[model]:
                label = record._fields[name]._description_string(self.env)
                for value in self._ways(model, name):
                    with self.subTest(model=model, field=name, value=value):
                        with self.assertRefused(f"“{label}” cannot be", "Enter"):
                            record.write({name: value})
                        with self.assertRefused(f"“{label}” cannot be", "Enter"):
                            record.copy({name: value})
                        defaults = {f"default_{name}": value}
                        with self.assertRefused(f"“{label}” cannot be", "Enter"):
                            record.with_context(**defaults).create({})
                        with self.assertRefused(f"“{label}” cannot be", "Enter"):
                            record.onchange({name: value}, [name], {name: {}})

    def test_the_instances_of_the_issue(self):
        program = self._program((0, 5), activate=False)
        with self.assertRefused("Bonus", "Pays After (Days)", "Enter 3,650 or less"):
            program.payout_delay_days = 9_999_999
        with self.assertRefused("Bonus", "Claim Within (Days)", "Enter 3,650 or less"):
            program.claim_deadline_days = 2_000_000_000
        with self.assertRefused("Bonus", "Until", "from 01/01/1900 to 12/31/2999"):
            program.date_end = "9999-12-31"
        with self.assertRefused("Bonus", "From", "from 01/01/1900 to 12/31/2999"):
            program.date_start = "0001-01-01"
        with self.assertRefused("Tier", "From", "Enter 900,000,000,000 or less"):
            program.rule_ids.tier_ids.write({"threshold": 1e308})
        with self.assertRefused("“Huge”", "Greatest Rebate"):
            self._program((0, 5), activate=False, name="Huge", max_payout=1e300)

    def test_lines_of_a_form_pass_the_same_check(self):
        program = self._program((0, 5), activate=False)
        rule = program.rule_ids
        with self.assertRefused("Tier", "From"):
            program.write(
                {
                    "rule_ids": [
                        Command.update(
                            rule.id, {"tier_ids": [Command.create({"threshold": 1e24, "rate": 1})]}
                        )
                    ]
                }
            )
        with self.assertRefused("Tier", "From"):
            program.onchange(
                {"rule_ids": [[1, rule.id, {"tier_ids": [[0, "new", {"threshold": 1e308}]]}]]},
                ["rule_ids"],
                {"rule_ids": {}},
            )

    def test_a_form_tells_at_once(self):
        with (
            self.assertRefused("Pays After (Days)"),
            Form(self._program((0, 5), activate=False)) as form,
        ):
            form.payout_delay_days = 9_999_999

    def test_an_import_names_the_field_too(self):
        for name, value, label in (
            ("payout_delay_days", "9999999999999", "Pays After (Days)"),
            ("date_end", "9999-12-31", "Until"),
            ("max_payout", "1e308", "Greatest Rebate"),
            ("max_payout", "nan", "Greatest Rebate"),
        ):
            with self.subTest(field=name, value=value):
                result = self.env["rebate.program"].load(
                    ["name", "rule_ids/name", "rule_ids/tier_ids/rate", name],
                    [["Imported", "Purchases", "5", value]],
                )
                self.assertFalse(result["ids"])
                self.assertIn(f"“{label}” cannot be", result["messages"][0]["message"])

    def test_a_wizard_takes_no_day_that_cannot_be_reckoned_with(self):
        program = self._accruing((0, 5), claim_required=True)
        agreement = self._enrol(program)
        agreement.action_refresh()
        accruals = agreement.accrual_ids
        for model, vals in (
            ("rebate.settlement.run", {"date_to": "0001-01-01"}),
            ("rebate.accrual.run", {"date": "9999-12-31"}),
            ("rebate.audit.export", {"program_ids": program.ids, "date_from": "0001-01-01"}),
            ("rebate.audit.export", {"program_ids": program.ids, "date_to": "9999-12-31"}),
            (
                "rebate.claim.extend",
                {"accrual_ids": accruals.ids, "claim_until": "9999-12-31", "reason": "x"},
            ),
        ):
            with self.subTest(model=model, vals=vals), self.assertRefused("Enter a day from"):
                self.env[model].create(vals)

    def test_a_percentage_has_a_bound_of_its_own_whichever_comes_first(self):
        rule = self._rule((0, 1), (10**7, 2), qualifier_measure="growth_percent")
        with self.assertRefused("cannot be reached", "1,000,000 % or less"):
            self._program(rules=[rule], activate=False)
        program = self._program((0, 1), (10**7, 2), activate=False)
        with self.assertRefused("cannot be reached"):
            program.rule_ids.qualifier_measure = "target_percent"

    def test_a_template_holds_no_term_beyond_its_bounds(self):
        template = self.env["rebate.template"].search([], limit=1).sudo()
        for value in (9_999_999, float("inf"), "1e400"):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                template.terms = template.terms | {"payout_delay_days": value}

    def test_whatever_is_within_its_bounds_can_be_computed_settled_and_shown(self):
        """The greatest values of all fields at once, through every job."""
        great = {name: bound.high for name, bound in BOUNDS["rebate.program"].items()}
        program = self._accruing(
            rules=[
                self._rule((0, 100), (AMOUNT.high, 100), max_measure=AMOUNT.high, sequence=10**9),
                self._rule((10**6, 100), qualifier_measure="growth_percent", baseline="average")
                | {"baseline_years": 30, "growth_reward": "excess"},
                self._rule((10**6, 100), qualifier_measure="target_percent"),
            ],
            **great
            | {"date_start": "1900-01-01", "claim_required": True, "prorate": True}
            | {"guaranteed_payout": 10**12, "accrual_method": "expected"},
        )
        agreement = self._enrol(
            program,
            baseline_amount=10**12,
            target_amount=AMOUNT.high,
            date_start="2024-12-31",
            date_end="2999-12-31",
        )
        self._invoice(10**12, "2025-06-15")
        self._invoice(10**12, "2026-02-15")
        agreement.action_refresh()
        self._drain()
        self.assertFalse(program.problem)
        self.assertEqual(self._accrual(agreement).earned_amount, 10**12)
        self.assertTrue(agreement.current_expected_amount)
        self._accrual(agreement).action_claim()
        run = self.env["rebate.accrual.run"].create({"date": "2025-12-31"})
        run.action_preview()
        self.assertTrue(run.action_run())
        settlements = self._settle(kind="interim", post=False)
        settlements.pay_early = True
        settlements.action_submit()
        self._approve(settlements)
        settlements.action_post()
        self.assertEqual(settlements.state, "posted")
        self.assertTrue(settlements.line_ids.amount)
        for job in (
            "ir_cron_drain_queue",
            "ir_cron_refresh_accruals",
        ):
            if cron := self.env.ref(f"rebate_management.{job}", raise_if_not_found=False):
                with self.enter_registry_test_mode():
                    cron.method_direct_trigger()

    def test_what_an_older_version_let_pass_comes_within_its_bounds(self):
        """Otherwise a running program could be amended no more."""
        program = self._program((0, 5))
        agreement = self._enrol(program)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE rebate_program SET date_end = '9999-12-31', payout_delay_days = 9999999,"
            " max_payout = 1e15, date_start = '0001-01-01' WHERE id = %s",
            [program.id],
        )
        self.env.cr.execute(
            "UPDATE rebate_tier SET threshold = 1e20 WHERE rule_id = %s", program.rule_ids.ids
        )
        path = "rebate_management/migrations/19.0.2.0.0/pre-bounds.py"
        load_script(path, "pre_bounds").migrate(self.env.cr, "19.0.1.0.0")
        self.env.invalidate_all()
        self.assertRecordValues(
            program,
            [
                {
                    "date_start": DAY.low,
                    "date_end": DAY.high,
                    "payout_delay_days": 3650,
                    "max_payout": 10**12,
                }
            ],
        )
        self.assertEqual(program.rule_ids.tier_ids.threshold, AMOUNT.high)
        self.assertFalse(agreement.date_end)
        program.action_amend()

    def test_the_earliest_and_the_latest_day_of_a_program_can_be_reckoned_with(self):
        program = self._program(
            (0, 5), date_start="1900-01-01", date_end="2999-12-31", period_type="program"
        )
        program_ended = self._program(
            (0, 5),
            name="Old",
            date_start="1900-01-01",
            date_end="1900-12-31",
            claim_required=True,
            claim_deadline_days=3650,
            payout_delay_days=3650,
        )
        for offered in (program, program_ended):
            agreement = self._enrol(offered)
            agreement.action_refresh()
            self.assertEqual(len(agreement.accrual_ids), 1)
        with freeze_time("2999-12-31"):
            program.agreement_ids.action_refresh()
            self.env["rebate.settlement.run"].create({"date_to": "2999-12-31"})
            with self.assertRaises(UserError):
                self.env["rebate.settlement.run"].create({"date_to": "3000-01-01"})
