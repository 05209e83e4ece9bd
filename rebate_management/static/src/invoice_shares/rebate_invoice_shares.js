import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const BADGES = {
    settled: "bg-success-subtle text-success-emphasis",
    running: "bg-info-subtle text-info-emphasis",
    expected: "bg-secondary-subtle text-secondary-emphasis",
};

/** For which programs the lines of an invoice count; asked for when its tab is opened. */
export class RebateInvoiceShares extends Component {
    static template = "rebate_management.RebateInvoiceShares";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ programs: [], problems: [], isAsked: false });
        onWillStart(() => this.ask(this.props.record));
        onWillUpdateProps((next) => this.ask(next.record));
    }

    async ask(record) {
        if (!record.resId) {
            return;
        }
        const told = await this.orm.call("account.move", "rebate_shares", [[record.resId]]);
        Object.assign(this.state, { ...told, isAsked: true });
    }

    badge(program) {
        return BADGES[program.state];
    }

    get emptyText() {
        return this.state.isAsked
            ? _t("No line of this document counts for a rebate program.")
            : _t("Save the document to see what its lines earn.");
    }

    open(model, id) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
        });
    }
}

registry.category("view_widgets").add("rebate_invoice_shares", { component: RebateInvoiceShares });
