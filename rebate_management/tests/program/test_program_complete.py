"""What a program must have before it is offered: one list, and all of it is asked."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestProgramComplete(RebateCommon):
    def test_what_accruing_lacks_is_named_before_the_program_is_active(self):
        program = self._program((0, 5), activate=False, accrual_method="earned")
        with self.assertRaisesRegex(UserError, "is to accrue, but its “Liability Account”"):
            program._check_complete()

    def test_taxes_of_a_product_need_the_product(self):
        program = self._program((0, 5), activate=False, tax_policy="product")
        with self.assertRaisesRegex(UserError, "takes the taxes of its payout product"):
            program._check_complete()
