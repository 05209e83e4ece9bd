import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";
import { picture } from "./picture";

// An accountant looks at what an accrual run would post, and posts it.
registry.category("web_tour.tours").add("rebate_management_accrual_run", {
    steps: () => [
        {
            content: "Nothing is posted by looking",
            trigger: "button[name=action_preview].btn-primary",
            run: "click",
        },
        {
            content: "Who, by which method, how much",
            trigger:
                ".o_field_widget[name=line_ids] .o_data_row:contains('Tour Customer') td[name=change_amount]:contains('200.00')",
        },
        {
            content: "No calendar lies over the figures",
            trigger: "body:not(:has(.o_datetime_picker))",
        },
        {
            trigger: ".o_field_widget[name=total_ids] td[name=change_value]:contains('210.00')",
        },
        {
            content: "On which accounts",
            trigger: "a[name=items]",
            run: "click",
        },
        {
            trigger:
                ".o_field_widget[name=item_ids] .o_data_row:contains('Tour liability') td[name=credit]:contains('210.00')",
        },
        {
            trigger: "button[name=action_run_and_open]",
            run: "click",
        },
        {
            content: "The entry is posted",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Posted')",
        },
        picture("accrual_run"),
    ],
});

// A day before the last run: said once, and nothing offered to be posted.
registry.category("web_tour.tours").add("rebate_management_accrual_run_earlier", {
    steps: () => [
        {
            trigger: ".o_field_widget[name=date] button, .o_field_widget[name=date] input",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=date] input",
            run: (helpers) =>
                helpers.edit(
                    luxon.DateTime.now().startOf("quarter").minus({ days: 2 }).toFormat("MM/dd/yyyy")
                ),
        },
        {
            trigger: "button[name=action_preview].btn-primary",
            run: "click",
        },
        {
            content: "It is said why",
            trigger: ".alert-warning:contains('is accrued up to')",
        },
        {
            content: "and nothing is shown as to post, nor offered",
            trigger:
                "body:not(:has(button[name=action_run_and_open])):not(:has(.o_field_widget[name=line_ids] .o_data_row))",
        },
        picture("accrual_run_earlier"),
    ],
});

// Who would be paid how much, who would not and why; then the proposals, on their way to approval.
registry.category("web_tour.tours").add("rebate_management_settlement_run", {
    steps: () => [
        {
            trigger: "button[name=action_preview].btn-primary",
            run: "click",
        },
        {
            trigger:
                ".o_field_widget[name=line_ids] .o_data_row:contains('Tour Customer'):contains('Tour Monthly') td[name=amount]:contains('200.00')",
        },
        {
            content: "Left out, and why",
            trigger: "a[name=left]",
            run: "click",
        },
        {
            trigger:
                ".o_field_widget[name=left_ids] .o_data_row:contains('Tour Little') td[name=reason]:contains('Less than the smallest payout')",
        },
        {
            trigger: "button[name=action_run_and_open]",
            run: "click",
        },
        {
            content: "What the run proposed, and what it carried over",
            trigger: ".o_field_widget[name=carryover_ids] .o_data_row:contains('Tour Little')",
        },
        {
            trigger: "button[name=action_view_settlements]",
            run: "click",
        },
        {
            trigger: ".o_data_row:contains('Tour Monthly') td[name=partner_id]:contains('Tour Customer')",
            run: "click",
        },
        {
            trigger: "button[name=action_submit]",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Submitted')",
        },
        picture("settlement_run"),
    ],
});

// The clock shows what is due today; the menu opens just what waits.
registry.category("web_tour.tours").add("rebate_management_to_approve", {
    steps: () => [
        {
            content: "The clock counts it",
            trigger: ".o-mail-ActivityMenu-counter:contains('1')",
        },
        {
            trigger: ".o_menu_systray .o-mail-ActivityMenu-counter",
            run: "click",
        },
        {
            trigger: ".o-mail-ActivityGroup[data-model_name='rebate.settlement']",
            run: "click",
        },
        {
            content: "It alone",
            trigger: ".o_data_row td[name=partner_id]:contains('Tour Customer')",
        },
        stepUtils.showAppsMenuItem(),
        {
            trigger: ".o_app[data-menu-xmlid='rebate_management.rebate_menu_root']",
            run: "click",
        },
        {
            trigger: ".o_menu_sections button[data-menu-xmlid='rebate_management.rebate_settlement_menu_root']",
            run: "click",
        },
        {
            trigger: ".o-dropdown-item[data-menu-xmlid='rebate_management.rebate_to_approve_menu']",
            run: "click",
        },
        {
            trigger: ".o_breadcrumb:contains('To Approve')",
        },
        {
            trigger: ".o_data_row td[name=partner_id]:contains('Tour Customer')",
            run: "click",
        },
        {
            trigger: "button[name=action_approve]",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Approved')",
        },
        picture("to_approve"),
    ],
});

// The liability as of a day, with its account and what is behind it.
registry.category("web_tour.tours").add("rebate_management_liability_day", {
    steps: () => [
        {
            trigger: ".o_control_panel button:contains('As of a Day')",
            run: "click",
        },
        {
            trigger: ".modal button[name=action_open]",
            run: "click",
        },
        {
            trigger: ".o_breadcrumb:contains('as of')",
        },
        {
            trigger: ".o_group_header:contains('Tour liability')",
        },
        {
            trigger: ".o_data_row:contains('Tour Customer') td[name=account_value]:contains('200.00')",
        },
        {
            trigger: ".o_data_row:contains('Tour Customer') button[name=action_view_items]",
            run: "click",
        },
        {
            trigger: ".o_breadcrumb:contains('Journal Items')",
        },
        {
            trigger: ".o_data_row",
        },
        picture("liability_day"),
    ],
});
