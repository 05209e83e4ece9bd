import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Component } from "@odoo/owl";

// What is wrong with the tiers of a rule, said while they are typed.
export class RebateTierProblemsField extends Component {
    static template = "rebate_management.TierProblemsField";
    static props = { ...standardFieldProps };

    setup() {
        this.error = _t("Error");
        this.notice = _t("Notice");
    }

    get problems() {
        return this.props.record.data[this.props.name] || [];
    }
}

registry.category("fields").add("rebate_tier_problems", {
    component: RebateTierProblemsField,
    supportedTypes: ["json"],
});
