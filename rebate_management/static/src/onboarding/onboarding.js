import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { listView } from "@web/views/list/list_view";
import { ListRenderer } from "@web/views/list/list_renderer";
import { Component, onMounted, status, useState } from "@odoo/owl";

// The first steps of a manager, done and to be done; nothing for everybody else.
export class RebateOnboarding extends Component {
    static template = "rebate_management.Onboarding";
    static props = {};

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.state = useState({ panel: false });
        // The page above or below does not wait for it.
        onMounted(async () => {
            const isManager = await user.hasGroup("rebate_management.group_rebate_manager");
            // Who has opened another page meanwhile needs none.
            if (isManager && status(this) !== "destroyed") {
                this.state.panel = await this.orm.call("onboarding.onboarding", "rebate_panel");
            }
        });
    }

    get stepDone() {
        return _t("Done");
    }

    get stepOpen() {
        return _t("To do");
    }

    // The step that comes next stands out.
    get next() {
        return this.state.panel.steps.find((step) => !step.done);
    }

    async open(step) {
        const action = await this.orm.call("onboarding.onboarding.step", step.action);
        return this.action.doAction(action);
    }

    async close() {
        await this.orm.call("onboarding.onboarding", "rebate_close_panel");
        this.state.panel = false;
    }
}

export class RebateProgramListRenderer extends ListRenderer {
    static template = "rebate_management.ProgramListRenderer";
    static components = { ...ListRenderer.components, RebateOnboarding };
}

registry.category("views").add("rebate_program_list", {
    ...listView,
    Renderer: RebateProgramListRenderer,
});
