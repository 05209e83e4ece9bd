{
    "name": "Rebate Portal",
    "summary": "Distributors follow their rebates in the portal: progress, tiers, invoices and"
    " payouts",
    "version": "19.0.2.0.0",
    "category": "Sales/Sales",
    "author": "Rebate Management maintainers",
    "website": "https://github.com/rebate-management/rebate-management",
    "license": "LGPL-3",
    "depends": ["rebate_management", "portal"],
    "data": [
        "security/ir.model.access.csv",
        "security/rebate_portal_rules.xml",
        "views/rebate_agreement_views.xml",
        "views/rebate_portal_components.xml",
        "views/rebate_portal_templates.xml",
        "views/rebate_portal_agreement_templates.xml",
    ],
    "demo": ["demo/res_users_demo.xml"],
    "assets": {
        "web.assets_frontend": ["rebate_portal/static/src/scss/rebate_portal.scss"],
        "web.assets_tests": ["rebate_portal/static/tests/tours/**/*"],
    },
}
