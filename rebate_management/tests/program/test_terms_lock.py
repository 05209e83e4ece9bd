"""The terms of a program that is no draft cannot be written past its amendments, by anybody."""

from odoo import Command
from odoo.tests import tagged

from .common_amendment import AmendmentCommon


@tagged("post_install", "-at_install")
class TestTermsLock(AmendmentCommon):
    def setUp(self):
        super().setUp()
        self.program = self._program((0, 5), (10000, 6))
        self.rule = self.program.rule_ids
        self.tier = self._tier(self.rule, 10000)
        self.free = self._program((3, 1), name="Free", activate=False)
        self.agreement = self._enrol(self.program)

    def test_every_term_of_a_program_is_locked(self):
        group = self.env["rebate.stacking.group"].create({"name": "Group"})
        values = {
            "sequence": 99,
            "company_id": self.setup_other_company()["company"].id,
            "currency_id": self.eur.id,
            "program_type": "growth",
            "date_start": "2024-01-01",
            "date_end": "2030-01-01",
            "period_type": "month",
            "prorate": True,
            "basis": "paid",
            "include_refunds": False,
            "count_services": True,
            "early_discount_counts": True,
            "measure": "quantity",
            "uom_id": self.env.ref("uom.product_uom_kgm").id,
            "tier_method": "incremental",
            "settlement_period": "month",
            "payout_delay_days": 10,
            "max_payout": 1,
            "guaranteed_payout": 1,
            "min_payout": 1,
            "final_rest": "pay",
            "payout_method": "vendor_bill",
            "clawback_policy": "invoice",
            "claim_required": True,
            "claim_deadline_days": 10,
            "stacking_group_id": group.id,
            "reduced_by_program_ids": [Command.link(self.free.id)],
        }
        self.assertEqual(values.keys(), self.program._term_names(), "a value for each term")
        for name, value in values.items():
            label = self.program._fields[name]._description_string(self.env)
            with self.subTest(name), self.assertRefused("Bonus", f"“{label}”", "Amend"):
                self.program.write({name: value})

    def test_every_term_of_a_rule_is_locked(self):
        values = {
            "name": "Everything",
            "sequence": 99,
            "product_ids": [Command.link(self.goods.id)],
            "product_category_ids": [Command.create({"name": "Category"})],
            "product_tag_ids": [Command.create({"name": "Tag"})],
            "product_domain": "[('id', '=', 1)]",
            "is_limited": True,
            "qualifier": "program",
            "qualifier_domain": "[('id', '=', 1)]",
            "qualifier_measure": "quantity",
            "baseline": "average",
            "baseline_years": 3,
            "baseline_skip_empty": False,
            "growth_reward": "band",
            "max_measure": 1,
        }
        self.assertEqual(values.keys(), self.rule._term_names(), "a value for each term")
        for name, value in values.items():
            label = self.rule._fields[name]._description_string(self.env)
            with self.subTest(name), self.assertRefused("Bonus", "Purchases", label, "Amend"):
                self.rule.write({name: value})

    def test_every_term_of_a_tier_is_locked(self):
        values = {"threshold": 1, "rate": 1, "rate_type": "fixed"}
        self.assertEqual(values.keys(), self.tier._term_names(), "a value for each term")
        for name, value in values.items():
            with self.subTest(name), self.assertRefused("Bonus", "Purchases", "Amend"):
                self.tier.write({name: value})

    def test_rules_and_tiers_neither_come_nor_go(self):
        new_tier = {"threshold": 20000, "rate": 9}
        one_more = {"tier_ids": [Command.create(new_tier)]}
        foreign = self.free.rule_ids
        own = self.env["rebate.tier"].create(
            {**new_tier, "rule_id": self.rule.id, "agreement_id": self.agreement.id}
        )
        for name, write in {
            "new tier": lambda: self.tier.create({**new_tier, "rule_id": self.rule.id}),
            "new tier, by its rule": lambda: self.rule.write(one_more),
            "new tier, by its program": lambda: self.program.write(
                {"rule_ids": [Command.update(self.rule.id, one_more)]}
            ),
            "new rule": lambda: self.rule.create(
                {**self._rule((0, 1)), "program_id": self.program.id}
            ),
            "new rule, by its program": lambda: self.program.write(
                {"rule_ids": [Command.create(self._rule((0, 1)))]}
            ),
            "no tier": self.tier.unlink,
            "no rule": self.rule.unlink,
            "no rule, by its program": lambda: self.program.write({"rule_ids": [Command.clear()]}),
            "rule from elsewhere": lambda: foreign.write({"program_id": self.program.id}),
            "rule to elsewhere": lambda: self.rule.write({"program_id": self.free.id}),
            "tier from elsewhere": lambda: foreign.tier_ids.write({"rule_id": self.rule.id}),
            "tier to elsewhere": lambda: self.tier.write({"rule_id": foreign.id}),
            "tier made a distributor's own": lambda: self.tier.write(
                {"agreement_id": self.agreement.id}
            ),
            "own tier made everybody's": lambda: own.write({"agreement_id": False}),
            "copied tier": lambda: self.tier.copy({"threshold": 5}),
            "program in a group": lambda: self.env["rebate.stacking.group"].create(
                {"name": "Group", "program_ids": [Command.link(self.program.id)]}
            ),
        }.items():
            with self.subTest(name), self.assertRefused("Bonus", "Amend"):
                write()

    def test_no_context_that_a_client_may_send_opens_the_lock(self):
        for key in (True, 1, "UNLOCKED", {}, [], {"rebate_terms": True}):
            program = self.program.with_context(rebate_terms=key, install_mode=True)
            for write in (
                lambda program=program: program.write({"tier_method": "total"}),
                lambda program=program: program.rule_ids.tier_ids.write({"rate": 50}),
                lambda program=program: program.rule_ids.unlink(),
                lambda program=program: program.sudo().write({"state": "draft"}),
            ):
                with self.subTest(key=key), self.assertRefused("Bonus"):
                    write()

    def test_the_status_is_not_written_past_its_buttons(self):
        running, free = self.program, self.free
        for program, state in ((running, "draft"), (running, "closed"), (free, "active")):
            with self.assertRefused(program.name, "Status", "buttons"):
                program.write({"state": state})
        with self.assertRefused("Status", "buttons"):
            self.env["rebate.program"].create({"name": "Born active", "state": "active"})
        program = self.env["rebate.program"].with_context(default_state="active")
        self.assertEqual(program.create({"name": "Same"}).state, "draft")

    def test_a_closed_program_is_locked_too(self):
        self.program.action_close()
        with self.assertRefused("Bonus", "Rate"):
            self.tier.rate = 7
        with self.assertRefused("Bonus", "Until"):
            self.program.date_end = "2030-01-01"

    def test_what_is_no_term_stays_free(self):
        journal = self.company_data["default_journal_sale"].copy()
        self.program.write(
            {
                "name": "Renamed",
                "code": "NEW",
                "journal_id": journal.id,
                "expense_account_id": self.company_data["default_account_revenue"].id,
                "active": False,
            }
        )
        self.assertEqual(self.program.name, "Renamed")

    def test_writing_what_stands_there_already_is_no_change(self):
        self.program.write(
            {
                "tier_method": "retroactive",
                "date_start": "2025-01-01",
                "currency_id": self.usd.id,
                "reduced_by_program_ids": [Command.set([])],
                "state": "active",
            }
        )
        self.tier.write({"rate": 6, "threshold": "10000"})

    def test_a_draft_is_free(self):
        self.free.write({"tier_method": "total", "date_start": "2024-01-01"})
        self.free.rule_ids.tier_ids.rate = 2
        self.free.rule_ids = [Command.create(self._rule((0, 1)))]
        self.free.rule_ids[0].unlink()
        self.assertEqual(len(self.free.rule_ids), 1)
        self.free.unlink()

    def test_a_program_that_was_offered_is_not_deleted(self):
        program = self._program((0, 1), name="Offered")
        with self.assertRefused("Offered", "Close and archive"):
            program.unlink()
        program.action_reset()
        program.unlink()

    def test_back_to_draft_only_before_anybody_earned(self):
        self.program.action_reset()
        self.tier.rate = 7
        self.program.action_activate()
        self._invoice(1000)
        with self.assertRefused("earned", "Bonus", "Amend"):
            self.program.action_reset()
        self.assertEqual(self.program.state, "active")

    def test_who_pays_in_a_group_of_running_programs_is_a_term(self):
        group = self.env["rebate.stacking.group"].create({"name": "Group"})
        self.free.stacking_group_id = group
        group.method = "best"
        self.free.action_activate()
        with self.assertRefused("Group", "Free", "amend"):
            group.method = "priority"

    def _flush_tracking(self, records):
        records.env.flush_all()
        records.env.cr.precommit.run()

    def test_own_tiers_of_an_agreement_change_with_a_trace(self):
        # Tests are spared the tracking unless they ask for it.
        agreement = self.agreement.with_context(tracking_disable=False, mail_notrack=False)
        self._flush_tracking(agreement)
        own = {"rule_id": self.rule.id, "threshold": 0, "rate": 20}
        agreement.tier_ids = [Command.create(own)]
        self._flush_tracking(agreement)
        agreement.tier_ids.rate = 30
        self._flush_tracking(agreement)
        values = agreement.message_ids.sudo().tracking_value_ids.sorted("id")
        values = values.filtered(lambda value: value.field_id.name == "own_tiers")
        self.assertEqual(
            [self._plain(value.new_value_char) for value in values],
            ["Purchases: 20 % from $ 0.00", "Purchases: 30 % from $ 0.00"],
        )
        self.assertEqual(values[1].old_value_char, values[0].new_value_char)
