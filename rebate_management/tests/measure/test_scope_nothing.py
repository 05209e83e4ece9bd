"""What was chosen and matches nothing counts nothing; only a rule that chose nothing counts all."""

from odoo.tests import tagged

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestScopeNothing(RebateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.empty = cls.env["product.category"].create({"name": "Empty"})
        cls.unused = cls.env["product.tag"].create({"name": "Unused"})
        cls.nothing = {
            "category": {"product_category_ids": cls.empty.ids},
            "tag": {"product_tag_ids": cls.unused.ids},
            "filter": {"product_domain": "[('default_code', '=', 'no such code')]"},
            "false filter": {"product_domain": "[(0, '=', 1)]"},
            "category and tag": {
                "product_category_ids": cls.empty.ids,
                "product_tag_ids": cls.unused.ids,
            },
        }

    def test_a_rule_over_products_that_do_not_exist_counts_nothing(self):
        self._invoice(1000)
        for kind, scope in self.nothing.items():
            with self.subTest(kind):
                program = self._program(name=kind, rules=[self._rule((0, 10), **scope)])
                agreement = self._enrol(program)
                self.assertEqual(self._earned(agreement), 0)
                accrual = self._accrual(agreement)
                self.assertFalse(accrual.problem)
                self.assertEqual(accrual.measured_amount, 0)
                self.assertFalse(self.env["rebate.measure"]._lines_by_rule(accrual._windows()))

    def test_what_comes_to_be_in_the_category_counts_from_then_on(self):
        program = self._program(rules=[self._rule((0, 10), product_category_ids=self.empty.ids)])
        agreement = self._enrol(program)
        self._invoice(1000)
        self.assertEqual(self._earned(agreement), 0)
        self.goods.categ_id = self.empty
        self.assertEqual(self._earned(agreement), 100)

    def test_a_qualifier_without_a_match_opens_no_tier(self):
        rule = self._rule(
            (100, 10), qualifier="domain", qualifier_domain="[('default_code', '=', 'none')]"
        )
        agreement = self._enrol(self._program(rules=[rule]))
        self._invoice(1000)
        self.assertEqual(self._earned(agreement), 0)
        self.assertEqual(self._accrual(agreement).line_ids.qualifying_value, 0)

    def test_two_limited_rules_of_which_one_matches_nothing(self):
        rules = [
            self._rule((0, 10), name="Goods", product_ids=self.goods.ids),
            self._rule((0, 20), name="None", product_category_ids=self.empty.ids),
        ]
        agreement = self._enrol(self._program(rules=rules))
        other = self._enrol(self._program((0, 1), name="Other"))
        self._invoice([(self.goods, 1000), (None, 500)])
        self.assertEqual(self._earned(agreement), 100)
        self.assertEqual(self._accrual(agreement).measured_amount, 1000, "of both rules together")
        self.assertEqual(self._earned(other), 15)

    def test_a_rule_that_matches_nothing_beside_one_that_counts_everything(self):
        rules = [
            self._rule((0, 10), name="All"),
            self._rule((0, 20), name="None", product_tag_ids=self.unused.ids),
        ]
        agreement = self._enrol(self._program(rules=rules))
        self._invoice([(self.goods, 1000), (None, 500)])
        self.assertEqual(self._earned(agreement), 150)

    def test_a_program_that_comes_first_and_matches_nothing_takes_nothing(self):
        group = self.env["rebate.stacking.group"].create({"name": "One", "method": "priority"})
        first = self._enrol(
            self._program(
                name="First",
                sequence=1,
                stacking_group_id=group.id,
                rules=[self._rule((0, 50), product_category_ids=self.empty.ids)],
            )
        )
        second = self._enrol(
            self._program((0, 10), name="Second", sequence=2, stacking_group_id=group.id)
        )
        self._invoice(1000)
        self.assertEqual([self._earned(first), self._earned(second)], [0, 100])

    def test_a_reducing_program_that_matches_nothing_reduces_nothing(self):
        reducing = self._program(
            name="First", sequence=1, rules=[self._rule((0, 50), product_tag_ids=self.unused.ids)]
        )
        self._enrol(reducing)
        reduced = self._program(
            (0, 10), name="Second", sequence=2, reduced_by_program_ids=reducing.ids
        )
        agreement = self._enrol(reduced)
        self._invoice(1000)
        self.assertEqual(self._earned(agreement), 100)

    def test_programs_that_match_nothing_and_everything_are_measured_at_once(self):
        none = self._enrol(
            self._program(
                name="None", rules=[self._rule((0, 10), product_category_ids=self.empty.ids)]
            )
        )
        every = self._enrol(self._program((0, 10), name="Every"))
        self._invoice(1000)
        agreements = none | every
        agreements.action_refresh()
        self.assertEqual(agreements.accrual_ids.filtered("measured_amount").agreement_id, every)
        self.assertFalse(self._settle().line_ids.filtered(lambda line: line.program_id == none))

    def test_scope_does_not_depend_on_the_readers_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.goods.with_context(lang="fr_FR").name = "Biens"
        rule = self._rule((0, 10), product_domain="[('name', '=', 'Goods')]")
        agreement = self._enrol(self._program(rules=[rule]))
        self._invoice(1000, "2026-02-01")
        for lang in ("en_US", "fr_FR"):
            self.env.invalidate_all()
            self.assertEqual(agreement.with_context(lang=lang).current_earned_amount, 100, lang)
