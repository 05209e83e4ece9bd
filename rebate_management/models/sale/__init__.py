from . import rebate_selling, sale_order, sale_order_line
