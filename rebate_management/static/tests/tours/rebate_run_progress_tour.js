import { rpc } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { picture } from "./picture";

// The page of a run follows what happens to it elsewhere.
registry.category("web_tour.tours").add("rebate_management_run_progress", {
    steps: () => [
        {
            content: "It runs",
            trigger: ".o_field_widget[name=state] .o_arrow_button_current:contains('Running')",
        },
        {
            content: "Somebody else stops it",
            trigger: ".o_field_widget[name=progress]",
            run: async () => {
                const id = Number(window.location.pathname.split("/").pop());
                await rpc("/web/dataset/call_kw/rebate.settlement.batch/action_stop", {
                    model: "rebate.settlement.batch",
                    method: "action_stop",
                    args: [[id]],
                    kwargs: {},
                });
            },
        },
        {
            content: "The page shows it by itself",
            trigger: ".o_form_statusbar button[name=action_continue]",
        },
        picture("run_progress"),
    ],
});
