import { registry } from "@web/core/registry";

const actions = registry.category("actions");

// Opens something in the place of what was open: draft and effects of an amendment are two sides of
// one thing, and the draft is gone once it is applied, so that the breadcrumb holds one of them.
actions.add("rebate_open_in_place", async (env, { params }) => {
    await env.services.action.doAction(params.action, { stackPosition: "replaceCurrentAction" });
});

// Goes back to where one came from; there is nothing left to see of what was open.
actions.add("rebate_leave", async (env, { params }) => {
    try {
        await env.services.action.restore();
    } catch {
        // A page that was opened by its address has no way back.
        await env.services.action.doAction(params.action, { clearBreadcrumbs: true });
    }
});
