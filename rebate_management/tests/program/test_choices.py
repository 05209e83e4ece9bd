"""What terms can be stands in one registry each, to which another addon adds."""

from odoo.tests import tagged

from ...models.program.choices import tell
from ...models.program.qualifiers import (
    GROWTH_REWARDS,
    QUALIFIER_MEASURES,
    QUALIFIERS,
)
from ...models.program.tier_methods import TIER_METHODS
from ..common import RebateCommon
from .common_choices import ABOVE, DOZENS, AddedChoices


@tagged("post_install", "-at_install")
class TestChoices(RebateCommon):
    def test_words_and_functions_have_the_same_keys(self):
        for choices in (TIER_METHODS, QUALIFIER_MEASURES, GROWTH_REWARDS):
            with self.subTest(choices.what):
                self.assertEqual(list(choices), list(choices.engine))
                for key, choice in choices.items():
                    self.assertIs(choice.function, choices.engine[key])

    def test_forms_offer_just_the_registered(self):
        program, rule = self.env["rebate.program"], self.env["rebate.rule"]
        for model, name, choices in (
            (program, "tier_method", TIER_METHODS),
            (rule, "qualifier", QUALIFIERS),
            (rule, "qualifier_measure", QUALIFIER_MEASURES),
            (rule, "growth_reward", GROWTH_REWARDS),
        ):
            with self.subTest(name):
                self.assertEqual(model.fields_get([name])[name]["selection"], choices.selection)

    def test_every_method_has_its_sentences(self):
        for method in TIER_METHODS.values():
            self.assertTrue(tell(self.env, method.sentence))
            self.assertTrue(tell(self.env, method.to_distributor))
        for reward in GROWTH_REWARDS.values():
            self.assertTrue(tell(self.env, reward.to_distributor))

    def test_the_unknown_is_refused(self):
        for choices in (TIER_METHODS, QUALIFIERS, QUALIFIER_MEASURES, GROWTH_REWARDS):
            with self.subTest(choices.what), self.assertRaisesRegex(ValueError, "nonesuch"):
                choices["nonesuch"]

    def test_no_key_is_given_twice(self):
        for choices in (TIER_METHODS, QUALIFIERS, QUALIFIER_MEASURES, GROWTH_REWARDS):
            with self.subTest(choices.what), self.assertRaisesRegex(ValueError, "already"):
                choices.register(next(iter(choices.values())))


@tagged("post_install", "-at_install")
class TestAddedChoices(AddedChoices, RebateCommon):
    def setUp(self):
        super().setUp()
        self._add_choices()

    def test_an_added_method_is_offered_computed_and_told(self):
        program = self._program((0, 1), (1000, 10), tier_method="above")
        offered = program.fields_get(["tier_method"])["tier_method"]["selection"]
        self.assertIn((ABOVE.key, ABOVE.label), offered)
        agreement = self._enrol(program)
        self._invoice(1500)
        agreement.action_refresh()
        self.assertEqual(self._accrual(agreement).earned_amount, 50)
        settlement = self._settle()
        [frozen] = settlement.terms_snapshot["programs"].values()
        self.assertIn(ABOVE.sentence, settlement._terms_in_words(frozen))
        self.assertIn(ABOVE.sentence, settlement._statement()[0].words)

    def test_an_added_method_can_be_a_template_s(self):
        program = self._program((0, 1), (1000, 10), tier_method="above")
        template = self.env["rebate.template"].create(
            {"name": "Above", "terms": self.env["rebate.template"]._terms_of(program)}
        )
        self.assertEqual(template.picture, "tiered")
        self.assertIn(ABOVE.label, template.facts)
        self.assertEqual(template._create_program().tier_method, "above")

    def test_an_added_measure_is_offered_computed_and_told(self):
        unit = self.env.ref("uom.product_uom_unit")
        rule = self._rule((2, 10), qualifier_measure="dozens")
        program = self._program(rules=[rule], uom_id=unit.id)
        fields = program.rule_ids.fields_get(["qualifier_measure"])
        self.assertIn((DOZENS.key, DOZENS.label), fields["qualifier_measure"]["selection"])
        agreement = self._enrol(program)
        self._invoice([(self.goods, 10)] * 20)
        agreement.action_refresh()
        self.assertEqual(self._accrual(agreement).earned_amount, 0)
        self._invoice([(self.goods, 10)] * 4)
        agreement.action_refresh()
        self.assertEqual(self._accrual(agreement).earned_amount, 24)
        settlement = self._settle()
        [frozen] = settlement.terms_snapshot["programs"].values()
        self.assertIn(
            DOZENS.sentence,
            settlement._rule_in_words(frozen["rules"][0], frozen["terms"]),
        )

    def test_words_of_an_addon_that_is_gone_are_left_out(self):
        self._enrol(self._program((0, 1), tier_method="above"))
        self._invoice(1500)
        settlement = self._settle()
        [frozen] = settlement.terms_snapshot["programs"].values()
        del TIER_METHODS["above"]
        self.assertIn("Tiers Apply: above", settlement._terms_in_words(frozen))
