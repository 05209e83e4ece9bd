import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";
import { picture } from "./picture";

// A manager starts a program from a template and saves it as one of his own.
registry.category("web_tour.tours").add("rebate_management_template", {
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            content: "Open the app",
            trigger: ".o_app[data-menu-xmlid='rebate_management.rebate_menu_root']",
            run: "click",
        },
        {
            content: "To the programs",
            trigger: ".o_nav_entry[data-menu-xmlid='rebate_management.rebate_program_menu']",
            run: "click",
        },
        {
            content: "The first click: the cards",
            trigger: ".o_control_panel button:contains('New from Template')",
            run: "click",
        },
        {
            content: "A card tells what the program does, with figures",
            trigger: ".o_kanban_record:contains('Volume Rebate'):contains('9,000')",
        },
        {
            content: "A card that asks for products stands beside it",
            trigger: ".o_kanban_record:contains('Product Rebate')",
        },
        {
            content: "The second click: the draft",
            trigger: ".o_kanban_record:contains('Volume Rebate') .o_rebate_template_use",
            run: "click",
        },
        {
            content: "It is filled in",
            trigger:
                ".o_field_widget[name=rule_ids] td[name=tier_summary]:contains('500,000'):contains('5 %')",
        },
        {
            content: "What to adapt is one click away",
            trigger: ".o_notebook a[name=about]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=note]:contains('What to adapt')",
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
            content: "Keep it as a template of one's own",
            trigger: ".o_cp_action_menus button:has(.fa-cog)",
            run: "click",
        },
        {
            trigger: ".o-dropdown-item:contains('Save as Template')",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=name] input",
            run: "edit Tour Template",
        },
        {
            trigger: ".modal button[name=action_save]",
            run: "click",
        },
        {
            content: "The template tells its terms",
            trigger: ".o_field_widget[name=tier_summary]:contains('500,000')",
        },
        {
            trigger: ".o_breadcrumb:contains('Tour Template')",
        },
        picture("template"),
    ],
});
