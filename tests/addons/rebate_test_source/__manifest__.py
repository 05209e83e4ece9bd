{
    "name": "Rebates on What Was Sold On",
    "version": "19.0.1.0.0",
    "summary": "For tests alone: purchases that are no invoice lines",
    "author": "Rebate Management maintainers",
    "license": "LGPL-3",
    "category": "Hidden/Tests",
    "depends": ["rebate_management"],
    "data": ["security/ir.model.access.csv"],
}
