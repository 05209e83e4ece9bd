"""The products by which companies give discounts on whole orders are money that moves no goods."""


def migrate(cr, version):
    cr.execute(
        """
        UPDATE product_template template
           SET rebate_exclusion = 'quantity'
          FROM product_product product
          JOIN res_company company ON company.sale_discount_product_id = product.id
         WHERE template.id = product.product_tmpl_id
           AND template.rebate_exclusion IS NULL
        """
    )
