{
    "name": "Rebates in Sales Margins",
    "summary": "The margin of sales orders after the rebates that they earn",
    "version": "19.0.2.0.0",
    "category": "Sales/Sales",
    "author": "Rebate Management maintainers",
    "website": "https://github.com/rebate-management/rebate-management",
    "license": "LGPL-3",
    "depends": ["rebate_management", "sale_margin"],
    "data": ["views/sale_order_views.xml"],
    "auto_install": True,
}
