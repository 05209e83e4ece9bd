import { registry } from "@web/core/registry";
import { picture } from "./picture";

const BACK = ".o_breadcrumb .o_back_button, .breadcrumb-item a:contains('Overview')";

/** The page stands, with figures. */
const stands = {
    content: "The figures stand",
    trigger: ".o_rebate_overview .o_rebate_tile",
    // drawing charts takes a while where much else runs
    timeout: 60000,
};

/** Opens what is behind a figure, looks at it and comes back. */
function follow(content, trigger, shown) {
    return [
        { content, trigger, run: "click" },
        { content: `${content}: its records`, trigger: shown },
        { content: `${content}: back`, trigger: BACK, run: "click" },
        stands,
    ];
}

registry.category("web_tour.tours").add("rebate_overview_manager", {
    steps: () => [
        stands,
        { content: "The charts are drawn", trigger: ".o_rebate_chart canvas" },
        ...follow(
            "What is to be submitted",
            ".o_rebate_todo[data-key=submit]",
            ".o_data_row:contains('Overview Distributor')"
        ),
        ...follow(
            "What is owed",
            ".o_rebate_tile[data-key=liability]",
            ".o_data_row:contains('Overview Distributor')"
        ),
        ...follow(
            "A year ago",
            ".o_rebate_tile[data-key=before]",
            ".o_data_row:contains('Overview Distributor')"
        ),
        ...follow(
            "A payout of the calendar",
            ".o_rebate_payout[data-status=draft]",
            ".o_data_row:contains('Overview Distributor')"
        ),
        ...follow(
            "Who is near a tier",
            ".o_rebate_near:contains('Overview Distributor')",
            ".o_form_view .o_field_widget[name=partner_id]"
        ),
        ...follow(
            "Whose purchases grow",
            ".o_rebate_mover[data-way=up]:contains('Overview Distributor')",
            ".o_list_view .o_data_row"
        ),
        { content: "Read anew", trigger: ".o_control_panel button[aria-label='Read all figures anew']", run: "click" },
        stands,
        picture("overview_manager"),
    ],
});

registry.category("web_tour.tours").add("rebate_overview_approver", {
    steps: () => [
        stands,
        {
            content: "Only what waits for approval",
            trigger: ".o_rebate_overview:not(:has(.o_rebate_todo:not([data-key=approve]))):not(:has(.o_rebate_mover))",
        },
        ...follow(
            "What waits",
            ".o_rebate_todo[data-key=approve]",
            ".o_data_row:contains('Overview Distributor')"
        ),
        picture("overview_approver"),
    ],
});

registry.category("web_tour.tours").add("rebate_overview_accountant", {
    steps: () => [
        stands,
        ...follow(
            "What is to be posted",
            ".o_rebate_todo[data-key=post]",
            ".o_data_row:contains('Overview Distributor')"
        ),
        {
            content: "Liability and books",
            trigger: ".o_rebate_tiles:has([data-key=liability]):has([data-key=accrued])",
        },
        picture("overview_accountant"),
    ],
});

registry.category("web_tour.tours").add("rebate_overview_salesperson", {
    steps: () => [
        stands,
        {
            content: "Neither approvals nor liability",
            trigger: ".o_rebate_overview:not(:has(.o_rebate_todo)):not(:has([data-key=liability]))",
        },
        ...follow(
            "What they earned",
            ".o_rebate_tile[data-key=earned]",
            ".o_data_row:contains('Overview Distributor')"
        ),
        ...follow(
            "Who is near a tier",
            ".o_rebate_near:contains('Overview Distributor')",
            ".o_form_view .o_field_widget[name=partner_id]"
        ),
        {
            content: "No menu of approvals",
            trigger: ".o_menu_sections button[data-menu-xmlid='rebate_management.rebate_report_menu_root']",
            run: "click",
        },
        {
            trigger: ".o-dropdown--menu:not(:has([data-menu-xmlid='rebate_management.rebate_approval_menu'])) [data-menu-xmlid='rebate_management.rebate_accrual_menu']",
        },
        picture("overview_salesperson"),
    ],
});
