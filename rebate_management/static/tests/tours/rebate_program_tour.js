import { registry } from "@web/core/registry";
import { picture } from "./picture";

/**
 * A manager writes the tiers of a draft and sees what they pay, what they say and what is wrong with
 * them, before anything is saved.
 */
registry.category("web_tour.tours").add("rebate_management_rule_editor", {
    steps: () => [
        {
            content: "Open the rule",
            trigger: ".o_field_widget[name=rule_ids] .o_data_row td[name=name]",
            run: "click",
        },
        {
            content: "The chart stands beside the tiers",
            trigger: ".modal .o_field_widget[name=tier_chart] canvas[role=img]",
        },
        {
            content: "And is told in words",
            trigger: ".modal .o_rebate_tier_chart_text tr:contains('3 %')",
        },
        {
            trigger: ".modal .o_field_widget[name=words]:contains('The rate of the highest tier')",
        },
        {
            content: "A threshold that is taken",
            trigger: ".modal .o_data_row:nth-child(2) td[name=threshold]",
            run: "click",
        },
        {
            trigger: ".modal .o_data_row:nth-child(2).o_selected_row .o_field_widget[name=threshold] input",
            run: "edit 0",
        },
        {
            content: "Leave the cell",
            trigger: ".modal .o_data_row:nth-child(2).o_selected_row .o_field_widget[name=rate] input",
            run: "click",
        },
        {
            content: "It is said at once",
            trigger: ".modal .o_rebate_tier_error:contains('2 tiers begin at')",
        },
        {
            content: "In the row too",
            trigger: ".modal .o_data_row.text-danger",
        },
        {
            content: "Another threshold and another rate",
            trigger: ".modal .o_selected_row .o_field_widget[name=threshold] input",
            run: "edit 8000",
        },
        {
            trigger: ".modal .o_selected_row .o_field_widget[name=rate] input",
            run: "edit 4",
        },
        {
            trigger: ".modal .o_selected_row .o_field_widget[name=threshold] input",
            run: "click",
        },
        {
            content: "Words and chart follow",
            trigger: ".modal .o_field_widget[name=words]:contains('4 % from'):contains('8,000')",
        },
        {
            trigger: ".modal .o_rebate_tier_chart_text tr:contains('8,000'):contains('4 %')",
        },
        {
            trigger: "body:not(:has(.o_rebate_tier_error))",
        },
        {
            content: "What it pays in money",
            trigger: ".modal button[data-mode=paid]",
            run: "click",
        },
        {
            trigger: ".modal button[data-mode=paid][aria-pressed=true]",
        },
        {
            trigger: ".modal canvas[aria-label*='Rebate']",
        },
        {
            content: "By growth",
            trigger: ".modal .o_field_widget[name=qualifier_measure] input",
            run: "click",
        },
        {
            trigger: ".o_select_menu_item:contains('Growth in %')",
            run: "click",
        },
        {
            content: "Words say what growth pays on, and no more",
            trigger: ".modal .o_field_widget[name=words]:contains('reached by growth'):not(:contains('highest tier'))",
        },
        {
            trigger: ".modal .o_rebate_tier_chart:contains('Drawn for a baseline of')",
        },
        {
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            content: "How tiers apply decides nothing any more",
            trigger: "body:not(:has(.modal)):not(:has(.o_field_widget[name=tier_method]))",
        },
        {
            content: "No limits are shown empty",
            trigger: ".o_notebook .nav-link:contains('Limits')",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=max_payout] input[placeholder='No limit']:not(:value('0'))",
        },
        {
            content: "A limit",
            trigger: ".o_field_widget[name=max_payout] input",
            run: "edit 500",
        },
        {
            content: "And none",
            trigger: ".o_field_widget[name=max_payout] input",
            run: "clear",
        },
        {
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            trigger: ".o_form_saved, .o_form_status_indicator_buttons.invisible",
        },
        picture("rule_editor"),
    ],
});

/** How a running program goes; each figure opens its records. */
registry.category("web_tour.tours").add("rebate_management_performance", {
    steps: () => [
        {
            content: "Money stands in the list",
            trigger: ".o_data_row:contains('Tour Bonus') td[name=current_earned_amount]:contains('360.00')",
        },
        {
            trigger: ".o_switch_view.o_kanban",
            run: "click",
        },
        {
            content: "And on the cards",
            trigger: ".o_kanban_record:contains('Tour Bonus'):contains('360.00')",
            run: "click",
        },
        {
            trigger: "button[name=action_view_current]:contains('360.00')",
        },
        {
            content: "What was earned is no draft any more",
            trigger: "body:not(:has(button[name=action_reset]))",
        },
        {
            trigger: ".o_notebook .nav-link:contains('Performance')",
            run: "click",
        },
        {
            trigger: "[data-figure=enrolled]:contains('1')",
        },
        {
            trigger: "[data-figure=cost]:contains('3.00 %')",
        },
        {
            trigger: ".o_rebate_performance canvas[aria-label*='3 % from']",
        },
        {
            trigger: ".o_rebate_tiers_reached tr:contains('3 % from') button:contains('1')",
            run: "click",
        },
        {
            content: "The records behind it",
            trigger: ".o_breadcrumb:contains('3 % from'), .breadcrumb ~ *:contains('3 % from')",
        },
        {
            trigger: ".o_data_row:contains('Tour Distributor')",
        },
        picture("performance"),
    ],
});
