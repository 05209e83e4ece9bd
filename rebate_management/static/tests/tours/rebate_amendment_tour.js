import { registry } from "@web/core/registry";
import { picture } from "./picture";

/**
 * A manager raises the rate of a running program by amendment: the draft, the preview, the reason,
 * and the history that stays.
 */
registry.category("web_tour.tours").add("rebate_management_amendment", {
    steps: () => [
        {
            content: "Amend the running program",
            trigger: "button[name=action_amend]",
            run: "click",
        },
        {
            content: "This is its draft",
            trigger: ".alert:contains('Amendment of Tour Bonus')",
        },
        {
            content: "Open the rule",
            trigger: ".o_field_widget[name=rule_ids] td[name=tier_summary]:contains('6 %')",
            run: "click",
        },
        {
            content: "The rate of the second tier",
            trigger: ".modal .o_field_widget[name=tier_ids] .o_data_row:nth-child(2) td[name=rate]",
            run: "click",
        },
        {
            trigger:
                ".modal .o_data_row:nth-child(2).o_selected_row .o_field_widget[name=rate] input",
            run: "edit 8",
        },
        {
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            content: "The draft tells the new rate",
            trigger: ".o_field_widget[name=rule_ids] td[name=tier_summary]:contains('8 %')",
        },
        {
            content: "See what every period becomes",
            trigger: "button[name=action_preview_amendment]",
            run: "click",
        },
        {
            content: "What changes, in words",
            trigger: ".o_field_widget[name=changes] tr:contains('From'):contains('6 %'):contains('8 %')",
        },
        {
            content: "What it costs",
            trigger: ".o_field_widget[name=difference]:contains('240.00')",
        },
        {
            content: "Period by period",
            trigger: ".o_data_row:contains('Tour Distributor') td[name=difference]:contains('240.00')",
        },
        {
            content: "Without a reason it is refused before anything is asked",
            trigger: "button[name=action_ask_apply]",
            run: "click",
        },
        {
            trigger: ".modal:contains('has no reason') .modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "Say why",
            trigger: ".o_field_widget[name=reason] textarea",
            run: "edit A better year for everyone",
        },
        {
            content: "Apply",
            trigger: "button[name=action_ask_apply]",
            run: "click",
        },
        {
            trigger: ".modal:contains('Apply these terms?') .modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "It is on record",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Applied')",
        },
        {
            trigger: ".o_field_widget[name=reason]:contains('A better year for everyone')",
        },
        {
            trigger: "body:not(:has(button[name=action_ask_apply]))",
        },
        {
            content: "Back to the program, by the breadcrumb that is still there",
            trigger: ".o_breadcrumb a:contains('Tour Bonus'), .breadcrumb a:contains('Tour Bonus')",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=rule_ids] td[name=tier_summary]:contains('8 %')",
        },
        {
            content: "It keeps its history",
            trigger: "button[name=action_view_amendments]:contains('1')",
            run: "click",
        },
        {
            trigger: ".o_data_row td[name=summary]:contains('6 % → 8 %')",
        },
        picture("amendment"),
    ],
});
