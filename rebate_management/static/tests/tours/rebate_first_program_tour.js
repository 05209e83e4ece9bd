import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";
import { picture } from "./picture";

// How far the brightness of a text is from what it stands on, as WCAG 2 counts it.
const channels = (color) => color.match(/[\d.]+/g).map(Number);
const brightness = (rgb) =>
    rgb
        .slice(0, 3)
        .map((value) => value / 255)
        .map((value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
        .reduce((sum, value, place) => sum + value * [0.2126, 0.7152, 0.0722][place], 0);
const behind = (element) => {
    let [red, green, blue, opacity = 1] = channels(getComputedStyle(element).backgroundColor);
    if (opacity < 1) {
        const below = element.parentElement ? behind(element.parentElement) : [255, 255, 255];
        [red, green, blue] = [red, green, blue].map(
            (value, place) => value * opacity + below[place] * (1 - opacity)
        );
    }
    return [red, green, blue];
};
const assertReadable = (selector) => {
    for (const element of document.querySelectorAll(selector)) {
        const ground = behind(element);
        const [red, green, blue, opacity = 1] = channels(getComputedStyle(element).color);
        const text = [red, green, blue].map(
            (value, place) => value * opacity + ground[place] * (1 - opacity)
        );
        const [light, dark] = [brightness(text), brightness(ground)].sort((a, b) => b - a);
        const contrast = (light + 0.05) / (dark + 0.05);
        if (contrast < 4.5) {
            throw new Error(`${selector}: ${element.textContent} has a contrast of ${contrast}`);
        }
    }
};

// From the agreements of the program: a distributor is chosen and enrolled.
const enrol = (name) => [
    {
        content: "A new agreement",
        trigger: ".o_list_button_add, .o_form_button_create",
        run: "click",
    },
    {
        content: `Choose ${name}`,
        trigger: ".o_field_widget[name=partner_id] input",
        run: `edit First Distributor ${name}`,
    },
    {
        trigger: `.o-autocomplete--dropdown-item a:contains('First Distributor ${name}')`,
        run: "click",
    },
    {
        content: "Enrol it",
        trigger: "button[name=action_activate]",
        run: "click",
    },
    {
        trigger: ".o_statusbar_status .o_arrow_button_current:contains('Active')",
    },
];

// In a new database: the panel of first steps leads to a program, which is activated as it is
// proposed, and to its distributors.
registry.category("web_tour.tours").add("rebate_management_first_program", {
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
            content: "The first steps, none of them done",
            trigger: ".o_rebate_onboarding:contains('0 of 4')",
        },
        {
            content: "The list says what comes next",
            trigger: ".o_view_nocontent:contains('New from Template')",
        },
        {
            content: "Choose a template",
            trigger: ".o_rebate_onboarding button[data-step=action_rebate_open_program]",
            run: "click",
        },
        {
            content: "The cards can be read",
            trigger: ".o_kanban_record:contains('Volume Rebate')",
            run: () => assertReadable(".o_kanban_record:not(.o_kanban_ghost) :not(img)"),
        },
        {
            trigger: ".o_kanban_record:contains('Volume Rebate') .o_rebate_template_use",
            run: "click",
        },
        {
            content: "It says what activating adds to the chart of accounts",
            trigger: ".o_form_view div[name=accounting_notice]:contains('activating adds one')",
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
            content: "What was added is told",
            trigger: ".o-mail-Message:contains('Rebates Granted')",
        },
        {
            content: "To the agreements",
            trigger: "button[name=action_view_agreements]",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_breadcrumb:contains('Agreements')",
        },
        ...enrol("North"),
        ...enrol("South"),
        ...enrol("West"),
        {
            content: "Two of the first steps are done",
            trigger: ".o_nav_entry[data-menu-xmlid='rebate_management.rebate_program_menu']",
            run: "click",
        },
        {
            trigger: ".o_rebate_onboarding:contains('2 of 4')",
        },
        {
            content: "The badges can be read",
            trigger: ".o_list_table:contains('Volume Rebate') .badge:contains('Active')",
            run: () => assertReadable(".o_list_table .badge, .o_rebate_onboarding :not(i)"),
        },
        picture("first_program"),
    ],
});
