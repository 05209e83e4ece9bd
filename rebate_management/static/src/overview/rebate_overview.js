import { Component, onWillStart, onMounted, useState } from "@odoo/owl";
import { formatCurrency } from "@web/core/currency";
import { formatDate, deserializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatFloat } from "@web/core/utils/numbers";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { RebateProgress } from "../progress/rebate_progress";
import { RebateOverviewChart } from "./rebate_overview_chart";

/**
 * The first page of the app: what waits for the user, and how the rebates stand. Whatever it shows
 * comes from one answer of the server; every figure opens the records behind it.
 */
export class RebateOverview extends Component {
    static template = "rebate_management.Overview";
    static components = { Layout, RebateOverviewChart, RebateProgress };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.display = { controlPanel: {} };
        // Whoever comes back sees at once what was there, until it is read anew.
        this.state = useState({ overview: this.props.state?.overview || null, isLoading: false });
        useSetupAction({ getLocalState: () => ({ overview: this.state.overview }) });
        onWillStart(() => this.env.config.setDisplayName(_t("Overview")));
        onMounted(() => this.load());
    }

    async load() {
        this.state.isLoading = true;
        try {
            this.state.overview = await this.orm.call("rebate.overview", "get_overview", []);
            if (this.overview.misses) {
                // Of these few it is measured how they stand by now.
                const near = await this.orm.call("rebate.overview", "get_near", []);
                Object.assign(this.state.overview, near);
            }
        } finally {
            this.state.isLoading = false;
        }
    }

    get overview() {
        return this.state.overview;
    }

    /** Tiles on top of the page. */
    get tiles() {
        const { tiles, purchases } = this.overview;
        return purchases ? [...tiles, purchases] : tiles;
    }

    open(action) {
        return this.action.doAction(action);
    }

    money(amount, currencyId = this.overview.currency_id) {
        return formatCurrency(amount, currencyId);
    }

    signedMoney(amount) {
        return `${amount > 0 ? "+" : ""}${this.money(amount)}`;
    }

    percent(value) {
        const digits = Math.abs(value) < 10 ? 1 : 0;
        return `${value > 0 ? "+" : ""}${formatFloat(value, { digits: [16, digits] })} %`;
    }

    day(text) {
        return formatDate(deserializeDate(text));
    }

    dayOfMonth(text) {
        return deserializeDate(text).toFormat("d");
    }

    month(text) {
        const date = deserializeDate(text);
        const isThisYear = date.year === deserializeDate(this.overview.today).year;
        return date.toFormat(isThisYear ? "MMM" : "MMM yy");
    }

    levelClass(level) {
        return {
            danger: "bg-danger-subtle text-danger-emphasis",
            warning: "bg-warning-subtle text-warning-emphasis",
            info: "bg-info-subtle text-info-emphasis",
        }[level];
    }

    statusClass(row) {
        if (row.is_overdue) {
            return "bg-danger-subtle text-danger-emphasis";
        }
        return {
            draft: "bg-info-subtle text-info-emphasis",
            submitted: "bg-info-subtle text-info-emphasis",
            approved: "bg-success-subtle text-success-emphasis",
            due: "bg-warning-subtle text-warning-emphasis",
            foreseen: "o_rebate_quiet",
        }[row.status];
    }

    trendClass(percent) {
        return percent < 0 ? "text-danger" : "text-success";
    }
}

registry.category("actions").add("rebate_overview", RebateOverview);
