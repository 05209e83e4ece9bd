import { registry } from "@web/core/registry";
import { picture } from "./picture";

// A salesperson finds his own customers, sees how one goes on, and plans a call in two clicks.
registry.category("web_tour.tours").add("rebate_watch_salesperson", {
    url: "/odoo/action-rebate_management.rebate_agreement_action",
    steps: () => [
        { content: "His own come first", trigger: ".o_searchview_facet:contains('My Customers')" },
        {
            content: "The way through the tiers is told to screen readers",
            trigger:
                ".o_data_row:contains('Tour Distributor') .o_rebate_progress [role=progressbar][aria-valuetext*='more reach']",
        },
        {
            content: "Open the agreement",
            trigger: ".o_data_row:contains('Tour Distributor') td[name=partner_id]",
            run: "click",
        },
        {
            content: "Each tier is marked, with its rate",
            trigger: ".o_form_view .o_rebate_progress_label:contains('5,000'):contains('3 %')",
        },
        {
            content: "What is worth saying is said",
            trigger: ".o_field_widget[name=current_worth_saying]:contains('more by')",
        },
        { trigger: ".o_notebook .nav-link[name=course]", run: "click" },
        { content: "The months are drawn", trigger: ".o_rebate_course_chart canvas" },
        {
            content: "and told in a table to whoever does not see them",
            trigger: ".o_rebate_course table:contains('This period')",
        },
        { trigger: "[data-menu-xmlid='rebate_management.rebate_watch_menu']", run: "click" },
        {
            content: "He is told why",
            trigger: ".o_data_row:contains('Tour Distributor') td[name=sentence]:contains('more by')",
        },
        {
            content: "First click",
            trigger: ".o_data_row:contains('Tour Distributor') button[name=action_schedule_call]",
            run: "click",
        },
        {
            content: "Second click",
            trigger: ".modal button[name=action_schedule_activities]",
            run: "click",
        },
        { trigger: "body:not(:has(.modal))" },
        picture("watch_salesperson"),
    ],
});

registry.category("web_tour.tours").add("rebate_watch_customer", {
    steps: () => [
        {
            content: "The button says which period",
            trigger: "button[name=action_view_rebates]:contains('Rebates')",
        },
        { trigger: ".o_notebook .nav-link[name=rebates]", run: "click" },
        {
            content: "Each program with its progress",
            trigger: ".o_field_widget[name=rebate_running_ids] .o_data_row .o_rebate_progress",
        },
        {
            content: "and the sentence worth saying",
            trigger: ".o_field_widget[name=rebate_running_ids] td[name=current_worth_saying]:contains('more by')",
        },
        picture("watch_customer"),
    ],
});
