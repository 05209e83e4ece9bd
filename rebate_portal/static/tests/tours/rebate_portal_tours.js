import { registry } from "@web/core/registry";
import { picture } from "@rebate_management/../tests/tours/picture";

// The figures are those of tests/test_portal_journey.py.

registry.category("web_tour.tours").add("rebate_portal_progress", {
    steps: () => [
        {
            content: "Log in",
            trigger: "form.oe_login_form input[name=login]",
            run: "edit dana",
        },
        {
            trigger: "form.oe_login_form input[name=password]",
            run: "edit dana",
        },
        {
            trigger: "form.oe_login_form button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Open the rebates from the portal's home",
            trigger: ".o_portal_index_card:not(.d-none) a[href='/my/rebates']:contains('Your Rebates')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Read what is earned and what the next tier takes",
            trigger: ".o_rebate_card:contains('112.70') p:contains('2,486.42')",
        },
        {
            trigger: ".o_rebate_card .progress[role=progressbar]",
        },
        {
            content: "Open the program",
            trigger: ".o_rebate_card a:contains('Bonus')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Read the figures",
            trigger: "dd[name=earned]:contains('112.70')",
        },
        {
            trigger: ".o_rebate_next_step:contains('2,486.42'):contains('287.30')",
        },
        {
            trigger: ".o_rebate_ladder[role=progressbar]",
        },
        {
            content: "See where in the tiers this is",
            trigger: ".o_rebate_tiers tr[aria-current=step]:contains('You are here'):contains('1.5 %')",
        },
        picture("portal_progress"),
    ],
});

registry.category("web_tour.tours").add("rebate_portal_news", {
    steps: () => [
        {
            content: "The invoice posted a moment ago has reached the next tier",
            trigger: "dd[name=earned]:contains('400.00')",
        },
        {
            trigger: ".o_rebate_tiers tr[aria-current=step]:contains('You are here'):contains('4 %')",
        },
        {
            trigger: ".o_rebate_invoices tbody tr:first:contains('2,486.42')",
        },
        {
            content: "Take the credit note of last year",
            trigger: ".o_rebate_payouts li:contains('15.00') a.o_rebate_credit_note",
            async run({ anchor }) {
                const response = await fetch(anchor.href);
                const start = await (await response.blob()).slice(0, 4).text();
                if (start !== "%PDF") {
                    throw new Error(`The credit note is no PDF: ${response.status} ${start}`);
                }
            },
        },
        picture("portal_news"),
    ],
});
