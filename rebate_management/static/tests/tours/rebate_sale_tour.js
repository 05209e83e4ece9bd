import { registry } from "@web/core/registry";
import { picture } from "./picture";

// A salesperson sees what a quotation is worth in rebates, and that more of it reaches a tier.
registry.category("web_tour.tours").add("rebate_management_sale", {
    steps: () => [
        {
            content: "The order nearly reaches a tier",
            trigger: ".o_rebate_expectation.alert-warning:contains('10,000.00'):contains('408.00')",
        },
        {
            content: "How does it come about?",
            trigger: ".o_rebate_expectation button[aria-expanded=false]",
            run: "click",
        },
        {
            trigger: ".o_rebate_expectation_details:contains('92.00'):contains('80.00')",
        },
        {
            content: "Each line has its part",
            trigger: "td[name=rebate_expected_amount]:contains('12.00')",
        },
        {
            content: "Order more of it",
            trigger: "td[name=product_uom_qty]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=product_uom_qty] input",
            run: "edit 2 && press Tab",
        },
        {
            content: "Before it is saved, the banner says that the tier is reached",
            trigger:
                ".o_rebate_expectation.alert-success:contains('reaches tier'):contains('440.00')",
        },
        {
            content: "Save",
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            trigger: ".o_form_saved, .o_form_view:not(:has(.o_form_dirty))",
        },
        {
            trigger: ".o_field_widget[name=rebate_expected_amount]:contains('440.00')",
        },
        picture("sale"),
    ],
});

// Whoever invoices sees for which programs the lines of an invoice count.
registry.category("web_tour.tours").add("rebate_management_invoice_shares", {
    steps: () => [
        {
            content: "The tab of the invoice",
            trigger: ".o_notebook a[name=rebates]",
            run: "click",
        },
        {
            content: "The program, the line, its rate and its rebate",
            trigger:
                ".o_rebate_invoice_shares tr:contains('Tour Goods'):contains('1 %'):contains('80.00')",
        },
        {
            content: "The program opens the agreement",
            trigger: ".o_rebate_invoice_shares button:contains('Tour Bonus')",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=program_id]:contains('Tour Bonus')",
        },
        picture("invoice_shares"),
    ],
});
