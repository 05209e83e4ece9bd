import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { RebateProgress } from "./rebate_progress";

const STEPS = "current_steps";
const PIPELINE = "pipeline_steps";

// The way through the tiers: of a field that has the steps themselves, or beside them.
export class RebateProgressField extends Component {
    static template = "rebate_management.RebateProgressField";
    static components = { RebateProgress };
    static props = {
        ...standardFieldProps,
        isCompact: { type: Boolean, optional: true },
        isBare: { type: Boolean, optional: true },
    };

    get steps() {
        const { name, record } = this.props;
        const steps = record.data[record.fields[name].type === "json" ? name : STEPS];
        // What is ordered and not invoiced yet, where the view asks for it.
        return steps ? { ...steps, ...(record.data[PIPELINE] || {}) } : false;
    }
}

export const rebateProgressField = {
    component: RebateProgressField,
    displayName: _t("Way Through the Tiers"),
    supportedTypes: ["float", "json"],
    supportedOptions: [{ label: _t("Without the value"), name: "bare", type: "boolean" }],
    fieldDependencies: ({ type }) => (type === "json" ? [] : [{ name: STEPS, type: "json" }]),
    listViewWidth: [130, 220],
    extractProps: ({ options, viewType }) => ({
        isCompact: viewType === "list",
        isBare: Boolean(options.bare),
    }),
};

registry.category("fields").add("rebate_progress", rebateProgressField);
