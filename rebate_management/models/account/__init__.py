from . import (
    account_move,
    account_move_line,
    account_move_send,
    account_partial_reconcile,
    account_tax,
    product_category,
    product_product,
    product_tag,
    product_template,
    res_company,
    res_users,
)
