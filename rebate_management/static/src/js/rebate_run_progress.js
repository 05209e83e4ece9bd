import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { ProgressBarField, progressBarField } from "@web/views/fields/progress_bar/progress_bar_field";
import { onMounted, onWillUnmount } from "@odoo/owl";

// Milliseconds between two looks at a run.
const PAUSE = 2000;

// How far a settlement run is, followed until it ends.
export class RebateRunProgressField extends ProgressBarField {
    setup() {
        super.setup();
        onMounted(() => {
            this.isShown = true;
            this.wait();
        });
        onWillUnmount(() => {
            this.isShown = false;
            browser.clearTimeout(this.timer);
        });
    }

    wait() {
        this.timer = browser.setTimeout(() => this.look(), PAUSE);
    }

    async look() {
        const { record } = this.props;
        if (["waiting", "running"].includes(record.data.state)) {
            await record.load();
        }
        // A run that has ended may be continued.
        if (this.isShown) {
            this.wait();
        }
    }
}

registry.category("fields").add("rebate_run_progress", {
    ...progressBarField,
    component: RebateRunProgressField,
});
