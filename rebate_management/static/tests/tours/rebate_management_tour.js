import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";
import { picture } from "./picture";

// A manager writes a program, enrols a distributor and settles what its invoices earned.
registry.category("web_tour.tours").add("rebate_management_manager", {
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            content: "Open the app",
            trigger: ".o_app[data-menu-xmlid='rebate_management.rebate_menu_root']",
            run: "click",
        },
        {
            content: "The overview comes first; go to the programs",
            trigger: ".o_nav_entry[data-menu-xmlid='rebate_management.rebate_program_menu']",
            run: "click",
        },
        {
            trigger: ".o_breadcrumb:contains('Programs')",
        },
        {
            content: "A new program",
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            content: "Name it",
            trigger: ".o_field_widget[name=name] input",
            run: "edit Tour Bonus",
        },
        {
            content: "Each tier on its own part",
            trigger: ".o_field_widget[name=tier_method] input[data-value=incremental]",
            run: "click",
        },
        {
            content: "Add a rule",
            trigger: ".o_field_widget[name=rule_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            content: "Add its first tier",
            trigger: ".modal .o_field_widget[name=tier_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            content: "Ten percent",
            trigger: ".modal .o_data_row:nth-child(1).o_selected_row .o_field_widget[name=rate] input",
            run: "edit 10",
        },
        {
            content: "Add the second tier",
            trigger: ".modal .o_field_widget[name=tier_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            content: "The first tier has its rate",
            trigger: ".modal .o_data_row:nth-child(1):not(.o_selected_row) td[name=rate]:contains('10')",
        },
        {
            content: "From 1,000",
            trigger: ".modal .o_data_row:nth-child(2).o_selected_row .o_field_widget[name=threshold] input",
            run: "edit 1000",
        },
        {
            content: "25 percent",
            trigger: ".modal .o_data_row:nth-child(2).o_selected_row .o_field_widget[name=rate] input",
            run: "edit 25",
        },
        {
            content: "Keep the rule",
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            content: "The rule tells its tiers",
            trigger: ".o_field_widget[name=rule_ids] td[name=tier_summary]:contains('25 %')",
        },
        {
            content: "Activate",
            trigger: "button[name=action_activate]",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Active')",
        },
        {
            content: "To the agreements of the program",
            trigger: "button[name=action_view_agreements]",
            run: "click",
        },
        {
            trigger: ".o_breadcrumb:contains('Agreements')",
        },
        {
            content: "Enrol a distributor",
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=partner_id] input",
            run: "edit Tour Distributor",
        },
        {
            trigger: ".ui-autocomplete a:contains('Tour Distributor')",
            run: "click",
        },
        {
            content: "Activate it",
            trigger: "button[name=action_activate]",
            run: "click",
        },
        {
            content: "Its invoice of 2,000 has earned 350",
            trigger: ".o_field_widget[name=current_earned_amount]:contains('350.00')",
        },
        {
            content: "And the sentence says how",
            trigger: ".o_field_widget[name=current_explanation]:contains('25 % on')",
        },
        {
            content: "Pay it: the payouts menu",
            trigger: ".o_menu_sections button[data-menu-xmlid='rebate_management.rebate_settlement_menu_root']",
            run: "click",
        },
        {
            trigger: ".o-dropdown-item[data-menu-xmlid='rebate_management.rebate_settlement_run_menu']",
            run: "click",
        },
        {
            content: "Running periods too",
            trigger: ".o_field_widget[name=kind] input[data-value=interim]",
            run: "click",
        },
        {
            content: "Up to today",
            trigger: ".o_field_widget[name=date_to] button, .o_field_widget[name=date_to] input",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=date_to] input",
            run: (helpers) => helpers.edit(luxon.DateTime.now().toFormat("MM/dd/yyyy")),
        },
        {
            content: "Propose",
            trigger: "button[name=action_run_and_open]",
            run: "click",
        },
        {
            trigger: ".o_breadcrumb:contains('Settlements')",
        },
        {
            content: "Open the proposal",
            trigger: ".o_data_row td[name=partner_id]:contains('Tour Distributor')",
            run: "click",
        },
        {
            trigger: "button[name=action_submit]",
            run: "click",
        },
        {
            content: "Nobody approves what they submitted",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Submitted')",
        },
        {
            trigger: ".o_form_view:not(:has(button[name=action_approve]))",
        },
        picture("manager"),
    ],
});

// Somebody else finds it among what waits for their approval.
registry.category("web_tour.tours").add("rebate_management_approver", {
    steps: () => [
        {
            content: "What waits for me",
            trigger: ".o_searchview_dropdown_toggler",
            run: "click",
        },
        {
            trigger: ".o_filter_menu .o-dropdown-item:contains('To Approve by Me')",
            run: "click",
        },
        {
            content: "Open the payout",
            trigger: ".o_data_row:only-child td[name=partner_id], .o_data_row td[name=partner_id]:contains('Tour Distributor')",
            run: "click",
        },
        {
            content: "It says who submitted it",
            trigger: ".o_field_widget[name=approval_ids] .o_data_row:contains('Tour Manager')",
        },
        {
            trigger: "button[name=action_approve]",
            run: "click",
        },
        {
            content: "And is on record",
            trigger: ".o_field_widget[name=approval_ids] .o_data_row:contains('Tour Approver')",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Approved')",
        },
        picture("approver"),
    ],
});

// The accountant posts what was approved.
registry.category("web_tour.tours").add("rebate_management_accountant", {
    steps: () => [
        {
            trigger: "button[name=action_post]",
            run: "click",
        },
        {
            content: "To the credit note",
            trigger: "button[name=action_view_moves]",
            run: "click",
        },
        {
            content: "It is posted",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Posted')",
        },
        {
            content: "And leads back",
            trigger: "button[name=action_view_rebate_settlement]",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Posted')",
        },
        {
            trigger: "button[name=action_view_moves]",
        },
        picture("accountant"),
    ],
});
