import { registry } from "@web/core/registry";
import { picture } from "./picture";

const openWizard = {
    content: "From the program",
    trigger: "button[name=action_enroll]",
    run: "click",
};
const preview = {
    content: "See who it would be, before",
    trigger: ".modal button[name=action_preview]",
    run: "click",
};

// A manager enrols three distributors by their tag.
registry.category("web_tour.tours").add("rebate_management_enroll", {
    steps: () => [
        openWizard,
        {
            content: "By what they have in common",
            trigger: ".modal .o_field_widget[name=category_ids] input",
            run: "edit Tour Dealers",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains('Tour Dealers')",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=category_ids] .o_tag:contains('Tour Dealers')",
        },
        preview,
        {
            content: "Last year's purchases, the tier and the rebate",
            trigger:
                ".modal .o_data_row:contains('Tour Dealer 1'):contains('12,000.00'):contains('6 %'):contains('720.00')",
        },
        {
            content: "Three of them",
            trigger: ".modal .o_field_widget[name=new_count]:contains('3')",
        },
        {
            content: "One click",
            trigger: ".modal button[name=action_enroll]",
            run: "click",
        },
        {
            content: "Their agreements",
            trigger: ".o_list_view .o_data_row:contains('Tour Dealer 3')",
        },
        {
            trigger: ".o_pager_limit:contains('3')",
        },
        picture("enroll"),
    ],
});

// And another by a spreadsheet, of which one row names nobody.
registry.category("web_tour.tours").add("rebate_management_enroll_sheet", {
    steps: () => [
        openWizard,
        {
            trigger: ".modal .o_field_widget[name=choice] label:contains('spreadsheet')",
            run: "click",
        },
        {
            content: "Upload it",
            trigger: ".modal .o_field_widget[name=file] .o_select_file_button",
            run() {
                const input = document.querySelector(".modal .o_field_widget[name=file] input[type=file]");
                const files = new DataTransfer();
                files.items.add(
                    new File(["Reference;Until\nTOUR-4;\nNOBODY;\n"], "dealers.csv", {
                        type: "text/csv",
                    })
                );
                input.files = files.files;
                input.dispatchEvent(new Event("change", { bubbles: true }));
            },
        },
        {
            trigger: ".modal .o_field_widget[name=file] input:value('dealers.csv')",
        },
        preview,
        {
            content: "The row that names nobody is told by its number, with the remedy",
            trigger: ".modal .o_data_row:contains('3'):contains('NOBODY')",
        },
        {
            content: "And can be downloaded",
            trigger: ".modal .o_field_widget[name=refused_file]",
        },
        {
            trigger: ".modal button[name=action_enroll]",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_data_row:contains('Tour Dealer 4')",
        },
        picture("enroll_sheet"),
    ],
});

// The program is renewed for the next year, its thresholds raised by ten percent.
registry.category("web_tour.tours").add("rebate_management_renew", {
    steps: () => [
        {
            trigger: "button[name=action_renew]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=percent] input",
            run: "edit 10",
        },
        {
            content: "Before anything is written",
            trigger: ".modal button[name=action_preview]",
            run: "click",
        },
        {
            content: "What the purchases earn by both terms",
            trigger: ".modal .o_data_row:contains('Tour Dealer 1')",
        },
        {
            trigger: ".modal .o_notebook a[name=tiers]",
            run: "click",
        },
        {
            content: "The tiers before and after",
            trigger: ".modal .o_data_row:contains('10,000'):contains('11,000')",
        },
        {
            trigger: ".modal button[name=action_renew]",
            run: "click",
        },
        {
            content: "The renewal is a draft",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Draft')",
        },
        {
            trigger: ".o_field_widget[name=rule_ids] td[name=tier_summary]:contains('11,000')",
        },
        picture("renew"),
    ],
});
