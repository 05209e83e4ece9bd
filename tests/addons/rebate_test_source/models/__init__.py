from . import rebate_measure, rebate_program, rebate_test_sale
