import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const LOOKS = {
    reached: { alert: "alert-success", icon: "fa-trophy" },
    near: { alert: "alert-warning", icon: "fa-bullseye" },
    plain: { alert: "alert-info", icon: "fa-percent" },
    problem: { alert: "alert-light text-muted", icon: "fa-info-circle" },
};

/** What an order is worth in rebates: one line, and on a click how each program comes to it. */
export class RebateExpectation extends Component {
    static template = "rebate_management.RebateExpectation";
    static props = { ...standardFieldProps };

    setup() {
        this.state = useState({ isOpen: false });
    }

    get told() {
        return this.props.record.data[this.props.name] || {};
    }

    get programs() {
        return (this.told.programs || []).map((program, place) => ({
            ...program,
            ...LOOKS[program.tone],
            key: `${place} ${program.name}`,
        }));
    }

    isHeadline(program) {
        return this.headlines.some((one) => one.key === program.key);
    }

    /** What stands out: the tiers that are reached, else those that nearly are. */
    get headlines() {
        const speaking = this.programs.filter((program) => program.tone === "reached");
        return speaking.length
            ? speaking
            : this.programs.filter((program) => program.tone === "near").slice(0, 1);
    }

    get alertClass() {
        const [first] = this.headlines.length ? this.headlines : this.programs;
        return first?.alert || "";
    }

    get icon() {
        const [first] = this.headlines.length ? this.headlines : this.programs;
        return first?.icon || "";
    }

    get isOnlyProblem() {
        return this.programs.every((program) => program.tone === "problem");
    }

    get toggleLabel() {
        return this.state.isOpen ? _t("Hide how it comes about") : _t("How does it come about?");
    }

    toggle() {
        this.state.isOpen = !this.state.isOpen;
    }
}

export const rebateExpectation = {
    component: RebateExpectation,
    displayName: _t("Expected Rebate"),
    supportedTypes: ["json"],
    isEmpty: () => false,
};

registry.category("fields").add("rebate_expectation", rebateExpectation);
